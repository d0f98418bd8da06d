using Ledger.Store;

namespace Ledger.Api;

/// <summary><c>GET /v1/log/inclusion</c>: proof that the event at a position is in the log of a size.</summary>
internal static class GetInclusion
{
    public static readonly About About = new(
        "Proof that the event at a position is in the log of a size (RFC 9162)",
        Parameter.Whole("position", "The event's."),
        Parameter.Whole("size", "Events in the log; all there are where not said."))
    {
        Answer = typeof(InclusionAnswer),
        Problems = [400, 404, 503],
    };

    public static async Task<IResult> Handle(HttpContext http, EventStore store, CancellationToken cancellationToken)
    {
        var asked = new Asked(http.Request.Query);
        var position = asked.Whole("position", 1, long.MaxValue, 0);
        var size = asked.Whole("size", 1, long.MaxValue, 0);
        if (asked.Problem is { } problem)
            return problem;
        if (position == 0)
            return Problems.InvalidParameter("position", "position is a whole number, 1 or more");
        if (size == 0)
            size = Math.Max(await store.Position(cancellationToken), position);
        if (position > size)
            return Problems.InvalidParameter("position", "position is not beyond size");
        return await store.Inclusion(position, size, cancellationToken) is { } proof
            ? TypedResults.Json(InclusionAnswer.Of(proof), DoorJson.Plain.InclusionAnswer)
            : Problems.NotFound("The log is not that long.");
    }
}
