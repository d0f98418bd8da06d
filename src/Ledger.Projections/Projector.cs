using Ledger.Projections.Views;
using Ledger.Store;
using Npgsql;

namespace Ledger.Projections;

/// <summary>How far a run over the events has got.</summary>
/// <param name="Done">Events folded so far.</param>
/// <param name="Of">Events there are.</param>
public readonly record struct Progress(long Done, long Of);

/// <summary>The one loop: takes the events after its checkpoint and writes what they come to into the views, a batch a
/// transaction, checkpoint included. Any number of them, in any number of processes, may run on one database: they take
/// turns.</summary>
/// <param name="source">A migrated database; it stays the caller's.</param>
/// <param name="store">Over the same database; it stays the caller's.</param>
/// <param name="batchEvents">At most so many events in one transaction.</param>
/// <param name="reachMax">At most so many records derived anew within a batch where the firm says something else of
/// itself; for more, all views are made anew beside those that serve.</param>
public sealed partial class Projector(
    NpgsqlDataSource source, EventStore store, int batchEvents = 2_000, long reachMax = 20_000)
{
    /// <summary>Counted up whenever a fold, an owner or a view's columns change: views of an older one are made anew.
    /// </summary>
    public const int FoldVersion = 13;

    /// <summary>Bodies of one batch, in bytes, so that large documents do not fill the memory.</summary>
    private const long BatchBytes = 32 << 20;

    private static readonly TimeSpan Reconnect = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan SafetyPoll = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private TaskCompletionSource moved = NewSignal();
    private long position;
    private bool retried;
    private (Checkpoint At, Standing Standing)? known;

    /// <summary>The position this process knows the views to have reached.</summary>
    public long Position => Volatile.Read(ref position);

    /// <summary>Folds every event there is now, then answers the position reached. Views folded by an older program are
    /// made anew first.</summary>
    /// <param name="progress">Told after each batch; null = nobody.</param>
    /// <exception cref="ViewsTooNewException">A newer program folded them.</exception>
    public async Task<long> CatchUp(IProgress<Progress>? progress, CancellationToken cancellationToken)
    {
        var checkpoint = await Checkpoint.Of(source, cancellationToken);
        Check(checkpoint);
        if (checkpoint.FoldVersion != FoldVersion && checkpoint.Position > 0)
            await Rebuild(progress, cancellationToken);
        var head = await store.Position(cancellationToken);
        long reached;
        do
        {
            reached = await StepOrRebuild(head, progress, cancellationToken);
            Moved(reached);
            Telemetry.Behind(head - reached);
            progress?.Report(new(reached, Math.Max(head, reached)));
        }
        while (reached < head);

        return reached;
    }

    /// <summary>Catches up, and then follows the events as they are committed, until cancelled. Outlives lost
    /// connections.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var reached = await CatchUp(null, cancellationToken);
                await store.WaitBeyond(reached, cancellationToken);
            }
            catch (Exception error) when (error is StoreUnavailableException || StoreUnavailableException.Is(error))
            {
                await Task.Delay(Reconnect, cancellationToken);
            }
        }
    }

    /// <summary>Waits until the views have reached a position, whichever process brings them there.</summary>
    public async Task WaitFor(long wanted, CancellationToken cancellationToken)
    {
        while (Position < wanted)
        {
            // The signal is taken before the read, so that a batch between the two is not slept through.
            var next = NextMove();
            Moved((await Checkpoint.Of(source, cancellationToken)).Position);
            if (Position >= wanted) return;
            await Task.WhenAny(next, Task.Delay(SafetyPoll, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async Task<long> StepOrRebuild(
        long head, IProgress<Progress>? progress, CancellationToken cancellationToken)
    {
        try
        {
            return await Step(head, cancellationToken);
        }
        catch (FirmChangedException far)
        {
            return await Rebuild(progress, far.Position, null, cancellationToken) ?? far.Position;
        }
    }

    /// <summary>One batch, in one transaction.</summary>
    /// <param name="head">Last position wanted.</param>
    /// <returns>The position the views stand at now.</returns>
    private async Task<long> Step(long head, CancellationToken cancellationToken)
    {
        var started = Telemetry.Now;
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var checkpoint = await Checkpoint.Lock(connection, cancellationToken);
        Check(checkpoint);
        var standing = known is { } last && last.At == checkpoint
            ? last.Standing
            : await new ViewSql(Checkpoint.Views).Standing(connection, checkpoint.Day, cancellationToken);
        var stages = new Stages(Checkpoint.Views, connection, store, standing, reachMax);
        if (!retried) await stages.RetryPoisoned(checkpoint.Position, cancellationToken);
        var events = await Batch(checkpoint.Position, head, cancellationToken);
        var reached = events.Count == 0 ? checkpoint : checkpoint with { Position = events[^1].Position };
        using var activity = events.Count == 0 ? null : Telemetry.StartBatch(events);
        try
        {
            if (events.Count > 0)
            {
                await stages.Fold(events, cancellationToken);
                reached = new(reached.Position, FoldVersion, stages.Standing.Day);
                await Checkpoint.Set(connection, reached, cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
        }
        catch (Exception error)
        {
            Telemetry.Failed(activity, error);
            throw;
        }

        // What another process wrote since shows in the checkpoint.
        (retried, known) = (true, (reached, stages.Standing));
        if (events.Count > 0) Telemetry.Projected(events, started);
        return reached.Position;
    }

    /// <summary>The events after a position, up to another, as many as one transaction takes.</summary>
    private async Task<List<StoredEvent>> Batch(long after, long upTo, CancellationToken cancellationToken)
    {
        List<StoredEvent> events = [];
        var bytes = 0L;
        var limit = Math.Min(batchEvents, Math.Max(0, upTo - after));
        if (limit == 0) return events;
        await foreach (var stored in store.ReadAll(after, limit, null, null, cancellationToken))
        {
            events.Add(stored);
            if ((bytes += stored.Data.Length) > BatchBytes) break;
        }

        return events;
    }

    private static void Check(Checkpoint checkpoint)
    {
        if (checkpoint.FoldVersion > FoldVersion) throw new ViewsTooNewException(checkpoint.FoldVersion);
    }

    private void Moved(long to)
    {
        lock (gate)
        {
            if (to <= position) return;
            position = to;
            moved.TrySetResult();
            moved = NewSignal();
        }
    }

    private Task NextMove()
    {
        lock (gate) return moved.Task;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>A newer program folded the views; this one must not write over them.</summary>
public sealed class ViewsTooNewException(int foldVersion) : Exception(
    $"The views were made by a newer program (fold version {foldVersion}; this one makes {Projector.FoldVersion}).");
