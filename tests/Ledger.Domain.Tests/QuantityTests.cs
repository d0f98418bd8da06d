namespace Ledger.Domain.Tests;

public sealed class QuantityTests
{
    private static readonly Currency Usd = Currency.Of("USD");

    [Fact]
    public void Minutes_at_an_hourly_rate_are_exact_until_they_are_divided_once()
    {
        // 3 × 20 min at 100 an hour is 100.00; rounded one by one it would be 99.99.
        var rate = new Rate(100m, Usd, Unit.Hour);
        var one = rate.Extend(new Quantity(20m, Unit.Minute))!.Value;
        one.Round(RoundingMode.HalfAwayFromZero).Amount.ShouldBe(33.33m);
        (one + one + one).Round(RoundingMode.HalfAwayFromZero).Amount.ShouldBe(100.00m);
    }

    [Theory]
    [InlineData("90", "MIN", "140", "HUR", "210")]
    [InlineData("1.5", "HUR", "140", "HUR", "210")]
    [InlineData("1.5", "HUR", "2", "MIN", "180")]
    [InlineData("90", "MIN", "2", "MIN", "180")]
    [InlineData("-2", "DAY", "900", "DAY", "-1800")]
    public void A_rate_extends_over_its_own_unit_and_over_minutes_and_hours(
        string value, string unit, string price, string per, string amount)
    {
        var rate = new Rate(Decimal(price), Usd, Of(per));
        var exact = rate.Extend(new Quantity(Decimal(value), Of(unit)))!.Value;
        exact.Round(RoundingMode.Down).Amount.ShouldBe(Decimal(amount));
    }

    [Fact]
    public void A_day_is_a_policy_not_a_number_of_hours()
    {
        new Rate(900m, Usd, Unit.Day).Extend(new Quantity(8m, Unit.Hour)).ShouldBeNull();
        new Quantity(1m, Unit.Day).DifferenceTo(new Quantity(8m, Unit.Hour)).ShouldBeNull();
        new Quantity(1m, Unit.Day).SameAmountAs(new Quantity(8m, Unit.Hour)).ShouldBeFalse();
    }

    [Fact]
    public void Minutes_and_hours_compare_exactly()
    {
        new Quantity(90m, Unit.Minute).SameAmountAs(new Quantity(1.5m, Unit.Hour)).ShouldBeTrue();
        new Quantity(1.5m, Unit.Hour).SameAmountAs(new Quantity(90.00m, Unit.Minute)).ShouldBeTrue();
        new Quantity(20m, Unit.Minute).SameAmountAs(new Quantity(0.33m, Unit.Hour)).ShouldBeFalse();
        new Quantity(90m, Unit.Minute).DifferenceTo(new Quantity(2m, Unit.Hour)).ShouldBe(30m, "in this one's unit");
        new Quantity(2m, Unit.Hour).DifferenceTo(new Quantity(90m, Unit.Minute)).ShouldBe(-0.5m);
    }

    [Theory]
    [InlineData("MIN", true)]
    [InlineData("4K", true)]
    [InlineData("C62", true)]
    [InlineData("min", false)]
    [InlineData("M", false)]
    [InlineData("MINS", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_unit_is_two_or_three_capitals_or_digits(string? code, bool isOne) =>
        Unit.TryOf(code, out _).ShouldBe(isOne);

    [Fact]
    public void Reads_as_a_person_would_say_it()
    {
        new Quantity(13.0m, Unit.Minute).ToString().ShouldBe("13 min");
        new Quantity(1m, Unit.Day).ToString().ShouldBe("1 day");
        new Quantity(2.50m, Unit.Day).ToString().ShouldBe("2.5 days");
        new Rate(140m, Usd, Unit.Hour).ToString().ShouldBe("140.00 USD/h");
    }

    private static decimal Decimal(string text) =>
        DecimalText.TryRead(text, out var value) ? value : throw new FormatException(text);

    private static Unit Of(string code) => Unit.TryOf(code, out var unit) ? unit : throw new FormatException(code);
}
