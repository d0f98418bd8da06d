using System.Globalization;
using NodaTime;

namespace Ledger.Domain;

/// <summary>What one record says of another: by the other's immutable id at a source, or by a business number. It may
/// dangle and resolve later.</summary>
/// <param name="Kind">The kind of the record pointed at.</param>
/// <param name="Source">Where its <paramref name="Id"/> is known; null = at the stating source itself.</param>
/// <param name="Line">A part of it: a line, a task, a rate.</param>
public sealed record Ref(
    string Kind,
    string? Source = null,
    string? Id = null,
    string? Number = null,
    LocalDate? Date = null,
    string? Entity = null,
    string? Line = null) : System.Text.Json.Serialization.IJsonOnDeserialized
{
    /// <summary>A reference names what it points at in one way: by id, or by number.</summary>
    void System.Text.Json.Serialization.IJsonOnDeserialized.OnDeserialized()
    {
        if (Id is null == Number is null)
            throw new System.Text.Json.JsonException("a reference has either an id or a number");
    }

    /// <summary>The stream pointed at, where the reference is by id.</summary>
    /// <param name="statedBy">The source that stated the reference.</param>
    public string? Stream(string statedBy) => Id is null ? null : StreamName.Of(Kind, Source ?? statedBy, Id);

    /// <summary>The same of a stream that many refer to, such as a project's: a short name is kept.</summary>
    public string? SharedStream(string statedBy)
    {
        if (Id is null) return null;
        var source = Source ?? statedBy;
        Span<char> name = stackalloc char[Recurring.LengthMax];
        return name.TryWrite(CultureInfo.InvariantCulture, $"{Kind}/{source}:{Id}", out var length)
            ? Recurring.Of(name[..length])
            : StreamName.Of(Kind, source, Id);
    }

    public override string ToString() => Id is not null
        ? $"{Kind}/{(Source is null ? "" : Source + ":")}{Id}{(Line is null ? "" : "#" + Line)}"
        : $"{Kind} number {Number}";
}

/// <summary>A reference the envelope states, with what it means.</summary>
public sealed record Link(string Rel, Ref Ref);

/// <summary>A stream's name: one source's history of one record, <c>{kind}/{source}:{id}</c>.</summary>
public static class StreamName
{
    public static string Of(string kind, string source, string id) => $"{kind}/{source}:{id}";

    /// <summary>Takes a name apart; false where it is none.</summary>
    public static bool TryParse(string stream, out string kind, out string source, out string id)
    {
        kind = source = id = "";
        var slash = stream.IndexOf('/', StringComparison.Ordinal);
        var colon = slash < 0 ? -1 : stream.IndexOf(':', slash);
        if (colon < 0 || colon == stream.Length - 1) return false;
        if (!IsName(stream.AsSpan(0, slash), '_') || !IsSource(stream[(slash + 1)..colon])) return false;
        (kind, source, id) = (stream[..slash], stream[(slash + 1)..colon], stream[(colon + 1)..]);
        return true;
    }

    /// <summary>Whether a system may be called so: lower-case letters, digits and hyphens, a letter first.</summary>
    public static bool IsSource(string name) => IsName(name, '-');

    internal static bool IsName(ReadOnlySpan<char> text, char joiner)
    {
        foreach (var c in text)
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != joiner)
                return false;
        return text.Length > 0 && char.IsAsciiLetterLower(text[0]);
    }

    /// <summary>The same of a text in UTF-8.</summary>
    internal static bool IsName(ReadOnlySpan<byte> text, char joiner)
    {
        foreach (var c in text)
            if (!char.IsAsciiLetterLower((char)c) && !char.IsAsciiDigit((char)c) && c != joiner)
                return false;
        return text.Length > 0 && char.IsAsciiLetterLower((char)text[0]);
    }

    /// <summary>What the name of a record's stream is made of.</summary>
    /// <exception cref="ArgumentException">There is no such kind.</exception>
    public static (Kind Kind, string Source, string Id) Parts(string stream)
    {
        var slash = stream.IndexOf('/', StringComparison.Ordinal);
        var colon = stream.IndexOf(':', slash);
        return (
            Kind.Find(Recurring.Of(stream.AsSpan(0, slash))),
            Recurring.Of(stream.AsSpan((slash + 1)..colon)), stream[(colon + 1)..]);
    }

    public static string KindOf(string stream) => stream[..stream.IndexOf('/', StringComparison.Ordinal)];

    public static string SourceOf(string stream)
    {
        var slash = stream.IndexOf('/', StringComparison.Ordinal);
        return stream[(slash + 1)..stream.IndexOf(':', slash)];
    }

    public static string IdOf(string stream) =>
        stream[(stream.IndexOf(':', stream.IndexOf('/', StringComparison.Ordinal)) + 1)..];
}
