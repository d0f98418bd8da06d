using System.Buffers;

namespace Ledger.Store;

/// <summary>Canonical JSON being written: a pooled, growing run of UTF-8.</summary>
internal sealed class JsonBuffer(int capacity) : IDisposable
{
    private static readonly SearchValues<byte> Escaped = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Select(code => (byte)code), (byte)'"', (byte)'\\']);

    private byte[] bytes = ArrayPool<byte>.Shared.Rent(capacity);

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, Length);

    public void Append(byte value)
    {
        if (Length == bytes.Length)
            Grow(1);
        bytes[Length++] = value;
    }

    public void Append(ReadOnlySpan<byte> values)
    {
        values.CopyTo(Reserve(values.Length));
        Length += values.Length;
    }

    /// <summary>At least <paramref name="count"/> free bytes at the end; say what was used with
    /// <see cref="Advance"/>.</summary>
    public Span<byte> Reserve(int count)
    {
        if (bytes.Length - Length < count)
            Grow(count);
        return bytes.AsSpan(Length);
    }

    public void Advance(int count) => Length += count;

    public void Truncate(int length) => Length = length;

    /// <summary>Writes a JSON string with only the escapes that RFC 8785 has.</summary>
    /// <exception cref="System.Text.EncoderFallbackException">A lone surrogate.</exception>
    public void AppendString(string value)
    {
        var size = EventKey.StrictUtf8.GetMaxByteCount(value.Length);
        var pooled = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            AppendString(pooled.AsSpan(0, EventKey.StrictUtf8.GetBytes(value, pooled)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(pooled);
        }
    }

    /// <summary>The same for text already in UTF-8.</summary>
    public void AppendString(ReadOnlySpan<byte> utf8)
    {
        Append((byte)'"');
        while (utf8.IndexOfAny(Escaped) is >= 0 and var index)
        {
            Append(utf8[..index]);
            AppendEscape(utf8[index]);
            utf8 = utf8[(index + 1)..];
        }

        Append(utf8);
        Append((byte)'"');
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = [];
    }

    private void AppendEscape(byte value)
    {
        Append((byte)'\\');
        switch (value)
        {
            case (byte)'"' or (byte)'\\': Append(value); break;
            case (byte)'\b': Append((byte)'b'); break;
            case (byte)'\t': Append((byte)'t'); break;
            case (byte)'\n': Append((byte)'n'); break;
            case (byte)'\f': Append((byte)'f'); break;
            case (byte)'\r': Append((byte)'r'); break;
            default:
                Append("u00"u8);
                Append("0123456789abcdef"u8[value >> 4]);
                Append("0123456789abcdef"u8[value & 15]);
                break;
        }
    }

    private void Grow(int count)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Length + count, bytes.Length * 2));
        bytes.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = larger;
    }
}
