using System.Diagnostics;

namespace Ledger.Store;

/// <summary>What one caller handed over together, and who waits for it. An item that could not be prepared is null and
/// has its verdict already.</summary>
internal sealed class Request(Prepared?[] items, Verdict?[] verdicts, bool atomic, CancellationToken cancelled)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int _open = items.Length;

    public Prepared?[] Items => items;

    public Verdict?[] Verdicts => verdicts;

    public bool Atomic => atomic;

    /// <summary>Whether its items are parked, and to be stored under the keys they hold already.</summary>
    public bool Unparks { get; init; }

    /// <summary>The trace it was handed over in.</summary>
    public ActivityContext Caller { get; } = Activity.Current?.Context ?? default;

    /// <summary>Whether its caller left before anything was tried.</summary>
    public bool IsAbandoned => cancelled.IsCancellationRequested;

    public Task Done => _done.Task;

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
