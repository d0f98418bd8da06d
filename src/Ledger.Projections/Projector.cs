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
    public const int FoldVersion = 31;

    /// <summary>Bodies of one batch, in bytes, so that large documents do not fill the memory.</summary>
    private const long BatchBytes = 32 << 20;

    private static readonly TimeSpan Reconnect = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan SafetyPoll = TimeSpan.FromMilliseconds(250);

    private readonly Lock gate = new();
    private TaskCompletionSource moved = NewSignal();
    private long position;
    private bool retried;
    private (long After, Task<Arrivals>? Batch) ahead;
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
        return await CatchUp(await store.Position(cancellationToken), progress, cancellationToken);
    }

    /// <summary>Catches up, and then follows the events as they are committed, until cancelled. Outlives lost
    /// connections.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                for (var reached = await CatchUp(null, cancellationToken); ;)
                    reached = await CatchUp(
                        await store.WaitBeyond(reached, cancellationToken), null, cancellationToken);
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

    /// <summary>Folds streams from their events once more, as far as the views have got: what another program could not
    /// fold, or what the views have otherwise than their events say.</summary>
    /// <returns>Those of which the views said something else.</returns>
    /// <exception cref="ViewsTooNewException">A newer program folded the views.</exception>
    public async Task<IReadOnlyList<string>> Refold(
        IReadOnlyCollection<string> streams, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var (checkpoint, _) = await Checkpoint.LockBriefly(connection, cancellationToken);
            Check(checkpoint);
            // Views of an older program are made anew as a whole.
            if (checkpoint.FoldVersion != FoldVersion) return [];
            var standing = await new ViewSql(Checkpoint.Views).Standing(connection, checkpoint.Day, cancellationToken);
            var stages = new Stages(Checkpoint.Views, connection, store, standing, reachMax);
            var changed = await stages.Refold(streams, checkpoint, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return changed;
        }
        catch (FirmChangedException far)
        {
            await Rebuild(null, far.Position, null, cancellationToken);
            return [.. streams];
        }
    }

    private async Task<long> CatchUp(long head, IProgress<Progress>? progress, CancellationToken cancellationToken)
    {
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

    private async Task<long> StepOrRebuild(
        long head, IProgress<Progress>? progress, CancellationToken cancellationToken)
    {
        try
        {
            return await Step(head, cancellationToken) ?? await Rebuild(progress, cancellationToken);
        }
        catch (FirmChangedException far)
        {
            return await Rebuild(progress, far.Position, null, cancellationToken) ?? far.Position;
        }
    }

    /// <summary>One batch, in one transaction.</summary>
    /// <param name="head">Last position wanted.</param>
    /// <returns>The position the views stand at now; null where an older program folded them, as after a backup was
    /// brought back.</returns>
    private async Task<long?> Step(long head, CancellationToken cancellationToken)
    {
        var started = Telemetry.Now;
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (checkpoint, turn) = await Checkpoint.LockBriefly(connection, cancellationToken);
        Check(checkpoint);
        if (checkpoint.FoldVersion != FoldVersion && checkpoint.Position > 0) return null;
        var standing = known is { } last && last.At == checkpoint
            ? last.Standing
            : await new ViewSql(Checkpoint.Views).Standing(connection, checkpoint.Day, cancellationToken);
        var stages = new Stages(Checkpoint.Views, connection, store, standing, reachMax);
        if (!retried && await stages.RetryPoisoned(checkpoint, cancellationToken))
            checkpoint = checkpoint with { Writer = turn };
        var arrivals = await NextBatch(checkpoint.Position, head, cancellationToken);
        var events = arrivals.Events;
        var reached = events.Count == 0 ? checkpoint : checkpoint with { Position = events[^1].Position };
        using var activity = events.Count == 0 ? null : Telemetry.StartBatch(events);
        try
        {
            if (events.Count > 0)
            {
                ahead = (reached.Position, Read(reached.Position, head, cancellationToken));
                await stages.Fold(arrivals, moves: true, cancellationToken);
                reached = new(reached.Position, FoldVersion, stages.Standing.Day, turn);
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

    /// <summary>The next batch, which may have been read while the last one was written.</summary>
    private async Task<Arrivals> NextBatch(long after, long upTo, CancellationToken cancellationToken)
    {
        var (from, batch) = ahead;
        ahead = default;
        if (batch is null || from != after) return await Read(after, upTo, cancellationToken);
        // What failed meanwhile, or was cancelled with whoever wanted it then, is read once more.
        await ((Task)batch).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return batch.IsCompletedSuccessfully && (await batch).Events.Count > 0
            ? await batch
            : await Read(after, upTo, cancellationToken);
    }

    private Task<Arrivals> Read(long after, long upTo, CancellationToken cancellationToken) => Task.Run(
        async () => Arrivals.Of(await Batch(after, upTo, cancellationToken)), cancellationToken);

    /// <summary>The events after a position, up to another, as many as one transaction takes.</summary>
    private Task<List<StoredEvent>> Batch(long after, long upTo, CancellationToken cancellationToken) =>
        upTo <= after
            ? Task.FromResult<List<StoredEvent>>([])
            : store.ReadFollowing(after, upTo, batchEvents, BatchBytes, cancellationToken);

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
