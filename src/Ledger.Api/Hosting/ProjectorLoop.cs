using Ledger.Projections;

namespace Ledger.Api;

/// <summary>Keeps the views up with the log for as long as the server runs.</summary>
internal sealed partial class ProjectorLoop(
    Projector projector, IHostApplicationLifetime host, ILogger<ProjectorLoop> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>Why it stands still; null = it runs.</summary>
    public Exception? Failure { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await host.Listens(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                Failure = null;
                await projector.Run(stoppingToken);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                // What stopping interrupts may fail in any way.
                return;
            }
            catch (Exception error)
            {
                // Reads go on from the views as they stand, and readiness says that they stand still.
                Failure = error;
                LogFailure(log, error);
                await Task.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "The projector failed and tries again in five seconds")]
    private static partial void LogFailure(ILogger log, Exception error);
}
