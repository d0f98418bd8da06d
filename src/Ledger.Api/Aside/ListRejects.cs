using System.Text.Json;
using System.Text.Json.Serialization;
using Ledger.Domain;
using Ledger.Store;

namespace Ledger.Api;

/// <summary><c>GET /v1/rejects</c>: what was refused, oldest first, a page at a time.</summary>
internal static class ListRejects
{
    public const int LimitMax = 1_000;
    public const int LimitDefault = 100;

    public static readonly About About = new(
        "What was refused, oldest first, a page at a time",
        Parameter.Whole("after", "Begin after this number; 0 = at the beginning."),
        Parameter.Whole("limit", "At most so many: 1 to 1000, 100 where not said."),
        Parameter.Text("source", "Only what came from this system."),
        new Parameter(
            "settled", "true = only what is settled, false = only what is open.",
            Microsoft.OpenApi.JsonSchemaType.Boolean, Microsoft.OpenApi.ParameterLocation.Query))
    {
        Answer = typeof(RejectPage),
    };

    public static async Task<IResult> Handle(
        HttpContext http, EventStore store, Admission admission, CancellationToken cancellationToken)
    {
        var asked = new Asked(http.Request.Query);
        var after = asked.Whole("after", 0, long.MaxValue, 0);
        var limit = (int)asked.Whole("limit", 1, LimitMax, LimitDefault);
        var (source, settled) = (asked.Text("source"), asked.Flag("settled"));
        if (asked.Problem is { } problem)
            return problem;
        if (await Owner.Of(http, admission, source, cancellationToken) is not { } owner)
            return TypedResults.Json(new RejectPage([], null), DoorJson.Plain.RejectPage);
        var page = await store.Rejects(after, limit, owner.Source, settled, cancellationToken);
        return TypedResults.Json(
            new RejectPage([.. page.Select(RejectAnswer.Of)], page.Count == limit ? page[^1].Number : null),
            DoorJson.Plain.RejectPage);
    }
}

/// <summary><c>GET /v1/rejects/{number}</c>: one refused body, as it came.</summary>
internal static class GetReject
{
    public static readonly About About = new(
        "One refused body as it came, and why it was refused",
        Parameter.Path("number", "Its number."))
    {
        Answer = typeof(RejectAnswer),
        Problems = [404, 503],
    };

    public static async Task<IResult> Handle(
        string number, HttpContext http, EventStore store, Admission admission,
        CancellationToken cancellationToken) =>
        await Find(number, store, cancellationToken) is { } reject
        && await Owner.Of(http, admission, reject.Source, cancellationToken) is not null
            ? TypedResults.Json(RejectAnswer.Of(reject), DoorJson.Plain.RejectAnswer)
            : NotFound(number);

    public static async Task<KeptReject?> Find(string number, EventStore store, CancellationToken cancellationToken) =>
        Address.Number(number) is { } n ? await store.Reject(n, cancellationToken) : null;

    public static ProblemAnswer NotFound(string number) => Problems.NotFound($"There is no reject '{number}'.");
}

/// <summary>A body that was refused.</summary>
/// <param name="Source">As far as it could be read; so too <paramref name="Id"/>.</param>
/// <param name="Times">How often the same came.</param>
/// <param name="Bytes">Of the whole body.</param>
/// <param name="Problem">Why, the last time.</param>
/// <param name="Settled">What stands for it now; null = it is open.</param>
/// <param name="Body">As it came, or its beginning where <paramref name="Bytes"/> is more; absent in a list.</param>
/// <param name="BodyBase64">The same, where it is not a text in UTF-8.</param>
public sealed record RejectAnswer(
    long Number, string? Source, string? Id, string FirstAt, string LastAt, long Times, long Bytes, JsonElement Problem,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] SettledAnswer? Settled, string? Body,
    string? BodyBase64)
{
    internal static RejectAnswer Of(KeptReject reject)
    {
        var (text, base64) = Shown.Body(reject.Body);
        return new(
            reject.Number, reject.Source, reject.Id, LedgerJson.WriteInstant(reject.FirstAt),
            LedgerJson.WriteInstant(reject.LastAt), reject.Times, reject.Bytes, JsonElement.Parse(reject.Problems),
            reject.Settled is { } by
                ? new(by.Source, by.Id, by.Position, LedgerJson.WriteInstant(by.At))
                : null,
            text, base64);
    }
}

/// <summary>The event that stands for what was refused.</summary>
/// <param name="Position">Absent while it is parked.</param>
/// <param name="At">Since when.</param>
public sealed record SettledAnswer(string Source, string Id, long? Position, string At);

/// <summary>A stretch of what was refused.</summary>
/// <param name="Next">What to ask for as <c>after</c> to go on; null = there are no more for now.</param>
public sealed record RejectPage(
    IReadOnlyList<RejectAnswer> Items,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? Next);
