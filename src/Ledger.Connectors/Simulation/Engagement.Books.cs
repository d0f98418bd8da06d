using System.Globalization;
using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

internal sealed partial class Engagement
{
    private const decimal AmountOff = 90m;
    private const decimal MirrorOff = 25m;
    private const decimal HoursOff = 1.5m;
    private const int DaysOff = 2;
    private const decimal StrayAmount = 512m;
    private const decimal ConversionOff = 1.02m;

    private (decimal Cost, decimal Worked) inBooks;

    private static string PostingId(Draft draft) => "JE-" + draft.Id;

    private static string MirrorId(Draft draft) => "AR-" + draft.Id;

    private string WorkPostingId(int month) => $"JW-{20_000 + index}-{month + 1}";

    private string MirrorStream(Draft draft) => StreamName.Of(Kind.Invoice.Name, company.Erp, MirrorId(draft));

    /// <summary>The ERP takes the invoice over in the evening.</summary>
    private void BookInvoice(Draft draft)
    {
        var shown = Mirror(draft, draft.At.Date.At(new(20, 0)), InvoiceStatus.Issued, "1");
        if (draft.IsLinked)
            teller.Says(company.Erp, Kind.Identity, "ID-" + draft.Id, draft.At.Date.At(new(20, 5)), new IdentityLinked(
                draft.Ref, To(Kind.Invoice, company.Erp, MirrorId(draft)), "taken over"));
        foreach (var fault in draft.Faults.Where(f => Faults.Of(f) is Spoils.Mirror))
        {
            var (drift, amount) = fault switch
            {
                Fault.InvoiceCurrency => ("currency", 0m),
                Fault.InvoiceAmount => ("amount", MirrorOff),
                Fault.InvoiceTax => ("tax", MirrorOff),
                Fault.InvoiceDate => ("period", 0m),
                Fault.InvoiceClient or Fault.InvoiceContract => ("mapping", 0m),
                Fault.LineHours => ("quantity", 0m),
                Fault.LinePrice => ("rate", 0m),
                Fault.LineAmount => ("amount", MirrorOff),
                Fault.TaxCategory => ("tax", 0m),
                Fault.TaxPoint => ("period", 0m),
                _ => ("", 0m),
            };
            if (drift.Length > 0 && (fault is not Fault.InvoiceClient || firm.Neighbour(client) != client))
                Plant(draft, fault, drift, amount, company.Erp, shown, [MirrorStream(draft)]);
        }
    }

    private string Mirror(Draft draft, LocalDateTime at, InvoiceStatus status, string version)
    {
        var to = draft.Faults.Contains(Fault.InvoiceClient) ? firm.Neighbour(client) : draft.Client;
        var net = draft.Net - (draft.Faults.Contains(Fault.InvoiceAmount) ? MirrorOff : 0m)
            - (draft.Faults.Contains(Fault.LineAmount) ? MirrorOff : 0m);
        // Beside another amount it makes up for that: the sum is the same.
        var taxOff = draft.Faults.Contains(Fault.InvoiceAmount) ? -MirrorOff : MirrorOff;
        var tax = draft.Tax - (draft.Faults.Contains(Fault.InvoiceTax) ? taxOff : 0m);
        var said = new InvoiceStated
        {
            Number = draft.Number, Entity = company.Ref, DocumentType = draft.Type, Status = status,
            Client = To(Kind.Client, company.Erp, Firm.ErpId(to)),
            Currency = draft.Faults.Contains(Fault.InvoiceCurrency) ? Other : currency,
            IssuedOn = draft.IssuedOn.PlusDays(draft.Faults.Contains(Fault.InvoiceDate) ? DaysOff : 0),
            DueOn = draft.IssuedOn.PlusDays(30),
            TaxPointOn = draft.IssuedOn.PlusDays(draft.Faults.Contains(Fault.TaxPoint) ? DaysOff : 0),
            Taxes = Items.Of([new Tax(
                tax, draft.Faults.Contains(Fault.TaxCategory) ? "Z" : "S", Rate: draft.TaxPercent, Base: net)]),
            Totals = new InvoiceTotals(net, tax, net + tax), RecordVersion = version,
            Covers =
            [
                "documentType", "status", "client", "currency", "issuedOn", "dueOn", "taxPointOn", "taxes", "totals",
            ],
        };
        if (IsCopiedWhole(draft))
            said = said with
            {
                Lines = MirrorLines(draft), Contracts = Items.Of([draft.Faults.Contains(Fault.InvoiceContract)
                    ? To(Kind.Contract, Firm.Clm, $"CT-{20_000 + index - 1}")
                    : Contract]),
            };
        return teller.Shows(company.Erp, Kind.Invoice, MirrorId(draft), at, said);
    }

    /// <summary>The ERP takes over the lines of one engagement in five, and of what it has wrong in them.</summary>
    private bool IsCopiedWhole(Draft draft) => draft.Asked.Lines.Count > 0
        && (draft.Faults.Any(f => f is Fault.LineHours or Fault.LinePrice or Fault.LineAmount or Fault.InvoiceContract)
            || (index % 5 == 0 && draft.Faults.Length == 0 && !draft.IsLinked));

    /// <summary>Numbered anew, as systems do.</summary>
    private Items<InvoiceLine> MirrorLines(Draft draft)
    {
        var odd = draft.Asked.Lines.FirstOrDefault(l => l.Bills is not null);
        return draft.Asked.Lines.Select((line, i) => new InvoiceLine(
            (i + 1).ToString(CultureInfo.InvariantCulture), Quantity: line.Quantity, Price: line.Price, Net: line.Net,
            Bills: line.Bills, Credits: line.Credits) switch
        {
            var copy when line != odd => copy,
            var copy => copy with
            {
                Quantity = draft.Faults.Contains(Fault.LineHours)
                    ? copy.Quantity! with { Value = copy.Quantity.Value + HoursOff * (inMinutes ? 60m : 1m) }
                    : copy.Quantity,
                Price = draft.Faults.Contains(Fault.LinePrice)
                    ? copy.Price! with { Amount = copy.Price.Amount - PriceOff }
                    : copy.Price,
                Net = draft.Faults.Contains(Fault.LineAmount) ? copy.Net - MirrorOff : copy.Net,
            },
        }).ToItems();
    }

    /// <summary>The invoice is posted in the night.</summary>
    private void Post(Draft draft)
    {
        var (at, id) = (draft.At.Date.PlusDays(1).At(new(2, 30)), PostingId(draft));
        if (draft.Faults.Contains(Fault.PostingMissing)) return;
        if (draft.Faults.Contains(Fault.PostingFailed))
        {
            Plant(draft, Fault.PostingFailed, "status", draft.Net, company.Erp,
                erp.FailsToPost(id, at, draft.Ref), [erp.Stream(id)]);
            return;
        }

        var late = draft.Faults.Contains(Fault.PostingLate);
        if (late) at = at.PlusDays(20);
        var entry = Booking(draft, late ? at.Date : draft.IssuedOn);
        var posted = erp.Posts(id, at, entry);
        IReadOnlyList<string> related = [erp.Stream(id)];
        foreach (var fault in draft.Faults)
        {
            var (drift, amount, said) = fault switch
            {
                Fault.PostingAmount => ("amount", AmountOff, posted),
                Fault.PostingTax => ("tax", draft.Tax - entry.Totals.Tax!.Value, posted),
                Fault.PostingPeriod => ("period", 0m, posted),
                Fault.PostingCurrency => ("currency", 0m, posted),
                Fault.PostingRate => ("currency", ConvertedOff(entry, draft.IssuedOn), posted),
                Fault.PostingLate => ("late", draft.Net, posted),
                Fault.PostingTwice => ("duplicate", draft.Net, erp.Posts(id + "-B", at.PlusHours(1), entry)),
                Fault.PostingTakenBack => ("status", draft.Net, erp.Reverses(id, at.PlusDays(3))),
                _ => ("", 0m, ""),
            };
            if (drift.Length > 0)
                Plant(
                    draft, fault, drift, amount, company.Erp, said,
                    fault is Fault.PostingTwice ? [.. related, erp.Stream(id + "-B")] : related,
                    closed: fault is Fault.PostingLate, Twice(draft, fault, entry));
        }
    }

    /// <summary>Posted twice, and with a wrong amount: what is too much and what is too little is one sum.</summary>
    private static Masked? Twice(Draft draft, Fault fault, PostingRecorded entry)
    {
        if (fault is not (Fault.PostingTwice or Fault.PostingAmount or Fault.PostingTax)
            || !draft.Faults.Contains(Fault.PostingTwice)) return null;
        return draft.Faults.Contains(Fault.PostingAmount)
            ? new(["amount", "duplicate"], Math.Abs(draft.Gross - 2m * entry.Totals.Gross!.Value))
            : draft.Faults.Contains(Fault.PostingTax) ? new(["duplicate", "tax"], draft.Net) : null;
    }

    private PostingRecorded Booking(Draft draft, LocalDate postedOn)
    {
        var sign = draft.Type is DocumentType.CreditNote ? -1m : 1m;
        var net = sign * (draft.Net - (draft.Faults.Contains(Fault.PostingAmount) ? AmountOff : 0m));
        var tax = sign * (draft.Faults.Contains(Fault.PostingTax)
            ? Rounding.Round(draft.Tax / 2m, 2, RoundingMode.HalfAwayFromZero)
            : draft.Tax);
        // What the invoice is dated counts, however late it is posted.
        var month = draft.Faults.Contains(Fault.PostingPeriod) ? draft.IssuedOn.PlusMonths(1) : draft.IssuedOn;
        var booked = draft.Faults.Contains(Fault.PostingCurrency) ? Other : currency;
        return new(
            postedOn, Erp.PeriodOf(month), booked, new(net, tax, net + tax), draft.Ref,
            Functional(new(net + tax, booked), draft.IssuedOn, draft.Faults.Contains(Fault.PostingRate)),
            sign > 0m
                ?
                [
                    new("1100", Debit: net + tax), new("4000", Firm.ServiceLines[index % 5], Credit: net),
                    new("2200", Credit: tax),
                ]
                : [new("1100", Credit: -net - tax), new("4000", Debit: -net), new("2200", Debit: -tax)]);
    }

    /// <summary>The amount in the company's own currency, where that is another.</summary>
    private ForeignAmount? Functional(Money gross, LocalDate day, bool isOff)
    {
        if (currency == company.Currency) return null;
        var rate = ExchangeRates.Rate(gross.Currency, company.Currency, day);
        if (isOff) rate = Rounding.Round(rate * ConversionOff, 4, RoundingMode.HalfAwayFromZero);
        return new(Converted(gross.Amount, rate), company.Currency, rate);
    }

    /// <summary>By how much an entry is converted to another amount than by the rate of its day.</summary>
    private decimal ConvertedOff(PostingRecorded entry, LocalDate day) => Math.Abs(
        entry.Functional!.Amount
        - Converted(entry.Totals.Gross!.Value, ExchangeRates.Rate(entry.Currency, company.Currency, day)));

    private static decimal Converted(decimal amount, decimal rate) =>
        Rounding.Round(amount * rate, 2, RoundingMode.HalfAwayFromZero);

    /// <summary>A posting whose document nobody has.</summary>
    private void Stray(Draft draft)
    {
        var (id, at) = ("JE-X-" + draft.Id, draft.At.Date.PlusDays(1).At(new(2, 45)));
        var posted = erp.Posts(id, at, new(
            at.Date, Erp.PeriodOf(at.Date), currency, new(StrayAmount, 0m, StrayAmount),
            new(Kind.Invoice.Name, Number: $"{Series}-9{documents:00}"),
            Entries: [new("1100", Debit: StrayAmount), new("4000", Credit: StrayAmount)]));
        plant(new(
            Fault.PostingOrphan, "orphan", erp.Stream(id), StrayAmount, currency.Code, company.Erp, posted)
        {
            Beside = Beside(draft.Faults, Fault.PostingOrphan),
        });
    }

    /// <summary>An invoice that only the ERP has: billing never issued it, and nothing says what it is for.</summary>
    private void StrayInvoice(Draft draft)
    {
        var at = draft.At.Date.PlusDays(2).At(new(16, 0));
        var stray = draft with
        {
            Id = draft.Id + "-M", Number = $"{Series}-8{documents:00}", At = at, IssuedOn = at.Date,
            Asked = new(Items<InvoiceLine>.None, StrayAmount), Faults = [], Preceding = null, Prepaid = 0m,
            IsLinked = false, Client = client,
        };
        var shown = Mirror(stray, at, InvoiceStatus.Issued, "1");
        erp.Posts(PostingId(stray), at.PlusHours(1), Booking(stray, at.Date) with
        {
            Document = To(Kind.Invoice, company.Erp, MirrorId(stray)),
        });
        foreach (var drift in (string[])["missing", "unsourced"])
            plant(new(
                Fault.InvoiceUnknown, drift, MirrorStream(stray), StrayAmount, currency.Code, company.Erp, shown)
            {
                Number = stray.Number, Beside = Beside(draft.Faults, Fault.InvoiceUnknown),
            });
    }

    /// <summary>The month's approved work goes into the books at cost, as one posting.</summary>
    private void PostWork(int month, LocalDate next, Fault[] struck)
    {
        var work = open.Where(w => w.IsApproved).ToArray();
        if (work.Length == 0) return;
        var hours = work.Sum(w => w.Quantity.Value);
        var perUnit = inMinutes ? 60m : 1m;
        var cost = Rounding.Round(
            work.Sum(w => w.Quantity.Value * w.Person.CostPerHour) * company.PriceLevel / perUnit, 2,
            RoundingMode.HalfAwayFromZero);
        var off = struck.Contains(Fault.HoursPosted) ? HoursOff * perUnit : 0m;
        var extra = Rounding.Round(cost * off / hours, 2, RoundingMode.HalfAwayFromZero);
        inBooks = (cost + extra, hours + off);
        var (id, last) = (WorkPostingId(month), next.PlusDays(-1));
        var posted = erp.Posts(id, next.PlusDays(1).At(new(1, 30)), new(
            last, Erp.PeriodOf(last), company.Currency, new(cost + extra, 0m, cost + extra),
            Entries: [new("5000", Debit: cost + extra), new("2500", Credit: cost + extra)],
            Covers: [new(work.Select(w => w.Ref).ToItems(), cost + extra, new(hours + off, work[0].Quantity.Unit))]));
        if (off > 0m)
            plant(new(
                Fault.HoursPosted, "quantity", erp.Stream(id), InBooks(off), company.Currency.Code, company.Erp, posted)
            {
                Beside = Beside(struck, Fault.HoursPosted), Masked = PostedOff(struck),
            });
    }

    /// <summary>What so much of the month's work was posted at.</summary>
    private decimal InBooks(decimal part) =>
        Rounding.Round(inBooks.Cost * part / inBooks.Worked, 2, RoundingMode.HalfAwayFromZero);

    /// <summary>Posted with other hours, of which some were corrected later: one sum.</summary>
    private Masked? PostedOff(Fault[] struck) =>
        struck.Contains(Fault.HoursPosted) && struck.Contains(Fault.HoursCorrected)
            ? new(["quantity"], InBooks(
                HoursOff * (inMinutes ? 60m : 1m) + For(Fault.HoursCorrected).Quantity.Value / 2m))
            : null;
}
