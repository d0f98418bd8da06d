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
    private int foldVersion;

    /// <summary>The world as the views have it now.</summary>
    public async Task<World> Now(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            var checkpoint = await Checkpoint.Of(source, cancellationToken);
            if (last is not null && last.Position == checkpoint.Position && foldVersion == checkpoint.FoldVersion)
                return last;
            last = last is null || foldVersion != checkpoint.FoldVersion
                ? await Worlds.Load(source, cancellationToken)
                : await Worlds.Since(source, last, cancellationToken);
            foldVersion = checkpoint.FoldVersion;
            return last;
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();
}
