using System.Runtime.CompilerServices;
using NodaTime;
using Npgsql;

namespace Ledger.Store;

/// <summary>Follows the log without polling it: one listening connection for all who follow in this process wakes them
/// at every commit, and a slow poll in case a notice was lost.</summary>
internal sealed class Follower(NpgsqlDataSource source, Reader reader) : IAsyncDisposable
{
    private static readonly TimeSpan SafetyPoll = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Reconnect = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource _woken = NewSignal();
    private Task? _listening;

    public async IAsyncEnumerable<StoredEvent> Follow(
        long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        while (true)
        {
            // The signal is taken before the read, so that a commit between the two is not slept through.
            var next = Next();
            await using (var events = reader.All(after, long.MaxValue, EventFilter.None, either.Token)
                .GetAsyncEnumerator(either.Token))
                while (await Advance(events))
                {
                    after = events.Current.Position;
                    yield return events.Current;
                }

            await Sleep(next, either.Token);
        }
    }

    /// <summary>The head's position as soon as it is beyond <paramref name="after"/>.</summary>
    public async Task<long> WaitBeyond(long after, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        while (true)
        {
            var next = Next();
            try
            {
                if ((await reader.Head(either.Token)).Position is var position && position > after)
                    return position;
            }
            catch (Exception error) when (StoreUnavailableException.Is(error))
            {
                await Task.Delay(Reconnect, either.Token);
                continue;
            }

            await Sleep(next, either.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        if (_listening is not null)
            await _listening;
        _closing.Dispose();
    }

    /// <summary>A read that fails with its connection ends here; the next one starts where this one got to.</summary>
    private static async Task<bool> Advance(IAsyncEnumerator<StoredEvent> events)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (Exception error) when (StoreUnavailableException.Is(error))
        {
            return false;
        }
    }

    private static async Task Sleep(Task signal, CancellationToken cancellationToken)
    {
        await Task.WhenAny(signal, Task.Delay(SafetyPoll, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
    }

    private Task Next()
    {
        lock (_gate)
        {
            _listening ??= Task.Run(Listen);
            return _woken.Task;
        }
    }

    private void Wake()
    {
        lock (_gate)
        {
            _woken.TrySetResult();
            _woken = NewSignal();
        }
    }

    private async Task Listen()
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(_closing.Token);
                await using (var listen = new NpgsqlCommand(Sql.Listen, connection))
                    await listen.ExecuteNonQueryAsync(_closing.Token);
                // Whatever was committed while nobody listened is read now.
                Wake();
                while (true)
                {
                    await connection.WaitAsync(_closing.Token);
                    Wake();
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception)
            {
                // Whatever it was, the followers still poll; until this succeeds they are only slower to hear.
                await Task.WhenAny(Task.Delay(Reconnect, _closing.Token));
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
