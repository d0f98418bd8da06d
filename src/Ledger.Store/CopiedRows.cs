using System.Buffers;
using System.Buffers.Binary;

namespace Ledger.Store;

/// <summary>Reads bytes into a span; 0 = the end.</summary>
internal delegate int Reading(Span<byte> into);

/// <summary>Reads the rows of a binary COPY as PostgreSQL sends them, without turning a field into anything. Waits for
/// them on the caller's thread: handing each wait to another costs more than reading the rows that it brings, and what
/// PostgreSQL sends meanwhile waits in the socket.</summary>
internal sealed class CopiedRows(Reading copy, int columns) : IDisposable
{
    private const int HeaderSize = 11 + 2 * sizeof(int);
    private const int RoomSize = 16 << 10;

    private readonly int[] _starts = new int[columns];
    private readonly int[] _lengths = new int[columns];
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(128 << 10);
    private int _at;
    private int _end;
    private bool _isBegun;

    /// <summary>Goes to the next row; what was taken from the one before is gone.</summary>
    /// <returns>False = there is none.</returns>
    public bool Next(CancellationToken cancellationToken)
    {
        if (!_isBegun)
        {
            while (_end < HeaderSize)
                Fill(cancellationToken);
            _at = HeaderSize;
            _isBegun = true;
        }

        int size;
        while ((size = Row()) == 0)
            Fill(cancellationToken);
        _at += Math.Max(size, 0);
        return size > 0;
    }

    public bool IsNull(int column) => _lengths[column] < 0;

    /// <summary>A field's bytes; none where it is null.</summary>
    public ReadOnlySpan<byte> Field(int column) => _buffer.AsSpan(_starts[column], Math.Max(_lengths[column], 0));

    /// <summary>Fields one after the other, each with its length before it, −1 where it is null.</summary>
    public ReadOnlySpan<byte> Framed(int first, int last)
    {
        var start = _starts[first] - sizeof(int);
        return _buffer.AsSpan(start, _starts[last] + Math.Max(_lengths[last], 0) - start);
    }

    public long Whole(int column) => BinaryPrimitives.ReadInt64BigEndian(Field(column));

    public void Dispose()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    /// <returns>The row's size; 0 = not all of it is here; −1 = the end.</returns>
    private int Row()
    {
        var at = _at;
        if (_end - at < sizeof(short))
            return 0;
        var count = BinaryPrimitives.ReadInt16BigEndian(_buffer.AsSpan(at));
        if (count < 0)
            return -1;
        if (count != columns)
            throw new InvalidOperationException("PostgreSQL sends other columns than it was asked for.");
        at += sizeof(short);
        for (var column = 0; column < columns; column++)
        {
            if (_end - at < sizeof(int))
                return 0;
            var length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(at));
            at += sizeof(int);
            _starts[column] = at;
            _lengths[column] = length;
            at += Math.Max(length, 0);
            if (at > _end)
                return 0;
        }

        return at - _at;
    }

    private void Fill(CancellationToken cancellationToken)
    {
        if (_buffer.Length - _end < RoomSize)
        {
            var kept = _buffer.AsSpan(_at, _end - _at);
            var target = kept.Length > _buffer.Length / 2
                ? ArrayPool<byte>.Shared.Rent(_buffer.Length * 2)
                : _buffer;
            kept.CopyTo(target);
            if (target != _buffer)
                ArrayPool<byte>.Shared.Return(_buffer);
            (_buffer, _at, _end) = (target, 0, kept.Length);
        }

        cancellationToken.ThrowIfCancellationRequested();
        var read = copy(_buffer.AsSpan(_end));
        if (read == 0)
            throw new InvalidOperationException("PostgreSQL ends a copy within a row.");
        _end += read;
    }
}
