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
        var idBytes = StrictUtf8.GetByteCount(id);
        var size = sourceBytes + idBytes + 8;
        Span<byte> framed = size <= 1024 ? stackalloc byte[size] : new byte[size];
        BinaryPrimitives.WriteInt32BigEndian(framed, sourceBytes);
        StrictUtf8.GetBytes(source, framed[4..]);
        BinaryPrimitives.WriteInt32BigEndian(framed[(4 + sourceBytes)..], idBytes);
        StrictUtf8.GetBytes(id, framed[(8 + sourceBytes)..]);

        Span<byte> hash = stackalloc byte[Sha256.Size];
        Sha256.Hash(framed, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    internal static readonly UTF8Encoding StrictUtf8 =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}
