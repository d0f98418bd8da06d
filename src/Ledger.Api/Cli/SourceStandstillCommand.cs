using System.CommandLine;
using Ledger.Domain;

namespace Ledger.Api;

/// <summary><c>ledger source suspend</c> and <c>resume</c>: a system delivers nothing for now, and again.</summary>
internal static class SourceStandstillCommand
{
    public static Command Suspend(Argument<string> name) => new LedgerCommand(
        "suspend", "Says that a system delivers nothing for now: nothing is missing from it, and its token is refused.",
        """
        ledger source suspend psa --reason "moved to another version over the weekend"
        """) { name, DecisionOptions.Reason, DecisionOptions.Actor, DecisionOptions.EffectiveOn }.OnLedger(
        (parsed, cancellationToken) => Say(
            parsed, name, "suspended",
            (before, reason) => before.Suspended is { Until: null } ? null : new SourceSuspended(reason),
            cancellationToken));

    public static Command Resume(Argument<string> name) => new LedgerCommand(
        "resume", "Says that a suspended system delivers again.", """
        ledger source resume psa --reason "moved"
        """) { name, DecisionOptions.Reason, DecisionOptions.Actor, DecisionOptions.EffectiveOn }.OnLedger(
        (parsed, cancellationToken) => Say(
            parsed, name, "resumed",
            (before, reason) => before.Suspended is { Until: null } ? new SourceResumed(reason) : null,
            cancellationToken));

    /// <param name="say">Given what the system is and the reason; null = it is so already.</param>
    private static async Task<int> Say(
        ParseResult parsed, Argument<string> name, string verb, Func<Source, string, GovernanceEvent?> say,
        CancellationToken cancellationToken)
    {
        await using var ledger = await parsed.Open(cancellationToken);
        await Terminal.Project(ledger.Projector, cancellationToken);
        using var decisions = new Decisions(ledger.Store, ledger.Intake);
        var (system, reason) = (parsed.GetValue(name)!, parsed.GetValue(DecisionOptions.Reason)!);
        var told = await decisions.Tell<Source>(
            Kind.Source, system, verb,
            before => before is null
                ? Decision.Not(Problems.NotFound(
                    $"{system} is not registered: 'ledger source add {system}' registers it."))
                : new(say(before, reason)),
            parsed.DecidedBy(), cancellationToken);
        return await ledger.Told(told, _ => Task.FromResult($"{system}: {verb}"), cancellationToken);
    }
}
