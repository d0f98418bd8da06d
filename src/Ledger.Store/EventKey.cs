using System.Buffers.Binary;
using System.Text;

namespace Ledger.Store;

/// <summary>The idempotency key of an event: a UUID version 8 from SHA-256 over its source and id, each framed by its
/// length in UTF-8 bytes (4 bytes, big-endian). The same value is <c>mt_events.id</c>.</summary>
public static class EventKey
{
    /// <exception cref="EncoderFallbackException">A lone surrogate.</exception>
    public static Guid For(string source, string id)
    {
        var sourceBytes = StrictUtf8.GetByteCount(source);
        var size = sourceBytes + StrictUtf8.GetByteCount(id);
        var utf8 = size <= 1024 ? stackalloc byte[size] : new byte[size];
        StrictUtf8.GetBytes(source, utf8);
        StrictUtf8.GetBytes(id, utf8[sourceBytes..]);
        return For(utf8[..sourceBytes], utf8[sourceBytes..]);
    }

    /// <summary>The same for text already in UTF-8.</summary>
    public static Guid For(ReadOnlySpan<byte> source, ReadOnlySpan<byte> id)
    {
        var size = source.Length + id.Length + 8;
        Span<byte> framed = size <= 1024 ? stackalloc byte[size] : new byte[size];
        BinaryPrimitives.WriteInt32BigEndian(framed, source.Length);
        source.CopyTo(framed[4..]);
        BinaryPrimitives.WriteInt32BigEndian(framed[(4 + source.Length)..], id.Length);
        id.CopyTo(framed[(8 + source.Length)..]);

        Span<byte> hash = stackalloc byte[Sha256.Size];
        Sha256.Hash(framed, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    internal static readonly UTF8Encoding StrictUtf8 =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}
