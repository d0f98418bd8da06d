using System.CommandLine;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Views;

namespace Ledger.Api;

/// <summary><c>ledger ownership …</c>: whose word counts.</summary>
internal static class OwnershipCommand
{
    private const int PageAssignments = 1_000;

    private static readonly Argument<string> What = new("KIND[.FIELD]")
    {
        Description = "A kind of record, such as client, or one field of it, such as client.name.",
    };

    private static readonly Argument<string[]> Roles = new Argument<string[]>("ROLE")
    {
        Description = "Whose word counts, the owner first, then who is asked where the owner has no record.",
        Arity = ArgumentArity.OneOrMore,
    }.AcceptOnlyFromAmong([.. Enum.GetNames<Role>().Select(role => role.ToLowerInvariant())]);

    private static readonly Argument<string> Id = new("ID") { Description = "The assignment's id." };

    public static readonly Option<string?> Entity = new("--entity")
    {
        Description = "Only for this legal entity, as a stream.",
        HelpName = "STREAM",
        Validators =
        {
            result =>
            {
                if (result.Tokens is [var token] && Proposed.RefOf(token.Value) is not { Kind: "legal_entity" })
                    result.AddError($"--entity takes a stream such as legal_entity/erp:UK, not '{token.Value}'.");
            },
        },
    };

    private static readonly Option<string?> From = DecisionOptions.OfDate(
        "--from", "The first day it counts; always did where not said.");

    private static readonly Option<string?> To = DecisionOptions.OfDate(
        "--to", "The last day it counts; until it is withdrawn where not said.");

    private static readonly Option<bool> Tried = new("--dry-run")
    {
        Description = "Decides nothing; shows what it would change of the money.",
    };

    private static readonly Option<bool> Approved = new("--approve")
    {
        Description = "Decides it also where that changes money.",
    };

    public static Command Create() => new LedgerCommand(
        "ownership", "Says whose word counts: for a kind of record or one field of it, for all or for one legal "
            + "entity, from a date. A word that does not count is kept all the same, and shown beside the one that "
            + "does.", """
        ledger ownership list
        ledger ownership assign client crm erp --reason "sales looks after client data" --dry-run
        ledger ownership assign invoice.taxes tax erp --entity legal_entity/erp:UK --reason "…" --approve
        ledger ownership withdraw client --reason "back to the ERP"
        """) { List(), Assign(), Withdraw() };

    private static Command List() => new LedgerCommand(
        "list", "Whose word counts: what was assigned, and what holds where nothing was.", """
        ledger ownership list
        """).OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        await Terminal.Project(ledger.Projector, cancellationToken);
        for (var (after, more) = (0L, true); more;)
        {
            var (_, day, page) = await GovernanceReader.Ownership(
                ledger.Source, null, after, PageAssignments, cancellationToken);
            foreach (var found in page)
                Terminal.Write(Line(AssignmentAnswer.Told(found, day)));
            (after, more) = page.Count == PageAssignments ? (page[^1].Opened, true) : (0, false);
        }

        foreach (var owner in OwnerAnswer.Defaults(null))
            Terminal.Write($"default: {owner.Of}{Fields(owner)}: {string.Join(", ", owner.Roles)}");
        return Exit.Good;

        static string Fields(OwnerAnswer owner) =>
            owner.Fields is { } fields ? $" ({string.Join(", ", fields)})" : "";
    });

    private static Command Assign() => new LedgerCommand(
        "assign", "Says whose word counts. Where that changes money it says so first, and is decided with --approve "
            + "only.", """
        ledger ownership assign client crm erp --reason "sales looks after client data" --dry-run
        ledger ownership assign invoice.taxes tax erp --entity legal_entity/erp:UK --reason "…" --approve
        """)
        {
            What, Roles, Entity, From, To, DecisionOptions.Reason, DecisionOptions.Actor, DecisionOptions.EffectiveOn,
            Tried, Approved,
        }.OnLedger(async (parsed, cancellationToken) =>
    {
        var (what, entity) = (parsed.GetValue(What)!.Split('.', 2), parsed.GetValue(Entity));
        var terms = new OwnershipTerms(
            what[0], parsed.GetValue(Roles)!.Select(role => Enum.Parse<Role>(role, ignoreCase: true)).ToItems(),
            what.Length > 1 ? what[1] : null, entity is null ? null : Proposed.RefOf(entity), parsed.Date(From),
            parsed.Date(To), parsed.GetValue(DecisionOptions.Reason));
        return await Decide(
            parsed, terms.Id, ownership => ownership.Try(terms, parsed.DecidedBy(), cancellationToken),
            ownership => ownership.Assign(terms, parsed.DecidedBy(), cancellationToken),
            $"{terms.Id}: {string.Join(", ", OwnerAnswer.Names(terms.Roles))}", cancellationToken);
    });

    private static Command Withdraw() => new LedgerCommand(
        "withdraw", "Takes an assignment back. Where that changes money it says so first, and is decided with "
            + "--approve only.", """
        ledger ownership withdraw client --reason "back to the ERP" --dry-run
        """) { Id, DecisionOptions.Reason, DecisionOptions.Actor, DecisionOptions.EffectiveOn, Tried, Approved }
        .OnLedger((parsed, cancellationToken) =>
    {
        var (id, reason) = (parsed.GetValue(Id)!, parsed.GetValue(DecisionOptions.Reason));
        return Decide(
            parsed, id, ownership => ownership.TryWithdraw(id, reason, parsed.DecidedBy(), cancellationToken),
            ownership => ownership.Withdraw(id, reason, parsed.DecidedBy(), cancellationToken), $"{id}: withdrawn",
            cancellationToken);
    });

    /// <summary>Shows what a decision would change; makes it where that is nothing, or approved.</summary>
    private static async Task<int> Decide(
        ParseResult parsed, string id, Func<OwnershipDecisions, Task<OfferedDecision>> offer,
        Func<OwnershipDecisions, Task<(ItemAnswer?, ProblemAnswer?)>> decide, string done,
        CancellationToken cancellationToken)
    {
        await using var ledger = await parsed.Open(cancellationToken);
        await Terminal.Project(ledger.Projector, cancellationToken);
        using var decisions = new Decisions(ledger.Store, ledger.Intake);
        var ownership = new OwnershipDecisions(decisions);
        var offered = await offer(ownership);
        if (offered.Problem is { } problem)
        {
            Terminal.Note(problem.Detail);
            return Exit.ProblemFound;
        }

        using var live = new LiveWorld(ledger.Source);
        var difference = await new DryRun(ledger.Store, live).Difference(offered, cancellationToken);
        var isTried = parsed.GetValue(Tried);
        if (isTried || !difference.IsNone)
            foreach (var words in difference.Words)
                Terminal.Write(words);
        if (isTried)
            return Exit.Good;
        if (!difference.IsNone && !parsed.GetValue(Approved))
        {
            Terminal.Note($"Nothing was decided of {id}: it changes money. Say it again with --approve.");
            return Exit.NotApproved;
        }

        return await ledger.Told(
            await decide(ownership), _ => Task.FromResult(done), cancellationToken);
    }

    private static string Line(AssignmentAnswer found)
    {
        var state = found.Withdrawn ? "withdrawn" : found.InForce ? "in force" : "not in force today";
        var time = (found.From, found.To) switch
        {
            (null, null) => "",
            (var from, null) => $", from {from}",
            (null, var to) => $", to {to}",
            var (from, to) => $", {from} to {to}",
        };
        return $"{found.Id} {state}{time}: {string.Join(", ", found.Roles)}; {found.Actor}, {found.At}: {found.Reason}";
    }
}
