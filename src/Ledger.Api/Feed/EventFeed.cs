using System.Diagnostics;
using System.IO.Pipelines;
using Ledger.Store;

namespace Ledger.Api;

/// <summary>What a reader of the feed asked for.</summary>
/// <param name="After">Begin after this position.</param>
/// <param name="Limit">End after so many events.</param>
/// <param name="IsFollowing">Whether to go on with what is appended later.</param>
/// <param name="Heartbeat">Longest silence.</param>
internal sealed record FeedTerms(long After, long Limit, EventFilter Filter, bool IsFollowing, TimeSpan Heartbeat);

/// <summary>Sends the log to one reader, in its one order, each event once. Holds a stretch at a time in memory, and
/// nothing in the database while the reader is slow; goes on where it was when the database comes back.</summary>
internal sealed class EventFeed(EventStore store, FeedFormat format, PipeWriter to, FeedTerms terms)
{
    private const int FlushBytes = 64 << 10;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>A server that stops does not wait longer for a reader that does not read.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    /// <summary>Where events come without pause, they are read together this often.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    private long _position = terms.After;
    private long _left = terms.Limit;
    private long _saidAt;
    private long _said = -1;

    /// <param name="head">Position of the last event as it was when the reader asked.</param>
    /// <param name="stopping">The server stops; the reader comes back.</param>
    /// <param name="gone">The reader left.</param>
    public async Task Send(long head, CancellationToken stopping, CancellationToken gone)
    {
        format.Begin(to);
        await Flush(gone);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, gone);
        try
        {
            await (terms.IsFollowing ? Follow(head, either.Token) : UpTo(head, either.Token));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !gone.IsCancellationRequested)
        {
            // It ends like one that came to its end, and says how far it came.
        }

        if (_said != _position)
            format.Seen(to, _position);
        using var last = CancellationTokenSource.CreateLinkedTokenSource(gone);
        if (stopping.IsCancellationRequested)
            last.CancelAfter(LastWords);
        await Flush(last.Token);
    }

    private async Task Follow(long head, CancellationToken cancellationToken)
    {
        while (_left > 0)
        {
            await UpTo(head, cancellationToken);
            var read = Stopwatch.GetTimestamp();
            if (_left > 0)
                head = await Beyond(cancellationToken);
            if (Stopwatch.GetElapsedTime(read) is var waited && waited < Pace)
                await Task.Delay(Pace - waited, cancellationToken);
        }
    }

    private async Task UpTo(long head, CancellationToken cancellationToken)
    {
        while (_position < head && _left > 0)
        {
            if (await Next(head, cancellationToken) is not { } stretch)
                continue;
            foreach (var stored in stretch.Events)
                await Event(stored, cancellationToken);
            if (_left > 0)
                _position = stretch.Position;
            if (stretch.Events.Count > 0)
                await Flush(cancellationToken);
            else if (Stopwatch.GetElapsedTime(_saidAt) >= terms.Heartbeat)
                await Seen(cancellationToken);
        }
    }

    private async Task Event(StoredEvent stored, CancellationToken cancellationToken)
    {
        if (_left == 0)
            return;
        format.Event(to, stored);
        (_position, _said) = (stored.Position, -1);
        _left--;
        if (to.UnflushedBytes >= FlushBytes)
            await Flush(cancellationToken);
    }

    /// <summary>Null = the database does not answer just now.</summary>
    private async Task<Stretch?> Next(long head, CancellationToken cancellationToken)
    {
        try
        {
            return await store.ReadStretch(_position, head, terms.Filter, cancellationToken);
        }
        catch (Exception error) when (ProblemHandling.IsUnavailable(error))
        {
            await Task.Delay(Pause, cancellationToken);
            if (Stopwatch.GetElapsedTime(_saidAt) >= terms.Heartbeat)
                await Seen(cancellationToken);
            return null;
        }
    }

    /// <summary>Waits for the log to grow, with a sign of life now and then.</summary>
    private async Task<long> Beyond(CancellationToken cancellationToken)
    {
        while (true)
        {
            using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var left = terms.Heartbeat - Stopwatch.GetElapsedTime(_saidAt);
            silence.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
            try
            {
                return await store.WaitBeyond(_position, silence.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                await Seen(cancellationToken);
            }
        }
    }

    private Task Seen(CancellationToken cancellationToken)
    {
        format.Seen(to, _position);
        _said = _position;
        return Flush(cancellationToken);
    }

    private async Task Flush(CancellationToken cancellationToken)
    {
        var flushed = await to.FlushAsync(cancellationToken);
        _saidAt = Stopwatch.GetTimestamp();
        if (flushed.IsCompleted)
            throw new OperationCanceledException("The reader left.");
    }
}
