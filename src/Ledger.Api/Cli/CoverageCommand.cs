using System.CommandLine;
using System.Globalization;
using Ledger.Domain;
using Ledger.Projections.Views;

namespace Ledger.Api;

/// <summary><c>ledger coverage …</c>: what may cover what, and what a person says of it.</summary>
internal static class CoverageCommand
{
    private const int PageProposals = 1_000;

    private static readonly Option<string?> OfKind = new Option<string?>("--kind")
    {
        Description = "Only where this covers.",
    }.AcceptOnlyFromAmong(Kind.Payment.Name, Kind.Posting.Name, Kind.Invoice.Name);

    private static readonly Argument<string> Id = new("ID") { Description = "The proposal's id." };

    public static Command Create() => new LedgerCommand(
        "coverage", "Shows which payments and postings, of which nobody says what they cover, match open documents to "
            + "the cent and in one way only; and says whether they do.", """
        ledger coverage proposals --kind payment --min-confidence 0.8
        ledger coverage confirm 3f9ab0c21d4e5f67 --reason "remittance advice of 3 April"
        ledger coverage reject 3f9ab0c21d4e5f67 --reason "a deposit for next year"
        """) { Proposals(), Confirm(), Reject() };

    private static Command Proposals() => new LedgerCommand(
        "proposals", "What may cover what, the likeliest first: id, likelihood, how much, what covers which documents, "
            + "and what speaks for it.", """
        ledger coverage proposals
        ledger coverage proposals --kind posting
        """) { OfKind, IdentityCommand.ConfidenceMin }.OnLedger(async (parsed, cancellationToken) =>
    {
        await using var ledger = await parsed.Open(cancellationToken);
        await Terminal.Project(ledger.Projector, cancellationToken);
        var wanted = new CoverageFilter(parsed.GetValue(OfKind), parsed.GetValue(IdentityCommand.ConfidenceMin));
        CoveragePlace? after = null;
        var any = false;
        while (true)
        {
            var (_, page) = await CoverageProposalReader.List(
                ledger.Source, wanted, after, PageProposals, cancellationToken);
            foreach (var proposal in page)
                Terminal.Write(Line(proposal));
            any |= page.Count > 0;
            if (page.Count < PageProposals)
                break;
            after = new(page[^1].Confidence, page[^1].From.Id);
        }

        if (!any)
            Terminal.Write("no proposals");
        return Exit.Good;
    });

    private static Command Confirm() => new LedgerCommand(
        "confirm", "Says that it covers just what is proposed, each document for as much as is open of it.", """
        ledger coverage confirm 3f9ab0c21d4e5f67 --reason "remittance advice of 3 April"
        """) { Id, DecisionOptions.Reason, DecisionOptions.Actor, DecisionOptions.EffectiveOn }
        .OnLedger((parsed, cancellationToken) => Decide(
            parsed, "covers it", coverage => coverage.Confirm(
                parsed.GetValue(Id)!, parsed.GetValue(DecisionOptions.Reason)!, parsed.DecidedBy(), cancellationToken),
            cancellationToken));

    private static Command Reject() => new LedgerCommand(
        "reject", "Says that it does not, and nobody is asked again; what was confirmed before is taken back.", """
        ledger coverage reject 3f9ab0c21d4e5f67 --reason "a deposit for next year"
        """) { Id, DecisionOptions.Reason, DecisionOptions.Actor, DecisionOptions.EffectiveOn }
        .OnLedger((parsed, cancellationToken) => Decide(
            parsed, "does not cover it", coverage => coverage.Reject(
                parsed.GetValue(Id)!, parsed.GetValue(DecisionOptions.Reason)!, parsed.DecidedBy(), cancellationToken),
            cancellationToken));

    private static async Task<int> Decide(
        ParseResult parsed, string words, Func<CoverageDecisions, Task<(ItemAnswer?, ProblemAnswer?)>> decide,
        CancellationToken cancellationToken)
    {
        await using var ledger = await parsed.Open(cancellationToken);
        await Terminal.Project(ledger.Projector, cancellationToken);
        using var decisions = new Decisions(ledger.Store, ledger.Intake);
        var coverage = new CoverageDecisions(decisions, ledger.Source);
        return await ledger.Told(await decide(coverage), async receipt =>
        {
            var said = await coverage.Find(parsed.GetValue(Id)!, cancellationToken);
            return $"{said?.From?.Stream(SourceRegistration.Own)} {words}";
        }, cancellationToken);
    }

    private static string Line(CoverageProposalView proposal) =>
        $"{proposal.Id} {proposal.Confidence.ToString("0.00", CultureInfo.InvariantCulture)} "
        + $"{new Money(proposal.Amount, proposal.Currency)} {proposal.From.Id} {proposal.Rel} "
        + $"{string.Join(", ", proposal.Covers.Select(c => Named(c.To)))}: "
        + string.Join("; ", ProposalEvidence.Words(proposal.Evidence));

    private static string Named(ProposedEntity entity) =>
        (entity.Number ?? entity.Name) is { } name ? $"{entity.Id} \"{name}\"" : entity.Id;
}
