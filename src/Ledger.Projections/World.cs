using System.Collections.Frozen;
using Ledger.Domain;

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
}

/// <summary>A record with its state in hand.</summary>
public readonly record struct Stated<TState>(SourceRecord Record, TState State)
    where TState : RecordState;

/// <summary>Everything the sources had said as of a position: what lineage and drift are pure functions of.</summary>
public sealed class World
{
    private readonly FrozenDictionary<string, SourceRecord> records;
    private readonly IReadOnlyList<Entity> entities;
    private readonly FrozenDictionary<string, Entity> entityByStream;
    private readonly ILookup<(string Kind, string Number), SourceRecord> byNumber;
    private readonly SourceRoles roles;

    /// <param name="position">The last position it knows.</param>
    /// <param name="all">One record a stream, in any order.</param>
    public World(long position, IEnumerable<SourceRecord> all)
    {
        Position = position;
        records = all.ToFrozenDictionary(r => r.Stream);
        var grouping = Projections.Entities.Group(
            records.Values, records.Values.Select(Projections.Entities.TieOf).OfType<Tie>());
        entities = grouping.Entities;
        Refused = grouping.Refused;
        entityByStream = entities.SelectMany(e => e.Members.Select(m => (m.Stream, e)))
            .ToFrozenDictionary(x => x.Stream, x => x.e);
        byNumber = records.Values.Where(r => r.IsLive && r.Fold.State!.Number is not null)
            .ToLookup(r => (r.Kind.Name, r.Fold.State!.Number!));
        roles = new(records.Values);
    }

    public long Position { get; }

    /// <summary>Every record by its stream.</summary>
    public IReadOnlyDictionary<string, SourceRecord> Records => records;

    /// <summary>The live records of a kind, in the order they came into the ledger.</summary>
    public IEnumerable<Stated<TState>> Live<TState>(Kind kind)
        where TState : RecordState =>
        records.Values.Where(r => r.Kind == kind && r.IsLive).OrderBy(r => r.Fold.First)
            .Select(r => new Stated<TState>(r, (TState)r.Fold.State!));

    /// <summary>The entities of a kind, in the order they came into the ledger.</summary>
    public IEnumerable<Entity> Entities(Kind kind) => entities.Where(e => e.Kind == kind);

    /// <summary>Links that would put two live records of one source into one entity, and so do not count.</summary>
    public IReadOnlyList<Tie> Refused { get; }

    public Entity EntityOf(string stream) => entityByStream[stream];

    /// <summary>The record a reference points at; null while it dangles or its number is not unique.</summary>
    public SourceRecord? Resolve(Ref reference, string statedBy)
    {
        if (reference.Stream(statedBy) is { } stream) return records.GetValueOrDefault(stream);
        var numbered = byNumber[(reference.Kind, reference.Number!)]
            .Where(r => reference.Source is null || r.Source == reference.Source).ToArray();
        if (numbered.Length == 0) return null;
        return numbered.Select(r => EntityOf(r.Stream).Id).Distinct().Count() == 1
            ? numbered.MinBy(r => r.Fold.First)
            : numbered.SingleOrDefaultIfMany(r => r.Source == statedBy);
    }

    /// <summary>The roles a system was registered with; unregistered, the role its name begins with
    /// (<c>erp-uk</c> is an ERP), else none.</summary>
    public Items<Role> RolesOf(string source) => roles.Of(source);

    /// <summary>An entity with each field from its owner.</summary>
    public ComposedEntity Compose(Entity entity) => Projections.Entities.Compose(entity, RolesOf);
}

internal static class Sequences
{
    /// <summary>The one that fits; null where none or several do.</summary>
    public static T? SingleOrDefaultIfMany<T>(this IEnumerable<T> items, Func<T, bool> fits)
        where T : class
    {
        T? found = null;
        foreach (var item in items.Where(fits))
        {
            if (found is not null) return null;
            found = item;
        }

        return found;
    }
}
