using System.Text.Json;
using Ledger.Domain;

namespace Ledger.Connectors.Kantata;

/// <summary>One answer of the API, taken apart: what it was asked for, and every record it carries.</summary>
internal sealed class Document
{
    private const int SizeMax = 256 * 1024 * 1024;

    private readonly List<ImportProblem> problems = [];
    private readonly List<ImportProblem> warnings = [];
    private readonly Dictionary<(string Collection, string Id), Row> rows = [];
    private readonly List<(string Collection, string Id)> results = [];

    private Document(string file) => File = file;

    public string File { get; }

    public IReadOnlyList<ImportProblem> Problems => problems;

    public IReadOnlyList<ImportProblem> Warnings => warnings;

    public IEnumerable<Row> Rows => rows.Values;

    /// <summary>What it was asked for, in its own order.</summary>
    public IReadOnlyList<(string Collection, string Id)> Results => results;

    /// <summary>How many records there are in all; null where it does not say.</summary>
    public int? Count { get; private set; }

    public int? Page { get; private set; }

    public int? Pages { get; private set; }

    /// <param name="known">The collections that are read, or are parts of records that are.</param>
    public static Document Read(ImportFile file, IReadOnlyCollection<string> known)
    {
        var document = new Document(file.Name);
        try
        {
            document.Parse(file.Content, known);
        }
        catch (JsonException e)
        {
            document.Refuse("", "invalid_json",
                $"this is not JSON as the API writes it: {Sentence(e.Message)}; fetch the document again");
        }
        catch (InvalidOperationException)
        {
            document.Refuse("", "invalid_text", "a text holds half of a surrogate pair; fetch the document again");
        }

        return document;
    }

    private void Parse(ReadOnlyMemory<byte> content, IReadOnlyCollection<string> known)
    {
        if (content.Length > SizeMax)
        {
            Refuse("", "too_large", $"{content.Length} bytes are more than {SizeMax}; ask the API for smaller pages");
            return;
        }

        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        if (content.Span.StartsWith(mark)) content = content[mark.Length..];
        if (!System.Text.Unicode.Utf8.IsValid(content.Span))
        {
            Refuse("", "invalid_utf8", "the text is not UTF-8; save the API's answer as it came");
            return;
        }

        using var parsed = JsonDocument.Parse(content, EnvelopeReader.Strict);
        var root = parsed.RootElement.Clone();
        if (root.ValueKind != JsonValueKind.Object || root.TryGetProperty("errors", out _) || !HasRecords(root))
        {
            Refuse("", "wrong_shape", root.ValueKind == JsonValueKind.Object && root.TryGetProperty("errors", out _)
                ? "the API answered with errors instead of records; ask it again"
                : "this is no answer of the Kantata OX API v1: an object with results and collections of records");
            return;
        }

        foreach (var member in root.EnumerateObject())
        {
            if (member.Name is "count" or "meta" or "results") continue;
            TakeCollection(member, known);
        }

        TakeResults(root, known);
        TakeTotals(root);
    }

    private static bool HasRecords(JsonElement root) => root.TryGetProperty("results", out _)
        || root.EnumerateObject().Any(m => m.Name is not "meta" && m.Value.ValueKind == JsonValueKind.Object);

    private void TakeCollection(JsonProperty member, IReadOnlyCollection<string> known)
    {
        var pointer = "/" + Escaped(member.Name);
        if (member.Value.ValueKind != JsonValueKind.Object)
        {
            Refuse(pointer, "wrong_type", "a collection is an object of records by their ids");
            return;
        }

        var count = member.Value.EnumerateObject().Count();
        if (!known.Contains(member.Name))
        {
            Warn(pointer, "unknown_collection",
                $"{count} records of '{Cut(member.Name)}' were not read: this profile does not know them");
            return;
        }

        foreach (var record in member.Value.EnumerateObject()) TakeRecord(member.Name, record, pointer);
    }

    private void TakeRecord(string collection, JsonProperty record, string under)
    {
        var pointer = $"{under}/{Escaped(record.Name)}";
        if (record.Value.ValueKind != JsonValueKind.Object)
        {
            Refuse(pointer, "wrong_type", "a record is an object");
            return;
        }

        if (!Row.IsKey(record.Name))
        {
            Refuse(under, "invalid_id", $"'{Cut(record.Name)}' is no id: {Row.KeyRule}");
            return;
        }

        if (!IsText(record.Value))
        {
            Refuse(pointer, "invalid_text", "a text holds half of a surrogate pair; fetch the record again");
            return;
        }

        var row = new Row(record.Value, collection, record.Name, File, pointer);
        if (row.Text("id") is { IsSaid: true } id && id.Value != record.Name)
            row.Refuse("id", "id_mismatch", $"the record at {record.Name} calls itself {Cut(id.Value ?? "nothing")}");
        rows.Add((collection, record.Name), row);
    }

    private void TakeResults(JsonElement root, IReadOnlyCollection<string> known)
    {
        if (!root.TryGetProperty("results", out var list) || list.ValueKind != JsonValueKind.Array)
        {
            Warn("/results", "no_results", "the document does not say what it was asked for; no extract is stated");
            return;
        }

        var seen = new HashSet<(string, string)>();
        var index = 0;
        foreach (var item in list.EnumerateArray())
        {
            var pointer = $"/results/{index++}";
            if (Name(item, "key") is not { } key || Name(item, "id") is not { } id)
                Refuse(pointer, "wrong_shape", "a result names a collection as key, and an id");
            else if (!seen.Add((key, id)))
                Warn(pointer, "listed_twice", $"{key} {id} is listed twice; it counts once");
            else
            {
                results.Add((key, id));
                if (known.Contains(key) && !rows.ContainsKey((key, id)))
                    Warn(pointer, "not_delivered", $"{key} {id} is listed, but the document does not carry it");
            }
        }
    }

    private void TakeTotals(JsonElement root)
    {
        Count = Whole(root, "count", "/count");
        if (!root.TryGetProperty("meta", out var meta)) return;
        if (meta.ValueKind != JsonValueKind.Object)
        {
            Refuse("/meta", "wrong_type", "meta is an object with count, page_count and page_number");
            return;
        }

        var count = Whole(meta, "count", "/meta/count");
        if (count is not null && Count is not null && count != Count)
            Warn("/meta/count", "counts_differ", $"the document counts {Count}, its meta {count}; the meta counts");
        Count = count ?? Count;
        Page = Whole(meta, "page_number", "/meta/page_number");
        Pages = Whole(meta, "page_count", "/meta/page_count");
    }

    private int? Whole(JsonElement of, string name, string pointer)
    {
        if (!of.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= 0) return number;
        Refuse(pointer, "out_of_range", $"{name} is a whole number, 0 or more");
        return null;
    }

    // Half a surrogate pair passes the parser and fails where the text is taken: better here, for one record.
    private static bool IsText(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString() is not null,
                JsonValueKind.Array => value.EnumerateArray().All(IsText),
                JsonValueKind.Object => value.EnumerateObject().All(m => m.Name is not null && IsText(m.Value)),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static string? Name(JsonElement of, string name)
    {
        if (of.ValueKind != JsonValueKind.Object || !of.TryGetProperty(name, out var value)) return null;
        var text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            _ => null,
        };
        return text is not null && Row.IsKey(text) ? text : null;
    }

    private void Refuse(string pointer, string code, string message) => problems.Add(new(File, pointer, code, message));

    private void Warn(string pointer, string code, string message) => warnings.Add(new(File, pointer, code, message));

    private static string Escaped(string name) =>
        Cut(name).Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private static string Cut(string text) => text.Length <= 64 ? text : text[..64] + "…";

    // The parser's own words carry a path and a full stop that this sentence goes on without.
    private static string Sentence(string message)
    {
        var cut = message.IndexOf(" Path: ", StringComparison.Ordinal);
        return (cut < 0 ? message : message[..cut]).TrimEnd('.');
    }
}
