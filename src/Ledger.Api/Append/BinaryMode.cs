using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Net.Http.Headers;

namespace Ledger.Api;

/// <summary>CloudEvents' binary mode over HTTP: the envelope in <c>ce-…</c> headers, the data in the body. It is put
/// together as the structured mode would have it, and read like that.</summary>
internal static class BinaryMode
{
    private const string Prefix = "ce-";

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Whether a request is one, unless its media type says that its body is a whole event.</summary>
    public static bool IsMeant(HttpRequest request) => request.Headers.ContainsKey(Prefix + "specversion");

    /// <summary>Whether a body of such a type can be data; null = it was not said.</summary>
    public static bool IsData(string? contentType)
    {
        if (string.IsNullOrWhiteSpace(contentType))
            return true;
        return MediaTypeHeaderValue.TryParse(contentType, out var type)
            && (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
                || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
            && HeaderUtilities.RemoveQuotes(type.Charset) is var charset
            && (charset.Length == 0 || charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Reads the one event a request is.</summary>
    /// <exception cref="JsonException">The data is not JSON.</exception>
    public static Offered Read(
        Intake intake, IHeaderDictionary headers, ReadOnlyMemory<byte> data, string? traceparent)
    {
        var problems = new List<ProblemPlace>();
        var body = new ArrayBufferWriter<byte>(data.Length + 512);
        using (var json = new Utf8JsonWriter(
            body, new() { Encoder = DoorJson.Encoder, SkipValidation = true }))
        {
            json.WriteStartObject();
            foreach (var (header, values) in headers)
                if (header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
                    // A header that comes twice is a name that comes twice, and refused as such.
                    foreach (var value in values)
                        Write(json, header[Prefix.Length..].ToLowerInvariant(), value ?? "", problems);
            if (!data.Span.Trim(" \t\r\n"u8).IsEmpty)
            {
                json.WritePropertyName("data");
                json.WriteRawValue(JsonDocuments.One(data).Span, skipInputValidation: true);
            }

            json.WriteEndObject();
        }

        var read = intake.Read(body.WrittenMemory, traceparent);
        return problems.Count == 0
            ? read
            : new Faulty(body.WrittenMemory, read.Source, read.Id, Problems.Malformed(problems));
    }

    private static void Write(Utf8JsonWriter json, string name, string value, List<ProblemPlace> problems)
    {
        if (name is "datacontenttype" or "data" or "data_base64")
        {
            problems.Add(new("/" + name, null, "unexpected", name == "datacontenttype"
                ? "in binary mode the Content-Type header says what the data is"
                : "in binary mode the data is the body"));
            return;
        }

        var decoded = Decoded(value);
        if (decoded is null)
            problems.Add(new("/" + name.Replace("~", "~0", StringComparison.Ordinal), null, "invalid_header",
                $"the header {Prefix}{name} is not percent-encoded UTF-8"));
        json.WriteString(name, decoded ?? value);
    }

    /// <summary>A header's value without its quotes, then percent-decoded once; null = it cannot be.</summary>
    internal static string? Decoded(string value)
    {
        if (Unquoted(value) is not { } text)
            return null;
        if (!text.Contains('%', StringComparison.Ordinal))
            return text;
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%')
            {
                if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
                    return null;
                bytes.Add(Convert.FromHexString(text.AsSpan(i + 1, 2))[0]);
                i += 2;
            }
            else
            {
                var length = char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : 1;
                bytes.AddRange(Encoding.UTF8.GetBytes(text.Substring(i, length)));
                i += length - 1;
            }
        }

        try
        {
            return Strict.GetString([.. bytes]);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>Older producers quote a whole value (RFC 9110, 5.6.4).</summary>
    private static string? Unquoted(string value)
    {
        if (value is not ['"', ..])
            return value;
        var text = new StringBuilder(value.Length);
        for (var i = 1; i < value.Length; i++)
        {
            if (value[i] == '"')
                return i == value.Length - 1 ? text.ToString() : null;
            if (value[i] == '\\' && i + 1 < value.Length)
                i++;
            text.Append(value[i]);
        }

        return null;
    }
}
