using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Tests.Lineage;
using NodaTime;

namespace Ledger.Projections.Tests.Drift;

/// <summary>What finance agreed to leave alone.</summary>
public sealed class PolicyTests
{
    private static readonly LocalDate Later = new(2027, 1, 1);

    /// <summary>Posted 5.00 too little of 960.00.</summary>
    private static Story Off() => Told.Agreeing().Posted("P1", "7", 955m);

    [Fact]
    public void A_difference_up_to_the_tolerance_is_left_alone_and_still_told()
    {
        Weight(Off()).ShouldBe(FindingWeight.Difference);
        var tolerated = Off().Tolerated(new(DriftClass.Amount, Amount: 5m, Currency: Story.Dollar))
            .Finding(DriftClass.Amount);
        tolerated.Weight.ShouldBe(FindingWeight.Tolerated);
        tolerated.ToleratedBy.ShouldBe("tolerance/ledger:t1");
        Weight(Off().Tolerated(new(DriftClass.Amount, Amount: 4.99m, Currency: Story.Dollar)))
            .ShouldBe(FindingWeight.Difference);
    }

    [Fact]
    public void A_percentage_is_of_what_the_document_asks_for()
    {
        // 5.00 of 960.00 are 0.52 %.
        Weight(Off().Tolerated(new(DriftClass.Amount, Percent: 0.6m))).ShouldBe(FindingWeight.Tolerated);
        Weight(Off().Tolerated(new(DriftClass.Amount, Percent: 0.5m))).ShouldBe(FindingWeight.Difference);
    }

    [Theory]
    [InlineData("rate", null, null, null)]
    [InlineData("amount", "time", null, null)]
    [InlineData("amount", null, "psa", null)]
    [InlineData("amount", null, null, "2026-12-31")]
    public void A_tolerance_counts_only_for_what_it_is_said_of(string drift, string? of, string? between, string? from)
    {
        var said = new ToleranceSet(
            drift == "rate" ? DriftClass.Rate : DriftClass.Amount, Amount: 100m, Currency: Story.Dollar, Of: of,
            Between: between is null ? null : [between, "billing"],
            From: from is null ? null : NodaTime.Text.LocalDatePattern.Iso.Parse(from).Value);
        Weight(Off().Tolerated(said)).ShouldBe(FindingWeight.Difference);
    }

    [Fact]
    public void The_narrower_of_two_tolerances_counts_whichever_was_said_last()
    {
        var narrow = new ToleranceSet(
            DriftClass.Amount, Amount: 1m, Currency: Story.Dollar, Between: ["billing", "erp"]);
        var wide = new ToleranceSet(DriftClass.Amount, Percent: 50m);
        Weight(Off().Tolerated(narrow, "t1").Tolerated(wide, "t2")).ShouldBe(FindingWeight.Difference);
        Weight(Off().Tolerated(wide, "t1").Tolerated(narrow, "t2")).ShouldBe(FindingWeight.Difference);
    }

    [Fact]
    public void Only_the_ledgers_own_word_tolerates_anything() => Weight(Off().Says(
        "erp", "tolerance/t1", new ToleranceSet(DriftClass.Amount, Amount: 900m, Currency: Story.Dollar)))
        .ShouldBe(FindingWeight.Difference);

    [Fact]
    public void A_quantity_is_tolerated_in_any_unit_that_converts()
    {
        var off = Told.Agreeing().Says("psa", "time/1", new TimeEntryCorrected(Quantity: Told.Hours(7.5m)));
        off.Finding(DriftClass.Quantity).Weight.ShouldBe(FindingWeight.Difference);
        off.Tolerated(new(DriftClass.Quantity, Quantity: Told.Minutes(30m))).Finding(DriftClass.Quantity).Weight
            .ShouldBe(FindingWeight.Tolerated);
    }

    [Fact]
    public void A_lag_goes_before_what_a_system_was_registered_with()
    {
        var waiting = Told.Agreeing().Registered("erp", Role.Erp, "posting")
            .Says("psa", "time/9", new TimeEntryRecorded(
                new("resource", Id: "r1"), Told.February.PlusDays(8), Told.Hours(1m)));
        waiting.Finding(DriftClass.Missing).Streams.ShouldContain("invoice/billing:7");
        waiting.Says("ledger", "lag/erp", new LagSet("erp", 30)).ShouldNotFind(DriftClass.Missing);
        waiting.Says("ledger", "lag/erp-postings", new LagSet("erp", 2, Of: "posting"))
            .Finding(DriftClass.Missing).Streams.ShouldContain("invoice/billing:7");
    }

    [Theory]
    [InlineData(4, Severity.Low)]
    [InlineData(5, Severity.Medium)]
    [InlineData(49, Severity.Medium)]
    [InlineData(50, Severity.High)]
    public void Money_weighs_by_the_amount_of_weight(int amount, Severity severity)
    {
        var world = Off().Says("ledger", "materiality/usd", new MaterialitySet(5m, Story.Dollar)).World();
        Policy.Of(world).SeverityOf(new Money(-amount, Story.Dollar), null).ShouldBe(severity);
        Policy.Of(world).SeverityOf(new Money(amount, Currency.Of("EUR")), null).ShouldBe(Severity.Medium);
    }

    [Fact]
    public void What_ended_counts_no_more() => Policy
        .Of(Off().Says("ledger", "materiality/usd", new MaterialitySet(5m, Story.Dollar, To: Told.February))
            .World(day: Later))
        .SeverityOf(new Money(1m, Story.Dollar), null).ShouldBe(Severity.Medium);

    private static FindingWeight Weight(Story story) => story.Finding(DriftClass.Amount).Weight;
}

internal static class Tolerances
{
    public static Story Tolerated(this Story story, ToleranceSet said, string id = "t1") =>
        story.Says("ledger", $"tolerance/{id}", said);
}
