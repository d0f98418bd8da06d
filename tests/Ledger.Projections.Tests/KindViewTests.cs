using Ledger.Domain;

namespace Ledger.Projections.Tests;

public sealed class KindViewTests
{
    [Fact]
    public async Task A_milestone_is_shown_as_each_source_says_and_as_its_owner_says()
    {
        await using var ledger = await LedgerDatabase.Create();
        Ref project = new("project", Id: "P1");
        await ledger.Append(
            Telling.Event("psa", "milestone/1", new MilestonePlanned(
                project, "Go-live", new(2026, 3, 31), 500m, Currency.Of("GBP")) { Number = "M-1" }),
            Telling.Event("billing", "milestone/7", new MilestonePlanned(
                project, "Go-live", new(2026, 4, 1), 450m, Currency.Of("GBP"))),
            Telling.Event("psa", "milestone/1", new MilestoneAccepted(project, new(2026, 4, 2), "Ada", [new("E")]), 1),
            Telling.Event("ledger", "identity/1", new IdentityLinked(
                new("milestone", "psa", "1"), new("milestone", "billing", "7"))));
        await ledger.Projector().CatchUp(null, CancellationToken.None);

        (await ledger.Rows(
            "select stream, project, due_on::text, amount, status from views.milestone_by_source order by 1")).ShouldBe(
            [
                "milestone/billing:7|project/billing:P1|2026-04-01|450|planned",
                "milestone/psa:1|project/psa:P1|2026-03-31|500|accepted",
            ]);
        (await ledger.Rows("select id, number, amount, status, accepted_by, evidence -> 0 ->> 'id' from views.milestone"))
            .ShouldBe(["milestone/psa:1|M-1|500|accepted|Ada|E"]);
        (await ledger.Rows("select amount, currency from views.entity where kind = 'milestone'")).ShouldBe(["500|GBP"]);
    }

    [Fact]
    public async Task A_recognition_points_at_nothing_until_its_posting_comes()
    {
        await using var ledger = await LedgerDatabase.Create();
        await ledger.Append(Telling.Event("erp", "revenue/1", new RevenueRecognized(
            "1", new(2026, 3, 31), 40m, Currency.Of("GBP"), Posting: new("posting", Number: "JE-7"))));
        await ledger.Append(Telling.Event("erp", "revenue/1", new RevenueReversed(
            "1", new(2026, 4, 1), Posting: new("posting", Id: "8")), 1));
        await ledger.Projector().CatchUp(null, CancellationToken.None);
        (await Dangling()).ShouldBe(["posting/8", "posting number JE-7"]);

        foreach (var (id, number) in new[] { ("7", "JE-7"), ("8", null) })
            await ledger.Append(Telling.Event("erp", $"posting/{id}", new PostingStated { Number = number }, 2));
        await ledger.Projector(batchEvents: 1).CatchUp(null, CancellationToken.None);
        (await Dangling()).ShouldBeEmpty();
        (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();

        Task<List<string>> Dangling() => ledger.Rows(
            """
            select figures ->> 'to' from views.finding where code = 'dangling_reference'
            order by figures ->> 'to' collate "C" desc
            """);
    }

    [Fact]
    public async Task A_column_that_comes_later_stands_behind_the_others_and_has_its_comment()
    {
        await using var ledger = await LedgerDatabase.Create();
        await ledger.Execute(
            """
            create view public.resting as select id, model from views.contract;
            insert into ledger.kind_column (kind, name, path, type, meaning)
            values ('contract', 'clauses', '{clauses}', 'jsonb', 'Its clauses.');
            select ledger.make_kind_views(array['contract']), ledger.make_kind_views(array['contract'])
            """);
        foreach (var view in new[] { "contract", "contract_by_source" })
            (await ledger.Rows(
                $"""
                select attname, col_description(attrelid, attnum) from pg_attribute
                where attrelid = 'views.{view}'::regclass order by attnum desc limit 1
                """)).ShouldBe(["clauses|Its clauses."]);
        await ledger.Append(Telling.Event("clm", "contract/1", new ContractStated()));
        await ledger.Append(Telling.Event("clm", "contract/1", new ContractClauseSet("C1"), 1));
        await ledger.Projector().CatchUp(null, CancellationToken.None);
        (await ledger.Rows("select clauses -> 0 ->> 'id' from views.contract")).ShouldBe(["C1"]);
        (await ledger.Rows("select clauses -> 0 ->> 'id' from views.contract_by_source")).ShouldBe(["C1"]);
    }
}
