using System.CommandLine;
using System.Text;
using Ledger.Domain;
using Ledger.Store;

namespace Ledger.Api;

/// <summary><c>ledger conflicts</c>: other events that came under known keys.</summary>
internal static class ConflictsCommand
{
    private static readonly Argument<long> Number = new("NUMBER") { Description = "The conflict's number." };

    private const int PageConflicts = 1_000;

    public static Command Create() => new LedgerCommand(
        "conflicts", "Lists other events that came under known keys, and shows what was offered.", """
        ledger conflicts list --source psa
        ledger conflicts show 4
        """) { List(), Show() };

    private static Command List() => new LedgerCommand("list", "Key, both digests, where the first one is.", """
        ledger conflicts list
        ledger conflicts list --source psa
        """) { RejectsCommand.OfSource }.OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        var any = false;
        for (var (after, more) = (0L, true); more;)
        {
            var page = await ledger.Store.Conflicts(
                after, PageConflicts, parsed.GetValue(RejectsCommand.OfSource), cancellationToken);
            foreach (var conflict in page)
                Terminal.Write(Line(conflict));
            any |= page.Count > 0;
            (after, more) = page.Count == PageConflicts ? (page[^1].Number, true) : (0, false);
        }

        if (!any)
            Terminal.Write("no conflicts");
        return Exit.Good;
    });

    private static Command Show() => new LedgerCommand("show", "One of them, with what was offered.", """
        ledger conflicts show 4
        """) { Number }.OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        var number = parsed.GetValue(Number);
        if (await ledger.Store.Conflict(number, cancellationToken) is not { } conflict)
        {
            Terminal.Note(FormattableString.Invariant($"There is no conflict {number}."));
            return Exit.ProblemFound;
        }

        Terminal.Write(Line(conflict));
        Terminal.Write(conflict.Body is { } body
            ? Encoding.UTF8.GetString(body.Span)
            : "What was offered is not kept: too many others came under this key.");
        return Exit.Good;
    });

    private static string Line(KeptConflict conflict)
    {
        var existing = conflict switch
        {
            { ExistingDigest: null } => "free now",
            { ExistingPosition: null } => $"parked {Problems.Hex(conflict.ExistingDigest.Value)}",
            _ => FormattableString.Invariant(
                $"at {conflict.ExistingPosition} {Problems.Hex(conflict.ExistingDigest.Value)}"),
        };
        return FormattableString.Invariant($"{conflict.Number,7} {LedgerJson.WriteInstant(conflict.LastAt)} ")
            + FormattableString.Invariant($"({conflict.Times} times) {conflict.Source} {conflict.Id}: {existing}, ")
            + $"offered {Problems.Hex(conflict.OfferedDigest)}";
    }
}
