using NodaTime;

namespace Ledger.Domain;

/// <summary>What happens to a document that asks a client for money, or gives it back.</summary>
public abstract record InvoiceEvent : Event;

/// <summary>What an invoice says of itself, drafted or issued.</summary>
/// <param name="Series">Its numbering series.</param>
/// <param name="Preceding">Earlier documents it replaces, corrects, credits or settles.</param>
public sealed record InvoiceDrafted(
    DocumentType DocumentType = DocumentType.Invoice,
    string? Series = null,
    Ref? Client = null,
    Items<Ref>? Contracts = null,
    Items<Ref>? Projects = null,
    LocalDate? DueOn = null,
    Terms? Terms = null,
    Period? Period = null,
    Currency? Currency = null,
    Items<InvoiceLine>? Lines = null,
    InvoiceTotals? Totals = null,
    Items<Preceding>? Preceding = null) : InvoiceEvent;

/// <summary>One line of a draft was set.</summary>
public sealed record InvoiceLineSet(InvoiceLine Line) : InvoiceEvent;

public sealed record InvoiceLineRemoved(string Line) : InvoiceEvent;

public sealed record InvoiceTaxCalculated(Items<Tax> Taxes) : InvoiceEvent;

/// <summary>The tax call failed; the invoice holds its state.</summary>
public sealed record InvoiceTaxCalculationFailed(string Reason) : InvoiceEvent;

public sealed record InvoiceApproved(string Approver) : InvoiceEvent;

/// <summary>The document went out, with all its lines.</summary>
/// <param name="TypeCode">UNTDID 1001 where the source states one: 380, 381, 384, 389.</param>
/// <param name="Covers">The parts stated completely; null = all.</param>
public sealed record InvoiceIssued(
    LocalDate IssuedOn,
    Items<InvoiceLine> Lines,
    DocumentType DocumentType = DocumentType.Invoice,
    string? TypeCode = null,
    string? Series = null,
    Ref? Client = null,
    Ref? BillTo = null,
    Items<Ref>? Contracts = null,
    Items<Ref>? Projects = null,
    string? OrderRef = null,
    LocalDate? TaxPointOn = null,
    LocalDate? DueOn = null,
    Terms? Terms = null,
    Period? Period = null,
    Currency? Currency = null,
    ForeignAmount? Fx = null,
    Items<string>? Covers = null,
    Items<Adjustment>? Adjustments = null,
    Items<Tax>? Taxes = null,
    InvoiceTotals? Totals = null,
    Items<Preceding>? Preceding = null,
    string? PaymentRef = null) : InvoiceEvent;

public sealed record InvoiceDelivered(string? Channel = null, string? To = null) : InvoiceEvent;

public sealed record InvoiceDisputed(string? Reason = null, decimal? Amount = null, string? Dispute = null)
    : InvoiceEvent;

public sealed record InvoiceDisputeResolved(string? Resolution = null, string? Dispute = null) : InvoiceEvent;

/// <summary>A draft was thrown away.</summary>
public sealed record InvoiceDiscarded(string? Reason = null) : InvoiceEvent;

/// <summary>An issued document counts no more; its number stays, its entries are free again.</summary>
public sealed record InvoiceCancelled(string? Reason = null, LocalDate? On = null) : InvoiceEvent;

/// <summary>As cancelled, by the word of systems that void.</summary>
public sealed record InvoiceVoided(string? Reason = null, LocalDate? On = null) : InvoiceEvent;

/// <summary>The source says it is paid, without a payment record.</summary>
public sealed record InvoiceSettlementStated(decimal? Amount = null, Currency? Currency = null, LocalDate? On = null)
    : InvoiceEvent;

public sealed record InvoiceWrittenOff(decimal? Amount = null, string? Reason = null, string? Approver = null)
    : InvoiceEvent;

public sealed record BillingHoldPlaced(string Hold, string Reason) : InvoiceEvent;

public sealed record BillingHoldReleased(string Hold, string? Reason = null) : InvoiceEvent;

/// <summary>The document as its system showed it.</summary>
public sealed record InvoiceStated(
    Said<DocumentType?> DocumentType = default,
    Said<InvoiceStatus?> Status = default,
    Said<string> Series = default,
    Said<Ref> Client = default,
    Said<Items<Ref>> Contracts = default,
    Said<Items<Ref>> Projects = default,
    Said<string> OrderRef = default,
    Said<LocalDate?> IssuedOn = default,
    Said<LocalDate?> DueOn = default,
    Said<Terms> Terms = default,
    Said<Period> Period = default,
    Said<Currency?> Currency = default,
    Said<Items<InvoiceLine>> Lines = default,
    Said<Items<Adjustment>> Adjustments = default,
    Said<Items<Tax>> Taxes = default,
    Said<InvoiceTotals> Totals = default,
    Said<Items<Preceding>> Preceding = default,
    Said<Settlement> Settlement = default,
    Said<string> TypeCode = default,
    Said<Ref> BillTo = default,
    Said<LocalDate?> TaxPointOn = default,
    Said<string> PaymentRef = default,
    Said<ForeignAmount> Fx = default,
    Said<string> ApprovedBy = default,
    Said<Instant?> DeliveredAt = default,
    Said<string> TaxFailure = default,
    Said<Items<WriteOff>> WriteOffs = default,
    Said<Items<Dispute>> Disputes = default,
    Said<Items<BillingHold>> Held = default,
    Said<LocalDate?> EndedOn = default,
    Said<string> EndReason = default,
    Said<string> PreparedBy = default) : Snapshot
{
    internal override bool LeavesOpen(string field) => field == "status" && Status.Value is null;

    internal Invoice Over(Invoice before) => Ended(before, Documented(before));

    private Invoice Ended(Invoice before, Invoice shown) => shown with
    {
        ApprovedBy = ApprovedBy.Or(before.ApprovedBy),
        DeliveredAt = DeliveredAt.Or(before.DeliveredAt),
        TaxFailure = TaxFailure.Or(before.TaxFailure),
        WriteOffs = OverInOrder(
            WriteOffs, before.WriteOffs, "writeOffs", off => (off.On, off.Amount ?? shown.NetStated)),
        // Some documents have no id for a dispute, or two under one.
        Disputes = OverInOrder(
            Disputes, before.Disputes, "disputes", dispute => (dispute.Id, dispute.Id is null ? dispute.Amount : null)),
        Held = Over(Held, before.Held, "held", hold => hold.Hold),
        EndedOn = EndedOn.Or(before.EndedOn),
        EndReason = EndReason.Or(before.EndReason),
        PreparedBy = PreparedBy.Or(before.PreparedBy),
    };

    private Invoice Documented(Invoice before) => before with
    {
        DocumentType = DocumentType.Or(before.DocumentType) ?? Domain.DocumentType.Invoice,
        Status = Status.Or(before.Status) ?? before.Status,
        Series = Series.Or(before.Series),
        Client = Client.Or(before.Client),
        Contracts = Contracts.Or(before.Contracts) ?? Items<Ref>.None,
        Projects = Projects.Or(before.Projects) ?? Items<Ref>.None,
        OrderRef = OrderRef.Or(before.OrderRef),
        IssuedOn = IssuedOn.Or(before.IssuedOn),
        DueOn = DueOn.Or(before.DueOn),
        Terms = Terms.Or(before.Terms),
        Period = Period.Or(before.Period),
        Currency = Currency.Or(before.Currency),
        Lines = LinesOver(before.Lines),
        Adjustments = Adjustments.Or(before.Adjustments) ?? Items<Adjustment>.None,
        Taxes = Taxes.Or(before.Taxes) ?? Items<Tax>.None,
        Totals = Totals.Or(before.Totals),
        Preceding = Preceding.Or(before.Preceding) ?? Items<Preceding>.None,
        Settlement = Settlement.Or(before.Settlement),
        TypeCode = TypeCode.Or(before.TypeCode),
        BillTo = BillTo.Or(before.BillTo),
        TaxPointOn = TaxPointOn.Or(before.TaxPointOn),
        PaymentRef = PaymentRef.Or(before.PaymentRef),
        Fx = Fx.Or(before.Fx),
    };

    private Items<InvoiceLine> LinesOver(Items<InvoiceLine> before)
    {
        if (!Lines.IsSaid) return before;
        var stated = Lines.Value ?? Items<InvoiceLine>.None;
        if (IsComplete("lines")) return stated;
        var kept = before.Where(line => line.Kind is null || !IsComplete("lines." + line.Kind)).ToItems();
        return stated.Aggregate(kept, (all, line) => all.Put(line, l => l.Line));
    }
}
