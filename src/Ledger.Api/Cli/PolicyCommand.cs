using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Views;

namespace Ledger.Api;

/// <summary><c>ledger policy …</c>: what finance agrees to leave alone, and what it weighs.</summary>
internal static class PolicyCommand
{
    private const int PagePolicies = 1_000;

    private static readonly Argument<string> What = new Argument<string>("WHAT")
    {
        Description = "What is said.",
    }.AcceptOnlyFromAmong(Kind.Tolerance.Name, Kind.Lag.Name, Kind.Materiality.Name, Kind.StatusMap.Name,
        Kind.Routing.Name);

    private static readonly Argument<string[]> Members = new("NAME=VALUE")
    {
        Description = "As the event has it: class=amount amount=5 currency=GBP; lists by commas, a legal entity as a "
            + "stream, a quantity with its unit (0.25HUR), a system's word and what it means (sent=issued).",
        Arity = ArgumentArity.OneOrMore,
        Validators =
        {
            result =>
            {
                foreach (var token in result.Tokens.Where(t => t.Value.IndexOf('=', StringComparison.Ordinal) < 1))
                    result.AddError($"Give NAME=VALUE, not '{token.Value}'.");
            },
        },
    };

    private static readonly Argument<string> Id = new("ID") { Description = "The policy's id." };

    private static readonly Option<string?> Last = DecisionOptions.OfDate(
        "--last", "The last day it counts; yesterday where not said.");

    private static readonly Option<bool> Tried = new("--dry-run")
    {
        Description = "Decides nothing; shows how many findings it would change.",
    };

    public static Command Create() => new LedgerCommand(
        "policy", "What finance agrees to: up to where differences are tolerated, how many days a system may be late, "
            + "from where on money is of weight, what a system's statuses mean, who looks at what; from one day to "
            + "another.", """
        ledger policy list
        ledger policy set tolerance class=amount amount=5 currency=GBP between=billing,erp --reason "…" --dry-run
        ledger policy set lag system=erp of=posting days=5 --reason "books weekly"
        ledger policy set materiality amount=1000 currency=GBP --reason "as agreed with the auditor"
        ledger policy set status_map system=psa of=invoice sent=issued --reason "their word for it"
        ledger policy set routing assignee="AR team" class=amount system=erp --reason "they keep the books"
        ledger policy end 3f9ab0c21d4e5f67 --reason "fixed at its source"
        """) { List(), Set(), End() };

    private static Command List() => new LedgerCommand(
        "list", "What was agreed, and what holds where nothing was.", """
        ledger policy list
        """).OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        await Terminal.Project(ledger.Projector, cancellationToken);
        for (var (after, more) = (0L, true); more;)
        {
            var (_, day, page) = await GovernanceReader.Policies(
                ledger.Source, null, after, PagePolicies, cancellationToken);
            foreach (var found in page.Select(view => PolicyAnswer.Told(view, day)))
                Terminal.Write(
                    $"{found.Id} {(found.InForce ? "in force" : "not in force today")}: {found.Kind} "
                    + $"{found.Said.GetRawText()}; {found.Actor}, {found.At}");
            (after, more) = page.Count == PagePolicies ? (page[^1].Opened, true) : (0, false);
        }

        foreach (var otherwise in PolicyDefault.All)
            Terminal.Write($"default: {otherwise.Class}: {otherwise.Tolerance}");
        return Exit.Good;
    });

    private static Command Set() => new LedgerCommand(
        "set", "Says what is agreed. Said again of the same with other figures, it is another from then on.", """
        ledger policy set tolerance class=amount amount=5 currency=GBP --reason "bank charges" --dry-run
        """)
        {
            What, Members, DecisionOptions.Reason, DecisionOptions.Actor, DecisionOptions.EffectiveOn, Tried,
        }.OnLedger(async (parsed, cancellationToken) =>
    {
        var (terms, fault) = Terms(
            parsed.GetValue(What)!, parsed.GetValue(Members)!, parsed.GetValue(DecisionOptions.Reason)!);
        if (terms is null)
        {
            Terminal.Note(fault!);
            return Exit.ProblemFound;
        }

        return await Decide(
            parsed, policies => policies.Try(terms, parsed.DecidedBy(), cancellationToken),
            async policies => (await policies.Set(terms, parsed.DecidedBy(), cancellationToken)).Told,
            $"{PolicyDecisions.IdOf(terms.Said!)}: {parsed.GetValue(What)}", cancellationToken);
    });

    private static Command End() => new LedgerCommand("end", "Says that a policy counts no longer.", """
        ledger policy end 3f9ab0c21d4e5f67 --reason "fixed at its source"
        """) { Id, Last, DecisionOptions.Reason, DecisionOptions.Actor, DecisionOptions.EffectiveOn, Tried }
        .OnLedger((parsed, cancellationToken) =>
    {
        var (id, reason) = (parsed.GetValue(Id)!, parsed.GetValue(DecisionOptions.Reason)!);
        return Decide(
            parsed,
            policies => policies.TryEnd(id, parsed.Date(Last), reason, parsed.DecidedBy(), cancellationToken),
            policies => policies.End(id, parsed.Date(Last), reason, parsed.DecidedBy(), cancellationToken),
            $"{id}: ended", cancellationToken);
    });

    private static async Task<int> Decide(
        ParseResult parsed, Func<PolicyDecisions, Task<OfferedDecision>> offer,
        Func<PolicyDecisions, Task<(ItemAnswer?, ProblemAnswer?)>> decide, string done,
        CancellationToken cancellationToken)
    {
        await using var ledger = await parsed.Open(cancellationToken);
        await Terminal.Project(ledger.Projector, cancellationToken);
        using var decisions = new Decisions(ledger.Store, ledger.Intake);
        var policies = new PolicyDecisions(decisions, ledger.Source);
        if (!parsed.GetValue(Tried))
            return await ledger.Told(await decide(policies), _ => Task.FromResult(done), cancellationToken);
        var offered = await offer(policies);
        if (offered.Problem is { } problem)
        {
            Terminal.Note(problem.Detail);
            return Exit.ProblemFound;
        }

        using var live = new LiveWorld(ledger.Source);
        foreach (var words in (await new PolicyEffect(new(ledger.Store, live)).Of(offered, cancellationToken)).Words)
            Terminal.Write(words);
        return Exit.Good;
    }

    /// <summary>What was typed, read as strictly as the event itself.</summary>
    private static (PolicyTerms? Terms, string? Fault) Terms(string what, string[] members, string reason)
    {
        var body = new JsonObject { ["reason"] = reason };
        foreach (var pair in members.Select(m => m.Split('=', 2)))
            if (what == Kind.StatusMap.Name && pair[0] is not ("system" or "of" or "from" or "to"))
                (body["map"] ??= new JsonObject())[pair[0]] = pair[1];
            else body[pair[0]] = Value(pair[0], pair[1]);
        try
        {
            var said = EventCatalog.Find(what + "_set").Read(JsonSerializer.SerializeToUtf8Bytes(body));
            return (new(said as ToleranceSet, said as LagSet, said as MaterialitySet, said as StatusMapSet,
                said as RoutingSet), null);
        }
        catch (JsonException error)
        {
            return (null, LedgerJson.Problem(error).Message);
        }
    }

    private static JsonNode? Value(string name, string text) => name switch
    {
        "days" when int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var days) => days,
        "between" => new JsonArray([.. text.Split(',').Select(system => (JsonNode?)system)]),
        "entity" when Proposed.RefOf(text) is { } entity => new JsonObject
        {
            ["kind"] = entity.Kind, ["source"] = entity.Source, ["id"] = entity.Id,
        },
        "quantity" when text.Length > 3 => new JsonObject { ["value"] = text[..^3], ["unit"] = text[^3..] },
        _ => text,
    };
}
