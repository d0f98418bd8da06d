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
        Problems = [400, 404, 503],
    };

    public static async Task<IResult> Handle(HttpContext http, EventStore store, CancellationToken cancellationToken)
    {
        var (source, id) = Address.Pair(http, "/v1/receipts/");
        var asked = new Asked(http.Request.Query);
        var isProven = asked.Flag("proof");
        if (asked.Problem is { } problem)
            return problem;
        if (isProven && Address.IsStorable(source + id)
            && await store.Prove(source, id, cancellationToken) is { } proof)
            return TypedResults.Json(
                ReceiptAnswer.Of(proof.Receipt) with { Proof = ReceiptProofAnswer.Of(proof) },
                DoorJson.Plain.ReceiptAnswer);
        if (!Address.IsStorable(source + id) || await store.Receipt(source, id, cancellationToken) is not { } receipt)
            return Problems.NotFound($"No event is stored under source '{source}' and id '{id}'.");
        return TypedResults.Json(ReceiptAnswer.Of(receipt), DoorJson.Plain.ReceiptAnswer);
    }
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
