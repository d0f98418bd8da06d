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

/// <summary>Streams of one kind that are stated to be the same thing.</summary>
/// <param name="Id">The stream that came into the ledger first.</param>
/// <param name="Members">By position, the first first.</param>
public sealed record Entity(string Id, Kind Kind, Items<SourceRecord> Members);

/// <summary>Everything the sources had said as of a position: what lineage and drift are pure functions of.</summary>
public sealed class World
{
    private readonly FrozenDictionary<string, SourceRecord> records;
    private readonly FrozenDictionary<string, Entity> entityByStream;
    private readonly ILookup<(string Kind, string Number), SourceRecord> byNumber;
    private readonly FrozenDictionary<string, Items<Role>> roles;

    /// <param name="position">The last position it knows.</param>
    /// <param name="all">One record a stream, in any order.</param>
    public World(long position, IEnumerable<SourceRecord> all)
    {
        Position = position;
        records = all.ToFrozenDictionary(r => r.Stream);
        entityByStream = Components.Of(records.Values, Links(records.Values));
        byNumber = records.Values.Where(r => r.IsLive && r.Fold.State!.Number is not null)
            .ToLookup(r => (r.Kind.Name, r.Fold.State!.Number!));
        roles = records.Values.Where(r => r.Kind == Kind.Source && r.Fold.State is Source)
            .ToFrozenDictionary(r => r.Id, r => ((Source)r.Fold.State!).Roles);
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
    public IEnumerable<Entity> Entities(Kind kind) => entityByStream.Values.Where(e => e.Kind == kind).Distinct()
        .OrderBy(e => e.Members[0].Fold.First);

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
    public Items<Role> RolesOf(string source)
    {
        if (roles.TryGetValue(source, out var registered)) return registered;
        return Enum.TryParse<Role>(source.Split('-')[0], ignoreCase: true, out var role) ? [role] : Items<Role>.None;
    }

    /// <summary>Stated links in force, as pairs of streams.</summary>
    private static IEnumerable<(string A, string B)> Links(IEnumerable<SourceRecord> all) =>
        from record in all
        where record.Kind == Kind.Identity && record.IsLive
        let link = (IdentityLink)record.Fold.State!
        where link.Linked && link.A!.Kind == link.B!.Kind
        let a = link.A!.Stream(record.Source)
        let b = link.B!.Stream(record.Source)
        where a is not null && b is not null
        select (a, b);
}

/// <summary>Connected components of stated links.</summary>
internal static class Components
{
    public static FrozenDictionary<string, Entity> Of(
        IEnumerable<SourceRecord> records, IEnumerable<(string A, string B)> links)
    {
        var known = records.ToDictionary(r => r.Stream);
        var parent = known.Keys.ToDictionary(stream => stream);
        foreach (var (a, b) in links)
            if (known.ContainsKey(a) && known.ContainsKey(b)) parent[Root(parent, a)] = Root(parent, b);
        var entities = new Dictionary<string, Entity>();
        foreach (var component in known.Values.GroupBy(r => Root(parent, r.Stream)))
        {
            var members = component.OrderBy(r => r.Fold.First).ThenBy(r => r.Stream, StringComparer.Ordinal).ToItems();
            var entity = new Entity(members[0].Stream, members[0].Kind, members);
            foreach (var member in members) entities[member.Stream] = entity;
        }

        return entities.ToFrozenDictionary();
    }

    private static string Root(Dictionary<string, string> parent, string stream)
    {
        while (parent[stream] != stream) stream = parent[stream] = parent[parent[stream]];
        return stream;
    }
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
