using System.Globalization;

namespace Ledger.Domain;

/// <summary>An amount in a currency, exact; its sign is the ledger's (a credit is negative).</summary>
public readonly record struct Money(decimal Amount, Currency Currency)
{
    public static Money Zero(Currency currency) => new(0m, currency);

    /// <exception cref="InvalidOperationException">The currencies differ.</exception>
    public static Money operator +(Money a, Money b) => new(a.Amount + b.Amount, Same(a, b));

    /// <exception cref="InvalidOperationException">The currencies differ.</exception>
    public static Money operator -(Money a, Money b) => new(a.Amount - b.Amount, Same(a, b));

    public static Money operator -(Money a) => new(-a.Amount, a.Currency);

    /// <summary>Rounded to <paramref name="digits"/> (default: the currency's minor digits) in the mode
    /// given.</summary>
    public Money Round(RoundingMode mode, int? digits = null) =>
        this with { Amount = Rounding.Round(Amount, digits ?? Currency.MinorDigits, mode) };

    /// <summary>Splits into one share per weight, by largest remainder in the currency's minor unit; ties go to the
    /// earlier share. The shares sum to the whole, to the cent.</summary>
    /// <param name="weights">At least one; none negative; not all zero.</param>
    /// <exception cref="ArgumentException">The weights are empty, negative or all zero.</exception>
    public Money[] Allocate(IReadOnlyList<decimal> weights)
    {
        var total = weights.Sum();
        if (total <= 0m || weights.Any(w => w < 0m))
            throw new ArgumentException("weights must be at least one, none negative, not all zero", nameof(weights));

        var whole = Amount;
        var currency = Currency;
        var shares = weights.Select(w => Rounding.Round(whole * w / total, currency.MinorDigits, RoundingMode.Down))
            .ToArray();
        var unit = MinorUnit(currency) * (whole < 0 ? -1 : 1);
        var byRemainder = Enumerable.Range(0, shares.Length)
            .OrderByDescending(i => Math.Abs(whole * weights[i] / total - shares[i])).ThenBy(i => i).ToArray();
        var left = whole - shares.Sum();
        for (var i = 0; Math.Abs(left) >= Math.Abs(unit); i++, left -= unit)
            shares[byRemainder[i % byRemainder.Length]] += unit;
        shares[byRemainder[0]] += left;
        return [.. shares.Select(share => new Money(share, currency))];
    }

    /// <summary>The amount as a document prints it, with the currency's minor digits and no fewer than it needs:
    /// <c>500.00</c>.</summary>
    public string Text
    {
        get
        {
            var digits = Math.Max(Currency.MinorDigits, Scale(Amount));
            var format = "F" + digits.ToString(CultureInfo.InvariantCulture);
            var text = Amount.ToString(format, CultureInfo.InvariantCulture);
            return Amount == 0m ? text.TrimStart('-') : text;
        }
    }

    public override string ToString() => $"{Text} {Currency}";

    private static decimal MinorUnit(Currency currency) => new(1, 0, 0, false, (byte)currency.MinorDigits);

    private static int Scale(decimal value)
    {
        var text = DecimalText.Write(value);
        var point = text.IndexOf('.', StringComparison.Ordinal);
        return point < 0 ? 0 : text.Length - point - 1;
    }

    private static Currency Same(Money a, Money b) => a.Currency == b.Currency
        ? a.Currency
        : throw new InvalidOperationException($"{a} and {b} are not of one currency");
}
