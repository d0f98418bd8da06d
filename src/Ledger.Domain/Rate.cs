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

    public static ExactMoney? Of(Quantity quantity, Rate rate)
    {
        if (quantity.Unit == rate.Per) return new(quantity.Value * rate.Amount * 60m, rate.Currency);
        if (quantity.Unit.PerHour is not { } of || rate.Per.PerHour is not { } per) return null;
        return new(quantity.Value * rate.Amount * (60m / of * per), rate.Currency);
    }

    /// <exception cref="InvalidOperationException">The currencies differ.</exception>
    public static ExactMoney operator +(ExactMoney a, ExactMoney b) => a.Currency == b.Currency
        ? new(a.Sixtieths + b.Sixtieths, a.Currency)
        : throw new InvalidOperationException($"{a.Currency} and {b.Currency} are not one currency");

    /// <summary>The amount, rounded once; digits default to the currency's minor digits.</summary>
    public Money Round(RoundingMode mode, int? digits = null) =>
        new Money(Sixtieths / 60m, Currency).Round(mode, digits);
}
