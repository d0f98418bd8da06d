using System.Text.Json;
using Ledger.Domain;

namespace Ledger.Api;

/// <summary>The body of a command: one JSON object of a known shape, read as strictly as an event's.</summary>
internal static class CommandBody
{
    public const int BytesMax = 64 << 10;

    public static (TBody? Body, ProblemAnswer? Problem) Read<TBody>(HttpRequest request, ReadOnlyMemory<byte> body)
        where TBody : class
    {
        if (!request.HasJsonContentType())
            return (null, Problems.UnsupportedMediaType("Send application/json."));
        try
        {
            using var document = JsonDocument.Parse(body, EnvelopeReader.Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Read<TBody>(document.RootElement)
                : (null, Problems.InvalidCommand([new("", null, "wrong_type", "a command is a JSON object")]));
        }
        catch (JsonException error)
        {
            return (null, Problems.NotJson(error.Message));
        }
    }

    private static (TBody? Body, ProblemAnswer? Problem) Read<TBody>(JsonElement root)
        where TBody : class
    {
        try
        {
            return (root.Deserialize<TBody>(LedgerJson.Options), null);
        }
        catch (JsonException error)
        {
            return (null, Problems.InvalidCommand(Problems.Places([LedgerJson.Problem(error)])));
        }
        catch (InvalidOperationException)
        {
            return (null, Problems.InvalidCommand(
                [new("", null, "invalid_text", "a text holds half of a surrogate pair")]));
        }
    }
}
