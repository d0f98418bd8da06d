using System.Buffers;
using System.Buffers.Binary;
using Npgsql;

namespace Ledger.Store;

/// <summary>Rows on their way into one table in COPY's binary format, sent in large pieces.</summary>
public sealed class CopyRows : IAsyncDisposable
{
    private const int PieceBytes = 128 << 10;
    private const int TextOid = 25;
    private const int Int64Oid = 20;

    /// <summary>2000-01-01 in microseconds since 1970: where PostgreSQL counts from.</summary>
    private const long Epoch = 946_684_800_000_000;

    private static readonly DateOnly FirstDay = new(2000, 1, 1);

    private readonly NpgsqlRawCopyStream _stream;
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(PieceBytes + 16_384);
    private int _used;
    private bool _complete;

    /// <summary>The format's signature, no flags, no extension.</summary>
    private static ReadOnlySpan<byte> Header =>
        [(byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', (byte)'\n', 0xFF, (byte)'\r', (byte)'\n', 0,
            0, 0, 0, 0, 0, 0, 0, 0];

    private CopyRows(NpgsqlRawCopyStream stream) => _stream = stream;

    /// <param name="copy">The COPY statement, from stdin in binary format.</param>
    public static async Task<CopyRows> Begin(
        NpgsqlConnection connection, string copy, CancellationToken cancellationToken)
    {
        var rows = new CopyRows(await connection.BeginRawBinaryCopyAsync(copy, cancellationToken));
        Header.CopyTo(rows.Take(Header.Length));
        return rows;
    }

    /// <summary>Begins a row.</summary>
    public void Row(short fields) => BinaryPrimitives.WriteInt16BigEndian(Take(sizeof(short)), fields);

    public void Null() => BinaryPrimitives.WriteInt32BigEndian(Take(sizeof(int)), -1);

    public void Boolean(bool value)
    {
        var span = Take(sizeof(int) + 1);
        BinaryPrimitives.WriteInt32BigEndian(span, 1);
        span[sizeof(int)] = value ? (byte)1 : (byte)0;
    }

    public void Int32(int value)
    {
        var span = Take(sizeof(int) * 2);
        BinaryPrimitives.WriteInt32BigEndian(span, sizeof(int));
        BinaryPrimitives.WriteInt32BigEndian(span[sizeof(int)..], value);
    }

    public void Date(DateOnly value) => Int32(value.DayNumber - FirstDay.DayNumber);

    public void Int64(long value)
    {
        var span = Take(sizeof(int) + sizeof(long));
        BinaryPrimitives.WriteInt32BigEndian(span, sizeof(long));
        BinaryPrimitives.WriteInt64BigEndian(span[sizeof(int)..], value);
    }

    /// <summary>An instant, in microseconds since 1970.</summary>
    public void Timestamp(long micros) => Int64(micros - Epoch);

    /// <summary>A <c>numeric</c> of the same scale.</summary>
    public void Decimal(decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        var scale = (parts[3] >> 16) & 0xFF;
        var rest = unchecked(((UInt128)(uint)parts[2] << 64) | ((ulong)(uint)parts[1] << 32) | (uint)parts[0]);
        // Four decimal digits a group; a group lies on one side of the point.
        var places = (scale + 3) / 4;
        for (var pad = (places * 4) - scale; pad > 0; pad--) rest *= 10;
        Span<short> groups = stackalloc short[10];
        var (count, first) = (0, 0);
        for (; rest > 0; rest /= 10_000) groups[count++] = (short)(rest % 10_000);
        while (first < count && groups[first] == 0) first++;
        var span = Take(sizeof(int) + (sizeof(short) * (4 + count - first)));
        BinaryPrimitives.WriteInt32BigEndian(span, span.Length - sizeof(int));
        span = span[sizeof(int)..];
        BinaryPrimitives.WriteInt16BigEndian(span, (short)(count - first));
        BinaryPrimitives.WriteInt16BigEndian(span[2..], (short)(count == 0 ? 0 : count - places - 1));
        BinaryPrimitives.WriteInt16BigEndian(span[4..], (short)(value < 0 ? 0x4000 : 0));
        BinaryPrimitives.WriteInt16BigEndian(span[6..], (short)scale);
        for (var at = 8; count-- > first; at += sizeof(short))
            BinaryPrimitives.WriteInt16BigEndian(span[at..], groups[count]);
    }

    public void Uuid(Guid value)
    {
        var span = Take(sizeof(int) + 16);
        BinaryPrimitives.WriteInt32BigEndian(span, 16);
        value.TryWriteBytes(span[sizeof(int)..], bigEndian: true, out _);
    }

    public void Text(string? value)
    {
        if (value is null)
        {
            Null();
            return;
        }

        var size = EventKey.StrictUtf8.GetByteCount(value);
        var span = Take(sizeof(int) + size);
        BinaryPrimitives.WriteInt32BigEndian(span, size);
        EventKey.StrictUtf8.GetBytes(value, span[sizeof(int)..]);
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        var span = Take(sizeof(int) + value.Length);
        BinaryPrimitives.WriteInt32BigEndian(span, value.Length);
        value.CopyTo(span[sizeof(int)..]);
    }

    /// <summary>A <c>jsonb</c>, which travels as its version and text.</summary>
    public void Json(ReadOnlySpan<byte> text)
    {
        var span = Take(sizeof(int) + 1 + text.Length);
        BinaryPrimitives.WriteInt32BigEndian(span, 1 + text.Length);
        span[sizeof(int)] = 1;
        text.CopyTo(span[(sizeof(int) + 1)..]);
    }

    /// <summary>A <c>text[]</c> without nulls.</summary>
    public void Texts(IReadOnlyList<string> values)
    {
        var start = Array(values.Count, TextOid);
        foreach (var value in values) Text(value);
        End(start);
    }

    /// <summary>A <c>bigint[]</c> without nulls.</summary>
    public void Int64s(IReadOnlyList<long> values)
    {
        var start = Array(values.Count, Int64Oid);
        foreach (var value in values) Int64(value);
        End(start);
    }

    /// <summary>Sends what has gathered, once it is worth it.</summary>
    public ValueTask Flush(CancellationToken cancellationToken) =>
        _used < PieceBytes ? ValueTask.CompletedTask : Send(cancellationToken);

    /// <summary>Ends the table; PostgreSQL's refusal of any row shows here.</summary>
    public async Task Complete(CancellationToken cancellationToken)
    {
        BinaryPrimitives.WriteInt16BigEndian(Take(sizeof(short)), -1);
        await Send(cancellationToken);
        _complete = true;
        await _stream.DisposeAsync();
    }

    /// <summary>What was not ended is refused by PostgreSQL as a whole.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!_complete) await _stream.CancelAsync();
        }
        catch (Exception error) when (error is ObjectDisposedException || StoreUnavailableException.Is(error))
        {
            // The connection is gone, and why is thrown already.
        }

        await _stream.DisposeAsync();
        // What was cut off may still be on its way.
        if (_complete && _bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    /// <returns>Where its length goes.</returns>
    private int Array(int count, int element)
    {
        var start = _used;
        var span = Take(sizeof(int) * (count == 0 ? 4 : 6))[sizeof(int)..];
        BinaryPrimitives.WriteInt32BigEndian(span, count == 0 ? 0 : 1);
        BinaryPrimitives.WriteInt32BigEndian(span[4..], 0);
        BinaryPrimitives.WriteInt32BigEndian(span[8..], element);
        if (count == 0) return start;
        BinaryPrimitives.WriteInt32BigEndian(span[12..], count);
        BinaryPrimitives.WriteInt32BigEndian(span[16..], 1);
        return start;
    }

    private void End(int start) =>
        BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(start), _used - start - sizeof(int));

    private async ValueTask Send(CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(_bytes.AsMemory(0, _used), cancellationToken);
        _used = 0;
    }

    private Span<byte> Take(int count)
    {
        if (_bytes.Length - _used < count)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, _used + count));
            _bytes.AsSpan(0, _used).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        var span = _bytes.AsSpan(_used, count);
        _used += count;
        return span;
    }
}
