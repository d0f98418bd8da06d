using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Net.Http.Headers;

namespace Ledger.Api;

/// <summary><c>POST /v1/events</c>: one event, an array, or a stream of lines → a verdict each.</summary>
internal static class AppendEvents
{
    public const int BodyBytesMax = 10 << 20;
    public const int LineBytesMax = 1 << 20;
    public const int ItemsMax = 10_000;
    public const int AtomicItemsMax = 5_000;

    private const string Json = "application/json";
    private const string Lines = "application/x-ndjson";
    private const string CloudEvent = "application/cloudevents+json";
    private const string CloudEvents = "application/cloudevents-batch+json";

    public static readonly About About = new(
        "Append one event, an array of them, or a stream of lines; every item gets a verdict",
        new Parameter(
            "atomic", "Store all items of an array or none.", Microsoft.OpenApi.JsonSchemaType.Boolean,
            Microsoft.OpenApi.ParameterLocation.Query))
    {
        Takes = [Json, CloudEvent, CloudEvents, Lines],
        Answer = typeof(ItemAnswer),
        Gives = [Json, Lines],
        Good = [200, 201, 202, 409, 422],
        Problems = [400, 413, 415, 503],
    };

    private static readonly TimeSpan LinePause = TimeSpan.FromMinutes(10);

    public static async Task Handle(
        HttpContext http, Intake intake, Patience patience, CancellationToken cancellationToken)
    {
        // A body may take as long as its line needs; the clock runs only for the database.
        http.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        RequestBody.Unlimit(http);
        var (media, refusal) = Media(http.Request);
        var atomic = http.Request.Query["atomic"].ToString();
        if (refusal is null && atomic is not ("" or "true" or "false"))
            refusal = Problems.InvalidParameter("atomic", "atomic is true or false");
        if (refusal is null && atomic == "true" && media == Lines)
            refusal = Problems.InvalidParameter(
                "atomic", "a stream of lines cannot be stored all or nothing; send an array instead");
        if (refusal is not null)
            await RequestBody.Refuse(http, refusal);
        else if (media == Lines)
            await TakeLines(http, intake);
        else
            await TakeDocument(http, intake, patience, media, atomic == "true", cancellationToken);
    }

    private static (string Media, ProblemAnswer? Refusal) Media(HttpRequest request)
    {
        var encoding = request.Headers.ContentEncoding.ToString();
        if (encoding.Length > 0 && encoding != "identity" && !RequestBody.IsPacked(request))
            return ("", Problems.UnsupportedMediaType($"A body packed as '{encoding}' is not taken; gzip is."));
        var known = MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && HeaderUtilities.RemoveQuotes(type.Charset) is var charset
            && (charset.Length == 0 || charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase));
        var media = known ? type!.MediaType.ToString().ToLowerInvariant() : "";
        return media is Json or Lines or CloudEvent or CloudEvents
            ? (media, null)
            : ("", Problems.UnsupportedMediaType($"Send {Json}, {Lines}, {CloudEvent} or {CloudEvents}, in UTF-8."));
    }

    private static async Task TakeDocument(
        HttpContext http, Intake intake, Patience patience, string media, bool atomic,
        CancellationToken cancellationToken)
    {
        if (await ReadWhole(http, intake, cancellationToken) is not var (isArray, items))
            return;
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(patience.Time);
        var most = atomic ? AtomicItemsMax : ItemsMax;
        if (isArray && media == CloudEvent || !isArray && media == CloudEvents)
            await Problems.NotJson($"{media} is {(isArray ? "one event, not an array" : "an array of events")}")
                .ExecuteAsync(http);
        else if (items.Count > most)
            await Problems.TooLarge(FormattableString.Invariant(
                $"An array has {most} events at most, this has {items.Count}; send them as {Lines}, without end."))
                .ExecuteAsync(http);
        else
        {
            var traceparent = Traceparent(http.Request);
            var offered = items.ConvertAll(item => Offered.Read(item, traceparent));
            var answers = await intake.Take(offered, 0, atomic, time.Token);
            await Answer(http.Response, isArray, answers, cancellationToken);
        }
    }

    private static async Task<(bool IsArray, List<ReadOnlyMemory<byte>> Items)?> ReadWhole(
        HttpContext http, Intake intake, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> body = default;
        try
        {
            if (await RequestBody.Read(http.Request, BodyBytesMax, cancellationToken) is not { } whole)
            {
                await RequestBody.Refuse(http, Problems.TooLarge(FormattableString.Invariant(
                    $"A body has {BodyBytesMax} bytes at most; send events as {Lines}, without end.")));
                return null;
            }

            body = whole;
            return JsonDocuments.Split(body);
        }
        catch (Exception error) when (error is JsonException or InvalidDataException)
        {
            var problem = Problems.NotJson(error.Message);
            var number = await intake.Keep(body, problem, cancellationToken);
            await (problem with { Reject = number }).ExecuteAsync(http);
            return null;
        }
    }

    private static async Task Answer(
        HttpResponse response, bool isArray, ItemAnswer[] answers, CancellationToken cancellationToken)
    {
        response.StatusCode = isArray ? 200 : answers[0].Status;
        response.ContentType = Json;
        if (answers.Max(answer => answer.Position) is { } position)
            At.Say(response.HttpContext, position);
        if (isArray)
            await JsonSerializer.SerializeAsync(
                response.BodyWriter, new ManyAnswer(answers), DoorJson.Plain.ManyAnswer, cancellationToken);
        else
            await JsonSerializer.SerializeAsync(
                response.BodyWriter, answers[0], DoorJson.Plain.ItemAnswer, cancellationToken);
    }

    /// <summary>One line in, one line out, in groups of what has come so far; the memory it takes is that of one
    /// group.</summary>
    private static async Task TakeLines(HttpContext http, Intake intake)
    {
        // A stream of lines may last as long as it likes, and pause while its sender has nothing to say.
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = new MinDataRate(bytesPerSecond: 1, gracePeriod: LinePause);
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } answering)
            answering.MinDataRate = new MinDataRate(bytesPerSecond: 1, gracePeriod: LinePause);
        var left = http.RequestAborted;
        http.Response.ContentType = Lines;
        var groups = new LineGroups(RequestBody.Open(http.Request), LineBytesMax);
        await using var answers = new AnswerStream(http.Response.BodyWriter);
        await foreach (var group in new LineIntake(intake, Traceparent(http.Request)).Take(groups, left))
            await answers.Write(group, left);
        await answers.Finish();
    }

    /// <summary>The trace an event came with: this request's span where it is recorded, else the caller's.</summary>
    private static string? Traceparent(HttpRequest request)
    {
        if (Activity.Current is { Recorded: true, IdFormat: ActivityIdFormat.W3C } activity)
            return activity.Id;
        var stated = request.Headers.TraceParent.ToString();
        return ActivityContext.TryParse(stated, null, out _) ? stated : null;
    }
}
