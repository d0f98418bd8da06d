using System.Text.Json.Serialization;
using Ledger.Domain;
using Ledger.Store;

namespace Ledger.Api;

/// <summary><c>GET /v1/receipts/{source}/{id}</c>: what the ledger answered when an event was stored, for ever the
/// same.</summary>
internal static class GetReceipt
{
    public static readonly About About = new(
        "What was answered when an event was stored",
        Parameter.Path("source", "The system that stated it."), Parameter.Path("id", "Its id there, percent-encoded."),
        Parameter.Text("proof", "true = with all it takes to check it away from the ledger."))
    {
        Answer = typeof(ReceiptAnswer),
        Good = [200, 202],
        Problems = [400, 404, 503],
    };

    public static async Task<IResult> Handle(HttpContext http, EventStore store, CancellationToken cancellationToken)
    {
        var (source, id) = Address.Pair(http, "/v1/receipts/");
        var asked = new Asked(http.Request.Query);
        var isProven = asked.Flag("proof") == true;
        if (asked.Problem is { } problem)
            return problem;
        if (isProven && Address.IsStorable(source + id)
            && await store.Prove(source, id, cancellationToken) is { } proof)
            return TypedResults.Json(
                ReceiptAnswer.Of(proof.Receipt) with { Proof = ReceiptProofAnswer.Of(proof) },
                DoorJson.Plain.ReceiptAnswer);
        return !Address.IsStorable(source + id) ? NotFound() : await store.Known(source, id, cancellationToken) switch
        {
            Duplicate stored => TypedResults.Json(ReceiptAnswer.Of(stored.Receipt), DoorJson.Plain.ReceiptAnswer),
            Parked parked => TypedResults.Json(
                ParkedAnswer.Of(source, id, parked), DoorJson.Plain.ParkedAnswer, statusCode: 202),
            _ => NotFound(),
        };

        ProblemAnswer NotFound() => Problems.NotFound($"No event is stored under source '{source}' and id '{id}'.");
    }
}

/// <summary>An event that is kept until this ledger knows its type: it has no place yet.</summary>
/// <param name="Verdict">parked.</param>
/// <param name="RecordedAt">When it was parked.</param>
/// <param name="Digest">SHA-256 in hexadecimal, as it was read then.</param>
public sealed record ParkedAnswer(string Source, string Id, string Verdict, string RecordedAt, string Digest)
{
    internal static ParkedAnswer Of(string source, string id, Parked parked) => new(
        source, id, "parked", LedgerJson.WriteInstant(parked.ParkedAt), Problems.Hex(parked.Digest));
}

/// <summary>Proof that an event is stored, and where.</summary>
/// <param name="Digest">SHA-256 in hexadecimal.</param>
public sealed record ReceiptAnswer(
    [property: JsonRequired] string Source, [property: JsonRequired] string Id, [property: JsonRequired] string Stream,
    [property: JsonRequired] long Version, [property: JsonRequired] long Position,
    [property: JsonRequired] string RecordedAt, [property: JsonRequired] string Digest)
{
    /// <summary>Where it was asked for.</summary>
    public ReceiptProofAnswer? Proof { get; init; }

    internal static ReceiptAnswer Of(Receipt receipt) => new(
        receipt.Source, receipt.Id, receipt.Stream, receipt.Version, receipt.Position,
        LedgerJson.WriteInstant(receipt.RecordedAt), Problems.Hex(receipt.Digest));
}
