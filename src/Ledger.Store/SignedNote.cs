using System.Globalization;
using System.Text;

namespace Ledger.Store;

/// <summary>A checkpoint with its signatures, as a C2SP signed note: what is kept outside to hold the log to it.
/// </summary>
/// <param name="Text">What is signed: origin, size, root, and lines that others may have added.</param>
public sealed record SignedNote(Checkpoint Checkpoint, string Text, IReadOnlyList<NoteSignature> Signatures)
{
    private const int SignaturesMax = 100;
    private const string Mark = "— ";

    /// <summary>Reads one note.</summary>
    /// <exception cref="FormatException">It is not a checkpoint in a signed note.</exception>
    public static SignedNote Parse(string note)
    {
        note = note.ReplaceLineEndings("\n");
        var parting = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (parting < 0 || !note.EndsWith('\n'))
            throw new FormatException("A signed note is a text, an empty line and signatures.");
        var text = note[..(parting + 1)];
        if (text.Contains("\n\n", StringComparison.Ordinal))
            throw new FormatException("A checkpoint has no empty line before its signatures.");
        var signatures = note[(parting + 2)..].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (signatures.Length > SignaturesMax)
            throw new FormatException("A signed note has 100 signatures at most.");
        return new SignedNote(CheckpointIn(text), text, [.. signatures.Select(Signature)]);
    }

    /// <summary>Reads a file of notes, one after the other.</summary>
    /// <exception cref="FormatException">Something in it is not a checkpoint in a signed note.</exception>
    public static IReadOnlyList<SignedNote> ParseAll(string notes)
    {
        var (found, lines, isSigned) = (new List<SignedNote>(), new StringBuilder(), false);
        foreach (var line in notes.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n'))
        {
            var isSignature = line.StartsWith(Mark, StringComparison.Ordinal);
            if (isSigned && !isSignature)
            {
                found.Add(Parse(lines.ToString()));
                lines.Clear();
                isSigned = false;
                if (line.Length == 0)
                    continue;
            }

            isSigned |= isSignature;
            lines.Append(line).Append('\n');
        }

        if (lines.Length > 1)
            found.Add(Parse(lines.ToString()));
        return found;
    }

    /// <summary>Whether the key signed it under the log's name.</summary>
    public bool IsSignedBy(RootKey key) => Signatures.Any(signature =>
        signature.Name == Checkpoint.Origin && signature.KeyId.Span.SequenceEqual(key.Id.Span)
        && key.Verifies(Encoding.UTF8.GetBytes(Text), signature.Signature.Span));

    /// <summary>The note, ready to be kept.</summary>
    public override string ToString()
    {
        var note = new StringBuilder(Text).Append('\n');
        foreach (var (name, keyId, signature) in Signatures)
            note.Append(Mark).Append(name).Append(' ')
                .Append(Convert.ToBase64String([.. keyId.Span, .. signature.Span])).Append('\n');
        return note.ToString();
    }

    /// <param name="sealed">The key's id and its signature; null = none.</param>
    internal static SignedNote Of(Checkpoint checkpoint, byte[]? @sealed) => new(
        checkpoint, checkpoint.Text,
        @sealed is null
            ? []
            : [new(checkpoint.Origin, @sealed.AsMemory(0, RootSigner.KeyIdSize),
                @sealed.AsMemory(RootSigner.KeyIdSize))]);

    private static Checkpoint CheckpointIn(string text)
    {
        if (text.Split('\n') is not [{ Length: > 0 } origin, { Length: > 0 } size, { Length: > 0 } root, ..]
            || !long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var events)
            || size is ['0', _, ..])
            throw new FormatException("A checkpoint begins with three lines: the log's name, its size and its root.");
        var hash = Convert.FromBase64String(root);
        return hash.Length == Leaf.Size
            ? new Checkpoint(origin, events, hash)
            : throw new FormatException("A root has 32 bytes.");
    }

    private static NoteSignature Signature(string line)
    {
        if (!line.StartsWith(Mark, StringComparison.Ordinal)
            || line[Mark.Length..].Split(' ') is not [var name, var code]
            || Convert.FromBase64String(code) is not { Length: > RootSigner.KeyIdSize } bytes)
            throw new FormatException("A signature is a line of a dash, the key's name and base64.");
        return new NoteSignature(name, bytes.AsMemory(0, RootSigner.KeyIdSize), bytes.AsMemory(RootSigner.KeyIdSize));
    }
}

/// <summary>One signature of a note.</summary>
/// <param name="Name">Of the key; for the log's own key the log's name.</param>
/// <param name="KeyId">Four bytes.</param>
/// <param name="Signature">As the key's kind has it; DER for the log's own.</param>
public sealed record NoteSignature(string Name, ReadOnlyMemory<byte> KeyId, ReadOnlyMemory<byte> Signature);
