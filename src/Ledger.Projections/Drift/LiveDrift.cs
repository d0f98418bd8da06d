using Ledger.Domain;
using Ledger.Projections.Views;
using Ledger.Store;
using NodaTime;
using Npgsql;

namespace Ledger.Projections.Drift;

/// <summary>Drift as the views stand, kept between questions: what was said since the last one is looked at, and what
/// that reaches. The report is that of <see cref="DriftReader"/>, byte for byte. Safe for any number of callers.
/// </summary>
/// <param name="source">A migrated database; it stays the caller's.</param>
/// <param name="store">Over the same database; it stays the caller's.</param>
public sealed class LiveDrift(NpgsqlDataSource source, EventStore store) : IDisposable
{
    private readonly SemaphoreSlim turn = new(1);
    private readonly CancellationTokenSource ending = new();
    private readonly Lock gate = new();
    private volatile DriftKept? last;
    private Task? looking;

    /// <summary>What the views come to now.</summary>
    public Task<DriftLook> Look(CancellationToken cancellationToken) => InTurn(
        async (connection, now) => new DriftLook(
            now.Report, now.At.Day, new(() => now.Shown),
            await FindingReader.ToLookAt(connection, cancellationToken),
            await CaseReader.Poisoned(connection, cancellationToken), now.Policy, now.LegalEntityOf),
        cancellationToken);

    /// <summary>Where the systems differ, for whoever can do without: what the views come to now where that is known
    /// within a while, else what was seen last. The look goes on for whoever asks next.</summary>
    /// <returns>Null where nothing was seen yet.</returns>
    public async Task<DriftReport?> Glance(TimeSpan patience, CancellationToken cancellationToken)
    {
        Task look;
        lock (gate)
        {
            if (looking is not { IsCompleted: false })
                looking = Task.Run(() => InTurn((_, now) => Task.FromResult(now.Report), ending.Token), ending.Token);
            look = looking;
        }

        try
        {
            await look.WaitAsync(patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            // What was seen last will do.
        }

        return last?.Report;
    }

    private async Task<T> InTurn<T>(
        Func<NpgsqlConnection, DriftKept, Task<T>> read, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            return await Worlds.InOneMoment(source, async connection =>
            {
                var at = await Checkpoint.Of(connection, cancellationToken);
                var now = last is null ? await DriftKept.Whole(connection, at, cancellationToken)
                    : last.At == at ? last
                    : await last.Since(connection, store, at, cancellationToken);
                last = now;
                return await read(connection, now);
            }, cancellationToken);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Has the next look begin from the beginning: views changed that nothing was said of.</summary>
    public async Task Forget(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        last = null;
        turn.Release();
    }

    public void Dispose()
    {
        ending.Cancel();
        ending.Dispose();
        turn.Dispose();
    }
}

/// <summary>What has to be looked at, as the views stand.</summary>
/// <param name="Day">The ledger's day.</param>
/// <param name="World">All that the report names, and what that points at.</param>
/// <param name="Findings">What does not fit about entities.</param>
/// <param name="Poisoned">Streams that stand still, each before the event at this position.</param>
/// <param name="Policy">What is agreed.</param>
/// <param name="LegalEntityOf">Of a record that the report is about; null = not known.</param>
public sealed record DriftLook(
    DriftReport Report, LocalDate Day, Lazy<World> World, IReadOnlyList<FindingView> Findings,
    IReadOnlyDictionary<string, long> Poisoned, Policy Policy, Func<string, string?> LegalEntityOf);
