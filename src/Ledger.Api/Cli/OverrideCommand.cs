using System.CommandLine;
using System.Text.Json;
using Ledger.Domain;
using Ledger.Projections.Views;

namespace Ledger.Api;

/// <summary><c>ledger override …</c>: values that people put over what owners say.</summary>
internal static class OverrideCommand
{
    private const int PageOverrides = 1_000;

    private static readonly Argument<string?> OfEntity = new("STREAM")
    {
        Description = "Only of the entity this belongs to.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Argument<string> Of = new("STREAM")
    {
        Description = "Any record of the entity, such as client/crm:ACC-1.",
    };

    private static readonly Argument<string> Field = new("FIELD")
    {
        Description = "The field, as the entity's JSON names it.",
    };

    private static readonly Argument<string> Value = new("VALUE")
    {
        Description = "The value as the field has it: JSON, or a plain text.",
    };

    private static readonly Argument<string> Id = new("ID") { Description = "The override's id." };

    private static readonly Option<string?> Until = DecisionOptions.OfDate(
        "--until", "The last day it counts; until it is withdrawn where not said.");

    public static Command Create() => new LedgerCommand(
        "override", "Puts a value over what the owner of a field says, with a reason and, better, an end. What is "
            + "overridden is kept with it; where that changes, a finding says so.", """
        ledger override set client/crm:ACC-1 name "Acme Ltd" --reason "wrong in the ERP until Friday" --until 2026-04-03
        ledger override list
        ledger override withdraw 3f9ab0c21d4e5f67 --reason "corrected in the ERP"
        """) { Set(), List(), Withdraw() };

    private static Command Set() => new LedgerCommand(
        "set", "Puts a value over what the owner of a field says.", """
        ledger override set client/crm:ACC-1 name "Acme Ltd" --reason "wrong in the ERP until Friday" --until 2026-04-03
        ledger override set contract/clm:C-7 terms '{"kind":"net","days":14}' --reason "agreed by letter of 2 March"
        """) { Of, Field, Value, DecisionOptions.Reason, Until, DecisionOptions.Actor, DecisionOptions.EffectiveOn }
        .OnLedger(async (parsed, cancellationToken) =>
    {
        var (stream, field) = (parsed.GetValue(Of)!, parsed.GetValue(Field)!);
        if (Proposed.RefOf(stream) is not { } of)
        {
            Terminal.Note($"'{stream}' names no stream; a stream is {{kind}}/{{source}}:{{id}}.");
            return Exit.Usage;
        }

        await using var ledger = await parsed.Open(cancellationToken);
        await Terminal.Project(ledger.Projector, cancellationToken);
        using var decisions = new Decisions(ledger.Store, ledger.Intake);
        var (id, told) = await new OverrideDecisions(decisions, ledger.Source).Set(
            new(
                of, field, OverrideTerms.ValueOf(of, field, parsed.GetValue(Value)!),
                parsed.GetValue(DecisionOptions.Reason)!, parsed.Date(Until)),
            parsed.DecidedBy(), cancellationToken);
        return await ledger.Told(
            told, _ => Task.FromResult($"{id}: {field} of {stream} is overridden"), cancellationToken);
    });

    private static Command List() => new LedgerCommand(
        "list", "What is overridden, by whom and why; what was withdrawn too.", """
        ledger override list
        ledger override list client/crm:ACC-1
        """) { OfEntity }.OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        await Terminal.Project(ledger.Projector, cancellationToken);
        var any = false;
        for (var (after, more) = (0L, true); more;)
        {
            var (_, day, page) = await GovernanceReader.Overrides(
                ledger.Source, parsed.GetValue(OfEntity), after, PageOverrides, cancellationToken);
            foreach (var found in page)
                Terminal.Write(Line(OverrideAnswer.Told(found, day)));
            any |= page.Count > 0;
            (after, more) = page.Count == PageOverrides ? (page[^1].Opened, true) : (0, false);
        }

        if (!any)
            Terminal.Write("no overrides");
        return Exit.Good;
    });

    private static Command Withdraw() => new LedgerCommand(
        "withdraw", "Takes an override back: the owner's word counts again.", """
        ledger override withdraw 3f9ab0c21d4e5f67 --reason "corrected in the ERP"
        """) { Id, DecisionOptions.Reason, DecisionOptions.Actor, DecisionOptions.EffectiveOn }
        .OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        using var decisions = new Decisions(ledger.Store, ledger.Intake);
        var told = await new OverrideDecisions(decisions, ledger.Source).Withdraw(
            parsed.GetValue(Id)!, parsed.GetValue(DecisionOptions.Reason)!, parsed.DecidedBy(), cancellationToken);
        return await ledger.Told(
            told, _ => Task.FromResult($"{parsed.GetValue(Id)}: withdrawn"), cancellationToken);
    });

    private static string Line(OverrideAnswer found)
    {
        var state = found.Withdrawn ? "withdrawn" : found.InForce ? "in force" : "expired";
        var until = found.Until is { } day ? $" until {day}" : "";
        var was = found.Overrode is { } overrode ? $", over {overrode.GetRawText()}" : "";
        return $"{found.Id} {state}{until}: {found.Field} of {found.Of} = {found.Value?.GetRawText()}{was}; "
            + $"{found.Actor}, {found.At}: {found.Reason}";
    }
}
