using System.CommandLine;
using System.Globalization;
using Ledger.Projections;
using Ledger.Store;

namespace Ledger.Api;

/// <summary><c>ledger verify</c>: recomputes the log and the views, and names the first row that differs.</summary>
internal static class VerifyCommand
{
    private static readonly Option<long> Since = new("--since")
    {
        Description = "Goes on from the last sealed root that covers no more events than this position.",
        HelpName = "POSITION",
    };

    private static readonly Option<FileInfo> Against = new Option<FileInfo>("--against")
    {
        Description = "Signed roots that were kept outside ('ledger root --out'): the log must still have them all.",
        HelpName = "ROOT-FILE",
    }.AcceptExistingOnly();

    private static readonly Option<string?> Key = new("--key")
    {
        Description = "The public key that must have signed the roots, itself or through those it vouched for; "
            + "a PEM file, or the key itself.",
        HelpName = "PUBLIC-KEY",
    };

    private static readonly Option<int?> Workers = new("--workers")
    {
        Description = "Connections that read at the same time; half as many as there are processors where not said.",
        HelpName = "N",
    };

    private static readonly Option<string?> Resume = new("--resume")
    {
        Description = "Keeps in this file how far it came, and goes on from there if it was stopped.",
        HelpName = "FILE",
    };

    private static readonly Argument<string?> What = new Argument<string?>("WHAT")
    {
        Description = "'log' or 'views'; both where not said.",
        Arity = ArgumentArity.ZeroOrOne,
    }.AcceptOnlyFromAmong("log", "views");

    private static readonly Option<bool> LogOnly = new("--log-only") { Description = "The log, and not the views." };

    public static Command Create() => new LedgerCommand(
        "verify", "Recomputes every hash of the log and every view, and names the first row that differs.", """
        ledger verify
        ledger verify views
        ledger verify --against /media/auditor/roots.txt --key ledger-public-key.pem
        ledger verify --since 1000000 --log-only
        ledger verify --resume verify.progress --workers 4
        """) { What, Since, Against, Key, Workers, Resume, LogOnly }.OnLedger(Run);

    private static async Task<int> Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(Since) < 0 || parsed.GetValue(Workers) is < 1 or > 64)
        {
            Terminal.Note("--since is a position, 0 or more, and --workers a number from 1 to 64.");
            return Exit.Usage;
        }

        await using var ledger = await parsed.Open(cancellationToken);
        if (parsed.GetValue(What) != "views" && !await Log(ledger.Store, parsed, cancellationToken))
            return Exit.ProblemFound;
        if (parsed.GetValue(LogOnly) || parsed.GetValue(What) == "log")
            return Exit.Good;
        await ledger.Projector.CatchUp(null, cancellationToken);
        var views = await Terminal.Watch("Verifying the views", progress =>
            ledger.Projector.VerifyViews(new Reporting<Progress>(p => progress(p.Done)), cancellationToken));
        Terminal.Write(views is null ? await Certified(ledger, cancellationToken) : Said(views));
        return views is null ? Exit.Good : Exit.ProblemFound;
    }

    private static async Task<string> Certified(OpenLedger ledger, CancellationToken cancellationToken) =>
        await Certificate.Of(ledger.Source, cancellationToken) is { } certificate
            ? FormattableString.Invariant(
                $"views equal the events at position {certificate.Position}, digest {Problems.Hex(certificate.Digest)}")
            : "views equal the events";

    private static async Task<bool> Log(EventStore store, ParseResult parsed, CancellationToken cancellationToken)
    {
        var resume = parsed.GetValue(Resume) is { } file ? new VerifyProgressFile(file) : null;
        using var key = parsed.GetValue(Key) is { } given
            ? await VerifyReceiptCommand.PublicKey(given, cancellationToken)
            : null;
        var roots = parsed.GetValue(Against) is { } against
            ? await RootFile.Read(against.FullName, cancellationToken)
            : [];
        var options = new VerifyOptions
        {
            Since = parsed.GetValue(Since),
            From = resume?.Reached,
            Against = roots,
            Key = key,
            Workers = parsed.GetValue(Workers),
            Reached = resume,
        };
        var found = await Terminal.Watch("Verifying the log", progress =>
            store.Verify(options, new Reporting<long>(progress), cancellationToken));
        if (found.First is { } broken)
        {
            Terminal.Write($"{broken.Table}: {broken.What}");
            return false;
        }

        resume?.Finish();
        Say(found, roots.Count);
        return true;
    }

    private static void Say(Verification found, int outside)
    {
        var from = found.From is { } start
            ? string.Create(CultureInfo.InvariantCulture, $" from the root of {start.Size} events on")
            : "";
        var kept = outside == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {outside} kept outside");
        Terminal.Write(FormattableString.Invariant(
            $"{found.Events} events as sealed{from}, root {Problems.Hex(found.Root)}"));
        Terminal.Write(FormattableString.Invariant(
            $"{found.Roots} roots as their leaves give them, {found.RootsSigned} of them signed{kept}"));
    }

    private static string Said(ViewDifference found) =>
        $"{found.Table} {found.Key} {found.Column}: the view says {found.Stored ?? "nothing"}, "
        + $"the events say {found.Folded ?? "nothing"}";
}
