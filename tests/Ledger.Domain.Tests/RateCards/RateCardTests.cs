using static Ledger.Domain.Tests.Telling;

namespace Ledger.Domain.Tests;

public sealed class RateCardTests
{
    private static readonly RateCardPublished Card = new(Eur, "Standard");

    [Fact]
    public void A_rate_that_replaces_another_ends_it_the_day_before()
    {
        var card = Of<RateCard>(Card, Rate("R1", 100m, 1), Rate("R2", 110m, 10) with { Replaces = "R1" });
        card.Rates.Select(r => (r.Rate, r.To)).ShouldBe([("R1", On(9)), ("R2", null)]);
    }

    [Fact]
    public void A_withdrawn_rate_holds_to_its_last_day_and_stays_on_the_card() =>
        Of<RateCard>(Card, Rate("R1", 100m, 1), new RateCardRateWithdrawn("R1", On(15))).Rates[0].To.ShouldBe(On(15));

    [Fact]
    public void A_withdrawal_waits_for_its_rate() =>
        Pending<RateCard>(Card, new RateCardRateWithdrawn("R1", On(15))).ShouldBe([2]);

    [Fact]
    public void A_retired_card_ends_on_its_day() =>
        Of<RateCard>(Card, new RateCardRetired()).To.ShouldBe(On(2));

    private static RateCardRateSet Rate(string id, decimal amount, int from) =>
        new(id, RateUse.Bill, new(), PerHour(amount), On(from));
}
