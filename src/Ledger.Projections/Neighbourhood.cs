using Ledger.Domain;
using Ledger.Projections.Findings;
using Ledger.Projections.Identity;
using Ledger.Projections.Lineage;
using Ledger.Projections.Views;
using Npgsql;

namespace Ledger.Projections;

/// <summary>A business key as records of one kind and legal entity bear it.</summary>
/// <param name="LegalEntity">As <see cref="Firm.EntityOf"/> tells it; null = not known, and always for a hint.</param>
internal readonly record struct KindKey(string Kind, string? LegalEntity, string Scheme, string Value)
{
    public bool IsHint => Scheme.StartsWith('~');

    /// <summary>The keys by which others are found for a record.</summary>
    public static IEnumerable<KindKey> Of(SourceRecord record, Firm firm)
    {
        if (!BusinessKeys.Has(record.Kind)) return [];
        return Joining(record, firm)
            .Concat(BusinessKeys.HintsOf(record).Select(k => new KindKey(record.Kind.Name, null, k.Scheme, k.Value)));
    }

    /// <summary>Those of them by which a rule may join it.</summary>
    public static IEnumerable<KindKey> Joining(SourceRecord record, Firm firm)
    {
        var legalEntity = BusinessKeys.Has(record.Kind) ? EntityOf(record, firm) : null;
        return BusinessKeys.Of(record).Select(k => new KindKey(record.Kind.Name, legalEntity, k.Scheme, k.Value));
    }

    /// <summary>The legal entity within which a record's keys are unique; what a legal entity belongs to is itself.
    /// </summary>
    public static string? EntityOf(SourceRecord record, Firm firm) =>
        record.Kind == Domain.Kind.LegalEntity ? null : firm.EntityOf(record);
}

/// <summary>What of the views has to be looked at where some streams changed: a world small enough to hold, and large
/// enough that it says of its core what the whole world would.</summary>
/// <param name="schema">Of the view tables.</param>
/// <param name="firm">As it stands after the change.</param>
internal sealed class Neighbourhood(string schema, NpgsqlConnection connection, Firm firm)
{
    /// <summary>How many streams are asked for at a time.</summary>
    private const int PageStreams = 20_000;

    private readonly NeighbourSql sql = new(schema, connection);
    private readonly HashSet<string> walked = [];
    private readonly Dictionary<string, HashSet<string>> ways = [];
    private readonly Dictionary<string, HashSet<string>> sayers = [];
    private readonly List<SourceRecord[]> united = [];
    private readonly HashSet<SourceRecord[]> endless = [];
    private ILookup<string, SourceRecord> turns = Enumerable.Empty<SourceRecord>().ToLookup(r => r.Stream);
    private IReadOnlyList<Replacement> replaced = firm.Replaced;

    /// <summary>The streams whose entities are derived anew: all that ties, keys or successions reach from the roots.
    /// </summary>
    public HashSet<string> Core { get; } = [];

    /// <summary>The streams whose findings are told anew: the core, and what covers it or is covered by it.</summary>
    public HashSet<string> Told { get; } = [];

    /// <summary>The records of all that was looked at, with what is said of them.</summary>
    public Dictionary<string, SourceRecord> Records { get; } = [];

    public Dictionary<string, Poison> Poisoned { get; } = [];

    /// <summary>Links, successions and merges that name one of what was looked at.</summary>
    public Dictionary<string, LinkRows.Row> Links { get; } = [];

    /// <summary>Keys that more records bear than are looked at: they count for nothing.</summary>
    public HashSet<KindKey> Crowded { get; } = [];

    /// <summary>Walks from what changed.</summary>
    public async Task Gather(Touch touch, CancellationToken cancellationToken)
    {
        replaced = [.. firm.Replaced.Union(touch.Formerly)];
        foreach (var (stream, record) in touch.InHand) Records[stream] = record;
        var seeds = touch.Roots.Concat(await sql.Others(touch.ChangedKeys, touch.Roots, cancellationToken))
            .Concat(touch.Turned).ToHashSet();
        touch.Uncovered.UnionWith(await sql.Numbered(touch.UncoveredNumbers, cancellationToken));
        HashSet<string> alike = [];
        await Close(seeds, alike, cancellationToken);
        Core.UnionWith(walked);
        await Alike(alike, cancellationToken);
        Told.UnionWith(Core);
        if (touch.Spreads) await Spread(touch, cancellationToken);
        // What is told needs what it covers to be there, what covers it, and what takes that back again.
        await Close(await Targets(Told, anyRel: true, cancellationToken), null, cancellationToken);
        var sources = await Sources(Told, touch.LostNumbers, cancellationToken);
        await Sources(Together(sources), [], cancellationToken);
        var turned = await Sayings(
            [
                .. Core, .. Links.Values.Where(l => Core.Contains(l.A) || Core.Contains(l.B)).Select(l => l.Stream),
                .. sayers.Values.SelectMany(s => s),
            ],
            cancellationToken);
        Unite();
        endless.UnionWith(united.Where(
            u => u.Any(r => turned.GetValueOrDefault(r.Stream) == 1)
                || Identity.Turns.IsEndless(u.Sum(r => Math.Max(1, turned.GetValueOrDefault(r.Stream))))));
        turns = (await sql.Turns(
            [.. united.Except(endless).SelectMany(u => u.Select(r => r.Stream)).Where(turned.ContainsKey)],
            cancellationToken)).ToLookup(r => r.Stream);
    }

    /// <summary>Walks from some streams to all that is one with them, and to what others say over their owners' words.
    /// </summary>
    public async Task Gather(
        IReadOnlyCollection<string> streams, IReadOnlyCollection<(string Kind, string Number)> numbers,
        CancellationToken cancellationToken)
    {
        foreach (var page in streams.Chunk(PageStreams)) await Close(page, null, cancellationToken);
        await Close(await sql.Numbered(numbers, cancellationToken), null, cancellationToken);
        await Sayings([], cancellationToken);
    }

    /// <summary>What is told anew because what it covers, or what covers it, is another.</summary>
    private async Task Spread(Touch touch, CancellationToken cancellationToken)
    {
        HashSet<string> next = [.. touch.Uncovered, .. await Targets(Core, anyRel: false, cancellationToken)];
        if (touch.Appeared.Count > 0 || touch.Regroups)
        {
            next.UnionWith(await Sources(Core, touch.LostNumbers, cancellationToken));
            next.UnionWith(Links.Values.Where(l => Core.Contains(l.A) || Core.Contains(l.B)).Select(l => l.Stream));
            next.UnionWith(await sql.Overriding(Core, cancellationToken));
        }

        await Close(next, null, cancellationToken);
        next = Together(next);
        Told.UnionWith(next);
        // A credit changes what it credits, and with it what that bills.
        var further = await Targets(next, anyRel: false, cancellationToken);
        await Close(further, null, cancellationToken);
        Told.UnionWith(Together(further));
    }

    /// <summary>Those that share a hint, and the clients by whom documents are compared.</summary>
    private async Task Alike(HashSet<string> alike, CancellationToken cancellationToken)
    {
        if (alike.Count == 0) return;
        await Close(alike, null, cancellationToken);
        var numbers = new HashSet<(string Kind, string Number)>();
        var clients = new HashSet<string>();
        foreach (var stream in walked)
            if (Records.TryGetValue(stream, out var record) && BusinessKeys.Has(record.Kind))
                foreach (var edge in Edges.Of(record).Where(e => e.Rel == Rels.Client))
                    if (edge.ToStream is { } client) clients.Add(client);
                    else numbers.Add((edge.To.Kind, edge.To.Number!));
        clients.UnionWith(await sql.Numbered(numbers, cancellationToken));
        await Close(clients, null, cancellationToken);
    }

    /// <summary>Leaves in the core what hangs together with the first of its streams, by name, among these.</summary>
    public void KeepOnly(IReadOnlySet<string> streams)
    {
        var left = Core.ToHashSet();
        while (left.Count > 0)
        {
            var together = Together([left.First()]);
            together.IntersectWith(Core);
            left.ExceptWith(together);
            var first = together.Where(Records.ContainsKey).Min(StringComparer.Ordinal);
            if (first is null || !streams.Contains(first)) Core.ExceptWith(together);
        }

        Told.Clear();
        Told.UnionWith(Core);
    }

    /// <summary>By what ids the core went, from when to when.</summary>
    public IEnumerable<AliasRows.Row> Aliases(World world, Standing standing)
    {
        foreach (var records in united)
        {
            if (!Core.Contains(records[0].Stream)) continue;
            var crowded = Crowded.Count == 0
                ? Crowded
                : records.SelectMany(r => KindKey.Joining(r, firm)).Where(Crowded.Contains).ToHashSet();
            var names = new Names(turns, firm, standing.Day, crowded);
            foreach (var row in endless.Contains(records)
                ? Names.AsTheyStand(records, world.EntityOf)
                : names.Of(records, world.EntityOf)) yield return row;
        }
    }

    /// <summary>Puts together what of the core was ever one, followed by those who say so.</summary>
    private void Unite()
    {
        var links = Links.Values.SelectMany(l => new[] { (l.A, l.Stream), (l.B, l.Stream) })
            .Concat(sayers.SelectMany(s => s.Value.Select(sayer => (s.Key, sayer))))
            .ToLookup(l => l.Item1, l => l.Item2);
        var left = Core.Where(Records.ContainsKey).ToHashSet();
        foreach (var stream in Core)
        {
            if (!left.Contains(stream) || !ways.ContainsKey(stream)) continue;
            var together = Together([stream]);
            together.IntersectWith(Core);
            left.ExceptWith(together);
            var members = together.Select(Records.GetValueOrDefault).OfType<SourceRecord>().ToArray();
            if (members.Length > 1)
                united.Add(
                [
                    .. members, .. together.SelectMany(s => links[s]).Distinct().Where(s => !together.Contains(s))
                        .Select(Records.GetValueOrDefault).OfType<SourceRecord>(),
                ]);
        }
    }

    /// <summary>What was looked at, as a world.</summary>
    public World World(Standing standing, long position = 0) =>
        new(position, standing.Day, Records.Values, standing.Firm, Crowded);

    /// <summary>All that ties in force, keys that tie and successions reach from some streams.</summary>
    /// <param name="alike">Gets the streams that share a hint with any of them; null = nobody asks.</param>
    private async Task Close(
        IEnumerable<string> streams, HashSet<string>? alike, CancellationToken cancellationToken)
    {
        for (var frontier = streams.Where(walked.Add).ToArray(); frontier.Length > 0;)
        {
            var level = await sql.Level(
                frontier, [.. frontier.Where(s => !Records.ContainsKey(s))], ever: alike is not null,
                cancellationToken);
            foreach (var record in level.Records) Records.Add(record.Stream, record);
            foreach (var poison in level.Poisoned) Poisoned.TryAdd(poison.Stream, poison);
            var next = new HashSet<string>();
            foreach (var link in level.Links)
            {
                Links[link.Stream] = link;
                next.UnionWith([link.A, link.B]);
                Way(link.A, link.B);
            }

            foreach (var (key, holders) in level.Keys)
            {
                if (holders.Count > BusinessKey.HoldersMax) Crowded.Add(key);
                else if (key.IsHint) alike?.UnionWith(holders);
                else
                    foreach (var holder in holders)
                    {
                        next.Add(holder);
                        Way(holders[0], holder);
                    }
            }

            foreach (var stream in frontier)
                foreach (var other in Counterparts(stream))
                {
                    next.Add(other);
                    Way(stream, other);
                }

            Formerly(level, next);
            frontier = [.. next.Where(walked.Add)];
        }
    }

    /// <summary>What shared a key, or was said to be one or two, and is so no more.</summary>
    private void Formerly(Level level, HashSet<string> next)
    {
        foreach (var bearers in level.Borne.Values)
            if (bearers.Count <= NeighbourSql.BorneMax)
                foreach (var bearer in bearers)
                {
                    next.Add(bearer);
                    Way(bearers[0], bearer);
                }

        foreach (var (sayer, of) in level.Said)
            foreach (var one in of.Append(of[0]))
            {
                next.Add(one);
                Way(of[0], one);
                if (!sayers.TryGetValue(one, out var saying)) sayers.Add(one, saying = []);
                saying.Add(sayer);
            }
    }

    /// <summary>The same record at the systems that were replaced by its own, or replaced it.</summary>
    private IEnumerable<string> Counterparts(string stream)
    {
        if (replaced.Count == 0) yield break;
        if (!StreamName.TryParse(stream, out var kind, out var source, out var id)) yield break;
        foreach (var one in replaced)
            if (one.Old == source) yield return StreamName.Of(kind, one.New, id);
            else if (one.New == source) yield return StreamName.Of(kind, one.Old, id);
    }

    /// <summary>All that the walk went through from some streams, and that led to them.</summary>
    private HashSet<string> Together(HashSet<string> streams)
    {
        var reached = new HashSet<string>(streams);
        var open = new Stack<string>(streams);
        while (open.TryPop(out var stream))
            foreach (var other in ways.GetValueOrDefault(stream, []))
                if (reached.Add(other)) open.Push(other);
        return reached;
    }

    private void Way(string from, string to)
    {
        if (from == to) return;
        foreach (var (one, other) in new[] { (from, to), (to, from) })
        {
            if (!ways.TryGetValue(one, out var others)) ways.Add(one, others = []);
            others.Add(other);
        }
    }

    /// <summary>What some streams cover, by id and by number, as they say themselves.</summary>
    /// <param name="anyRel">Also what is no coverage, where it is said of money, identity or the client.</param>
    private async Task<HashSet<string>> Targets(
        HashSet<string> streams, bool anyRel, CancellationToken cancellationToken)
    {
        var numbers = new HashSet<(string Kind, string Number)>();
        var targets = new HashSet<string>();
        foreach (var stream in streams)
            if (Records.TryGetValue(stream, out var record) && (Coverages.States(record.Kind) || anyRel))
                foreach (var edge in Edges.Of(record))
                {
                    if (!CoverageRels.Touches(edge.Rel) && !(anyRel && Matters(record, edge.Rel))) continue;
                    targets.Add(edge.From);
                    if (edge.ToStream is { } to) targets.Add(to);
                    else numbers.Add((edge.To.Kind, edge.To.Number!));
                }

        targets.UnionWith(await sql.Numbered(numbers, cancellationToken));
        return targets;
    }

    // What is open is looked for among what is open of one client.
    private static bool Matters(SourceRecord record, string rel) => EntityFindings.Matters(rel)
        || (rel == Rels.Client && Coverables.Has(record.Kind));

    /// <summary>What covers some streams, by id or by a number of theirs, with all that bears such a number.</summary>
    /// <param name="lost">Numbers that some of them bear no more.</param>
    private async Task<HashSet<string>> Sources(
        HashSet<string> streams, IReadOnlyCollection<(string Kind, string Number)> lost,
        CancellationToken cancellationToken)
    {
        if (streams.Count == 0) return [];
        var sources = new HashSet<string>();
        var numbers = new HashSet<(string Kind, string Number)>();
        foreach (var edge in await sql.Covering(streams, lost, cancellationToken))
        {
            sources.UnionWith([edge.StatedBy, edge.From]);
            if (edge.ToNumber is { } number) numbers.Add((edge.ToKind, number));
        }

        // A number that another record bears too is no reference to either.
        await Close(await sql.Numbered(numbers, cancellationToken), null, cancellationToken);
        await Close(sources, null, cancellationToken);
        // What a coverage record says lies between two others.
        HashSet<string> between = [.. sources.Where(s => s.StartsWith("coverage/", StringComparison.Ordinal))];
        await Close(await Targets(between, anyRel: true, cancellationToken), null, cancellationToken);
        return sources;
    }

    /// <summary>The records that link what was looked at, or say another word over its owners'.</summary>
    /// <param name="turning">Streams of which it is asked how often they became others.</param>
    private async Task<Dictionary<string, int>> Sayings(
        IReadOnlyCollection<string> turning, CancellationToken cancellationToken)
    {
        var (sayings, turned) = await sql.Sayings(
            walked,
            [.. Links.Keys.Concat(sayers.Values.SelectMany(s => s)).Where(stream => !Records.ContainsKey(stream))],
            turning, cancellationToken);
        foreach (var record in sayings) Records.TryAdd(record.Stream, record);
        return turned;
    }
}

/// <summary>What changed, and has to be derived anew.</summary>
internal sealed class Touch
{
    /// <summary>Streams that changed, and those that ties named, before or after.</summary>
    public HashSet<string> Roots { get; } = [];

    /// <summary>Records that need not be read again.</summary>
    public Dictionary<string, SourceRecord> InHand { get; } = [];

    /// <summary>Keys that a record has got or lost.</summary>
    public HashSet<KindKey> ChangedKeys { get; } = [];

    /// <summary>What was covered and is so no more.</summary>
    public HashSet<string> Uncovered { get; } = [];

    public HashSet<(string Kind, string Number)> UncoveredNumbers { get; } = [];

    /// <summary>Streams that an override names, or that a day has come for.</summary>
    public List<string> Turned { get; } = [];

    /// <summary>Streams whose record came, went, or changed its number: what points at them has to be looked at again.
    /// </summary>
    public HashSet<string> Appeared { get; } = [];

    /// <summary>Numbers that they bore.</summary>
    public HashSet<(string Kind, string Number)> LostNumbers { get; } = [];

    /// <summary>Numbers that they bear.</summary>
    public HashSet<(string Kind, string Number)> GotNumbers { get; } = [];

    /// <summary>Whether records may belong together that did not, or no more: a number that several bear may mean one
    /// of them then, or none, and what is not there may have gone on as another.</summary>
    public bool Regroups { get; set; }

    /// <summary>Systems that were held to be replaced before: what was found through them may be so no more.</summary>
    public IReadOnlyList<Replacement> Formerly { get; init; } = [];

    /// <summary>Whether findings of what covers or is covered are told anew too.</summary>
    public bool Spreads { get; set; } = true;

    /// <summary>Takes the numbers of what may belong together otherwise for new ones.</summary>
    public void Regroup(IEnumerable<SourceRecord> core)
    {
        if (!Regroups) return;
        foreach (var record in core)
            if (record.Fold.State?.Number is { } number) GotNumbers.Add((record.Kind.Name, number));
    }

    /// <summary>Whether there is nothing to derive.</summary>
    public bool IsNothing => Roots.Count == 0 && Turned.Count == 0;

    /// <summary>Whether a number may find another record than before, or none.</summary>
    public bool Renumbers(string kind, string number) =>
        LostNumbers.Contains((kind, number)) || GotNumbers.Contains((kind, number));

    public void Uncover(Edge edge)
    {
        Uncovered.Add(edge.From);
        if (edge.ToStream is { } stream) Uncovered.Add(stream);
        else if (edge.To.Number is { } number) UncoveredNumbers.Add((edge.To.Kind, number));
    }
}
