using System.Globalization;
using Ledger.Projections;
using Ledger.Store;

namespace Ledger.Api;

/// <summary>How long the database may take over one request.</summary>
internal sealed record Patience(TimeSpan Time);

/// <summary>Every read says which position it was read at (<c>Ledger-Position</c>), and waits for one where it is asked
/// to (<c>?at-least=</c>).</summary>
internal static class At
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Waits, for a while, until the log is there; null = it is, and the answer says where.</summary>
    public static Task<ProblemAnswer?> Log(HttpContext http, EventStore store, CancellationToken cancellationToken) =>
        Log(http, store, 0, cancellationToken);

    /// <param name="orLater">The log must be here too.</param>
    public static async Task<ProblemAnswer?> Log(
        HttpContext http, EventStore store, long orLater, CancellationToken cancellationToken)
    {
        var asked = new Asked(http.Request.Query);
        var atLeast = Math.Max(orLater, asked.Whole("at-least", 0, long.MaxValue, 0));
        if (asked.Problem is { } problem)
            return problem;
        var reached = await store.Position(cancellationToken);
        if (reached < atLeast)
            reached = await Wait(store.WaitBeyond, atLeast, cancellationToken) ?? reached;
        Say(http, reached);
        return reached < atLeast ? Problems.Behind(atLeast, reached) : null;
    }

    /// <summary>Waits, for a while, until the views are there.</summary>
    public static async Task<ProblemAnswer?> Views(
        HttpContext http, Projector projector, CancellationToken cancellationToken)
    {
        var asked = new Asked(http.Request.Query);
        var atLeast = asked.Whole("at-least", 0, long.MaxValue, 0);
        return asked.Problem ?? await Reached(projector, atLeast, cancellationToken);
    }

    /// <summary>The same, and a position asked for by what was known then is waited for too.</summary>
    public static async Task<ProblemAnswer?> Views(
        HttpContext http, Projector projector, AskedTimes when, CancellationToken cancellationToken) =>
        await Views(http, projector, cancellationToken)
        ?? await Reached(projector, when.Position ?? 0, cancellationToken);

    /// <summary>Null = the views show a position, now or within a while.</summary>
    public static async Task<ProblemAnswer?> Reached(
        Projector projector, long position, CancellationToken cancellationToken)
    {
        if (projector.Position >= position)
            return null;
        var reached = await Wait(async (_, patient) =>
        {
            await projector.WaitFor(position, patient);
            return position;
        }, position, cancellationToken);
        return reached is null ? Problems.Behind(position, projector.Position) : null;
    }

    public static void Say(HttpContext http, long position) =>
        http.Response.Headers["Ledger-Position"] = position.ToString(CultureInfo.InvariantCulture);

    /// <summary>The position that was said.</summary>
    public static long Said(HttpContext http) =>
        long.Parse(http.Response.Headers["Ledger-Position"]!, CultureInfo.InvariantCulture);

    private static async Task<long?> Wait(
        Func<long, CancellationToken, Task<long>> beyond, long atLeast, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            return await beyond(atLeast - 1, patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
