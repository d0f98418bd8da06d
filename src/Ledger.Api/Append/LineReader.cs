using System.Buffers;
using System.IO.Pipelines;
using Ledger.Domain;

namespace Ledger.Api;

/// <summary>Takes a stream of bytes apart at line breaks; holds one line at most, however long the stream.</summary>
/// <param name="limit">Longest line in bytes.</param>
internal sealed class LineReader(PipeReader pipe, int limit)
{
    private readonly ArrayBufferWriter<byte> _begun = new();
    private ReadOnlySequence<byte> _buffered;
    private bool _reading;
    private bool _completed;
    private bool _tooLong;
    private bool _first = true;

    /// <summary>The next line that is here already, without its break; empty lines are passed over. A line longer than
    /// the limit comes as its beginning.</summary>
    /// <returns>False = more must be read first, or there is no more.</returns>
    public bool TryNext(out Line line)
    {
        while (Take(out line))
            if (!line.Bytes.IsEmpty)
                return true;
        return false;
    }

    /// <summary>Reads more.</summary>
    /// <returns>False = there is no more.</returns>
    public async ValueTask<bool> ReadMore(CancellationToken cancellationToken)
    {
        if (_reading)
            pipe.AdvanceTo(_buffered.End);
        _reading = false;
        if (_completed)
            return false;
        var read = await pipe.ReadAsync(cancellationToken);
        _reading = true;
        _buffered = read.Buffer;
        _completed = read.IsCompleted;
        return true;
    }

    /// <summary>Gives back what was read and not taken, so that whoever owns the bytes can let go of them.</summary>
    public void Release()
    {
        if (_reading)
            pipe.AdvanceTo(_buffered.End);
        (_reading, _completed) = (false, true);
    }

    private bool Take(out Line line)
    {
        line = default;
        if (_buffered.PositionOf((byte)'\n') is { } end)
        {
            Keep(_buffered.Slice(0, end));
            _buffered = _buffered.Slice(_buffered.GetPosition(1, end));
        }
        else
        {
            Keep(_buffered);
            _buffered = _buffered.Slice(_buffered.End);
            if (!_completed || _begun.WrittenCount == 0)
                return false;
        }

        line = new(Trimmed(_begun.WrittenSpan).ToArray(), _tooLong);
        _begun.ResetWrittenCount();
        (_tooLong, _first) = (false, false);
        return true;
    }

    private void Keep(ReadOnlySequence<byte> bytes)
    {
        if (_begun.WrittenCount + bytes.Length > limit)
        {
            _tooLong = true;
            bytes = bytes.Slice(0, Math.Max(0, limit - _begun.WrittenCount));
        }

        foreach (var piece in bytes)
            _begun.Write(piece.Span);
    }

    private ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> line)
    {
        if (_first && line.StartsWith("\uFEFF"u8))
            line = line[3..];
        return line.Trim(" \t\r"u8);
    }
}

/// <summary>One line of a stream.</summary>
/// <param name="TooLong">Whether <paramref name="Bytes"/> is only its beginning.</param>
internal readonly record struct Line(ReadOnlyMemory<byte> Bytes, bool TooLong)
{
    public Offered Read(Intake intake, string? traceparent) => TooLong
        ? Offered.Of(new Malformed([new("", "line_too_long", FormattableString.Invariant(
            $"a line has {AppendEvents.LineBytesMax} bytes at most"))]), Bytes, null)
        : intake.Read(Bytes, traceparent);
}
