using Ledger.Store;

namespace Ledger.Api;

/// <summary><c>GET /v1/log/checkpoint</c>: a signed root of the log, to be kept outside.</summary>
internal static class GetCheckpoint
{
    public static readonly About About = new(
        "A signed root of the log, as a C2SP signed note",
        Parameter.Whole("size", "The first that covers so many events; the last there is where not said."))
    {
        Answer = typeof(string),
        Gives = ["text/plain"],
        Problems = [400, 404, 503],
    };

    public static async Task<IResult> Handle(HttpContext http, EventStore store, CancellationToken cancellationToken)
    {
        var asked = new Asked(http.Request.Query);
        var size = asked.Whole("size", 0, long.MaxValue, -1);
        if (asked.Problem is { } problem)
            return problem;
        return await store.Checkpoint(size < 0 ? null : size, cancellationToken) is { } note
            ? TypedResults.Text(note.ToString(), "text/plain; charset=utf-8")
            : Problems.NotFound(
                "No signed root covers so many events: the log is shorter, or its roots are not signed.");
    }
}
