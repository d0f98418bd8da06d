namespace Ledger.Api;

/// <summary>What a server does beside answering waits until it listens: one that cannot have its port does nothing.
/// </summary>
internal static class Listening
{
    /// <summary>Done once the server listens, or stops without ever having listened.</summary>
    public static async Task Listens(this IHostApplicationLifetime host, CancellationToken stoppingToken)
    {
        var listens = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var told = host.ApplicationStarted.Register(() => listens.TrySetResult());
        // A host that never started takes what is thrown here for a failure of the program.
        await listens.Task.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
