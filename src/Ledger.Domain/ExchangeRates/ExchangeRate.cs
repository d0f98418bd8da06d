using NodaTime;

namespace Ledger.Domain;

/// <summary>What happens to the price of one currency in another on a day.</summary>
public abstract record ExchangeRateEvent : Event;

/// <summary>A rate was published; said again, it is corrected.</summary>
/// <param name="Base">The currency of which one unit is priced.</param>
/// <param name="Quote">The currency it is priced in.</param>
/// <param name="Rate">How much of <paramref name="Quote"/> one unit of <paramref name="Base"/> is; positive.</param>
/// <param name="On">The day it is for.</param>
/// <param name="Publisher">Who published it, such as <c>ECB</c>.</param>
/// <param name="Type">Spot, average, closing, budget, or what the publisher calls it; null = not said.</param>
public sealed record ExchangeRatePublished(
    Currency Base, Currency Quote, decimal Rate, LocalDate On, string? Publisher = null, string? Type = null)
    : ExchangeRateEvent;

/// <summary>The rate as its system showed it.</summary>
public sealed record ExchangeRateStated(
    Said<Currency?> Base = default,
    Said<Currency?> Quote = default,
    Said<decimal?> Rate = default,
    Said<LocalDate?> On = default,
    Said<string> Publisher = default,
    Said<string> Type = default) : Snapshot
{
    internal ExchangeRate Over(ExchangeRate before) => before with
    {
        Base = Base.Or(before.Base),
        Quote = Quote.Or(before.Quote),
        Rate = Rate.Or(before.Rate),
        On = On.Or(before.On),
        Publisher = Publisher.Or(before.Publisher),
        Type = Type.Or(before.Type),
    };
}

/// <summary>The price of one currency in another on a day, as one source tells it.</summary>
public sealed record ExchangeRate : RecordState
{
    public Currency? Base { get; init; }

    public Currency? Quote { get; init; }

    /// <summary>How much of <see cref="Quote"/> one unit of <see cref="Base"/> is.</summary>
    public decimal? Rate { get; init; }

    public LocalDate? On { get; init; }

    public string? Publisher { get; init; }

    public string? Type { get; init; }

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static ExchangeRate? Evolve(ExchangeRate? state, Event e, EventFacts facts) => (state, e) switch
    {
        (_, ExchangeRatePublished p) => (state ?? new()) with
        {
            Base = p.Base, Quote = p.Quote, Rate = p.Rate, On = p.On, Publisher = p.Publisher, Type = p.Type,
        },
        (_, ExchangeRateStated s) => s.Over(state ?? new()),
        _ => throw Kind.Unfoldable(e),
    };
}
