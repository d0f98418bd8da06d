using System.CommandLine;
using Ledger.Domain;

namespace Ledger.Api;

/// <summary><c>ledger parked</c>: events that came before their types were known.</summary>
internal static class ParkedCommand
{
    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "Only say what would become of them.",
    };

    public static Command Create() => new LedgerCommand(
        "parked", "Shows events whose types are not known yet, and applies those that are known now.", """
        ledger parked list
        ledger parked apply --dry-run
        ledger parked apply
        """) { List(), Apply() };

    private static Command List() => new LedgerCommand("list", "Parked events by type.", """
        ledger parked list
        """).OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        var types = await ledger.Store.ParkedTypes(cancellationToken);
        foreach (var type in types)
        {
            var known = EventCatalog.TryFind(type.Type, out _) ? ", known now: 'ledger parked apply' stores them" : "";
            Terminal.Write(FormattableString.Invariant(
                $"{type.Count,7} {type.Type} since {LedgerJson.WriteInstant(type.Since)}{known}"));
        }

        if (types.Count == 0)
            Terminal.Write("nothing is parked");
        else
            Terminal.Note("A type written wrong stays here: send the event with the right type and an id of its own.");
        return Exit.Good;
    });

    private static Command Apply() => new LedgerCommand(
        "apply", "Stores parked events whose types are known now; a server does so by itself when it starts.", """
        ledger parked apply --dry-run
        ledger parked apply
        """) { DryRun }.OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        if (!await Apply(ledger.Intake, parsed.GetValue(DryRun), cancellationToken))
            Terminal.Write("no parked event is of a type known now");
        return Exit.Good;
    });

    /// <summary>Applies what is parked and says what became of it.</summary>
    /// <returns>Whether there was any that is known now.</returns>
    public static async Task<bool> Apply(Intake intake, bool dryRun, CancellationToken cancellationToken)
    {
        var done = await intake.Parked.Apply(dryRun, _ => { }, cancellationToken);
        if (done.All > 0)
            Terminal.Write(dryRun
                ? FormattableString.Invariant(
                    $"parked: {done.Appended} would be appended, {done.Rejected} rejected; nothing was stored")
                : FormattableString.Invariant($"parked: {done.Appended} appended, {done.Unchanged} unchanged, ")
                    + FormattableString.Invariant($"{done.Rejected} rejected"));
        return done.All > 0;
    }
}
