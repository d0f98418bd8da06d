using System.Text.Json;
using Ledger.Domain;

namespace Ledger.Projections.Views;

/// <summary>Each thing once: one row an entity, and which entity each stream belongs to.</summary>
internal static class EntityRows
{
    private static readonly byte[] NoTies = "[]"u8.ToArray();

    public static readonly Table<Row> Table = new(
        "entity", ["id"],
        Column.Text<Row>("id", r => r.Entity.Id),
        Column.Text<Row>("kind", r => r.Entity.Kind.Name),
        Column.Flag<Row>("live", r => r.Entity.IsLive),
        Column.Whole<Row>("opened_position", r => r.Entity.Members[0].Fold.Opened),
        Column.Whole<Row>("changed_position", r => r.Entity.Members.Max(m => m.Fold.Last)),
        Column.Whole<Row>("paused_at", r => r.PausedAt),
        Column.Texts<Row>("members", r => [.. r.Entity.Members.Select(m => m.Stream)]),
        Column.Texts<Row>("sources", r => [.. r.Entity.Members.Select(m => m.Source)]),
        Column.Json<Row>("fields", r => r.Fields),
        Column.Text<Row>("legal_entity", r => r.LegalEntity),
        Column.Amount<Row>("amount", r => r.Money?.Amount),
        Column.Text<Row>("currency", r => r.Money?.Currency?.Code),
        Column.Json<Row>("ties", r => r.Ties),
        Column.Texts<Row>("succeeded", r => r.Entity.Succeeded));

    public static readonly Table<Member> Members = new(
        "entity_member", ["stream"],
        Column.Text<Member>("stream", r => r.Stream),
        Column.Text<Member>("entity", r => r.Entity),
        Column.Whole<Member>("since", r => r.Since));

    /// <param name="pausedAt">Position of the first event of a member that could not be folded.</param>
    public static Row Of(ComposedEntity composed, long? pausedAt) => new(
        composed.Entity, pausedAt, RowJson.Of(composed.Fields, Write), composed.LegalEntity, EntityMoney.Of(composed),
        composed.Entity.Ties.Count == 0 ? NoTies : RowJson.Of(composed.Entity.Ties, Write));

    public static IEnumerable<Member> MembersOf(Entity entity) => entity.Members.Count == 1
        ? [new(entity.Id, entity.Id, null)]
        : entity.Members.Select((m, place) => new Member(
            m.Stream, entity.Id, m.Stream == entity.Id ? null : entity.SinceOf(place)));

    private static void Write(Utf8JsonWriter writer, IReadOnlyList<EntityField> fields)
    {
        writer.WriteStartObject();
        foreach (var field in fields)
        {
            writer.WriteStartObject(field.Name);
            Write(writer, "value", field.Value);
            writer.WriteString("source", field.By.Source);
            writer.WriteString("stream", field.By.Stream);
            writer.WriteNumber("position", field.Position);
            if (field.OwnerAbsent) writer.WriteBoolean("ownerAbsent", true);
            if (field.Override is { } by)
            {
                writer.WriteStartObject("override");
                writer.WriteString("stream", by.Stream);
                writer.WriteNumber("position", by.Position);
                if (by.Was is { } was) Write(writer, "was", was);
                if (by.Changed) writer.WriteBoolean("changed", true);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, Items<Tie> ties)
    {
        writer.WriteStartArray();
        foreach (var tie in ties)
        {
            writer.WriteStartObject();
            writer.WriteString("stream", tie.Stream);
            writer.WriteString("a", tie.A);
            writer.WriteString("b", tie.B);
            writer.WriteNumber("position", tie.Position);
            writer.WriteString("basis", LinkRows.Named(tie.Basis));
            if (tie.Key is { } key) writer.WriteString("key", key);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, string name, object value)
    {
        writer.WritePropertyName(name);
        JsonSerializer.Serialize(writer, value, LedgerJson.States.GetTypeInfo(value.GetType()));
    }

    internal sealed record Row(
        Entity Entity, long? PausedAt, byte[] Fields, string? LegalEntity, EntityMoney? Money, byte[] Ties);

    internal sealed record Member(string Stream, string Entity, long? Since);
}
