using System.Text.Json;
using System.Text.Unicode;

namespace Ledger.Store;

public static partial class CanonicalJson
{
    /// <summary>Whether the bytes are surely canonical: without escapes, fractions or spaces, members in order. Nearly
    /// every body is, and this writes nothing; where it says no, <see cref="Write(ReadOnlySpan{byte}, JsonBuffer)"/>
    /// tells.</summary>
    private static bool IsPlainlyCanonical(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
            return false;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        // The last name seen in the object open at each depth, quotes included.
        Span<(int Start, int End)> names = stackalloc (int, int)[MaxDepth + 1];
        // Where the next token begins if no space stands before it; a comma or colon may.
        var (next, isFirst) = (0, true);
        try
        {
            while (reader.Read())
            {
                var start = (int)reader.TokenStartIndex;
                var isEnd = reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray;
                if (start != next + (isFirst || isEnd ? 0 : 1))
                    return false;
                isFirst = reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray;
                next = (int)reader.BytesConsumed;
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject:
                        names[reader.CurrentDepth] = default;
                        break;
                    case JsonTokenType.PropertyName:
                        var end = start + reader.ValueSpan.Length + 2;
                        if (reader.ValueIsEscaped || !IsAfter(json, ref names[reader.CurrentDepth - 1], start, end))
                            return false;
                        next = end;
                        break;
                    case JsonTokenType.String when reader.ValueIsEscaped:
                    case JsonTokenType.Number when !IsPlainInteger(reader.ValueSpan):
                        return false;
                }
            }

            return next == json.Length;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsAfter(ReadOnlySpan<byte> json, ref (int Start, int End) last, int start, int end)
    {
        var isAfter = last.End == 0 || Compare(json[last.Start..last.End], json[start..end]) < 0;
        last = (start, end);
        return isAfter;
    }
}
