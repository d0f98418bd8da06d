using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

internal sealed partial class Engagement
{
    private const decimal ExpenseOff = 6m;

    private void Plant(
        Draft draft, Fault fault, string drift, decimal amount, string source, string id,
        IReadOnlyList<string>? related = null, bool closed = false, Masked? masked = null) =>
        plant(new(
            fault, drift, draft.Stream, amount,
            (fault is Fault.PostingRate ? company.Currency : currency).Code, source, id)
        {
            Related = related ?? [], Number = draft.Number, Beside = Beside(draft.Faults, fault), Closed = closed,
            Masked = masked,
        });

    /// <summary>A fault that stands before the first invoice: two systems say different things of one record.</summary>
    private void PlantSetup(
        Fault fault, string drift, string record, string copy, string source, string id, decimal amount = 0m) =>
        plant(new(fault, drift, record, amount, currency.Code, source, id) { Related = [copy] });

    private static Fault[] Beside(IEnumerable<Fault> all, Fault fault) => [.. all.Where(f => f != fault)];

    /// <summary>Faults that the invoice itself commits.</summary>
    private void Own(Draft draft, string issued, decimal extra)
    {
        foreach (var fault in draft.Faults)
        {
            if (fault is Fault.InvoiceUnknown) StrayInvoice(draft);
            if (fault is Fault.PostingOrphan) Stray(draft);
            var (drift, amount, related) = fault switch
            {
                Fault.PostingMissing or Fault.InvoiceMissing => ("missing", draft.Net, (string?)null),
                Fault.WorkNotDelivered => ("missing", StrangeAmount, null),
                Fault.Unsourced => ("unsourced", extra, null),
                Fault.OtherClient when draft.Client != client => ("mapping", draft.Net, null),
                Fault.NumberGap or Fault.NumberOrder or Fault.NumberTwice => ("numbering", 0m, null),
                Fault.OverCeiling => ("over_ceiling", CeilingExcess, Contract.Stream(Firm.Clm)),
                Fault.RetainerOverdrawn => (
                    "retainer_overdrawn", Overdrawn, draft.Preceding![0].Ref.Stream(Firm.Billing)),
                Fault.TaxOff => ("tax", TaxOff, null),
                Fault.RateOff or Fault.RoleBefore => ("rate", Lost(fault), For(fault).Stream),
                Fault.RateMissing => ("rate", 0m, sheet.Find(p => p.Entry.Person == Firm.Intern)!.Entry.Stream),
                Fault.RoundingScope => (
                    "rounding", Math.Abs(Sum(sheet, RoundingScope.Line) - Sum(sheet, RoundingScope.Invoice)), null),
                Fault.HourTwice => ("duplicate", lastBilled!.Rounded, lastBilled.Entry.Stream),
                Fault.Unapproved or Fault.ApprovedInPart => OfEntry("unapproved", For(fault)),
                Fault.NotBillable => OfEntry("non_billable", NotBillable().Entry),
                Fault.ExpenseUnapproved => OfCost("unapproved", costs.Find(c => !c.IsApproved)!),
                Fault.ExpenseNotBillable => OfCost("non_billable", costs.Find(c => !c.IsBillable)!),
                Fault.MilestoneUnaccepted => OfMilestone(
                    "unapproved", draft,
                    draft.Net - extra - (draft.Faults.Contains(Fault.MilestoneAmount) ? MilestoneOff : 0m)),
                Fault.MilestoneAmount => OfMilestone("amount", draft, MilestoneOff),
                _ => ("", 0m, null),
            };
            // Two ways of rounding may come to the same.
            if (drift.Length > 0 && (fault is not Fault.RoundingScope || amount != 0m))
                Plant(draft, fault, drift, amount, Firm.Billing, issued, related is null ? [] : [related]);
        }
    }

    private (string, decimal, string?) OfEntry(string drift, Entry entry) =>
        (drift, new Priced(entry, PriceOf(entry)).Rounded, entry.Stream);

    private static (string, decimal, string?) OfCost(string drift, Cost cost) => (drift, cost.Amount, cost.Stream);

    private static (string, decimal, string?) OfMilestone(string drift, Draft draft, decimal amount) =>
        (drift, amount, draft.Asked.Lines[0].Bills![0].Ref.Stream(Firm.Psa));

    /// <summary>What happens to the work once it is billed.</summary>
    private void Afterwards(int month, Draft draft)
    {
        foreach (var fault in draft.Faults) Afterwards(month, draft, fault, draft.At.PlusDays(5));
    }

    private void Afterwards(int month, Draft draft, Fault fault, LocalDateTime at)
    {
        switch (fault)
        {
            case Fault.HoursCorrected:
                Correct(month, draft, at);
                break;
            case Fault.WrittenDownLater:
                var down = new Priced(For(fault), PriceOf(For(fault)));
                var part = down.Entry.Quantity.Value / 5m;
                Later("quantity", down.Rounded - down.Less(down.Entry.Quantity.Value - part), new TimeEntryWrittenDown(
                    Quantity: down.Entry.Quantity with { Value = part }, Reason: "complaint", Approver: Manager),
                    Lessened(draft, down));
                break;
            case Fault.WrittenOffLater:
                Later("non_billable", Billed(fault).Rounded, new TimeEntryWrittenOff("complaint", Manager));
                break;
            case Fault.OtherProject:
                Later("mapping", Billed(fault).Rounded, new TimeEntryReclassified(
                    To(Kind.Project, Firm.Psa, SideProject), Reason: "booked on the wrong one"));
                break;
            case Fault.WorkDeleted:
                Later("missing", Billed(fault).Rounded, new RecordDeleted("entered twice"));
                break;
            case Fault.FlaggedOpen:
                var flags = new TimeStated { Stated = new StatedFlags(Billed: false) };
                Plant(draft, fault, "status", Billed(fault).Rounded, Firm.Psa,
                    teller.Shows(Firm.Psa, Kind.Time, For(fault).Id, at, flags), [For(fault).Stream]);
                break;
            case Fault.FlaggedBilled:
                var unbilled = open.First(w => !w.Billable);
                plant(new(
                    fault, "status", unbilled.Stream, 0m, currency.Code, Firm.Psa,
                    teller.Shows(Firm.Psa, Kind.Time, unbilled.Id, at, new TimeStated
                    {
                        Stated = new StatedFlags(Billed: true),
                    })) { Beside = Beside(draft.Faults, fault) });
                break;
            case Fault.ExpenseDeleted:
            case Fault.ExpenseCorrected:
                Respend(draft, fault, at);
                break;
            default:
                break;
        }

        void Later(string drift, decimal amount, Event said, Masked? masked = null) => Plant(
            draft, fault, drift, amount, Firm.Psa,
            teller.Says(Firm.Psa, Kind.Time, For(fault).Id, at, said, Manager), [For(fault).Stream], masked: masked);
    }

    private Priced Billed(Fault fault) => sheet.Find(p => p.Entry == For(fault))!;

    private void Respend(Draft draft, Fault fault, LocalDateTime at)
    {
        // The first two that are approved and billable; each fault saw to one of its own.
        var plain = costs.Where(c => c.IsApproved && c.IsBillable && c.Category != "subcontractor").ToArray();
        var cost = fault is Fault.ExpenseDeleted ? plain[^1] : plain[0];
        var (drift, amount, said) = fault is Fault.ExpenseDeleted
            ? ("missing", cost.Amount, (Event)new RecordDeleted("entered twice"))
            : ("amount", ExpenseOff, new ExpenseCorrected(Amount: cost.Amount - ExpenseOff, Reason: "tip"));
        Plant(
            draft, fault, drift, amount, Firm.Psa, teller.Says(Firm.Psa, Kind.Expense, cost.Id, at, said),
            [cost.Stream]);
        // The ERP takes it over in the night.
        teller.Says(company.Erp, Kind.Expense, "R" + cost.Id, at.PlusHours(14), said is RecordDeleted
            ? said
            : new ExpenseCorrected(Amount: cost.Amount - ExpenseOff));
    }

    private void Correct(int month, Draft draft, LocalDateTime at)
    {
        // What is too much of it is worth what it should have cost, whatever was asked.
        var work = new Priced(For(Fault.HoursCorrected), PriceOf(For(Fault.HoursCorrected)));
        var half = work.Entry.Quantity.Value / 2m;
        var id = teller.Says(
            Firm.Psa, Kind.Time, work.Entry.Id, at, new TimeEntryCorrected(
                Quantity: work.Entry.Quantity with { Value = half }, Reason: "counted twice"), work.Entry.Person.Id);
        Plant(draft, Fault.HoursCorrected, "quantity", work.Rounded - work.Less(half), Firm.Psa, id,
            [work.Entry.Stream], masked: Lessened(draft, work));
        // The month's cost was posted with the hours as they were.
        plant(new(
            Fault.HoursCorrected, "quantity", erp.Stream(WorkPostingId(month)), InBooks(half), company.Currency.Code,
            Firm.Psa, id)
        {
            Beside = Beside(draft.Faults, Fault.HoursCorrected), Masked = PostedOff(draft.Faults),
        });
    }

    /// <summary>Corrected and written down: what is too much is one sum, of an entry that was billed in full.</summary>
    private static Masked? Lessened(Draft draft, Priced work)
    {
        if (!draft.Faults.Contains(Fault.HoursCorrected) || !draft.Faults.Contains(Fault.WrittenDownLater)) return null;
        var left = work.Entry.Quantity.Value * (1m - 1m / 2m - 1m / 5m);
        return new(["quantity"], work.Rounded - work.Less(left));
    }
}
