using System.Collections;
using Ledger.Domain;
using Ledger.Projections.Identity;
using NodaTime;

namespace Ledger.Projections;

/// <summary>Streams of one kind that are the same thing.</summary>
/// <param name="Id">The stream that came into the ledger first.</param>
/// <param name="Members">By position, the first first.</param>
public sealed record Entity(string Id, Kind Kind, Items<SourceRecord> Members)
{
    /// <summary>The ties that hold it together, in the order they were applied.</summary>
    public Items<Tie> Ties { get; init; } = Items<Tie>.None;

    /// <summary>Members that their sources have and that do not count: gone on as others, or not begun.</summary>
    public Items<string> Succeeded { get; init; } = Items<string>.None;

    /// <summary>For each member, in their order, the position since which it belongs to the entity of this id; empty
    /// where there is one member.</summary>
    public Items<long> Since { get; init; } = Items<long>.None;

    /// <summary>Whether any source still has it.</summary>
    public bool IsLive => Members.Any(Counts);

    /// <summary>Whether a member's word counts: its source has it, and it has not gone on as another.</summary>
    public bool Counts(SourceRecord member) => member.IsLive && !Succeeded.Contains(member.Stream);

    /// <summary>Position since which a member belongs to the entity of this id.</summary>
    public long SinceOf(int member) => Since.Count == 0 ? Members[member].Fold.Opened : Since[member];
}

/// <summary>Records put together into entities.</summary>
/// <param name="Entities">In the order they came into the ledger.</param>
/// <param name="Refused">Ties that would put two live records of one source into one entity: proposals for a person,
/// never a silent merge.</param>
public sealed record Grouping(IReadOnlyList<Entity> Entities, IReadOnlyList<Tie> Refused);

/// <summary>One field of an entity and whose word it is.</summary>
/// <param name="Name">As in the state's JSON.</param>
/// <param name="Value">What counts: the owner's word, or the override's.</param>
/// <param name="By">Whose word it is; where it is overridden, whose it would be, or the override's own record where
/// nobody else says anything.</param>
/// <param name="Position">Position of the event that asserts it.</param>
/// <param name="OwnerAbsent">Whether the owning role has no live record, so that the next in order speaks.</param>
/// <param name="Override">What a person put over it; null = nothing.</param>
public sealed record EntityField(
    string Name, object Value, SourceRecord By, long Position, bool OwnerAbsent, FieldOverride? Override = null);

/// <summary>A person's word over the owner's.</summary>
/// <param name="Stream">Of the override.</param>
/// <param name="Position">Position of the event that states it.</param>
/// <param name="Was">What the owners say now; null = nothing.</param>
/// <param name="Changed">Whether that is no longer what was overridden.</param>
public sealed record FieldOverride(string Stream, long Position, object? Was, bool Changed);

/// <summary>An entity with each field from its owner.</summary>
public sealed record ComposedEntity(Entity Entity, IReadOnlyList<EntityField> Fields)
{
    /// <summary>The legal entity it belongs to, as <see cref="Firm.EntityOf"/> tells it.</summary>
    public string? LegalEntity { get; init; }

    /// <summary>A field's value; null where nobody states it.</summary>
    public T? Value<T>(string field) => Field(field) is { Value: T value } ? value : default;

    /// <summary>A field; null where nobody states it.</summary>
    public EntityField? Field(string name) => Fields.FirstOrDefault(f => f.Name == name);
}

/// <summary>How what sources say becomes entities: pure.</summary>
public static class Entities
{
    /// <inheritdoc cref="Ties.Of"/>
    public static Tie? TieOf(SourceRecord record) => Ties.Of(record);

    /// <summary>Puts records together by ties, what was said first before what was said later and ruled ones last,
    /// whatever the order they are given or came in. A tie to a record that is not there, or of another kind, waits. An
    /// entity has at most one live record of a source: a tie that would break this is refused, and the records stay
    /// apart.</summary>
    public static Grouping Group(IEnumerable<SourceRecord> records, IEnumerable<Tie> ties) =>
        Grouper.Group(records.ToDictionary(r => r.Stream), ties, Standings.None, Apart.None, Standings.None.Counts);

    /// <summary>Each field from the first record that counts, in the owner's order (of two systems of one role the
    /// first by name), that states it; an empty list states nothing. Where no record counts any more, from those there
    /// were. A person's override goes before all.</summary>
    /// <param name="day">On which ownership and overrides are judged.</param>
    /// <param name="overrides">Those in force for it, the one that counts last.</param>
    public static ComposedEntity Compose(
        Entity entity, Firm firm, LocalDate day, IReadOnlyList<SourceRecord>? overrides = null) =>
        new Composing(entity, firm, day).Whole(overrides ?? []);
}

/// <summary>One entity on its way to its fields.</summary>
internal sealed class Composing
{
    private readonly Entity entity;
    private readonly Firm firm;
    private readonly LocalDate day;
    private readonly SourceRecord[] speakers;
    private readonly Items<Role>[] roles;
    private readonly string? legalEntity;
    private Items<Role>? order;
    private SourceRecord[] ordered;
    private bool ownerAbsent;

    public Composing(Entity entity, Firm firm, LocalDate day)
    {
        (this.entity, this.firm, this.day) = (entity, firm, day);
        speakers = [.. entity.Members.Where(entity.Counts)];
        if (speakers.Length == 0) speakers = [.. entity.Members.Where(m => m.Fold.State is not null)];
        ordered = speakers;
        roles = Array.ConvertAll(speakers, s => firm.RolesOf(s.Source));
        legalEntity = LegalEntity();
    }

    /// <summary>The roles whose word counts for a field of the entity, best first.</summary>
    public Items<Role> OrderOf(string field) => firm.OrderOf(entity.Kind, field, legalEntity, day);

    public ComposedEntity Whole(IReadOnlyList<SourceRecord> overrides)
    {
        if (speakers.Length == 0) return new(entity, []);
        var fields = new List<EntityField>(entity.Kind.Fields.Count);
        foreach (var field in entity.Kind.Fields)
        {
            var spoken = Spoken(field);
            if (overrides.Count > 0) spoken = Overridden(field, spoken, overrides);
            if (spoken is not null) fields.Add(spoken);
        }

        return new(entity, fields) { LegalEntity = legalEntity };
    }

    private EntityField? Spoken(StateField field)
    {
        Order(field.Name);
        foreach (var speaker in ordered)
        {
            var value = field.Read(speaker.Fold.State!);
            if (value is null || IsEmptyList(value)) continue;
            return new(field.Name, value, speaker, speaker.Asserted(field.Name), ownerAbsent);
        }

        return null;
    }

    private static EntityField? Overridden(
        StateField field, EntityField? spoken, IReadOnlyList<SourceRecord> overrides)
    {
        for (var i = overrides.Count - 1; i >= 0; i--)
        {
            var by = overrides[i];
            var said = (TruthOverride)by.Fold.State!;
            if (said.Field != field.Name || said.Value?.As(field.Type) is not { } value) continue;
            var position = Overrides.PositionOf(by);
            var changed = said.Overrode?.As(field.Type) is { } was
                ? !Equals(was, spoken?.Value)
                : spoken?.Position > position;
            return new(
                field.Name, value, spoken?.By ?? by, spoken?.Position ?? position, spoken?.OwnerAbsent ?? false,
                new(by.Stream, position, spoken?.Value, changed));
        }

        return spoken;
    }

    /// <summary>Whose record says to which legal entity it belongs: the owner's before the others'.</summary>
    private string? LegalEntity()
    {
        if (speakers.Length == 0) return null;
        if (speakers.Length == 1) return firm.EntityOf(speakers[0]);
        var wanted = firm.OrderOf(entity.Kind, "entity", null, day);
        return Ranked(wanted).Select(firm.EntityOf).FirstOrDefault(e => e is not null);
    }

    private void Order(string field)
    {
        var wanted = OrderOf(field);
        if (ReferenceEquals(wanted, order)) return;
        order = wanted;
        if (speakers.Length > 1) ordered = [.. Ranked(wanted)];
        ownerAbsent = firm.HasOwner(entity.Kind) && !Array.Exists(roles, r => r.Contains(wanted[0]));
    }

    private IEnumerable<SourceRecord> Ranked(Items<Role> wanted) => speakers
        .Select((s, i) => (s, Rank: Ownership.Rank(wanted, roles[i])))
        .OrderBy(x => x.Rank).ThenBy(x => x.s.Stream, StringComparer.Ordinal).Select(x => x.s);

    private static bool IsEmptyList(object value) =>
        value is not string and IEnumerable list && !list.GetEnumerator().MoveNext();
}
