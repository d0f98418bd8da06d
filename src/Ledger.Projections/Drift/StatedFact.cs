using System.Text.Json;
using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Drift;

/// <summary>A field that two systems may state differently.</summary>
/// <param name="Value">What counts as equal.</param>
/// <param name="Text">How it is printed.</param>
internal sealed record StatedFact(string Field, DriftClass Class, object Value, string Text, Money? Money = null)
{
    /// <summary>Minutes that two quantities of work may be apart: what decimal hours cannot say of them.</summary>
    private const decimal Minutes = DefaultTolerances.Hours * 60m;

    /// <summary>Dates that a state takes from its event where the source states none: the day on which a system was
    /// told is no word against another's.</summary>
    private static readonly HashSet<string> Filled =
        ["openedOn", "closedOn", "raisedOn", "completedOn", "implementedOn", "publishedOn", "withdrawnOn"];

    /// <summary>The company a record is of, what it went on as, and how often it was opened again: the ledger makes
    /// these of other things that are said.</summary>
    private static readonly HashSet<string> Made = ["entity", "mergedInto", "reopened"];

    /// <summary>By how much two amounts may be apart and still be the same.</summary>
    public decimal Slack { get; init; }

    /// <summary>Of how far a record has come: since when.</summary>
    public LocalDate? Since { get; init; }

    /// <summary>The same as a number: what comes later in a record's life is more.</summary>
    public int Rank { get; init; }

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

    /// <summary>Whether both say the same, but for what is left alone.</summary>
    public bool Agrees(StatedFact other) => Value.Equals(other.Value) || (Value, other.Value) switch
    {
        (decimal mine, decimal theirs) when Class is DriftClass.Currency =>
            DefaultTolerances.IsSameRate(mine, theirs),
        (decimal mine, decimal theirs) => Math.Abs(mine - theirs) <= Math.Max(Slack, other.Slack),
        (ValueTuple<decimal, Unit> mine, ValueTuple<decimal, Unit> theirs) when Class is DriftClass.Quantity =>
            mine.Item2 == Unit.Minute && theirs.Item2 == Unit.Minute && Math.Abs(mine.Item1 - theirs.Item1) <= Minutes,
        _ => false,
    };

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

    /// <summary>Several things that are pointed at; null where there is none, or one of them is not there.</summary>
    public static StatedFact? Pointed(
        Books books, SourceRecord record, string field, IReadOnlyCollection<Ref> references) =>
        references.Count == 0 || references.Any(r => books.World.Resolve(r, record.Source) is null)
            ? null
            : new(
                field, DriftClass.Mapping,
                string.Join(' ', references.Select(r => books.EntityOrName(r, record.Source)).Distinct()
                    .Order(StringComparer.Ordinal)),
                Say.List(references.Select(r => r.Id ?? r.Number!).Order(StringComparer.Ordinal)));

    /// <summary>How far a record has come, in the words that it is compared by; null where nobody said so.</summary>
    public static StatedFact? Standing(Books books, SourceRecord record, string status)
    {
        if (!record.Fold.Asserted.ContainsKey("status")) return null;
        var word = books.Policy.StatusOf(record.Source, record.Kind, status);
        // Each system puts a project or a contract on hold, or closes what was terminated, for itself; but what is
        // over at one of them is not worked on at another.
        var isOver = word is "closed" or "terminated";
        var value = record.Kind != Kind.Project && record.Kind != Kind.Contract ? word : isOver ? "over" : "open";
        var said = record.Kind.Fields.First(f => f.Name == "status").Read(record.Fold.State!);
        return new("status", DriftClass.Status, value, word) { Since = SinceOf(record), Rank = RankOf(said) };
    }

    /// <summary>Whether work is approved; null where nobody said so.</summary>
    public static StatedFact? Approving(SourceRecord record, Approval? approval)
    {
        if (approval is null) return null;
        var word = Say.Snake(approval.Status);
        return new("approval", DriftClass.Status, word, word)
        {
            Since = approval.At?.InUtc().Date ?? LastWord(record), Rank = RankOf(approval.Status),
        };
    }

    /// <summary>The day on which a record's last event was told.</summary>
    public static LocalDate LastWord(SourceRecord record) => record.Fold.Order!.Time.InUtc().Date;

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
        Terms terms => Said(field, DriftClass.Period, TextOf(terms)),
        Enum status when field == "status" =>
            Standing(books, record, JsonNamingPolicy.SnakeCaseLower.ConvertName(status.ToString())),
        Ref reference when books.World.Resolve(reference, record.Source) is not null =>
            Pointed(books, record, field, reference),
        _ => null,
    };

    /// <summary>Of approved and rejected neither comes after the other: the one decided last does. A posting that
    /// failed is yet to be posted.</summary>
    private static int RankOf(object? status) => status switch
    {
        ApprovalStatus.Approved or ApprovalStatus.Rejected => (int)ApprovalStatus.Approved,
        PostingStatus.Failed => -1,
        _ => Convert.ToInt32(status, System.Globalization.CultureInfo.InvariantCulture),
    };

    private static string? TextOf(Terms terms) => terms is { Kind: not TermsKind.Text, Days: { } days }
        ? $"{Say.Snake(terms.Kind).Replace('_', ' ')} {DecimalText.Write(days)}"
        : null;

    /// <summary>Since when a record stands as it does, by its own word, else by the day of its last.</summary>
    private static LocalDate SinceOf(SourceRecord record) => record.Fold.State switch
    {
        Invoice { Status: InvoiceStatus.Cancelled or InvoiceStatus.Voided, EndedOn: { } on } => on,
        Invoice { Status: InvoiceStatus.Issued, IssuedOn: { } on } => on,
        Posting { Status: PostingStatus.Reversed, ReversedOn: { } on } => on,
        Posting { Status: PostingStatus.Posted, PostedOn: { } on } => on,
        Payment { Status: PaymentStatus.Reversed, ReversedOn: { } on } => on,
        Payment { Status: PaymentStatus.Received, ReceivedOn: { } on } => on,
        Milestone { Status: MilestoneStatus.Accepted, AcceptedOn: { } on } => on,
        Milestone { Status: MilestoneStatus.Completed, CompletedOn: { } on } => on,
        Opportunity { ClosedOn: { } on } => on,
        _ => LastWord(record),
    };

    /// <summary>Whether it is only what every record begins with: a system that never said how far a thing has come
    /// does not contradict one that did.</summary>
    private static bool IsSilent(SourceRecord record, StateField field, object value) =>
        value is Enum or decimal && Nullable.GetUnderlyingType(field.Type) is null
        && Convert.ToDecimal(value, System.Globalization.CultureInfo.InvariantCulture) == 0m
        && record.Asserted(field.Name) == record.Fold.First;
}
