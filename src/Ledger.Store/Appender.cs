using System.Collections.Concurrent;
using System.Diagnostics;
using NodaTime;
using Npgsql;

namespace Ledger.Store;

/// <summary>Commits what callers hand over, in groups: while one group commits the next gathers, and nobody waits for a
/// group to fill. A caller who finds nobody at work starts at once, on its own thread.</summary>
internal sealed class Appender(NpgsqlDataSource source, Func<Instant> clock) : IAsyncDisposable
{
    private const int GroupEvents = 2_000;
    private const int GroupBytes = 8 << 20;

    /// <summary>Between attempts while the database does not answer.</summary>
    private static readonly TimeSpan[] Pauses =
        [.. new[] { 20, 100, 300, 700, 1_500, 2_500 }.Select(milliseconds => TimeSpan.FromMilliseconds(milliseconds))];

    /// <summary>After so long no further attempt begins.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentQueue<Request> _queue = new();
    private readonly AppendSession _session = new(source);
    private readonly CancellationTokenSource _closing = new();

    /// <summary>Streams as they stand at <see cref="head"/>; complete for none, right for those it has.</summary>
    private readonly StreamCache _streams = new();

    private int _working;
    private Task _work = Task.CompletedTask;
    private Slice? _rest;
    private Head? _head;

    /// <summary>Hands a request over; its <see cref="Request.Done"/> says when it is decided.</summary>
    public void Enqueue(Request request)
    {
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
        _queue.Enqueue(request);
        if (Interlocked.CompareExchange(ref _working, 1, 0) == 0)
            _work = Work();
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _work;
        await _session.DisposeAsync();
        _closing.Dispose();
    }

    private async Task Work()
    {
        do
        {
            while (NextGroup() is { Count: > 0 } group)
                await Commit(group);
            Volatile.Write(ref _working, 0);
        }
        while (!_queue.IsEmpty && Interlocked.CompareExchange(ref _working, 1, 0) == 0);
    }

    private List<Slice> NextGroup()
    {
        var (group, events, bytes) = (new List<Slice>(), 0, 0L);
        while (events < GroupEvents && bytes < GroupBytes)
        {
            var slice = _rest is { Request.Done.IsCompleted: true } ? null : _rest;
            _rest = null;
            if (slice is null)
            {
                if (!_queue.TryDequeue(out var request))
                    break;
                if (request.IsAbandoned)
                {
                    request.Abandon();
                    continue;
                }

                slice = new Slice(request, 0, request.Items.Length);
            }

            var (owner, start, count) = slice.Value;
            var taken = 0;
            while (taken < count && (owner.Atomic || (events < GroupEvents && bytes < GroupBytes)))
            {
                bytes += owner.Items[start + taken]?.Event.Data.Length ?? 0;
                taken++;
                events++;
            }

            group.Add(new Slice(owner, start, taken));
            if (taken < count)
                _rest = new Slice(owner, start + taken, count - taken);
        }

        return group;
    }

    /// <summary>Decides and stores a group; splits it where PostgreSQL refuses what is in it, until the one refused
    /// stands alone.</summary>
    private async Task Commit(List<Slice> group)
    {
        var started = Telemetry.Now;
        using var activity = Telemetry.StartGroup(group);
        var pieces = new Stack<List<Slice>>([group]);
        try
        {
            while (pieces.TryPop(out var piece))
            {
                if (await Store(piece) is not { } refusal)
                    Settle(piece);
                else if (Bisection.Split(piece) is var (left, right))
                {
                    pieces.Push(right);
                    pieces.Push(left);
                }
                else
                    await Refuse(piece[0], refusal);
            }
        }
        catch (Exception error)
        {
            // Every failure belongs to those who wait, and the next group may fare better.
            Telemetry.Failed(activity, error);
            foreach (var slice in group)
                slice.Request.Fail(error);
            if (error is StoreUnavailableException)
                FailWaiting(error);
        }

        Telemetry.Committed(group, started);
    }

    /// <summary>Who queued while the database was away has waited enough: nothing of theirs was tried.</summary>
    private void FailWaiting(Exception error)
    {
        _rest = null;
        while (_queue.TryDequeue(out var request))
            request.Fail(error);
    }

    private static void Settle(List<Slice> piece)
    {
        foreach (var slice in piece)
            slice.Request.Settle(slice.Count);
    }

    /// <summary>An atomic request is refused as a whole; the items PostgreSQL refuses are found one by one.</summary>
    private async Task Refuse(Slice slice, PostgresException refusal)
    {
        var (request, start, count) = slice;
        var verdict = new Refused(refusal.SqlState, refusal.MessageText);
        for (var i = start; i < start + count; i++)
        {
            if (request.Items[i] is not { } item)
                continue;
            if (count == 1)
                request.Verdicts[i] = verdict;
            else
                request.Verdicts[i] = await _session.Probe(item, _closing.Token) is { } own
                    ? new Refused(own.SqlState, own.MessageText)
                    : new NotAttempted();
        }

        request.Settle(count);
    }

    /// <summary>Stores a piece, however often the database must be asked. An outcome that got lost with its connection
    /// is found again by key, under the lock, which waits out the lost transaction.</summary>
    /// <returns>PostgreSQL's refusal of something in the piece; null = all decided.</returns>
    private async Task<PostgresException?> Store(List<Slice> piece)
    {
        var started = Telemetry.Now;
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                if (attempt == 0 && _head is not null && await OnAssumption(piece))
                    return null;
                await UnderLock(piece, unsure: attempt > 0);
                return null;
            }
            catch (PostgresException error) when (IsOfContent(error))
            {
                return error;
            }
            catch (Exception error) when (StoreUnavailableException.Is(error))
            {
                _head = null;
                await _session.Drop();
                if (attempt == Pauses.Length || _closing.IsCancellationRequested
                    || Stopwatch.GetElapsedTime(started) > Patience)
                    throw new StoreUnavailableException("The database did not answer; nothing is half stored.", error);
                await Task.Delay(Pauses[attempt], CancellationToken.None);
            }
        }
    }

    /// <summary>One round trip, on the belief that nobody else appends, keys are new and unknown streams are too.
    /// </summary>
    /// <returns>False = the belief was wrong or not enough; nothing was stored.</returns>
    private async Task<bool> OnAssumption(List<Slice> piece)
    {
        var group = new Group(_head!, Now(_head!), _ => null, _streams.Find);
        foreach (var slice in piece)
            group.Decide(slice);
        if (group.LeansOnUnmoved || group.Conflicts.Count > 0 || group.Placed.Count == 0)
            return false;
        var commit = GroupCommit.Of(group);
        try
        {
            var open = await _session.Open(CancellationToken.None);
            if (await open.Append(commit) is { } wrong)
            {
                if (wrong == "head")
                    _head = null;
                return false;
            }
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.UniqueViolation or "LG001")
        {
            return false;
        }

        Learn(commit);
        return true;
    }

    private async Task UnderLock(List<Slice> piece, bool unsure)
    {
        var open = await _session.Open(CancellationToken.None);
        await using var transaction = await open.Begin();
        var known = await open.LockAndLook(piece);
        if (_head is null || _head.Position != known.Head.Position)
            _streams.Clear();
        _streams.Learn(known.Streams);
        _head = known.Head;

        var group = new Group(
            _head, Now(_head), known.Keys.GetValueOrDefault, stream => known.Streams.GetValueOrDefault(stream),
            unsure);
        foreach (var slice in piece)
            group.Decide(slice);
        if (group.Conflicts.Count > 0)
            await open.Record(group.Conflicts, Now(_head));
        if (group.Placed.Count > 0)
        {
            var commit = GroupCommit.Of(group);
            if (await open.Append(commit) is { } wrong)
                throw new InvalidOperationException($"The ledger moved under its own lock ({wrong}).");
            await transaction.CommitAsync(CancellationToken.None);
            Learn(commit);
        }
        else if (group.Conflicts.Count > 0)
        {
            await transaction.CommitAsync(CancellationToken.None);
        }
    }

    private void Learn(GroupCommit commit)
    {
        _head = commit.NewHead;
        _streams.Learn(commit.Group.Changes);
    }

    private Instant Now(Head at)
    {
        var now = clock();
        var micros = Instant.FromUnixTimeTicks(now.ToUnixTimeTicks() / 10 * 10);
        return Instant.Max(micros, at.Recorded);
    }

    /// <summary>Data exceptions, limits of a row or index, and constraints on values: true of the piece for ever.
    /// </summary>
    private static bool IsOfContent(PostgresException error) =>
        error.SqlState is ['2', '2', ..] or ['5', '4', ..] or PostgresErrorCodes.NotNullViolation
            or PostgresErrorCodes.CheckViolation;
}
