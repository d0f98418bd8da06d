using Ledger.Domain;
using Ledger.Projections.Identity;
using NodaTime;

namespace Ledger.Projections;

/// <summary>One source's record, as its events fold.</summary>
public sealed record SourceRecord(string Stream, Kind Kind, string Source, string Id, Folded Fold)
{
    /// <summary>Whether its source has it: begun, and not deleted.</summary>
    public bool IsLive => Fold.State is not null && Fold.DeletedBy is null;

    /// <summary>Position of the event that last changed one of these fields; the first one known counts, else the
    /// event that began the record.</summary>
    public long Asserted(params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
            if (Fold.Asserted.TryGetValue(field, out var position)) return position;
        return Fold.First;
    }

    /// <summary>Positions of the events that last changed each of these fields; where none is known, of the one that
    /// began the record.</summary>
    public IEnumerable<long> ChangesOf(params string[] fields) =>
        fields.Where(Fold.Asserted.ContainsKey).Select(f => Fold.Asserted[f]).DefaultIfEmpty(Fold.First);

    /// <summary>Position of the last event that changed any of these fields, or began the record.</summary>
    public long Changed(params ReadOnlySpan<string> fields)
    {
        var last = Fold.First;
        foreach (var field in fields)
            if (Fold.Asserted.TryGetValue(field, out var position)) last = Math.Max(last, position);
        return last;
    }
}

/// <summary>A record with its state in hand.</summary>
public readonly record struct Stated<TState>(SourceRecord Record, TState State)
    where TState : RecordState;

/// <summary>Everything the sources had said, on a day: what entities, lineage, findings and drift are pure functions
/// of. Whatever set of records it is given, it says of them what it would say with everything else beside, as long as
/// what ties reach from them is among them. It works out what it is asked for, once. Safe for any number of callers.
/// </summary>
public sealed partial class World
{
    private readonly Dictionary<string, SourceRecord> records;
    private readonly IReadOnlySet<KindKey>? crowded;
    private readonly List<SourceRecord> governing = [];
    private readonly List<SourceRecord> overrides = [];
    private readonly Lazy<Firm> firm;
    private readonly Lazy<Identified> identified;
    private readonly Lazy<Dictionary<string, Entity>> entityByStream;
    private readonly Lazy<Dictionary<(string Kind, string Number), Bearers>> byNumber;
    private readonly Lazy<ILookup<string, SourceRecord>> overridesByEntity;
    private readonly Lazy<ILookup<string, string>> movedTo, movedFrom;

    /// <param name="position">The last position it knows.</param>
    /// <param name="day">On which ownership, overrides and successions are judged: the ledger's day at that position,
    /// or the day asked for.</param>
    /// <param name="all">One record a stream, in any order.</param>
    /// <param name="firm">What the firm is, where that is known already; null = what these records say of it.</param>
    public World(long position, LocalDate day, IEnumerable<SourceRecord> all, Firm? firm = null)
        : this(position, day, all, firm, null)
    {
    }

    /// <param name="crowded">Keys that more records bear than are given.</param>
    internal World(
        long position, LocalDate day, IEnumerable<SourceRecord> all, Firm? firm, IReadOnlySet<KindKey>? crowded)
    {
        (Position, Day, this.crowded) = (position, day, crowded);
        records = all.TryGetNonEnumeratedCount(out var count) ? new(count) : [];
        foreach (var record in all) Take(record);
        this.firm = new(() => firm ?? new(records.Values));
        identified = new(() => Identified.Of(records, governing, Firm, Firm.Replaced, Day, crowded));
        entityByStream = new(() =>
        {
            var byStream = new Dictionary<string, Entity>(records.Count);
            foreach (var entity in identified.Value.Grouping.Entities)
                foreach (var member in entity.Members) byStream.Add(member.Stream, entity);
            return byStream;
        });
        byNumber = new(() => Bearers.Among(records.Values));
        overridesByEntity = new(() => overrides
            .Select(o => (Record: o, Of: Resolve(Overrides.Of(o)!.Of!, o.Source))).Where(o => o.Of is not null)
            .OrderBy(o => o.Record.Fold.Order, SourceOrders.Earlier)
            .ThenBy(o => o.Record.Stream, StringComparer.Ordinal)
            .ToLookup(o => EntityOf(o.Of!.Stream).Id, o => o.Record));
        movedTo = new(() => Moves().ToLookup(s => s.Old, s => s.New));
        movedFrom = new(() => Moves().ToLookup(s => s.New, s => s.Old));
    }

    /// <summary>The same firm without some of its records, none of which says what the firm is.</summary>
    internal World Without(IReadOnlySet<string> streams) =>
        new(Position, Day, records.Values.Where(r => !streams.Contains(r.Stream)), Firm, crowded);

    public long Position { get; }

    /// <summary>The day on which ownership, overrides and successions are judged.</summary>
    public LocalDate Day { get; }

    /// <summary>Every record by its stream.</summary>
    public IReadOnlyDictionary<string, SourceRecord> Records => records;

    /// <summary>What the firm says of itself.</summary>
    public Firm Firm => firm.Value;

    /// <summary>The records of a kind that count, by name: live, and not gone on as others.</summary>
    public IEnumerable<Stated<TState>> Live<TState>(Kind kind)
        where TState : RecordState =>
        records.Values.Where(r => r.Kind == kind && Counts(r))
            .OrderBy(r => r.Stream, StringComparer.Ordinal).Select(r => new Stated<TState>(r, (TState)r.Fold.State!));

    /// <summary>Whether a record's word counts: its source has it, and it has not gone on as another that is there.
    /// </summary>
    public bool Counts(SourceRecord record) => identified.Value.Standings.Counts(record);

    /// <summary>The entities of a kind, in the order they came into the ledger.</summary>
    public IEnumerable<Entity> Entities(Kind kind) => AllEntities.Where(e => e.Kind == kind);

    /// <summary>Every entity, in the order they came into the ledger.</summary>
    public IReadOnlyList<Entity> AllEntities => identified.Value.Grouping.Entities;

    /// <summary>Every tie between records at hand: stated, by succession, ruled; those refused among them.</summary>
    public IReadOnlyList<Tie> Ties => identified.Value.Ties;

    /// <summary>Links that would put two live records of one source into one entity, and so do not count.</summary>
    public IReadOnlyList<Tie> Refused => identified.Value.Grouping.Refused;

    public Entity EntityOf(string stream) => entityByStream.Value[stream];

    /// <summary>The record a reference points at, or what it went on as where only that is there; null while it dangles
    /// or its number is not unique: live records of several entities bear it, or more of one system than
    /// <see cref="BusinessKey.HoldersMax"/>, and not exactly one of the system that says it.</summary>
    public SourceRecord? Resolve(Ref reference, string statedBy) =>
        reference.Stream(statedBy) is { } stream ? Resolve(stream) : ByNumber(reference, statedBy);

    /// <summary>The same of an edge's target.</summary>
    internal SourceRecord? Resolve(Lineage.Edge edge, string statedBy) =>
        edge.ToStream is { } stream ? Resolve(stream) : ByNumber(edge.To, statedBy);

    private SourceRecord? Resolve(string stream) => records.GetValueOrDefault(stream) ?? Moved(stream);

    private SourceRecord? ByNumber(Ref reference, string statedBy) =>
        byNumber.Value.GetValueOrDefault((reference.Kind, reference.Number!))
            ?.Find(reference.Source, statedBy, r => EntityOf(r.Stream).Id);

    /// <summary>The roles a system was registered with; unregistered, the role its name begins with
    /// (<c>erp-uk</c> is an ERP), else none.</summary>
    public Items<Role> RolesOf(string source) => Firm.RolesOf(source);

    /// <summary>An entity with each field from its owner, or from the person who put something over it.</summary>
    public ComposedEntity Compose(Entity entity) => Projections.Entities.Compose(
        entity, Firm, Day,
        overrides.Count == 0 ? [] : [.. OverridesOf(entity).Where(o => Overrides.IsInForce(o, Day))]);

    /// <summary>Place of a record among those of its entity, by whose word counts for its lines, or for it as a whole.
    /// </summary>
    internal int RankOf(Entity entity, SourceRecord member) => Ownership.Rank(
        Firm.Assigns(entity.Kind) ? new Composing(entity, Firm, Day).OrderOf("lines")
            : Ownership.Order(entity.Kind, "lines"),
        RolesOf(member.Source));

    /// <summary>The overrides that stand for an entity, in force or expired, the latest last.</summary>
    public IEnumerable<SourceRecord> OverridesOf(Entity entity) =>
        overrides.Count == 0 ? [] : overridesByEntity.Value[entity.Id];

    private void Take(SourceRecord record)
    {
        records.Add(record.Stream, record);
        if (record.Kind == Kind.Identity || record.Kind == Kind.Succession
            || record.Fold.State is Client { MergedInto: not null }) governing.Add(record);
        else if (record.Kind == Kind.Override && Overrides.Of(record) is not null) overrides.Add(record);
    }

    /// <summary>Successions, the last said first.</summary>
    private IEnumerable<Succeeding> Moves() => governing.Select(Succeeding.Of).OfType<Succeeding>()
        .OrderByDescending(s => s.Said, SourceOrders.Earlier).ThenBy(s => s.Stream, StringComparer.Ordinal);

    /// <summary>What a record that is not there went on as, or came from: as far as successions lead to one that is
    /// there.</summary>
    private SourceRecord? Moved(string stream)
    {
        if (governing.Count == 0 && Firm.Replaced.Count == 0) return null;
        return Along(stream, Next) ?? Along(stream, Before);

        IEnumerable<string> Next(string at) =>
            movedTo.Value[at].Concat(Firm.Replaced.SelectMany(r => Swapped(at, r.Old, r.New)));

        IEnumerable<string> Before(string at) =>
            movedFrom.Value[at].Concat(Firm.Replaced.SelectMany(r => Swapped(at, r.New, r.Old)));
    }

    private SourceRecord? Along(string stream, Func<string, IEnumerable<string>> steps)
    {
        var seen = new HashSet<string> { stream };
        var ahead = new Queue<string>(seen);
        while (ahead.TryDequeue(out var at))
            foreach (var step in steps(at))
            {
                if (!seen.Add(step)) continue;
                if (records.TryGetValue(step, out var there)) return there;
                ahead.Enqueue(step);
            }

        return null;
    }

    private static IEnumerable<string> Swapped(string stream, string from, string to) =>
        StreamName.TryParse(stream, out var kind, out var source, out var id) && source == from
            && kind != Kind.Source.Name
            ? [StreamName.Of(kind, to, id)]
            : [];
}

