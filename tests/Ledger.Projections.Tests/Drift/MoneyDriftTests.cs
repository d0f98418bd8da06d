using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Tests.Lineage;
using static Ledger.Projections.Tests.Drift.Told;

namespace Ledger.Projections.Tests.Drift;

public sealed class MoneyDriftTests
{
    [Fact]
    public void Nothing_is_said_of_systems_that_agree()
    {
        var report = Agreeing().Report();
        report.Findings.Select(f => f.Sentence).ShouldBeEmpty();
        report.Invoices.ShouldHaveSingleItem().Verdict.ShouldBe(Verdict.Agrees);
        report.Headline.Agreeing.ShouldBe(1);
    }

    [Fact]
    public void One_system_that_agrees_with_itself_proves_nothing()
    {
        var report = new Story().Says("psa", "time/1", new TimeEntryRecorded(
                new("resource", Id: "R1"), new(2026, 1, 5), Hours(8m), BillRate: PerHour(120m)))
            .Says("psa", "time/1", new TimeEntryApproved("Bea", Hours(8m)))
            .Says("psa", "invoice/7", new InvoiceIssued(
                February, [Listing("1")], Currency: Story.Dollar, Totals: new(Net: 960m)))
            .Report();
        (report.Headline.Agreeing, report.Headline.AgreeingSameSystem).ShouldBe((0, 1));
        report.Invoices[0].Verdict.ShouldBe(Verdict.AgreesSameSystem);
    }

    [Fact]
    public void A_ceiling_raised_later_excuses_no_document_and_what_is_given_back_does()
    {
        var story = new Story().Engagement().Worked("1", 8m)
            .Says("clm", "contract/K1", new ContractCeilingChanged(new("cap", "contract", 100m), new(2026, 1, 1)))
            .Says("clm", "contract/K1", new ContractCeilingChanged(new("cap", "contract", 200m), new(2026, 7, 1)))
            .IssuedOn(new(2026, 1, 31), "1", 150m, null, Story.Line("1", 150m, Story.Bills("1")))
            .IssuedOn(new(2026, 7, 31), "2", 10m, null, Story.Line("1", 10m, Story.Bills("1")));
        var finding = story.Finding(DriftClass.OverCeiling);
        (finding.Invoice, finding.Money()).ShouldBe(("INV-1", 50m));
        finding.Sentence.ShouldContain("150.00 USD are billed, 100.00 USD are agreed: 50.00 USD too much.");
        story.IssuedOn(new(2026, 8, 1), "3", -60m, null, Story.Line("1", -60m, Story.Bills("1")))
            .ShouldNotFind(DriftClass.OverCeiling);
    }

    [Fact]
    public void Money_above_the_work_is_unsourced_to_the_cent()
    {
        var story = new Story().Engagement().Worked("1", 8m).Issued("7", 1_460.01m, Listing("1"));
        var finding = story.Finding(DriftClass.Unsourced);
        (finding.Invoice, finding.Money()).ShouldBe(("INV-7", 500.01m));
        finding.Sentence.ShouldBe(
            "Invoice INV-7 is 500.01 USD above the work it bills: no time, expense or fee explains it.");
        finding.Streams.ShouldBe(["invoice/billing:7"]);
        finding.Events.ShouldBe([story.Position]);
        var check = story.Report().Invoices[0];
        (check.Work!.Value.Amount, check.Remainder!.Value.Amount).ShouldBe((960m, 500.01m));
    }

    [Fact]
    public void A_line_that_names_nothing_it_bills_is_unsourced()
    {
        var finding = new Story().Engagement().Worked("1", 8m)
            .Issued(
                "7", 1_110m, Billing("1", 8m, 120m, 960m), new InvoiceLine("F", Description: "Office share", Net: 150m))
            .Finding(DriftClass.Unsourced);
        finding.Money().ShouldBe(150m);
        finding.Sentence.ShouldStartWith(
            "Invoice INV-7 asks 150.00 USD for \"Office share\" that nothing stands behind");
    }

    [Fact]
    public void An_invoice_without_lines_is_unsourced_and_said_to_be_so()
    {
        var story = new Story().Issued("7", 400m).Issued("8", 400m);
        var finding = story.Findings().First(f => f.Class is DriftClass.Unsourced);
        finding.Sentence.ShouldBe(
            "Invoice INV-7 asks 400.00 USD and nothing in the ledger says for what: it has no lines, and no time, "
            + "expense or fee is linked to it.");
        finding.Suggestions.ShouldBeEmpty("invoices of which only the system is known have nothing in common");
        story.Report().Headline.Engagements.ShouldBeEmpty();
    }

    [Fact]
    public void Expenses_fees_and_discounts_are_sources()
    {
        var story = new Story().Engagement().Worked("1", 8m)
            .Says("psa", "expense/9", new ExpenseRecorded(new(2026, 1, 7), "Travel", 33.33m, Story.Dollar, true))
            .Says("psa", "expense/9", new ExpenseApproved("Bea"))
            .Issued(
                "7", 1_443.33m, Billing("1", 8m, 120m, 960m), Listing("9", "expense") with { Net = 33.33m },
                new InvoiceLine("F", Net: 500m, Bills: [new(new("project", "psa", "P1", Line: "T1"), Amount: 500m)]),
                new InvoiceLine("D", Net: -50m));
        story.Findings().Select(f => f.Sentence).ShouldBeEmpty();
        var check = story.Report().Invoices[0];
        (check.Expenses!.Value.Amount, check.Fees!.Value.Amount).ShouldBe((33.33m, 450m));
        check.Remainder!.Value.Amount.ShouldBe(0m);
    }

    [Fact]
    public void Lines_that_share_an_id_are_told_apart_by_what_they_bill()
    {
        var story = new Story().Engagement().Worked("1", 8m).Worked("2", 2m).Issued(
            "7", 1_200m, Billing("1", 8m, 120m, 960m) with { Line = "x" },
            Billing("2", 2m, 120m, 240m) with { Line = "x" });
        story.Findings().Select(f => f.Sentence).ShouldBeEmpty();
        story.Report().Invoices[0].Work!.Value.Amount.ShouldBe(1_200m);
    }

    [Fact]
    public void Says_what_a_remainder_could_be()
    {
        var story = new Story().Engagement()
            .Says("psa", "project/P1", new ProjectTaskAdded("T9", "Standby", FixedFee: true, Budget: 480m));
        foreach (var id in new[] { "1", "2", "3" }) story.Worked(id, 8m).Issued($"7{id}", 1_440m, Listing(id));
        var finding = story.Findings().First(f => f.Class is DriftClass.Unsourced);
        finding.Suggestions.ShouldBe(
        [
            "Two other invoices (INV-72 and INV-73) carry the same 480.00 USD: it looks like a recurring fixed fee.",
            "It equals the fixed fee of task T9 (Standby).",
            "It equals 4 h at 120.00 USD/h, a rate used on this invoice.",
        ]);
        finding.Related.ShouldBe(["INV-72", "INV-73"]);
        finding.Sentence.ShouldContain("recurring fixed fee");
    }

    [Fact]
    public void A_remainder_may_be_an_entry_of_another_invoice() =>
        new Story().Engagement().Worked("1", 8m).Worked("2", 1.35m).Issued("6", 162m, Listing("2"))
            .Issued("7", 1_122m, Listing("1")).Finding(DriftClass.Unsourced)
            .Suggestions.ShouldBe(["It equals time entry 2 on INV-6."]);

    [Fact]
    public void A_total_below_its_work_is_an_amount()
    {
        var finding = new Story().Engagement().Worked("1", 8m).Issued("7", 900m, Listing("1"))
            .Finding(DriftClass.Amount);
        finding.Money().ShouldBe(-60m);
        finding.Sentence.ShouldStartWith("Invoice INV-7 states 60.00 USD less than it bills");
    }

    [Fact]
    public void A_line_whose_net_is_not_quantity_times_price_is_an_amount()
    {
        var finding = new Story().Engagement().Worked("1", 8m).Worked("2", 1m)
            .Issued("7", 1_085m, Billing("1", 8m, 120m, 965m), Billing("2", 1m, 120m, 120m)).Finding(DriftClass.Amount);
        finding.Money().ShouldBe(5m);
        finding.Sentence.ShouldContain("line L1 does not come to");
        finding.Streams.ShouldBe(["invoice/billing:7", "time/psa:1"]);
    }

    [Fact]
    public void Rounding_other_than_the_contract_says_is_named_with_its_cents()
    {
        // 3 × 7 min at 120.00/h is 42.00; 3 × 14.00 as well. At 121.00: 42.35 once, 3 × 14.12 = 42.36 each.
        var story = Rounded(42.36m);
        var finding = story.Finding(DriftClass.Rounding);
        finding.Money().ShouldBe(0.01m);
        finding.Streams.ShouldBe(["invoice/billing:7", "contract/clm:K2"]);
        finding.Sentence.ShouldBe(
            "Invoice INV-7 comes to its total only when rounded each line, half away from zero; its contract rounds "
            + "once per invoice, half away from zero: 0.01 USD too much.");
        Rounded(42.35m).ShouldNotFind(DriftClass.Rounding);
    }

    private static Story Rounded(decimal net)
    {
        var story = new Story().Says("clm", "contract/K2", new ContractSigned(
            new("client", "erp", "C1"), new(2025, 12, 1), new(2026, 1, 1), Story.Dollar, BillingModel.TimeAndMaterials,
            Rounding: new(RoundingScope.Invoice, RoundingMode.HalfAwayFromZero)));
        foreach (var id in new[] { "1", "2", "3" })
            story.Says("psa", $"time/{id}", new TimeEntryRecorded(
                    new("resource", Id: "R1"), new(2026, 1, 5), Minutes(7m), BillRate: PerHour(121m)))
                .Says("psa", $"time/{id}", new TimeEntryApproved("Bea", Minutes(7m)));
        return story.Says("billing", "invoice/7", new InvoiceIssued(
            February, [Listing("1"), Listing("2"), Listing("3")], Contracts: [new("contract", "clm", "K2")],
            Currency: Story.Dollar, Totals: new(Net: net)) { Number = "INV-7" });
    }

    [Fact]
    public void Where_no_contract_says_the_rule_that_most_invoices_follow_is_found_and_the_odd_one_named()
    {
        var story = new Story();
        foreach (var (id, net) in new[] { ("1", 42.35m), ("2", 42.35m), ("3", 42.36m) })
        {
            foreach (var part in new[] { "a", "b", "c" })
                story.Says("psa", $"time/{id}{part}", new TimeEntryRecorded(
                    new("resource", Id: part), new(2026, 1, 5), Minutes(7m), new("project", Id: "P1"),
                    BillRate: PerHour(121m)));
            story.Issued(id, net, Listing($"{id}a"), Listing($"{id}b"), Listing($"{id}c"));
        }

        var finding = story.Finding(DriftClass.Rounding);
        (finding.Invoice, finding.Money()).ShouldBe(("INV-3", 0.01m));
        finding.Sentence.ShouldContain("the engagement's other documents are rounded once per invoice");
        var engagement = story.Report().Headline.Engagements.ShouldHaveSingleItem();
        (engagement.Documents, engagement.Reproduced, engagement.ByContract).ShouldBe((3, 2, false));
        engagement.InForce.ShouldBe(new Rounding(RoundingScope.Invoice, RoundingMode.HalfAwayFromZero));
    }

    [Fact]
    public void Money_given_back_names_its_document_and_is_not_unsourced() =>
        Agreeing().Says("billing", "invoice/8", new InvoiceIssued(
            February, [new InvoiceLine("C", Net: 120m, Credits: new(new("invoice", "billing", "7"), "L1"))],
            DocumentType.CreditNote, Currency: Story.Dollar, Totals: new(Net: 120m))).Findings().ShouldBeEmpty();
}
