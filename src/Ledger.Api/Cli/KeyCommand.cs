using System.CommandLine;
using System.Security.Cryptography;
using Ledger.Domain;
using Ledger.Store;
using NodaTime;

namespace Ledger.Api;

/// <summary><c>ledger key</c>: the keys that sign the log's roots.</summary>
internal static class KeyCommand
{
    private static readonly Argument<string> File = new("FILE") { Description = "Where the private key is written." };

    private static readonly Option<bool> History = new("--all")
    {
        Description = "Every key there ever was, with its times, instead of the one in use.",
    };

    private static readonly Option<string?> To = new("--to")
    {
        Description = "File of the new private key; made where there is none. The ledger's own is replaced in place.",
        HelpName = "FILE",
    };

    private static readonly Option<bool> Lost = new("--lost")
    {
        Description = "The old private key is gone, so that it cannot vouch for the new one.",
    };

    public static Command Create() => new("key", "The keys that sign the log's roots: shows, makes and changes them.")
    {
        new LedgerCommand("show", "Prints the public key, for those who verify roots and receipts.", """
            ledger key show > ledger-public-key.pem
            ledger key show --all
            """) { History }.OnLedger(Show),
        new LedgerCommand("new", "Makes a private key for a server of yours.", """
            ledger key new /etc/ledger/signing-key.pem
            ledger serve --database "Host=db;Database=ledger" --signing-key /etc/ledger/signing-key.pem
            """) { File }.OnNothing(New),
        new LedgerCommand(
            "rotate", "Puts a new key in the old one's place, which vouches for it. Old roots stay verifiable.", """
            ledger key rotate
            ledger key rotate --database "Host=db;Database=ledger" --signing-key old.pem --to new.pem
            """) { To, Lost }.OnLedger(Rotate),
    };

    private static async Task<int> Show(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var ledger = await parsed.Open(cancellationToken);
        var keys = await ledger.Store.SigningKeys(cancellationToken);
        var isAll = parsed.GetValue(History);
        if (keys.Count == 0)
            throw new NotReadyException("The log has no key yet: its roots are not signed.");
        if (!isAll)
        {
            using var current = new RootKey(keys.Single(key => key.RetiredAt is null).PublicKey);
            Terminal.Write(current.ToPem());
            Terminal.Note(current.VerifierOf(await ledger.Store.Origin(cancellationToken)));
            return Exit.Good;
        }

        foreach (var key in keys)
        {
            using var root = new RootKey(key.PublicKey);
            var until = key.RetiredAt is { } retired ? $"until {LedgerJson.WriteInstant(retired)}" : "in use";
            var vouched = key.Predecessor is not { } before ? ""
                : key.Endorsement is null ? $", in place of {Problems.Hex(before)}, which did not vouch for it"
                : $", {Problems.Hex(before)} vouched for it";
            Terminal.Write(
                $"{Problems.Hex(key.Id)} from {LedgerJson.WriteInstant(key.AddedAt)} {until}{vouched}\n{root.ToPem()}");
        }

        return Exit.Good;
    }

    private static async Task<int> New(ParseResult parsed, CancellationToken cancellationToken)
    {
        var file = parsed.GetValue(File)!;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await SigningKeyFile.Write(file, key, cancellationToken);
        Terminal.Write(key.ExportSubjectPublicKeyInfoPem());
        return Exit.Good;
    }

    private static async Task<int> Rotate(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (place, isLost) = (parsed.Place(), parsed.GetValue(Lost));
        await using var ledger = await OpenLedger.Open(
            isLost ? place with { SigningKey = null } : place, migrate: false, Terminal.Note, cancellationToken);
        if (ledger.Signer is null && !isLost)
            throw new NotReadyException(
                "Name the key in use with --signing-key, that it vouches for the new one; if it is gone, say --lost.");
        var own = place.SigningKey is null && ledger.Folder is { } folder ? SigningKeyFile.In(folder) : null;
        var target = parsed.GetValue(To) ?? (own is null ? null : SigningKeyFile.Next(own))
            ?? throw new NotReadyException("Name a file for the new key with --to.");
        if (!System.IO.File.Exists(target))
        {
            using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            await SigningKeyFile.Write(target, made, cancellationToken);
        }

        using var next = await SigningKeyFile.Read(target, cancellationToken);
        await RootSigner.Rotate(
            ledger.Source, isLost ? null : ledger.Signer, next, SystemClock.Instance.GetCurrentInstant(),
            cancellationToken);
        if (own is not null && target == SigningKeyFile.Next(own))
            System.IO.File.Move(target, own, overwrite: true);
        Terminal.Write(next.ExportSubjectPublicKeyInfoPem());
        Terminal.Note("Start every ledger process on this database again, so that it signs with the new key.");
        return Exit.Good;
    }
}
