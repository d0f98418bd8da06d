using System.Buffers;
using System.Text.Json;
using Ledger.Domain;

namespace Ledger.Projections.Views;

/// <summary>Each thing once: one row an entity, and which entity each stream belongs to.</summary>
internal static class EntityRows
{
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
        Column.Json<Row>("fields", r => r.Fields));

    public static readonly Table<Member> Members = new(
        "entity_member", ["stream"],
        Column.Text<Member>("stream", r => r.Stream),
        Column.Text<Member>("entity", r => r.Entity));

    /// <param name="pausedAt">Position of the first event of a member that could not be folded.</param>
    public static Row Of(ComposedEntity composed, long? pausedAt) =>
        new(composed.Entity, pausedAt, Json(composed.Fields));

    public static IEnumerable<Member> MembersOf(Entity entity) =>
        entity.Members.Select(m => new Member(m.Stream, entity.Id));

    private static byte[] Json(IReadOnlyList<EntityField> fields)
    {
        var json = new ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(json, new() { Encoder = LedgerJson.Options.Encoder });
        writer.WriteStartObject();
        foreach (var field in fields)
        {
            writer.WriteStartObject(field.Name);
            writer.WritePropertyName("value");
            JsonSerializer.Serialize(writer, field.Value, LedgerJson.Options.GetTypeInfo(field.Value.GetType()));
            writer.WriteString("source", field.By.Source);
            writer.WriteString("stream", field.By.Stream);
            writer.WriteNumber("position", field.Position);
            if (field.OwnerAbsent) writer.WriteBoolean("ownerAbsent", true);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.Flush();
        return json.WrittenSpan.ToArray();
    }

    internal sealed record Row(Entity Entity, long? PausedAt, byte[] Fields);

    internal sealed record Member(string Stream, string Entity);
}
