using System.Xml;

namespace Ledger.Connectors.Ubl;

/// <summary>One element of an XML document, with where it stands. Documents are hostile: no DTD, nothing is fetched,
/// size, depth and number of elements are bounded.</summary>
internal sealed class Element
{
    private const int SizeMax = 64 * 1024 * 1024;
    private const int DepthMax = 64;
    private const int CountMax = 1_000_000;

    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = SizeMax,
        MaxCharactersFromEntities = 1024,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        ConformanceLevel = ConformanceLevel.Document,
    };

    private readonly Element? parent;
    private readonly List<Element> children = [];
    private readonly Dictionary<string, string> attributes = [];
    private readonly System.Text.StringBuilder text = new();

    private Element(Element? parent, XmlReader reader)
    {
        this.parent = parent;
        (Name, Space) = (reader.LocalName, reader.NamespaceURI);
        Line = ((IXmlLineInfo)reader).LineNumber;
        while (reader.MoveToNextAttribute())
            if (reader.NamespaceURI.Length == 0) attributes.Add(reader.LocalName, reader.Value);
        reader.MoveToElement();
    }

    /// <summary>Without prefix.</summary>
    public string Name { get; }

    public string Space { get; }

    /// <summary>From 1.</summary>
    public int Line { get; }

    /// <summary>Its own text, without that of its children, trimmed; null where there is none.</summary>
    public string? Text => text.ToString().Trim() is { Length: > 0 } own ? own : null;

    public IReadOnlyList<Element> Children => children;

    /// <summary>Where it stands: <c>/Invoice/InvoiceLine[2]/ID</c>.</summary>
    public string Path
    {
        get
        {
            if (parent is null) return "/" + Name;
            var same = parent.children.Where(c => c.Name == Name).ToList();
            var place = same.Count == 1 ? "" : FormattableString.Invariant($"[{same.IndexOf(this) + 1}]");
            return $"{parent.Path}/{Name}{place}";
        }
    }

    public string? Attribute(string name) =>
        attributes.TryGetValue(name, out var value) && value.Trim() is { Length: > 0 } told ? told : null;

    /// <summary>The elements at a path below this one.</summary>
    /// <param name="path">Names, with slashes between.</param>
    public IEnumerable<Element> All(string path) => path.Split('/').Aggregate(
        Enumerable.Repeat(this, 1), (at, name) => at.SelectMany(e => e.children).Where(e => e.Name == name));

    /// <summary>The first at a path; null where there is none.</summary>
    public Element? First(string path) => All(path).FirstOrDefault();

    /// <summary>Reads a whole document; null where it cannot be read, which is then among the problems.</summary>
    /// <param name="isRead">Whether elements of a namespace are read; others are skipped with all they hold.</param>
    public static Element? Load(ImportFile file, Func<string, bool> isRead, ICollection<ImportProblem> problems)
    {
        if (file.Content.Length > SizeMax)
        {
            problems.Add(new(file.Name, "", "too_large", $"{file.Content.Length} bytes are more than {SizeMax}"));
            return null;
        }

        using var reader = XmlReader.Create(new MemoryStream(file.Content.ToArray(), writable: false), Settings);
        try
        {
            return Read(reader, isRead);
        }
        catch (XmlException e)
        {
            var isDtd = e.Message.Contains("DTD", StringComparison.Ordinal);
            problems.Add(new(
                file.Name, "", isDtd ? "dtd_prohibited" : "invalid_xml",
                isDtd ? "a document type declaration is not read: it could make a small document large or fetch others"
                    : $"this is not well-formed XML: {e.Message}",
                isDtd ? LineOfDoctype(file.Content.Span) : e.LineNumber > 0 ? e.LineNumber : null));
        }
        catch (TooDeepException e)
        {
            problems.Add(new(file.Name, "", "too_deep", e.Message, e.Line));
        }

        return null;
    }

    // The parser does not say where the declaration is that it refuses.
    private static int? LineOfDoctype(ReadOnlySpan<byte> content) =>
        content.IndexOf("<!DOCTYPE"u8) is >= 0 and var at ? content[..at].Count((byte)'\n') + 1 : null;

    private static Element Read(XmlReader reader, Func<string, bool> isRead)
    {
        Element? root = null, at = null;
        var count = 0;
        reader.Read();
        while (!reader.EOF)
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element when at is not null && !isRead(reader.NamespaceURI):
                    // What is skipped is still read by the parser, so it is bounded and well-formed.
                    Skip(reader);
                    continue;
                case XmlNodeType.Element:
                    var line = ((IXmlLineInfo)reader).LineNumber;
                    if (reader.Depth >= DepthMax)
                        throw new TooDeepException($"it nests {DepthMax} levels at most", line);
                    if (++count > CountMax) throw new TooDeepException($"it has {CountMax} elements at most", line);
                    var element = new Element(at, reader);
                    root ??= element;
                    at?.children.Add(element);
                    if (!reader.IsEmptyElement) at = element;
                    break;
                case XmlNodeType.EndElement:
                    at = at!.parent;
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace:
                    at!.text.Append(reader.Value);
                    break;
            }

            reader.Read();
        }

        return root!;
    }

    private static void Skip(XmlReader reader)
    {
        var depth = reader.Depth;
        if (reader.IsEmptyElement)
        {
            reader.Read();
            return;
        }

        while (reader.Read() && !(reader.NodeType == XmlNodeType.EndElement && reader.Depth == depth))
            if (reader.Depth >= DepthMax)
                throw new TooDeepException(
                    $"it nests {DepthMax} levels at most", ((IXmlLineInfo)reader).LineNumber);
        reader.Read();
    }

    private sealed class TooDeepException(string message, int line) : Exception(message)
    {
        public int Line => line;
    }
}
