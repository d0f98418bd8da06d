using System.Text;
using Ledger.Projections;
using Ledger.Projections.Bi;
using Microsoft.AspNetCore.Http.Timeouts;
using Npgsql;

namespace Ledger.Api;

/// <summary><c>GET /v1/bi/{name}</c>: the rows of one view of schema <c>bi</c>, as CSV or lines of JSON.</summary>
internal static class GetBi
{
    private const string Csv = "text/csv";
    private const string Lines = "application/x-ndjson";

    private static readonly string[] Offered = [Csv, Lines];

    public static readonly About About = new(
        "All rows of a question, fact or dimension, streamed as of one position",
        Parameter.Path("name", "The view's name, as /v1/bi lists it."),
        Parameter.Text("format", "csv or ndjson, whatever Accept says."),
        About.AtLeast)
    {
        Answer = typeof(string),
        Gives = Offered,
        Problems = [400, 404, 406, 503],
    };

    public static async Task<IResult> Handle(
        string name, HttpContext http, NpgsqlDataSource source, Projector projector, Crowding crowding,
        CancellationToken cancellationToken)
    {
        var asked = new Asked(http.Request.Query);
        var format = asked.OneOf("format", "csv", "ndjson");
        if ((asked.Problem ?? await At.Views(http, projector, cancellationToken)) is { } problem)
            return problem;
        http.Response.Headers.Vary = "Accept";
        var media = format switch { "csv" => Csv, "ndjson" => Lines, _ => Accepts.Best(http.Request, Offered) };
        if (media is null)
            return Problems.NotAcceptable($"Rows are given as {string.Join(", ", Offered)}.");
        using var seat = crowding.Feeds.AttemptAcquire();
        if (!seat.IsAcquired)
            return Problems.Busy("Too many feeds are being read.");
        // It takes as long as its reader takes.
        http.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        var found = await new BiReader(source).Write(
            name, media == Csv ? BiFormat.Csv : BiFormat.Ndjson, Begin, http.RequestAborted);
        return found ? TypedResults.Empty : Problems.NotFound($"There is no view '{name}' in schema bi.");

        TextWriter Begin(long position)
        {
            At.Say(http, position);
            http.Response.ContentType = media == Csv ? "text/csv; charset=utf-8; header=present" : Lines;
            ListEvents.Unbuffer(http.Response);
            return new StreamWriter(http.Response.Body, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        }
    }
}
