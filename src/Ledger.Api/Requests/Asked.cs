using System.Globalization;
using Ledger.Domain;
using Ledger.Projections.Views;
using NodaTime;

namespace Ledger.Api;

/// <summary>Reads a request's parameters; what is wrong with any of them is collected into one problem.</summary>
internal sealed class Asked(IQueryCollection query)
{
    private readonly List<ProblemPlace> _errors = [];

    /// <summary>Null = all are right.</summary>
    public ProblemAnswer? Problem => _errors.Count == 0 ? null : Problems.InvalidParameter(_errors);

    /// <summary>A whole number within bounds, given once at most.</summary>
    public long Whole(string name, long min, long max, long otherwise)
    {
        if (Text(name) is not { } text)
            return otherwise;
        var isWhole = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        if (isWhole && value >= min && value <= max)
            return value;
        var upTo = max == long.MaxValue ? "or more" : FormattableString.Invariant($"to {max}");
        return Wrong(name, FormattableString.Invariant($"{name} is a whole number, {min} {upTo}"), otherwise);
    }

    /// <summary>Where a page begins, and how much it holds at most.</summary>
    public (long After, int Limit) Page() => (
        Whole("after", 0, long.MaxValue, 0), (int)Whole("limit", 1, ListEvents.LimitMax, ListEvents.LimitDefault));

    /// <summary>A whole number in a header, 0 or more; one that is empty is as if it were not there.</summary>
    public long Whole(IHeaderDictionary headers, string name, long otherwise)
    {
        if (headers[name] is [] or [null or ""])
            return otherwise;
        return headers[name] is [{ } text]
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                ? value
                : Wrong(name, $"{name} is a position, given once", otherwise);
    }

    /// <summary>true or false, given once at most.</summary>
    public bool Truth(string name, bool otherwise) => query[name] switch
    {
        [] => otherwise,
        ["true"] => true,
        ["false"] => false,
        _ => Wrong(name, $"{name} is true or false", otherwise),
    };

    /// <summary>A text, given once at most; null where it is not given.</summary>
    public string? Text(string name)
    {
        var values = query[name];
        if (values.Count == 0)
            return null;
        if (values is [{ Length: > 0 and <= 400 } text] && Address.IsStorable(text))
            return text;
        return Wrong<string?>(name, $"{name} is given once, and is a text of 1 to 400 characters", null);
    }

    /// <summary>A text that must be given.</summary>
    public string Required(string name)
    {
        if (query[name].Count == 0)
            return Wrong(name, $"{name} is required", "");
        return Text(name) ?? "";
    }

    /// <summary>A number from 0 to 1, given once at most.</summary>
    public decimal Fraction(string name, decimal otherwise)
    {
        if (Text(name) is not { } text)
            return otherwise;
        var isNumber = decimal.TryParse(
            text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value);
        return isNumber && value <= 1m ? value : Wrong(name, $"{name} is a number from 0 to 1, such as 0.8", otherwise);
    }

    /// <summary>An amount, 0 or more; null where it is not given.</summary>
    public decimal? Amount(string name)
    {
        if (Text(name) is not { } text)
            return null;
        return decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            ? value
            : Wrong<decimal?>(name, $"{name} is an amount, 0 or more, such as 250.00", null);
    }

    /// <summary>One of the ledger's kinds; null where it is not given.</summary>
    public string? Kind(string name) => Text(name) is not { } text ? null
        : Domain.Kind.TryFind(text, out _) ? text : Wrong<string?>(name, $"there is no kind '{text}'", null);

    /// <summary>true or false, given once at most; null where it is not given.</summary>
    public bool? Flag(string name) => query[name] switch
    {
        { Count: 0 } => null,
        ["true"] => true,
        ["false"] => false,
        _ => Wrong<bool?>(name, $"{name} is true or false", null),
    };

    /// <summary>What is looked for within things; null where it is not given.</summary>
    public Sought? Sought(string name)
    {
        if (Text(name) is not { } text)
            return null;
        return Projections.Views.Sought.Of(text)
            ?? Wrong<Sought?>(name, $"{name} is a field and its value, such as status=issued, or a text", null);
    }

    /// <summary>A date, given once at most; null where it is not given.</summary>
    public LocalDate? Date(string name)
    {
        if (Text(name) is not { } text)
            return null;
        return LedgerJson.TryDate(text, out var date)
            ? date
            : Wrong<LocalDate?>(name, $"{name} is a date such as 2026-03-31", null);
    }

    /// <summary>An instant or a date; null where it is not given.</summary>
    /// <param name="text">As it was given.</param>
    /// <param name="shape">What it may be.</param>
    public Moment? Moment(string name, string? text, string shape)
    {
        if (text is null)
            return null;
        return Ledger.Api.Moment.TryParse(text, out var moment)
            ? moment
            : Wrong<Moment?>(name, $"{name} is {shape}, such as 2026-03-31T12:00:00Z or 2026-03-31", null);
    }

    /// <summary>One of some words, given once at most; null where it is not given.</summary>
    public string? OneOf(string name, params string[] words)
    {
        if (Text(name) is not { } text || words.Contains(text))
            return Text(name);
        return Wrong<string?>(name, $"{name} is {string.Join(" or ", words)}", null);
    }

    /// <summary>One of the words of an enumeration, as stored; null where it is not given.</summary>
    public TEnum? Word<TEnum>(string name)
        where TEnum : struct, Enum
    {
        var words = Enum.GetValues<TEnum>();
        var at = OneOf(name, Array.ConvertAll(words, w => Pages.Words.Name(w))) is { } said
            ? Array.FindIndex(words, w => Pages.Words.Name(w) == said)
            : -1;
        return at < 0 ? null : words[at];
    }

    /// <summary>What does not go together with the rest.</summary>
    public void Refuse(string name, string detail) => Wrong<object?>(name, detail, null);

    private T Wrong<T>(string name, string detail, T otherwise)
    {
        _errors.Add(new(null, name, "invalid", detail));
        return otherwise;
    }
}
