using System.Text.Json.Serialization;
using Ledger.Domain;
using Ledger.Store;

namespace Ledger.Api;

/// <summary>What became of one item of an append.</summary>
/// <param name="Index">Its place in the request, from 0.</param>
/// <param name="Verdict">appended, duplicate, unchanged, parked, conflict or rejected; in an all-or-nothing request
/// that another item failed also not_attempted, and where a stream of lines is taken no further unavailable.</param>
/// <param name="Version">Of the stream at the event; null where nothing is stored of it.</param>
/// <param name="Position">In the one commit order.</param>
/// <param name="RecordedAt">UTC, microseconds; of a parked event when it was parked.</param>
/// <param name="Digest">SHA-256 in hexadecimal.</param>
/// <param name="Problem">Why, where the verdict is not a good one.</param>
/// <param name="Warning">That its type is deprecated, since when, and what to send instead.</param>
public sealed record ItemAnswer(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int Index,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Source,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string Verdict,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Stream = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? Version = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? Position = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? RecordedAt = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Digest = null,
    ProblemAnswer? Problem = null,
    string? Warning = null)
{
    /// <summary>The HTTP status of an answer that is only about this item.</summary>
    [JsonIgnore]
    public int Status => Problem?.Status ?? Verdict switch
    {
        "appended" => 201,
        "parked" => 202,
        _ => 200,
    };

    internal static ItemAnswer Of(int index, Envelope envelope, Verdict verdict) => verdict switch
    {
        Appended appended => Of(index, "appended", appended.Receipt),
        Duplicate duplicate => Of(index, "duplicate", duplicate.Receipt),
        Unchanged unchanged => Of(index, "unchanged", unchanged.Receipt) with { Id = envelope.Id },
        Parked parked => Of(index, envelope, "parked") with
        {
            RecordedAt = LedgerJson.WriteInstant(parked.ParkedAt), Digest = Problems.Hex(parked.Digest),
        },
        KeyConflict conflict => Of(index, envelope, "conflict") with
        {
            Digest = Problems.Hex(conflict.OfferedDigest), Problem = Problems.KeyConflict(conflict),
        },
        VersionConflict conflict => Of(index, envelope, "conflict") with
        {
            Problem = Problems.VersionConflict(conflict),
        },
        Refused refused => Rejected(index, envelope, Problems.Unstorable(refused.Reason)),
        NotAttempted => Of(index, envelope, "not_attempted") with { Problem = Problems.NotAttempted() },
        _ => throw new System.Diagnostics.UnreachableException($"there is no verdict {verdict.GetType().Name}"),
    };

    internal static ItemAnswer Rejected(int index, Envelope envelope, ProblemAnswer problem) =>
        Of(index, envelope, "rejected") with { Problem = problem };

    internal static ItemAnswer Unavailable(int index, Offered item, ProblemAnswer why) =>
        new(index, item.Source, item.Id, "unavailable", Problem: why);

    private static ItemAnswer Of(int index, Envelope envelope, string verdict) =>
        new(index, envelope.Source, envelope.Id, verdict, envelope.Stream);

    internal static ItemAnswer Of(int index, string verdict, Receipt receipt) => new(
        index, receipt.Source, receipt.Id, verdict, receipt.Stream, receipt.Version, receipt.Position,
        LedgerJson.WriteInstant(receipt.RecordedAt), Problems.Hex(receipt.Digest));
}

/// <summary>What became of the items of an array, in its order.</summary>
public sealed record ManyAnswer(IReadOnlyList<ItemAnswer> Items);
