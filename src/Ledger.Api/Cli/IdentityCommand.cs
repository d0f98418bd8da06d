using System.CommandLine;
using System.Globalization;
using Ledger.Domain;
using Ledger.Projections.Identity;
using Ledger.Projections.Views;

namespace Ledger.Api;

/// <summary><c>ledger identity …</c>: what may be one thing, and what a person says of it.</summary>
internal static class IdentityCommand
{
    private const int PageProposals = 1_000;

    private static readonly Option<string?> OfKind = new Option<string?>("--kind")
    {
        Description = "Only of this kind of record.",
    }.AcceptOnlyFromAmong([.. Kind.All.Where(kind => !kind.IsGovernance).Select(kind => kind.Name)]);

    internal static readonly Option<decimal> ConfidenceMin = new("--min-confidence")
    {
        Description = "Only what is at least so likely, from 0 to 1.",
        HelpName = "NUMBER",
        CustomParser = result =>
        {
            if (decimal.TryParse(
                    result.Tokens[0].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
                && value <= 1m)
                return value;
            result.AddError($"--min-confidence takes a number from 0 to 1, such as 0.8.");
            return 0m;
        },
    };

    private static readonly Argument<string> Id = new("ID") { Description = "The proposal's id." };

    private static readonly Argument<string> A = new("A") { Description = "A stream, such as client/crm:ACC-1." };

    private static readonly Argument<string> B = new("B") { Description = "Another stream of the same kind." };

    public static Command Create() => new LedgerCommand(
        "identity", "Shows which records may be one thing, and says whether they are. Nothing is merged silently: a "
            + "source links its own records, a key that is unique on both sides joins two, and a person decides the "
            + "rest here. What was joined can be parted; nothing is lost either way.", """
        ledger identity proposals --kind client --min-confidence 0.8
        ledger identity confirm 3f9ab0c21d4e5f67 --reason "same VAT number, checked with the client"
        ledger identity reject 3f9ab0c21d4e5f67 --reason "two companies of one family"
        ledger identity link client/crm:ACC-1 client/erp:4711 --reason "asked the client"
        ledger identity unlink client/crm:ACC-1 client/erp:4711 --reason "joined by mistake in March"
        """) { Proposals(), Confirm(), Reject(), Link(), Unlink() };

    private static Command Proposals() => new LedgerCommand(
        "proposals", "Pairs that may be one thing, the likeliest first: id, likelihood, both, and what speaks for it.",
        """
        ledger identity proposals
        ledger identity proposals --kind client --min-confidence 0.8
        """) { OfKind, ConfidenceMin }.OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        await Terminal.Project(ledger.Projector, cancellationToken);
        var wanted = new ProposalFilter(parsed.GetValue(OfKind), parsed.GetValue(ConfidenceMin));
        ProposalPlace? after = null;
        var any = false;
        while (true)
        {
            var (_, page) = await ProposalReader.List(ledger.Source, wanted, after, PageProposals, cancellationToken);
            foreach (var proposal in page)
                Terminal.Write(Line(proposal));
            any |= page.Count > 0;
            if (page.Count < PageProposals)
                break;
            after = new(page[^1].Confidence, page[^1].A, page[^1].B);
        }

        if (!any)
            Terminal.Write("no proposals");
        return Exit.Good;
    });

    private static Command Confirm() => new LedgerCommand(
        "confirm", "Says that the two of a proposal are one thing.", """
        ledger identity confirm 3f9ab0c21d4e5f67 --reason "same VAT number, checked with the client"
        """) { Id, DecisionOptions.Reason, DecisionOptions.Actor, DecisionOptions.EffectiveOn }
        .OnLedger((parsed, cancellationToken) => Decide(
            parsed, parsed.GetValue(Id)!, identity => identity.Confirm(
                parsed.GetValue(Id)!, parsed.GetValue(DecisionOptions.Reason)!, parsed.DecidedBy(), cancellationToken),
            cancellationToken));

    private static Command Reject() => new LedgerCommand(
        "reject", "Says that the two of a proposal are not one thing; nobody is asked again.", """
        ledger identity reject 3f9ab0c21d4e5f67 --reason "two companies of one family"
        """) { Id, DecisionOptions.Reason, DecisionOptions.Actor, DecisionOptions.EffectiveOn }
        .OnLedger((parsed, cancellationToken) => Decide(
            parsed, parsed.GetValue(Id)!, identity => identity.Reject(
                parsed.GetValue(Id)!, parsed.GetValue(DecisionOptions.Reason)!, parsed.DecidedBy(), cancellationToken),
            cancellationToken));

    private static Command Link() => new LedgerCommand(
        "link", "Says that two records are one thing, though nobody proposed it.", """
        ledger identity link client/crm:ACC-1 client/erp:4711 --reason "asked the client"
        """) { A, B, DecisionOptions.Reason, DecisionOptions.Actor, DecisionOptions.EffectiveOn }
        .OnLedger((parsed, cancellationToken) => Decide(
            parsed, Proposal.IdOf(parsed.GetValue(A)!, parsed.GetValue(B)!), identity => identity.Link(
                parsed.GetValue(A)!, parsed.GetValue(B)!, parsed.GetValue(DecisionOptions.Reason)!, parsed.DecidedBy(),
                cancellationToken),
            cancellationToken));

    private static Command Unlink() => new LedgerCommand(
        "unlink", "Says that two records of one entity are not one thing; no rule joins them again. A link that a "
            + "source states of them is the source's to take back.", """
        ledger identity unlink client/crm:ACC-1 client/erp:4711 --reason "joined by mistake in March"
        """) { A, B, DecisionOptions.Reason, DecisionOptions.Actor, DecisionOptions.EffectiveOn }
        .OnLedger((parsed, cancellationToken) => Decide(
            parsed, Proposal.IdOf(parsed.GetValue(A)!, parsed.GetValue(B)!), identity => identity.Unlink(
                parsed.GetValue(A)!, parsed.GetValue(B)!, parsed.GetValue(DecisionOptions.Reason)!, parsed.DecidedBy(),
                cancellationToken),
            cancellationToken));

    private static async Task<int> Decide(
        ParseResult parsed, string id, Func<IdentityDecisions, Task<(ItemAnswer?, ProblemAnswer?)>> decide,
        CancellationToken cancellationToken)
    {
        await using var ledger = await parsed.Open(cancellationToken);
        await Terminal.Project(ledger.Projector, cancellationToken);
        using var decisions = new Decisions(ledger.Store, ledger.Intake);
        var identity = new IdentityDecisions(decisions, ledger.Source);
        return await ledger.Told(await decide(identity), async _ =>
        {
            var now = (await identity.Entities(id, cancellationToken))!;
            if (now.Note is { } note)
                Terminal.Note(note);
            return now.Same ? $"one: {now.A}" : $"two: {now.A} and {now.B}";
        }, cancellationToken);
    }

    private static string Line(ProposalView proposal) =>
        $"{Proposal.IdOf(proposal.A, proposal.B)} {proposal.Confidence.ToString("0.00", CultureInfo.InvariantCulture)} "
        + $"{Named(proposal.EntityA)} ~ {Named(proposal.EntityB)}: "
        + string.Join("; ", ProposalEvidence.Words(proposal.Evidence))
        + (proposal.InBoth is [] ? "" : $" [merge in {string.Join(", ", proposal.InBoth)}]");

    private static string Named(ProposedEntity entity) =>
        (entity.Name ?? entity.Number) is { } name ? $"{entity.Id} \"{name}\"" : entity.Id;
}
