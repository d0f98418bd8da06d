using Ledger.Domain;

namespace Ledger.Projections.Drift;

/// <summary>A sum over one source's records of one kind.</summary>
/// <param name="Stated">By the source's own extract; null where it states none.</param>
public sealed record ControlledSum(string Field, Money? Stated, Money InLedger);

/// <summary>What one source says it holds of one kind, and what the ledger got.</summary>
/// <param name="Scope">What part of the source the extract is of; null = all of it, or no extract.</param>
/// <param name="Count">How many the source says there are; null where it does not say.</param>
/// <param name="Delivered">How many its extracts say they brought.</param>
/// <param name="InLedger">How many live records the ledger has of this source and kind.</param>
/// <param name="Pages">How many pages there are; null = one, or not said.</param>
public sealed record ControlTotal(
    string Source, string Kind, string? Scope, int? Count, int? Delivered, int InLedger, int? Pages, int PagesRead,
    Items<ControlledSum> Sums)
{
    internal IReadOnlyList<Stated<Extract>> Extracts { get; init; } = [];
}

/// <summary>Control totals: each source's own count and sums beside the ledger's.</summary>
internal static class Controls
{
    public static IReadOnlyList<ControlTotal> Of(Books books)
    {
        var held = books.World.Records.Values.Where(r => r.IsLive && !r.Kind.IsGovernance)
            .GroupBy(r => (r.Source, Kind: r.Kind.Name)).ToDictionary(g => g.Key, g => g.ToArray());
        var extracts = books.World.Live<Extract>(Kind.Extract).Where(x => x.State.Of is not null)
            .ToLookup(x => (x.Record.Source, Kind: x.State.Of!));
        var keys = held.Keys.Concat(extracts.Select(g => g.Key)).Distinct()
            .OrderBy(k => k.Source, StringComparer.Ordinal).ThenBy(k => k.Kind, StringComparer.Ordinal);
        return [.. keys.SelectMany(key =>
            Of(key, held.GetValueOrDefault(key) ?? [], PartsOf(held, key), [.. extracts[key]]))];
    }

    /// <summary>How many things of a name that is no kind of its own: a project's tasks.</summary>
    private static int PartsOf(
        Dictionary<(string Source, string Kind), SourceRecord[]> held, (string Source, string Kind) key) =>
        key.Kind == "task" && held.TryGetValue((key.Source, Kind.Project.Name), out var projects)
            ? projects.Sum(p => ((Project)p.Fold.State!).Tasks.Count)
            : 0;

    private static IEnumerable<ControlTotal> Of(
        (string Source, string Kind) key, SourceRecord[] records, int parts, Stated<Extract>[] extracts)
    {
        var (sums, held) = (Sums(records), records.Length + parts);
        if (extracts.Length == 0)
        {
            yield return new(key.Source, key.Kind, null, null, null, held, null, 0, Merge(sums, []));
            yield break;
        }

        // Pages of one pull share what they say of the whole. A page read again counts once, by its latest reading.
        var pulls = extracts.GroupBy(x => (x.State.Scope, x.State.Count, x.State.Pages))
            .OrderBy(g => g.Key.Scope, StringComparer.Ordinal).ThenBy(g => g.Key.Count).ThenBy(g => g.Key.Pages);
        foreach (var pull in pulls)
        {
            var pages = pull.GroupBy(x => x.State.Page ?? 1).Select(g => g.MaxBy(x => x.Record.Fold.Last))
                .OrderBy(x => x.State.Page ?? 1).ToArray();
            var delivered = pages.All(p => p.State.Delivered is not null) ? pages.Sum(p => p.State.Delivered) : null;
            var stated = pages.SelectMany(p => p.State.Sums).GroupBy(s => (s.Field, s.Currency))
                .Select(g => new ControlSum(g.Key.Field, g.Sum(s => s.Amount), g.Key.Currency)).ToItems();
            yield return new(
                key.Source, key.Kind, pull.Key.Scope, pull.Key.Count, delivered, held, pull.Key.Pages, pages.Length,
                Merge(sums, stated))
            {
                Extracts = pages,
            };
        }
    }

    private static Items<ControlledSum> Merge(
        IReadOnlyDictionary<(string Field, Currency Currency), decimal> sums, Items<ControlSum> stated) =>
        sums.Keys.Union(stated.Select(s => (s.Field, s.Currency)))
            .OrderBy(k => k.Field, StringComparer.Ordinal).ThenBy(k => k.Currency.Code, StringComparer.Ordinal)
            .Select(key => new ControlledSum(
                key.Field,
                stated.FirstOrDefault(s => (s.Field, s.Currency) == key) is { } said
                    ? new Money(said.Amount, said.Currency)
                    : null,
                new Money(sums.GetValueOrDefault(key), key.Currency))).ToItems();

    private static Dictionary<(string Field, Currency Currency), decimal> Sums(SourceRecord[] held)
    {
        var sums = new Dictionary<(string, Currency), decimal>();
        foreach (var record in held)
            foreach (var (field, amount, currency) in AmountsOf(record.Fold.State!))
                if (amount is { } value && currency is { } of)
                    sums[(field, of)] = sums.GetValueOrDefault((field, of)) + value;
        return sums;
    }

    private static (string Field, decimal? Amount, Currency? Currency)[] AmountsOf(RecordState state) => state switch
    {
        Invoice i =>
        [
            ("net", i.Sign * i.NetStated, i.Currency), ("gross", i.Sign * i.Totals?.Gross, i.Currency),
            ("payable", i.Sign * i.Totals?.Payable, i.Currency), ("open", i.Sign * i.Totals?.Open, i.Currency),
        ],
        Expense e => [("amount", e.Amount, e.Currency)],
        Posting p => [("net", p.Totals?.Net, p.Currency), ("gross", p.Totals?.Gross, p.Currency)],
        Payment p => [("amount", p.Amount, p.Currency)],
        _ => [],
    };
}
