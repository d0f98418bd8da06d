using System.Collections.Concurrent;

namespace Ledger.Store;

/// <summary>Reads bytes into a span; 0 = the end.</summary>
internal delegate int Reading(Span<byte> into);

/// <summary>Reads a copy on a thread of its own, some blocks ahead of who makes something of it.</summary>
internal sealed class ReadAhead : IDisposable
{
    private const int Blocks = 4;
    private const int BlockSize = 128 << 10;

    /// <summary>A block is handed on when no whole message may fit any more.</summary>
    private const int Full = BlockSize - (16 << 10);

    private readonly Stream _copy;
    private readonly BlockingCollection<(byte[] Bytes, int Length)> _read = new(Blocks);
    private readonly ConcurrentBag<byte[]> _spare = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _reading;
    private (byte[] Bytes, int Length) _block = ([], 0);
    private int _at;

    public ReadAhead(Stream copy)
    {
        _copy = copy;
        _reading = Task.Factory.StartNew(
            Read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Reads what is next.</summary>
    public int Next(Span<byte> into)
    {
        while (_at == _block.Length)
        {
            if (_block.Bytes.Length > 0)
                _spare.Add(_block.Bytes);
            (_block, _at) = (([], 0), 0);
            if (!_read.TryTake(out _block, Timeout.Infinite))
            {
                _reading.GetAwaiter().GetResult();
                return 0;
            }
        }

        var count = Math.Min(into.Length, _block.Length - _at);
        _block.Bytes.AsSpan(_at, count).CopyTo(into);
        _at += count;
        return count;
    }

    /// <summary>Stops reading; the copy is the caller's again.</summary>
    public void Dispose()
    {
        _stopping.Cancel();
        Task.WaitAny(_reading);
        _read.Dispose();
        _stopping.Dispose();
    }

    private void Read()
    {
        try
        {
            for (var read = 1; read > 0;)
            {
                var (block, length) = (_spare.TryTake(out var spare) ? spare : new byte[BlockSize], 0);
                while (length < Full && !_stopping.IsCancellationRequested
                    && (read = _copy.Read(block.AsSpan(length))) > 0)
                    length += read;
                _read.Add((block, length), _stopping.Token);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopping is how this ends where nobody wants the rest.
        }
        finally
        {
            _read.CompleteAdding();
        }
    }
}
