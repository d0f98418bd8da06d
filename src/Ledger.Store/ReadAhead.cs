namespace Ledger.Store;

/// <summary>Reads bytes into a span; 0 = the end.</summary>
internal delegate int Reading(Span<byte> into);

/// <summary>Reads a copy on a thread of its own, some blocks ahead of who makes something of it. Who waits sleeps:
/// spinning would take a processor from PostgreSQL.</summary>
internal sealed class ReadAhead : IDisposable
{
    private const int Blocks = 8;
    private const int BlockSize = 128 << 10;

    /// <summary>A block is handed on when no whole message may fit any more.</summary>
    private const int Full = BlockSize - (16 << 10);

    private readonly Stream _copy;
    private readonly object _turn = new();
    private readonly Queue<(byte[] Bytes, int Length)> _read = new(Blocks);
    private readonly Stack<byte[]> _spare = new(Blocks);
    private readonly Task _reading;
    private (byte[] Bytes, int Length) _block = ([], 0);
    private int _at;
    private bool _isStopping;
    private bool _isEnded;

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
            if (!Take())
            {
                _reading.GetAwaiter().GetResult();
                return 0;
            }

        var count = Math.Min(into.Length, _block.Length - _at);
        _block.Bytes.AsSpan(_at, count).CopyTo(into);
        _at += count;
        return count;
    }

    /// <summary>Stops reading; the copy is the caller's again.</summary>
    public void Dispose()
    {
        lock (_turn)
        {
            _isStopping = true;
            Monitor.PulseAll(_turn);
        }

        Task.WaitAny(_reading);
    }

    private bool Take()
    {
        lock (_turn)
        {
            if (_block.Bytes.Length > 0)
                _spare.Push(_block.Bytes);
            (_block, _at) = (([], 0), 0);
            while (_read.Count == 0 && !_isEnded)
                Monitor.Wait(_turn);
            if (!_read.TryDequeue(out _block))
                return false;
            Monitor.PulseAll(_turn);
            return true;
        }
    }

    private void Read()
    {
        try
        {
            for (var read = 1; read > 0 && Room() is { } block;)
            {
                var length = 0;
                while (length < Full && !Volatile.Read(ref _isStopping)
                    && (read = _copy.Read(block.AsSpan(length))) > 0)
                    length += read;
                lock (_turn)
                {
                    _read.Enqueue((block, length));
                    Monitor.PulseAll(_turn);
                }
            }
        }
        finally
        {
            lock (_turn)
            {
                _isEnded = true;
                Monitor.PulseAll(_turn);
            }
        }
    }

    /// <summary>A block to read into, once there is room for it; null = nobody wants the rest.</summary>
    private byte[]? Room()
    {
        lock (_turn)
        {
            while (_read.Count == Blocks && !_isStopping)
                Monitor.Wait(_turn);
            return _isStopping ? null : _spare.TryPop(out var spare) ? spare : new byte[BlockSize];
        }
    }
}
