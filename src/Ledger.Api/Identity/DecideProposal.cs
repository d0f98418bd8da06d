using NodaTime;

namespace Ledger.Api;

/// <summary><c>POST /v1/identity/proposals/{id}/confirm</c>: a person says that the two are one thing.</summary>
internal static class ConfirmProposal
{
    public static readonly About About = DecideProposal.AboutOf("Say that the two of a proposal are one thing");

    public static Task<IResult> Handle(
        string id, HttpContext http, Deciding deciding, IdentityDecisions identity,
        CancellationToken cancellationToken) =>
        DecideProposal.Run(
            http, id, deciding, identity.Confirm, () => identity.Entities(id, cancellationToken), cancellationToken);
}

/// <summary><c>POST /v1/identity/proposals/{id}/reject</c>: a person says that they are not.</summary>
internal static class RejectProposal
{
    public static readonly About About = DecideProposal.AboutOf(
        "Say that the two of a proposal are not one thing; nobody is asked again");

    public static Task<IResult> Handle(
        string id, HttpContext http, Deciding deciding, IdentityDecisions identity,
        CancellationToken cancellationToken) =>
        DecideProposal.Run(
            http, id, deciding, identity.Reject, () => identity.Entities(id, cancellationToken), cancellationToken);
}

/// <summary>What verdicts on proposals have in common.</summary>
internal static class DecideProposal
{
    public static About AboutOf(string summary) => new(
        summary, Parameter.Path("id", "The proposal's id."), Once.Parameter)
    {
        Takes = ["application/json"],
        Answer = typeof(DecisionAnswer),
        Good = [200, 201],
        Problems = [400, 401, 403, 404, 413, 415, 422, 429, 503],
        IsWrite = true,
    };

    public static Task<IResult> Run(
        HttpContext http, string id, Deciding deciding,
        Func<string, string, DecidedBy, CancellationToken, Task<(ItemAnswer?, ProblemAnswer?)>> decide,
        Func<Task<DecidedEntities?>>? entities, CancellationToken cancellationToken) =>
        deciding.Answer(http, async body =>
        {
            var (said, problem) = CommandBody.Read<Verdict>(http.Request, body);
            if (said is null)
                return problem!;
            var told = await decide(id, said.Reason, new(said.Actor, said.EffectiveOn), cancellationToken);
            return await deciding.Receipt(http, told, entities, cancellationToken);
        }, cancellationToken);

    /// <summary>The command's body.</summary>
    /// <param name="Reason">Why, for whoever asks later.</param>
    /// <param name="Actor">Who decides.</param>
    /// <param name="EffectiveOn">From which date it counts; null = today.</param>
    private sealed record Verdict(string Reason, string Actor, LocalDate? EffectiveOn = null);
}
