using Ledger.Domain;

namespace Ledger.Connectors;

/// <summary>A document as somebody else's system wrote it.</summary>
/// <param name="Name">What a person would call it: its path, as given.</param>
public sealed record ImportFile(string Name, ReadOnlyMemory<byte> Content);

/// <summary>What documents came to: events for the door's one append path, what could not be read, and what was read
/// but not understood in full. One bad record never harms its neighbours.</summary>
/// <param name="Events">Each once, in an order a person can follow; their ids come from their content, so the same
/// documents give the same events for ever.</param>
/// <param name="Problems">What is not among the events, and why.</param>
/// <param name="Warnings">What is, but poorer than the document.</param>
public sealed record Imported(
    Items<Understood> Events, Items<ImportProblem> Problems, Items<ImportProblem> Warnings);

/// <summary>Something an import could not take as it was.</summary>
/// <param name="Pointer">JSON Pointer (RFC 6901) into the file, of XML the path of the element; empty = the whole.
/// </param>
/// <param name="Code">Stable, snake_case.</param>
/// <param name="Message">What is wrong and what to do about it.</param>
/// <param name="Line">From 1, where the format has lines; null = not told.</param>
public sealed record ImportProblem(string File, string Pointer, string Code, string Message, int? Line = null)
{
    public override string ToString()
    {
        var line = Line is { } number ? FormattableString.Invariant($":{number}") : "";
        return $"{File}{line}{(Pointer.Length == 0 ? "" : "#" + Pointer)}: {Message} ({Code})";
    }
}
