using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

/// <summary>What the firm's currencies are worth in each other, month by month.</summary>
internal static class ExchangeRates
{
    public static readonly (Currency Of, Currency In)[] Pairs =
    [
        (Currency.Of("EUR"), Currency.Of("GBP")), (Currency.Of("USD"), Currency.Of("GBP")),
        (Currency.Of("USD"), Currency.Of("EUR")), (Currency.Of("CHF"), Currency.Of("EUR")),
        (Currency.Of("USD"), Currency.Of("CHF")), (Currency.Of("GBP"), Currency.Of("EUR")),
    ];

    /// <summary>Those in which something is booked.</summary>
    public static readonly (Currency Of, Currency In)[] Converting = [Pairs[1], Pairs[2], Pairs[4], Pairs[5]];

    /// <summary>The rate of a day's month, four digits.</summary>
    public static decimal Rate(Currency of, Currency quote, LocalDate day)
    {
        // Up to three percent up and down, the same for ever.
        var swing = 1m + ((day.Year * 12 + day.Month) * (of.Code[0] + quote.Code[0]) % 13 - 6) / 200m;
        return of == quote
            ? 1m
            : Rounding.Round(Dollars(of) / Dollars(quote) * swing, 4, RoundingMode.HalfAwayFromZero);
    }

    public static Money Convert(Money money, Currency to, LocalDate day) =>
        new Money(money.Amount * Rate(money.Currency, to, day), to).Round(RoundingMode.HalfAwayFromZero);

    private static decimal Dollars(Currency currency) => currency.Code switch
    {
        "GBP" => 1.27m, "EUR" => 1.08m, "CHF" => 1.13m, "USD" => 1m,
        var other => throw new System.Diagnostics.UnreachableException($"no rate of {other}"),
    };
}
