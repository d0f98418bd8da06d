using Ledger.Projections.Bi;
using Npgsql;

namespace Ledger.Api.Pages;

/// <summary>What every question of schema <c>bi</c> comes to.</summary>
/// <param name="Position">As of which; it may be behind the page. -1 = not known yet.</param>
public sealed record QuestionsAt(long Position, IReadOnlyList<BiFigure> Figures);

/// <summary>The questions, worked out once for each position that a page asks at, one at a time and beside the page: a
/// page shows the last that are known.</summary>
internal sealed class QuestionsNow(NpgsqlDataSource source) : IDisposable
{
    /// <summary>A page waits no longer for them; the first one, while none are known, a little.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1), FirstPatience = TimeSpan.FromSeconds(5);

    /// <summary>Nobody works on them longer.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private QuestionsAt _latest = new(-1, []);
    private long _gaveUpAt = -1;
    private Task _work = Task.CompletedTask;

    public void Dispose()
    {
        _closing.Cancel();
        _closing.Dispose();
    }

    /// <param name="position">At which the page stands; what is known of it is not worked out again.</param>
    public async Task<QuestionsAt> Read(long position, CancellationToken cancellationToken)
    {
        Task patience;
        lock (_gate) patience = Task.Delay(_latest.Position < 0 ? FirstPatience : Patience, cancellationToken);
        while (true)
        {
            Task work;
            lock (_gate)
            {
                if (_latest.Position >= position || _gaveUpAt >= position || patience.IsCompleted) return _latest;
                // What is being worked out may be of before; then once more.
                if (_work.IsCompleted) _work = Task.Run(() => WorkOut(position), CancellationToken.None);
                work = _work;
            }

            // Who asks learns what went wrong; whoever waited no longer, asks again.
            if (await Task.WhenAny(work, patience) == work) await work;
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async Task WorkOut(long asked)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
        limit.CancelAfter(Limit);
        try
        {
            var (position, figures) = await new BiReader(source).Figures(limit.Token);
            lock (_gate) _latest = new(position, figures);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // The ledger is too large for them, or closes: at this position nobody need try again.
            lock (_gate) _gaveUpAt = asked;
        }
    }
}
