using System.Globalization;
using System.Text.Json;
using Ledger.Domain;
using NodaTime;
using NodaTime.Text;

namespace Ledger.Connectors.BusinessCentral;

/// <summary>One answer of the API, taken apart into the records it carries, nested lines among them.</summary>
internal sealed class Answer
{
    private const int SizeMax = 256 * 1024 * 1024;

    private readonly List<ImportProblem> problems = [];
    private readonly List<ImportProblem> warnings = [];
    private readonly List<Entry> entries = [];

    private Answer(string file) => File = file;

    public string File { get; }

    public IReadOnlyList<ImportProblem> Problems => problems;

    public IReadOnlyList<ImportProblem> Warnings => warnings;

    public IReadOnlyList<Entry> Entries => entries;

    /// <param name="setOf">The entity set a name means; null where it means none that is known.</param>
    public static Answer Read(ImportFile file, Func<string, string?> setOf)
    {
        var answer = new Answer(file.Name);
        try
        {
            answer.Parse(file.Content, setOf);
        }
        catch (JsonException e)
        {
            answer.Refuse("", "invalid_json", $"this is not JSON as the API writes it: {e.Message}",
                e.LineNumber is { } line ? (int)line + 1 : null);
        }
        catch (InvalidOperationException)
        {
            answer.Refuse("", "invalid_text", "a text holds half of a surrogate pair; fetch the document again");
        }

        return answer;
    }

    private void Parse(ReadOnlyMemory<byte> content, Func<string, string?> setOf)
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
        var context = Text(root, "@odata.context");
        if (root.ValueKind != JsonValueKind.Object || root.TryGetProperty("error", out _))
        {
            Refuse(
                "", "wrong_shape", "this is no answer of the Business Central API: a record, or a value list of them");
            return;
        }

        if (setOf(context is null ? NameOf(File) : EntityOf(context)) is not { } set)
        {
            warnings.Add(new(
                File, "", "not_read", "neither its context nor its name tells of records that this profile reads"));
            return;
        }

        var company = CompanyOf(context);
        if (!root.TryGetProperty("value", out var list) || list.ValueKind != JsonValueKind.Array)
        {
            Take(root, set, "", company);
            return;
        }

        foreach (var (index, item) in list.EnumerateArray().Index())
            Take(item, set, FormattableString.Invariant($"/value/{index}"), company);
    }

    private void Take(JsonElement json, string set, string pointer, string? company)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            Refuse(pointer, "wrong_type", "a record is an object");
            return;
        }

        var entry = new Entry(json, set, File, pointer, company);
        entries.Add(entry);
        foreach (var lines in Entry.LineLists)
            if (json.TryGetProperty(lines, out var nested) && nested.ValueKind == JsonValueKind.Array)
                foreach (var (index, line) in nested.EnumerateArray().Index())
                    if (line.ValueKind == JsonValueKind.Object)
                        entry.Nested.Add(new(
                            line, lines, File, FormattableString.Invariant($"{pointer}/{lines}/{index}"), company));
    }

    /// <summary><c>…/companies(ID)/salesInvoices/$entity</c> → <c>salesInvoices</c>.</summary>
    private static string EntityOf(string context)
    {
        var name = context[(context.IndexOf('#', StringComparison.Ordinal) + 1)..];
        var parts = name.Split('/').Where(p => p.Length > 0 && p[0] != '$').ToArray();
        var last = parts.Length == 0 ? "" : parts[^1];
        return last.IndexOf('(', StringComparison.Ordinal) is > 0 and var open ? last[..open] : last;
    }

    private static string? CompanyOf(string? context)
    {
        const string Before = "companies(";
        if (context?.IndexOf(Before, StringComparison.Ordinal) is not ({ } at and >= 0)) return null;
        var from = at + Before.Length;
        var to = context.IndexOf(')', from);
        return to > from && Guid.TryParse(context[from..to], out var id) && id != Guid.Empty ? id.ToString() : null;
    }

    /// <summary>What a file's name tells of what it holds, where the answer does not say so itself.</summary>
    private static string NameOf(string file) => Path.GetFileNameWithoutExtension(file.Replace('\\', '/'));

    private static string? Text(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private void Refuse(string pointer, string code, string message, int? line = null) =>
        problems.Add(new(File, pointer, code, message, line));
}

/// <summary>One record while it is read: each field by its name, and what is wrong with any. Business Central writes
/// what is not there as an empty text, a blank, the zero id or the first day of the first year: all of them say that it
/// is empty; a field that is absent is not said.</summary>
/// <param name="set">Its entity set.</param>
/// <param name="company">Id of the company it was asked of; null = not told.</param>
internal sealed class Entry(JsonElement json, string set, string file, string pointer, string? company)
{
    public static readonly IReadOnlyList<string> LineLists = ["salesInvoiceLines", "salesCreditMemoLines"];

    private readonly List<ImportProblem> problems = [];
    private readonly List<ImportProblem> warnings = [];

    public string Set => set;

    public string File => file;

    public string? Company => company;

    /// <summary>The lines told within it.</summary>
    public List<Entry> Nested { get; } = [];

    public IEnumerable<ImportProblem> Problems => problems.Concat(Nested.SelectMany(n => n.problems));

    public IEnumerable<ImportProblem> Warnings => warnings.Concat(Nested.SelectMany(n => n.warnings));

    /// <summary>The vendor's immutable id; null where it tells none.</summary>
    public string? Id => Key("id").Value;

    /// <summary>When it was last changed; null where it does not say.</summary>
    public Instant? Changed => Moment("lastModifiedDateTime") ?? Moment("lastModfiedDateTime");

    public void Refuse(string name, string code, string message) => problems.Add(new(file, At(name), code, message));

    public void Warn(string name, string code, string message) => warnings.Add(new(file, At(name), code, message));

    public bool Has(string name) => json.TryGetProperty(name, out _);

    public Said<string> Text(string name)
    {
        if (!json.TryGetProperty(name, out var value)) return default;
        switch (value.ValueKind)
        {
            case JsonValueKind.Null: return new(true, null);
            case JsonValueKind.String:
                return new(true, value.GetString()!.Trim() is { Length: > 0 } text ? text : null);
            case JsonValueKind.Number when value.TryGetInt64(out var number):
                return number.ToString(CultureInfo.InvariantCulture);
            default:
                Refuse(name, "wrong_type", $"{name} is a text here, not {Shown(value)}");
                return default;
        }
    }

    /// <summary>The id of a record.</summary>
    public Said<string> Key(string name)
    {
        var text = Text(name);
        if (text.Value is not { } key) return text;
        if (Guid.TryParse(key, out var id)) return new(true, id == Guid.Empty ? null : id.ToString());
        if (key.Length <= 64 && !key.Any(char.IsControl)) return text;
        Refuse(name, "invalid_id", $"{name} is no id: one to 64 printable characters");
        return default;
    }

    /// <summary>Another record: by its id where that is one, else by the number beside it.</summary>
    public Said<Ref> Ref(Kind kind, string id, string? number = null)
    {
        var (key, printed) = (Key(id), number is null ? default : Text(number));
        if (key.Value is { } known && Guid.TryParse(known, out _)) return new Ref(kind.Name, Id: known);
        if (printed.Value is { } no) return new Ref(kind.Name, Number: no);
        if (key.Value is { } other) return new Ref(kind.Name, Id: other);
        return key.IsSaid || printed.IsSaid ? new(true, null) : default;
    }

    public Said<decimal?> Number(string name)
    {
        if (!json.TryGetProperty(name, out var value)) return default;
        if (value.ValueKind == JsonValueKind.Null) return new(true, null);
        var text = value.ValueKind == JsonValueKind.Number ? value.GetRawText() : null;
        if (text is not null && DecimalText.TryReadStated(text, out var number)) return number;
        Refuse(name, "out_of_range",
            $"{name} is a number of at most {DecimalText.WholeDigitsMax} digits before the point and "
            + $"{DecimalText.FractionDigitsMax} after it, not {Shown(value)}");
        return default;
    }

    public Said<LocalDate?> Date(string name)
    {
        var text = Text(name);
        if (text.Value is not { } day) return text.IsSaid ? new(true, null) : default;
        if (day == "0001-01-01") return new(true, null);
        if (LedgerJson.TryDate(day, out var date)) return date;
        Refuse(name, "invalid_date", $"{name} is a date such as 2020-01-31, not '{Cut(day)}'");
        return default;
    }

    public bool? Flag(string name) => json.TryGetProperty(name, out var value)
        ? value.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null }
        : null;

    public Said<Currency?> Currency()
    {
        var code = Text("currencyCode");
        if (code.Value is not { } told) return code.IsSaid ? new(true, null) : default;
        if (Domain.Currency.TryOf(told, out var currency)) return currency;
        Refuse("currencyCode", "unknown_currency", $"'{Cut(told)}' is not a currency of ISO 4217");
        return default;
    }

    /// <summary>The vendor's own words that have no field of their own, under the vendor's names.</summary>
    public IEnumerable<KeyValuePair<string, string>> Words(params string[] names)
    {
        foreach (var name in names)
        {
            if (!json.TryGetProperty(name, out var value)) continue;
            var word = value.ValueKind switch
            {
                JsonValueKind.True => "true",
                JsonValueKind.False => "false",
                JsonValueKind.Number when DecimalText.TryRead(value.GetRawText(), out var number) =>
                    DecimalText.Write(number),
                JsonValueKind.String => value.GetString()!.Trim(),
                _ => "",
            };
            if (word.Length > 0 && word is not "0001-01-01" && !(Guid.TryParse(word, out var id) && id == Guid.Empty))
                yield return new(name, Cut(word, 1000));
        }
    }

    public Ext? Ext(params string[] names) => Words(names).ToArray() is { Length: > 0 } words ? new(words) : null;

    private Instant? Moment(string name)
    {
        if (Text(name).Value is not { } text) return null;
        var read = OffsetDateTimePattern.ExtendedIso.Parse(text);
        if (!read.Success || !LedgerJson.IsInRange(read.Value))
        {
            Refuse(name, "invalid_time", $"{name} is a time such as 2020-08-21T00:25:58.337Z, not '{Cut(text)}'");
            return null;
        }

        return read.Value.Year > 1 ? read.Value.ToInstant() : null;
    }

    private string At(string name) => name.Length == 0 ? pointer : $"{pointer}/{name}";

    private static string Shown(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        _ => Cut(value.GetRawText()),
    };

    private static string Cut(string text, int lengthMax = 64) =>
        text.Length <= lengthMax ? text : text[..lengthMax] + "…";
}
