using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Ledger.Store;

/// <summary>What the log was at one size, as a C2SP checkpoint says it: the text that a key of the log signs.</summary>
/// <param name="Origin">The log's name.</param>
/// <param name="Size">Events in it.</param>
/// <param name="Root">RFC 6962 root of their leaves, 32 bytes.</param>
public sealed record Checkpoint(string Origin, long Size, ReadOnlyMemory<byte> Root)
{
    /// <summary>Origin, size and root in base64, a line each.</summary>
    public string Text => string.Create(
        CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Convert.ToBase64String(Root.Span)}\n");

    public bool Equals(Checkpoint? other) =>
        other is not null && (Origin, Size) == (other.Origin, other.Size) && Root.Span.SequenceEqual(other.Root.Span);

    public override int GetHashCode() => HashCode.Combine(Origin, Size);

    /// <summary>The text's UTF-8 bytes, written without a detour.</summary>
    internal static int Write(ReadOnlySpan<byte> origin, long size, ReadOnlySpan<byte> root, Span<byte> text)
    {
        origin.CopyTo(text);
        var at = origin.Length;
        text[at++] = (byte)'\n';
        size.TryFormat(text[at..], out var written, provider: CultureInfo.InvariantCulture);
        at += written;
        text[at++] = (byte)'\n';
        Base64.EncodeToUtf8(root, text[at..], out _, out written);
        at += written;
        text[at++] = (byte)'\n';
        return at;
    }
}
