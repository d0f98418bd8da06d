using System.Text.Json;
using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Drift;

/// <summary>A field that two systems may state differently.</summary>
/// <param name="Value">What counts as equal.</param>
/// <param name="Text">How it is printed.</param>
internal sealed record StatedFact(string Field, DriftClass Class, object Value, string Text, Money? Money = null)
{
    /// <summary>Dates that a state takes from its event where the source states none: the day on which a system was
    /// told is no word against another's.</summary>
    private static readonly HashSet<string> Filled =
        ["openedOn", "closedOn", "raisedOn", "completedOn", "implementedOn", "publishedOn", "withdrawnOn"];

    /// <summary>The company a record is of, what it went on as, and how often it was opened again: the ledger makes
    /// these of other things that are said.</summary>
    private static readonly HashSet<string> Made = ["entity", "mergedInto", "reopened"];

    /// <summary>What a record says in every field whose shape can be compared: money, shares, quantities, prices,
    /// currencies, days, references that lead somewhere, and how far it has come. Names and texts are not.</summary>
    public static IEnumerable<StatedFact?> Of(Books books, SourceRecord record)
    {
        var (fields, state) = (record.Kind.Fields, record.Fold.State!);
        var currencies = fields.Where(f => f.Type == typeof(Currency?)).Select(f => (Currency?)f.Read(state)).ToArray();
        var currency = currencies is [var only] ? only : null;
        foreach (var field in fields)
            if (!Made.Contains(field.Name) && !Filled.Contains(field.Name)
                && field.Read(state) is { } value && !IsSilent(record, field, value))
                yield return Of(books, record, field.Name, value, currency);
    }

    /// <summary>Whether both say the same; of exchange rates, within what is left alone.</summary>
    public bool Agrees(StatedFact other) => Value.Equals(other.Value)
        || (Class is DriftClass.Currency && Value is decimal mine && other.Value is decimal theirs
            && DefaultTolerances.IsSameRate(mine, theirs));

    public static StatedFact? Said(string field, DriftClass drift, string? text) =>
        text is null ? null : new(field, drift, text, text);

    public static StatedFact? Dated(string field, LocalDate? day) =>
        day is { } on ? new(field, DriftClass.Period, on, Say.Date(on)) : null;

    public static StatedFact? Coded(string field, Currency? currency) =>
        currency is { } code ? new(field, DriftClass.Currency, code, code.Code) : null;

    public static StatedFact? Priced(
        string field, decimal? amount, Currency? currency, DriftClass drift = DriftClass.Amount) =>
        amount is { } value && currency is { } of
            ? new(field, drift, value, new Money(value, of).ToString(), new Money(value, of))
            : null;

    public static StatedFact? Priced(string field, Rate? rate) => rate is null
        ? null
        : new(field, DriftClass.Rate, (rate.Amount * (rate.Per.PerHour ?? 1), rate.Currency), rate.ToString());

    /// <summary>Minutes and hours compare as minutes.</summary>
    public static StatedFact Amounting(string field, Quantity quantity) => new(
        field, DriftClass.Quantity, quantity.Unit.PerHour is { } per ? (quantity.Value * 60m / per, Unit.Minute)
            : (quantity.Value, quantity.Unit), quantity.ToString());

    public static StatedFact? Pointed(Books books, SourceRecord record, string field, Ref? reference) =>
        Pointed(books.EntityOrName, record, field, reference);

    public static StatedFact? Pointed(
        Func<Ref, string, string> named, SourceRecord record, string field, Ref? reference) => reference is null
        ? null
        : new(field, DriftClass.Mapping, named(reference, record.Source), reference.Id ?? reference.Number!);

    /// <summary>How far a record has come, in the words that it is compared by; null where nobody said so.</summary>
    public static StatedFact? Standing(Books books, SourceRecord record, string status) =>
        record.Fold.Asserted.ContainsKey("status")
            ? Said("status", DriftClass.Status, books.Policy.StatusOf(record.Source, record.Kind, status))
            : null;

    private static StatedFact? Of(
        Books books, SourceRecord record, string field, object value, Currency? currency) => value switch
    {
        decimal share when field is "probability" or "percent" =>
            new(field, DriftClass.Quantity, share, DecimalText.Write(share)),
        decimal rate when record.Kind == Kind.ExchangeRate =>
            new(field, DriftClass.Currency, rate, DecimalText.Write(rate)),
        decimal amount => Priced(field, amount, currency)
            ?? new(field, DriftClass.Amount, amount, DecimalText.Write(amount)),
        int days => Amounting(field, new(days, Unit.Day)),
        Quantity quantity => Amounting(field, quantity),
        Rate rate => Priced(field, rate),
        Currency code => Coded(field, code),
        LocalDate day => Dated(field, day),
        // Books stay open on a project that nobody works on any more: each system closes these for itself.
        Enum status when field == "status" && record.Kind != Kind.Project && record.Kind != Kind.Contract =>
            Standing(books, record, JsonNamingPolicy.SnakeCaseLower.ConvertName(status.ToString())),
        Ref reference when books.World.Resolve(reference, record.Source) is not null =>
            Pointed(books, record, field, reference),
        _ => null,
    };

    /// <summary>Whether it is only what every record begins with: a system that never said how far a thing has come
    /// does not contradict one that did.</summary>
    private static bool IsSilent(SourceRecord record, StateField field, object value) =>
        value is Enum or decimal && Nullable.GetUnderlyingType(field.Type) is null
        && Convert.ToDecimal(value, System.Globalization.CultureInfo.InvariantCulture) == 0m
        && record.Asserted(field.Name) == record.Fold.First;
}
