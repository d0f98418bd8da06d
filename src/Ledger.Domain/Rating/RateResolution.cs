using NodaTime;

namespace Ledger.Domain;

/// <summary>Why a rate card is asked for the price of a piece of work. In the order they are asked.</summary>
public enum CardOrigin
{
    /// <summary>The contract names it.</summary>
    Contract,

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
/// <param name="Stream">The card's own.</param>
/// <param name="Position">Position of the event that last stated its prices; counts for a price that has none.</param>
/// <param name="Assigned">The days for which it was assigned to the contract; null = all.</param>
public sealed record OfferedCard(
    CardOrigin Origin, string Stream, RateCard Card, long Position, Period? Assigned = null)
{
    /// <summary>Whether the card prices work of that day.</summary>
    public bool InForceOn(LocalDate day) =>
        (Card.From is null || day >= Card.From) && (Card.To is null || day <= Card.To)
        && (Assigned is null || Assigned.Contains(day));
}

/// <summary>The price a card gives a piece of work, and how it was found.</summary>
/// <param name="Card">The card's stream.</param>
/// <param name="CardRate">The price's id within the card.</param>
/// <param name="Position">Position of the event that asserts the price.</param>
public sealed record ResolvedRate(
    Rate Price, CardOrigin Origin, RateLevel Level, string Card, string CardRate, long Position)
{
    /// <summary>How it was found, in words: <c>the contract's card, by role</c>.</summary>
    public string Path => $"{OriginName}, {LevelName}";

    private string OriginName => Origin switch
    {
        CardOrigin.Contract => "the contract's card",
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

/// <summary>Which price a piece of work has: the first card in force on the service date that has one, and within the
/// card the most particular price: task, then resource, role, grade, any work.</summary>
public static class RateResolution
{
    /// <param name="cards">In the order in which the contract names them; those of one origin are asked in this order,
    /// the contract's before the client's before the default.</param>
    /// <returns>Null where no card has a price: a finding, never zero.</returns>
    public static ResolvedRate? Resolve(PricedWork work, RateUse use, IEnumerable<OfferedCard> cards)
    {
        var ordered = cards is IReadOnlyCollection<OfferedCard> { Count: 1 } ? cards : cards.OrderBy(c => c.Origin);
        foreach (var card in ordered)
        {
            if (!card.InForceOn(work.On)) continue;
            CardRate? best = null;
            foreach (var rate in card.Card.Rates)
                if (rate.Use == use && Matches(rate, work) && (best is null || Compare(rate, best) < 0)) best = rate;
            if (best is null) continue;
            var position = best.Position ?? card.Position;
            return new(best.Price, card.Origin, LevelOf(best.Match), card.Stream, best.Rate, position);
        }

        return null;
    }

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
