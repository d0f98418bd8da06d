using System.Text.Json.Serialization;
using Ledger.Domain;
using Ledger.Store;

namespace Ledger.Api;

/// <summary>The way from the leaf of one event to the root of the log at a size. Hashes are base64.</summary>
/// <param name="Index">The leaf's, from 0: position − 1.</param>
/// <param name="Hashes">Lowest first.</param>
public sealed record InclusionAnswer(
    long Position, long Index, long Size, string Leaf, IReadOnlyList<string> Hashes, string Root)
{
    internal static InclusionAnswer Of(InclusionProof proof) => new(
        proof.Index + 1, proof.Index, proof.Size, Base64.Of(proof.Leaf), Base64.Of(proof.Hashes),
        Base64.Of(proof.Root));
}

/// <summary>The way from the root of the log at one size to its root at a later one. Hashes are base64.</summary>
/// <param name="Hashes">In the order of RFC 9162.</param>
public sealed record ConsistencyAnswer(
    long From, long To, string FromRoot, string ToRoot, IReadOnlyList<string> Hashes)
{
    internal static ConsistencyAnswer Of(ConsistencyProof proof) => new(
        proof.From, proof.To, Base64.Of(proof.FromRoot), Base64.Of(proof.ToRoot), Base64.Of(proof.Hashes));
}

/// <summary>Every key that signs, or signed, the log's roots, oldest first.</summary>
/// <param name="Origin">Name of the log.</param>
public sealed record LogKeysAnswer(string Origin, IReadOnlyList<LogKeyAnswer> Keys);

/// <param name="Id">The first four bytes of SHA-256 of the public key, in hexadecimal.</param>
/// <param name="PublicKey">SubjectPublicKeyInfo, PEM.</param>
/// <param name="VerifierKey">The same as C2SP tools take it.</param>
/// <param name="RetiredAt">Absent = in use.</param>
/// <param name="Predecessor">Id of the key whose place it took.</param>
/// <param name="Endorsement">The predecessor's signature (DER, base64) over this key.</param>
public sealed record LogKeyAnswer(
    string Id, string PublicKey, string VerifierKey, string AddedAt, string? RetiredAt, string? Predecessor,
    string? Endorsement)
{
    internal static LogKeyAnswer Of(SigningKey key, string origin)
    {
        using var root = new RootKey(key.PublicKey);
        return new(
            Problems.Hex(key.Id), root.ToPem(), root.VerifierOf(origin), LedgerJson.WriteInstant(key.AddedAt),
            key.RetiredAt is { } retired ? LedgerJson.WriteInstant(retired) : null,
            key.Predecessor is { } predecessor ? Problems.Hex(predecessor) : null,
            key.Endorsement is { } endorsement ? Base64.Of(endorsement) : null);
    }
}

/// <summary>All it takes to check a receipt away from the ledger.</summary>
/// <param name="Leaf">The entry that the leaf is the hash of, base64: every column of the event, and its body's
/// SHA-256.</param>
/// <param name="Index">The leaf's, from 0: position − 1.</param>
/// <param name="Size">Events in the log of the checkpoint.</param>
/// <param name="Hashes">What leads from leaf to root, lowest first, base64.</param>
/// <param name="Checkpoint">The root, as a C2SP signed note.</param>
public sealed record ReceiptProofAnswer(
    [property: JsonRequired] string Leaf, [property: JsonRequired] long Index, [property: JsonRequired] long Size,
    [property: JsonRequired] IReadOnlyList<string> Hashes, [property: JsonRequired] string Checkpoint)
{
    internal static ReceiptProofAnswer Of(ReceiptProof proof) => new(
        Base64.Of(proof.Entry), proof.Index, proof.Size, Base64.Of(proof.Hashes), proof.Note.ToString());
}

/// <summary>Bytes as the log's formats write them.</summary>
internal static class Base64
{
    public static string Of(ReadOnlyMemory<byte> bytes) => Convert.ToBase64String(bytes.Span);

    public static IReadOnlyList<string> Of(IReadOnlyList<ReadOnlyMemory<byte>> hashes) => [.. hashes.Select(Of)];
}
