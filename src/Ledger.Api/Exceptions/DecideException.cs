using Ledger.Domain;
using NodaTime;

namespace Ledger.Api;

/// <summary><c>POST /v1/exceptions/{id}/{verb}</c>: a person explains, assigns, releases, accepts or resolves it, or
/// has it looked at again.</summary>
internal static class DecideException
{
    public static readonly About About = new(
        "Say something of an exception, or have it looked at again",
        Parameter.Path("id", "The exception's id."),
        Parameter.Path("verb", "explain, assign, release, accept, resolve or replay."), Once.Parameter)
    {
        Takes = ["application/json"],
        Answer = typeof(DecisionAnswer),
        Good = [200, 201],
        Problems = [400, 401, 403, 404, 413, 415, 422, 429, 503],
        IsWrite = true,
        Patience = DryRun.Patience,
    };

    public static Task<IResult> Handle(
        string id, string verb, HttpContext http, Deciding deciding, CaseDecisions cases, CaseReplay replay,
        CancellationToken cancellationToken) =>
        deciding.Answer(http, async body =>
        {
            var (said, problem) = CommandBody.Read<Word>(http.Request, body);
            if (said is null)
                return problem!;
            var (outcome, receipt, refusal) = await Say(cases, replay, id, verb, said, cancellationToken);
            return await deciding.Receipt(http, (receipt, refusal), null, outcome, cancellationToken);
        }, cancellationToken);

    /// <summary>Does what the verb says.</summary>
    /// <returns>The outcome is told of what is looked at again.</returns>
    internal static async Task<(ReplayOutcome? Outcome, ItemAnswer? Receipt, ProblemAnswer? Problem)> Say(
        CaseDecisions cases, CaseReplay replay, string id, string verb, Word said, CancellationToken cancellationToken)
    {
        var by = new DecidedBy(said.Actor);
        if (!Address.IsStorable(id))
            return (null, null, CaseDecisions.NoCase(id));
        if (verb == "replay")
            return await replay.Run(id, said.Reason.Length == 0 ? null : said.Reason, by, cancellationToken);
        var (receipt, problem) = verb switch
        {
            "assign" when string.IsNullOrWhiteSpace(said.Reason) => (null, CaseDecisions.NoReason),
            "explain" => await cases.Explain(id, said.Reason, by, cancellationToken),
            "assign" => await cases.Assign(id, said.To ?? "", said.Reason, by, cancellationToken),
            "release" => await cases.Release(id, said.Reason, by, cancellationToken),
            "accept" => await cases.Accept(id, said.Reason, said.Until, by, cancellationToken),
            "resolve" => await cases.Resolve(id, said.Reason, by, cancellationToken),
            _ => (null, Problems.NotFound(
                "An exception is explained, assigned, released, accepted, resolved or replayed.")),
        };
        return (null, receipt, problem);
    }

    /// <summary>The command's body.</summary>
    /// <param name="Reason">Why, for whoever asks later; needed but to replay.</param>
    /// <param name="To">Who looks at it; only where it is assigned.</param>
    /// <param name="Until">The last day it is accepted; null = for good.</param>
    internal sealed record Word(string Actor, string Reason = "", string? To = null, LocalDate? Until = null);
}
