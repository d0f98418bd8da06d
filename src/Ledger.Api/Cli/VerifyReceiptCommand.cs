using System.CommandLine;
using System.Text.Json;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Store;
using NodaTime.Text;

namespace Ledger.Api;

/// <summary><c>ledger verify-receipt</c>: checks a receipt with a public key, and no database.</summary>
internal static class VerifyReceiptCommand
{
    private static readonly Argument<FileInfo> Receipt = new Argument<FileInfo>("FILE")
    {
        Description = "What GET /v1/receipts/{source}/{id}?proof=true answered.",
    }.AcceptExistingOnly();

    private static readonly Option<string> Key = new("--key")
    {
        Description = "The log's public key: a PEM file, or the key itself as base64 or verifier key.",
        HelpName = "PUBLIC-KEY",
        Required = true,
    };

    private static readonly Option<FileInfo> Event = new Option<FileInfo>("--event")
    {
        Description = "The event as it was sent; the receipt must be of this one.",
        HelpName = "FILE",
    }.AcceptExistingOnly();

    public static Command Create() => new LedgerCommand(
        "verify-receipt", "Checks a receipt with the log's public key alone, without a database.", """
        curl 'http://127.0.0.1:5080/v1/receipts/psa/te-1042-1?proof=true' > receipt.json
        ledger verify-receipt receipt.json --key ledger-public-key.pem
        ledger verify-receipt receipt.json --key ledger-public-key.pem --event event.json
        """) { Receipt, Key, Event }.OnNothing(Run);

    private static async Task<int> Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var key = await PublicKey(parsed.GetValue(Key)!, cancellationToken);
        var proof = Proof(await File.ReadAllBytesAsync(parsed.GetValue(Receipt)!.FullName, cancellationToken));
        var fault = proof.Fault(key);
        if (fault is null && parsed.GetValue(Event) is { } file)
            fault = Differs(proof, await File.ReadAllBytesAsync(file.FullName, cancellationToken));
        Terminal.Write(fault ?? Holds(proof, key));
        return fault is null ? Exit.Good : Exit.ProblemFound;
    }

    private static string Holds(ReceiptProof proof, RootKey key)
    {
        var (id, source, position) = (proof.Receipt.Id, proof.Receipt.Source, proof.Receipt.Position);
        return FormattableString.Invariant($"Event {id} of {source} is in the log at position {position} ")
            + "exactly as the receipt says, by the root of "
            + FormattableString.Invariant($"{proof.Size} events that key {Problems.Hex(key.Id)} signed.");
    }

    /// <summary>Reads a public key from a file of that name, or from the text itself.</summary>
    /// <exception cref="NotReadyException">It is none.</exception>
    public static async Task<RootKey> PublicKey(string given, CancellationToken cancellationToken)
    {
        try
        {
            return RootKey.Parse(
                File.Exists(given) ? await File.ReadAllTextAsync(given, cancellationToken) : given);
        }
        catch (FormatException)
        {
            throw new NotReadyException(
                $"'{given}' is neither a file that holds a public key nor one: 'ledger key show' prints the log's.");
        }
    }

    /// <summary>Reads a receipt as the door answers it.</summary>
    /// <exception cref="NotReadyException">It is none, or has no proof.</exception>
    private static ReceiptProof Proof(byte[] json)
    {
        try
        {
            var said = JsonSerializer.Deserialize(json, DoorJson.Plain.ReceiptAnswer);
            if (said?.Proof is not { } proof)
                throw new NotReadyException("The receipt has no proof: ask for it with ?proof=true.");
            var receipt = new Receipt(
                said.Source, said.Id, said.Stream, said.Version, said.Position,
                InstantPattern.ExtendedIso.Parse(said.RecordedAt).GetValueOrThrow(),
                Convert.FromHexString(said.Digest));
            return new ReceiptProof(
                receipt, Convert.FromBase64String(proof.Leaf), proof.Index, proof.Size,
                [.. proof.Hashes.Select(hash => (ReadOnlyMemory<byte>)Convert.FromBase64String(hash))],
                SignedNote.Parse(proof.Checkpoint));
        }
        catch (Exception error) when (error is JsonException or FormatException or UnparsableValueException
            or ArgumentNullException)
        {
            var why = error is JsonException ? "" : $" ({error.Message.Split('\n')[0]})";
            throw new NotReadyException(
                $"This is not a receipt with its proof{why}: give what "
                + "GET /v1/receipts/{source}/{id}?proof=true answered.");
        }
    }

    private static string? Differs(ReceiptProof proof, byte[] json)
    {
        if (EnvelopeReader.Read(json) is not Understood understood)
            return "The event is not one this program understands, so that it cannot be held to the receipt.";
        var offered = Recorded.New(understood);
        if ((offered.Source, offered.Id) != (proof.Receipt.Source, proof.Receipt.Id))
            return "The receipt is of an event with another source or id.";
        return offered.Digest.Span.SequenceEqual(proof.Receipt.Digest.Span)
            ? null
            : "The event says something else than the one that was recorded.";
    }
}
