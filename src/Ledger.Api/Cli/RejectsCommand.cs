using System.CommandLine;
using System.Text;
using System.Text.Json;
using Ledger.Domain;
using Ledger.Projections.Views;
using Ledger.Store;

namespace Ledger.Api;

/// <summary><c>ledger rejects</c>: what was refused, and sending it again.</summary>
internal static class RejectsCommand
{
    public static readonly Option<string?> OfSource = new("--source")
    {
        Description = "Only what came from this system.",
        HelpName = "SOURCE",
    };

    private static readonly Option<bool> All = new("--all")
    {
        Description = "Also what is settled.",
    };

    private static readonly Argument<long> Number = new("NUMBER") { Description = "The reject's number." };

    private static readonly Argument<string?> File = new("FILE")
    {
        Description = "The corrected event; - is standard input. Where it is not given: the body as it is kept.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private const int PageRejects = 1_000;

    public static Command Create() => new LedgerCommand(
        "rejects", "Lists what was refused, shows it, sends it again.", """
        ledger rejects list --source psa
        ledger rejects show 17
        ledger rejects resubmit 17 corrected.json
        """) { List(), Show(), Resubmit() };

    private static Command List() => new LedgerCommand("list", "What was refused and is not settled yet.", """
        ledger rejects list
        ledger rejects list --source psa --all
        """) { OfSource, All }.OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        bool? settled = parsed.GetValue(All) ? null : false;
        var any = false;
        for (var (after, more) = (0L, true); more;)
        {
            var page = await ledger.Store.Rejects(
                after, PageRejects, parsed.GetValue(OfSource), settled, cancellationToken);
            foreach (var reject in page)
                Terminal.Write(Line(reject));
            any |= page.Count > 0;
            (after, more) = page.Count == PageRejects ? (page[^1].Number, true) : (0, false);
        }

        if (!any)
            Terminal.Write("no rejects");
        return Exit.Good;
    });

    private static Command Show() => new LedgerCommand("show", "One refused body, and why.", """
        ledger rejects show 17
        """) { Number }.OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        if (await Find(ledger, parsed, cancellationToken) is not { } reject)
            return Exit.ProblemFound;
        Terminal.Write(Line(reject));
        using var problem = JsonDocument.Parse(reject.Problems);
        foreach (var place in Places(problem))
            Terminal.Write($"    {Text(place, "pointer")} {Text(place, "code")}: {Text(place, "detail")}");
        Terminal.Write(Encoding.UTF8.GetString(reject.Body!.Value.Span));
        return Exit.Good;
    });

    private static Command Resubmit() => new LedgerCommand(
        "resubmit", "Sends a refused body again, corrected or as it is; prints the verdict.", """
        ledger rejects resubmit 17 corrected.json
        ledger rejects resubmit 17
        """) { Number, File }.OnLedger(async (parsed, cancellationToken) =>
    {
        var file = parsed.GetValue(File);
        if (file is not null && file != "-" && !System.IO.File.Exists(file))
        {
            Terminal.Note($"There is no file '{file}'.");
            return Exit.Usage;
        }

        await using var ledger = await parsed.Open(cancellationToken);
        if (await Find(ledger, parsed, cancellationToken) is not { } reject)
            return Exit.ProblemFound;
        using var corrected = new MemoryStream();
        if (file is not null)
        {
            await using var stream = file == "-" ? Console.OpenStandardInput() : System.IO.File.OpenRead(file);
            await stream.CopyToAsync(corrected, cancellationToken);
        }

        var (_, answers, problem) = await ResubmitReject.Take(
            reject, corrected.ToArray(), Caller.Anyone(Announced.Nothing), ledger.Store, ledger.Intake,
            cancellationToken);
        if (problem is not null)
            Terminal.Note(problem.Detail);
        foreach (var answer in answers)
            Terminal.Write(JsonSerializer.Serialize(answer, DoorJson.Plain.ItemAnswer));
        return problem is null && Array.TrueForAll(answers, answer => answer.Problem is null)
            ? Exit.Good
            : Exit.ProblemFound;
    });

    private static async Task<KeptReject?> Find(
        OpenLedger ledger, ParseResult parsed, CancellationToken cancellationToken)
    {
        var number = parsed.GetValue(Number);
        var reject = await ledger.Store.Reject(number, cancellationToken);
        if (reject is null)
            Terminal.Note(FormattableString.Invariant($"There is no reject {number}."));
        return reject;
    }

    private static string Line(KeptReject reject)
    {
        using var problem = JsonDocument.Parse(reject.Problems);
        var why = Text(problem.RootElement, "detail");
        var others = Places(problem).Count - 1;
        var more = others > 0 ? FormattableString.Invariant($" ({others} more: 'rejects show {reject.Number}')") : "";
        var times = reject.Times > 1 ? FormattableString.Invariant($" ({reject.Times} times)") : "";
        var settled = reject.Settled switch
        {
            null => "",
            { Position: { } position } => FormattableString.Invariant($" [settled at {position}]"),
            _ => " [settled, parked]",
        };
        return FormattableString.Invariant($"{reject.Number,7} {LedgerJson.WriteInstant(reject.LastAt)}{times} ")
            + $"{reject.Source ?? "?"} {reject.Id ?? "?"}: {why}{more}{settled}";
    }

    private static List<JsonElement> Places(JsonDocument problem) =>
        problem.RootElement.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Array
            ? [.. errors.EnumerateArray()]
            : [];

    private static string Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var text) ? text.GetString() ?? "" : "";
}
