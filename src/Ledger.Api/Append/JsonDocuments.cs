using System.Text;
using System.Text.Json;

namespace Ledger.Api;

/// <summary>Takes a JSON text apart into the events it holds, leniently: what is wrong inside one is that one's
/// matter.</summary>
internal static class JsonDocuments
{
    /// <summary>Deep enough that only a deliberate text is refused whole for its depth.</summary>
    private const int DepthMax = 100_000;

    /// <summary>The one document, whatever it is.</summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static ReadOnlyMemory<byte> One(ReadOnlyMemory<byte> text)
    {
        if (text.Span.StartsWith("\uFEFF"u8))
            text = text[3..];
        var reader = new Utf8JsonReader(text.Span, new JsonReaderOptions { MaxDepth = DepthMax });
        reader.Read();
        reader.Skip();
        reader.Read();
        return System.Text.Unicode.Utf8.IsValid(text.Span)
            ? text
            : throw new JsonException("The text is not valid UTF-8.");
    }

    /// <summary>The one document, or the items of the array.</summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static (bool IsArray, List<ReadOnlyMemory<byte>> Items) Split(ReadOnlyMemory<byte> text)
    {
        if (text.Span.StartsWith("\uFEFF"u8))
            text = text[3..];
        var reader = new Utf8JsonReader(text.Span, new JsonReaderOptions { MaxDepth = DepthMax });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            reader.Read();
            if (!System.Text.Unicode.Utf8.IsValid(text.Span))
                throw new JsonException("The text is not valid UTF-8.");
            return (false, [text]);
        }

        var items = new List<ReadOnlyMemory<byte>>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            items.Add(text[start..(int)reader.BytesConsumed]);
        }

        reader.Read();
        return (true, items);
    }
}
