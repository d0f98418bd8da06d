using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Tests.Lineage;
using NodaTime;
using static Ledger.Projections.Tests.Drift.Told;

namespace Ledger.Projections.Tests.Drift;

public sealed class MissingDriftTests
{
    [Fact]
    public void An_invoice_a_registered_ledger_never_posted_is_missing_there()
    {
        var story = Agreeing().Registered("erp", Role.Erp, "posting").Time("late", 1m, null, on: new(2026, 2, 6));
        var finding = story.Finding(DriftClass.Missing);
        (finding.Invoice, finding.Money()).ShouldBe(("INV-7", 960m));
        finding.Sentence.ShouldBe(
            "Invoice INV-7 of 2026-02-01, 960.00 USD before tax, is not posted: erp carries postings and has none for "
            + "it.");
        story.Posted("J1", "7", 960m).ShouldNotFind(DriftClass.Missing);
    }

    [Fact]
    public void Nothing_is_missing_before_its_time_or_from_a_source_that_never_promised_it()
    {
        Agreeing().Registered("erp", Role.Erp, "posting").ShouldNotFind(DriftClass.Missing);
        Agreeing().Registered("erp", Role.Erp, "client").Time("late", 1m, null, on: new(2026, 5, 6))
            .ShouldNotFind(DriftClass.Missing);
        Agreeing().Says("ledger", "source/erp", new SourceRegistered([Role.Erp], ["posting"], From: new(2026, 4, 1)))
            .Time("late", 1m, null, on: new(2026, 5, 6)).ShouldNotFind(DriftClass.Missing);
    }

    [Fact]
    public void An_invoice_that_only_one_of_billing_and_erp_has_is_missing_from_the_other()
    {
        var story = Agreeing().Registered("billing", Role.Billing, "invoice").Registered("erp", Role.Erp, "invoice")
            .Time("late", 1m, null, on: new(2026, 3, 1));
        story.Finding(DriftClass.Missing).Sentence.ShouldBe(
            "Invoice INV-7 of 2026-02-01 is not in erp, which carries invoices: 960.00 USD.");
        story.Says("erp", "invoice/F7", new InvoiceIssued(February, [], Currency: Story.Dollar, Totals: new(Net: 960m)))
            .Says("ledger", "identity/1", new IdentityLinked(
                new("invoice", "billing", "7"), new("invoice", "erp", "F7")))
            .ShouldNotFind(DriftClass.Missing);
    }

    [Fact]
    public void Work_billed_that_its_source_has_not_delivered_or_has_deleted_is_missing()
    {
        var story = new Story().Engagement().Registered("psa", Role.Psa, "time").Worked("1", 8m)
            .Issued("7", 1_080m, Billing("1", 8m, 120m, 960m), Billing("2", 1m, 120m, 120m))
            .Time("late", 1m, null, on: new(2026, 3, 1));
        var finding = story.Finding(DriftClass.Missing);
        finding.Money().ShouldBe(120m);
        finding.Sentence.ShouldBe(
            "Invoice INV-7 bills one record that its source has not delivered: time 2, 120.00 USD.");
        story.Worked("2", 1m).ShouldNotFind(DriftClass.Missing);
        story.Says("psa", "time/2", new RecordDeleted()).Finding(DriftClass.Missing)
            .Sentence.ShouldContain("that its source has deleted: time 2");
    }

    [Fact]
    public void A_record_that_others_point_at_and_nobody_delivered_is_one_finding()
    {
        var story = new Story().Registered("psa", Role.Psa, "project", "time").Time("1", 8m, 120m, project: "P9")
            .Time("2", 8m, 120m, project: "P9");
        var finding = story.Finding(DriftClass.Missing);
        finding.Streams.ShouldBe(["time/psa:1", "time/psa:2"]);
        finding.Sentence.ShouldBe("Two records point at project P9, which psa carries and has not delivered.");
    }

    [Theory]
    [InlineData("erp", "project", true)]
    [InlineData("psa-us", "project", false)]
    [InlineData("erp", "client", false)]
    public void A_record_is_missing_from_a_system_of_another_role_that_promised_its_kind(
        string other, string kind, bool isMissing)
    {
        var story = new Story().Registered("psa", Role.Psa, "project")
            .Registered(other, other == "erp" ? Role.Erp : Role.Psa, kind)
            .Says("psa", "project/P1", new ProjectCreated { Number = "PR-1" });
        Missing(story, 5).ShouldBeEmpty("within its lag");
        Missing(story, 7).ShouldBe(isMissing
            ? [(DriftClass.Missing, "Project PR-1 of psa is not in erp, which carries that kind too.")] : []);
        Missing(story.Says(other, "project/X1", new ProjectCreated { Number = "PR-1" }), 7).ShouldBeEmpty();
    }

    [Fact]
    public void It_is_expected_only_with_the_legal_entity_and_the_day_in_both_registrations()
    {
        static Story Spent(Ref? entity, LocalDate on, Ref? project = null) => new Story()
            .Says("ledger", "source/psa", new SourceRegistered([Role.Psa], ["expense"]))
            .Says("ledger", "source/erp", new SourceRegistered(
                [Role.Erp], ["expense"], From: new(2025, 12, 31), Entities: [Story.LegalEntity("UK"),
                    Story.LegalEntity("FR")]))
            .Says("psa", "project/P1", new ProjectCreated { Entity = Story.LegalEntity("UK") })
            .Says("psa", "expense/1", new ExpenseRecorded(on, "rail", 80m, Story.Dollar, true, Project: project)
            {
                Entity = entity,
            });
        var day = new LocalDate(2026, 1, 1);
        Missing(Spent(Story.LegalEntity("UK"), day), 7).ShouldBe(
            [(DriftClass.Missing, "Expense 1 of psa is not in erp, which carries that kind too: 80.00 USD.")]);
        DriftRun.Compute(Spent(Story.LegalEntity("UK"), day)
                .Tolerated(new(DriftClass.Missing, Amount: 80m, Between: ["erp", "psa"])).World(day: new(2026, 1, 7)))
            .Findings.ShouldHaveSingleItem().Weight.ShouldBe(FindingWeight.Tolerated);
        Missing(Spent(null, day, Story.Psa("project", "P1")), 7).Length.ShouldBe(1, "it is of its project's");
        Missing(Spent(Story.LegalEntity("US"), day), 7).ShouldBeEmpty();
        Missing(Spent(null, day), 7).ShouldBeEmpty("nobody knows whose it is");
        Missing(Spent(Story.LegalEntity("UK"), new(2025, 12, 30)), 7).ShouldBeEmpty();
    }

    [Fact]
    public void What_only_a_copy_tells_is_an_orphan_and_a_supplier_need_not_be_everywhere()
    {
        var story = new Story().Registered("psa", Role.Psa, "project").Registered("erp", Role.Erp, "project")
            .Says("erp", "project/X1", new ProjectCreated { Number = "PR-1" });
        Missing(story, 7).ShouldBe(
            [(DriftClass.Orphan, "Project PR-1 is nowhere but in erp; psa, which carries that kind, has none.")]);
        Missing(story.Says("psa", "project/P1", new ProjectCreated { Number = "PR-1" })
            .Says("psa", "project/P1", new RecordDeleted()), 7).Single().Item1.ShouldBe(DriftClass.Orphan);
        var client = new Story().Registered("crm", Role.Crm, "client").Registered("erp", Role.Erp, "client")
            .Says("erp", "client/V1", new ClientRegistered("Holt", Roles: ["supplier"]));
        Missing(client, 9).ShouldBeEmpty();
        Missing(client.Says("erp", "client/C1", new ClientRegistered("Northwind")), 9).Single().Item1
            .ShouldBe(DriftClass.Missing, "the books are the owner of clients");
    }

    private static (DriftClass, string)[] Missing(Story story, int day) =>
        [.. DriftRun.Compute(story.World(day: new(2026, 1, day))).Findings.Select(f => (f.Class, f.Sentence))];

    [Fact]
    public void Every_source_has_its_own_count_and_sum() =>
        Agreeing().Posted("J1", "7", 960m).Report().Controls
            .Select(c => $"{c.Source} {c.Kind} {c.InLedger} {(c.Sums is [var sum, ..] ? sum.InLedger.ToString() : "")}").ShouldBe(
            [
                "billing invoice 1 960.00 USD", "clm contract 1 ", "clm rate_card 1 ", "erp client 1 ",
                "erp posting 1 960.00 USD", "psa project 1 ", "psa resource 1 ", "psa time 1 ",
            ]);
}
