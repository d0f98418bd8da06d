using Ledger.Projections.Bi;
using Npgsql;

namespace Ledger.Api.Pages;

/// <summary>What every question of schema <c>bi</c> comes to, worked out once for each position.</summary>
internal sealed class QuestionsNow(NpgsqlDataSource source)
{
    /// <summary>A page waits no longer for them.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private (long Position, IReadOnlyList<BiFigure> Figures) _latest = (-1, []);

    /// <param name="position">At which the page stands; what is known of it is not worked out again.</param>
    /// <returns>None where the ledger is too large to tell at once.</returns>
    public async Task<IReadOnlyList<BiFigure>> Read(long position, CancellationToken cancellationToken)
    {
        lock (_gate)
            if (_latest.Position == position) return _latest.Figures;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            var read = await new BiReader(source).Figures(patience.Token);
            lock (_gate)
                if (_latest.Position <= read.Position) _latest = read;
            return read.Figures;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            lock (_gate) _latest = (position, []);
            return [];
        }
    }
}
