using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Tests.Lineage;
using static Ledger.Projections.Tests.Drift.Told;

namespace Ledger.Projections.Tests.Drift;

/// <summary>What a difference began with, what never came, what its money is made of and what to correct.</summary>
public sealed class ExplainedTests
{
    [Fact]
    public void A_correction_that_nobody_followed_is_the_root_and_billing_should_say_it()
    {
        var story = Agreeing().Says("psa", "time/1", new TimeEntryCorrected(Quantity: Hours(6.5m)));
        var finding = story.Finding(DriftClass.Quantity);
        RootOf(story, finding).ShouldBe(story.Position);
        finding.Counterpart.ShouldBe(new("billing", "invoice", "invoice/billing:7", "lines/L1/quantity", "6.5 h"));
        finding.Correction!.ToString().ShouldBe("billing: invoice 7, lines/L1/quantity: 8 h → 6.5 h");
        finding.Parts.ShouldBe([new(DifferenceCause.Quantity, new(180m, Story.Dollar))]);
    }

    [Fact]
    public void The_root_is_the_last_by_the_sources_time_whatever_arrived_last()
    {
        var story = Agreeing().Says("psa", "time/1", new TimeEntryCorrected(Quantity: Hours(6.5m)));
        var finding = story.Finding(DriftClass.Quantity);
        // The invoice is told before the entry: their positions say nothing.
        var turned = finding.Parting with { Clashes = [[.. finding.Parting.Clashes[0].Reverse()]] };
        turned.Root(story.Index).ShouldBe(finding.Parting.Root(story.Index));
        new Parting([[1, 3], [2]]).Root(story.Index)!.Position.ShouldBe(2, "of several things the first");
        Parting.Unknown.Root(story.Index).ShouldBeNull();
    }

    [Fact]
    public void A_document_that_is_not_posted_is_its_own_root_and_a_posting_over_all_of_it_never_came()
    {
        var story = new Story().Registered("erp", Role.Erp, "posting").Worked("1", 8m)
            .Issued("7", 960m, Billing("1", 8m, 120m, 960m));
        var issued = story.Position;
        var finding = story.IssuedOn(February.PlusDays(30), "8", 10m, null).Findings()
            .Single(f => f is { Class: DriftClass.Missing, Invoice: "INV-7" });
        RootOf(story, finding).ShouldBe(issued);
        finding.Counterpart.ShouldBe(new("erp", "posting", null, "net", "960.00 USD"));
        finding.Correction!.ToString().ShouldBe("erp: posting, net: nothing → 960.00 USD");
        finding.Parts.ShouldBe([new(DifferenceCause.Quantity, new(960m, Story.Dollar))]);
    }

    [Fact]
    public void A_posting_that_followed_a_correction_differs_by_the_hours_that_were_corrected()
    {
        var story = Agreeing().Says("psa", "time/1", new TimeEntryCorrected(Quantity: Hours(6.5m)))
            .Approved("1", 6.5m).Posted("J1", "7", 780m);
        var finding = story.Finding(DriftClass.Amount);
        RootOf(story, finding).ShouldBe(story.Position);
        finding.Parts.ShouldBe([new(DifferenceCause.Quantity, new(180m, Story.Dollar))]);
        finding.Correction!.ToString().ShouldBe("erp: posting J1, net: 780.00 USD → 960.00 USD");
    }

    [Fact]
    public void A_document_posted_with_its_tax_differs_by_the_tax_and_another_sum_is_not_explained()
    {
        var taxed = new Story().Worked("1", 8m).Says("billing", "invoice/7", new InvoiceIssued(
            February, [Billing("1", 8m, 120m, 960m)], Currency: Story.Dollar, Totals: new(960m, 192m, 1_152m))
        {
            Number = "INV-7",
        });
        taxed.Posted("J1", "7", 1_152m).Finding(DriftClass.Amount).Parts
            .ShouldBe([new(DifferenceCause.Tax, new(-192m, Story.Dollar))]);
        Agreeing().Posted("J1", "7", 901m).Finding(DriftClass.Amount).Parts
            .ShouldBe([new(DifferenceCause.Unexplained, new(59m, Story.Dollar))]);
    }

    [Fact]
    public void A_row_of_the_sheet_tells_it_all_and_no_text_of_another_system_is_a_formula()
    {
        var story = Agreeing().Posted("J1", "7", 901m)
            .Says("billing", "invoice/=1", new InvoiceIssued(February, [], Currency: Story.Dollar, Totals: new(5m)))
            .Says("billing", "invoice/=1", new InvoiceStated { Number = "=cmd|\"A\"" });
        using var sheet = new StringWriter();
        story.Report().WriteCsv(sheet, story.Index);
        var rows = sheet.ToString().Split("\r\n");
        rows[0].ShouldStartWith("class,weight,invoice,amount,currency,sentence,root_source,root_id,root_type");
        rows.ShouldContain(r => r.StartsWith("amount,difference,INV-7,59.00,USD,", StringComparison.Ordinal)
            && r.Contains($",erp,e{story.Position - 2},posting_recorded,", StringComparison.Ordinal)
            && r.EndsWith("posting J1, net: 901.00 USD → 960.00 USD\",,,,,,,,59.00", StringComparison.Ordinal));
        rows.ShouldContain(r => r.Contains(",\"'=cmd|\"\"A\"\"\",", StringComparison.Ordinal));
    }

    [Fact]
    public void An_event_is_of_the_day_that_its_systems_calendar_has()
    {
        var firm = new Story().Says("ledger", "source/psa", new SourceRegistered([Role.Psa], Zone: "America/New_York"))
            .World().Firm;
        var night = NodaTime.Instant.FromUtc(2026, 3, 15, 2, 0);
        firm.DateOf("psa", night).ShouldBe(new(2026, 3, 14));
        firm.DateOf("erp", night).ShouldBe(new(2026, 3, 15));
    }

    private static long RootOf(Story story, Finding finding) => finding.Parting.Root(story.Index)!.Position;
}
