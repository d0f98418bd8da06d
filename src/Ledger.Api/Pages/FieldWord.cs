using System.Collections;
using System.Text.Json;
using Ledger.Domain;
using Ledger.Projections;

namespace Ledger.Api.Pages;

/// <summary>What one record says of one field.</summary>
/// <param name="Position">Of the event that asserts it.</param>
public sealed record FieldWord(string Field, JsonElement Value, SourceRecord By, long Position)
{
    /// <summary>Whether another says the same.</summary>
    public bool Agrees(FieldWord? other) => other is not null && Value.GetRawText() == other.Value.GetRawText();

    /// <summary>All that a record says; nothing where no event has begun it.</summary>
    public static IEnumerable<FieldWord> Of(SourceRecord record) =>
        record.Fold.State is not { } state
            ? []
            : from field in record.Kind.Fields
              let value = field.Read(state)
              where value is not null && !IsEmpty(value)
              select new FieldWord(field.Name, Json(value), record, record.Asserted(field.Name));

    public static FieldWord Of(EntityField field) => new(field.Name, Json(field.Value), field.By, field.Position);

    public static JsonElement Json(object value) =>
        JsonSerializer.SerializeToElement(value, LedgerJson.Options.GetTypeInfo(value.GetType()));

    private static bool IsEmpty(object value) =>
        value is not string and IEnumerable list && !list.GetEnumerator().MoveNext();
}
