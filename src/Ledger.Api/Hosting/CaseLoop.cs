using Ledger.Projections;
using Ledger.Projections.Views;
using Npgsql;

namespace Ledger.Api;

/// <summary>Keeps the cases and the sign-offs in line with the records for as long as the server runs: a while after
/// the views stood at a new position. The sign-offs of a ledger that is too large to be looked at as a whole are left
/// to whoever runs the command.</summary>
internal sealed partial class CaseLoop(
    CaseKeeper keeper, SignOffKeeper signOffs, Projector projector, NpgsqlDataSource source,
    IHostApplicationLifetime host, ILogger<CaseLoop> log) : BackgroundService
{
    /// <summary>Most records that are looked at as a whole without being asked to.</summary>
    public const int RecordsMax = 200_000;

    /// <summary>How often in a row it waits for the views to stand still.</summary>
    private const int WaitsMax = 15;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await host.Listens(stoppingToken);
        var (seen, stood, waits) = (0L, 0L, 0);
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var position = projector.Position;
            var isMoving = position != stood;
            stood = position;
            if (position == seen || (isMoving && ++waits < WaitsMax) || stoppingToken.IsCancellationRequested)
                continue;
            waits = 0;
            try
            {
                if (await CaseReader.IsLarger(source, RecordsMax, stoppingToken))
                    LogTooLarge(log, RecordsMax);
                else if ((await signOffs.Keep(dryRun: false, stoppingToken)).Suspended is > 0 and var suspended)
                    LogSuspended(log, suspended);
                var kept = await keeper.Keep(dryRun: false, stoppingToken);
                if (kept.Opened + kept.Closed > 0)
                    LogKept(log, kept.Opened, kept.Closed, kept.Position);
                seen = position;
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                // What stopping interrupts may fail in any way; the next start goes on.
                return;
            }
            catch (Exception error)
            {
                LogFailure(log, error);
                await Task.Delay(PauseAfterFailure, stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Exceptions: {Opened} opened, {Closed} closed, as of position {Position}")]
    private static partial void LogKept(ILogger log, int opened, int closed, long position);

    [LoggerMessage(LogLevel.Information, "Sign-offs: {Suspended} suspended")]
    private static partial void LogSuspended(ILogger log, int suspended);

    [LoggerMessage(LogLevel.Information,
        "More than {RecordsMax} records: sign-offs are kept by 'ledger sign-off keep', not by the server")]
    private static partial void LogTooLarge(ILogger log, int recordsMax);

    [LoggerMessage(LogLevel.Warning, "Exceptions were not kept; a minute later it is tried again")]
    private static partial void LogFailure(ILogger log, Exception error);
}
