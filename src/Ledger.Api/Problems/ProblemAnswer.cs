using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ledger.Api.Pages;

namespace Ledger.Api;

/// <summary>What went wrong, as RFC 9457 wants it said.</summary>
/// <param name="Type">Stable for ever, <c>urn:proserv-ledger:problem:…</c>.</param>
/// <param name="Title">The same for every problem of the type.</param>
/// <param name="Detail">What was wrong here, and what to do about it.</param>
public sealed record ProblemAnswer(string Type, string Title, int Status, string Detail) : IResult
{
    /// <summary>Each thing that is wrong, and where.</summary>
    public IReadOnlyList<ProblemPlace>? Errors { get; init; }

    /// <summary>SHA-256 of the event that holds the key and of the one offered now, in hexadecimal.</summary>
    public DigestPair? Digests { get; init; }

    /// <summary>Place of the event that holds the key; absent where that one is parked.</summary>
    public long? ExistingPosition { get; init; }

    public long? ExpectedVersion { get; init; }

    public long? ActualVersion { get; init; }

    /// <summary>Number under which the refused body is kept.</summary>
    public long? Reject { get; init; }

    /// <summary>Finds the request in traces and logs.</summary>
    public string? TraceId { get; init; }

    /// <summary>Seconds after which trying again is worth it.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>How to sign in.</summary>
    [JsonIgnore]
    public string? Challenge { get; init; }

    internal string ToJson() => JsonSerializer.Serialize(this, DoorJson.Plain.ProblemAnswer);

    /// <summary>Writes it as the whole answer: as a page where a person's browser asks for one.</summary>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = "application/problem+json";
        if (RetryAfterSeconds is { } seconds)
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (Challenge is not null)
            response.Headers.WWWAuthenticate = Challenge;
        var isPage = !httpContext.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal);
        if (isPage && Page.IsWanted(httpContext.Request))
        {
            await Page.Of<ProblemPage>(this, Status).ExecuteAsync(httpContext);
            return;
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(this, DoorJson.Plain.ProblemAnswer);
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(httpContext.Request.Method))
            // Also where the request was given up for taking too long, which cancels its own token.
            await response.Body.WriteAsync(body, CancellationToken.None);
    }
}

/// <summary>One thing that is wrong: in a body by JSON Pointer (empty = all of it), or in a parameter by name.
/// </summary>
/// <param name="Code">Stable, snake_case.</param>
public sealed record ProblemPlace(string? Pointer, string? Parameter, string Code, string Detail);

/// <summary>Two bodies under one key.</summary>
public sealed record DigestPair(string Existing, string Offered);
