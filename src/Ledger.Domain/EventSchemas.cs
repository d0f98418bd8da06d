using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using NodaTime;

namespace Ledger.Domain;

/// <summary>The JSON Schema (2020-12) of every event, made from the same type metadata that reads it. The framework's
/// own exporter cannot write a snapshot's unsaid defaults, so this walks the metadata itself.</summary>
public static class EventSchemas
{
    private static readonly JsonWriterOptions Pretty = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The schema of one event's body, as text that ends with a line break.</summary>
    public static string Of(EventDefinition definition)
    {
        var document = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = $"urn:proserv-ledger:event:{definition.Name}",
            ["title"] = definition.Name,
            ["x-kind"] = definition.Kind?.Name ?? "any",
        };
        foreach (var (name, node) in Schema(definition.ClrType).ToArray()) document[name] = node?.DeepClone();
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Pretty)) document.WriteTo(writer);
        return System.Text.Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    private static JsonObject Schema(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner) return OrNull(Schema(inner));
        if (type == typeof(string)) return Text();
        if (type == typeof(bool)) return new() { ["type"] = "boolean" };
        if (type == typeof(int) || type == typeof(long)) return new() { ["type"] = "integer" };
        if (type == typeof(decimal)) return Decimal();
        if (type == typeof(Currency)) return Text("ISO 4217", "^[A-Z]{3}$");
        if (type == typeof(Unit)) return Text("UN/ECE Recommendation 20", "^[A-Z0-9]{2,3}$");
        if (type == typeof(Instant)) return Text(format: "date-time");
        if (type == typeof(LocalDate)) return Text(format: "date");
        if (type == typeof(Ext)) return new() { ["type"] = "object", ["additionalProperties"] = Text() };
        if (type == typeof(JsonText)) return new() { ["description"] = "any JSON but null" };
        if (type.IsEnum) return new() { ["type"] = "string", ["enum"] = new JsonArray([.. Names(type)]) };
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Items<>))
            return new() { ["type"] = "array", ["items"] = Schema(type.GetGenericArguments()[0]) };
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Said<>))
            return OrNull(Schema(type.GetGenericArguments()[0]));
        return Members(LedgerJson.Options.GetTypeInfo(type));
    }

    private static JsonObject Members(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object) throw new UnreachableException($"{type.Type} has no schema");
        var properties = new JsonObject();
        foreach (var member in type.Properties)
        {
            var schemaOfMember = Schema(member.PropertyType);
            properties[member.Name] = member.IsSetNullable && !member.PropertyType.IsValueType
                ? OrNull(schemaOfMember)
                : schemaOfMember;
        }

        if (type.Type == typeof(MilestoneAccepted)) properties["evidence"]!["minItems"] = 1;
        var required = type.Properties.Where(m => m.IsRequired).Select(m => (JsonNode?)m.Name).ToArray();
        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties };
        if (required.Length > 0) schema["required"] = new JsonArray(required);
        if (type.Type == typeof(Ref)) schema["oneOf"] = new JsonArray(Requiring("id"), Requiring("number"));
        schema["additionalProperties"] = false;
        return schema;
    }

    private static IEnumerable<JsonNode?> Names(Type type) =>
        Enum.GetNames(type).Select(name => (JsonNode?)JsonNamingPolicy.SnakeCaseLower.ConvertName(name));

    private static JsonObject Requiring(string member) => new() { ["required"] = new JsonArray(member) };

    private static JsonObject Text(string? description = null, string? pattern = null, string? format = null)
    {
        var text = new JsonObject { ["type"] = "string" };
        if (pattern is not null) text["pattern"] = pattern;
        if (format is not null) text["format"] = format;
        if (description is not null) text["description"] = description;
        return text;
    }

    private static JsonObject Decimal() => Text(
        FormattableString.Invariant($"""
            a decimal: at most {DecimalText.WholeDigitsMax} digits and {DecimalText.FractionDigitsMax} after the point
            """),
        @"^[+-]?(\d+\.?\d*|\.\d+)$");

    private static JsonObject OrNull(JsonObject schema)
    {
        if (schema["type"] is JsonValue type) schema["type"] = new JsonArray(type.DeepClone(), "null");
        if (schema["enum"] is JsonArray values) values.Add((JsonNode?)null);
        return schema;
    }
}
