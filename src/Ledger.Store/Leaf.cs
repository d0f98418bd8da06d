using System.Buffers;
using System.Buffers.Binary;

namespace Ledger.Store;

/// <summary>The leaf hash of one event: SHA-256(0x00 ‖ entry), RFC 6962 with this entry, integers big-endian:
/// <code>
/// byte     1                        format
/// int64    seq_id
/// int64    version
/// int64    timestamp                microseconds since 1970-01-01T00:00:00Z
/// text     mt_streams.type
/// 16 bytes id                       the key
/// text     stream_id
/// text     type
/// text     tenant_id
/// text     mt_dotnet_type
/// text     correlation_id
/// text     causation_id
/// text     headers                  RFC 8785
/// text     user_name
/// text     bdata
/// byte     is_archived              0, 1; 255 = null
/// text     digest                   ledger.key.digest, so that a receipt is proven by its leaf
/// 32 bytes SHA-256 of data          RFC 8785
/// </code>
/// text = int32 length in bytes ‖ UTF-8 bytes; null is length −1. All from <c>id</c> on is known to the caller before
/// the event has a place; only the short head waits for the lock.</summary>
internal static class Leaf
{
    public const int Size = Sha256.Size;

    /// <summary>The entry's first byte.</summary>
    public const byte Format = 1;

    public const string Tenant = "*DEFAULT*";

    private const int HeadSize = 1 + 3 * sizeof(long) + sizeof(int);

    /// <summary>The entry from <c>id</c> on.</summary>
    public static byte[] Tail(in Columns columns)
    {
        var output = new ArrayBufferWriter<byte>(512);
        WriteTail(columns, output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Writes the entry from <c>id</c> on.</summary>
    public static void WriteTail(in Columns columns, ArrayBufferWriter<byte> output)
    {
        columns.Key.TryWriteBytes(output.GetSpan(16), bigEndian: true, out var written);
        output.Advance(written);
        Text(output, columns.Stream);
        Text(output, columns.Type);
        Text(output, columns.Tenant);
        Text(output, columns.DotNetType);
        Text(output, columns.CorrelationId);
        Text(output, columns.CausationId);
        Bytes(output, columns.Headers.Span, columns.Headers.IsEmpty);
        Text(output, columns.User);
        Bytes(output, columns.BinaryData.Span, columns.BinaryData.IsEmpty);
        ReadOnlySpan<byte> archived = [columns.IsArchived switch { false => 0, true => 1, null => 255 }];
        output.Write(archived);
        Bytes(output, columns.Digest.Span, columns.Digest.IsEmpty);
        Sha256.Hash(columns.Data.Span, output.GetSpan(Size));
        output.Advance(Size);
    }

    /// <summary>Hashes the whole entry into <paramref name="leaf"/>.</summary>
    public static void Hash(
        long position, long version, long recordedMicros, string? streamType, ReadOnlySpan<byte> tail, Span<byte> leaf)
    {
        var size = 1 + EntrySize(streamType, tail);
        byte[]? pooled = null;
        var input = size <= 2048 ? stackalloc byte[size] : (pooled = ArrayPool<byte>.Shared.Rent(size)).AsSpan(0, size);
        input[0] = 0; // RFC 6962: a leaf, not a node
        Write(position, version, recordedMicros, streamType, tail, input[1..]);
        Sha256.Hash(input, leaf);
        if (pooled is not null)
            ArrayPool<byte>.Shared.Return(pooled);
    }

    /// <summary>The whole entry.</summary>
    public static byte[] Entry(
        long position, long version, long recordedMicros, string? streamType, ReadOnlySpan<byte> tail)
    {
        var entry = new byte[EntrySize(streamType, tail)];
        Write(position, version, recordedMicros, streamType, tail, entry);
        return entry;
    }

    private static int EntrySize(string? streamType, ReadOnlySpan<byte> tail) =>
        HeadSize + (streamType is null ? 0 : EventKey.StrictUtf8.GetByteCount(streamType)) + tail.Length;

    private static void Write(
        long position, long version, long recordedMicros, string? streamType, ReadOnlySpan<byte> tail,
        Span<byte> entry)
    {
        entry[0] = Format;
        BinaryPrimitives.WriteInt64BigEndian(entry[1..], position);
        BinaryPrimitives.WriteInt64BigEndian(entry[9..], version);
        BinaryPrimitives.WriteInt64BigEndian(entry[17..], recordedMicros);
        var typeBytes = streamType is null ? -1 : EventKey.StrictUtf8.GetBytes(streamType, entry[HeadSize..]);
        BinaryPrimitives.WriteInt32BigEndian(entry[25..], typeBytes);
        tail.CopyTo(entry[(HeadSize + Math.Max(typeBytes, 0))..]);
    }

    private static void Text(ArrayBufferWriter<byte> output, string? value)
    {
        if (value is null)
        {
            Bytes(output, [], isNull: true);
            return;
        }

        var count = EventKey.StrictUtf8.GetByteCount(value);
        var span = output.GetSpan(sizeof(int) + count);
        BinaryPrimitives.WriteInt32BigEndian(span, count);
        EventKey.StrictUtf8.GetBytes(value, span[sizeof(int)..]);
        output.Advance(sizeof(int) + count);
    }

    private static void Bytes(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> value, bool isNull)
    {
        BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(sizeof(int)), isNull ? -1 : value.Length);
        output.Advance(sizeof(int));
        output.Write(value);
    }

    /// <summary>What the tail covers. Headers and binary data: empty = SQL NULL, for neither is ever empty.</summary>
    public readonly record struct Columns(
        Guid Key, string Stream, string Type, string? Tenant, string? DotNetType, string? CorrelationId,
        string? CausationId, ReadOnlyMemory<byte> Headers, string? User, ReadOnlyMemory<byte> BinaryData,
        bool? IsArchived, ReadOnlyMemory<byte> Digest, ReadOnlyMemory<byte> Data);
}
