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
    /// <summary>Pages of which nobody has said that they are complete; empty = the extract is.</summary>
    public Items<int> PagesMissing { get; init; } = Items<int>.None;

    internal IReadOnlyList<Stated<Extract>> Extracts { get; init; } = [];

    /// <summary>Records the ledger has and a complete extract of all the source should have had, and has not.</summary>
    internal IReadOnlyList<SourceRecord> Absent { get; init; } = [];

    /// <summary>How many such there are where the extract does not name what it lists, and so not which.</summary>
    internal int AbsentUnnamed { get; init; }

    /// <summary>Ids the extract lists of records that the ledger never got.</summary>
    internal IReadOnlyList<string> Unknown { get; init; } = [];

    /// <summary>How many the ledger has of what the extract counted: live ones, and those deleted after it.</summary>
    internal int Present { get; init; }
}

/// <summary>Control totals: each source's own count and sums beside the ledger's.</summary>
internal static class Controls
{
    private const int MissingMax = 100;

    public static IReadOnlyList<ControlTotal> Of(Books books)
    {
        var held = books.World.Records.Values.Where(r => r.Fold.State is not null && !r.Kind.IsGovernance)
            .GroupBy(r => (r.Source, Kind: r.Kind.Name)).ToDictionary(g => g.Key, g => g.ToArray());
        var extracts = books.World.Live<Extract>(Kind.Extract).Where(x => x.State.Of is not null)
            .ToLookup(x => (x.Record.Source, Kind: x.State.Of!));
        var keys = held.Keys.Concat(extracts.Select(g => g.Key)).Distinct()
            .OrderBy(k => k.Source, StringComparer.Ordinal).ThenBy(k => k.Kind, StringComparer.Ordinal);
        return [.. keys.SelectMany(key =>
            Of(key, held.GetValueOrDefault(key) ?? [], PartsOf(held, key), [.. extracts[key]]))];
    }

    /// <summary>With all hours and costs there are, where books hold only some: of a system and kind that states an
    /// extract they hold all.</summary>
    public static IReadOnlyList<ControlTotal> With(
        IReadOnlyList<ControlTotal> controls, IReadOnlyDictionary<WorkOf, WorkCount> counts)
    {
        var extracted = controls.Where(c => c.Extracts.Count > 0).Select(c => (c.Source, c.Kind)).ToHashSet();
        var counted = counts.GroupBy(c => (c.Key.Source, c.Key.Kind)).Where(c => !extracted.Contains(c.Key))
            .ToDictionary(c => c.Key, c => c.ToArray());
        return
        [
            .. controls.Where(c => !counted.ContainsKey((c.Source, c.Kind)))
                .Concat(counted.Where(c => c.Value.Any(of => of.Value.Live > 0)).Select(c => new ControlTotal(
                    c.Key.Source, c.Key.Kind, null, null, null, c.Value.Sum(of => of.Value.Live), null, 0,
                    Merge(SumsOf(c.Value), []))))
                .OrderBy(c => c.Source, StringComparer.Ordinal).ThenBy(c => c.Kind, StringComparer.Ordinal),
        ];
    }

    private static Dictionary<(string Field, Currency Currency), decimal> SumsOf(
        KeyValuePair<WorkOf, WorkCount>[] counts) => counts.Where(c => c.Value.Priced > 0)
        .ToDictionary(c => ("amount", c.Key.Currency!.Value), c => c.Value.Amount);

    /// <summary>How many things of a name that is no kind of its own: a project's tasks.</summary>
    private static int PartsOf(
        Dictionary<(string Source, string Kind), SourceRecord[]> held, (string Source, string Kind) key) =>
        key.Kind == "task" && held.TryGetValue((key.Source, Kind.Project.Name), out var projects)
            ? projects.Where(p => p.IsLive).Sum(p => ((Project)p.Fold.State!).Tasks.Count)
            : 0;

    private static IEnumerable<ControlTotal> Of(
        (string Source, string Kind) key, SourceRecord[] records, int parts, Stated<Extract>[] extracts)
    {
        SourceRecord[] live = [.. records.Where(r => r.IsLive)];
        var (sums, held) = (Sums(live), live.Length + parts);
        if (extracts.Length == 0)
        {
            if (held == 0) yield break;
            yield return new(key.Source, key.Kind, null, null, null, held, null, 0, Merge(sums, []));
            yield break;
        }

        // Pages of one pull share what they say of the whole. A page read again counts once, by its latest reading.
        var pulls = extracts.SelectMany(x => x.State.Read.Select(page => new PageRead(x, page)))
            .GroupBy(p => (p.Extract.State.Scope, p.Extract.State.Count, p.Extract.State.Pages))
            .OrderBy(g => g.Key.Scope, StringComparer.Ordinal).ThenBy(g => g.Key.Count).ThenBy(g => g.Key.Pages)
            .Select(pull => pull.GroupBy(p => p.Page.Page).Select(g => g.MaxBy(p => p.Said, SourceOrders.Earlier)!)
                .OrderBy(p => p.Page.Page).ToArray()).ToArray();
        // Of several whole extracts only the latest says what the source has now.
        var latest = pulls.Where(p => p[0].Extract.State.Scope is null && Missing(p).Count == 0)
            .MaxBy(pages => pages.Select(p => p.Said).Max(SourceOrders.Earlier), SourceOrders.Earlier);
        foreach (var pages in pulls)
        {
            var whole = pages[0].Extract.State;
            var delivered = pages.All(p => p.Page.Delivered is not null) ? pages.Sum(p => p.Page.Delivered) : null;
            var stated = pages.SelectMany(p => p.Page.Sums).GroupBy(s => (s.Field, s.Currency))
                .Select(g => new ControlSum(g.Key.Field, g.Sum(s => s.Amount), g.Key.Currency)).ToItems();
            var total = new ControlTotal(
                key.Source, key.Kind, whole.Scope, whole.Count, delivered, held, whole.Pages, pages.Length,
                Merge(sums, stated))
            {
                Extracts = [.. pages.Select(p => p.Extract).DistinctBy(x => x.Record.Stream)],
                PagesMissing = Missing(pages),
                Present = Counted(records, pages).Count() + parts,
            };
            yield return WithAbsences(total, records, pages, isLatest: pages == latest);
        }
    }

    /// <summary>Absence says something only of a complete extract, and what is not listed only of the latest one of all
    /// the source.</summary>
    private static ControlTotal WithAbsences(
        ControlTotal total, SourceRecord[] records, PageRead[] pages, bool isLatest)
    {
        // What came into the ledger after the extract need not be in it.
        SourceRecord[] expected = [.. Counted(records, pages).Where(r => r.Fold.Opened < At(pages))];
        if (total.PagesMissing.Count > 0)
            return total;
        if (pages.Any(p => p.Page.Records is null))
            return isLatest && total.Count is { } count && expected.Length > count && total.Kind != "task"
                ? total with { AbsentUnnamed = expected.Length - count }
                : total;
        var listed = pages.SelectMany(p => p.Page.Records!).ToHashSet(StringComparer.Ordinal);
        var known = records.Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
        return total with
        {
            Absent = isLatest
                ? [.. expected.Where(r => !listed.Contains(r.Id)).OrderBy(r => r.Stream, StringComparer.Ordinal)]
                : [],
            Unknown = total.Kind == "task"
                ? []
                : [.. listed.Where(id => !known.Contains(id)).Order(StringComparer.Ordinal)],
        };
    }

    /// <summary>Records an extract could have counted: live, or deleted only after it.</summary>
    private static IEnumerable<SourceRecord> Counted(SourceRecord[] records, PageRead[] pages) =>
        records.Where(r => r.Fold.DeletedBy is not { } deleted || deleted > At(pages));

    /// <summary>The first of them, where it is a long list.</summary>
    private static Items<int> Missing(PageRead[] pages)
    {
        var (read, missing) = (pages.Select(p => p.Page.Page).ToHashSet(), new List<int>());
        for (var page = 1; page <= (pages[0].Extract.State.Pages ?? 1) && missing.Count < MissingMax; page++)
            if (!read.Contains(page)) missing.Add(page);
        return missing.ToItems();
    }

    /// <summary>The position at which all that is known of it had been said.</summary>
    private static long At(PageRead[] pages) => pages.Max(p => p.Extract.Record.Fold.Last);

    private sealed record PageRead(Stated<Extract> Extract, ExtractPage Page)
    {
        public SourceOrder? Said => Extract.Record.Fold.Order;
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
