namespace Ledger.Api;

/// <summary>Applies what was parked before its type was known: when the server starts, and now and then, because an
/// older program beside it may go on parking.</summary>
internal sealed partial class ParkedLoop(
    Intake intake, IHostApplicationLifetime host, ILogger<ParkedLoop> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await host.Listens(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var done = await intake.Parked.Apply(dryRun: false, _ => { }, stoppingToken);
                if (done.All > 0)
                    LogApplied(log, done.Appended, done.Unchanged, done.Rejected);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                // What stopping interrupts may fail in any way; the next start goes on.
                return;
            }
            catch (Exception error)
            {
                LogFailure(log, error);
            }

            await Task.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(LogLevel.Information,
        "Parked events of types known now: {Appended} appended, {Unchanged} unchanged, {Rejected} rejected")]
    private static partial void LogApplied(ILogger log, long appended, long unchanged, long rejected);

    [LoggerMessage(LogLevel.Warning, "Parked events were not applied; the next turn tries again")]
    private static partial void LogFailure(ILogger log, Exception error);
}
