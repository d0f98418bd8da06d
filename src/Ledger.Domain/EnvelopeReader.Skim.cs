using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Ledger.Domain;

/// <summary>What of a document tells it from every other, in the document's own bytes. Only the envelope was read: what
/// the type's schema says of the body is open.</summary>
public readonly ref struct Skimmed
{
    public ReadOnlySpan<byte> Source { get; internal init; }

    public ReadOnlySpan<byte> Id { get; internal init; }

    public ReadOnlySpan<byte> Type { get; internal init; }

    public ReadOnlySpan<byte> Subject { get; internal init; }

    /// <summary>As <see cref="LedgerJson.WriteInstant"/> writes it.</summary>
    public ReadOnlySpan<byte> Time { get; internal init; }

    /// <summary>Empty = not stated.</summary>
    public ReadOnlySpan<byte> EffectiveOn { get; internal init; }

    /// <summary>Empty = not stated.</summary>
    public ReadOnlySpan<byte> Actor { get; internal init; }

    public long? Sequence { get; internal init; }

    /// <summary>The body as it stands there, but for decimals in another form than the canonical one: these are in it.
    /// Members may be in any order, and twice.</summary>
    public ReadOnlySpan<byte> Data { get; internal init; }

    /// <summary>The name of its stream.</summary>
    public string Stream()
    {
        var record = Subject.IndexOf((byte)'/') + 1;
        Span<byte> name = stackalloc byte[Subject.Length + Source.Length + 1];
        Subject[..record].CopyTo(name);
        Source.CopyTo(name[record..]);
        name[record + Source.Length] = (byte)':';
        Subject[record..].CopyTo(name[(record + Source.Length + 1)..]);
        return Encoding.UTF8.GetString(name);
    }
}

public static partial class EnvelopeReader
{
    /// <summary>Reads the envelope alone, by the rules of quick reading, and looks whether the body surely says all in
    /// the form in which reading it and writing it back would: no null, no instant with an offset. A decimal such as
    /// <c>8.50</c> is put in that form where the type's schema has a decimal.</summary>
    /// <returns>False = the document must be read. It may be good all the same.</returns>
    public static bool TrySkim(ReadOnlySpan<byte> json, out Skimmed skimmed)
    {
        skimmed = default;
        if (!Utf8.IsValid(json)) return false;
        try
        {
            var members = new QuickMembers(skims: true);
            return members.TakeAll(json) && members.TrySkim(json, out skimmed);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Whether reading would leave the value as it stands there, if it is no decimal. A guess: where it is
    /// wrong the document has another digest than it would have if it were read, and is read then.</summary>
    /// <param name="looksDecimal">Set where it looks like a decimal in another form than the canonical one.</param>
    private static bool StaysAsItIs(ref Utf8JsonReader reader, ref bool looksDecimal)
    {
        if (reader.TokenType == JsonTokenType.Null) return false;
        if (reader.TokenType != JsonTokenType.String || reader.ValueSpan is not
            [(>= (byte)'0' and <= (byte)'9') or (byte)'+' or (byte)'-' or (byte)'.', ..] text) return true;
        if (DecimalText.IsOtherwise(text)) looksDecimal = true;
        return !IsOtherInstant(text);
    }

    private static bool IsOtherInstant(ReadOnlySpan<byte> text) =>
        text.Length > 10 && text[10] == 'T' && !UtcText.IsCanonical(text);
}
