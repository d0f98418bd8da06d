using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ledger.Store;
using Microsoft.AspNetCore.Http.Features;

namespace Ledger.Api;

/// <summary>Runs a command that came with an <c>Idempotency-Key</c> once, and answers it the same whenever it comes
/// again, for two days. One without a key is run.</summary>
/// <remarks>What is answered 408, 429 or 5xx was not done, and is tried again.</remarks>
internal sealed class Once(KeyedCommands commands, Admission admission, Crowding crowding)
{
    public const int KeyLengthMax = 255;

    public const string Header = "Idempotency-Key";

    /// <summary>Says that an answer was given before.</summary>
    public const string Replayed = "Idempotent-Replayed";

    private static readonly string[] Kept = ["Content-Type", "Location", "Ledger-Position"];

    public static readonly Parameter Parameter = new(
        Header, "Makes sending this again safe: the same key and request are answered the same, for two days.",
        Microsoft.OpenApi.JsonSchemaType.String, Microsoft.OpenApi.ParameterLocation.Header);

    /// <summary>The answer to give; the command's own, or the one given before.</summary>
    /// <param name="body">The request's, read already.</param>
    /// <param name="run">The command.</param>
    /// <exception cref="StoreUnavailableException">The database does not answer.</exception>
    public async Task<IResult> Answer(
        HttpContext http, ReadOnlyMemory<byte> body, Func<Task<IResult>> run, CancellationToken cancellationToken)
    {
        if (http.Request.Headers[Header] is not { Count: > 0 } given)
            return await run();
        if (given.Count > 1 || !TryKey(given[0]!, out var key))
            return Problems.InvalidParameter(
                Header, $"{Header} is given once: 1 to {KeyLengthMax} printable ASCII characters, in quotes or not");
        using var seat = crowding.KeyedCommands.AttemptAcquire();
        if (!seat.IsAcquired)
            return Problems.Busy("Too many commands with a key are under way.");
        var caller = await admission.SourceOf(http, cancellationToken) ?? "";
        var turn = await commands.Begin(caller, key, Fingerprint(http, body), cancellationToken);
        switch (turn)
        {
            case CommandAnswered answered:
                return Again(http, answered.Answer);
            case CommandInFlight:
                return Problems.CommandInFlight();
            case CommandKeyReused:
                return Problems.CommandKeyReused();
        }

        await using var begun = (CommandBegun)turn;
        var (result, answer) = await Caught(http, await run());
        if (answer.Status is not (408 or 429 or >= 500))
            // Done is done, whether or not anybody still waits for the answer.
            await begun.Answer(answer, CancellationToken.None);
        return result;
    }

    /// <summary>A structured header's string (RFC 9651), or what many send instead: the same without its quotes.
    /// </summary>
    internal static bool TryKey(string given, [NotNullWhen(true)] out string? key)
    {
        key = null;
        var text = given.Trim();
        if (text is ['"', ..])
        {
            if (text is not [_, .., '"'])
                return false;
            var unquoted = new StringBuilder();
            for (var i = 1; i < text.Length - 1; i++)
            {
                if (text[i] == '"' || (text[i] == '\\' && (++i == text.Length - 1 || text[i] is not ('"' or '\\'))))
                    return false;
                unquoted.Append(text[i]);
            }

            text = unquoted.ToString();
        }

        if (text.Length is 0 or > KeyLengthMax || text.Any(c => c is < ' ' or > '~'))
            return false;
        key = text;
        return true;
    }

    private static byte[] Fingerprint(HttpContext http, ReadOnlyMemory<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        hash.AppendData(Encoding.UTF8.GetBytes($"{http.Request.Method} {target}\n"));
        hash.AppendData(body.Span);
        return hash.GetHashAndReset();
    }

    /// <summary>Writes an answer to memory first, to be kept and then sent.</summary>
    private static async Task<(IResult Result, CommandAnswer Answer)> Caught(HttpContext http, IResult result)
    {
        var sending = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var memory = new MemoryStream();
        var catching = new StreamResponseBodyFeature(memory);
        http.Features.Set<IHttpResponseBodyFeature>(catching);
        try
        {
            await result.ExecuteAsync(http);
            await catching.CompleteAsync();
        }
        finally
        {
            http.Features.Set(sending);
        }

        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in Kept)
            if (http.Response.Headers[name] is { Count: > 0 } values)
                headers.Add(name, values.ToString());
        var body = memory.ToArray();
        var answer = new CommandAnswer(
            http.Response.StatusCode, JsonSerializer.Serialize(headers, HeadersJson.Default.DictionaryStringString),
            body);
        return (new Sent(body), answer);
    }

    private static Sent Again(HttpContext http, CommandAnswer answer)
    {
        http.Response.StatusCode = answer.Status;
        foreach (var (name, value) in JsonSerializer.Deserialize(
            answer.Headers, HeadersJson.Default.DictionaryStringString)!)
            http.Response.Headers[name] = value;
        http.Response.Headers[Replayed] = "true";
        return new(answer.Body);
    }

    /// <summary>Status and headers stand already.</summary>
    private sealed class Sent(ReadOnlyMemory<byte> body) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.ContentLength = body.Length;
            await httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted);
        }
    }
}

/// <summary>How an answer's headers are kept.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class HeadersJson : System.Text.Json.Serialization.JsonSerializerContext;
