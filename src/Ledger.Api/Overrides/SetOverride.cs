using System.Text.Json.Serialization;
using Ledger.Domain;
using NodaTime;

namespace Ledger.Api;

/// <summary><c>POST /v1/overrides</c>: a person puts a value over what the owner of a field says.</summary>
internal static class SetOverride
{
    public static readonly About About = new("Put a value over what the owner of a field says", Once.Parameter)
    {
        Takes = ["application/json"],
        Answer = typeof(DecisionAnswer),
        Good = [200, 201],
        Problems = [400, 401, 403, 413, 415, 422, 429, 503],
        IsWrite = true,
    };

    public static Task<IResult> Handle(
        HttpContext http, Deciding deciding, OverrideDecisions overrides, CancellationToken cancellationToken) =>
        deciding.Answer(http, async body =>
        {
            var (said, problem) = CommandBody.Read<Override>(http.Request, body);
            if (said is null)
                return problem!;
            var (id, told) = await overrides.Set(
                new(said.Of, said.Field, said.Value, said.Reason, said.Until), new(said.Actor, said.EffectiveOn),
                cancellationToken);
            if (told.Problem is null)
                http.Response.Headers.Location = $"/v1/overrides/{id}";
            return await deciding.Receipt(http, told, null, cancellationToken);
        }, cancellationToken);

    /// <summary>The command's body.</summary>
    private sealed record Override(
        Ref Of, string Field, JsonText Value, string Reason, string Actor, LocalDate? Until = null,
        LocalDate? EffectiveOn = null);
}

/// <summary><c>DELETE /v1/overrides/{id}</c>: a person takes an override back.</summary>
internal static class WithdrawOverride
{
    public static readonly About About = new(
        "Take an override back: the owner's word counts again", Parameter.Path("id", "The override's id."),
        Withdrawn.Reason, Withdrawn.Actor, Withdrawn.EffectiveOn, Once.Parameter)
    {
        Answer = typeof(DecisionAnswer),
        Good = [200, 201],
        Problems = [400, 401, 403, 404, 413, 422, 429, 503],
        IsWrite = true,
    };

    public static Task<IResult> Handle(
        string id, HttpContext http, Deciding deciding, OverrideDecisions overrides,
        CancellationToken cancellationToken) =>
        deciding.Answer(http, async _ =>
        {
            var asked = new Asked(http.Request.Query);
            var (reason, by) = Withdrawn.Read(asked);
            if (asked.Problem is { } problem)
                return problem;
            return Address.IsStorable(id)
                ? await deciding.Receipt(
                    http, await overrides.Withdraw(id, reason, by, cancellationToken), null, cancellationToken)
                : OverrideDecisions.NoOverride(id);
        }, cancellationToken);
}
