using Ledger.Api.Pages;
using Ledger.Domain;
using NodaTime;

namespace Ledger.Api;

/// <summary><c>POST /v1/sign-offs</c>: finance puts its name to a scope; or asks first what is open in it.</summary>
internal static class SignScope
{
    public static readonly Parameter Tried = Parameter.Truth(
        "dry-run", "true = nothing is signed; the answer says what is open in the scope.");

    public static readonly About About = new(
        "Sign a legal entity's period, or ask first what is open in it", Tried, Once.Parameter)
    {
        Takes = ["application/json"],
        Answer = typeof(DecisionAnswer),
        Good = [200, 201],
        Problems = [400, 401, 403, 413, 415, 422, 429, 503],
        IsWrite = true,
        Patience = DryRun.Patience,
    };

    public static Task<IResult> Handle(
        HttpContext http, Deciding deciding, SignOffDecisions signOffs, CancellationToken cancellationToken) =>
        deciding.Answer(http, async body =>
        {
            var asked = new Asked(http.Request.Query);
            var isTried = asked.Truth("dry-run", false);
            var (said, fault) = CommandBody.Read<Signing>(http.Request, body);
            if ((asked.Problem ?? fault) is { } problem)
                return problem;
            if (isTried)
                return await Shown(http, signOffs, said!.Terms, cancellationToken);
            var (id, told) = await signOffs.Sign(said!.Terms, new(said.Actor, said.EffectiveOn), cancellationToken);
            if (told.Problem is null)
                http.Response.Headers.Location = $"/v1/sign-offs/{id}";
            return await deciding.Receipt(http, told, null, cancellationToken);
        }, cancellationToken);

    private static async Task<IResult> Shown(
        HttpContext http, SignOffDecisions signOffs, SignOffTerms terms, CancellationToken cancellationToken)
    {
        var (look, problem) = await signOffs.Look(terms, cancellationToken);
        if (look is null)
            return problem!;
        At.Say(http, look.At.World.Position);
        return TypedResults.Json(ScopeAnswer.Of(look), DoorJson.Plain.ScopeAnswer);
    }

    /// <summary>The command's body.</summary>
    /// <param name="Position">The last event that was known when it was looked at; refused where something in the scope
    /// changed since.</param>
    private sealed record Signing(
        string Reason, string Actor, Ref? Entity = null, string? Period = null, LocalDate? From = null,
        LocalDate? To = null, long? Position = null, LocalDate? EffectiveOn = null)
    {
        public SignOffTerms Terms => new(Entity, Period, From, To, Reason, Position);
    }
}

/// <summary>What there is to see in a scope before it is signed.</summary>
/// <param name="Id">That the sign-off has, or will have.</param>
/// <param name="Position">What to give as <c>position</c> to sign just this.</param>
/// <param name="Records">How many records have a part in it.</param>
/// <param name="Accepted">How many exceptions in it were accepted.</param>
/// <param name="Breaks">How many pieces of work and documents do not foot over its days; /v1/proof names them.</param>
/// <param name="Classes">What is open, by class and currency.</param>
/// <param name="Items">The first hundred that are open.</param>
/// <param name="Status">What was signed of it before: signed or suspended; absent = nothing.</param>
public sealed record ScopeAnswer(
    string Id, long Position, string From, string To, int Records, int Open, int Accepted, int Breaks,
    IReadOnlyList<OpenClassAnswer> Classes, IReadOnlyList<ExceptionAnswer> Items, string? Status)
{
    private const int ItemsShown = 100;

    internal static ScopeAnswer Of(SignOffLook look) => new(
        look.Id, look.At.World.Position, SignOffAnswer.Date(look.From), SignOffAnswer.Date(look.To), look.Seen.Records,
        look.Seen.Open.Count, look.Seen.Accepted, look.Breaks, [.. look.Seen.Classes.Select(OpenClassAnswer.Of)],
        [.. look.Seen.Open.Take(ItemsShown).Select(c => ExceptionAnswer.Told(c, look.At.World.Day))],
        look.Standing is { } standing ? Words.Name(standing.Status) : null);
}
