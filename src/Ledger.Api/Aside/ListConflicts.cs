using System.Text.Json.Serialization;
using Ledger.Domain;
using Ledger.Store;

namespace Ledger.Api;

/// <summary><c>GET /v1/conflicts</c>: other events that were offered under known keys, for the owner of the source.
/// </summary>
internal static class ListConflicts
{
    public static readonly About About = new(
        "Other events that came under known keys, oldest first, a page at a time",
        Parameter.Whole("after", "Begin after this number; 0 = at the beginning."),
        Parameter.Whole("limit", "At most so many: 1 to 1000, 100 where not said."),
        Parameter.Text("source", "Only what came from this system."))
    {
        Answer = typeof(ConflictPage),
    };

    public static async Task<IResult> Handle(
        HttpContext http, EventStore store, Admission admission, CancellationToken cancellationToken)
    {
        var asked = new Asked(http.Request.Query);
        var after = asked.Whole("after", 0, long.MaxValue, 0);
        var limit = (int)asked.Whole("limit", 1, ListRejects.LimitMax, ListRejects.LimitDefault);
        var source = asked.Text("source");
        if (asked.Problem is { } problem)
            return problem;
        if (await Owner.Of(http, admission, source, cancellationToken) is not { } owner)
            return TypedResults.Json(new ConflictPage([], null), DoorJson.Plain.ConflictPage);
        var page = await store.Conflicts(after, limit, owner.Source, cancellationToken);
        return TypedResults.Json(
            new ConflictPage(
                [.. page.Select(ConflictAnswer.Of)],
                page.Count == limit ? page[^1].Number : null),
            DoorJson.Plain.ConflictPage);
    }
}

/// <summary><c>GET /v1/conflicts/{number}</c>: one of them, with what was offered.</summary>
internal static class GetConflict
{
    public static readonly About About = new(
        "One event that came under a known key, as it was offered",
        Parameter.Path("number", "Its number."))
    {
        Answer = typeof(ConflictAnswer),
        Problems = [404, 503],
    };

    public static async Task<IResult> Handle(
        string number, HttpContext http, EventStore store, Admission admission,
        CancellationToken cancellationToken) =>
        Address.Number(number) is { } n && await store.Conflict(n, cancellationToken) is { } conflict
        && await Owner.Of(http, admission, conflict.Source, cancellationToken) is not null
            ? TypedResults.Json(ConflictAnswer.Of(conflict), DoorJson.Plain.ConflictAnswer)
            : Problems.NotFound($"There is no conflict '{number}'.");
}

/// <summary>Two different events under one key: the first holds it, the other was not stored.</summary>
/// <param name="Existing">What holds the key; null = it has become free since.</param>
/// <param name="OfferedDigest">SHA-256 in hexadecimal.</param>
/// <param name="Times">How often it was offered.</param>
/// <param name="Bytes">Of the whole event offered.</param>
/// <param name="Offered">As it was offered, or its beginning where <paramref name="Bytes"/> is more; absent in a list,
/// and beyond the first few of one key.</param>
/// <param name="OfferedBase64">The same, where it is not a text in UTF-8.</param>
public sealed record ConflictAnswer(
    long Number, string Source, string Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] ExistingAnswer? Existing, string OfferedDigest,
    long Times, string FirstAt, string LastAt, long? Bytes, string? Offered, string? OfferedBase64)
{
    internal static ConflictAnswer Of(KeptConflict conflict)
    {
        var (text, base64) = Shown.Body(conflict.Body);
        return new(
            conflict.Number, conflict.Source, conflict.Id,
            conflict.ExistingDigest is { } digest
                ? new(Problems.Hex(digest), conflict.ExistingPosition, conflict.ExistingStream)
                : null,
            Problems.Hex(conflict.OfferedDigest), conflict.Times, LedgerJson.WriteInstant(conflict.FirstAt),
            LedgerJson.WriteInstant(conflict.LastAt), conflict.Bytes, text, base64);
    }
}

/// <summary>The event that holds a key.</summary>
/// <param name="Digest">SHA-256 in hexadecimal.</param>
/// <param name="Position">Its place in the log; absent while it is parked.</param>
public sealed record ExistingAnswer(string Digest, long? Position, string? Stream);

/// <summary>A stretch of conflicts.</summary>
/// <param name="Next">What to ask for as <c>after</c> to go on; null = there are no more for now.</param>
public sealed record ConflictPage(
    IReadOnlyList<ConflictAnswer> Items,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? Next);
