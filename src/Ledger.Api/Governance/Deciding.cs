using System.Text.Json.Serialization;
using Ledger.Projections;

namespace Ledger.Api;

/// <summary>What commands that decide something have in common over HTTP: only who may speak in the ledger's name may
/// send them; they are done once; and the answer waits until the views show what was decided.</summary>
internal sealed class Deciding(Admission admission, Once once, Projector projector)
{
    /// <summary>Runs a command of whoever may.</summary>
    /// <param name="run">Is given the request's body.</param>
    public async Task<IResult> Answer(
        HttpContext http, Func<ReadOnlyMemory<byte>, Task<IResult>> run, CancellationToken cancellationToken)
    {
        var (caller, refusal) = await admission.Admit(http, cancellationToken);
        if (caller is null)
            return refusal!;
        if (NotTheLedger(caller) is { } other)
            return other;
        if (await RequestBody.Read(http.Request, CommandBody.BytesMax, cancellationToken) is not { } body)
            return Problems.TooLarge(
                FormattableString.Invariant($"A command has {CommandBody.BytesMax} bytes at most."));
        return await once.Answer(
            http, body, async () => caller.Take(1) ?? await run(body), cancellationToken);
    }

    /// <summary>Null = it may speak in the ledger's name.</summary>
    public static ProblemAnswer? NotTheLedger(Caller caller) =>
        caller.Source is null or SourceRegistration.Own ? null : Problems.NotTheLedger();

    /// <summary>Answers with a receipt as soon as the views show it; a while later in any case.</summary>
    /// <param name="entities">What the streams belong to then; null = it is not about entities.</param>
    public Task<IResult> Receipt(
        HttpContext http, (ItemAnswer? Receipt, ProblemAnswer? Problem) told, Func<Task<DecidedEntities?>>? entities,
        CancellationToken cancellationToken) => Receipt(http, told, entities, null, cancellationToken);

    /// <summary>The same, with what came of looking at an exception again; null = it is not about that.</summary>
    public async Task<IResult> Receipt(
        HttpContext http, (ItemAnswer? Receipt, ProblemAnswer? Problem) told, Func<Task<DecidedEntities?>>? entities,
        ReplayOutcome? replay, CancellationToken cancellationToken)
    {
        if (told.Problem is { } problem)
            return problem;
        var receipt = told.Receipt!;
        var isShown = await Shown(receipt, cancellationToken);
        At.Say(http, receipt.Position ?? 0);
        var answer = new DecisionAnswer(
            receipt, isShown, isShown && entities is not null ? await entities() : null, replay);
        return TypedResults.Json(answer, DoorJson.Plain.DecisionAnswer, statusCode: receipt.Status);
    }

    /// <summary>Whether the views show what was decided, now or within a while.</summary>
    public async Task<bool> Shown(ItemAnswer receipt, CancellationToken cancellationToken) =>
        receipt.Position is { } position && await At.Reached(projector, position, cancellationToken) is null;
}

/// <summary>What became of a decision.</summary>
/// <param name="Receipt">Of the event that states it; its verdict is duplicate where that was so before.</param>
/// <param name="Shown">Whether every view shows it already; where not, ask with <c>at-least</c> and its position.
/// </param>
/// <param name="Entities">What it joined or parted, as it is now.</param>
/// <param name="Replay">What came of looking at an exception again.</param>
public sealed record DecisionAnswer(
    ItemAnswer Receipt, bool Shown, DecidedEntities? Entities, ReplayOutcome? Replay = null);

/// <summary>What two streams are now.</summary>
/// <param name="A">The entity of the one; null = the ledger has no such stream.</param>
/// <param name="B">The entity of the other.</param>
/// <param name="Same">Whether they are one thing.</param>
/// <param name="Note">What else holds them together, or keeps them apart, and what to do about it.</param>
public sealed record DecidedEntities(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? A,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? B, bool Same, string? Note);
