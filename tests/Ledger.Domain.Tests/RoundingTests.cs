namespace Ledger.Domain.Tests;

public sealed class RoundingTests
{
    [Theory]
    [InlineData(RoundingMode.HalfAwayFromZero, "0.13 0.12 0.14 -0.13 -0.14 0.13 0.12")]
    [InlineData(RoundingMode.HalfEven, "0.12 0.12 0.14 -0.12 -0.14 0.13 0.12")]
    [InlineData(RoundingMode.HalfTowardsZero, "0.12 0.12 0.13 -0.12 -0.13 0.13 0.12")]
    [InlineData(RoundingMode.Up, "0.13 0.12 0.14 -0.13 -0.14 0.13 0.13")]
    [InlineData(RoundingMode.Down, "0.12 0.12 0.13 -0.12 -0.13 0.12 0.12")]
    public void Each_mode_treats_halves_and_negatives_as_it_says(RoundingMode mode, string expected)
    {
        decimal[] values = [0.125m, 0.12m, 0.135m, -0.125m, -0.135m, 0.1250001m, 0.1249999m];
        values.Select(v => DecimalText.Write(Rounding.Round(v, 2, mode))).ShouldBe(expected.Split(' '));
    }

    [Fact]
    public void Every_mode_is_symmetric_about_zero_and_leaves_round_amounts_alone()
    {
        var random = new Random(7);
        foreach (var mode in Enum.GetValues<RoundingMode>())
            for (var trial = 0; trial < 1_000; trial++)
            {
                var value = random.Next() / 1_000_000m;
                var rounded = Rounding.Round(value, 2, mode);
                Rounding.Round(-value, 2, mode).ShouldBe(-rounded);
                Rounding.Round(rounded, 2, mode).ShouldBe(rounded);
                Math.Abs(rounded - value).ShouldBeLessThan(0.01m);
            }
    }

    [Fact]
    public void An_unknown_mode_stops() =>
        Should.Throw<System.Diagnostics.UnreachableException>(() => Rounding.Round(1m, 2, (RoundingMode)99));

    [Fact]
    public void Digits_default_to_the_currency_s()
    {
        new Money(1234.5m, Currency.Of("JPY")).Round(RoundingMode.HalfEven).Amount.ShouldBe(1234m);
        new Money(1.23456m, Currency.Of("KWD")).Round(RoundingMode.HalfAwayFromZero).Amount.ShouldBe(1.235m);
        new Money(1.23456m, Currency.Of("KWD")).Round(RoundingMode.HalfAwayFromZero, 1).Amount.ShouldBe(1.2m);
    }
}
