using System.Globalization;
using Ledger.Domain;
using Ledger.Store;

namespace Ledger.Api;

/// <summary>Every problem this door can answer, by its stable type.</summary>
internal static class Problems
{
    private const string Urn = "urn:proserv-ledger:problem:";

    public static ProblemAnswer NotJson(string why) => new(
        Urn + "not-json", "The body is not JSON", 400, $"{Plain(why)}. Send one JSON document in UTF-8.");

    public static ProblemAnswer BadRequest(string why) => new(
        Urn + "bad-request", "The request cannot be read", 400, why);

    public static ProblemAnswer InvalidParameter(IReadOnlyList<ProblemPlace> errors) => new(
        Urn + "invalid-parameter", "A parameter is not valid", 400, errors[0].Detail) { Errors = errors };

    public static ProblemAnswer InvalidParameter(string name, string detail) =>
        InvalidParameter([new(null, name, "invalid", detail)]);

    public static ProblemAnswer NotFound(string what) => new(
        Urn + "not-found", "There is no such thing", 404, what);

    public static ProblemAnswer MethodNotAllowed(string method) => new(
        Urn + "method-not-allowed", "The method is not allowed here", 405,
        $"This address does not take {method}; the Allow header names what it takes.");

    public static ProblemAnswer Unauthenticated(bool wasGiven) => new(
        Urn + "unauthenticated", "A source writes with its own token", 401, wasGiven
            ? "The token is not good, or not any more. An operator makes a new one with 'ledger source rotate'."
            : "Send the source's token as 'Authorization: Bearer …'. An operator makes one with 'ledger source add'.")
    {
        Challenge = "Bearer realm=\"ledger\"" + (wasGiven ? ", error=\"invalid_token\"" : ""),
    };

    public static ProblemAnswer NotYourSource() => new(
        Urn + "not-your-source", "A source states only what is its own", 403,
        "The event states another source than the one whose token it came with. Nothing of it was looked at or kept.");

    /// <param name="since">The day.</param>
    public static ProblemAnswer Suspended(string source, string since, string reason) => new(
        Urn + "source-suspended", "The source is suspended", 403,
        $"{source} is suspended since {since}: {Sentence(reason)} Nothing was taken. An operator lets it send again "
        + $"with 'ledger source resume {source}'.");

    public static ProblemAnswer NotTheLedger() => new(
        Urn + "not-your-source", "A source states only what is its own", 403,
        "This is decided in the ledger's own name, and the token is another source's. An operator makes one with "
        + "'ledger source add ledger'.");

    public static ProblemAnswer NotFromThisPage() => new(
        Urn + "not-from-this-page", "The form was not sent by this ledger's own page", 403,
        "Nothing was decided. Open the page here and send its form again; programs use the addresses under /v1.");

    /// <param name="errors">By JSON Pointer within the command.</param>
    public static ProblemAnswer InvalidCommand(IReadOnlyList<ProblemPlace> errors) => new(
        Urn + "invalid-command", "The command cannot be done as it is", 422,
        $"{Sentence(errors[0].Detail)} Nothing was decided.") { Errors = errors };

    public static ProblemAnswer InvalidCommand(string pointer, string code, string detail) =>
        InvalidCommand([new(pointer, null, code, detail)]);

    /// <param name="changes">What it would change of the money.</param>
    public static ProblemAnswer NotApproved(IReadOnlyList<string> changes) => new(
        Urn + "not-approved", "It changes money, and nobody approved that", 409,
        $"{Sentence(string.Join("; ", changes))} Nothing was decided. Say it again with approve=true.");

    public static ProblemAnswer TooFast(TimeSpan wait)
    {
        var seconds = (int)Math.Clamp(Math.Ceiling(wait.TotalSeconds), 1, int.MaxValue);
        return new(
            Urn + "rate-limited", "The source sends faster than it may", 429, FormattableString.Invariant(
                $"Nothing of it was taken. Send it again in {seconds} s; a stream of lines is slowed down instead."))
        {
            RetryAfterSeconds = seconds,
        };
    }

    public static ProblemAnswer CommandInFlight() => new(
        Urn + "command-in-flight", "The same command is under way", 409,
        "A request with this Idempotency-Key is not done yet. Send it again shortly to get its answer.")
    {
        RetryAfterSeconds = 2,
    };

    public static ProblemAnswer CommandKeyReused() => new(
        Urn + "command-key-reused", "The key came with another command", 422,
        "This Idempotency-Key came with another request before. Give every command a key of its own.");

    public static ProblemAnswer Busy(string what) => new(
        Urn + "busy", "The ledger has as much to do as it takes at once", 503,
        $"{what} Nothing of this request was taken; send it again shortly.")
    {
        RetryAfterSeconds = 5,
    };

    public static ProblemAnswer TooSlow() => new(
        Urn + "request-timeout", "The request came too slowly", 408,
        "The body stopped coming before it was whole. Nothing of it was taken; send it again.");

    public static ProblemAnswer TargetTooLong(int most) => new(
        Urn + "target-too-long", "The address is too long", 414, FormattableString.Invariant(
            $"An address has {most} bytes at most, its query included."));

    public static ProblemAnswer HeadersTooLarge(int most) => new(
        Urn + "headers-too-large", "The headers are too large", 431, FormattableString.Invariant(
            $"A request's headers have {most} bytes at most, together."));

    public static ProblemAnswer TooLarge(string why) => new(
        Urn + "too-large", "The request is too large", 413, why);

    public static ProblemAnswer UnsupportedMediaType(string why) => new(
        Urn + "unsupported-media-type", "The media type is not supported", 415, why);

    public static ProblemAnswer NotAcceptable(string why) => new(
        Urn + "not-acceptable", "None of the accepted media types can be answered", 406, why);

    public static ProblemAnswer Malformed(IReadOnlyList<ProblemPlace> errors) => new(
        Urn + "malformed-event", "The event is malformed", 422,
        $"{errors[0].Detail}. Correct it and send it again: its key is not taken.") { Errors = errors };

    public static ProblemAnswer InvalidBody(string type, IReadOnlyList<ProblemPlace> errors) => new(
        Urn + "invalid-event", "The event is not as its schema says", 422,
        $"{errors[0].Detail}. Correct it as the schema of {type} says and send it again: its key is not taken.")
    {
        Errors = errors,
    };

    public static ProblemAnswer Unstorable(string why) => new(
        Urn + "unstorable-event", "The event cannot be stored", 422, $"{why} Correct it and send it again.");

    public static ProblemAnswer UnknownTypeInAtomic(string type) => new(
        Urn + "unknown-type", "The event's type is not known", 422,
        $"This ledger does not know '{type}' yet, and a request that stores all or nothing parks nothing.");

    public static ProblemAnswer KeyConflict(KeyConflict conflict) => new(
        Urn + "key-conflict", "The key is taken by a different event", 409,
        "Another event came under this source and id before. Give this one an id of its own, or correct the source.")
    {
        Digests = new(Hex(conflict.ExistingDigest), Hex(conflict.OfferedDigest)),
        ExistingPosition = conflict.Existing?.Position,
    };

    public static ProblemAnswer VersionConflict(VersionConflict conflict) => new(
        Urn + "version-conflict", "The stream is at another version", 409, string.Create(
            CultureInfo.InvariantCulture,
            $"The stream is at version {conflict.Actual}, not {conflict.Expected}. Read it again and decide anew."))
    {
        ExpectedVersion = conflict.Expected,
        ActualVersion = conflict.Actual,
    };

    public static ProblemAnswer NotAttempted() => new(
        Urn + "not-attempted", "Nothing of the request was stored", 409,
        "Another item of this all-or-nothing request failed. Correct that one and send all again.");

    public static ProblemAnswer Unavailable() => new(
        Urn + "database-unavailable", "The database does not answer", 503,
        "Nothing is half stored. Send the same again shortly: what was stored answers as a duplicate.")
    {
        RetryAfterSeconds = 2,
    };

    public static ProblemAnswer OutOfMemory() => new(
        Urn + "out-of-memory", "The server has too little memory left", 503,
        "Nothing is half stored. Send the same again shortly, in smaller requests or as a stream of lines.")
    {
        RetryAfterSeconds = 2,
    };

    public static ProblemAnswer SigningKeyChanged() => new(
        Urn + "signing-key-changed", "The server signs with a key that was changed", 503,
        "Nothing is stored. Once the server was started again with the new key, send the same again.")
    {
        RetryAfterSeconds = 60,
    };

    public static ProblemAnswer Behind(long asked, long reached) => new(
        Urn + "position-not-reached", "The ledger is not there yet", 503, string.Create(
            CultureInfo.InvariantCulture, $"Position {asked} was asked for, {reached} is reached. Ask again shortly."))
    {
        RetryAfterSeconds = 1,
    };

    public static ProblemAnswer ProjectorStopped(long reached) => new(
        Urn + "projector-stopped", "The views stand still", 503, FormattableString.Invariant(
            $"Events are taken, but the views stay at position {reached}; the server's log says why."))
    {
        RetryAfterSeconds = 5,
    };

    public static ProblemAnswer NotAsSealed(string what) => new(
        Urn + "not-as-sealed", "The log is not as it was sealed", 500,
        $"{what} Nothing is proven from it; 'ledger verify' names the first row that differs.");

    public static ProblemAnswer Internal(string? traceId) => new(
        Urn + "internal-error", "The ledger failed", 500,
        "This is a defect of the ledger, not of the request. Report it with the trace id.") { TraceId = traceId };

    public static IReadOnlyList<ProblemPlace> Places(Items<Domain.Problem> problems) =>
        [.. problems.Select(problem => new ProblemPlace(problem.Pointer, null, problem.Code, Plain(problem.Message)))];

    public static string Hex(ReadOnlyMemory<byte> digest) => Convert.ToHexStringLower(digest.Span);

    private static string Sentence(string text) =>
        text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..].TrimEnd('.') + ".";

    /// <summary>The JSON reader's places are in its own words, and the pointer says them better.</summary>
    private static string Plain(string message)
    {
        if (message.StartsWith("The input does not contain any JSON tokens", StringComparison.Ordinal))
            return "There is nothing in it";
        var cut = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (cut < 0 ? message : message[..cut]).TrimEnd('.');
    }
}
