using NodaTime;

namespace Ledger.Domain;

public enum DocumentType
{
    Invoice,
    CreditNote,
    Prepayment,
    Corrective,
}

/// <summary>draft &lt; issued &lt; cancelled or voided; discarded is a draft's end.</summary>
public enum InvoiceStatus
{
    Draft,
    Approved,
    Issued,
    Cancelled,
    Voided,
    Discarded,
}

/// <summary>Whether a line's amount and coverage were said by the source, or worked out from what it bills.</summary>
public enum LineBasis
{
    Stated,
    Derived,
}

/// <summary>One line of a document. Its identity is the vendor's stable line id, else what it bills; never its
/// position.</summary>
/// <param name="Net">Amount before tax, in the document's currency; positive on a credit note too.</param>
/// <param name="Bills">The work, expenses, milestones it asks money for.</param>
public sealed record InvoiceLine(
    string Line,
    int? Position = null,
    string? Kind = null,
    string? Description = null,
    Period? Period = null,
    Quantity? Quantity = null,
    Rate? Price = null,
    Items<Adjustment>? Adjustments = null,
    decimal? Net = null,
    Tax? Tax = null,
    Items<Billed>? Bills = null,
    LineWork? Work = null,
    CreditedLine? Credits = null,
    LineBasis Basis = LineBasis.Stated);

/// <summary>What a line asks money for, and how much of it; absent quantity and amount = all of it.</summary>
public sealed record Billed(Ref Ref, Quantity? Quantity = null, decimal? Amount = null);

public sealed record LineWork(LocalDate? On = null, Ref? Resource = null, string? Task = null, string? Activity = null);

public sealed record CreditedLine(Ref Doc, string? Line = null);

/// <summary>A document's totals as stated, in its currency; kept beside the computed ones.</summary>
/// <param name="Net">Before tax: lines less allowances, with charges.</param>
/// <param name="Prepaid">Paid before the document was issued; <paramref name="Payable"/> is without it.</param>
/// <param name="Rounding">What the payable amount was rounded by; signed.</param>
/// <param name="Open">What the source says is still owed.</param>
/// <param name="Lines">The sum of the lines' nets.</param>
/// <param name="Allowances">The sum of the document's own allowances.</param>
/// <param name="Charges">The sum of the document's own charges.</param>
/// <param name="TaxAccounted">The tax in the currency it is accounted for in, where that is another.</param>
public sealed record InvoiceTotals(
    decimal? Net = null, decimal? Tax = null, decimal? Gross = null, decimal? Prepaid = null, decimal? Rounding = null,
    decimal? Payable = null, decimal? Open = null, decimal? Lines = null, decimal? Allowances = null,
    decimal? Charges = null, ForeignAmount? TaxAccounted = null);

/// <summary>An earlier document this one stands in relation to.</summary>
public sealed record Preceding(Ref Ref, PrecedingRelation Rel, decimal? Amount = null);

public enum PrecedingRelation
{
    Replaces,
    Corrects,
    Credits,
    Settles,

    /// <summary>The document names it as one that came before, and does not say why.</summary>
    Follows,
}

/// <summary>A statement that the document is paid, without a payment record.</summary>
public sealed record Settlement(decimal? Amount = null, Currency? Currency = null, LocalDate? On = null);

/// <summary>Part of what a document asks for was given up.</summary>
/// <param name="Amount">Null = all that was open then.</param>
public sealed record WriteOff(
    LocalDate On, decimal? Amount = null, string? Reason = null, string? Approver = null);

/// <param name="Resolution">How it ended; null = it has not, or nobody said.</param>
public sealed record Dispute(
    string? Id = null, string? Reason = null, decimal? Amount = null, bool Resolved = false,
    string? Resolution = null);

/// <summary>Why a document, and what it bills, waits.</summary>
/// <param name="Hold">Its id.</param>
public sealed record BillingHold(string Hold, string? Reason = null);

/// <summary>A document that asks for money, or gives it back, as one source tells it.</summary>
public sealed record Invoice : RecordState
{
    public DocumentType DocumentType { get; init; }

    public InvoiceStatus Status { get; init; }

    public string? TypeCode { get; init; }

    public string? Series { get; init; }

    public Ref? Client { get; init; }

    public Ref? BillTo { get; init; }

    public Items<Ref> Contracts { get; init; } = Items<Ref>.None;

    public Items<Ref> Projects { get; init; } = Items<Ref>.None;

    public string? OrderRef { get; init; }

    public LocalDate? IssuedOn { get; init; }

    public LocalDate? TaxPointOn { get; init; }

    public LocalDate? DueOn { get; init; }

    public Terms? Terms { get; init; }

    public Period? Period { get; init; }

    public Currency? Currency { get; init; }

    public ForeignAmount? Fx { get; init; }

    public Items<InvoiceLine> Lines { get; init; } = Items<InvoiceLine>.None;

    public Items<Adjustment> Adjustments { get; init; } = Items<Adjustment>.None;

    public Items<Tax> Taxes { get; init; } = Items<Tax>.None;

    public InvoiceTotals? Totals { get; init; }

    public Items<Preceding> Preceding { get; init; } = Items<Preceding>.None;

    public string? PaymentRef { get; init; }

    public Settlement? Settlement { get; init; }

    public string? ApprovedBy { get; init; }

    /// <summary>Who drafted it, by the word of the event that did.</summary>
    public string? PreparedBy { get; init; }

    public Instant? DeliveredAt { get; init; }

    public string? TaxFailure { get; init; }

    public decimal WrittenOff { get; init; }

    public Items<WriteOff> WriteOffs { get; init; } = Items<WriteOff>.None;

    public string? EndReason { get; init; }

    /// <summary>Since when it is cancelled or voided.</summary>
    public LocalDate? EndedOn { get; init; }

    public Items<Dispute> Disputes { get; init; } = Items<Dispute>.None;

    /// <summary>Holds in force, by their ids.</summary>
    public Items<string> Holds { get; init; } = Items<string>.None;

    /// <summary>The same with their reasons.</summary>
    public Items<BillingHold> Held
    {
        get;
        init
        {
            field = value;
            Holds = value.Select(h => h.Hold).ToItems();
        }
    } = Items<BillingHold>.None;

    /// <summary>Whether it asks for its money now: issued, and neither cancelled nor voided.</summary>
    public bool IsLive => Status is InvoiceStatus.Issued;

    /// <summary>−1 for a document that gives money back, else 1: a credit note's +100 and a negative invoice's −100
    /// are economically equal.</summary>
    public int Sign => DocumentType is DocumentType.CreditNote ? -1 : 1;

    /// <summary>The stated total before tax, else the gross less the tax, else the sum of the lines; null where
    /// nothing tells. Not signed for credit notes.</summary>
    public decimal? NetStated => Totals?.Net
        ?? (Totals?.Gross ?? Totals?.Payable) - (Totals?.Tax ?? 0m)
        ?? (Lines.Count > 0 && Lines.All(l => l.Net is not null) ? Lines.Sum(l => l.Net!.Value) : null);

    /// <summary>The next state; null where the event cannot apply yet.</summary>
    public static Invoice? Evolve(Invoice? state, Event e, EventFacts facts) => (state, e) switch
    {
        (_, InvoiceDrafted d) => Drafted(state ?? new(), d) with { PreparedBy = facts.Actor ?? state?.PreparedBy },
        (_, InvoiceIssued i) => Issued(state ?? new(), i),
        (_, InvoiceStated s) => Ending(state, s.Over(state ?? new()), s, facts.EffectiveOn),
        (null, _) => null,
        (_, InvoiceLineSet l) => state with { Lines = state.Lines.Put(l.Line, x => x.Line) },
        (_, InvoiceLineRemoved l) => state.Lines.Any(x => x.Line == l.Line)
            ? state with { Lines = state.Lines.Where(x => x.Line != l.Line).ToItems() }
            : null,
        (_, InvoiceTaxCalculated t) => state with { Taxes = t.Taxes, TaxFailure = null },
        (_, InvoiceTaxCalculationFailed f) => state with { TaxFailure = f.Reason },
        (_, InvoiceApproved a) => state with
        {
            ApprovedBy = a.Approver,
            Status = state.Status is InvoiceStatus.Draft ? InvoiceStatus.Approved : state.Status,
        },
        (_, InvoiceDelivered) => state with { DeliveredAt = facts.Time },
        (_, InvoiceDisputed d) => state with { Disputes = state.Disputes.Plus(new(d.Dispute, d.Reason, d.Amount)) },
        (_, InvoiceDisputeResolved r) => Resolved(state, r),
        (_, InvoiceDiscarded d) => state with { Status = InvoiceStatus.Discarded, EndReason = d.Reason },
        (_, InvoiceCancelled c) => state with
        {
            Status = InvoiceStatus.Cancelled, EndReason = c.Reason, EndedOn = c.On ?? facts.EffectiveOn,
        },
        (_, InvoiceVoided v) => state with
        {
            Status = InvoiceStatus.Voided, EndReason = v.Reason, EndedOn = v.On ?? facts.EffectiveOn,
        },
        (_, InvoiceSettlementStated s) => state with { Settlement = new(s.Amount, s.Currency, s.On) },
        (_, InvoiceWrittenOff w) => state with
        {
            WrittenOff = state.WrittenOff + (w.Amount ?? state.NetStated ?? 0m),
            WriteOffs = state.WriteOffs.Plus(new(facts.EffectiveOn, w.Amount, w.Reason, w.Approver)),
        },
        (_, BillingHoldPlaced h) => state with { Held = state.Held.Put(new(h.Hold, h.Reason), x => x.Hold) },
        (_, BillingHoldReleased h) => state.Holds.Contains(h.Hold)
            ? state with { Held = state.Held.Where(x => x.Hold != h.Hold).ToItems() }
            : null,
        _ => throw Kind.Unfoldable(e),
    };

    private static Invoice Ending(Invoice? before, Invoice shown, InvoiceStated said, LocalDate on)
    {
        var after = said.WriteOffs.IsSaid
            ? shown with { WrittenOff = shown.WriteOffs.Sum(w => w.Amount ?? shown.NetStated ?? 0m) }
            : shown;
        return after.Status is not (InvoiceStatus.Cancelled or InvoiceStatus.Voided) ? after with { EndedOn = null }
            : before?.Status == after.Status ? after
            : after with { EndedOn = after.EndedOn ?? on };
    }

    // Without an id, every dispute is resolved.
    private static Invoice? Resolved(Invoice state, InvoiceDisputeResolved said)
    {
        if (!state.Disputes.Any(IsMeant)) return null;
        return state with
        {
            Disputes = state.Disputes
                .Select(d => IsMeant(d) ? d with { Resolved = true, Resolution = said.Resolution } : d).ToItems(),
        };

        bool IsMeant(Dispute dispute) => said.Dispute is null || dispute.Id == said.Dispute;
    }

    private static Invoice Drafted(Invoice state, InvoiceDrafted d) => state with
    {
        DocumentType = d.DocumentType, Status = InvoiceStatus.Draft, Series = d.Series, Client = d.Client,
        Contracts = d.Contracts ?? Items<Ref>.None, Projects = d.Projects ?? Items<Ref>.None, DueOn = d.DueOn,
        Terms = d.Terms, Period = d.Period, Currency = d.Currency, Lines = d.Lines ?? Items<InvoiceLine>.None,
        Totals = d.Totals, Preceding = d.Preceding ?? Items<Preceding>.None,
    };

    private static Invoice Issued(Invoice state, InvoiceIssued i) => state with
    {
        DocumentType = i.DocumentType, Status = InvoiceStatus.Issued, TypeCode = i.TypeCode,
        Series = i.Series ?? state.Series, Client = i.Client ?? state.Client, BillTo = i.BillTo,
        Contracts = i.Contracts ?? state.Contracts, Projects = i.Projects ?? state.Projects, OrderRef = i.OrderRef,
        IssuedOn = i.IssuedOn, TaxPointOn = i.TaxPointOn, DueOn = i.DueOn ?? state.DueOn,
        Terms = i.Terms ?? state.Terms, Period = i.Period ?? state.Period, Currency = i.Currency ?? state.Currency,
        Fx = i.Fx, Lines = i.Lines,
        Adjustments = i.Adjustments ?? Items<Adjustment>.None, Taxes = i.Taxes ?? state.Taxes,
        Totals = i.Totals ?? state.Totals, Preceding = i.Preceding ?? state.Preceding, PaymentRef = i.PaymentRef,
    };
}
