using System.Diagnostics;
using NodaTime;
using Npgsql;

namespace Ledger.Store;

/// <summary>Commits what callers hand over, in groups: while one group commits the next gathers, and nobody waits for a
/// group to fill. A caller who finds nobody at work starts at once, on its own thread.</summary>
internal sealed class Appender(
    NpgsqlDataSource source, Func<Instant> clock, RootSigner? signer, Writing writing) : IAsyncDisposable
{
    /// <summary>Between attempts while the database does not answer.</summary>
    private static readonly TimeSpan[] Pauses =
        [.. new[] { 20, 100, 300, 700, 1_500, 2_500 }.Select(milliseconds => TimeSpan.FromMilliseconds(milliseconds))];

    /// <summary>After so long no further attempt begins.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly RequestQueue _queue = new();
    private readonly AppendSession _session = new(source, writing);
    private readonly CancellationTokenSource _closing = new();

    /// <summary>Streams as they stand at <see cref="_head"/>; complete for none, right for those it has.</summary>
    private readonly StreamCache _streams = new();

    private int _working;
    private Task _work = Task.CompletedTask;
    private Head? _head;

    /// <summary>Whether the last look found keys or streams that a guess would have missed: more such will follow.
    /// </summary>
    private bool _lookFirst;

    /// <summary>Hands a request over; its <see cref="Request.Done"/> says when it is decided.</summary>
    public void Enqueue(Request request)
    {
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
        _queue.Add(request);
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
            while (_queue.NextGroup() is { Count: > 0 } group)
                await Commit(group);
            // A full fence: were the queue looked at before this is seen, a request that comes now would wait for the
            // next one.
            Interlocked.Exchange(ref _working, 0);
        }
        while (!_queue.IsEmpty && Interlocked.CompareExchange(ref _working, 1, 0) == 0);
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
            var told = StoreUnavailableException.From(error);
            foreach (var slice in group)
                slice.Request.Fail(told);
            if (told is StoreUnavailableException)
                _queue.FailAll(told);
        }

        Telemetry.Committed(group, started);
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
        for (var (attempt, unsure) = (0, false); ; attempt++)
        {
            try
            {
                if (attempt == 0 && !piece.Exists(slice => slice.Request.Unparks) && await WithoutLock(piece))
                    return null;
                if (await UnderLock(piece, unsure))
                    return null;
                if (attempt == Pauses.Length)
                    throw new InvalidOperationException("Something else than a ledger writes to the events' tables.");
            }
            catch (PostgresException error) when (IsOfContent(error))
            {
                return error;
            }
            catch (Exception error) when (AppendSession.IsLost(error))
            {
                unsure = true;
                _head = null;
                await _session.Drop();
                if (attempt == Pauses.Length || _closing.IsCancellationRequested
                    || Stopwatch.GetElapsedTime(started) > Patience)
                    throw StoreUnavailableException.From(error);
                await Task.Delay(Pauses[attempt], CancellationToken.None);
            }
        }
    }

    /// <summary>Decides on what is believed or was just read, and stores if that still holds when the lock is taken.
    /// The first belief is that nobody else appends, that keys are new and streams not seen lately are too, unless
    /// somebody looked: one round trip. Where it was wrong, or verdicts rest on streams that nothing stored here would
    /// confirm, it looks.</summary>
    /// <returns>False = something moved in between; nothing was stored.</returns>
    private async Task<bool> WithoutLock(List<Slice> piece)
    {
        var foreseen = Foresight.Of(piece);
        _head ??= foreseen?.Head;
        if (_head is not null && (foreseen is not null || !_lookFirst))
        {
            var moved = await Guess(piece, foreseen);
            if (moved == "head")
            {
                // Somebody else appends too. What is believed of streams is confirmed or refused as ever.
                _head = await (await _session.Open(CancellationToken.None)).Head();
                moved = await Guess(piece, foreseen);
            }

            if (moved is null or "head")
                return moved is null;
        }

        var open = await _session.Open(CancellationToken.None);
        var known = Adopt(await open.Look(piece, locked: false));
        _lookFirst = known.Keys.Count > 0 || known.Streams.Keys.Any(stream => _streams.Find(stream) is null);
        // Each of these was true when it was read, so what stores nothing is decided.
        var group = Decide(piece, known.Group(Now(known.Head), unsure: false));
        if (group.Placed.Count > 0 && await Committed(open, group) is not null)
            return false;
        if (group.Conflicts.Count > 0)
            await open.Record(group.Conflicts, group.Recorded);
        return true;
    }

    /// <returns>What moved, or that a look is needed; null = decided, and stored where there was something to store.
    /// </returns>
    private async Task<string?> Guess(List<Slice> piece, Foresight? foreseen)
    {
        // What was read at the very head needs nobody's confirmation.
        var isCurrent = foreseen?.Head.Position == _head!.Position;
        var group = Decide(piece, new Group(
            _head, Now(_head), key => foreseen?.Key(key),
            stream => isCurrent ? foreseen!.Stream(stream) : _streams.Find(stream) ?? foreseen?.Stream(stream)));
        if (group.Conflicts.Count > 0 || group.NeedsLook && !isCurrent)
            return "unsure";
        return group.Placed.Count == 0
            ? null
            : await Committed(await _session.Open(CancellationToken.None), group);
    }

    /// <returns>False = a key was taken or freed meanwhile, which only what is parked does without the lock; nothing
    /// was stored.</returns>
    private async Task<bool> UnderLock(List<Slice> piece, bool unsure)
    {
        var open = await _session.Open(CancellationToken.None);
        await using var transaction = await open.Begin();
        var known = Adopt(await open.Look(piece, locked: true));
        _streams.Learn(known.Streams);
        var group = Decide(piece, known.Group(Now(known.Head), unsure));
        if (group.Conflicts.Count > 0)
            await open.Record(group.Conflicts, group.Recorded);
        if (group.Unparked.Count > 0 && await open.Unpark(group.Unparked) != group.Unparked.Count)
            return false;
        if (group.Placed.Count > 0)
        {
            var sealing = Seal(group);
            if (await TryAppend(open, group, sealing) is not null)
                return false;
            await transaction.CommitAsync(CancellationToken.None);
            Learn(await sealing);
        }
        else if (group.Conflicts.Count + group.Unparked.Count > 0)
        {
            await transaction.CommitAsync(CancellationToken.None);
        }

        return true;
    }

    /// <returns>What moved; null = stored.</returns>
    /// <exception cref="SigningKeyException">The log is signed with another key by now.</exception>
    private static async Task<string?> TryAppend(AppendConnection open, Group group, Task<GroupCommit> sealing)
    {
        try
        {
            return await open.Append(group, sealing) is var moved and not "signer"
                ? moved
                : throw new SigningKeyException(
                    "The log is signed with another key by now: start again with that one.");
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.UniqueViolation or "LG001")
        {
            return "raced";
        }
    }

    /// <returns>What moved; null = stored and committed.</returns>
    private async Task<string?> Committed(AppendConnection open, Group group)
    {
        // A call of the function is a transaction of its own.
        await using var transaction = open.Copies(group) ? await open.Begin() : null;
        var sealing = Seal(group);
        var moved = await TryAppend(open, group, sealing);
        if (moved is not null)
            return moved;
        if (transaction is not null)
            await transaction.CommitAsync(CancellationToken.None);
        Learn(await sealing);
        return null;
    }

    /// <summary>Hashes and signs; a large group beside what else is done for it.</summary>
    private Task<GroupCommit> Seal(Group group)
    {
        if (!writing.Seals)
            return Task.FromResult(GroupCommit.Unsealed(group));
        return group.Placed.Count < Request.Large
            ? Task.FromResult(GroupCommit.Of(group, signer))
            : Task.Run(() => GroupCommit.Of(group, signer));
    }

    private static Group Decide(List<Slice> piece, Group group)
    {
        foreach (var slice in piece)
            group.Decide(slice);
        return group;
    }

    /// <summary>Takes the head as read; where it is not the one expected others have appended, and no stream is as
    /// remembered.</summary>
    private Known Adopt(Known known)
    {
        if (_head is null || _head.Position != known.Head.Position
            || !_head.Frontier.AsSpan().SequenceEqual(known.Head.Frontier))
            _streams.Clear();
        _head = known.Head;
        return known;
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
