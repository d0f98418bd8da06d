using Ledger.Domain;
using Ledger.Projections.Views;
using Ledger.Store;
using NodaTime;
using Npgsql;

namespace Ledger.Projections.Drift;

/// <summary>A comparison of everything with what it takes to go on from it: books in memory, and of the hours and costs
/// beside them what differs.</summary>
/// <param name="At">Where the views stood.</param>
/// <param name="Books">What documents, payments and postings hang on.</param>
/// <param name="Targets">What hours and costs point at.</param>
/// <param name="Drift">What was found in the books.</param>
/// <param name="Aside">What was found of hours and costs, and how many there are.</param>
internal sealed record DriftKept(
    Checkpoint At, World Books, TargetNames Targets, BooksDrift Drift, WorkAside Aside)
{
    /// <summary>How many entities are explained at a time.</summary>
    private const int PageEntities = 1_000;

    /// <summary>So many events, or hours that may mean something else: it is sooner done from the beginning.</summary>
    private const int ChangesMax = 100_000;

    /// <summary>Of more than so many it is sooner counted anew than found out what they were.</summary>
    private const int CountedMax = 5_000;

    private DriftReport? report;
    private World? shown;

    public DriftReport Report => report ??= DriftRun.Report(Drift, At.Position, Aside);

    /// <summary>The books, and the hours and costs that findings name.</summary>
    public World Shown => shown ??= new(
        At.Position, At.Day,
        Books.Records.Values.Concat(Aside.Findings.SelectMany(f => f.Members)).DistinctBy(r => r.Stream), Books.Firm);

    /// <summary>What is agreed.</summary>
    public Policy Policy => Drift.Books.Policy;

    /// <summary>The legal entity of a record that the report is about; null = not known.</summary>
    public string? LegalEntityOf(string stream) => Books.Records.TryGetValue(stream, out var about)
        ? Books.Firm.EntityOf(about)
        : Aside.Findings.LegalEntityOf(stream);

    /// <summary>From the beginning.</summary>
    public static async Task<DriftKept> Whole(
        NpgsqlConnection connection, Checkpoint at, CancellationToken cancellationToken)
    {
        await DriftSql.AtLength(connection, cancellationToken);
        var books = await BooksWorld.Load(connection, at, cancellationToken);
        var (targets, sum) = (TargetNames.Of(books), await DriftSql.Summed(connection, cancellationToken));
        var found = await Explain(
            connection, at, books, await Candidates(connection, books, targets, sum, cancellationToken),
            cancellationToken);
        return Compared(at, books, targets, new(sum.Latest, sum.Counts, WorkFindings.Of(found, null)));
    }

    /// <summary>From here on: what was said since is looked at, and what it reaches. Where the views changed and
    /// nothing was said, a program folded what another could not.</summary>
    public async Task<DriftKept> Since(
        NpgsqlConnection connection, EventStore store, Checkpoint at, CancellationToken cancellationToken)
    {
        if (at.FoldVersion != At.FoldVersion || at.Position <= At.Position || at.Position - At.Position > ChangesMax)
            return await Whole(connection, at, cancellationToken);
        await DriftSql.Briefly(connection, cancellationToken);
        var (seen, streams) = await DriftSql.Said(connection, At.Position, at.Position, cancellationToken);
        var told = await DriftSql.Touched(
            connection, [.. seen.Values.Where(w => w.IsTold).Select(w => w.Stream)], At.Position, cancellationToken);
        var change = new Change(
            [.. streams.Where(WorkRows.Has)], [.. streams.Where(s => !WorkRows.Has(s))], seen, told);
        var reach = await Reach(connection, change, cancellationToken);
        var next = this with { At = at, report = null, shown = null };
        // What was odd, or told differently, may be so no more.
        HashSet<string> touched =
        [
            .. reach.Work, .. change.Work.Where(Books.Records.ContainsKey),
            .. Aside.Findings.SelectMany(f => f.Streams).Where(change.Work.Contains),
        ];
        var stale = await Stale(connection, reach, change, touched, cancellationToken);
        if (stale.Count > 0)
        {
            if (await next.Refreshed(connection, stale, touched, cancellationToken) is not { } refreshed)
                return await Whole(connection, at, cancellationToken);
            next = refreshed;
        }
        else if (at.Day != At.Day)
            next = next with { Books = new(at.Position, at.Day, Books.Records.Values, Books.Firm) };

        // Whose word comes first, what may be late and what words mean may change with the day.
        if (!ReferenceEquals(next.Books.Firm, Books.Firm))
            touched.UnionWith(Aside.Findings.SelectMany(f => f.Streams));
        next = next with { Aside = await Counted(connection, store, change, cancellationToken) };
        var isAgreedAnew = at.Day != At.Day || change.Others.Exists(IsOfAgreement)
            || !IsSameOrder(next.Books)
            || (!ReferenceEquals(next.Books.Firm, Books.Firm)
                && next.Books.Firm.ChangeSince(Books.Firm, At.Day, at.Day).All);
        // Who has to have it depends on whose project it is for.
        touched.UnionWith(await DriftSql.Pointing(connection, Moved(change, next.Books), cancellationToken));
        isAgreedAnew |= touched.Count > ChangesMax;
        next = isAgreedAnew
            ? next with { Aside = await next.LookedAtAll(connection, cancellationToken) }
            : next with { Aside = await next.Looked(connection, change, touched, cancellationToken) };
        return ReferenceEquals(next.Books, Books) && next.Aside.Latest == Aside.Latest
            ? next
            : Compared(at, next.Books, next.Targets, next.Aside);
    }

    private static DriftKept Compared(Checkpoint at, World books, TargetNames targets, WorkAside aside)
    {
        var drift = DriftRun.Of(books, aside);
        return new(at, books, targets, drift, aside with { Findings = aside.Findings.By(drift.Books.Policy) });
    }

    /// <summary>What was said since.</summary>
    /// <param name="Work">The streams of hours and costs.</param>
    /// <param name="Others">The streams of everything else.</param>
    /// <param name="Seen">What is known of those hours and costs that are to be looked at.</param>
    /// <param name="Told">Those of which more was said than the values they are compared by.</param>
    private sealed record Change(
        HashSet<string> Work, List<string> Others, Dictionary<string, SeenWork> Seen, List<TouchedWork> Told)
    {
        /// <summary>Whether one begun, went or came back: what it is one with may be so no more.</summary>
        public bool Turns(TouchedWork work) => work.Turned || Seen[work.Stream].IsTurned;
    }

    /// <summary>What a change leads to beside the streams that changed.</summary>
    /// <param name="Work">Hours and costs that may be one with others now.</param>
    /// <param name="Told">What changed of the books, and what links of anything but hours and costs name.</param>
    private sealed record Reached(HashSet<string> Work, HashSet<string> Told);

    private async Task<Reached> Reach(
        NpgsqlConnection connection, Change change, CancellationToken cancellationToken)
    {
        string[] links = [.. change.Others.Where(s => IsOf(s, Kind.Identity))];
        var ties = change.Others.Where(s => IsOf(s, Kind.Identity) || IsOf(s, Kind.Succession)).ToArray();
        var ends = await DriftSql.Ends(connection, ties, cancellationToken);
        string[] turned =
        [
            .. change.Told.Where(w => w.IsNew || change.Turns(w)).Select(w => w.Stream),
            .. ends.Where(WorkRows.Has),
        ];
        var reached = await DriftSql.Reached(
            connection, [.. turned.Concat(turned.SelectMany(Books.Firm.CounterpartsOf))], cancellationToken);
        var told = change.Others.Where(s => !IsOf(s, Kind.DriftCase) && !IsOf(s, Kind.Exception)
            && !IsOf(s, Kind.Identity)).ToHashSet();
        // A link between hours that nothing hangs on is no matter of the books.
        if (links.Length > 0 && ends.Exists(s => !WorkRows.Has(s) || Books.Records.ContainsKey(s)))
            told.UnionWith(links.Concat(ends));
        return new([.. reached.Where(WorkRows.Has)], told);
    }

    /// <summary>Streams by which the books are no more what they were, or are not whole.</summary>
    private async Task<HashSet<string>> Stale(
        NpgsqlConnection connection, Reached reach, Change change, HashSet<string> touched,
        CancellationToken cancellationToken)
    {
        var extracted = BooksWorld.Extracted(Books.Records.Values);
        HashSet<string> stale =
        [
            .. reach.Told, .. touched.Where(Books.Records.ContainsKey),
            .. change.Seen.Values.Where(w => w.IsOdd).Select(w => w.Stream),
            .. extracted.Count == 0 ? [] : change.Work.Where(IsExtracted),
        ];
        var promised = BooksWorld.Promised(Books.Firm).Select(k => k.Name).ToHashSet();
        string[] pointing = [.. change.Told.Where(w => w.Points || w.IsNew).Select(w => w.Stream)];
        if (promised.Count == 0 || pointing.Length == 0) return stale;
        foreach (var (stream, target) in await DriftSql.PointedAtBy(connection, pointing, cancellationToken))
            if (promised.Contains(StreamName.KindOf(target))
                && BooksWorld.IsMissing(Books.Records.GetValueOrDefault(target))) stale.Add(stream);
        return stale;

        bool IsExtracted(string stream) =>
            extracted.Contains((StreamName.KindOf(stream), StreamName.SourceOf(stream)));
    }

    /// <summary>With books brought up to date; null where too much means something else than before.</summary>
    /// <param name="touched">Gets the hours and costs that may mean something else by what they point at.</param>
    private async Task<DriftKept?> Refreshed(
        NpgsqlConnection connection, HashSet<string> stale, HashSet<string> touched,
        CancellationToken cancellationToken)
    {
        var firm = Books.Firm;
        if (stale.Any(IsOfFirm))
            firm = (await new ViewSql(Checkpoint.Views).Standing(connection, At.Day, cancellationToken)).Firm;
        if (!firm.Replaced.SequenceEqual(Books.Firm.Replaced)) return null;
        var books = await BooksWorld.Since(connection, At, Books, stale, firm, cancellationToken);
        var targets = TargetNames.Of(books);
        var pointing = await DriftSql.Pointing(connection, targets.ChangedSince(Targets), cancellationToken);
        if (pointing.Count > ChangesMax) return null;
        touched.UnionWith(pointing);
        touched.UnionWith(await DriftSql.Odd(connection, cancellationToken));
        return this with { Books = books, Targets = targets };
    }

    /// <summary>What was found of hours and costs, after some were looked at again.</summary>
    private async Task<WorkAside> Looked(
        NpgsqlConnection connection, Change change, HashSet<string> touched, CancellationToken cancellationToken)
    {
        await DriftSql.See(
            connection, [.. touched.Where(s => !change.Seen.ContainsKey(s))], change.Seen, cancellationToken);
        HashSet<string> differing =
        [
            .. change.Seen.Values.Where(w => w.Differs || (w.Points is { } points && !Targets.AreOne(points)))
                .Select(w => w.Entity),
        ];
        touched.UnionWith(change.Work);
        differing.UnionWith(await Lacking(connection, Books.Firm, touched, cancellationToken));
        var found = await Explain(connection, At, Books, differing, cancellationToken);
        return Aside with { Findings = Aside.Findings.With(found, touched) };
    }

    /// <summary>What was found of hours and costs, after all of them were looked at again.</summary>
    private async Task<WorkAside> LookedAtAll(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await DriftSql.AtLength(connection, cancellationToken);
        var sum = await DriftSql.Summed(connection, cancellationToken);
        var candidates = await Candidates(connection, Books, Targets, sum, cancellationToken);
        var found = await Explain(connection, At, Books, candidates, cancellationToken);
        return Aside with { Findings = WorkFindings.Of(found, Policy) };
    }

    /// <summary>Hours and costs of which anything may have to be said.</summary>
    private static async Task<HashSet<string>> Candidates(
        NpgsqlConnection connection, World books, TargetNames targets, WorkSum sum, CancellationToken cancellationToken)
    {
        var differing = await DriftSql.Differing(
            connection, [.. sum.Points.Where(p => !targets.AreOne(p))], cancellationToken);
        return [.. differing, .. await Lacking(connection, books.Firm, null, cancellationToken)];
    }

    /// <summary>Hours and costs that are not at systems of every role which promise them.</summary>
    private static async Task<List<string>> Lacking(
        NpgsqlConnection connection, Firm firm, IReadOnlyCollection<string>? among,
        CancellationToken cancellationToken)
    {
        var lacking = new List<string>();
        foreach (var kind in new[] { Kind.Time, Kind.Expense })
            lacking.AddRange(await DriftSql.Lacking(
                connection, kind, CopyDrift.Expecting(firm, kind), among, cancellationToken));
        return lacking;
    }

    /// <summary>How many there are now: those of which something else is counted are taken out as they were, and put in
    /// as they are.</summary>
    private async Task<WorkAside> Counted(
        NpgsqlConnection connection, EventStore store, Change change, CancellationToken cancellationToken)
    {
        TouchedWork[] again = [.. change.Told.Where(w => w.IsNew || w.Moves || change.Turns(w))];
        if (again.Length == 0) return Aside;
        string[] known = [.. again.Where(w => !w.IsNew).Select(w => w.Stream)];
        var (counts, latest) = (Aside.Counts.ToDictionary(), again.Select(w => w.Day).Append(Aside.Latest).Max());
        foreach (var work in again) counts[work.Of] = counts.GetValueOrDefault(work.Of) + work.Count;
        // Whether another is of the latest day, when one of them is no more.
        var isKnown = known.Length <= CountedMax;
        if (isKnown)
            await foreach (var (_, state) in Folding.Whole(store, known, At.Position, null, cancellationToken))
            {
                if (state.Record is not { } was) continue;
                counts[WorkRows.CountOf(was).Of] -= WorkRows.CountOf(was).Count;
                isKnown &= WorkRows.DayOf(was) != latest || Array.Exists(again, w => w.Day == latest);
            }

        if (isKnown) return Aside with { Latest = latest, Counts = counts };
        await DriftSql.AtLength(connection, cancellationToken);
        var sum = await DriftSql.Summed(connection, cancellationToken);
        return Aside with { Latest = sum.Latest, Counts = sum.Counts };
    }

    /// <summary>What systems say differently of these hours and costs.</summary>
    private static async Task<List<WorkFinding>> Explain(
        NpgsqlConnection connection, Checkpoint at, World books, IReadOnlyCollection<string> entities,
        CancellationToken cancellationToken)
    {
        // With what systems promise, and which of them were replaced.
        var (firm, agreed) = (books.Firm, books.Records.Values
            .Where(r => IsOfAgreement(r.Stream) || (r.Kind == Kind.Succession && Firm.Concerns(r))).ToArray());
        var standing = new Standing(at.Day, firm, Standing.Nothing.Records);
        var found = new List<WorkFinding>();
        foreach (var page in entities.Chunk(PageEntities))
        {
            var (own, streams, numbers) = await DriftSql.Compared(connection, page, cancellationToken);
            var around = new Neighbourhood(Checkpoint.Views, connection, firm);
            await around.Gather(streams, numbers, cancellationToken);
            foreach (var record in agreed) around.Records.TryAdd(record.Stream, record);
            found.AddRange(DriftRun.OfWork(around.World(standing, at.Position), own));
        }

        return found;
    }

    /// <summary>Projects that came, went, or are of another legal entity now, by every name that work may use for them.
    /// </summary>
    private List<string> Moved(Change change, World books) =>
    [
        .. change.Others.Where(s => IsOf(s, Kind.Project) && Of(s, books) != Of(s, Books))
            .SelectMany(s => books.Records.ContainsKey(s) ? books.EntityOf(s).Members.Select(m => m.Stream) : [s])
            .Distinct(),
    ];

    private static (bool IsLive, string? LegalEntity) Of(string stream, World books) =>
        books.Records.TryGetValue(stream, out var record) ? (record.IsLive, books.Firm.EntityOf(record)) : default;

    private bool IsSameOrder(World books) => new[] { Kind.Time, Kind.Expense }.All(kind =>
        kind.Fields.Select(f => f.Name).Append("").All(field => books.Firm.OrderOf(kind, field, null, books.Day)
            .SequenceEqual(Books.Firm.OrderOf(kind, field, null, Books.Day))));

    /// <summary>Whether it says what systems promise, how late they may be, what their words mean.</summary>
    private static bool IsOfAgreement(string stream) =>
        IsOf(stream, Kind.Source) || IsOf(stream, Kind.Lag) || IsOf(stream, Kind.StatusMap);

    private static bool IsOfFirm(string stream) => IsOf(stream, Kind.Source) || IsOf(stream, Kind.LegalEntity)
        || IsOf(stream, Kind.Period) || IsOf(stream, Kind.Ownership) || IsOf(stream, Kind.Succession)
        || IsOf(stream, Kind.Identity);

    private static bool IsOf(string stream, Kind kind) =>
        stream.Length > kind.Name.Length && stream[kind.Name.Length] == '/'
        && stream.StartsWith(kind.Name, StringComparison.Ordinal);
}
