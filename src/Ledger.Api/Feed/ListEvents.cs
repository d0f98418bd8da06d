using System.Diagnostics;
using Ledger.Store;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Ledger.Api;

/// <summary><c>GET /v1/events</c>: the log in its one order, a page at a time, or as a feed.</summary>
internal static class ListEvents
{
    public const int LimitMax = 1_000;
    public const int LimitDefault = 100;

    private const string Json = "application/json";
    private const string Lines = "application/x-ndjson";
    private const string EventStream = "text/event-stream";

    /// <summary>A page ends early once it holds so many bytes of bodies.</summary>
    private const long PageBytes = 16 << 20;

    /// <summary>A page ends early, maybe empty, where a filter lets nothing through for so long.</summary>
    private static readonly TimeSpan PageTime = TimeSpan.FromSeconds(5);

    private const int HeartbeatSeconds = 15;
    private const int HeartbeatSecondsMax = 300;

    /// <summary>A reader that takes nothing for so long is let go; it resumes where it was.</summary>
    private static readonly TimeSpan ReaderPause = TimeSpan.FromMinutes(1);

    private static readonly string[] Offered = [Json, Lines, EventStream];

    public static readonly About About = new(
        "The log in its one order: a page at a time (application/json), all of it (application/x-ndjson), or as it "
        + "grows (application/x-ndjson with follow, text/event-stream)",
        Parameter.Whole("after", "Begin after this position; 0 = at the beginning."),
        Parameter.Whole("limit", "At most so many: of a page 1 to 1000, 100 where not said; of a feed any number."),
        Parameter.Text("type", "Only events of this type."),
        Parameter.Text("source", "Only what this system stated."),
        Parameter.Text("kind", "Only of records of this kind."),
        Parameter.Text("stream", "Only of this stream, {kind}/{source}:{id}."),
        new Parameter(
            "follow", "Lines: go on with what is appended later.", Microsoft.OpenApi.JsonSchemaType.Boolean,
            Microsoft.OpenApi.ParameterLocation.Query),
        Parameter.Whole("heartbeat", "A feed's longest silence in seconds: 1 to 300, 15 where not said."),
        new Parameter(
            "Last-Event-ID", "A feed begins after this position, whatever after says.",
            Microsoft.OpenApi.JsonSchemaType.Integer, Microsoft.OpenApi.ParameterLocation.Header),
        About.AtLeast)
    {
        Answer = typeof(EventPage),
        Gives = Offered,
    };

    public static async Task<IResult> Handle(
        HttpContext http, EventStore store, Crowding crowding, IHostApplicationLifetime lifetime,
        CancellationToken cancellationToken)
    {
        http.Response.Headers.Vary = "Accept";
        var media = Accepts.Best(http.Request, Offered) ?? Json;
        var asked = new Asked(http.Request.Query);
        var filter = new EventFilter(
            asked.Text("type"), asked.Text("source"), asked.Text("kind"), asked.Text("stream"));
        if (media == Json)
            return await Page(http, asked, filter, store, cancellationToken);
        var terms = Terms(http.Request, asked, filter, media);
        if ((asked.Problem ?? await At.Log(http, store, terms.After, cancellationToken)) is { } problem)
            return problem;
        using var seat = crowding.Feeds.AttemptAcquire();
        if (!seat.IsAcquired)
            return Problems.Busy("Too many feeds are being read.");
        Prepare(http, media);
        if (!HttpMethods.IsHead(http.Request.Method))
            await new EventFeed(
                store, media == Lines ? FeedFormat.Lines : FeedFormat.EventStream, http.Response.BodyWriter, terms)
                .Send(At.Said(http), lifetime.ApplicationStopping, http.RequestAborted);
        return TypedResults.Empty;
    }

    private static async Task<IResult> Page(
        HttpContext http, Asked asked, EventFilter filter, EventStore store, CancellationToken cancellationToken)
    {
        var after = asked.Whole("after", 0, long.MaxValue, 0);
        var limit = asked.Whole("limit", 1, LimitMax, LimitDefault);
        if ((asked.Problem ?? await At.Log(http, store, cancellationToken)) is { } problem)
            return problem;
        var (head, started) = (At.Said(http), Stopwatch.GetTimestamp());
        var (items, bytes, position) = (new List<EventAnswer>(), 0L, after);
        bool IsFull() => items.Count == limit || bytes > PageBytes;
        while (position < head && !IsFull() && Stopwatch.GetElapsedTime(started) < PageTime)
        {
            var stretch = await store.ReadStretch(position, head, filter, cancellationToken);
            foreach (var stored in stretch.Events.TakeWhile(_ => !IsFull()))
            {
                items.Add(EventAnswer.Of(stored));
                (bytes, position) = (bytes + stored.Data.Length, stored.Position);
            }

            if (!IsFull())
                position = stretch.Position;
        }

        return TypedResults.Json(new EventPage(items, position < head ? position : null), DoorJson.Plain.EventPage);
    }

    private static FeedTerms Terms(HttpRequest request, Asked asked, EventFilter filter, string media)
    {
        var after = asked.Whole("after", 0, long.MaxValue, 0);
        return new(
            asked.Whole(request.Headers, "Last-Event-ID", after), asked.Whole("limit", 1, long.MaxValue, long.MaxValue),
            filter, asked.Truth("follow", otherwise: false) || media == EventStream,
            TimeSpan.FromSeconds(asked.Whole("heartbeat", 1, HeartbeatSecondsMax, HeartbeatSeconds)));
    }

    /// <summary>A feed takes as long as it takes.</summary>
    private static void Prepare(HttpContext http, string media)
    {
        http.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } reading)
            reading.MinDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: ReaderPause);
        http.Response.ContentType = media;
        Unbuffer(http.Response);
    }

    /// <summary>Nobody between here and the reader gathers or keeps it.</summary>
    public static void Unbuffer(HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
    }
}
