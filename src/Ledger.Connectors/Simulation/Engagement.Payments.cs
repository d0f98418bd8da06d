using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

internal sealed partial class Engagement
{
    private const decimal PaidTooMuch = 50m;
    private const decimal PaidTooLittle = 120m;
    private const decimal Charges = 12.5m;
    private const decimal StrayMoney = 333m;

    /// <summary>The client's money, in the ways it comes.</summary>
    private void Pay(Draft draft)
    {
        var (at, due) = (draft.At.PlusDays(dice.Between(18, 45)), draft.Payable);
        if (due == 0m) return;
        if (draft.Faults.Contains(Fault.PaymentOrphan)) StrayPayment(draft, at);
        if (draft.Faults.Where(f => FaultPlan.Of(f) is Spoils.Payment).ToArray() is [var fault, ..])
        {
            PayWrongly(draft, at, fault);
            return;
        }

        // What is paid ahead, or drawn on that, is paid as asked.
        var way = draft.Faults.Length > 0 || model is BillingModel.Retainer ? int.MaxValue : dice.Below(1_000);
        switch (way)
        {
            case < 60:
                Pay(draft, at, "1", Math.Floor(due / 2m));
                Pay(draft, at.PlusDays(9), "2", due - Math.Floor(due / 2m));
                break;
            case < 100:
                var discount = Rounding.Round(due * 0.02m, 2, RoundingMode.HalfAwayFromZero);
                Pay(draft, at.PlusDays(-10), "1", due - discount, discount);
                break;
            case < 140:
                // Short of the bank's charges, which nobody asks for again.
                Pay(draft, at, "1", due - Charges);
                teller.Says(Firm.Billing, Kind.Invoice, draft.Id, at.PlusDays(20), new InvoiceWrittenOff(
                    Charges, "bank charges", Manager));
                break;
            case < 170:
                Pay(draft, at, "1", due);
                erp.Bounces($"PAY-{draft.Id}-1", at.PlusDays(3));
                Pay(draft, at.PlusDays(12), "2", due);
                break;
            case < 200:
                // Too much; what is over waits for the next one.
                erp.Receives(
                    $"PAY-{draft.Id}-1", at, new(due + PaidTooMuch, currency), ErpClient, draft.Number,
                    Applied("1", draft, due, at));
                break;
            case < 250:
                Pay(draft, at, "1", due);
                teller.Says(Firm.Billing, Kind.Invoice, draft.Id, at.PlusDays(1), new InvoiceSettlementStated(
                    due, currency, at.Date));
                break;
            case < 280:
                teller.Says(Firm.Billing, Kind.Invoice, draft.Id, at.PlusDays(-9), new InvoiceDisputed(
                    "which hours?", 100m, "D1"));
                teller.Says(Firm.Billing, Kind.Invoice, draft.Id, at.PlusDays(-4), new InvoiceDisputeResolved(
                    "explained", "D1"));
                Pay(draft, at, "1", due);
                break;
            case < 600 when currency != company.Currency:
                // In the company's own currency, by the rate of the day.
                var paid = ExchangeRates.Convert(new(due, currency), company.Currency, at.Date);
                erp.Receives(
                    $"PAY-{draft.Id}-1", at, paid, ErpClient, draft.Number,
                    Applied("1", draft, paid.Amount, at) with { TargetAmount = due });
                break;
            default:
                Pay(draft, at, "1", due);
                break;
        }
    }

    private void PayWrongly(Draft draft, LocalDateTime at, Fault fault)
    {
        var due = draft.Payable;
        switch (fault)
        {
            case Fault.Overpaid:
                Plant(draft, fault, "amount", PaidTooMuch, company.Erp, Pay(draft, at, "1", due + PaidTooMuch));
                break;
            case Fault.PaidUnpaid:
                Plant(draft, fault, "status", due, Firm.Billing, SaysPaid());
                break;
            case Fault.PaidLess:
                Pay(draft, at, "1", due - PaidTooLittle);
                Plant(draft, fault, "status", PaidTooLittle, Firm.Billing, SaysPaid());
                break;
            default:
                throw new System.Diagnostics.UnreachableException($"{fault} is about no payment");
        }

        string SaysPaid() => teller.Says(Firm.Billing, Kind.Invoice, draft.Id, at.PlusHours(1),
            new InvoiceSettlementStated(due, currency, at.Date));
    }

    /// <returns>The id of the event that applies it.</returns>
    private string Pay(Draft draft, LocalDateTime at, string part, decimal amount, decimal? discount = null) =>
        erp.Receives(
            $"PAY-{draft.Id}-{part}", at, new(amount, currency), ErpClient, draft.Number,
            Applied("1", draft, amount, at) with { Discount = discount });

    private static Application Applied(string id, Draft draft, decimal amount, LocalDateTime at) =>
        new(id, draft.Ref, ApplicationKind.Cash, amount, at.Date);

    /// <summary>Money for a document that nobody has.</summary>
    private void StrayPayment(Draft draft, LocalDateTime at)
    {
        var (id, number) = ("PAY-X-" + draft.Id, $"{Series}-7{documents:00}");
        var said = erp.Receives(
            id, at, new(StrayMoney, currency), ErpClient, number,
            new Application("1", new(Kind.Invoice.Name, Number: number), ApplicationKind.Cash, StrayMoney, at.Date));
        plant(new(
            Fault.PaymentOrphan, "orphan", StreamName.Of(Kind.Payment.Name, company.Erp, id), StrayMoney, currency.Code,
            company.Erp, said)
        {
            Beside = Beside(draft.Faults, Fault.PaymentOrphan),
        });
    }
}
