using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Tests.Lineage;
using static Ledger.Projections.Tests.Drift.Told;

namespace Ledger.Projections.Tests.Drift;

public sealed class ChainsTests
{
    [Fact]
    public void A_cancellation_and_its_rebill_are_one_finding()
    {
        var story = Agreeing().Cancelled("7").Issued("8", 960m, Billing("1", 8m, 120m, 960m));
        var finding = story.Finding(DriftClass.Rebill);
        (finding.Weight, finding.Invoice, finding.Money()).ShouldBe((FindingWeight.Notice, "INV-7", 0m));
        finding.Related.ShouldBe(["INV-8"]);
        finding.Streams.ShouldBe(["invoice/billing:7", "invoice/billing:8", "time/psa:1"]);
        finding.Sentence.ShouldBe(
            "Invoice INV-7 (960.00 USD) was cancelled and billed again on INV-8: the same time entry.");
        finding.Events.ShouldContain(story.Position - 1, "the cancellation");
        story.Report().Invoices.Select(i => string.Join(' ', i.Chain)).ShouldBe(["INV-7 INV-8", "INV-7 INV-8"]);
    }

    [Fact]
    public void A_rebill_split_over_two_invoices_names_both()
    {
        var finding = Three().Issued("8", 240m, Listing("1"), Listing("2")).Issued("9", 120m, Listing("3"))
            .Finding(DriftClass.Rebill);
        finding.Related.ShouldBe(["INV-8", "INV-9"]);
        finding.Sentence.ShouldBe(
            "Invoice INV-7 (360.00 USD) was cancelled; three time entries were billed again: two on INV-8 and one on "
            + "INV-9.");
        finding.Streams.ShouldContain("time/psa:3");
        finding.Values.Count(v => v.Field.EndsWith("again", StringComparison.Ordinal)).ShouldBe(3);
    }

    [Fact]
    public void A_document_cancelled_twice_over_is_one_chain()
    {
        var finding = Three().Issued("8", 360m, Listing("1"), Listing("2"), Listing("3")).Cancelled("8")
            .Issued("9", 360m, Listing("1"), Listing("2"), Listing("3")).Finding(DriftClass.Rebill);
        (finding.Invoice, string.Join(' ', finding.Related)).ShouldBe(("INV-7", "INV-8 INV-9"));
        finding.Sentence.ShouldBe(
            "Invoices INV-7 (360.00 USD) and INV-8 (360.00 USD) were cancelled and billed again on INV-9: the same "
            + "three time entries.");
    }

    [Fact]
    public void Work_nobody_bills_again_is_money_lost()
    {
        var finding = Three().Issued("8", 240m, Listing("1"), Listing("2")).Finding(DriftClass.Rebill);
        finding.Money().ShouldBe(-120m);
        finding.Sentence.ShouldEndWith("one not at all, 120.00 USD.");
        Three().Finding(DriftClass.Rebill).Sentence.ShouldBe(
            "Invoice INV-7 (360.00 USD) was cancelled; three time entries released, nothing of it billed again, "
            + "360.00 USD.");
    }

    [Fact]
    public void A_stated_replacement_is_a_chain_without_any_work()
    {
        var finding = new Story().IssuedOn(February, "7", 500m, null).Cancelled("7")
            .IssuedOn(February, "8", 500m, [new(new("invoice", Id: "7"), PrecedingRelation.Replaces)])
            .Finding(DriftClass.Rebill);
        finding.Sentence.ShouldBe("Invoice INV-7 (500.00 USD) was cancelled and replaced by INV-8.");
    }

    [Fact]
    public void A_fee_billed_in_parts_is_billed_again_only_by_what_takes_its_place()
    {
        static InvoiceLine Half(string line) =>
            new(line, Net: 500m, Bills: [new(new("project", "psa", "P1", Line: "T1"), Amount: 500m)]);
        var finding = new Story().Engagement().Issued("7", 500m, Half("a")).Cancelled("7").Issued("8", 500m, Half("b"))
            .Issued("9", 500m, Half("c")).Finding(DriftClass.Rebill);
        finding.Related.ShouldBe(["INV-8"]);
    }

    [Fact]
    public void Two_cancellations_with_nothing_in_common_are_two_stories() =>
        new Story().Engagement().Worked("1", 1m).Worked("2", 1m).Issued("7", 120m, Listing("1")).Cancelled("7")
            .Issued("8", 120m, Listing("2")).Cancelled("8").Issued("9", 240m, Listing("1"), Listing("2"))
            .Findings().Count(f => f.Class is DriftClass.Rebill).ShouldBe(2);

    private static Story Three() => new Story().Engagement().Worked("1", 1m).Worked("2", 1m).Worked("3", 1m)
        .Issued("7", 360m, Listing("1"), Listing("2"), Listing("3")).Cancelled("7");
}
