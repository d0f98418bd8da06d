using Ledger.Domain;
using LocalDate = NodaTime.LocalDate;

namespace Ledger.Connectors.Ubl;

/// <summary>One document while it is read: what it says, what is wrong with it, and what is poorer than it.</summary>
internal sealed class Paper(Element root, string file)
{
    private readonly List<ImportProblem> problems = [];
    private readonly List<ImportProblem> warnings = [];

    public string File => file;

    public Element Root => root;

    public IReadOnlyList<ImportProblem> Problems => problems;

    public IReadOnlyList<ImportProblem> Warnings => warnings;

    /// <summary>Whether it is a credit note by its element.</summary>
    public bool IsCreditNote => root.Name == "CreditNote";

    /// <summary>The currency its amounts are in; null where it tells none.</summary>
    public Currency? Currency { get; private set; }

    public void Refuse(Element at, string code, string message) =>
        problems.Add(new(file, at.Path, code, message, at.Line));

    public void Warn(Element at, string code, string message) =>
        warnings.Add(new(file, at.Path, code, message, at.Line));

    public void ReadCurrency()
    {
        if (One("DocumentCurrencyCode") is not { Text: { } code } at)
            Warn(root, "no_currency", "the document tells no currency; its amounts are in none");
        else if (Domain.Currency.TryOf(code, out var currency)) Currency = currency;
        else Refuse(at, "unknown_currency", $"'{Cut(code)}' is not a currency of ISO 4217");
    }

    /// <summary>The one element of a name below the root; more than one is refused.</summary>
    public Element? One(string name)
    {
        var all = root.All(name).Take(2).ToArray();
        if (all.Length == 2) Refuse(all[1], "repeated", $"a document has one {name}");
        return all.Length == 0 ? null : all[0];
    }

    /// <summary>The text of the one element of a name; refused where there is none.</summary>
    public string? Required(string name)
    {
        if (One(name)?.Text is { } text) return text;
        Refuse(root, "required", $"a document without {name} cannot be told from others");
        return null;
    }

    public decimal? Number(Element? at)
    {
        if (at?.Text is not { } text) return null;
        if (DecimalText.TryReadStated(text, out var number)) return number;
        Refuse(at, "out_of_range",
            $"{at.Name} is a plain decimal of at most {DecimalText.WholeDigitsMax} digits before the point and "
            + $"{DecimalText.FractionDigitsMax} after it, not '{Cut(text)}'");
        return null;
    }

    /// <summary>An amount, which is in the document's currency or refused.</summary>
    public decimal? Amount(Element? at)
    {
        if (at?.Attribute("currencyID") is { } code && Currency is { } currency && code != currency.Code)
        {
            Refuse(at, "other_currency", $"{at.Name} is in {Cut(code)}, the document in {currency}");
            return null;
        }

        return Number(at);
    }

    public LocalDate? Date(Element? at)
    {
        if (at?.Text is not { } text) return null;
        // A date of XML Schema may carry a zone, which moves no document to another day.
        var day = text.Length > 10 && text[10] is 'Z' or '+' or '-' ? text[..10] : text;
        if (LedgerJson.TryDate(day, out var date)) return date;
        Refuse(at, "invalid_date", $"{at.Name} is a date such as 2018-01-31, not '{Cut(text)}'");
        return null;
    }

    /// <summary>A period; one that has an end and no beginning is told by the end only, which no period is.</summary>
    public Period? Period(Element? at)
    {
        if (at is null) return null;
        var (from, to) = (Date(at.First("StartDate")), Date(at.First("EndDate")));
        if (from is null && to is not null)
            Warn(at, "open_start", "a period without its first day is kept in ext only");
        if (from is { } start && to is { } end && end < start)
        {
            Warn(at, "ends_before_it_begins", "the period ends before it begins; it is kept in ext only");
            return null;
        }

        return from is { } first ? new(first, to) : null;
    }

    public bool? Flag(Element? at)
    {
        switch (at?.Text)
        {
            case "true" or "1": return true;
            case "false" or "0": return false;
            case null: return null;
            case var other:
                Refuse(at, "wrong_type", $"{at.Name} is true or false, not '{Cut(other)}'");
                return null;
        }
    }

    /// <summary>A text of at most so many characters, for what a person reads.</summary>
    public static string Cut(string text, int lengthMax = 64) =>
        text.Length <= lengthMax ? text : text[..lengthMax] + "…";
}
