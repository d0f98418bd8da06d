using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Tests.Lineage;
using static Ledger.Projections.Tests.Drift.Told;

namespace Ledger.Projections.Tests.Drift;

public sealed class RateDriftTests
{
    [Fact]
    public void A_price_off_the_card_is_named_with_the_event_that_set_the_card()
    {
        var story = new Story().Engagement().Worked("1", 8m).Issued("7", 920m, Billing("1", 8m, 115m, 920m));
        var finding = story.Finding(DriftClass.Rate);
        finding.Money().ShouldBe(-40m);
        finding.Sentence.ShouldBe(
            "Invoice INV-7 bills time entry 1 at 115.00 USD/h; the contract's card, by role says 120.00 USD/h: "
            + "40.00 USD too little.");
        finding.Streams.ShouldBe(["invoice/billing:7", "time/psa:1", "rate_card/clm:RC"]);
        finding.Values[^1].ShouldBe(new("clm", "rate_card/clm:RC", "rates/senior/price", "120.00 USD/h", 4));
        finding.Events.ShouldContain(4, "the event that set the price");
    }

    [Fact]
    public void A_rate_set_for_later_work_changes_no_earlier_work()
    {
        var raised = new RateCardRateSet(
            "senior-2", RateUse.Bill, new(Role: "Senior"), PerHour(130m), new(2026, 1, 6), Replaces: "senior");
        Agreeing().Says("clm", "rate_card/RC", raised).ShouldNotFind(DriftClass.Rate);
        Agreeing().Says("clm", "rate_card/RC", raised with { From = new(2026, 1, 5) })
            .Finding(DriftClass.Rate).Money().ShouldBe(-80m);
    }

    [Fact]
    public void Without_a_card_the_entrys_own_rate_counts()
    {
        var story = new Story().Time("1", 8m, 110m).Approved("1", 8m).Issued("7", 960m, Billing("1", 8m, 120m, 960m));
        var finding = story.Finding(DriftClass.Rate);
        finding.Money().ShouldBe(80m);
        finding.Sentence.ShouldContain("the entry says 110.00 USD/h: 80.00 USD too much");
    }

    [Fact]
    public void Work_for_which_no_card_has_a_price_is_a_finding_and_never_zero()
    {
        var story = new Story().Engagement().Says("psa", "resource/R2", new ResourceOnboarded("Cy", Role: "Junior"))
            .Time("1", 8m, 90m, resource: "R2").Approved("1", 8m).Issued("7", 720m, Billing("1", 8m, 90m, 720m));
        story.Finding(DriftClass.Rate).Sentence.ShouldBe(
            "Invoice INV-7 bills one time entry for which no rate card has a price: 1 at 90.00 USD/h.");
    }

    [Fact]
    public void A_price_per_minute_is_the_same_as_its_price_per_hour() =>
        new Story().Time("1", 8m, 120m).Approved("1", 8m)
            .Issued("7", 960m, Billing("1", 8m, 120m, 960m) with { Price = new(2m, Story.Dollar, Unit.Minute) })
            .ShouldNotFind(DriftClass.Rate);

    [Fact]
    public void Without_any_card_a_price_that_hardly_occurs_is_worth_a_look()
    {
        var story = new Story();
        for (var i = 0; i < 60; i++)
            story.Time($"{i}", 1m, i == 17 ? 250m : 120m).Approved($"{i}", 1m)
                .Issued($"{100 + i}", i == 17 ? 250m : 120m, Listing($"{i}"));
        var finding = story.Finding(DriftClass.Rate);
        (finding.Invoice, finding.Weight, finding.Money()).ShouldBe(("INV-117", FindingWeight.Notice, 0m));
        finding.Sentence.ShouldContain("17 (1 h) at 250.00 USD/h");
    }
}
