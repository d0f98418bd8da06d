using System.Text;

namespace Ledger.Store;

/// <summary>A receipt with all it takes to check it away from the ledger: the leaf's entry, the way from the leaf to a
/// root, and that root, signed.</summary>
/// <param name="Entry">Bytes of the <see cref="LeafEntry"/>.</param>
/// <param name="Index">The leaf's, from 0: position − 1.</param>
/// <param name="Size">Events in the log of that root.</param>
/// <param name="Hashes">What leads from leaf to root, lowest first.</param>
/// <param name="Note">The root at that size.</param>
public sealed record ReceiptProof(
    Receipt Receipt, ReadOnlyMemory<byte> Entry, long Index, long Size, IReadOnlyList<ReadOnlyMemory<byte>> Hashes,
    SignedNote Note)
{
    /// <summary>Checks everything with the public key alone.</summary>
    /// <returns>What does not hold, in one sentence; null = the event is in the log exactly as the receipt says.
    /// </returns>
    public string? Fault(RootKey key)
    {
        LeafEntry entry;
        try
        {
            entry = LeafEntry.Read(Entry);
        }
        catch (FormatException error)
        {
            return error.Message;
        }

        if (Differing(entry) is { } field)
            return $"The receipt's {field} is not the one its leaf was hashed from.";
        if (Index != Receipt.Position - 1)
            return "The proof is of another position than the receipt's.";
        if (Size != Note.Checkpoint.Size)
            return "The proof leads to a root of another size than the checkpoint's.";
        if (!MerkleProof.Includes(LeafEntry.Hash(Entry.Span), Index, Size, Hashes, Note.Checkpoint.Root.Span))
            return "The leaf does not lead to the checkpoint's root.";
        return Note.IsSignedBy(key) ? null : Unsigned(key);
    }

    private string Unsigned(RootKey key)
    {
        if (Note.Signatures.Count == 0)
            return "The checkpoint is not signed.";
        const string Not = "The checkpoint is not signed with the key given";
        if (Note.Signatures.Any(signature => signature.KeyId.Span.SequenceEqual(key.Id.Span)))
            return Not + ": the signature names that key, and does not hold. The receipt was changed.";
        var named = string.Join(", ", Note.Signatures.Select(s => Convert.ToHexStringLower(s.KeyId.Span)).Distinct());
        return $"{Not}; it names {named}. 'ledger key show --all' prints every key the log ever had.";
    }

    private string? Differing(LeafEntry entry)
    {
        var headers = entry.Headers is { } json ? Headers(json) : null;
        if (headers?.GetValueOrDefault("source") != Receipt.Source)
            return "source";
        if (headers.GetValueOrDefault("source_id") != Receipt.Id
            || entry.Key != EventKey.For(Receipt.Source, Receipt.Id))
            return "id";
        return entry.Stream != Receipt.Stream ? "stream"
            : entry.Version != Receipt.Version ? "version"
            : entry.Position != Receipt.Position ? "position"
            : entry.RecordedAt != Receipt.RecordedAt ? "recorded time"
            : entry.Digest is { } digest && digest.Span.SequenceEqual(Receipt.Digest.Span) ? null
            : "digest";
    }

    private static StoredHeaders? Headers(ReadOnlyMemory<byte> json)
    {
        try
        {
            return StoredHeaders.Read(json.Span);
        }
        catch (Exception error) when (error is System.Text.Json.JsonException or InvalidOperationException
            or ArgumentException or EncoderFallbackException)
        {
            return null;
        }
    }
}
