using Ledger.Domain;
using NodaTime;

namespace Ledger.Api;

/// <summary><c>POST /v1/ownership</c>: a person says whose word counts; or asks first what that would change.
/// </summary>
internal static class AssignOwnership
{
    public static readonly About About = new(
        "Say whose word counts, or ask first what that would change", DryRun.Parameter, DryRun.Approve,
        Once.Parameter)
    {
        Takes = ["application/json"],
        Answer = typeof(DecisionAnswer),
        Good = [200, 201],
        Problems = [400, 401, 403, 409, 413, 415, 422, 429, 503],
        IsWrite = true,
        Patience = DryRun.Patience,
    };

    public static Task<IResult> Handle(
        HttpContext http, Deciding deciding, OwnershipDecisions ownership, DryRun dryRun,
        CancellationToken cancellationToken) =>
        deciding.Answer(http, async body =>
        {
            var asked = new Asked(http.Request.Query);
            var (isTried, isApproved) = (asked.Truth("dry-run", false), asked.Truth("approve", false));
            var (said, fault) = CommandBody.Read<Assignment>(http.Request, body);
            if ((asked.Problem ?? fault) is { } problem)
                return problem;
            var (terms, by) = (said!.Terms, new DecidedBy(said.Actor, said.EffectiveOn));
            var offer = isTried || !isApproved ? await ownership.Try(terms, by, cancellationToken) : null;
            if (isTried)
                return await dryRun.Answer(http, offer!, cancellationToken);
            if (offer is not null && await dryRun.Refused(offer, cancellationToken) is { } refused)
                return refused;
            return await deciding.Receipt(
                http, await ownership.Assign(terms, by, cancellationToken), null, cancellationToken);
        }, cancellationToken);

    /// <summary>The command's body.</summary>
    private sealed record Assignment(
        string Of, Items<Role> Roles, string Actor, string? Field = null, Ref? Entity = null, LocalDate? From = null,
        LocalDate? To = null, string? Reason = null, LocalDate? EffectiveOn = null)
    {
        public OwnershipTerms Terms => new(Of, Roles, Field, Entity, From, To, Reason);
    }
}
