using Ledger.Domain;
using Ledger.Store;

namespace Ledger.Api;

/// <summary><c>GET /v1/receipts/{source}/{id}</c>: what the ledger answered when an event was stored, for ever the
/// same.</summary>
internal static class GetReceipt
{
    public static readonly About About = new(
        "What was answered when an event was stored",
        Parameter.Path("source", "The system that stated it."), Parameter.Path("id", "Its id there, percent-encoded."))
    {
        Answer = typeof(ReceiptAnswer),
        Problems = [404, 503],
    };

    public static async Task<IResult> Handle(HttpContext http, EventStore store, CancellationToken cancellationToken)
    {
        var (source, id) = Address.Pair(http, "/v1/receipts/");
        if (!Address.IsStorable(source + id) || await store.Receipt(source, id, cancellationToken) is not { } receipt)
            return Problems.NotFound($"No event is stored under source '{source}' and id '{id}'.");
        return TypedResults.Json(ReceiptAnswer.Of(receipt), DoorJson.Plain.ReceiptAnswer);
    }
}

/// <summary>Proof that an event is stored, and where.</summary>
/// <param name="Digest">SHA-256 in hexadecimal.</param>
public sealed record ReceiptAnswer(
    string Source, string Id, string Stream, long Version, long Position, string RecordedAt, string Digest)
{
    internal static ReceiptAnswer Of(Receipt receipt) => new(
        receipt.Source, receipt.Id, receipt.Stream, receipt.Version, receipt.Position,
        LedgerJson.WriteInstant(receipt.RecordedAt), Problems.Hex(receipt.Digest));
}
