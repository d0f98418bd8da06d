using static Ledger.Domain.Tests.Telling;

namespace Ledger.Domain.Tests;

public sealed class ExchangeRateTests
{
    private static readonly ExchangeRatePublished Published =
        new(Eur, Currency.Of("USD"), 1.0834m, On(1), "ECB", "spot");

    [Fact]
    public void A_rate_says_pair_day_and_who_published_it()
    {
        var rate = Of<ExchangeRate>(Published);
        (rate.Base, rate.Quote, rate.Rate, rate.On, rate.Publisher, rate.Type)
            .ShouldBe((Eur, Currency.Of("USD"), 1.0834m, On(1), "ECB", "spot"));
    }

    [Fact]
    public void Published_again_it_is_corrected() =>
        Of<ExchangeRate>(Published, Published with { Rate = 1.0843m }).Rate.ShouldBe(1.0843m);

    [Fact]
    public void A_snapshot_leaves_what_it_does_not_say()
    {
        var rate = Of<ExchangeRate>(Published, new ExchangeRateStated(Rate: 1.09m));
        (rate.Rate, rate.Publisher).ShouldBe((1.09m, "ECB"));
    }
}
