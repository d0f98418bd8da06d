using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Tests.Lineage;
using NodaTime;
using static Ledger.Projections.Tests.Drift.Told;

namespace Ledger.Projections.Tests.Drift;

public sealed class FxDriftTests
{
    private static readonly Currency Pound = Currency.Of("GBP");

    // A Wednesday.
    private static readonly LocalDate Day = new(2026, 7, 8);

    [Fact]
    public void A_posting_converts_at_the_rate_published_for_its_day()
    {
        Booked(2_672.03m, 0.7412m).Published(0.7412m, Day).Findings().ShouldBeEmpty();
        var finding = Booked(2_703.75m, 0.75m).Published(0.7412m, Day).Finding(DriftClass.Currency);
        finding.Money().ShouldBe(31.72m);
        finding.Sentence.ShouldBe(
            "Posting J1 converts 3605.00 USD at 0.75 GBP; BoE published 0.7412 GBP for 1 USD on 2026-07-08: "
            + "31.72 GBP too much.");
        finding.Values.Select(v => (v.Source, v.Field, v.Value, v.Position)).ShouldBe(
        [
            ("erp", "rate", "0.75", 1L), ("bank", "rate", "0.7412", 2L),
            ("ledger", "difference by rate", "31.72 GBP", null),
        ]);
    }

    [Fact]
    public void A_basis_point_is_left_alone()
    {
        Booked(2_672.24m, 0.74126m).Published(0.7412m, Day).Findings().ShouldBeEmpty();
        Booked(2_672.32m, 0.74128m).Published(0.7412m, Day).Finding(DriftClass.Currency).Money().ShouldBe(0.29m);
    }

    [Fact]
    public void The_rate_of_another_day_is_named() =>
        Booked(2_665.90m, 0.7395m).Published(0.7395m, Day.PlusDays(-2), "1").Published(0.7412m, Day, "2")
            .Finding(DriftClass.Currency).Sentence.ShouldEndWith("6.13 GBP too little, by the rate of 2026-07-06.");

    [Fact]
    public void The_difference_is_the_rates_and_what_is_left_beside_it()
    {
        var finding = Booked(2_713.75m, 0.75m).Published(0.7412m, Day).Finding(DriftClass.Currency);
        finding.Money().ShouldBe(41.72m);
        finding.Sentence.ShouldEndWith("31.72 GBP too much, and 10.00 GBP too much beside the rate.");
        finding.Values.Where(v => v.Source == "ledger").Select(v => v.Value).ShouldBe(["31.72 GBP", "10.00 GBP"]);
    }

    [Fact]
    public void Where_only_amounts_are_stated_they_come_to_one_but_for_the_cent()
    {
        Booked(2_672.02m, null).Published(0.7412m, Day).Findings().ShouldBeEmpty();
        Booked(2_682.03m, null).Published(0.7412m, Day).Finding(DriftClass.Currency).Money().ShouldBe(10m);
    }

    [Fact]
    public void A_rate_counts_both_ways_and_over_a_weekend()
    {
        var monday = Day.PlusDays(5);
        Booked(2_703.75m, 0.75m, monday).Says("bank", "exchange_rate/1", new ExchangeRatePublished(
                Pound, Story.Dollar, 1.35m, monday.PlusDays(-3), "BoE"))
            .Finding(DriftClass.Currency).Sentence.ShouldContain("BoE published 1.35 USD for 1 GBP on 2026-07-10");
        Booked(2_703.75m, 0.75m, monday).Published(0.7412m, monday.PlusDays(-8)).Findings().ShouldBeEmpty();
    }

    [Fact]
    public void A_closing_rate_a_budget_rate_and_another_entitys_are_no_rates_of_the_day()
    {
        Booked(2_703.75m, 0.75m).Published(0.7412m, Day, type: "closing").Findings().ShouldBeEmpty();
        Booked(2_703.75m, 0.75m).Published(0.7412m, Day, type: "Spot").Findings().Count.ShouldBe(1);
        var ours = Story.LegalEntity("UK");
        Booked(2_703.75m, 0.75m, entity: ours).Published(0.7412m, Day, entity: Story.LegalEntity("DE"))
            .Findings().ShouldBeEmpty();
        Booked(2_703.75m, 0.75m, entity: ours).Published(0.7412m, Day, entity: ours).Findings().Count.ShouldBe(1);
    }

    [Fact]
    public void Where_nobody_published_a_pair_two_rates_of_one_publisher_make_it()
    {
        var (euro, franc) = (Currency.Of("EUR"), Currency.Of("CHF"));
        var finding = Booked(2_703.75m, 0.75m).Through(euro, 1.1m, 0.85m).Finding(DriftClass.Currency);
        finding.Sentence.ShouldContain(
            "ECB published 1.1 USD for 1 EUR and 0.85 GBP for 1 EUR on 2026-07-08, which makes 0.7727272727 GBP for 1 "
            + "USD: 81.93 GBP too little");
        finding.Events.ShouldBe([1L, 2L, 3L]);
        Booked(2_785.68m, 0.772727m).Through(euro, 1.1m, 0.85m).Findings().ShouldBeEmpty();
        Booked(2_703.75m, 0.75m).Through(euro, 1.1m, 0.85m, "BoE").Findings().ShouldBeEmpty("of two publishers");
        var ours = Story.LegalEntity("CH");
        Booked(2_703.75m, 0.75m, entity: ours).Through(franc, 1.2m, 0.96m).Through(euro, 1.1m, 0.85m)
            .Finding(DriftClass.Currency).Sentence.ShouldContain("CHF", customMessage: "the first by its code");
        Booked(2_703.75m, 0.75m, entity: ours).Through(franc, 1.2m, 0.96m).Through(euro, 1.1m, 0.85m)
            .Says("erp", "legal_entity/CH", new LegalEntityRegistered("Ours", Currency: euro))
            .Finding(DriftClass.Currency).Sentence.ShouldContain("EUR", customMessage: "the one its books are in");
        Booked(2_703.75m, 0.75m).Through(euro, 1.1m, 0.85m).Published(0.75m, Day, "9").Findings().ShouldBeEmpty();
    }

    [Fact]
    public void As_anybody_published_is_as_published() =>
        Booked(2_703.75m, 0.75m).Published(0.7412m, Day, "1").Published(0.75m, Day, "2", publisher: "ECB")
            .Findings().ShouldBeEmpty();

    [Fact]
    public void What_takes_a_posting_back_converts_as_that_one_did() =>
        new Story().Says("erp", "posting/J2", new PostingRecorded(
                Day, "2026-07", Story.Dollar, new(Gross: -3_605m), Functional: new(-2_703.75m, Pound, 0.75m),
                Reverses: new("posting", Id: "J1")))
            .Published(0.7412m, Day).ShouldNotFind(DriftClass.Currency);

    [Fact]
    public void Invoices_and_payments_are_held_to_the_same_rates()
    {
        new Story().Says("billing", "invoice/7", new InvoiceIssued(
                Day, [], Currency: Story.Dollar, Totals: new(Net: 3_605m), Fx: new(2_703.75m, Pound, 0.75m)))
            .Published(0.7412m, Day).Finding(DriftClass.Currency).Money().ShouldBe(31.72m);
        var paid = Agreeing().Says("erp", "payment/R1", new PaymentApplied(
            "a1", new("invoice", "billing", "7"), ApplicationKind.Cash, 700m, Day, Currency: Pound,
            TargetAmount: 960m, Fx: new(980m, Story.Dollar, 1.4m)));
        paid.Published(0.75m, Day).Finding(DriftClass.Currency).Money().ShouldBe(46.67m);
    }

    private static Story Booked(decimal pounds, decimal? rate, LocalDate? on = null, Ref? entity = null) =>
        new Story().Says("erp", "posting/J1", new PostingRecorded(
            on ?? Day, "2026-07", Story.Dollar, new(Net: 3_000m, Tax: 605m, Gross: 3_605m),
            Functional: new(pounds, Currency.Of("GBP"), rate)) { Entity = entity });
}

/// <summary>What is published in these stories.</summary>
internal static class Converting
{
    public static Story Published(
        this Story story, decimal rate, LocalDate on, string id = "1", string publisher = "BoE", string? type = null,
        Ref? entity = null) =>
        story.Says("bank", $"exchange_rate/{id}", new ExchangeRatePublished(
            Story.Dollar, Currency.Of("GBP"), rate, on, publisher, type) { Entity = entity });

    /// <summary>What a third currency is in dollars and in pounds.</summary>
    public static Story Through(
        this Story story, Currency third, decimal dollars, decimal pounds, string publisher = "ECB") => story
        .Says("bank", $"exchange_rate/{third}1", new ExchangeRatePublished(
            third, Story.Dollar, dollars, new(2026, 7, 8), "ECB"))
        .Says("bank", $"exchange_rate/{third}2", new ExchangeRatePublished(
            third, Currency.Of("GBP"), pounds, new(2026, 7, 8), publisher));
}
