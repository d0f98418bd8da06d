using System.Buffers.Binary;
using Npgsql;

namespace Ledger.Store;

/// <summary>Rows on their way into one table in COPY's binary format, sent in large pieces.</summary>
internal sealed class CopyRows : IAsyncDisposable
{
    private const int PieceBytes = 128 << 10;

    /// <summary>2000-01-01 in microseconds since 1970: where PostgreSQL counts from.</summary>
    private const long Epoch = 946_684_800_000_000;

    private readonly NpgsqlRawCopyStream _stream;
    private byte[] _bytes = new byte[PieceBytes + 16_384];
    private int _used;

    /// <summary>The format's signature, no flags, no extension.</summary>
    private static ReadOnlySpan<byte> Header =>
        [(byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', (byte)'\n', 0xFF, (byte)'\r', (byte)'\n', 0,
            0, 0, 0, 0, 0, 0, 0, 0];

    private CopyRows(NpgsqlRawCopyStream stream) => _stream = stream;

    public static async Task<CopyRows> Begin(NpgsqlConnection connection, string copy)
    {
        var rows = new CopyRows(await connection.BeginRawBinaryCopyAsync(copy, CancellationToken.None));
        Header.CopyTo(rows.Take(Header.Length));
        return rows;
    }

    /// <summary>Begins a row.</summary>
    public void Row(short fields) => BinaryPrimitives.WriteInt16BigEndian(Take(sizeof(short)), fields);

    public void Int64(long value)
    {
        var span = Take(sizeof(int) + sizeof(long));
        BinaryPrimitives.WriteInt32BigEndian(span, sizeof(long));
        BinaryPrimitives.WriteInt64BigEndian(span[sizeof(int)..], value);
    }

    /// <summary>An instant, in microseconds since 1970.</summary>
    public void Timestamp(long micros) => Int64(micros - Epoch);

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
            BinaryPrimitives.WriteInt32BigEndian(Take(sizeof(int)), -1);
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

    /// <summary>Sends what has gathered, once it is worth it.</summary>
    public ValueTask Flush() => _used < PieceBytes ? ValueTask.CompletedTask : Send();

    /// <summary>Ends the table; PostgreSQL's refusal of any row shows here.</summary>
    public async Task Complete()
    {
        BinaryPrimitives.WriteInt16BigEndian(Take(sizeof(short)), -1);
        await Send();
        await _stream.DisposeAsync();
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async ValueTask Send()
    {
        await _stream.WriteAsync(_bytes.AsMemory(0, _used), CancellationToken.None);
        _used = 0;
    }

    private Span<byte> Take(int count)
    {
        if (_bytes.Length - _used < count)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _used + count));
        var span = _bytes.AsSpan(_used, count);
        _used += count;
        return span;
    }
}
