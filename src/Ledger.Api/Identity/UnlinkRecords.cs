using Ledger.Projections.Identity;
using NodaTime;

namespace Ledger.Api;

/// <summary><c>POST /v1/identity/unlink</c>: a person says that two records of one entity are not one thing.</summary>
internal static class UnlinkRecords
{
    public static readonly About About = new("Say that two records of one entity are not one thing", Once.Parameter)
    {
        Takes = ["application/json"],
        Answer = typeof(DecisionAnswer),
        Good = [200, 201],
        Problems = [400, 401, 403, 413, 415, 422, 429, 503],
        IsWrite = true,
    };

    public static Task<IResult> Handle(
        HttpContext http, Deciding deciding, IdentityDecisions identity, CancellationToken cancellationToken) =>
        PairOfRecords.Decide(http, deciding, identity, identity.Unlink, cancellationToken);
}

/// <summary>The body of a command about two records: two streams, why, who, and from which date it counts.</summary>
internal sealed record PairOfRecords(string A, string B, string Reason, string Actor, LocalDate? EffectiveOn = null)
{
    /// <summary>Tells the ledger what a person says of them.</summary>
    public static Task<IResult> Decide(
        HttpContext http, Deciding deciding, IdentityDecisions identity,
        Func<string, string, string, DecidedBy, CancellationToken, Task<(ItemAnswer?, ProblemAnswer?)>> say,
        CancellationToken cancellationToken) =>
        deciding.Answer(http, async body =>
        {
            var (said, problem) = CommandBody.Read<PairOfRecords>(http.Request, body);
            if (said is null)
                return problem!;
            var told = await say(
                said.A, said.B, said.Reason, new(said.Actor, said.EffectiveOn), cancellationToken);
            return await deciding.Receipt(
                http, told, () => identity.Entities(Proposal.IdOf(said.A, said.B), cancellationToken),
                cancellationToken);
        }, cancellationToken);
}
