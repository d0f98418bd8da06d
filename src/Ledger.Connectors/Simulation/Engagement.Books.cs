using System.Globalization;
using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

internal sealed partial class Engagement
{
    private const decimal AmountOff = 90m;
    private const decimal HoursOff = 1.5m;

    private (decimal Cost, decimal Worked) inBooks;

    private static string PostingId(Draft draft) => "JE-" + draft.Id;

    private string WorkPostingId(int month) => $"JW-{20_000 + index}-{month + 1}";

    private string PostingStream(Draft draft) => StreamName.Of(Kind.Posting.Name, company.Erp, PostingId(draft));

    /// <summary>The ERP's invoice and posting, and the client's money.</summary>
    private void Collect(Draft draft, bool booked = false)
    {
        if (!booked) Book(draft, posts: !draft.Faults.Contains(Fault.PostingMissing));
        var paid = draft.At.PlusDays(dice.Between(18, 45));
        if (draft.Faults.Contains(Fault.PaidUnpaid))
        {
            var gross = draft.Net + draft.Tax(company.TaxPercent);
            var said = teller.Says(Firm.Billing, Kind.Invoice, draft.Id, paid, new InvoiceSettlementStated(
                gross, company.Currency, paid.Date));
            Plant(draft, Fault.PaidUnpaid, "status", gross, Firm.Billing, said);
            return;
        }

        Pay(draft, paid);
    }

    private void Pay(Draft draft, LocalDateTime at)
    {
        var gross = draft.Net + draft.Tax(company.TaxPercent);
        var parts = dice.Chance(60) ? new[] { Math.Floor(gross / 2m), gross - Math.Floor(gross / 2m) } : [gross];
        for (var i = 0; i < parts.Length; i++)
        {
            var (id, when) = ($"PAY-{draft.Id}-{i + 1}", at.PlusDays(i * 9));
            teller.Says(company.Erp, Kind.Payment, id, when, new PaymentReceived(
                when.Date, parts[i], company.Currency, ErpClient, "transfer", draft.Number)
            {
                Entity = company.Ref,
            });
            teller.Says(company.Erp, Kind.Payment, id, when.PlusMinutes(2), new PaymentApplied(
                "1", draft.Ref, ApplicationKind.Cash, parts[i], when.Date, Currency: company.Currency));
        }
    }

    /// <summary>The ERP takes the invoice over in the evening and posts it in the night.</summary>
    private void Book(Draft draft, bool posts)
    {
        if (!draft.Faults.Contains(Fault.InvoiceMissing))
        {
            var shown = Mirror(draft, draft.At.Date.At(new(20, 0)), InvoiceStatus.Issued, "1");
            if (draft.Faults.Contains(Fault.InvoiceCurrency))
                Plant(draft, Fault.InvoiceCurrency, "currency", 0m, company.Erp, shown,
                    [StreamName.Of(Kind.Invoice.Name, company.Erp, "AR-" + draft.Id)]);
        }

        if (posts) Post(draft);
    }

    private string Mirror(Draft draft, LocalDateTime at, InvoiceStatus status, string version)
    {
        var tax = draft.Tax(company.TaxPercent);
        var wrong = Currency.Of(company.Currency.Code == "USD" ? "EUR" : "USD");
        return teller.Shows(company.Erp, Kind.Invoice, "AR-" + draft.Id, at, new InvoiceStated
        {
            Number = draft.Number, Entity = company.Ref, DocumentType = DocumentType.Invoice, Status = status,
            Client = To(Kind.Client, company.Erp, Firm.ErpId(draft.ClientNo)),
            Currency = draft.Faults.Contains(Fault.InvoiceCurrency) ? wrong : company.Currency,
            IssuedOn = draft.IssuedOn, DueOn = draft.IssuedOn.PlusDays(30),
            Totals = new InvoiceTotals(draft.Net, tax, draft.Net + tax), RecordVersion = version,
            Covers = ["documentType", "status", "client", "currency", "issuedOn", "dueOn", "totals"],
        });
    }

    private void Post(Draft draft)
    {
        var tax = draft.Tax(company.TaxPercent);
        var net = draft.Faults.Contains(Fault.PostingAmount) ? draft.Net - AmountOff : draft.Net;
        var booked = draft.Faults.Contains(Fault.PostingTax)
            ? Rounding.Round(tax / 2m, 2, RoundingMode.HalfAwayFromZero)
            : tax;
        var late = draft.Faults.Contains(Fault.PostingLate);
        var at = draft.At.Date.PlusDays(late ? 21 : 1).At(new(2, 30));
        // What the invoice is dated counts, however late it is posted.
        var period = (draft.Faults.Contains(Fault.PostingPeriod) ? draft.IssuedOn.PlusMonths(1) : draft.IssuedOn)
            .ToString("yyyy-MM", CultureInfo.InvariantCulture);
        var posted = teller.Says(company.Erp, Kind.Posting, PostingId(draft), at, new PostingRecorded(
            late ? at.Date : draft.IssuedOn, period, company.Currency, new(net, booked, net + booked), draft.Ref,
            Entries:
            [
                new("1100", Debit: net + booked), new("4000", Firm.ServiceLines[index % 5], Credit: net),
                new("2200", Credit: booked),
            ])
        {
            Number = PostingId(draft), Entity = company.Ref,
        });
        IReadOnlyList<string> related = [PostingStream(draft)];
        if (draft.Faults.Contains(Fault.PostingAmount))
            Plant(draft, Fault.PostingAmount, "amount", AmountOff, company.Erp, posted, related);
        if (draft.Faults.Contains(Fault.PostingTax))
            Plant(draft, Fault.PostingTax, "tax", tax - booked, company.Erp, posted, related);
        if (draft.Faults.Contains(Fault.PostingPeriod))
            Plant(draft, Fault.PostingPeriod, "period", 0m, company.Erp, posted, related);
        if (late) Plant(draft, Fault.PostingLate, "late", draft.Net, company.Erp, posted, related, closed: true);
        if (draft.Faults.Contains(Fault.PostingOrphan)) Stray(draft);
    }

    /// <summary>A posting whose document nobody has.</summary>
    private void Stray(Draft draft)
    {
        var (id, at, net) = ("JE-X-" + draft.Id, draft.At.Date.PlusDays(1).At(new(2, 45)), 512m);
        var posted = teller.Says(company.Erp, Kind.Posting, id, at, new PostingRecorded(
            at.Date, at.Date.ToString("yyyy-MM", CultureInfo.InvariantCulture), company.Currency,
            new(net, 0m, net), new(Kind.Invoice.Name, Number: $"{Series}-9{documents:00}"),
            Entries: [new("1100", Debit: net), new("4000", Credit: net)])
        {
            Number = id, Entity = company.Ref,
        });
        plant(new(
            Fault.PostingOrphan, "orphan", StreamName.Of(Kind.Posting.Name, company.Erp, id), net,
            company.Currency.Code, company.Erp, posted));
    }

    /// <summary>The month's approved work goes into the books at cost, as one posting.</summary>
    private void PostWork(int month, LocalDate next, Fault[] struck)
    {
        var work = open.Where(w => w != unapproved).ToArray();
        if (work.Length == 0) return;
        var worked = work.Sum(w => w.Quantity.Value);
        var perUnit = inMinutes ? 60m : 1m;
        var cost = Rounding.Round(
            work.Sum(w => w.Quantity.Value * w.Person.CostPerHour) * company.PriceLevel / perUnit, 2,
            RoundingMode.HalfAwayFromZero);
        var off = struck.Contains(Fault.HoursPosted) ? HoursOff * perUnit : 0m;
        var extra = Rounding.Round(cost * off / worked, 2, RoundingMode.HalfAwayFromZero);
        inBooks = (cost + extra, worked + off);
        var (id, last) = (WorkPostingId(month), next.PlusDays(-1));
        var posted = teller.Says(company.Erp, Kind.Posting, id, next.PlusDays(1).At(new(1, 30)), new PostingRecorded(
            last, last.ToString("yyyy-MM", CultureInfo.InvariantCulture), company.Currency,
            new(cost + extra, 0m, cost + extra),
            Entries: [new("5000", Debit: cost + extra), new("2500", Credit: cost + extra)],
            Covers: [new(work.Select(w => w.Ref).ToItems(), cost + extra, new(worked + off, work[0].Quantity.Unit))])
        {
            Number = id, Entity = company.Ref,
        });
        if (off > 0m)
            plant(new(
                Fault.HoursPosted, "quantity", StreamName.Of(Kind.Posting.Name, company.Erp, id), extra,
                company.Currency.Code, company.Erp, posted) { Beside = Beside(struck, Fault.HoursPosted) });
    }
}
