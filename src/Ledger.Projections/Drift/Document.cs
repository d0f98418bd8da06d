using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Drift;

/// <summary>An invoice as one thing: the record of it that says what it bills, and what other systems call the same.
/// </summary>
internal sealed class Document(Entity entity, SourceRecord record, Items<DocumentLine> lines)
{
    public Entity Entity { get; } = entity;

    /// <summary>The record that says what is billed.</summary>
    public SourceRecord Record { get; } = record;

    public Invoice State { get; } = (Invoice)record.Fold.State!;

    public Items<DocumentLine> Lines { get; } = lines;

    public IEnumerable<BilledItem> Bills => Lines.SelectMany(line => line.Bills);

    public string? Number => State.Number;

    /// <summary>What a sentence calls it.</summary>
    public string Name => State.DocumentType is DocumentType.CreditNote ? $"Credit note {Label}" : $"Invoice {Label}";

    /// <summary>Its number, or where it has none its stream.</summary>
    public string Label => State.Number ?? Record.Stream;

    public bool IsLive => State.IsLive;

    /// <summary>Cancelled or voided: the number stays, the work is free again.</summary>
    public bool IsVoid => State.Status is InvoiceStatus.Cancelled or InvoiceStatus.Voided;

    /// <summary>Not issued yet.</summary>
    public bool IsDraft => State.Status is InvoiceStatus.Draft or InvoiceStatus.Approved;

    /// <summary>Whether it gives money back: a credit note, or an invoice over less than nothing.</summary>
    public bool GivesBack => State.Sign < 0 || State.NetStated < 0m;

    public LocalDate? IssuedOn => State.IssuedOn;

    /// <summary>Its own, else that of the prices it uses; null where nothing tells.</summary>
    public Currency? Currency { get; } = CurrencyOf((Invoice)record.Fold.State!, lines);

    /// <summary>The stated total before tax, as printed.</summary>
    public Money? Net => Currency is { } currency && State.NetStated is { } net ? new Money(net, currency) : null;

    /// <summary>What the client is asked for, tax and all.</summary>
    public Money? Gross => Currency is { } currency
        && (State.Totals?.Gross ?? State.Totals?.Payable ?? State.NetStated + (State.Totals?.Tax ?? 0m)) is { } gross
            ? new Money(gross, currency)
            : null;

    private static Currency? CurrencyOf(Invoice state, Items<DocumentLine> lines)
    {
        if (state.Currency is { } stated) return stated;
        var used = lines.SelectMany(l => l.Bills.Select(b => b.CurrencyOfRecord).Append(l.Stated?.Price?.Currency))
            .OfType<Currency>().Distinct().Take(2).ToArray();
        return used.Length == 1 ? used[0] : null;
    }
}

/// <summary>A line of a document and what it bills.</summary>
/// <param name="Stated">As printed; null where the work is said to be on the document, but not on which line.</param>
internal sealed record DocumentLine(string Id, InvoiceLine? Stated, Items<BilledItem> Bills)
{
    /// <summary>Its net where the source states it, and did not merely work it out from what the line bills.</summary>
    public decimal? NetStated => Stated is { Basis: LineBasis.Stated } ? Stated.Net : null;

    /// <summary>What it asks for: its stated net, else quantity × price.</summary>
    public decimal Asked(Currency currency) => NetStated
        ?? (Stated is { Quantity: { } quantity, Price: { } price } && price.Currency == currency
            ? ExactMoney.Of(quantity, price)?.Round(RoundingMode.HalfAwayFromZero).Amount + Adjusted
            : null)
        ?? 0m;

    /// <summary>Charges less allowances.</summary>
    public decimal Adjusted => Stated?.Adjustments?.Sum(a => a.Charge ? a.Amount : -a.Amount) ?? 0m;
}

/// <summary>One thing that a line asks money for.</summary>
/// <param name="Document">Stream of the document's record.</param>
/// <param name="Target">The entity it is part of; its stream or number while nobody has delivered it.</param>
/// <param name="Record">Null while nobody has delivered it.</param>
/// <param name="Quantity">How much of it, where stated.</param>
/// <param name="Amount">How much money for it, where stated.</param>
/// <param name="Position">Position of the event that says so.</param>
internal sealed record BilledItem(
    string Document, string Line, Ref Ref, string Target, SourceRecord? Record, Quantity? Quantity, decimal? Amount,
    long Position)
{
    public TimeEntry? Entry => Record?.Fold.State as TimeEntry;

    public Expense? Expense => Record?.Fold.State as Expense;

    public Milestone? Milestone => Record?.Fold.State as Milestone;

    public Ref? Project => Entry?.Project ?? Expense?.Project;

    public Currency? CurrencyOfRecord => Entry?.BillRate?.Currency ?? Expense?.Currency;

    /// <summary>What a sentence calls it.</summary>
    public string Label => Record is { } record ? Books.LabelOf(record) : Ref.Id ?? Ref.Number!;
}
