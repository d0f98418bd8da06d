using System.Text;
using System.Text.Json;

namespace Ledger.Domain;

/// <summary>Short texts that documents and states say again and again, such as kinds, systems, units and the names of
/// fields: each is kept, so that reading it once more makes no new string. A text that takes another's slot only has to
/// be made anew. Safe for any number of callers.</summary>
public static class Recurring
{
    /// <summary>Longest text that is kept.</summary>
    internal const int LengthMax = 32;

    private static readonly string?[] Slots = new string?[4096];

    /// <summary>The string, or name, that the reader stands on; null where it stands on null.</summary>
    public static string? Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName) || reader.HasValueSequence
            || reader.ValueIsEscaped || reader.ValueSpan.Length > LengthMax) return reader.GetString();
        var hash = (uint)reader.ValueSpan.Length;
        foreach (var b in reader.ValueSpan) hash = unchecked((hash * 31) + b);
        ref var slot = ref Slots[hash % (uint)Slots.Length];
        var kept = Volatile.Read(ref slot);
        if (kept is not null && Ascii.Equals(reader.ValueSpan, kept)) return kept;
        var made = reader.GetString();
        Volatile.Write(ref slot, made);
        return made;
    }

    /// <summary>The same of a text at hand.</summary>
    public static string Of(ReadOnlySpan<char> text)
    {
        if (text.Length > LengthMax) return text.ToString();
        var hash = (uint)text.Length;
        foreach (var c in text) hash = unchecked((hash * 31) + c);
        ref var slot = ref Slots[hash % (uint)Slots.Length];
        var kept = Volatile.Read(ref slot);
        if (kept is not null && text.SequenceEqual(kept)) return kept;
        var made = text.ToString();
        Volatile.Write(ref slot, made);
        return made;
    }
}
