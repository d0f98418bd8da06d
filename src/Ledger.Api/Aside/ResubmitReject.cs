using System.Text.Json;
using Ledger.Store;

namespace Ledger.Api;

/// <summary><c>POST /v1/rejects/{number}/resubmit</c>: the corrected document, or with no body the one that is kept →
/// a verdict each, by the same way in as any other.</summary>
internal static class ResubmitReject
{
    public static readonly About About = new(
        "Send a refused body again, corrected, or (with no body) as it is",
        Parameter.Path("number", "Its number."), Once.Parameter)
    {
        Takes = ["application/json"],
        Answer = typeof(ItemAnswer),
        Good = [200, 201, 202, 409, 422],
        Problems = [400, 401, 403, 404, 413, 429, 503],
        IsWrite = true,
    };

    public static async Task<IResult> Handle(
        string number, HttpContext http, EventStore store, Intake intake, Admission admission, Once once,
        CancellationToken cancellationToken)
    {
        var (caller, refusal) = await admission.Admit(http, cancellationToken);
        if (caller is null)
            return refusal!;
        if (await GetReject.Find(number, store, cancellationToken) is not { } reject
            || (caller.Source is { } own && reject.Source is { } of && of != own))
            return GetReject.NotFound(number);
        if (await RequestBody.Read(http.Request, caller.BodyBytesMax, cancellationToken) is not { } body)
            return Problems.TooLarge(
                FormattableString.Invariant($"A body has {caller.BodyBytesMax} bytes at most."));
        return await once.Answer(
            http, body, () => Run(http, reject, body, caller, store, intake, cancellationToken), cancellationToken);
    }

    private static async Task<IResult> Run(
        HttpContext http, KeptReject reject, ReadOnlyMemory<byte> body, Caller caller, EventStore store, Intake intake,
        CancellationToken cancellationToken)
    {
        var (isArray, answers, problem) = await Take(reject, body, caller, store, intake, cancellationToken);
        if (problem is not null)
            return problem;
        if (answers.Max(answer => answer.Position) is { } position)
            At.Say(http, position);
        return isArray
            ? TypedResults.Json(new ManyAnswer(answers), DoorJson.Plain.ManyAnswer)
            : TypedResults.Json(answers[0], DoorJson.Plain.ItemAnswer, statusCode: answers[0].Status);
    }

    /// <summary>Takes what stands for a reject; where all of it is good, that settles it.</summary>
    /// <param name="corrected">Empty = the body as it is kept.</param>
    public static async Task<(bool IsArray, ItemAnswer[] Answers, ProblemAnswer? Problem)> Take(
        KeptReject reject, ReadOnlyMemory<byte> corrected, Caller caller, EventStore store, Intake intake,
        CancellationToken cancellationToken)
    {
        var body = corrected.IsEmpty ? reject.Body!.Value : corrected;
        if (corrected.IsEmpty && body.Length < reject.Bytes)
            return (false, [], Problems.BadRequest(FormattableString.Invariant(
                $"Of this body only the first {body.Length} of {reject.Bytes} bytes are kept: send it corrected.")));
        try
        {
            var (isArray, items) = JsonDocuments.Split(body);
            if (items.Count == 0 || items.Count > caller.ItemsMax)
                return (isArray, [], Problems.BadRequest(FormattableString.Invariant(
                    $"Send one event, or an array of 1 to {caller.ItemsMax}.")));
            if (caller.Take(items.Count) is { } tooFast)
                return (isArray, [], tooFast);
            var answers = await intake.Take(
                items.ConvertAll(item => caller.Check(intake.Read(item, null))), 0, atomic: false, cancellationToken);
            if (Array.TrueForAll(answers, answer => answer.Problem is null))
                await store.Settle(
                    reject.Number, answers[^1].Source!, answers[^1].Id!, answers[^1].Position, cancellationToken);
            return (isArray, answers, null);
        }
        catch (JsonException error)
        {
            return (false, [], Problems.NotJson(error.Message));
        }
    }
}
