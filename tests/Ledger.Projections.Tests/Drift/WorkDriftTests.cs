using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Tests.Lineage;
using static Ledger.Projections.Tests.Drift.Told;

namespace Ledger.Projections.Tests.Drift;

public sealed class WorkDriftTests
{
    [Fact]
    public void Hours_corrected_after_they_were_billed_are_a_quantity()
    {
        var story = Agreeing().Says("psa", "time/1", new TimeEntryCorrected(Quantity: Hours(6.5m)));
        var finding = story.Finding(DriftClass.Quantity);
        (finding.Invoice, finding.Money()).ShouldBe(("INV-7", 180m));
        finding.Sentence.ShouldBe("Invoice INV-7 bills 8 h for time entry 1; psa records 6.5 h: 180.00 USD too much.");
        finding.Events.ShouldBe([story.Position - 1, story.Position], "the invoice, and the correction after it");
        finding.Values.Select(v => (v.Source, v.Value)).ShouldBe([("billing", "8 h"), ("psa", "6.5 h")]);
    }

    [Fact]
    public void Hours_and_price_of_one_entry_that_both_differ_come_to_what_is_asked_too_much()
    {
        var story = new Story().Engagement().Worked("1", 8m).Issued("7", 920m, Billing("1", 8m, 115m, 920m))
            .Says("psa", "time/1", new TimeEntryCorrected(Quantity: Hours(6.5m)));
        var (hours, price) = (story.Finding(DriftClass.Quantity).Money(), story.Finding(DriftClass.Rate).Money());
        (hours, price).ShouldBe((180m, -40m));
        (hours + price).ShouldBe(920m - 6.5m * 120m);
    }

    [Fact]
    public void Fewer_hours_billed_than_recorded_are_too_little()
    {
        var finding = new Story().Engagement().Worked("1", 8m).Issued("7", 600m, Billing("1", 5m, 120m, 600m))
            .Finding(DriftClass.Quantity);
        finding.Money().ShouldBe(-360m);
        finding.Sentence.ShouldEndWith("360.00 USD too little.");
    }

    [Theory]
    [InlineData(400, 6.67, false)]
    [InlineData(400, 6.66, false)]
    [InlineData(400, 6.70, true)]
    [InlineData(450, 7.5, false)]
    public void Minutes_and_decimal_hours_are_the_same_within_a_hundredth_of_an_hour(
        int minutes, double hours, bool differ)
    {
        var billed = (decimal)hours;
        var story = new Story().Engagement().Says("psa", "time/1", new TimeEntryRecorded(
                new("resource", Id: "R1"), new(2026, 1, 5), Minutes(minutes), new("project", Id: "P1")))
            .Says("psa", "time/1", new TimeEntryApproved("Bea", Minutes(minutes)))
            .Issued("7", billed * 120m, Billing("1", billed, 120m, billed * 120m));
        story.Findings().Any(f => f.Class is DriftClass.Quantity).ShouldBe(differ);
    }

    [Fact]
    public void All_entries_of_an_invoice_are_told_in_one_finding()
    {
        var finding = new Story().Engagement().Worked("1", 8m).Worked("2", 3m)
            .Issued("7", 1_440m, Billing("1", 9m, 120m, 1_080m), Billing("2", 3m, 120m, 360m))
            .Says("psa", "time/2", new TimeEntryCorrected(Quantity: Hours(2m)))
            .Finding(DriftClass.Quantity);
        finding.Money().ShouldBe(240m);
        finding.Streams.ShouldBe(["invoice/billing:7", "time/psa:1", "time/psa:2"]);
    }

    [Fact]
    public void What_was_written_down_is_not_to_be_billed() =>
        Agreeing().Says("psa", "time/1", new TimeEntryWrittenDown(Quantity: Hours(2m), Reason: "Learning"))
            .Finding(DriftClass.Quantity).Money().ShouldBe(240m);

    [Fact]
    public void An_hour_on_two_live_invoices_is_a_duplicate()
    {
        var story = Agreeing().Issued("8", 960m, Billing("1", 8m, 120m, 960m));
        var finding = story.Finding(DriftClass.Duplicate);
        (finding.Invoice, finding.Money()).ShouldBe(("INV-8", 960m));
        finding.Related.ShouldBe(["INV-7"]);
        finding.Streams.ShouldBe(["invoice/billing:8", "invoice/billing:7", "time/psa:1"]);
        finding.Sentence.ShouldBe("Time entry 1 is billed on INV-7 and again on INV-8: 960.00 USD too much.");
    }

    [Fact]
    public void A_cancelled_invoice_releases_its_hours() =>
        Agreeing().Cancelled("7").Issued("8", 960m, Billing("1", 8m, 120m, 960m)).ShouldNotFind(DriftClass.Duplicate);

    [Fact]
    public void An_entry_may_be_billed_in_parts_that_sum_to_it()
    {
        var story = new Story().Engagement().Worked("1", 8m).Issued("7", 600m, Billing("1", 5m, 120m, 600m));
        story.Issued("8", 360m, Billing("1", 3m, 120m, 360m)).ShouldNotFind(DriftClass.Duplicate);
        story.ShouldNotFind(DriftClass.Quantity);
        story.Issued("9", 120m, Billing("1", 1m, 120m, 120m)).Finding(DriftClass.Duplicate).Money().ShouldBe(120m);
    }

    [Fact]
    public void A_credited_hour_is_free_again()
    {
        var credit = new InvoiceLine(
            "C", Quantity: Hours(8m), Net: 960m, Credits: new(new("invoice", "billing", "7"), "L1"));
        var story = Agreeing().Says("billing", "invoice/8", new InvoiceIssued(
            February, [credit], DocumentType.CreditNote, Currency: Story.Dollar, Totals: new(Net: 960m)));
        story.ShouldNotFind(DriftClass.Quantity);
        story.Issued("9", 960m, Billing("1", 8m, 120m, 960m)).ShouldNotFind(DriftClass.Duplicate);
        story.Issued("10", 960m, Billing("1", 8m, 120m, 960m)).Finding(DriftClass.Duplicate).Money().ShouldBe(960m);
    }

    [Fact]
    public void Work_done_after_the_invoices_date_is_worth_knowing()
    {
        var finding = new Story().Engagement().Time("1", 8m, null, on: new(2026, 2, 3)).Approved("1", 8m)
            .Issued("7", 960m, Billing("1", 8m, 120m, 960m)).Finding(DriftClass.Period);
        finding.Weight.ShouldBe(FindingWeight.Notice);
        finding.Sentence.ShouldBe(
            "Invoice INV-7 is dated 2026-02-01 but bills one time entry worked later, on 2026-02-03.");
    }
}
