using System.CommandLine;
using Ledger.Domain;
using Ledger.Projections.Views;

namespace Ledger.Api;

/// <summary><c>ledger schema …</c>: which types of events will not be taken for ever.</summary>
internal static class SchemaCommand
{
    private static readonly Argument<string> Type = new Argument<string>("TYPE")
    {
        Description = "The event's type.",
    }.AcceptOnlyFromAmong([.. EventCatalog.All.Select(d => d.Name)]);

    private static readonly Option<string?> From = DecisionOptions.OfDate(
        "--from", "The first day on which it is deprecated; today where not said.");

    private static readonly Option<string?> Until = DecisionOptions.OfDate(
        "--until", "The last day on which it is meant to be sent.");

    private static readonly Option<string?> Instead = new("--instead")
    {
        Description = "The type to send in its place.",
        HelpName = "TYPE",
    };

    public static Command Create() => new LedgerCommand(
        "schema", "Says which types of events will not be taken for ever; whoever sends one is told.", """
        ledger schema deprecate time_entry_reclassified --instead time_entry_corrected --reason "one way is enough"
        ledger schema list
        """) { Deprecate(), List() };

    private static Command Deprecate() => new LedgerCommand(
        "deprecate", "Says so of a type; said again, it is said anew.", """
        ledger schema deprecate time_entry_reclassified --until 2027-06-30 --reason "one way is enough"
        """)
        {
            Type, From, Until, Instead, DecisionOptions.Reason, DecisionOptions.Actor, DecisionOptions.EffectiveOn,
        }.OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        await Terminal.Project(ledger.Projector, cancellationToken);
        using var decisions = new Decisions(ledger.Store, ledger.Intake);
        var type = parsed.GetValue(Type)!;
        var said = new SchemaDeprecated(
            type, parsed.Date(From) ?? NodaTime.SystemClock.Instance.GetCurrentInstant().InUtc().Date,
            parsed.Date(Until), parsed.GetValue(Instead), parsed.GetValue(DecisionOptions.Reason));
        var told = await decisions.Tell<SchemaNotice>(
            Kind.Schema, type, "deprecated",
            before => before is not null && (before.From, before.Until, before.Instead, before.Reason)
                == (said.From, said.Until, said.Instead, said.Reason) ? Decision.Stands : new(said),
            parsed.DecidedBy(), cancellationToken);
        return await ledger.Told(told, _ => Task.FromResult($"{type}: deprecated"), cancellationToken);
    });

    private static Command List() => new LedgerCommand("list", "Which types are deprecated.", """
        ledger schema list
        """).OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        await Terminal.Project(ledger.Projector, cancellationToken);
        var deprecated = (await Announced.Read(ledger.Source, cancellationToken)).Deprecated;
        foreach (var (_, notice) in deprecated.OrderBy(n => n.Key, StringComparer.Ordinal))
            Terminal.Write(notice.Words);
        if (deprecated.Count == 0)
            Terminal.Note("No type is deprecated.");
        return Exit.Good;
    });
}
