using NodaTime;

namespace Ledger.Domain;

/// <summary>Why prices are asked for that of a piece of work. In the order they are asked.</summary>
public enum CardOrigin
{
    /// <summary>The contract agrees them itself.</summary>
    Override,

    /// <summary>The contract names the card.</summary>
    Contract,

    /// <summary>The accepted proposal names the card.</summary>
    Proposal,

    /// <summary>It was made for the client.</summary>
    Client,

    /// <summary>It is made for nobody in particular.</summary>
    Default,
}

/// <summary>What a price of a card is for, from the most particular to the least.</summary>
public enum RateLevel
{
    Task,
    Resource,
    Role,
    Grade,
    Default,
}

/// <summary>What a price depends on.</summary>
/// <param name="On">The service date: it selects the card and the price.</param>
/// <param name="Tasks">Names the task goes by; a price matches where it names one of them.</param>
/// <param name="Resources">Names the one who did the work goes by: ids, employee number.</param>
/// <param name="Projects">Names the project goes by.</param>
public sealed record PricedWork(
    LocalDate On,
    Items<string> Tasks,
    Items<string> Resources,
    string? Role = null,
    string? Grade = null,
    Items<string>? Projects = null);

/// <summary>A card that may price a piece of work.</summary>
/// <param name="Stream">The card's own; of prices that a contract agrees itself, the contract's.</param>
/// <param name="Position">Position of the event that last stated its prices; counts for a price that has none.</param>
/// <param name="Assigned">The days for which it was assigned to the contract; null = all.</param>
/// <param name="Rank">Its place among those that a contract or proposal names, from 0.</param>
public sealed record OfferedCard(
    CardOrigin Origin, string Stream, RateCard Card, long Position, Period? Assigned = null, int Rank = 0)
{
    /// <summary>Whether the card prices work of that day.</summary>
    public bool InForceOn(LocalDate day) =>
        (Card.From is null || day >= Card.From) && (Card.To is null || day <= Card.To)
        && (Assigned is null || Assigned.Contains(day));

    /// <summary>What a contract agrees itself, as a card; null where it agrees none.</summary>
    public static OfferedCard? Of(string stream, Contract contract, long position) => contract.Rates.Count == 0
        ? null
        : new(CardOrigin.Override, stream, new RateCard { Rates = contract.Rates }, position);

    /// <summary>Below zero where the first is asked before the other: by origin, by the place in which a contract names
    /// it, then the one that began last.</summary>
    internal static int Compare(OfferedCard a, OfferedCard b)
    {
        var order = a.Origin.CompareTo(b.Origin);
        if (order == 0) order = a.Rank.CompareTo(b.Rank);
        if (order == 0) order = Nullable.Compare(b.Card.From, a.Card.From);
        return order != 0 ? order : string.CompareOrdinal(a.Stream, b.Stream);
    }
}

/// <summary>What the cards say of a piece of work: a price, or why there is none.</summary>
public abstract record RateFound;

/// <summary>The price a card gives a piece of work, and how it was found.</summary>
/// <param name="Card">The card's stream.</param>
/// <param name="CardRate">The price's id within the card.</param>
/// <param name="Position">Position of the event that asserts the price.</param>
public sealed record ResolvedRate(
    Rate Price, CardOrigin Origin, RateLevel Level, string Card, string CardRate, long Position) : RateFound
{
    /// <summary>How it was found, in words: <c>the contract's card, by role</c>.</summary>
    public string Path => $"{OriginName}, {LevelName}";

    private string OriginName => Origin switch
    {
        CardOrigin.Override => "the contract itself",
        CardOrigin.Contract => "the contract's card",
        CardOrigin.Proposal => "the accepted proposal's card",
        CardOrigin.Client => "the client's card",
        CardOrigin.Default => "the default card",
        _ => throw new System.Diagnostics.UnreachableException($"no origin {Origin}"),
    };

    private string LevelName => Level switch
    {
        RateLevel.Task => "by task",
        RateLevel.Resource => "by resource",
        RateLevel.Role => "by role",
        RateLevel.Grade => "by grade",
        RateLevel.Default => "for any work",
        _ => throw new System.Diagnostics.UnreachableException($"no level {Level}"),
    };
}

/// <summary>No card prices the work.</summary>
/// <param name="Cards">Every card that was asked, in the order they were, and why it gave none.</param>
public sealed record NoRate(Items<CardAsked> Cards) : RateFound
{
    /// <summary>Why, in words.</summary>
    public string Why => Cards.Count == 0
        ? "no card is known for it"
        : string.Join("; ", Cards.Select(c => c.IsInForce
            ? $"{c.Card} has no price for it" : $"{c.Card} is not in force that day"));
}

/// <param name="Card">Its stream.</param>
/// <param name="IsInForce">Whether it was in force on the service date.</param>
public sealed record CardAsked(CardOrigin Origin, string Card, bool IsInForce);

/// <summary>Which price a piece of work has: the first card in force on the service date that has one, and within the
/// card the most particular price: task, then resource, role, grade, any work. The same work and cards, in whatever
/// order they are given, have the same price.</summary>
public static class RateResolution
{
    /// <returns>Null where no card has a price: a finding, never zero.</returns>
    public static ResolvedRate? Resolve(PricedWork work, RateUse use, IEnumerable<OfferedCard> cards)
    {
        foreach (var card in InOrder(cards))
            if (Of(card, work, use) is { } found) return found;
        return null;
    }

    /// <summary>The price, or why there is none.</summary>
    public static RateFound Find(PricedWork work, RateUse use, IReadOnlyCollection<OfferedCard> cards) =>
        Resolve(work, use, cards) is { } found
            ? found
            : new NoRate(InOrder(cards).Select(c => new CardAsked(c.Origin, c.Stream, c.InForceOn(work.On))).ToItems());

    private static ResolvedRate? Of(OfferedCard card, PricedWork work, RateUse use)
    {
        if (!card.InForceOn(work.On)) return null;
        CardRate? best = null;
        foreach (var rate in card.Card.Rates)
            if (rate.Use == use && Matches(rate, work) && (best is null || Compare(rate, best) < 0)) best = rate;
        return best is null
            ? null
            : new(
                best.Price, card.Origin, LevelOf(best.Match), card.Stream, best.Rate, best.Position ?? card.Position);
    }

    private static IEnumerable<OfferedCard> InOrder(IEnumerable<OfferedCard> cards) =>
        cards is IReadOnlyCollection<OfferedCard> { Count: 1 }
            ? cards
            : cards.Order(Comparer<OfferedCard>.Create(OfferedCard.Compare));

    /// <summary>Below zero where the first goes before the other: the more particular, then the one that began or was
    /// set last, in the source's own order.</summary>
    /// <param name="a">After the other on the card.</param>
    private static int Compare(CardRate a, CardRate b)
    {
        var order = LevelOf(a.Match).CompareTo(LevelOf(b.Match));
        if (order == 0) order = Named(b.Match).CompareTo(Named(a.Match));
        if (order == 0) order = b.From.CompareTo(a.From);
        // What was set by itself goes before what came with the card.
        if (order == 0) order = (b.Position is not null).CompareTo(a.Position is not null);
        return order != 0 ? order : a.Position is not null ? -1 : string.CompareOrdinal(a.Rate, b.Rate);
    }

    private static bool Matches(CardRate rate, PricedWork work) =>
        work.On >= rate.From && (rate.To is null || work.On <= rate.To)
        && Goes(rate.Match.Task, work.Tasks) && Goes(rate.Match.Resource, work.Resources)
        && Is(rate.Match.Role, work.Role) && Is(rate.Match.Grade, work.Grade)
        && Goes(rate.Match.Project, work.Projects ?? Items<string>.None);

    private static bool Goes(string? wanted, Items<string> names) => wanted is null || names.Contains(wanted);

    private static bool Is(string? wanted, string? name) => wanted is null || wanted == name;

    private static RateLevel LevelOf(RateMatch match) => match switch
    {
        { Task: not null } => RateLevel.Task,
        { Resource: not null } => RateLevel.Resource,
        { Role: not null } => RateLevel.Role,
        { Grade: not null } => RateLevel.Grade,
        _ => RateLevel.Default,
    };

    // Of two prices at one level, the one that asks for more is the more particular: role in a project before role.
    private static int Named(RateMatch match) =>
        new[] { match.Task, match.Resource, match.Role, match.Grade, match.Project }.Count(name => name is not null);
}
