using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

/// <summary>A sum asked for ahead each month, on which the month's hours are drawn.</summary>
internal sealed partial class Engagement
{
    private const decimal Overdrawn = 275m;

    private readonly Dictionary<int, Draft> ahead = [];

    private static string Advance(int month) => $"P{month + 1}";

    private static BillingTerms Ahead() => new(
        Expenses: new(PassedThrough: true), Subcontractors: new(true, Markup),
        Retainer: new(RetainerAvailability.Invoiced));

    private Items<ScheduleItem> Advances() => Enumerable.Range(0, months).Select(m => new ScheduleItem(
        Advance(m), first.PlusMonths(m), Fee(m), $"Retainer {m + 1}")).ToItems();

    private void AskAhead(int month, LocalDate starts)
    {
        teller.Says(Firm.Clm, Kind.Contract, contract, starts.At(new(8, 0)),
            new ContractBillingScheduleReleased(Advance(month), starts));
        var at = starts.At(new(9, 0));
        var draft = Draw(
            at.Date, at, new([Line(Advance(month), $"Retainer {month + 1}", Fee(month))], Fee(month))) with
        {
            Type = DocumentType.Prepayment,
        };
        Issue(draft);
        BookInvoice(draft);
        Post(draft);
        Pay(draft);
        lastIssued = at.Date;
        ahead.Add(month, draft);
    }

    /// <summary>The document with what it uses up of the sum asked for at the month's beginning; what is left of that
    /// is given up.</summary>
    private Draft Drawn(int month, Draft draft)
    {
        ahead.Remove(month, out var drawnOn);
        var used = draft.Faults.Contains(Fault.RetainerOverdrawn)
            ? drawnOn!.Gross + Overdrawn
            : Math.Min(draft.Gross, drawnOn!.Gross);
        return draft with
        {
            Prepaid = used, Preceding = [new(drawnOn.Ref, PrecedingRelation.Settles, used)],
        };
    }
}
