using NodaTime;
using static Ledger.Domain.Tests.Rating.Engaged;

namespace Ledger.Domain.Tests.Rating;

/// <summary>A price that changes for days gone by rewrites nothing.</summary>
public sealed class RateTouchesTests
{
    private const string Card = "rate_card/clm:RC1";

    private static readonly LocalDate From = new(2026, 3, 1);

    private static readonly ResolvedRate Now =
        new(PerHour(130m), CardOrigin.Contract, RateLevel.Default, Card, "any-2", 99);

    private static readonly BilledAt OnInvoice = new(
        "invoice/billing:7", new("invoice", "billing", "7"), "INV-7", "2", new LocalDate(2026, 3, 31), PerHour(120m));

    [Fact]
    public void Unbilled_work_reprices()
    {
        var touches = Of(Work("1", null));
        var touched = touches.Work.ShouldHaveSingleItem();
        (touched.Remedy, touched.Was, touched.Difference).ShouldBe((RateRemedy.Reprice, PerHour(120m), Euros(5m)));
        (touches.Unbilled, touches.Billed).ShouldBe(([Euros(5m)], Items<Money>.None));
        touches.Adjustments.ShouldBeEmpty();
    }

    [Fact]
    public void Billed_work_is_credited_and_billed_anew_where_no_term_says_otherwise()
    {
        var touches = Of(Work("1", OnInvoice), Work("2", OnInvoice));
        touches.Billed.ShouldBe([Euros(10m)]);
        touches.Adjustments.Select(a => (a.Draft.DocumentType, a.Draft.Totals!.Net, a.For)).ShouldBe(
        [
            (DocumentType.CreditNote, 120m, "invoice/billing:7"), (DocumentType.Invoice, 130m, "invoice/billing:7"),
        ]);
        var credit = touches.Adjustments[0].Draft;
        credit.Lines![0].Credits.ShouldBe(new CreditedLine(OnInvoice.Ref, "2"));
        credit.Preceding.ShouldBe([new(OnInvoice.Ref, PrecedingRelation.Credits, 120m)]);
        touches.Adjustments[1].Draft.Lines![0].Price.ShouldBe(PerHour(130m));
    }

    [Fact]
    public void Where_the_contract_catches_up_the_difference_is_one_line_that_names_the_price()
    {
        var adjustment = Of(Work("1", OnInvoice) with { Treatment = RateChangeTreatment.CatchUp }).Adjustments
            .ShouldHaveSingleItem();
        adjustment.Draft.DocumentType.ShouldBe(DocumentType.Corrective);
        adjustment.Draft.Lines![0].Bills
            .ShouldBe([new(new("rate_card", "clm", "RC1", Line: "any-2"), Amount: 5m)]);
        adjustment.Draft.Preceding.ShouldBe([new(OnInvoice.Ref, PrecedingRelation.Corrects)]);
    }

    [Fact]
    public void What_belongs_into_a_closed_period_is_posted_into_the_first_open_one()
    {
        BookPeriod[] periods =
        [
            Month(5, true), Month(3, false), Month(4, false), Month(6, true),
            Month(4, true) with { LegalEntity = "legal_entity/erp:DE" },
        ];
        var touched = RateTouches.Of(Card, From, [Work("1", OnInvoice with { LegalEntity = "UK" })], periods).Work[0];
        (touched.IsPeriodClosed, touched.PostIn).ShouldBe((true, "2026-05"));
        RateTouches.Of(Card, From, [Work("1", OnInvoice)], [Month(3, true)]).Work[0].PostIn.ShouldBe("2026-03");
        RateTouches.Of(Card, From, [Work("1", OnInvoice)], []).Work[0].PostIn.ShouldBeNull();
    }

    [Fact]
    public void What_is_before_the_day_or_worth_the_same_is_not_touched() =>
        Of(
            Work("early", null) with { On = From.PlusDays(-1) },
            Work("same", OnInvoice with { Used = PerHour(130m) })).Work.ShouldBeEmpty();

    [Fact]
    public void What_nothing_prices_any_more_asks_for_a_price_and_is_never_worth_nothing()
    {
        var touches = Of(
            Work("1", OnInvoice) with { Now = null }, Work("2", null) with { Now = null },
            Work("3", null) with { Now = null, Own = PerHour(110m) });
        touches.Work.Select(w => (w.Remedy, w.Difference, w.Price)).ShouldBe(
        [
            (RateRemedy.NoRate, Euros(0m), null), (RateRemedy.NoRate, Euros(0m), null),
            (RateRemedy.Reprice, Euros(-5m), PerHour(110m)),
        ]);
        touches.Adjustments.ShouldBeEmpty();
    }

    private static RateTouches Of(params PricedByCard[] work) => RateTouches.Of(Card, From, work, []);

    private static PricedByCard Work(string id, BilledAt? billed) => new(
        $"time/psa:{id}", new("time", "psa", id), From.PlusDays(9), new(30, Unit.Minute), Now, PerHour(120m), billed,
        null);

    private static BookPeriod Month(int month, bool open) => new(
        $"2026-{month:00}", "UK", new(2026, month, 1), new LocalDate(2026, month, 1).PlusMonths(1).PlusDays(-1), open);
}
