using System.Globalization;
using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

internal sealed partial class Engagement
{
    private const decimal TaxOff = 12.34m;

    private int ordinal;
    private int documents;
    private decimal billed;
    private LocalDate? lastIssued;

    /// <summary>What a document asks for.</summary>
    private sealed record Asked(Items<InvoiceLine> Lines, decimal Net);

    /// <summary>A document that is about to be issued.</summary>
    private sealed record Draft(string Id, string Number, LocalDate IssuedOn, LocalDateTime At, Asked Asked)
    {
        public DocumentType Type { get; init; }

        public required int Client { get; init; }

        public required decimal TaxPercent { get; init; }

        public Fault[] Faults { get; init; } = [];

        public Items<Preceding>? Preceding { get; init; }

        /// <summary>What was asked for ahead and is used up by it, with tax.</summary>
        public decimal Prepaid { get; init; }

        /// <summary>Whether the ERP says which document its own record is.</summary>
        public bool IsLinked { get; init; }

        public decimal Net => Asked.Net;

        public decimal Tax => Rounding.Round(Net * TaxPercent / 100m, 2, RoundingMode.HalfAwayFromZero)
            + (Faults.Contains(Fault.TaxOff) ? TaxOff : 0m);

        public decimal Gross => Net + Tax;

        public decimal Payable => Gross - Prepaid;

        public Ref Ref => To(Kind.Invoice, Firm.Billing, Id);

        public string Stream => StreamName.Of(Kind.Invoice.Name, Firm.Billing, Id);
    }

    private string Series => $"{company.Id}-{20_000 + index}";

    /// <summary>A currency that nothing here is in.</summary>
    private Currency Other => Currency.Of(
        currency.Code == "USD" ? company.Currency.Code == "EUR" ? "GBP" : "EUR" : "USD");

    private void Bill(int month, LocalDate next)
    {
        var struck = faults[month].Where(Faults.IsOfDocument).ToArray();
        PostWork(month, next, struck);
        var asked = model switch
        {
            BillingModel.TimeAndMaterials or BillingModel.Retainer => Sheet(month, struck),
            BillingModel.FixedFee => Instalment(month, next),
            BillingModel.Milestone => Milestone(month, struck),
            BillingModel.Subscription => Subscription(month),
            BillingModel.Usage => Usage(),
            _ => throw new System.Diagnostics.UnreachableException($"{model} is not simulated"),
        };
        var extra = !struck.Contains(Fault.Unsourced) ? 0m
            : struck.Contains(Fault.RateOff) ? Lost() : 250m + dice.Below(60) * 10m;
        if (extra > 0m)
            asked = Plus(asked, new("extra", Kind: "fee", Description: "Project office contribution", Net: extra));
        if (struck.Contains(Fault.NumberGap)) ordinal++;
        if (struck.Contains(Fault.NumberTwice)) ordinal--;
        var at = next.PlusDays(2 + index % 3).At(new(10, 0)).PlusMinutes(index % 240);
        var day = struck.Contains(Fault.NumberOrder) && lastIssued is { } before ? before.PlusDays(-1) : at.Date;
        var draft = Draw(day, at, asked) with
        {
            Client = struck.Contains(Fault.OtherClient) ? firm.Neighbour(client) : client, Faults = struck,
            IsLinked = struck.Contains(Fault.NumberTwice) || Struck(month + 1, Fault.NumberTwice),
        };
        if (model is BillingModel.Retainer) draft = Drawn(month, draft);
        if (struck.Contains(Fault.OverCeiling)) Lower(draft.Net, next);
        if (index % 2 == 0 && dice.Chance(700)) Prepare(draft);
        var issued = Issue(draft);
        billed += draft.Net;
        lastIssued = at.Date;
        Own(draft, issued, extra);
        Settle(month, draft);
        Afterwards(month, draft);
        Recognize(month, next, draft);
        if (struck.Length == 0) lastBilled = Remembered() ?? lastBilled;
    }

    /// <summary>What becomes of a document once it is issued: booked and paid, or taken back and billed again.
    /// </summary>
    private void Settle(int month, Draft draft)
    {
        if (draft.Faults.Any(f => Faults.Of(f) is Spoils.Chain))
        {
            Again(draft, draft.Asked);
            return;
        }

        var isQuiet = draft.Faults.Length == 0 && !draft.IsLinked && model is not BillingModel.Retainer;
        if (isQuiet && month == 0 && model is BillingModel.TimeAndMaterials && index % 7 == 5)
        {
            // A price agreed on for days gone by: what was billed of them is billed again.
            Agree(draft.At.PlusDays(4), first);
            Again(draft, Sheet(month, []));
        }
        else if (isQuiet && dice.Chance(50)) Again(draft, draft.Asked);
        else if (isQuiet && dice.Chance(60)) CreditAndRebill(draft);
        else
        {
            if (!draft.Faults.Contains(Fault.InvoiceMissing)) BookInvoice(draft);
            Post(draft);
            if (isQuiet && draft.Asked.Lines.Count > 1 && dice.Chance(50)) CreditPart(draft);
            else Pay(draft);
        }
    }

    private static Asked Plus(Asked asked, InvoiceLine line) =>
        new([.. asked.Lines, line], asked.Net + (line.Net ?? 0m));

    private Draft Draw(LocalDate day, LocalDateTime at, Asked asked)
    {
        ordinal++;
        documents++;
        return new(
            $"{20_000 + index}-{documents}", $"{Series}-{ordinal.ToString("000", CultureInfo.InvariantCulture)}", day,
            at, asked)
        {
            Client = client, TaxPercent = company.TaxPercent,
        };
    }

    /// <summary>What goes before: the draft, its tax, somebody's yes.</summary>
    private void Prepare(Draft draft)
    {
        teller.Says(Firm.Billing, Kind.Invoice, draft.Id, draft.At.PlusHours(-3), new InvoiceDrafted(Series: Series));
        if (draft.Faults.Length == 0 && dice.Chance(100))
        {
            teller.Says(Firm.Billing, Kind.Invoice, draft.Id, draft.At.PlusHours(-2),
                new InvoiceTaxCalculationFailed("tax engine did not answer"));
            teller.Says(Firm.Billing, Kind.Invoice, draft.Id, draft.At.PlusMinutes(-100), new InvoiceTaxCalculated(
                [new(draft.Tax, "S", Rate: draft.TaxPercent, Base: draft.Net)]));
        }

        teller.Says(
            Firm.Billing, Kind.Invoice, draft.Id, draft.At.PlusHours(-1), new InvoiceApproved(Manager), Manager);
    }

    private string Issue(Draft draft)
    {
        var said = teller.Says(Firm.Billing, Kind.Invoice, draft.Id, draft.At, new InvoiceIssued(
            draft.IssuedOn, draft.Asked.Lines, draft.Type, draft.Type switch
            {
                DocumentType.CreditNote => "381",
                DocumentType.Prepayment => "386",
                _ => "380",
            },
            Series, To(Kind.Client, Firm.Crm, Firm.CrmId(draft.Client)), Contracts: [Contract], Projects: [Project],
            TaxPointOn: draft.IssuedOn, DueOn: draft.IssuedOn.PlusDays(30), Terms: new(TermsKind.Net, 30),
            Currency: currency,
            Taxes: [new(draft.Tax, "S", Rate: draft.TaxPercent, Base: draft.Net)],
            Totals: new(
                draft.Net, draft.Tax, draft.Gross, draft.Prepaid == 0m ? null : draft.Prepaid, Payable: draft.Payable),
            Preceding: draft.Preceding)
        {
            Number = draft.Number, Entity = company.Ref,
        });
        if (dice.Chance(400))
            teller.Says(Firm.Billing, Kind.Invoice, draft.Id, draft.At.PlusMinutes(40), new InvoiceDelivered("peppol"));
        return said;
    }

    /// <summary>What the month's work earned, by the ERP's word.</summary>
    private void Recognize(int month, LocalDate next, Draft draft)
    {
        var last = next.PlusDays(-1);
        teller.Says(company.Erp, Kind.Revenue, Id("REV"), next.PlusDays(5).At(new(4, 0)), new RevenueRecognized(
            $"R{month + 1}", last, draft.Net, currency, Erp.PeriodOf(last), Contract: Contract, Project: Project));
    }
}
