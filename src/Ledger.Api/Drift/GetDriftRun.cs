using Ledger.Projections.Drift;
using Npgsql;

namespace Ledger.Api;

/// <summary><c>GET /v1/drift/runs/{id}</c>: a report, byte for byte as it was made.</summary>
internal static class GetDriftRun
{
    public static readonly About About = new(
        "A drift report, byte for byte as it was made", Parameter.Path("id", "The run's id."))
    {
        Answer = typeof(System.Text.Json.JsonElement),
        Problems = [404, 503],
    };

    public static async Task<IResult> Handle(string id, NpgsqlDataSource source, CancellationToken cancellationToken) =>
        Guid.TryParse(id, out var run) && await new DriftRuns(source).Load(run, cancellationToken) is { } report
            ? TypedResults.Bytes(report, "application/json")
            : Problems.NotFound($"There is no drift run '{id}'.");
}

/// <summary><c>GET /v1/drift/runs</c>: the runs that were made, the latest first.</summary>
internal static class ListDriftRuns
{
    public static readonly About About = new(
        "The drift runs that were made, the latest first",
        Parameter.Whole("limit", "At most so many: 1 to 1000, 100 where not said."))
    {
        Answer = typeof(DriftRunListAnswer),
    };

    public static async Task<IResult> Handle(
        HttpContext http, NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var asked = new Asked(http.Request.Query);
        var limit = (int)asked.Whole("limit", 1, ListEvents.LimitMax, ListEvents.LimitDefault);
        if (asked.Problem is { } problem)
            return problem;
        var runs = await new DriftRuns(source).List(limit, cancellationToken);
        return TypedResults.Json(
            new DriftRunListAnswer([.. runs.Select(DriftRunAnswer.Of)]), DoorJson.Plain.DriftRunListAnswer);
    }
}
