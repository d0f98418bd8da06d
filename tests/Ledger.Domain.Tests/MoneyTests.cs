namespace Ledger.Domain.Tests;

public sealed class MoneyTests
{
    private static readonly Currency Eur = Currency.Of("EUR");

    [Fact]
    public void Shares_sum_to_the_whole_to_the_cent_and_none_is_a_cent_off()
    {
        var random = new Random(4217);
        Currency[] currencies = [Eur, Currency.Of("JPY"), Currency.Of("KWD")];
        for (var trial = 0; trial < 5_000; trial++)
        {
            var currency = currencies[trial % 3];
            var unit = (decimal)Math.Pow(10, -currency.MinorDigits);
            var whole = new Money(random.Next(-1_000_000, 1_000_000) * unit, currency);
            var weights = Enumerable.Range(0, random.Next(1, 12)).Select(_ => random.Next(0, 50) / 7m).Append(1m)
                .ToArray();
            var shares = whole.Allocate(weights);
            shares.Aggregate((a, b) => a + b).ShouldBe(whole);
            var total = weights.Sum();
            for (var i = 0; i < shares.Length; i++)
            {
                Math.Abs(shares[i].Amount - whole.Amount * weights[i] / total).ShouldBeLessThan(unit);
                (shares[i].Amount * whole.Amount).ShouldBeGreaterThanOrEqualTo(0m, "no share turns against the whole");
            }
        }
    }

    [Fact]
    public void A_tie_goes_to_the_earlier_share() =>
        new Money(0.05m, Eur).Allocate([1m, 1m]).Select(s => s.Amount).ShouldBe([0.03m, 0.02m]);

    [Fact]
    public void A_weight_of_nothing_gets_nothing() =>
        new Money(-1m, Eur).Allocate([1m, 0m, 2m]).Select(s => s.Amount).ShouldBe([-0.33m, 0m, -0.67m]);

    [Fact]
    public void What_is_finer_than_a_cent_is_not_lost_either() =>
        new Money(1.005m, Eur).Allocate([1m, 1m, 1m]).Sum(s => s.Amount).ShouldBe(1.005m);

    [Fact]
    public void Nothing_to_weigh_by_is_refused()
    {
        Should.Throw<ArgumentException>(() => new Money(1m, Eur).Allocate([]));
        Should.Throw<ArgumentException>(() => new Money(1m, Eur).Allocate([0m, 0m]));
        Should.Throw<ArgumentException>(() => new Money(1m, Eur).Allocate([2m, -1m]));
    }

    [Fact]
    public void Two_currencies_do_not_add()
    {
        var (euros, dollars) = (new Money(1m, Eur), new Money(1m, Currency.Of("USD")));
        Should.Throw<InvalidOperationException>(() => euros + dollars);
        Should.Throw<InvalidOperationException>(() => euros - dollars);
        Should.Throw<InvalidOperationException>(() => ExactMoney.Of(euros) + ExactMoney.Of(dollars));
    }

    [Theory]
    [InlineData("500", "EUR", "500.00 EUR")]
    [InlineData("0.005", "EUR", "0.005 EUR")]
    [InlineData("-0.1", "EUR", "-0.10 EUR")]
    [InlineData("1200", "JPY", "1200 JPY")]
    [InlineData("1.5", "KWD", "1.500 KWD")]
    public void Prints_the_minor_digits_and_no_fewer_than_it_has(string amount, string currency, string text)
    {
        DecimalText.TryRead(amount, out var value).ShouldBeTrue();
        new Money(value, Currency.Of(currency)).ToString().ShouldBe(text);
    }

    [Fact]
    public void Prints_no_negative_nothing() => new Money(-0.00m, Eur).Text.ShouldBe("0.00");
}
