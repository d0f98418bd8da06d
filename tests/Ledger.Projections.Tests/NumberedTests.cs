using Ledger.Domain;
using Ledger.Store;
using NodaTime;

namespace Ledger.Projections.Tests;

/// <summary>What references by number find, whoever else bears the number, and whenever.</summary>
public sealed class NumberedTests
{
    private static readonly Currency Pounds = Currency.Of("GBP");

    private static InvoiceIssued Invoice(string number, string? entity = null) =>
        new(new(2026, 3, 31), [], Currency: Pounds, Totals: new(Gross: 100m))
        {
            Number = number, Entity = entity is null ? null : new("legal_entity", Id: entity),
        };

    private static PaymentApplied Paid(Ref target) =>
        new("a", target, ApplicationKind.Cash, 100m, new(2026, 4, 2), Currency: Pounds);

    private static async Task<string> Settles(LedgerDatabase ledger)
    {
        await ledger.Projector(batchEvents: 700).CatchUp(null, CancellationToken.None);
        var world = await Worlds.Load(ledger.Source, CancellationToken.None);
        (await ViewState.Derived(ledger)).ShouldBe(ViewState.Derived(world));
        (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();
        return string.Join(' ', await ledger.Rows(
            "select coalesce(to_stream, '?') from views.coverage order by stated_by"));
    }

    [Fact]
    public async Task A_number_that_thousands_bear_means_only_the_one_of_the_system_that_says_it()
    {
        await using var ledger = await LedgerDatabase.Create();
        var number = new Ref("invoice", Number: "DRAFT");
        await ledger.Append(
            Telling.Event("psa", "invoice/1", Invoice("DRAFT")), Telling.Event("psa", "payment/1", Paid(number)),
            Telling.Event("bank", "payment/1", Paid(number)));
        (await Settles(ledger)).ShouldBe("invoice/psa:1 invoice/psa:1");
        await ledger.Append([.. Enumerable.Range(1, 3_000).Select(i =>
            Telling.Event("erp", $"invoice/{i}", Invoice("DRAFT", $"{i}")))]);

        (await Settles(ledger)).ShouldBe("? invoice/psa:1");
        (await ledger.Rows("select stream from views.finding where code = 'dangling_reference'"))
            .ShouldBe(["payment/bank:1"]);
        var around = await Worlds.Around(ledger.Source, [], [("invoice", "DRAFT")], CancellationToken.None);
        around.Records.Count.ShouldBe(18, "one of the one system, and as many as tell that they are too many");
        around.Resolve(number, "psa")!.Stream.ShouldBe("invoice/psa:1");
        around.Resolve(number, "erp").ShouldBeNull();

        await ledger.Append([.. Enumerable.Range(1, 2_999).Select(i =>
            Telling.Event("erp", $"invoice/{i}", new RecordDeleted(), minute: 1))]);
        await ledger.Append(
            Telling.Event("psa", "invoice/1", Invoice("SENT"), minute: 1));
        (await Settles(ledger)).ShouldBe("invoice/erp:3000 invoice/erp:3000");
    }

    [Fact]
    public async Task Of_many_records_of_one_thing_a_number_means_it_until_they_are_too_many()
    {
        await using var ledger = await LedgerDatabase.Create();
        await ledger.Append(Telling.Event("bank", "payment/1", Paid(new("invoice", Number: "A-1"))));
        for (var n = 1; n <= 18; n++)
        {
            List<NewEvent> said = [Telling.Event("erp", $"invoice/{n}", Invoice("A-1"))];
            if (n > 1)
                said.Add(Telling.Event("ledger", $"succession/{n}", new StreamSucceeded(
                    new("invoice", "erp", $"{n - 1}"), new("invoice", "erp", $"{n}"), new(2026, 1, 1))));
            await ledger.Append(said);
            if (n is 1 or 2 or >= 15)
                (await Settles(ledger)).ShouldBe(n <= 16 ? "invoice/erp:1" : "?");
        }

        await ledger.Append([.. new[] { 3, 4 }.Select(n =>
            Telling.Event("erp", $"invoice/{n}", new RecordDeleted(), minute: 1))]);
        (await Settles(ledger)).ShouldBe("invoice/erp:1");
    }

    [Fact]
    public async Task A_merge_and_a_link_told_by_number_dangle_until_the_number_is_borne()
    {
        await using var ledger = await LedgerDatabase.Create();
        await ledger.Append(
            Telling.Event("crm", "client/1", new ClientStated(Name: "Ada")),
            Telling.Event("crm", "client/1", new ClientMerged(new("client", Number: "C-9")), minute: 1),
            Telling.Event("ledger", "identity/1", new IdentityLinked(
                new("client", Number: "C-9"), new("client", "crm", "1"))));
        await Dangles(ledger, "client/crm:1", "identity/ledger:1");

        await ledger.Append(Telling.Event("crm", "client/9", new ClientStated(Name: "Bea") { Number = "C-9" }));
        await Dangles(ledger);

        await ledger.Append(
            Telling.Event("crm", "client/8", new ClientStated(Name: "Cleo") { Number = "C-9" }));
        await Dangles(ledger, "client/crm:1", "identity/ledger:1");

        await ledger.Append(
            Telling.Event("crm", "client/8", new ClientStated(Name: "Cleo") { Number = "C-8" }, minute: 1));
        await Dangles(ledger);
    }

    [Fact]
    public async Task A_number_of_two_records_finds_what_they_are_together_while_they_are()
    {
        await using var ledger = await LedgerDatabase.Create();
        Ref one = new("invoice", "billing", "1"), other = new("invoice", "erp", "2");
        await ledger.Append(
            Telling.Event("billing", "invoice/1", Invoice("A-1", "uk")),
            Telling.Event("erp", "invoice/2", Invoice("A-1", "us")),
            Telling.Event("bank", "payment/1", Paid(new("invoice", Number: "A-1"))));
        (await Settles(ledger)).ShouldBe("?");
        await ledger.Append(Telling.Event("ledger", "identity/1", new IdentityLinked(one, other)));
        (await Settles(ledger)).ShouldBe("invoice/billing:1");
        await ledger.Append(Telling.Event("ledger", "identity/1", new IdentityUnlinked(one, other), minute: 1));
        (await Settles(ledger)).ShouldBe("?");
        await ledger.Append(
            Telling.Event("ledger", "identity/2", new IdentityLinked(one, other)),
            Telling.Event("ledger", "identity/1", new RecordDeleted(), minute: 2));
        (await Settles(ledger)).ShouldBe("invoice/billing:1");
    }

    [Fact]
    public async Task What_is_not_there_is_found_as_what_it_went_on_as()
    {
        await using var ledger = await LedgerDatabase.Create(Instant.FromUtc(2026, 6, 3, 12, 0));
        await ledger.Append(
            Telling.Event("erp", "invoice/1", Invoice("A-1")), Telling.Event("new", "invoice/2", Invoice("A-2")),
            Telling.Event("bank", "payment/1", Paid(new("invoice", "old", "9"))),
            Telling.Event("bank", "payment/2", Paid(new("invoice", "gone", "1"))));
        (await Settles(ledger)).ShouldBe("invoice/old:9 invoice/gone:1", "as it would be called");
        await Dangles(ledger, "payment/bank:1", "payment/bank:2");
        await ledger.Append(Telling.Event("ledger", "succession/1", new StreamSucceeded(
            new("invoice", "old", "9"), new("invoice", "new", "2"), new(2026, 1, 1))));
        (await Settles(ledger)).ShouldBe("invoice/new:2 invoice/gone:1");
        await Dangles(ledger, "payment/bank:2");
        await ledger.Append(Telling.Event("ledger", "succession/2", new StreamSucceeded(
            new("source", "ledger", "gone"), new("source", "ledger", "erp"), new(2026, 1, 1))));
        (await Settles(ledger)).ShouldBe("invoice/new:2 invoice/erp:1");
        await Dangles(ledger);
    }

    [Fact]
    public async Task What_is_not_there_is_found_along_a_whole_chain_of_systems_whichever_of_them_is_told_last()
    {
        await using var ledger = await LedgerDatabase.Create(Instant.FromUtc(2026, 6, 3, 12, 0));
        await ledger.Append(
            Telling.Event("erp", "invoice/1", Invoice("A-1")), Telling.Event("billing", "invoice/2", Invoice("A-2")),
            Telling.Event("bank", "payment/1", Paid(new("invoice", "old", "1"))),
            Telling.Event("ledger", "identity/7", new IdentityLinked(
                new("invoice", "old", "1"), new("invoice", "billing", "2"))),
            Telling.Event("ledger", "succession/2", Replaced("gone", "erp")));
        await Dangles(ledger, "identity/ledger:7", "payment/bank:1");
        await ledger.Append(Telling.Event("ledger", "succession/1", Replaced("old", "gone")));
        await Dangles(ledger);
        await ledger.Append(Telling.Event("ledger", "succession/1", Replaced("older", "gone"), minute: 1));
        await Dangles(ledger, "identity/ledger:7", "payment/bank:1");

        static StreamSucceeded Replaced(string old, string by) => new(
            new("source", "ledger", old), new("source", "ledger", by), new(2026, 1, 1));
    }

    [Fact]
    public async Task A_link_of_two_kinds_dangles_only_while_what_it_names_is_not_there()
    {
        await using var ledger = await LedgerDatabase.Create();
        await ledger.Append(
            Telling.Event("erp", "invoice/1", Invoice("A-1")),
            Telling.Event("ledger", "identity/1", new IdentityLinked(
                new("invoice", "erp", "1"), new("client", "erp", "1"))));
        await Dangles(ledger, "identity/ledger:1");
        await ledger.Append(Telling.Event("erp", "client/1", new ClientStated(Name: "Ada")));
        await Dangles(ledger);
        await ledger.Append(Telling.Event("erp", "client/1", new RecordDeleted(), minute: 1));
        await Dangles(ledger);
    }

    private static async Task Dangles(LedgerDatabase ledger, params string[] streams)
    {
        await ledger.Projector().CatchUp(null, CancellationToken.None);
        (await ledger.Rows(
            """
            select stream from views.finding
            where code = 'dangling_reference' and entity not like 'succession/%' order by 1
            """)).ShouldBe(streams);
        (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();
    }
}
