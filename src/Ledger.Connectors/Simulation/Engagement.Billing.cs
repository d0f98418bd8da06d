using System.Globalization;
using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

internal sealed partial class Engagement
{
    private const decimal RateOff = 7.5m;
    private const decimal CeilingExcess = 1_000m;

    private int ordinal;
    private int documents;
    private decimal billed;
    private LocalDate? lastIssued;
    private Priced? lastBilled;

    /// <summary>An entry on a line: what it comes to, before any rounding.</summary>
    private sealed record Priced(Entry Entry, Rate Price)
    {
        public ExactMoney Exact { get; } = ExactMoney.Of(Entry.Quantity, Price)!.Value;

        public decimal Rounded => Exact.Round(RoundingMode.HalfAwayFromZero, 2).Amount;
    }

    /// <summary>A document that is about to be issued.</summary>
    private sealed record Draft(
        string Id, string Number, LocalDate IssuedOn, LocalDateTime At, Items<InvoiceLine> Lines, decimal Net,
        Ref Client, int ClientNo, IReadOnlyList<Fault> Faults, Ref? Replaces = null)
    {
        public decimal Tax(decimal percent) =>
            Rounding.Round(Net * percent / 100m, 2, RoundingMode.HalfAwayFromZero);

        public Ref Ref { get; } = To(Kind.Invoice, Firm.Billing, Id);

        public string Stream => StreamName.Of(Kind.Invoice.Name, Firm.Billing, Id);
    }

    private string Series => $"{company.Id}-{20_000 + index}";

    private void Bill(int month, LocalDate next)
    {
        var struck = faults[month].ToArray();
        PostWork(month, next, struck);
        var work = Worked(struck);
        var net = model == BillingModel.FixedFee ? Fee(month) : 0m;
        var (lines, total) = Lines(work, struck);
        if (model == BillingModel.FixedFee)
        {
            teller.Says(Firm.Clm, Kind.Contract, contract, next.At(new(8, 0)),
                new ContractBillingScheduleReleased(Item(month), next.PlusDays(-1)));
            lines = [FeeLine(month), .. lines];
        }

        var extra = struck.Contains(Fault.Unsourced) ? 250m + dice.Below(60) * 10m : 0m;
        if (extra > 0m)
            lines = [.. lines, new("extra", Kind: "fee", Description: "Project office contribution", Net: extra)];
        if (struck.Contains(Fault.NumberGap)) ordinal++;
        var toNo = struck.Contains(Fault.OtherClient) ? firm.Neighbour(client) : client;
        var to = To(Kind.Client, Firm.Crm, Firm.CrmId(toNo));
        var at = next.PlusDays(2 + index % 3).At(new(10, 0)).PlusMinutes(index % 240);
        var day = struck.Contains(Fault.NumberOrder) && lastIssued is { } before ? before.PlusDays(-1) : at.Date;
        var draft = Draw(day, at, lines, net + total + extra, to, toNo, struck);
        if (struck.Contains(Fault.OverCeiling)) Lower(draft, next);
        var issued = Issue(draft);
        billed += draft.Net;
        lastIssued = at.Date;
        Own(draft, issued, work, extra);
        if (struck.Contains(Fault.PostingStands) || (struck.Length == 0 && dice.Chance(50))) Again(draft, struck);
        else Collect(draft);
        Afterwards(month, draft, work, struck);
        lastBilled = work.FirstOrDefault(p => p.Entry.Billable && p.Entry != unapproved) ?? lastBilled;
        unapproved = null;
    }

    /// <summary>What the invoice bills: the month's billable, approved entries, and what a fault lets in.</summary>
    private List<Priced> Worked(Fault[] struck)
    {
        if (model == BillingModel.FixedFee) return [];
        var work = open.Where(w => w.Billable && (w != unapproved || struck.Contains(Fault.Unapproved))).ToList();
        if (struck.Contains(Fault.NotBillable)) work.Add(open.First(w => !w.Billable));
        return [.. work.Select(w => new Priced(w, PriceOf(w)))];
    }

    private Rate PriceOf(Entry work) =>
        new(Firm.Price(client, work.Person.Role, work.Day.Year), company.Currency, Unit.Hour);

    private (Items<InvoiceLine> Lines, decimal Total) Lines(List<Priced> work, Fault[] struck)
    {
        if (model == BillingModel.FixedFee) return (Items<InvoiceLine>.None, 0m);
        if (struck.Contains(Fault.RateOff))
            work[0] = new(work[0].Entry, work[0].Price with { Amount = work[0].Price.Amount - RateOff });
        var rounds = RoundedBy(struck);
        var all = struck.Contains(Fault.HourTwice) && lastBilled is { } again ? work.Append(again).ToList() : work;
        var lines = all.Select(p => new InvoiceLine(
            "L-" + p.Entry.Id, Kind: "time", Description: p.Entry.Person.Role, Quantity: p.Entry.Quantity,
            Price: p.Price, Net: rounds == RoundingScope.Line ? p.Rounded : null,
            Bills: [new(p.Entry.Ref, p.Entry.Quantity)],
            Work: new(p.Entry.Day, To(Kind.Resource, Firm.Psa, p.Entry.Person.Id), "advice")));
        var spent = costs.Select(c => new InvoiceLine(
            "X-" + c.Id, Kind: "expense", Description: c.Category, Net: c.Amount,
            Bills: [new(To(Kind.Expense, Firm.Psa, c.Id), Amount: c.Amount)]));
        return (lines.Concat(spent).ToItems(), Sum(all, rounds) + costs.Sum(c => c.Amount));
    }

    private RoundingScope RoundedBy(Fault[] struck) => struck.Contains(Fault.RoundingScope)
        ? scope == RoundingScope.Line ? RoundingScope.Invoice : RoundingScope.Line
        : scope;

    private decimal Sum(IReadOnlyList<Priced> work, RoundingScope rounds) => rounds == RoundingScope.Line
        ? work.Sum(p => p.Rounded)
        : work.Aggregate(ExactMoney.Zero(company.Currency), (sum, p) => sum + p.Exact)
            .Round(RoundingMode.HalfAwayFromZero, 2).Amount;

    private InvoiceLine FeeLine(int month) => new(
        "F-" + Item(month), Kind: "fee", Description: $"Instalment {month + 1}", Net: Fee(month),
        Bills: [new(To(Kind.Contract, Firm.Clm, contract, Item(month)), Amount: Fee(month))]);

    private Draft Draw(
        LocalDate day, LocalDateTime at, Items<InvoiceLine> lines, decimal net, Ref to, int toNo, Fault[] struck,
        Ref? replaces = null)
    {
        ordinal++;
        documents++;
        return new(
            $"{20_000 + index}-{documents}", $"{Series}-{ordinal.ToString("000", CultureInfo.InvariantCulture)}", day,
            at, lines, net, to, toNo, struck, replaces);
    }

    private string Issue(Draft draft)
    {
        var tax = draft.Tax(company.TaxPercent);
        return teller.Says(Firm.Billing, Kind.Invoice, draft.Id, draft.At, new InvoiceIssued(
            draft.IssuedOn, draft.Lines, DocumentType.Invoice, "380", Series, draft.Client,
            Contracts: [To(Kind.Contract, Firm.Clm, contract)], Projects: [To(Kind.Project, Firm.Psa, project)],
            DueOn: draft.IssuedOn.PlusDays(30), Terms: new(TermsKind.Net, 30), Currency: company.Currency,
            Taxes: [new(tax, "S", Rate: company.TaxPercent, Base: draft.Net)],
            Totals: new(draft.Net, tax, draft.Net + tax, Payable: draft.Net + tax),
            Preceding: draft.Replaces is { } old ? [new(old, PrecedingRelation.Replaces)] : null)
        {
            Number = draft.Number, Entity = company.Ref,
        });
    }

    /// <summary>The client lowers its budget, and the invoice already asks for more than is left.</summary>
    private void Lower(Draft draft, LocalDate next)
    {
        var left = billed + draft.Net - CeilingExcess;
        var at = next.PlusDays(1).At(new(8, 30));
        teller.Says(Firm.Clm, Kind.Contract, contract, at, new ContractAmended(
            "A2", at.Date, at.Date, [new TermChange("ceilings/total/amount", DecimalText.Write(left))],
            Reason: "lower budget"));
        teller.Says(Firm.Clm, Kind.Contract, contract, at.PlusMinutes(5), new ContractCeilingChanged(
            Ceiling(left), at.Date, "A2"));
        if (!Struck(0, Fault.AmendmentNotCopied)) Copy(at.PlusDays(1), left, "3");
    }

    /// <summary>Cancelled, and billed again with another order number.</summary>
    private void Again(Draft draft, Fault[] struck)
    {
        var at = draft.At.PlusDays(6);
        var cancelled = teller.Says(Firm.Billing, Kind.Invoice, draft.Id, at, new InvoiceCancelled(
            "order number missing", at.Date));
        Mirror(draft, at.PlusHours(9), InvoiceStatus.Cancelled, "2");
        var again = Draw(at.Date, at.PlusHours(1), draft.Lines, draft.Net, draft.Client, draft.ClientNo, [], draft.Ref);
        Issue(again);
        Book(draft, posts: true);
        if (struck.Contains(Fault.PostingStands))
            Plant(draft, Fault.PostingStands, "status", draft.Net, Firm.Billing, cancelled,
                [PostingStream(draft), again.Stream]);
        else
            teller.Says(company.Erp, Kind.Posting, PostingId(draft), at.PlusDays(1).PlusHours(4), new PostingReversed(
                at.Date.PlusDays(1), Reason: "cancelled"));
        Book(again, posts: true);
        Collect(again, booked: true);
    }
}
