using Ledger.Domain;
using NodaTime;

namespace Ledger.Api;

/// <summary><c>POST /v1/exceptions/{id}/{verb}</c>: a person explains, assigns, accepts or resolves.</summary>
internal static class DecideException
{
    public static readonly About About = new(
        "Say something of an exception: explain, assign, accept or resolve",
        Parameter.Path("id", "The exception's id."), Parameter.Path("verb", "explain, assign, accept or resolve."),
        Once.Parameter)
    {
        Takes = ["application/json"],
        Answer = typeof(DecisionAnswer),
        Good = [200, 201],
        Problems = [400, 401, 403, 404, 413, 415, 422, 429, 503],
        IsWrite = true,
    };

    public static Task<IResult> Handle(
        string id, string verb, HttpContext http, Deciding deciding, CaseDecisions cases,
        CancellationToken cancellationToken) =>
        deciding.Answer(http, async body =>
        {
            var (said, problem) = CommandBody.Read<Word>(http.Request, body);
            if (said is null)
                return problem!;
            var told = await Say(cases, id, verb, said, cancellationToken);
            return await deciding.Receipt(http, told, null, cancellationToken);
        }, cancellationToken);

    /// <summary>Does what the verb says.</summary>
    internal static Task<(ItemAnswer? Receipt, ProblemAnswer? Problem)> Say(
        CaseDecisions cases, string id, string verb, Word said, CancellationToken cancellationToken)
    {
        var by = new DecidedBy(said.Actor);
        if (!Address.IsStorable(id))
            return Task.FromResult<(ItemAnswer?, ProblemAnswer?)>((null, CaseDecisions.NoCase(id)));
        return verb switch
        {
            "explain" => cases.Explain(id, said.Reason, by, cancellationToken),
            "assign" => cases.Assign(id, said.To ?? "", said.Reason, by, cancellationToken),
            "accept" => cases.Accept(id, said.Reason, said.Until, by, cancellationToken),
            "resolve" => cases.Resolve(id, said.Reason, by, cancellationToken),
            _ => Task.FromResult<(ItemAnswer?, ProblemAnswer?)>(
                (null, Problems.NotFound("An exception is explained, assigned, accepted or resolved."))),
        };
    }

    /// <summary>The command's body.</summary>
    /// <param name="Reason">Why, for whoever asks later.</param>
    /// <param name="To">Who looks at it; only where it is assigned.</param>
    /// <param name="Until">The last day it is accepted; null = for good.</param>
    internal sealed record Word(string Reason, string Actor, string? To = null, LocalDate? Until = null);
}
