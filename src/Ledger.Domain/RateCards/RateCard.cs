using NodaTime;

namespace Ledger.Domain;

/// <summary>What happens to a list of prices for work.</summary>
public abstract record RateCardEvent : Event;

public sealed record RateCardPublished(
    Currency Currency, string? Name = null, Ref? Client = null, LocalDate? From = null, LocalDate? To = null)
    : RateCardEvent;

/// <summary>One price of the card was set.</summary>
/// <param name="Rate">Its id within the card.</param>
/// <param name="Replaces">The id of the price it takes the place of from <paramref name="From"/> on.</param>
public sealed record RateCardRateSet(
    string Rate, RateUse Use, RateMatch Match, Rate Price, LocalDate From, LocalDate? To = null,
    string? Replaces = null) : RateCardEvent;

public sealed record RateCardRateWithdrawn(string Rate, LocalDate? On = null, string? Reason = null) : RateCardEvent;

public sealed record RateCardRetired(LocalDate? On = null, string? Reason = null) : RateCardEvent;

/// <summary>The card as its system showed it.</summary>
public sealed record RateCardStated(
    Said<string> Name = default,
    Said<Currency?> Currency = default,
    Said<Ref> Client = default,
    Said<LocalDate?> From = default,
    Said<LocalDate?> To = default,
    Said<Items<CardRate>> Rates = default,
    Said<string> Reason = default) : Snapshot
{
    internal RateCard Over(RateCard before) => before with
    {
        Name = Name.Or(before.Name),
        Currency = Currency.Or(before.Currency),
        Client = Client.Or(before.Client),
        From = From.Or(before.From),
        To = To.Or(before.To),
        Reason = Reason.Or(before.Reason),
        Rates = RatesOver(before.Rates),
    };

    private Items<CardRate> RatesOver(Items<CardRate> before) => !Rates.IsSaid
        ? before
        : IsComplete("rates")
            ? Rates.Value ?? Items<CardRate>.None
            : (Rates.Value ?? Items<CardRate>.None).Aggregate(before, (rates, rate) => rates.Put(rate, r => r.Rate));
}

public enum RateUse
{
    Bill,
    Cost,
}

/// <summary>Which work a price is for; what is absent matches anything.</summary>
public sealed record RateMatch(
    string? Task = null, string? Resource = null, string? Role = null, string? Grade = null, string? Project = null);

/// <summary>One price of a card.</summary>
public sealed record CardRate(
    string Rate, RateUse Use, RateMatch Match, Rate Price, LocalDate From, LocalDate? To = null, long? Position = null);

/// <summary>A list of prices for work, as one source tells it.</summary>
public sealed record RateCard : RecordState
{
    public string? Name { get; init; }

    public Currency? Currency { get; init; }

    public Ref? Client { get; init; }

    public LocalDate? From { get; init; }

    public LocalDate? To { get; init; }

    /// <summary>Why it was retired; null = nobody said.</summary>
    public string? Reason { get; init; }

    public Items<CardRate> Rates { get; init; } = Items<CardRate>.None;

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static RateCard? Evolve(RateCard? state, Event e, EventFacts facts) => (state, e) switch
    {
        (_, RateCardPublished p) => (state ?? new()) with
        {
            Name = p.Name, Currency = p.Currency, Client = p.Client, From = p.From, To = p.To,
        },
        (_, RateCardStated s) => s.Over(state ?? new()),
        (null, _) => null,
        (_, RateCardRateSet s) => state with
        {
            // Last, so that their order tells which was set last.
            Rates = Ended(state.Rates, s.Replaces, s.From.PlusDays(-1)).Where(r => r.Rate != s.Rate)
                .Append(new(s.Rate, s.Use, s.Match, s.Price, s.From, s.To, facts.Position)).ToItems(),
        },
        (_, RateCardRateWithdrawn w) => state.Rates.Any(r => r.Rate == w.Rate)
            ? state with { Rates = Ended(state.Rates, w.Rate, w.On ?? facts.EffectiveOn) }
            : null,
        (_, RateCardRetired r) => state with { To = r.On ?? facts.EffectiveOn, Reason = r.Reason },
        _ => throw Kind.Unfoldable(e),
    };

    internal static Items<CardRate> Ended(Items<CardRate> rates, string? rate, LocalDate lastDay) => rate is null
        ? rates
        : rates.Select(r => r.Rate == rate ? r with { To = lastDay } : r).ToItems();
}
