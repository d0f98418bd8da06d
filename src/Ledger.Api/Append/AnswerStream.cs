using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;

namespace Ledger.Api;

/// <summary>Answers to a stream of lines, each on a line of its own. Many a sender writes all it has before it reads
/// anything: once such a one stops taking answers, they wait in a file, so that its events still go in.</summary>
internal sealed class AnswerStream(PipeWriter to) : IAsyncDisposable
{
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(1);

    private readonly ArrayBufferWriter<byte> _lines = new();
    private Spool? _spool;

    public async Task Write(ItemAnswer[] answers, CancellationToken cancellationToken)
    {
        Serialize(answers);
        if (_spool is not null)
        {
            await _spool.Write(_lines.WrittenMemory, cancellationToken);
            return;
        }

        to.Write(_lines.WrittenSpan);
        var flush = to.FlushAsync(cancellationToken).AsTask();
        if (await Task.WhenAny(flush, Task.Delay(Stall, cancellationToken)) == flush)
            await flush;
        else
            _spool = new Spool(to, flush, cancellationToken);
    }

    /// <summary>Waits until every answer is out.</summary>
    public Task Finish() => _spool?.Finish() ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _spool?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void Serialize(ItemAnswer[] answers)
    {
        _lines.ResetWrittenCount();
        using var json = new Utf8JsonWriter(_lines, new() { Encoder = DoorJson.Encoder });
        foreach (var answer in answers)
        {
            JsonSerializer.Serialize(json, answer, DoorJson.Plain.ItemAnswer);
            json.Flush();
            _lines.Write("\n"u8);
            json.Reset();
        }
    }

    /// <summary>A file that is written at its end and read from its beginning; gone when closed.</summary>
    private sealed class Spool : IAsyncDisposable
    {
        private const long BytesMax = 2L << 30;
        private const int PieceBytes = 64 << 10;

        private readonly FileStream _file = new(
            Path.GetTempFileName(),
            new FileStreamOptions
            {
                Mode = FileMode.Open, Access = FileAccess.ReadWrite, BufferSize = 0,
                Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose,
            });

        private readonly SemaphoreSlim _more = new(0);
        private readonly CancellationTokenSource _leaving;
        private readonly Task _copying;
        private long _written;
        private bool _finished;

        /// <param name="stalled">What must be out before anything else.</param>
        public Spool(PipeWriter to, Task stalled, CancellationToken cancellationToken)
        {
            _leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            _copying = Copy(to, stalled);
        }

        public async Task Write(ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
        {
            if (_written + lines.Length > BytesMax)
                throw new IOException("The sender takes no answers, and too many wait for it.");
            await RandomAccess.WriteAsync(_file.SafeFileHandle, lines, _written, cancellationToken);
            Volatile.Write(ref _written, _written + lines.Length);
            _more.Release();
        }

        public Task Finish()
        {
            Volatile.Write(ref _finished, true);
            _more.Release();
            return _copying;
        }

        public async ValueTask DisposeAsync()
        {
            await _leaving.CancelAsync();
            await _copying.ContinueWith(_ => { }, TaskScheduler.Default);
            await _file.DisposeAsync();
            _leaving.Dispose();
            _more.Dispose();
        }

        private async Task Copy(PipeWriter to, Task stalled)
        {
            await stalled;
            var piece = new byte[PieceBytes];
            for (var read = 0L; ;)
            {
                // Whether there is more is asked after whether more may come.
                var finished = Volatile.Read(ref _finished);
                if (read < Volatile.Read(ref _written))
                {
                    var got = await RandomAccess.ReadAsync(_file.SafeFileHandle, piece, read, _leaving.Token);
                    await to.WriteAsync(piece.AsMemory(0, got), _leaving.Token);
                    read += got;
                }
                else if (finished)
                    return;
                else
                    await _more.WaitAsync(_leaving.Token);
            }
        }
    }
}
