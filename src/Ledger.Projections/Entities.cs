using System.Collections;
using Ledger.Domain;

namespace Ledger.Projections;

/// <summary>Streams of one kind that are stated to be the same thing.</summary>
/// <param name="Id">The stream that came into the ledger first.</param>
/// <param name="Members">By position, the first first.</param>
public sealed record Entity(string Id, Kind Kind, Items<SourceRecord> Members)
{
    /// <summary>Whether any source still has it.</summary>
    public bool IsLive => Members.Any(m => m.IsLive);
}

/// <summary>A stated link in force.</summary>
/// <param name="Stream">The identity stream that states it.</param>
/// <param name="Position">Position of the event that last changed what it says.</param>
public sealed record Tie(string Stream, string A, string B, long Position);

/// <summary>Records put together into entities.</summary>
/// <param name="Entities">In the order they came into the ledger.</param>
/// <param name="Refused">Ties that would put two live records of one source into one entity: proposals for a person,
/// never a silent merge.</param>
public sealed record Grouping(IReadOnlyList<Entity> Entities, IReadOnlyList<Tie> Refused);

/// <summary>One field of an entity and whose word it is.</summary>
/// <param name="Name">As in the state's JSON.</param>
/// <param name="Position">Position of the event that asserts it.</param>
/// <param name="OwnerAbsent">Whether the owning role has no live record, so that the next in order speaks.</param>
public sealed record EntityField(string Name, object Value, SourceRecord By, long Position, bool OwnerAbsent);

/// <summary>An entity with each field from its owner.</summary>
public sealed record ComposedEntity(Entity Entity, IReadOnlyList<EntityField> Fields)
{
    /// <summary>A field's value; null where nobody states it.</summary>
    public T? Value<T>(string field) =>
        Fields.FirstOrDefault(f => f.Name == field) is { Value: T value } ? value : default;
}

/// <summary>How what sources say becomes entities: pure.</summary>
public static class Entities
{
    /// <summary>The tie a record states; null where it is no link in force between two records told by id, of one
    /// kind.</summary>
    public static Tie? TieOf(SourceRecord record)
    {
        if (record.Kind != Kind.Identity || !record.IsLive) return null;
        var link = (IdentityLink)record.Fold.State!;
        if (!link.Linked || link.A is null || link.B is null || link.A.Kind != link.B.Kind) return null;
        if (link.A.Stream(record.Source) is not { } a || link.B.Stream(record.Source) is not { } b) return null;
        var position = Math.Max(record.Asserted("linked"), Math.Max(record.Asserted("a"), record.Asserted("b")));
        return new(record.Stream, a, b, position);
    }

    /// <summary>Puts records together by ties, the earlier tie first, whatever the order they are given in. A tie to a
    /// record that is not there, or of another kind, waits. An entity has at most one live record of a source: a tie
    /// that would break this is refused, and the records stay apart.</summary>
    public static Grouping Group(IEnumerable<SourceRecord> records, IEnumerable<Tie> ties)
    {
        var groups = new Dictionary<string, List<SourceRecord>>();
        foreach (var record in records) groups.Add(record.Stream, [record]);
        List<Tie> refused = [];
        foreach (var tie in ties.OrderBy(t => t.Position).ThenBy(t => t.Stream, StringComparer.Ordinal))
        {
            if (!groups.TryGetValue(tie.A, out var a) || !groups.TryGetValue(tie.B, out var b)) continue;
            if (ReferenceEquals(a, b) || a[0].Kind != b[0].Kind) continue;
            if (LiveSources(a).Intersect(LiveSources(b)).Any())
            {
                refused.Add(tie);
                continue;
            }

            a.AddRange(b);
            foreach (var moved in b) groups[moved.Stream] = a;
        }

        var entities = groups.Values.Distinct<List<SourceRecord>>(ReferenceEqualityComparer.Instance).Select(Entity)
            .OrderBy(e => e.Members[0].Fold.Opened).ToArray();
        return new(entities, refused);
    }

    /// <summary>Each field from the first live record, in the owner's order, that states it; an empty list states
    /// nothing. Where no record is live any more, from those there were.</summary>
    /// <param name="rolesOf">The roles a system plays.</param>
    public static ComposedEntity Compose(Entity entity, Func<string, Items<Role>> rolesOf)
    {
        var speakers = entity.Members.Where(m => m.IsLive).ToArray();
        if (speakers.Length == 0) speakers = [.. entity.Members.Where(m => m.Fold.State is not null)];
        if (speakers.Length == 0) return new(entity, []);
        var roles = Array.ConvertAll(speakers, s => rolesOf(s.Source));
        var fields = new List<EntityField>(entity.Kind.Fields.Count);
        (Items<Role>? order, SourceRecord[] ordered, bool ownerAbsent) = (null, speakers, false);
        foreach (var field in entity.Kind.Fields)
        {
            if (Ownership.Order(entity.Kind, field.Name) is var wanted && !ReferenceEquals(wanted, order))
            {
                order = wanted;
                ordered = [.. speakers.Select((s, i) => (s, Rank: Ownership.Rank(wanted, roles[i])))
                    .OrderBy(x => x.Rank).ThenBy(x => x.s.Fold.Opened).Select(x => x.s)];
                ownerAbsent = Ownership.HasOwner(entity.Kind) && !Array.Exists(roles, r => r.Contains(wanted[0]));
            }

            foreach (var speaker in ordered)
            {
                var value = field.Read(speaker.Fold.State!);
                if (value is null || IsEmptyList(value)) continue;
                fields.Add(new(field.Name, value, speaker, speaker.Asserted(field.Name), ownerAbsent));
                break;
            }
        }

        return new(entity, fields);
    }

    private static bool IsEmptyList(object value) =>
        value is not string and IEnumerable list && !list.GetEnumerator().MoveNext();

    private static IEnumerable<string> LiveSources(List<SourceRecord> members) =>
        members.Where(m => m.IsLive).Select(m => m.Source);

    private static Entity Entity(List<SourceRecord> members)
    {
        var ordered = members.OrderBy(m => m.Fold.Opened).ThenBy(m => m.Stream, StringComparer.Ordinal).ToItems();
        return new(ordered[0].Stream, ordered[0].Kind, ordered);
    }
}
