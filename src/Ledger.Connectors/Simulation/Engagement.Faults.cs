using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

internal sealed partial class Engagement
{
    private void Plant(
        Draft draft, Fault fault, string drift, decimal amount, string source, string id,
        IReadOnlyList<string>? related = null, bool closed = false) =>
        plant(new(fault, drift, draft.Stream, amount, company.Currency.Code, source, id)
        {
            Related = related ?? [], Number = draft.Number, Beside = Beside(draft.Faults, fault), Closed = closed,
        });

    private static Fault[] Beside(IEnumerable<Fault> all, Fault fault) => [.. all.Where(f => f != fault)];

    /// <summary>Faults that the invoice itself commits.</summary>
    private void Own(Draft draft, string issued, List<Priced> work, decimal extra)
    {
        foreach (var fault in draft.Faults)
            switch (fault)
            {
                case Fault.PostingMissing:
                    Plant(draft, fault, "missing", draft.Net, Firm.Billing, issued);
                    break;
                case Fault.InvoiceMissing:
                    Plant(draft, fault, "missing", draft.Net, Firm.Billing, issued);
                    break;
                case Fault.Unsourced:
                    Plant(draft, fault, "unsourced", extra, Firm.Billing, issued);
                    break;
                case Fault.OtherClient when draft.ClientNo != client:
                    Plant(draft, fault, "mapping", draft.Net, Firm.Billing, issued);
                    break;
                case Fault.NumberGap or Fault.NumberOrder:
                    Plant(draft, fault, "numbering", 0m, Firm.Billing, issued);
                    break;
                case Fault.OverCeiling:
                    Plant(draft, fault, "over_ceiling", CeilingExcess, Firm.Billing, issued,
                        [StreamName.Of(Kind.Contract.Name, Firm.Clm, contract)]);
                    break;
                case Fault.RateOff when work.Count > 0:
                    var due = new Priced(work[0].Entry, PriceOf(work[0].Entry));
                    Plant(draft, fault, "rate", due.Rounded - work[0].Rounded, Firm.Billing, issued,
                        [work[0].Entry.Stream]);
                    break;
                case Fault.RoundingScope when Sum(work, RoundingScope.Line) - Sum(work, RoundingScope.Invoice)
                    is var off and not 0m:
                    Plant(draft, fault, "rounding", Math.Abs(off), Firm.Billing, issued);
                    break;
                case Fault.HourTwice when lastBilled is { } again:
                    Plant(draft, fault, "duplicate", again.Rounded, Firm.Billing, issued, [again.Entry.Stream]);
                    break;
                case Fault.Unapproved when unapproved is { } open:
                    Plant(draft, fault, "unapproved", new Priced(open, PriceOf(open)).Rounded, Firm.Billing, issued,
                        [open.Stream]);
                    break;
                case Fault.NotBillable when work.Count > 0:
                    Plant(draft, fault, "non_billable", work[^1].Rounded, Firm.Billing, issued,
                        [work[^1].Entry.Stream]);
                    break;
                default:
                    break;
            }
    }

    /// <summary>What happens to the work once it is billed.</summary>
    private void Afterwards(int month, Draft draft, List<Priced> work, Fault[] struck)
    {
        if (!struck.Contains(Fault.HoursCorrected) || work.Count < 2) return;
        // Not the first, whose rate may be off.
        var billedWork = work[1];
        var less = billedWork.Entry.Quantity with { Value = billedWork.Entry.Quantity.Value / 2m };
        var id = teller.Says(
            Firm.Psa, Kind.Time, billedWork.Entry.Id, draft.At.PlusDays(5), new TimeEntryCorrected(
                Quantity: less, Reason: "counted twice"), billedWork.Entry.Person.Id);
        var now = ExactMoney.Of(less, billedWork.Price)!.Value.Round(RoundingMode.HalfAwayFromZero, 2).Amount;
        Plant(draft, Fault.HoursCorrected, "quantity", billedWork.Rounded - now, Firm.Psa, id,
            [billedWork.Entry.Stream]);
        // The month's cost was posted with the hours as they were.
        var share = Rounding.Round(
            inBooks.Cost * (billedWork.Entry.Quantity.Value - less.Value) / inBooks.Worked, 2,
            RoundingMode.HalfAwayFromZero);
        plant(new(
            Fault.HoursCorrected, "quantity",
            StreamName.Of(Kind.Posting.Name, company.Erp, WorkPostingId(month)), share, company.Currency.Code, Firm.Psa,
            id) { Beside = Beside(struck, Fault.HoursCorrected) });
    }
}
