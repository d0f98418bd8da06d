using Ledger.Projections;
using Ledger.Store;

namespace Ledger.Api;

/// <summary><c>GET /health/live</c> and <c>/health/ready</c>.</summary>
internal static class Health
{
    public static readonly About AboutLive = new("Whether the process answers")
    {
        Answer = typeof(HealthAnswer), Problems = [],
    };

    public static readonly About AboutReady = new("Whether the database answers and the projector runs")
    {
        Answer = typeof(HealthAnswer), Problems = [503],
    };

    /// <summary>The process answers.</summary>
    public static IResult Live() => TypedResults.Json(new HealthAnswer("live"), DoorJson.Plain.HealthAnswer);

    /// <summary>The database answers and the projector runs.</summary>
    public static async Task<IResult> Ready(
        EventStore store, Projector projector, ProjectorLoop loop, CancellationToken cancellationToken)
    {
        var position = await store.Position(cancellationToken);
        if (loop.Failure is not null)
            return Problems.ProjectorStopped(projector.Position);
        return TypedResults.Json(
            new HealthAnswer("ready")
            {
                Position = position, Projected = projector.Position, Lag = Math.Max(0, position - projector.Position),
            },
            DoorJson.Plain.HealthAnswer);
    }
}

/// <summary>How the process is.</summary>
public sealed record HealthAnswer(string Status)
{
    /// <summary>Of the last event.</summary>
    public long? Position { get; init; }

    /// <summary>Of the last event the views show.</summary>
    public long? Projected { get; init; }

    /// <summary>Events the views do not show yet.</summary>
    public long? Lag { get; init; }
}
