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

    /// <summary>The body is an event's data; the rest of it is in headers.</summary>
    private const string Binary = "";

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
        Problems = [400, 401, 403, 413, 415, 429, 503],
        IsWrite = true,
    };

    private static readonly TimeSpan LinePause = TimeSpan.FromMinutes(10);

    public static async Task Handle(
        HttpContext http, Intake intake, Admission admission, Crowding crowding, Patience patience,
        CancellationToken cancellationToken)
    {
        // A body may take as long as its line needs; the clock runs only for the database.
        http.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        RequestBody.Unlimit(http);
        var (caller, refusal) = await admission.Admit(http, cancellationToken);
        var media = "";
        if (refusal is null)
            (media, refusal) = Media(http.Request);
        var atomic = http.Request.Query["atomic"].ToString();
        if (refusal is null && atomic is not ("" or "true" or "false"))
            refusal = Problems.InvalidParameter("atomic", "atomic is true or false");
        if (refusal is null && atomic == "true" && media == Lines)
            refusal = Problems.InvalidParameter(
                "atomic", "a stream of lines cannot be stored all or nothing; send an array instead");
        using var seat = media == Lines && refusal is null ? crowding.LineStreams.AttemptAcquire() : null;
        if (seat is { IsAcquired: false })
            refusal = Problems.Busy("Too many streams of lines are coming in.");
        if (refusal is not null)
            await RequestBody.Refuse(http, refusal);
        else if (media == Lines)
            await TakeLines(http, intake, caller!, new(admission, caller!));
        else
            await TakeDocument(http, intake, caller!, patience, media, atomic == "true", cancellationToken);
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
        var isWhole = request.ContentType?.TrimStart().StartsWith(
            "application/cloudevents", StringComparison.OrdinalIgnoreCase) == true;
        if (BinaryMode.IsMeant(request) && !isWhole)
            return BinaryMode.IsData(request.ContentType)
                ? (Binary, null)
                : ("", Problems.UnsupportedMediaType(
                    "With ce-… headers the body is the event's data, which is JSON in UTF-8 and nothing else."));
        return media is Json or Lines or CloudEvent or CloudEvents
            ? (media, null)
            : ("", Problems.UnsupportedMediaType(
                $"Send {Json}, {Lines}, {CloudEvent} or {CloudEvents}, or {Json} with ce-… headers; in UTF-8."));
    }

    private static async Task TakeDocument(
        HttpContext http, Intake intake, Caller caller, Patience patience, string media, bool atomic,
        CancellationToken cancellationToken)
    {
        var most = Math.Min(atomic ? AtomicItemsMax : ItemsMax, caller.ItemsMax);
        if (await ReadWhole(http, intake, caller, media, most, cancellationToken) is not var (isArray, items))
            return;
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(patience.Time);
        if (isArray && media == CloudEvent || !isArray && media == CloudEvents)
            await Problems.NotJson($"{media} is {(isArray ? "one event, not an array" : "an array of events")}")
                .ExecuteAsync(http);
        else if (caller.Take(items.Count) is { } tooFast)
            await tooFast.ExecuteAsync(http);
        else
        {
            var offered = items.ConvertAll(caller.Check);
            var answers = caller.Warn(offered, await intake.Take(offered, 0, atomic, time.Token));
            await Answer(http.Response, isArray, answers, cancellationToken);
        }
    }

    private static async Task<(bool IsArray, List<Offered> Items)?> ReadWhole(
        HttpContext http, Intake intake, Caller caller, string media, int itemsMax, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> body = default;
        try
        {
            var most = caller.BodyBytesMax;
            if (await RequestBody.Read(http.Request, most, cancellationToken) is not { } whole)
            {
                await RequestBody.Refuse(http, Problems.TooLarge(FormattableString.Invariant(
                    $"A body has {most} bytes at most; send events as {Lines}, without end.")));
                return null;
            }

            body = whole;
            var traceparent = Traceparent(http.Request);
            if (media == Binary)
                return (false, [BinaryMode.Read(intake, http.Request.Headers, body, traceparent)]);
            var (isArray, items) = JsonDocuments.Split(body);
            // Counted before any is read: millions fit in a small body.
            if (items.Count > itemsMax)
            {
                await TooMany(itemsMax, items.Count).ExecuteAsync(http);
                return null;
            }

            return (isArray, [.. Offered.Each(items.Count, i => intake.Read(items[i], traceparent))]);
        }
        catch (Exception error) when (error is JsonException or InvalidDataException)
        {
            var problem = Problems.NotJson(error.Message);
            var number = await intake.Keep(body, caller.Source, problem, cancellationToken);
            await (problem with { Reject = number }).ExecuteAsync(http);
            return null;
        }
    }

    private static ProblemAnswer TooMany(int most, int items) => Problems.TooLarge(FormattableString.Invariant(
        $"An array has {most} events at most, this has {items}; send them as {Lines}, without end."));

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
    private static async Task TakeLines(HttpContext http, Intake intake, Caller caller, LineGate gate)
    {
        // A stream of lines may last as long as it likes, and pause while its sender has nothing to say.
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = new MinDataRate(bytesPerSecond: 1, gracePeriod: LinePause);
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } answering)
            answering.MinDataRate = new MinDataRate(bytesPerSecond: 1, gracePeriod: LinePause);
        var left = http.RequestAborted;
        http.Response.ContentType = Lines;
        ListEvents.Unbuffer(http.Response);
        var groups = new LineGroups(RequestBody.Open(http.Request), caller.LineBytesMax);
        await using var answers = new AnswerStream(http.Response.BodyWriter);
        await foreach (var group in new LineIntake(intake, Traceparent(http.Request), gate).Take(groups, left))
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
