using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Ledger.Domain;

/// <summary>Where decimals stand within a value, by its type. Other texts may look like them: a number such as
/// <c>007</c> is its own text.</summary>
internal sealed class DecimalPlaces
{
    private static readonly DecimalPlaces Here = new();

    private (byte[] Name, DecimalPlaces Within)[] members = [];
    private DecimalPlaces? items;

    private DecimalPlaces()
    {
    }

    /// <returns>Null where there are none.</returns>
    public static DecimalPlaces? Of(Type type)
    {
        if (type == typeof(decimal)) return Here;
        if (Nullable.GetUnderlyingType(type) is { } inner) return Of(inner);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Said<>))
            return Of(type.GetGenericArguments()[0]);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Items<>))
            return Of(type.GetGenericArguments()[0]) is { } each ? new() { items = each } : null;
        var shape = LedgerJson.Options.GetTypeInfo(type);
        if (shape.Kind != JsonTypeInfoKind.Object) return null;
        List<(byte[], DecimalPlaces)> found = [];
        foreach (var member in shape.Properties)
            if (Of(member.PropertyType) is { } within) found.Add((Encoding.UTF8.GetBytes(member.Name), within));
        return found.Count == 0 ? null : new() { members = [.. found] };
    }

    /// <summary>A value with its decimals in canonical form, all else as it stands; null where one is none that may be
    /// stated.</summary>
    /// <param name="json">Valid, and no deeper than <see cref="LedgerJson.DepthMax"/>.</param>
    public byte[]? Canonical(ReadOnlySpan<byte> json)
    {
        var written = new ArrayBufferWriter<byte>(json.Length);
        var open = new DecimalPlaces?[LedgerJson.DepthMax + 1];
        var (at, copied) = (this, 0);
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            var within = reader.CurrentDepth == 0 ? this : open[reader.CurrentDepth - 1];
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                at = within?.Member(ref reader);
                continue;
            }

            var place = within?.items ?? at;
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                open[reader.CurrentDepth] = place;
            if (place != Here || reader.TokenType != JsonTokenType.String || !DecimalText.IsOtherwise(reader.ValueSpan))
                continue;
            if (Restated(reader.ValueSpan) is not { } text) return null;
            var start = (int)reader.TokenStartIndex + 1;
            written.Write(json[copied..start]);
            Encoding.ASCII.GetBytes(text, written);
            copied = start + reader.ValueSpan.Length;
        }

        written.Write(json[copied..]);
        return written.WrittenSpan.ToArray();
    }

    private static string? Restated(ReadOnlySpan<byte> said)
    {
        if (said.Length > DecimalText.LengthMax) return null;
        Span<char> text = stackalloc char[DecimalText.LengthMax];
        var length = Encoding.ASCII.GetChars(said, text);
        return DecimalText.TryReadStated(text[..length], out var value) ? DecimalText.Write(value) : null;
    }

    private DecimalPlaces? Member(ref Utf8JsonReader reader)
    {
        foreach (var (name, within) in members)
            if (reader.ValueTextEquals(name)) return within;
        return null;
    }
}
