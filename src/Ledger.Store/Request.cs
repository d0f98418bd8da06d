using System.Diagnostics;

namespace Ledger.Store;

/// <summary>What one caller handed over together, and who waits for it. An item that could not be prepared is null and
/// has its verdict already.</summary>
internal sealed class Request(Prepared?[] items, Verdict?[] verdicts, bool atomic, CancellationToken cancelled)
{
    /// <summary>From so many items on a request is large: worth a look of its own, and made to wait for those that are
    /// not.</summary>
    public const int Large = 500;

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int _open = items.Length;

    public Prepared?[] Items => items;

    public Verdict?[] Verdicts => verdicts;

    public bool Atomic => atomic;

    /// <summary>Whether its items are parked, and to be stored under the keys they hold already.</summary>
    public bool Unparks { get; init; }

    public bool IsLarge => items.Length >= Large && !Unparks;

    /// <summary>What the database said of it before its turn came; null = nobody looked.</summary>
    public Known? Foreseen { get; set; }

    /// <summary>The trace it was handed over in.</summary>
    public ActivityContext Caller { get; } = Activity.Current?.Context ?? default;

    /// <summary>Whether its caller left before anything was tried.</summary>
    public bool IsAbandoned => cancelled.IsCancellationRequested;

    public Task Done => _done.Task;

    /// <summary>Prepares what is offered; a large request with as many threads as there are.</summary>
    public static Request Of(
        IReadOnlyList<NewEvent> offered, bool atomic, bool unparks, CancellationToken cancelled)
    {
        var (items, verdicts) = (new Prepared?[offered.Count], new Verdict?[offered.Count]);
        if (offered.Count < Large)
            Prepare(0, offered.Count);
        else
            Parallel.For(0, (offered.Count + Large - 1) / Large, part =>
                Prepare(part * Large, Math.Min(offered.Count, (part + 1) * Large)));
        return new Request(items, verdicts, atomic, cancelled) { Unparks = unparks };

        void Prepare(int from, int to)
        {
            for (var i = from; i < to; i++)
            {
                (items[i], verdicts[i]) = Prepared.From(offered[i]);
                // It will be stored, more likely than not, and the appender's thread has more to do than this one.
                if (offered.Count < Large)
                    items[i]?.MakeLeafTail();
            }
        }
    }

    /// <summary>Counts items whose verdict stands for good; the last one lets the caller go.</summary>
    public void Settle(int count)
    {
        _open -= count;
        if (_open == 0)
            _done.TrySetResult();
    }

    public void Fail(Exception error) => _done.TrySetException(error);

    public void Abandon() => _done.TrySetCanceled();
}
