using System.Text.Json;
using Ledger.Projections;
using Ledger.Projections.Drift;
using Ledger.Store;
using NodaTime;
using Npgsql;

namespace Ledger.Api;

/// <summary><c>POST /v1/drift/runs</c>: compares everything the systems said, now or by some times, and keeps the
/// report.</summary>
internal static class StartDriftRun
{
    private const int BodyBytesMax = 64 << 10;

    public static readonly About About = new(
        "Compare everything the systems said, and keep the report", Once.Parameter)
    {
        Takes = ["application/json"],
        Answer = typeof(DriftRunAnswer),
        Good = [201],
        Patience = TimeSpan.FromMinutes(10),
        Problems = [400, 409, 413, 415, 422, 503],
    };

    public static async Task<IResult> Handle(
        HttpContext http, NpgsqlDataSource source, EventStore store, Projector projector, Once once,
        CancellationToken cancellationToken)
    {
        RequestBody.Unlimit(http);
        if (await RequestBody.Read(http.Request, BodyBytesMax, cancellationToken) is not { } body)
        {
            await RequestBody.Refuse(
                http, Problems.TooLarge("A run is asked for in a few bytes: {\"asKnownAt\": position}, or nothing."));
            return TypedResults.Empty;
        }

        return await once.Answer(
            http, body, () => Run(http, body, source, store, projector, cancellationToken), cancellationToken);
    }

    private static async Task<IResult> Run(
        HttpContext http, ReadOnlyMemory<byte> body, NpgsqlDataSource source, EventStore store, Projector projector,
        CancellationToken cancellationToken)
    {
        if (body.Length > 0 && !http.Request.HasJsonContentType())
            return Problems.UnsupportedMediaType("Send application/json, or no body.");
        var head = await store.Position(cancellationToken);
        if (Read(body, head, out var when) is { } problem)
            return problem;
        if (when.IsNow && await At.Reached(projector, head, cancellationToken) is { } behind)
            return behind;
        var times = await when.In(DateTimeZone.Utc, source, cancellationToken);
        var report = times.IsNow
            ? await new DriftReader(source).Full(cancellationToken)
            : DriftRun.Compute(await Worlds.AsOf(store, times, cancellationToken)) with { Times = times };
        var events = await EventIndex.Load(source, report.Positions, cancellationToken);
        var run = await new DriftRuns(source).Save(
            Guid.CreateVersion7(), Now(), report, events, cancellationToken);
        At.Say(http, run.Position);
        TimesAnswer.Say(http, times);
        http.Response.Headers.Location = $"/v1/drift/runs/{run.Id}";
        return TypedResults.Json(DriftRunAnswer.Of(run), DoorJson.Plain.DriftRunAnswer, statusCode: 201);
    }

    /// <summary>To the microsecond, as it is kept.</summary>
    private static Instant Now()
    {
        var ticks = SystemClock.Instance.GetCurrentInstant().ToUnixTimeTicks();
        return Instant.FromUnixTimeTicks(ticks - (ticks % 10));
    }

    private static ProblemAnswer? Read(ReadOnlyMemory<byte> body, long head, out AskedTimes when)
    {
        when = AskedTimes.Now;
        if (body.Length == 0)
            return null;
        try
        {
            using var document = JsonDocument.Parse(body, Domain.EnvelopeReader.Strict);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return Wrong("", "a run is asked for by an object, such as {\"asKnownAt\": 1200}");
            foreach (var member in root.EnumerateObject())
                if (Read(member, head, ref when) is { } wrong)
                    return Wrong("/" + member.Name, wrong);
            return null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return Problems.NotJson(error.Message);
        }
    }

    /// <summary>What is wrong with a member; null = it is taken.</summary>
    private static string? Read(JsonProperty member, long head, ref AskedTimes when)
    {
        var text = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : "";
        switch (member.Name)
        {
            // A position was asked for by asOf before the other times were.
            case "asKnownAt" or "asOf" when member.Value.ValueKind == JsonValueKind.Number:
                if (!member.Value.TryGetInt64(out var position) || position < 0 || position > head)
                    return FormattableString.Invariant($"{member.Name} is a position, 0 to {head}");
                when = when with { Position = position, Known = null };
                return null;
            case "asKnownAt":
                if (!Moment.TryParse(text, out var known))
                    return "asKnownAt is a position, an instant or a date";
                when = when with { Position = null, Known = known };
                return null;
            case "asStatedAt":
                if (!Moment.TryParse(text, out var stated))
                    return "asStatedAt is an instant or a date";
                when = when with { AsStatedAt = stated };
                return null;
            case "asOf":
                if (!Domain.LedgerJson.TryDate(text, out var day))
                    return "asOf is a date such as 2026-03-31";
                when = when with { AsOf = day };
                return null;
            default:
                return $"a run has no '{member.Name}'";
        }
    }

    private static ProblemAnswer Wrong(string pointer, string detail) =>
        Problems.InvalidParameter([new(pointer, null, "invalid", detail)]);
}
