using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Drift;

/// <summary>A price of one currency in another: as published, turned round, or made of two through a third.</summary>
/// <param name="Rate">How much of <paramref name="To"/> one unit of <paramref name="From"/> is.</param>
/// <param name="By">Who published it.</param>
/// <param name="Legs">What was published: one rate, or the two it is made of.</param>
internal sealed record PublishedRate(
    Currency From, Currency To, decimal Rate, LocalDate On, string By, params Stated<ExchangeRate>[] Legs)
{
    /// <summary>Positions of the events that published it.</summary>
    public Items<long> Events => Legs.Select(l => l.Record.Asserted("rate")).Where(p => p > 0L).ToItems();

    public override string ToString() =>
        $"{By} published {string.Join(" and ", Legs.Select(Words))} on {Say.Date(On)}"
        + (Legs.Length == 1 ? "" : $", which makes {DecimalText.Write(Shown(Rate))} {To} for 1 {From}");

    /// <summary>With as many digits as a decimal is written with.</summary>
    public static decimal Shown(decimal rate) =>
        Rounding.Round(rate, DecimalText.FractionDigitsMax, RoundingMode.HalfAwayFromZero);

    private static string Words(Stated<ExchangeRate> leg) =>
        $"{DecimalText.Write(leg.State.Rate!.Value)} {leg.State.Quote} for 1 {leg.State.Base}";
}

/// <summary>What was published for the day itself: no average, closing or budget rate.</summary>
internal sealed class PublishedRates
{
    /// <summary>Longest that a rate stands where none is published: over a weekend with feast days.</summary>
    public const int StandsDays = 5;

    /// <summary>How far back another day's rate is looked for.</summary>
    private const int BackDays = 31;

    private readonly World world;
    private readonly ILookup<(Currency From, LocalDate On), PublishedRate> byDay;
    private readonly Dictionary<string, string?> entities = [];

    public PublishedRates(World world)
    {
        this.world = world;
        var all = new List<PublishedRate>();
        foreach (var told in world.Live<ExchangeRate>(Kind.ExchangeRate))
        {
            var (record, state) = told;
            if (state is not { Base: { } priced, Quote: { } quote, On: { } on, Rate: { } rate and > 0m }
                || !string.Equals(state.Type?.Trim() ?? "spot", "spot", StringComparison.OrdinalIgnoreCase)) continue;
            var by = state.Publisher ?? record.Source;
            all.Add(new(priced, quote, rate, on, by, told));
            all.Add(new(quote, priced, 1m / rate, on, by, told));
            entities[record.Stream] = world.Firm.EntityOf(record);
        }

        byDay = all.ToLookup(p => (p.From, p.On));
    }

    /// <summary>No two currencies are further apart; money at such a rate can still be reckoned with.</summary>
    private const decimal RateMax = 1e10m;

    public bool IsEmpty => byDay.Count == 0;

    /// <summary>Of each publisher the rate for a day, else the last before it that still stands; where nobody published
    /// one, what two rates of one publisher make through a third currency: the legal entity's own, else the first by
    /// its code.</summary>
    /// <param name="entity">Whose books it is for: what others published for theirs is left out. Null = not known.
    /// </param>
    public IReadOnlyList<PublishedRate> For((Currency From, Currency To) pair, LocalDate day, string? entity)
    {
        var direct = Latest(Back(day, StandsDays, entity, pair.From).Where(p => p.To == pair.To));
        if (direct.Length > 0) return direct;
        var own = entity is not null && world.Records.GetValueOrDefault(entity)?.Fold.State is LegalEntity books
            ? books.Currency
            : null;
        return Back(day, StandsDays, entity, pair.From).SelectMany(first => Through(first, pair.To, entity))
            .GroupBy(p => p.Through)
            .OrderBy(g => g.Key != own).ThenBy(g => g.Key.Code, StringComparer.Ordinal)
            .Select(g => Latest(g.Select(p => p.Rate))).FirstOrDefault() ?? [];
    }

    /// <summary>The rates of earlier days, the last first.</summary>
    public IEnumerable<PublishedRate> Before(LocalDate day, (Currency From, Currency To) pair, string? entity) =>
        Back(day.PlusDays(-1), BackDays, entity, pair.From).Where(p => p.To == pair.To);

    private IEnumerable<(Currency Through, PublishedRate Rate)> Through(
        PublishedRate first, Currency to, string? entity) =>
        Back(first.On, 1, entity, first.To)
            .Where(second => second.To == to && Name(second.By) == Name(first.By)
                && first.Rate * second.Rate is > 0m and <= RateMax).Take(1)
            .Select(second => (first.To, new PublishedRate(
                first.From, to, first.Rate * second.Rate, first.On, first.By, first.Legs[0], second.Legs[0])));

    private IEnumerable<PublishedRate> Back(LocalDate day, int days, string? entity, Currency from) =>
        Enumerable.Range(0, days).SelectMany(n => byDay[(from, day.PlusDays(-n))])
            .Where(p => entity is null || entities[p.Legs[0].Record.Stream] is not { } of || of == entity);

    private static PublishedRate[] Latest(IEnumerable<PublishedRate> rates) =>
    [
        .. rates.GroupBy(p => Name(p.By)).SelectMany(by => by.Where(p => p.On == by.First().On)),
    ];

    private static string Name(string publisher) => publisher.Trim().ToUpperInvariant();
}
