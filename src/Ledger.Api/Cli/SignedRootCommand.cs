using System.CommandLine;

namespace Ledger.Api;

/// <summary><c>ledger root</c>: the log's root as it is now, signed, to be kept where the database's keepers cannot
/// change it.</summary>
internal static class SignedRootCommand
{
    private static readonly Option<string?> Out = new("--out")
    {
        Description = "Adds it to this file instead, once it is sure that the log still holds the last root there.",
        HelpName = "FILE",
    };

    public static Command Create() => new LedgerCommand(
        "root", "Prints the log's root, signed. Kept outside, it shows any later change of history.", """
        ledger root
        ledger root --out /media/auditor/roots.txt
        ledger verify --against /media/auditor/roots.txt
        """) { Out }.OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        if (parsed.GetValue(Out) is { } file)
        {
            if (await RootFile.Add(ledger.Store, file, cancellationToken) is not { } wrong)
                return Exit.Good;
            Terminal.Note($"No root was written to {file}: {wrong}");
            return Exit.ProblemFound;
        }

        var note = await ledger.Store.Checkpoint(null, cancellationToken)
            ?? throw new NotReadyException("The log's last root is not signed: name the key with --signing-key.");
        Console.Out.Write(note.ToString());
        return Exit.Good;
    });
}
