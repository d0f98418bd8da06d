using Ledger.Api.Pages;
using Ledger.Projections;
using Ledger.Projections.Drift;
using Ledger.Projections.Proof;
using Ledger.Store;
using NodaTime;
using Npgsql;

namespace Ledger.Api;

/// <summary><c>GET /v1/proof</c>: whether work in progress, receivables and revenue foot, now or by some times.
/// </summary>
internal static class GetProof
{
    public static readonly About About = new(
        "Whether work in progress, receivables and revenue foot, and where hours and money went; what breaks it",
        [
            Parameter.Text("from", "The first day whose movements count, such as 2026-03-01."),
            Parameter.Text("to", "The last day that counts, such as 2026-03-31."),
            Parameter.Text("legalEntity", "Only this one: its name, its number or any of its streams."),
            .. AskedTimes.Parameters, About.AtLeast,
        ])
    {
        Answer = typeof(System.Text.Json.JsonElement),
        Patience = TimeSpan.FromMinutes(10),
    };

    public static async Task<IResult> Handle(
        HttpContext http, DriftNow now, NpgsqlDataSource source, EventStore store, Projector projector,
        CancellationToken cancellationToken)
    {
        var query = new Asked(http.Request.Query);
        var asked = Read(query);
        var when = AskedTimes.Of(query);
        if ((query.Problem ?? await At.Views(http, projector, when, cancellationToken)) is { } problem)
            return problem;
        var times = await when.In(DateTimeZone.Utc, source, cancellationToken);
        var world = times.IsNow
            ? (await now.Read(cancellationToken)).World
            : await Worlds.AsOf(store, times, cancellationToken);
        var report = ProofRun.Of(world, asked) with { Times = times };
        using var body = new MemoryStream();
        report.WriteJson(body, await EventIndex.Load(source, report.Positions, cancellationToken));
        At.Say(http, report.Position);
        TimesAnswer.Say(http, times);
        return TypedResults.Bytes(body.ToArray(), "application/json");
    }

    /// <summary>What a request asks to be proven.</summary>
    public static ProofAsked Read(Asked query)
    {
        var asked = new ProofAsked(query.Date("from"), query.Date("to"), query.Text("legalEntity"));
        if (asked.To < asked.From) query.Refuse("to", "to is a day before from");
        return asked;
    }
}
