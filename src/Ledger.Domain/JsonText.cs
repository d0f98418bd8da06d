using System.Text.Json;

namespace Ledger.Domain;

/// <summary>A value in JSON, whatever its shape; equal by content, whatever the order of its members.</summary>
public sealed class JsonText : IEquatable<JsonText>
{
    private JsonText(string text) => Text = text;

    /// <summary>Compact, members in the order of their names.</summary>
    public string Text { get; }

    /// <exception cref="JsonException">An object says a member twice.</exception>
    public static JsonText Of(JsonElement value)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new() { Encoder = LedgerJson.Options.Encoder }))
            Write(writer, value);
        return new(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
    }

    /// <summary>A field's value as its state's JSON has it.</summary>
    public static JsonText Of(object value) =>
        Of(JsonSerializer.SerializeToElement(value, LedgerJson.States.GetTypeInfo(value.GetType())));

    /// <summary>The value it says, read as a field's type; null where it is not of that shape.</summary>
    public object? As(Type type)
    {
        try
        {
            return JsonSerializer.Deserialize(Text, LedgerJson.States.GetTypeInfo(type));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public bool Equals(JsonText? other) => other is not null && Text == other.Text;

    public override bool Equals(object? obj) => Equals(obj as JsonText);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;

    private static void Write(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(writer, value);
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray()) Write(writer, item);
                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private static void WriteObject(Utf8JsonWriter writer, JsonElement value)
    {
        writer.WriteStartObject();
        string? last = null;
        foreach (var member in value.EnumerateObject().OrderBy(m => m.Name, StringComparer.Ordinal))
        {
            if (member.Name == last) throw new JsonException($"'{last}' is said twice");
            writer.WritePropertyName(last = member.Name);
            Write(writer, member.Value);
        }

        writer.WriteEndObject();
    }
}
