using System.CommandLine;
using Ledger.Connectors;
using Ledger.Domain;

namespace Ledger.Api;

/// <summary><c>ledger import PROFILE FILE…</c>: other people's documents, as they are.</summary>
internal static class ImportCommand
{
    private const int ChunkEvents = 500;

    private static readonly Argument<string> Profile = new("PROFILE")
    {
        Description = "Whose documents: " + string.Join("; ", ImportProfiles.All.Select(p => $"{p.Name} ({p.Help})")),
    };

    private static readonly Argument<FileSystemInfo[]> Files = new Argument<FileSystemInfo[]>("FILE")
    {
        Description = "Documents, or folders of them; given together they may complete each other.",
        Arity = ArgumentArity.OneOrMore,
    }.AcceptExistingOnly();

    private static readonly Option<string?> Source = new("--source")
    {
        Description = "The name the system goes by in the ledger, where not the profile's own.",
        HelpName = "NAME",
    };

    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "Only say what the documents come to.",
    };

    public static Command Create()
    {
        Profile.AcceptOnlyFromAmong([.. ImportProfiles.All.Select(profile => profile.Name)]);
        return new LedgerCommand("import", "Reads documents of another system into events and appends them.", """
            ledger import kantata export.json --dry-run
            ledger import kantata export.json
            ledger import kantata export.json --source psa-emea
            ledger import ubl ./sent --source billing
            """) { Profile, Files, Source, DryRun }.OnLedger(Run);
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        var files = new List<ImportFile>();
        var profile = ImportProfiles.All.Single(p => p.Name == parsed.GetValue(Profile));
        foreach (var file in parsed.GetValue(Files)!.SelectMany(given => Documents(given, profile)))
            files.Add(new(file, await File.ReadAllBytesAsync(file, cancellationToken)));
        var imported = ImportProfiles.Import(profile.Name, files, parsed.GetValue(Source));
        foreach (var warning in imported.Warnings)
            Terminal.Note($"warning: {warning}");
        foreach (var problem in imported.Problems)
            Terminal.Note($"problem: {problem}");
        var good = imported.Problems.Count == 0;
        if (parsed.GetValue(DryRun))
            Print(imported.Events);
        else
        {
            await using var ledger = await parsed.Open(cancellationToken);
            var tally = await Append(ledger.Intake, imported.Events, cancellationToken);
            Terminal.Write(tally.ToString());
            good &= tally.Problems == 0;
        }

        return good ? Exit.Good : Exit.ProblemFound;
    }

    /// <summary>A file is read whatever it is called; of a folder, those that end as the profile's documents do, with
    /// those in folders below it, in the order of their names.</summary>
    private static IEnumerable<string> Documents(FileSystemInfo given, ImportProfile profile) => given is DirectoryInfo
        ? Directory.EnumerateFiles(given.FullName, "*", SearchOption.AllDirectories)
            .Where(file => file.EndsWith(profile.Ending, StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)
            .Select(file => Path.Join(given.ToString(), Path.GetRelativePath(given.FullName, file)))
        : [given.ToString()];

    private static async Task<Tally> Append(
        Intake intake, Items<Understood> events, CancellationToken cancellationToken) =>
        await Terminal.Watch("Appending events", async progress =>
        {
            var tally = new Tally(progress);
            foreach (var (first, chunk) in events.Chunk(ChunkEvents).Select((chunk, i) => (i * ChunkEvents, chunk)))
                tally.Add("import", await intake.Take(
                    [.. chunk.Select(e => Offered.Of(e, e.Data, null))], first, atomic: false, cancellationToken));
            return tally;
        });

    private static void Print(Items<Understood> events)
    {
        foreach (var type in events.GroupBy(e => e.Envelope.Type).OrderBy(type => type.Key, StringComparer.Ordinal))
            Terminal.Write(FormattableString.Invariant($"{type.Count(),7} {type.Key}"));
        Terminal.Write(FormattableString.Invariant($"{events.Count,7} events, nothing stored"));
    }
}
