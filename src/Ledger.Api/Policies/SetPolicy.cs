using Ledger.Domain;
using NodaTime;

namespace Ledger.Api;

/// <summary><c>POST /v1/policies</c>: a person says what is tolerated, how late a system may be, what money weighs,
/// what a status means, who looks at what; or asks first what that would change.</summary>
internal static class SetPolicy
{
    public static readonly Parameter Tried = Parameter.Truth(
        "dry-run", "true = nothing is decided; the answer says how many findings it would change.");

    public static readonly About About = new(
        "Say what is tolerated, how late a system may be, what money weighs, what a status means, or who looks at what",
        Tried, Once.Parameter)
    {
        Takes = ["application/json"],
        Answer = typeof(DecisionAnswer),
        Good = [200, 201],
        Problems = [400, 401, 403, 413, 415, 422, 429, 503],
        IsWrite = true,
        Patience = DryRun.Patience,
    };

    public static Task<IResult> Handle(
        HttpContext http, Deciding deciding, PolicyDecisions policies, PolicyEffect effect,
        CancellationToken cancellationToken) =>
        deciding.Answer(http, async body =>
        {
            var asked = new Asked(http.Request.Query);
            var isTried = asked.Truth("dry-run", false);
            var (said, fault) = CommandBody.Read<Agreed>(http.Request, body);
            if ((asked.Problem ?? fault) is { } problem)
                return problem;
            var (terms, by) = (said!.Terms, new DecidedBy(said.Actor, said.EffectiveOn));
            if (isTried)
                return await effect.Answer(http, await policies.Try(terms, by, cancellationToken), cancellationToken);
            var (id, told) = await policies.Set(terms, by, cancellationToken);
            if (told.Problem is null)
                http.Response.Headers.Location = $"/v1/policies/{id}";
            return await deciding.Receipt(http, told, null, cancellationToken);
        }, cancellationToken);

    /// <summary>The command's body: one of the five, as its event states it.</summary>
    private sealed record Agreed(
        string Actor, ToleranceSet? Tolerance = null, LagSet? Lag = null, MaterialitySet? Materiality = null,
        StatusMapSet? StatusMap = null, RoutingSet? Routing = null, LocalDate? EffectiveOn = null)
    {
        public PolicyTerms Terms => new(Tolerance, Lag, Materiality, StatusMap, Routing);
    }
}

/// <summary><c>DELETE /v1/policies/{id}</c>: a person says that a policy counts no longer.</summary>
internal static class EndPolicy
{
    public static readonly About About = new(
        "Say that a policy counts no longer, or ask first what that would change",
        Parameter.Path("id", "The policy's id, percent-encoded."),
        Parameter.Text("last", "The last day it counts; yesterday where not said."),
        Withdrawn.Reason, Withdrawn.Actor, Withdrawn.EffectiveOn, SetPolicy.Tried, Once.Parameter)
    {
        Answer = typeof(DecisionAnswer),
        Good = [200, 201],
        Problems = [400, 401, 403, 404, 413, 422, 429, 503],
        IsWrite = true,
        Patience = DryRun.Patience,
    };

    public static Task<IResult> Handle(
        HttpContext http, Deciding deciding, PolicyDecisions policies, PolicyEffect effect,
        CancellationToken cancellationToken) =>
        deciding.Answer(http, async _ =>
        {
            var id = Address.After(http, "/v1/policies/");
            var asked = new Asked(http.Request.Query);
            var (isTried, last) = (asked.Truth("dry-run", false), asked.Date("last"));
            var (reason, by) = Withdrawn.Read(asked);
            if (asked.Problem is { } problem)
                return problem;
            if (!Address.IsStorable(id))
                return PolicyDecisions.NoPolicy(id);
            return isTried
                ? await effect.Answer(
                    http, await policies.TryEnd(id, last, reason, by, cancellationToken), cancellationToken)
                : await deciding.Receipt(
                    http, await policies.End(id, last, reason, by, cancellationToken), null, cancellationToken);
        }, cancellationToken);
}
