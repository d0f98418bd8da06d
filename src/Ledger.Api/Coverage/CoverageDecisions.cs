using Ledger.Domain;
using Ledger.Projections.Views;
using Npgsql;
using Told = (Ledger.Api.ItemAnswer? Receipt, Ledger.Api.ProblemAnswer? Problem);

namespace Ledger.Api;

/// <summary>What people decide of payments and postings that look as if they covered documents.</summary>
internal sealed class CoverageDecisions(Decisions decisions, NpgsqlDataSource source)
{
    /// <summary>It covers just what is proposed: stated of each document, of all or of none.</summary>
    /// <param name="proposal">Its id.</param>
    public async Task<Told> Confirm(
        string proposal, string reason, DecidedBy by, CancellationToken cancellationToken)
    {
        if (Blank(reason) is { } blank)
            return (null, blank);
        var before = await Find(proposal, cancellationToken);
        if (Stands(before))
            return await decisions.Tell<Coverage>(
                Kind.Coverage, proposal, "confirmed", now => Stands(now) ? Decision.Stands : Changed, by,
                cancellationToken);
        return await Proposed(proposal, before, cancellationToken) is { } said
            ? await decisions.TellTogether<Coverage>(
                Kind.Coverage, "confirmed",
                [
                    .. said.Covers.Select((cover, n) => (
                        Part(proposal, n),
                        (Func<Coverage?, Decision>)(now => Stands(now)
                            ? Decision.Stands
                            : new(new CoverageStated(
                                said.Rel, said.From, cover.To, null, cover.Amount, said.Currency, reason))))),
                ],
                by, cancellationToken)
            : (null, NoProposal(proposal));
    }

    /// <summary>It does not, and nobody need be asked again; what was confirmed before is taken back.</summary>
    /// <param name="proposal">Its id.</param>
    public async Task<Told> Reject(
        string proposal, string reason, DecidedBy by, CancellationToken cancellationToken)
    {
        if (Blank(reason) is { } blank)
            return (null, blank);
        var before = await Find(proposal, cancellationToken);
        var stated = Stands(before) ? await Stated(proposal, before!, cancellationToken) : [];
        var said = stated.Count > 0
            ? new CoverageProposalRejected(
                before!.Rel, before.From!, stated.Select(c => new RejectedCover(c.To!, c.Amount)).ToItems(), reason,
                before.Currency)
            : before is { Rejected.Count: > 0 } || await Proposed(proposal, before, cancellationToken) is not { } found
                ? null
                : found with { Reason = reason };
        return await decisions.TellTogether<Coverage>(
            Kind.Coverage, "rejected",
            [
                (proposal, now => now is { Rejected.Count: > 0 } ? Decision.Stands
                    : said is null ? Decision.Not(NoProposal(proposal)) : new(said)),
                .. stated.Skip(1).Select((_, n) => (
                    Part(proposal, n + 1),
                    (Func<Coverage?, Decision>)(now => Stands(now)
                        ? new(new CoverageWithdrawn(reason))
                        : Decision.Stands))),
            ],
            by, cancellationToken);
    }

    /// <summary>What was decided; null = nothing.</summary>
    public Task<Coverage?> Find(string proposal, CancellationToken cancellationToken) =>
        decisions.Find<Coverage>(Kind.Coverage, proposal, cancellationToken);

    /// <summary>What was decided of which documents; empty = nothing.</summary>
    public async Task<IReadOnlyList<RejectedCover>> Decided(string proposal, CancellationToken cancellationToken) =>
        await Find(proposal, cancellationToken) switch
        {
            { Rejected: { Count: > 0 } rejected } => rejected,
            { To: not null } first =>
                [.. (await Stated(proposal, first, cancellationToken)).Select(c => new RejectedCover(c.To!, c.Amount))],
            _ => [],
        };

    public static ProblemAnswer NoProposal(string id) => Problems.NotFound(
        $"No proposal '{id}' stands; it may be gone because its records changed. /v1/coverage/proposals lists them.");

    /// <summary>What a person says of each document stands in a record of its own: the first in the proposal's.
    /// </summary>
    private static string Part(string proposal, int n) =>
        n == 0 ? proposal : FormattableString.Invariant($"{proposal}-{n + 1}");

    /// <summary>Whether a person confirmed it, and that was not taken back.</summary>
    private static bool Stands(Coverage? coverage) => coverage is { To: not null, Withdrawn: false };

    /// <summary>What was confirmed, document by document.</summary>
    private async Task<List<Coverage>> Stated(
        string proposal, Coverage first, CancellationToken cancellationToken)
    {
        List<Coverage> stated = [first];
        while (await Find(Part(proposal, stated.Count), cancellationToken) is { } next && Stands(next))
            stated.Add(next);
        return stated;
    }

    /// <summary>What is proposed, or was before it was turned down.</summary>
    private async Task<CoverageProposalRejected?> Proposed(
        string proposal, Coverage? before, CancellationToken cancellationToken)
    {
        if (before is { Rejected: { Count: > 0 } covers, From: { } from })
            return new(before.Rel, from, covers, before.Reason ?? "", before.Currency);
        return await CoverageProposalReader.Find(source, proposal, cancellationToken) is { } view
            ? new(
                view.Kind == Kind.Payment ? CoverageRelation.Settles
                    : view.Kind == Kind.Invoice ? CoverageRelation.Prepays
                    : CoverageRelation.Posts,
                Api.Proposed.RefOf(view.FromStream)!,
                view.Covers.Select(c => new RejectedCover(Api.Proposed.RefOf(c.To.Id)!, c.Amount)).ToItems(), "",
                view.Currency)
            : null;
    }

    private static readonly Decision Changed = Decision.Not(
        Problems.NotFound("It was decided otherwise at the same moment; look again."));

    private static ProblemAnswer? Blank(string reason) => string.IsNullOrWhiteSpace(reason)
        ? Problems.InvalidCommand("/reason", "empty", "say why, for whoever asks later")
        : null;
}
