using System.Text.Json;
using Ledger.Projections;
using Ledger.Projections.Drift;
using Ledger.Store;
using NodaTime;
using Npgsql;

namespace Ledger.Api;

/// <summary><c>POST /v1/drift/runs</c>: compares everything the systems said, as of now or as of a position, and keeps
/// the report.</summary>
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
                http, Problems.TooLarge("A run is asked for in a few bytes: {\"asOf\": position}, or nothing."));
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
        if (Read(body, head, out var asOf) is { } problem)
            return problem;
        if (asOf is null && await At.Reached(projector, head, cancellationToken) is { } behind)
            return behind;
        var world = asOf is { } position
            ? await Worlds.AsOf(store, position, cancellationToken)
            : await Worlds.Load(source, cancellationToken);
        var report = DriftRun.Compute(world);
        var events = await EventIndex.Load(source, report.Positions, cancellationToken);
        var run = await new DriftRuns(source).Save(
            Guid.CreateVersion7(), Now(), report, events, cancellationToken);
        At.Say(http, run.Position);
        http.Response.Headers.Location = $"/v1/drift/runs/{run.Id}";
        return TypedResults.Json(DriftRunAnswer.Of(run), DoorJson.Plain.DriftRunAnswer, statusCode: 201);
    }

    /// <summary>To the microsecond, as it is kept.</summary>
    private static Instant Now()
    {
        var ticks = SystemClock.Instance.GetCurrentInstant().ToUnixTimeTicks();
        return Instant.FromUnixTimeTicks(ticks - (ticks % 10));
    }

    private static ProblemAnswer? Read(ReadOnlyMemory<byte> body, long head, out long? asOf)
    {
        asOf = null;
        if (body.Length == 0)
            return null;
        try
        {
            using var document = JsonDocument.Parse(body, Domain.EnvelopeReader.Strict);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return Wrong("", "a run is asked for by an object, such as {\"asOf\": 1200}");
            foreach (var member in root.EnumerateObject())
            {
                if (member.Name != "asOf")
                    return Wrong("/" + member.Name, $"a run has no '{member.Name}'");
                var isWhole = member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt64(out var value);
                if (!isWhole || member.Value.GetInt64() < 0 || member.Value.GetInt64() > head)
                    return Wrong("/asOf", FormattableString.Invariant($"asOf is a position, 0 to {head}"));
                asOf = member.Value.GetInt64();
            }

            return null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return Problems.NotJson(error.Message);
        }
    }

    private static ProblemAnswer Wrong(string pointer, string detail) =>
        Problems.InvalidParameter([new(pointer, null, "invalid", detail)]);
}
