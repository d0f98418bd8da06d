using System.Globalization;
using System.Text.Json;
using Ledger.Domain;
using NodaTime;
using NodaTime.Text;

namespace Ledger.Connectors.Kantata;

/// <summary>One record of a document while it is read: each field by its name, and what is wrong with any. A field that
/// is absent is not said; one that is null or an empty text is said to be empty.</summary>
internal sealed class Row(JsonElement json, string collection, string id, string file, string pointer)
{
    /// <summary>Ten trillion in hundredths: more than any invoice, and small enough for exact products with minutes.
    /// </summary>
    public const long CentsMax = 1_000_000_000_000_000;

    /// <summary>About nineteen years.</summary>
    public const long MinutesMax = 10_000_000;

    private readonly List<ImportProblem> problems = [];
    private readonly List<ImportProblem> warnings = [];

    public string Collection => collection;

    public string Id => id;

    public IReadOnlyList<ImportProblem> Problems => problems;

    public IReadOnlyList<ImportProblem> Warnings => warnings;

    /// <summary>When it was last changed, at the offset stated; null where it does not say.</summary>
    public OffsetDateTime? Changed => Moment("updated_at") ?? Moment("created_at");

    public bool Has(string name) => json.TryGetProperty(name, out _);

    public void Refuse(string name, string code, string message) => problems.Add(new(file, At(name), code, message));

    public void Warn(string name, string code, string message) => warnings.Add(new(file, At(name), code, message));

    /// <summary>A text, or a whole number written as one.</summary>
    public Said<string> Text(string name)
    {
        if (!json.TryGetProperty(name, out var value)) return default;
        switch (value.ValueKind)
        {
            case JsonValueKind.Null: return new(true, null);
            case JsonValueKind.String:
                var text = value.GetString()!;
                return new(true, text.Length == 0 ? null : text);
            case JsonValueKind.Number when value.TryGetInt64(out var number):
                return number.ToString(CultureInfo.InvariantCulture);
            default:
                Refuse(name, "wrong_type", $"{name} is a text here, not {Shown(value)}");
                return default;
        }
    }

    /// <summary>The id of another record; ids are texts or whole numbers, short and printable.</summary>
    public Said<string> Key(string name)
    {
        var key = Text(name);
        if (key.Value is null || IsKey(key.Value)) return key;
        Refuse(name, "invalid_id", $"{name} is no id: {KeyRule}");
        return default;
    }

    public Said<Ref> Ref(string name, Kind kind)
    {
        var key = Key(name);
        return key.IsSaid ? new(true, key.Value is null ? null : new Ref(kind.Name, Id: key.Value)) : default;
    }

    /// <summary>A list of ids, each once, in an order of their own: the vendor's order tells nothing. Null where it is
    /// not said.</summary>
    public string[]? Keys(string name)
    {
        if (!json.TryGetProperty(name, out var list)) return null;
        if (list.ValueKind == JsonValueKind.Null) return [];
        if (list.ValueKind != JsonValueKind.Array)
        {
            Refuse(name, "wrong_type", $"{name} is a list of ids, not {Shown(list)}");
            return null;
        }

        var keys = new SortedSet<string>(ByNumber);
        var index = 0;
        foreach (var item in list.EnumerateArray())
        {
            var at = $"{name}/{index++}";
            var key = item.ValueKind == JsonValueKind.String ? item.GetString()!
                : item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out _) ? item.GetRawText()
                : null;
            if (key is null || !IsKey(key)) Refuse(at, "invalid_id", $"{Shown(item)} is no id: {KeyRule}");
            else if (!keys.Add(key)) Warn(at, "listed_twice", $"{name} lists {key} twice; it counts once");
        }

        return [.. keys];
    }

    public Said<bool?> Flag(string name)
    {
        if (!json.TryGetProperty(name, out var value)) return default;
        switch (value.ValueKind)
        {
            case JsonValueKind.True or JsonValueKind.False: return value.GetBoolean();
            case JsonValueKind.Null: return new(true, null);
            default:
                Refuse(name, "wrong_type", $"{name} is true or false, not {Shown(value)}");
                return default;
        }
    }

    /// <summary>A whole number from −<paramref name="max"/> to <paramref name="max"/>.</summary>
    public Said<long?> Whole(string name, long max)
    {
        if (!json.TryGetProperty(name, out var value)) return default;
        if (value.ValueKind == JsonValueKind.Null) return new(true, null);
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            && number >= -max && number <= max)
            return number;
        Refuse(name, "out_of_range", $"{name} is a whole number of at most {max} either way, not {Shown(value)}");
        return default;
    }

    /// <summary>An amount in cents as the decimal it is.</summary>
    /// <param name="unit">How many cents make one.</param>
    public Said<decimal?> Cents(string name, int unit)
    {
        var cents = Whole(name, CentsMax);
        return cents.IsSaid ? new(true, cents.Value is { } number ? number / (decimal)unit : null) : default;
    }

    public Said<decimal?> Number(string name)
    {
        if (!json.TryGetProperty(name, out var value)) return default;
        if (value.ValueKind == JsonValueKind.Null) return new(true, null);
        var text = value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();
        if (DecimalText.TryRead(text, out var number)) return number;
        Refuse(name, "wrong_type", $"{name} is a plain decimal, not {Shown(value)}");
        return default;
    }

    public Said<LocalDate?> Date(string name)
    {
        var text = Text(name);
        if (text.Value is null) return text.IsSaid ? new(true, null) : default;
        if (LedgerJson.TryDate(text.Value, out var date)) return date;
        Refuse(name, "invalid_date", $"{name} is a date such as 2020-01-31, not '{Cut(text.Value)}'");
        return default;
    }

    public OffsetDateTime? Moment(string name)
    {
        if (Text(name).Value is not { } text) return null;
        var read = OffsetDateTimePattern.ExtendedIso.Parse(text);
        if (read.Success && LedgerJson.IsInRange(read.Value)) return read.Value;
        Refuse(name, "invalid_time",
            $"{name} is a time with its offset, such as 2020-01-31T00:31:02-08:00, not '{Cut(text)}'");
        return null;
    }

    /// <summary>The currency it states; null where it states none.</summary>
    public Currency? Currency()
    {
        if (Text("currency").Value is not { } code) return null;
        if (Domain.Currency.TryOf(code, out var currency)) return currency;
        Refuse("currency", "unknown_currency", $"'{Cut(code)}' is not a currency of ISO 4217");
        return null;
    }

    /// <summary>How many of its cents make one unit of its currency; null where it does not say.</summary>
    public int? CurrencyUnit()
    {
        if (Whole("currency_base_unit", 10_000).Value is not { } unit) return null;
        if (unit is 1 or 5 or 10 or 100 or 1_000 or 10_000) return (int)unit;
        Refuse("currency_base_unit", "out_of_range", $"no currency divides into {unit}");
        return null;
    }

    /// <summary>The vendor's own words that have no field of their own, under the vendor's names.</summary>
    public Ext? Ext(params ReadOnlySpan<string> names)
    {
        var words = new List<KeyValuePair<string, string>>();
        foreach (var name in names)
            if (Word(name) is { } word) words.Add(new(name, word));
        return words.Count == 0 ? null : new(words);
    }

    /// <summary>A plain value as text; null where it is none, or empty.</summary>
    /// <param name="path">Its name, or names with slashes where it lies deeper.</param>
    public string? Word(string path)
    {
        var value = json;
        foreach (var name in path.Split('/'))
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out value)) return null;
        return value.ValueKind switch
        {
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            JsonValueKind.Number => DecimalText.TryRead(value.GetRawText(), out var number)
                ? DecimalText.Write(number)
                : Cut(value.GetRawText()),
            JsonValueKind.String when value.GetString() is { Length: > 0 } text => Cut(text),
            _ => null,
        };
    }

    /// <summary>Whether a text can be a record's id: one to 64 printable characters.</summary>
    public static bool IsKey(string text) => text.Length is > 0 and <= 64 && !text.Any(char.IsControl);

    public const string KeyRule = "one to 64 printable characters, or a whole number";

    /// <summary>Ids that are numbers in the order of numbers.</summary>
    public static readonly Comparer<string> ByNumber = Comparer<string>.Create((a, b) =>
        a.Length != b.Length ? a.Length.CompareTo(b.Length) : string.CompareOrdinal(a, b));

    private string At(string name) => name.Length == 0 ? pointer : $"{pointer}/{name}";

    private static string Shown(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        _ => Cut(value.GetRawText()),
    };

    private static string Cut(string text) => text.Length <= 64 ? text : text[..64] + "…";
}
