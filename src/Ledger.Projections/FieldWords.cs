using System.Text.Json;
using Ledger.Domain;

namespace Ledger.Projections;

/// <summary>One record's word on a field.</summary>
/// <param name="Value">Null = it says nothing.</param>
/// <param name="Position">Of the event that asserts it; null = it says nothing.</param>
/// <param name="Counts">Whether it is the entity's value.</param>
/// <param name="Why">Why it counts, or does not, for a person to read.</param>
public sealed record MemberWord(string Stream, string Source, object? Value, long? Position, bool Counts, string Why);

/// <summary>Who says what of one field of an entity: each member, and who put a value over theirs.</summary>
public sealed record FieldWords(string Field, IReadOnlyList<MemberWord> Words)
{
    /// <summary>Of every field that anybody says anything of.</summary>
    public static IReadOnlyList<FieldWords> Of(World world, Entity entity)
    {
        var composed = world.Compose(entity);
        return
        [
            .. from field in entity.Kind.Fields
               let counts = composed.Field(field.Name)
               where counts is not null
               select new FieldWords(field.Name, [.. Said(world, composed, field, counts)]),
        ];
    }

    private static IEnumerable<MemberWord> Said(
        World world, ComposedEntity composed, StateField field, EntityField counts)
    {
        if (counts.Override is { } over)
            yield return new(
                over.Stream, StreamName.SourceOf(over.Stream), counts.Value, over.Position, true,
                "A person put it over what the owner says" + (over.Changed ? ", who says something else since." : "."));
        foreach (var member in composed.Entity.Members.ToArray())
        {
            var value = member.Fold.State is { } state ? field.Read(state) : null;
            var isSaid = counts.By == member && (counts.Override is null || counts.Override.Was is not null);
            yield return new(
                member.Stream, member.Source, value, value is null ? null : member.Asserted(field.Name),
                isSaid && counts.Override is null, Why(world, composed, counts, member, value, isSaid));
        }
    }

    private static string Why(
        World world, ComposedEntity composed, EntityField counts, SourceRecord member, object? value, bool isSaid)
    {
        var entity = composed.Entity;
        if (!isSaid)
            return value is null ? "It says nothing of it."
                : !member.IsLive ? "It was deleted at its source."
                : !entity.Counts(member) ? "It went on as another record."
                : $"It comes after {counts.By.Source}.";
        if (counts.Override is not null) return "It would count, had a person not put another value over it.";
        if (!entity.Counts(member)) return "No system has it any more; this is what was said last.";
        var order = world.Firm.OrderOf(entity.Kind, counts.Name, composed.LegalEntity, world.Day);
        if (!world.Firm.HasOwner(entity.Kind)) return "Nobody owns it; it is the first by name.";
        if (counts.OwnerAbsent) return $"The owner, {Name(order[0])}, has no record; it comes next.";
        return world.RolesOf(member.Source).Contains(order[0])
            ? $"It is the owner, {Name(order[0])}."
            : $"The owner, {Name(order[0])}, says nothing of it; it comes next.";
    }

    private static string Name(Role role) => JsonNamingPolicy.SnakeCaseLower.ConvertName(role.ToString());
}
