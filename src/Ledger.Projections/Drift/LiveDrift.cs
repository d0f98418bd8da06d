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
    private DriftKept? last;

    /// <summary>What the views come to now.</summary>
    public async Task<DriftLook> Look(CancellationToken cancellationToken)
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
                return new DriftLook(
                    now.Report, at.Day, new(() => now.Shown),
                    await FindingReader.ToLookAt(connection, cancellationToken),
                    await CaseReader.Poisoned(connection, cancellationToken), now.Policy, now.LegalEntityOf);
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

    public void Dispose() => turn.Dispose();
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
