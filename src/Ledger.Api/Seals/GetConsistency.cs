using Ledger.Store;

namespace Ledger.Api;

/// <summary><c>GET /v1/log/consistency</c>: proof that the log of a size begins with all of the log of an earlier one.
/// </summary>
internal static class GetConsistency
{
    public static readonly About About = new(
        "Proof that the log only grew from one size to another (RFC 9162)",
        Parameter.Whole("from", "Events in the earlier log, 1 or more."),
        Parameter.Whole("to", "Events in the later; all there are where not said."))
    {
        Answer = typeof(ConsistencyAnswer),
        Problems = [400, 404, 503],
    };

    public static async Task<IResult> Handle(HttpContext http, EventStore store, CancellationToken cancellationToken)
    {
        var asked = new Asked(http.Request.Query);
        var from = asked.Whole("from", 1, long.MaxValue, 0);
        var to = asked.Whole("to", 1, long.MaxValue, 0);
        if (asked.Problem is { } problem)
            return problem;
        if (from == 0)
            return Problems.InvalidParameter("from", "from is a whole number, 1 or more");
        if (to == 0)
            to = Math.Max(await store.Position(cancellationToken), from);
        if (from > to)
            return Problems.InvalidParameter("from", "from is not beyond to");
        return await store.Consistency(from, to, cancellationToken) is { } proof
            ? TypedResults.Json(ConsistencyAnswer.Of(proof), DoorJson.Plain.ConsistencyAnswer)
            : Problems.NotFound("The log is not that long.");
    }
}
