using Ledger.Store;

namespace Ledger.Api;

/// <summary><c>GET /v1/events</c>: the log in its one order, a page at a time.</summary>
internal static class ListEvents
{
    public const int LimitMax = 1_000;
    public const int LimitDefault = 100;

    /// <summary>A page ends early once it holds so many bytes of bodies.</summary>
    private const long PageBytes = 16 << 20;

    public static readonly About About = new(
        "The log in its one order, a page at a time",
        Parameter.Whole("after", "Begin after this position; 0 = at the beginning."),
        Parameter.Whole("limit", "At most so many: 1 to 1000, 100 where not said."),
        Parameter.Text("type", "Only events of this type."),
        Parameter.Text("source", "Only what this system stated."),
        About.AtLeast)
    {
        Answer = typeof(EventPage),
    };

    public static async Task<IResult> Handle(HttpContext http, EventStore store, CancellationToken cancellationToken)
    {
        var asked = new Asked(http.Request.Query);
        var after = asked.Whole("after", 0, long.MaxValue, 0);
        var limit = asked.Whole("limit", 1, LimitMax, LimitDefault);
        var (type, source) = (asked.Text("type"), asked.Text("source"));
        if ((asked.Problem ?? await At.Log(http, store, cancellationToken)) is { } problem)
            return problem;
        var items = new List<EventAnswer>();
        var bytes = 0L;
        await foreach (var stored in store.ReadAll(after, limit, type, source, cancellationToken))
        {
            items.Add(EventAnswer.Of(stored));
            if ((bytes += stored.Data.Length) > PageBytes)
                break;
        }

        var isFull = items.Count == limit || bytes > PageBytes;
        return TypedResults.Json(new EventPage(items, isFull ? items[^1].Position : null), DoorJson.Plain.EventPage);
    }
}
