using System.Buffers.Binary;
using System.Text;
using NodaTime;

namespace Ledger.Store;

/// <summary>What a leaf of the log is the hash of: every column of one event, its body by its SHA-256. Read back from
/// its bytes, it says what a receipt can be held to without a database.</summary>
/// <param name="Headers">RFC 8785, UTF-8; null where there are none.</param>
/// <param name="DataHash">SHA-256 of the body in RFC 8785 form.</param>
public sealed record LeafEntry(
    long Position, long Version, Instant RecordedAt, string? StreamType, Guid Key, string? Stream, string? Type,
    string? Tenant, string? DotNetType, string? CorrelationId, string? CausationId, ReadOnlyMemory<byte>? Headers,
    string? User, ReadOnlyMemory<byte>? BinaryData, bool? IsArchived, ReadOnlyMemory<byte>? Digest,
    ReadOnlyMemory<byte> DataHash)
{
    /// <summary>Reads an entry's bytes, all of them.</summary>
    /// <exception cref="FormatException">They are not an entry.</exception>
    public static LeafEntry Read(ReadOnlyMemory<byte> entry)
    {
        try
        {
            var bytes = new Bytes(entry);
            if (bytes.Take(1)[0] != Leaf.Format)
                throw new FormatException("The leaf's entry is of a format this program does not know.");
            var read = new LeafEntry(
                bytes.Whole(), bytes.Whole(), Instant.FromUnixTimeTicks(checked(bytes.Whole() * 10)), bytes.Text(),
                new Guid(bytes.Take(16), bigEndian: true), bytes.Text(), bytes.Text(), bytes.Text(), bytes.Text(),
                bytes.Text(), bytes.Text(), bytes.Framed(), bytes.Text(), bytes.Framed(), bytes.Flag(), bytes.Framed(),
                bytes.Take(Leaf.Size).ToArray());
            return bytes.IsAtEnd ? read : throw new FormatException("Something follows the leaf's entry.");
        }
        catch (Exception error) when (error is ArgumentException or OverflowException)
        {
            throw new FormatException("The leaf's entry is not whole.", error);
        }
    }

    /// <summary>The leaf that an entry's bytes give.</summary>
    public static byte[] Hash(ReadOnlySpan<byte> entry) => Sha256.Hash([0, .. entry]);

    private sealed class Bytes(ReadOnlyMemory<byte> all)
    {
        private int _at;

        public bool IsAtEnd => _at == all.Length;

        public ReadOnlySpan<byte> Take(int count)
        {
            var taken = all.Span.Slice(_at, count);
            _at += count;
            return taken;
        }

        public long Whole() => BinaryPrimitives.ReadInt64BigEndian(Take(sizeof(long)));

        public ReadOnlyMemory<byte>? Framed()
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(Take(sizeof(int)));
            return length == -1 ? default(ReadOnlyMemory<byte>?) : Take(length).ToArray();
        }

        public string? Text() =>
            Framed() is { } bytes ? EventKey.StrictUtf8.GetString(bytes.Span) : null;

        public bool? Flag() => Take(1)[0] switch
        {
            0 => false,
            1 => true,
            255 => null,
            _ => throw new FormatException("A flag of the leaf's entry is neither 0, 1 nor 255."),
        };
    }
}
