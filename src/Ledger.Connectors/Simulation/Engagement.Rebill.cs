using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

/// <summary>What was asked is taken back: cancelled or credited, and billed again.</summary>
internal sealed partial class Engagement
{
    private const decimal Goodwill = 45m;

    /// <summary>Cancelled, and billed again with another order number or other prices.</summary>
    private void Again(Draft draft, Asked asked)
    {
        var (stands, bookedStill, paid) = (
            draft.Faults.Contains(Fault.InvoiceStands), draft.Faults.Contains(Fault.PostingStands),
            draft.Faults.Contains(Fault.PaidCancelled));
        BookInvoice(draft);
        Post(draft);
        var at = draft.At.PlusDays(6);
        var cancelled = teller.Says(Firm.Billing, Kind.Invoice, draft.Id, at, new InvoiceCancelled(
            "order number missing", at.Date));
        var late = draft.Faults.Contains(Fault.CancelledLate);
        var followed = stands ? "" : Mirror(
            draft, late ? at.PlusDays(25) : at.PlusHours(9), InvoiceStatus.Cancelled, "2");
        var again = Draw(at.Date, at.PlusHours(1), asked) with
        {
            Preceding = [new(draft.Ref, PrecedingRelation.Replaces)], IsLinked = draft.IsLinked,
        };
        billed += again.Net - draft.Net;
        Issue(again);
        if (!bookedStill) erp.Reverses(PostingId(draft), at.PlusDays(1).PlusHours(4));
        BookInvoice(again);
        Post(again);
        if (bookedStill)
            Plant(draft, Fault.PostingStands, "status", draft.Net, Firm.Billing, cancelled,
                [erp.Stream(PostingId(draft)), again.Stream]);
        if (stands)
            Plant(draft, Fault.InvoiceStands, "status", 0m, Firm.Billing, cancelled, [MirrorStream(draft)]);
        if (late)
            Plant(
                draft, Fault.CancelledLate, "late", 0m, company.Erp, followed, [MirrorStream(draft)], closed: true);
        if (paid)
            Plant(draft, Fault.PaidCancelled, "status", draft.Gross, company.Erp,
                Pay(draft, at.PlusDays(20), "1", draft.Gross));
        else Pay(again);
    }

    /// <summary>Credited in full, line by line, and billed again: both stay on the books.</summary>
    private void CreditAndRebill(Draft draft)
    {
        BookInvoice(draft);
        Post(draft);
        var at = draft.At.PlusDays(8);
        var note = Draw(at.Date, at, draft.Asked with
        {
            Lines = draft.Asked.Lines.Select(l => l with { Line = "C-" + l.Line, Credits = new(draft.Ref, l.Line) })
                .ToItems(),
        }) with
        {
            Type = DocumentType.CreditNote, Preceding = [new(draft.Ref, PrecedingRelation.Credits, draft.Gross)],
        };
        Enter(note);
        erp.Credits("CA-" + note.Id, at.PlusDays(1), note.Ref, draft.Ref, new(note.Gross, currency));
        var again = Draw(at.Date, at.PlusHours(2), draft.Asked);
        Enter(again);
        Pay(again);
    }

    /// <summary>A part of the money is given back, and none of the work; the client pays what is left.</summary>
    private void CreditPart(Draft draft)
    {
        var at = draft.At.PlusDays(7);
        var line = draft.Asked.Lines[^1];
        var less = Math.Min(Goodwill, line.Net ?? Goodwill);
        var note = Draw(at.Date, at, new(
            [
                new("C-1", Kind: "credit", Description: "Goodwill", Net: less, Credits: new(draft.Ref, line.Line)),
            ],
            less)) with
        {
            Type = DocumentType.CreditNote,
        };
        Enter(note);
        erp.Credits("CA-" + note.Id, at.PlusDays(1), note.Ref, draft.Ref, new(note.Gross, currency));
        Pay(draft, at.PlusDays(20), "1", draft.Gross - note.Gross);
        billed -= less;
    }

    private void Enter(Draft draft)
    {
        Issue(draft);
        BookInvoice(draft);
        Post(draft);
    }
}
