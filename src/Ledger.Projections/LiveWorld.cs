using Ledger.Projections.Views;
using Npgsql;

namespace Ledger.Projections;

/// <summary>The world as the views have it, kept between questions: only what changed since the last is read. Safe for
/// any number of callers.</summary>
/// <param name="source">A migrated database; it stays the caller's.</param>
public sealed class LiveWorld(NpgsqlDataSource source) : IDisposable
{
    private readonly SemaphoreSlim turn = new(1);
    private World? last;
    private Checkpoint at;

    /// <summary>The world as the views have it now.</summary>
    public async Task<World> Now(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (last is not null && at == await Checkpoint.Of(source, cancellationToken)) return last;
            return await Worlds.InOneMoment(source, async connection =>
            {
                var now = await Checkpoint.Of(connection, cancellationToken);
                // Where the views changed and nothing was said, a program folded what another could not.
                last = last is null || now.FoldVersion != at.FoldVersion || now.Position <= at.Position
                    ? await Worlds.Load(connection, now.Position, cancellationToken)
                    : await Worlds.Since(connection, last, now.Position, cancellationToken);
                at = now;
                return last;
            }, cancellationToken);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Has all be read again the next time: views changed that nothing was said of.</summary>
    public async Task Forget(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        last = null;
        turn.Release();
    }

    public void Dispose() => turn.Dispose();
}
