using Ledger.Store;

namespace Ledger.Api;

/// <summary>Writes the log's root to a file outside, now and then, while the server runs.</summary>
internal sealed class RootSchedule : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;

    public RootSchedule(EventStore store, string file, TimeSpan every, Action<string> say) =>
        _running = Run(store, file, every, say, _stopping.Token);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private static async Task Run(
        EventStore store, string file, TimeSpan every, Action<string> say, CancellationToken cancellationToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(every);
        try
        {
            do
            {
                if (await Add(store, file, cancellationToken) is { } wrong)
                    say($"No root was written to {file}: {wrong}");
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // Stopping is how this ends.
        }
    }

    /// <returns>Why nothing was written; the next time it is tried again.</returns>
    private static async Task<string?> Add(EventStore store, string file, CancellationToken cancellationToken)
    {
        try
        {
            return await RootFile.Add(store, file, cancellationToken);
        }
        catch (Exception error) when (error is NotReadyException or NotAsSealedException or IOException
            or UnauthorizedAccessException || ProblemHandling.IsUnavailable(error))
        {
            return error.Message;
        }
    }
}
