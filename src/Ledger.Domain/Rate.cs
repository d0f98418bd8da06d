namespace Ledger.Domain;

/// <summary>A price for one unit of work or goods.</summary>
public sealed record Rate(decimal Amount, Currency Currency, Unit Per)
{
    /// <summary>The exact price of a quantity; null where its unit does not convert to the rate's.</summary>
    public ExactMoney? Extend(Quantity quantity) => ExactMoney.Of(quantity, this);

    public override string ToString() => $"{new Money(Amount, Currency).Text} {Currency}/{PerName}";

    private string PerName => Per.Code switch { "HUR" => "h", "MIN" => "min", "DAY" => "day", var other => other };
}

/// <summary>An amount kept as sixtieths, so that minutes × an hourly rate stay exact: divide once, after
/// summing.</summary>
/// <param name="Sixtieths">The amount × 60; signed.</param>
public readonly record struct ExactMoney(decimal Sixtieths, Currency Currency)
{
    public static ExactMoney Zero(Currency currency) => new(0m, currency);

    public static ExactMoney Of(Money money) => new(money.Amount * 60m, money.Currency);

    /// <returns>Null where the units do not convert, or the price is more than a decimal holds.</returns>
    public static ExactMoney? Of(Quantity quantity, Rate rate)
    {
        decimal sixtieths;
        if (quantity.Unit == rate.Per) sixtieths = 60m;
        else if (quantity.Unit.PerHour is { } of && rate.Per.PerHour is { } per) sixtieths = 60m / of * per;
        else return null;
        try
        {
            return new(quantity.Value * rate.Amount * sixtieths, rate.Currency);
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    /// <exception cref="InvalidOperationException">The currencies differ.</exception>
    public static ExactMoney operator +(ExactMoney a, ExactMoney b) => a.Currency == b.Currency
        ? new(a.Sixtieths + b.Sixtieths, a.Currency)
        : throw new InvalidOperationException($"{a.Currency} and {b.Currency} are not one currency");

    /// <summary>The amount, rounded once; digits default to the currency's minor digits.</summary>
    public Money Round(RoundingMode mode, int? digits = null) =>
        new Money(Sixtieths / 60m, Currency).Round(mode, digits);
}
