using Ledger.Domain;
using Ledger.Projections.Identity;
using Ledger.Projections.Views;
using Npgsql;

namespace Ledger.Api;

/// <summary>What people decide of pairs that are, or look like, one thing.</summary>
internal sealed class IdentityDecisions(Decisions decisions, NpgsqlDataSource source)
{
    /// <summary>The two of a proposal are one thing.</summary>
    /// <param name="proposal">Its id.</param>
    public Task<(ItemAnswer? Receipt, ProblemAnswer? Problem)> Confirm(
        string proposal, string reason, DecidedBy by, CancellationToken cancellationToken) =>
        Decide(
            proposal, "confirmed", link => link.Linked, (a, b) => new IdentityLinked(a, b, reason), Remedies.Of,
            reason, by, cancellationToken);

    /// <summary>The two of a proposal are not one thing, and nobody need be asked again.</summary>
    /// <param name="proposal">Its id.</param>
    public Task<(ItemAnswer? Receipt, ProblemAnswer? Problem)> Reject(
        string proposal, string reason, DecidedBy by, CancellationToken cancellationToken) =>
        Decide(
            proposal, "rejected", link => link.Rejected, (a, b) => new IdentityProposalRejected(a, b, reason),
            _ => null, reason, by, cancellationToken);

    /// <summary>Two records are one thing, whether anybody proposed it or not.</summary>
    public async Task<(ItemAnswer? Receipt, ProblemAnswer? Problem)> Link(
        string a, string b, string reason, DecidedBy by, CancellationToken cancellationToken)
    {
        var (pair, problem) = Pair(a, b, "be one with", reason);
        if (pair is not var (one, other))
            return (null, problem);
        foreach (var (pointer, stream, record) in new[] { ("/a", a, one), ("/b", b, other) })
            if (await Entity(record, cancellationToken) is null)
                return (null, Problems.InvalidCommand(pointer, "unknown", $"the ledger has no record '{stream}'"));
        return await decisions.Tell<IdentityLink>(
            Kind.Identity, Proposal.IdOf(a, b), "linked",
            before => before is { Linked: true } ? Decision.Stands : new(new IdentityLinked(one, other, reason)), by,
            cancellationToken);
    }

    /// <summary>Two records of one entity are not one thing; no rule joins them again.</summary>
    public async Task<(ItemAnswer? Receipt, ProblemAnswer? Problem)> Unlink(
        string a, string b, string reason, DecidedBy by, CancellationToken cancellationToken)
    {
        var (pair, problem) = Pair(a, b, "be parted from", reason);
        if (pair is not var (one, other))
            return (null, problem);
        var (here, there) = (await Entity(one, cancellationToken), await Entity(other, cancellationToken));
        return await decisions.Tell<IdentityLink>(
            Kind.Identity, Proposal.IdOf(a, b), "unlinked", before => before switch
            {
                { Linked: false, Rejected: false } => Decision.Stands,
                null or { Linked: false } when here is null || here != there => Decision.Not(Problems.InvalidCommand(
                    "", "not_linked", $"'{a}' and '{b}' are not one thing; there is nothing to part")),
                _ => new(new IdentityUnlinked(one, other, reason)),
            },
            by, cancellationToken);
    }

    /// <summary>Two records of one kind, or why they are none.</summary>
    /// <param name="verb">What the one is to do with the other.</param>
    private static ((Ref, Ref)? Pair, ProblemAnswer? Problem) Pair(string a, string b, string verb, string reason)
    {
        if (Proposed.RefOf(a) is not { } one)
            return Wrong("/a", $"'{a}' names no stream; a stream is {{kind}}/{{source}}:{{id}}");
        if (Proposed.RefOf(b) is not { } other)
            return Wrong("/b", $"'{b}' names no stream; a stream is {{kind}}/{{source}}:{{id}}");
        if (one.Kind != other.Kind || one == other)
            return Wrong("/b", $"to {verb} '{a}' it is another {one.Kind}");
        return Blank(reason) is { } blank ? (null, blank) : ((one, other), null);

        static ((Ref, Ref)?, ProblemAnswer?) Wrong(string pointer, string detail) =>
            (null, Problems.InvalidCommand(pointer, "invalid", detail));
    }

    /// <summary>What the two of a decision belong to now.</summary>
    /// <param name="id">Of the proposal, or of the ledger's own link between them.</param>
    public async Task<DecidedEntities?> Entities(string id, CancellationToken cancellationToken)
    {
        if (await decisions.Find<IdentityLink>(Kind.Identity, id, cancellationToken) is not { A: { } a, B: { } b } link)
            return null;
        var (here, there) = (await Entity(a, cancellationToken), await Entity(b, cancellationToken));
        var isSame = here is not null && here == there;
        return new(here, there, isSame, Note(link, isSame));
    }

    private static string? Note(IdentityLink link, bool isSame) => (link.Linked, isSame) switch
    {
        (true, false) => "They stay apart for now: an entity has one live record of each source, and a link that would "
            + "put two of one source together does not count. Where one of them took the other's place, state a "
            + "succession.",
        (false, true) => "They are still one by other ties, which the entity lists; whoever states those takes them "
            + "back.",
        _ => null,
    };

    private async Task<(ItemAnswer? Receipt, ProblemAnswer? Problem)> Decide(
        string proposal, string verb, Func<IdentityLink, bool> stands, Func<Ref, Ref, GovernanceEvent> say,
        Func<ProposalView, string?> remedy, string reason, DecidedBy by, CancellationToken cancellationToken)
    {
        if (Blank(reason) is { } blank)
            return (null, blank);
        // What was decided once is not proposed any more, and its link still knows the two.
        var proposed = await ProposalReader.Find(source, proposal, cancellationToken);
        var instead = proposed is null ? null : remedy(proposed);
        return await decisions.Tell<IdentityLink>(
            Kind.Identity, proposal, verb, before =>
            {
                if (before is not null && stands(before))
                    return Decision.Stands;
                if (instead is not null)
                    return Decision.Not(Problems.InvalidCommand("", "two_live_records", instead));
                var (a, b) = (before?.A ?? Of(proposed?.A), before?.B ?? Of(proposed?.B));
                return a is null || b is null ? Decision.Not(NoProposal(proposal)) : new(say(a, b));
            },
            by, cancellationToken);

        static Ref? Of(string? stream) => stream is null ? null : Proposed.RefOf(stream);
    }

    public static ProblemAnswer NoProposal(string id) => Problems.NotFound(
        $"No proposal '{id}' stands; it may be gone because its records changed. /v1/identity/proposals lists them.");

    private static ProblemAnswer? Blank(string reason) => string.IsNullOrWhiteSpace(reason)
        ? Problems.InvalidCommand("/reason", "empty", "say why, for whoever asks later")
        : null;

    private async Task<string?> Entity(Ref record, CancellationToken cancellationToken)
    {
        var (_, found) = await EntityReader.Find(
            source, record.Kind, record.Stream(SourceRegistration.Own)!, cancellationToken);
        return found is [var entity] ? entity.Id : null;
    }
}
