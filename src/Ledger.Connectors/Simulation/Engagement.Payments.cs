using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

internal sealed partial class Engagement
{
    private const decimal PaidTooMuch = 50m;
    private const decimal PaidTooLittle = 120m;
    private const decimal Charges = 12.5m;
    private const decimal StrayMoney = 333m;

    private Draft? unpaid;

    /// <summary>The client's money, in the ways it comes.</summary>
    private void Pay(Draft draft)
    {
        var (at, due) = (draft.At.PlusDays(dice.Between(18, 45)), draft.Payable);
        if (due <= 0m) return;
        if (draft.Faults.Contains(Fault.PaymentOrphan)) StrayPayment(draft, at);
        if (draft.Faults.Where(f => Faults.Of(f) is Spoils.Payment).ToArray() is [var fault, ..])
        {
            PayWrongly(draft, at, fault);
            return;
        }

        // What is paid ahead, or drawn on that, is paid as asked.
        var way = draft.Faults.Length > 0 || model is BillingModel.Retainer ? int.MaxValue : dice.Below(1_000);
        if (way < int.MaxValue && unpaid is not null)
        {
            PayTogether(draft, at);
            return;
        }

        PayOneWay(draft, at, way);
    }

    private void PayOneWay(Draft draft, LocalDateTime at, int way)
    {
        var due = draft.Payable;
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
                // Too much; what is over is paid back, or waits.
                erp.Receives(
                    $"PAY-{draft.Id}-1", at, new(due + PaidTooMuch, currency), ErpClient, draft.Number,
                    Applied("1", draft, due, at));
                if (way % 2 == 0)
                    teller.Says(
                        company.Erp, Kind.Payment, $"PAY-{draft.Id}-1", at.PlusDays(11),
                        new PaymentRefunded(PaidTooMuch, currency, at.PlusDays(11).Date));
                break;
            case < 250:
                Pay(draft, at, "1", due);
                teller.Says(Firm.Billing, Kind.Invoice, draft.Id, at.PlusDays(1), new InvoiceSettlementStated(
                    due, currency, at.Date));
                break;
            case < 280:
                Dispute(draft, at);
                Pay(draft, at, "1", due);
                break;
            case < 400 when draft.At.Date < Ends:
                // It waits, and is paid together with the next.
                unpaid = draft;
                break;
            case < 700 when currency != company.Currency:
                PayConverted(draft, at, 1m);
                break;
            default:
                Pay(draft, at, "1", due);
                break;
        }
    }

    /// <summary>The client asks what it is for; until that is answered its payment is held.</summary>
    private void Dispute(Draft draft, LocalDateTime at)
    {
        Says(-9, new InvoiceDisputed("which hours?", 100m, "D1"));
        Says(-8, new BillingHoldPlaced("H1", "disputed"));
        Says(-4, new InvoiceDisputeResolved("explained", "D1"));
        Says(-3, new BillingHoldReleased("H1", "explained"));

        void Says(int days, InvoiceEvent said) =>
            teller.Says(Firm.Billing, Kind.Invoice, draft.Id, at.PlusDays(days), said);
    }

    /// <summary>One payment settles what waited and this.</summary>
    private void PayTogether(Draft draft, LocalDateTime at)
    {
        var before = unpaid!;
        unpaid = null;
        erp.Receives(
            $"PAY-{draft.Id}-1", at, new(before.Payable + draft.Payable, currency), ErpClient,
            $"{before.Number} {draft.Number}", Applied("1", before, before.Payable, at),
            Applied("2", draft, draft.Payable, at));
    }

    /// <summary>What waited for a next one that never came.</summary>
    private void PayLast(LocalDateTime at)
    {
        if (unpaid is not { } draft) return;
        unpaid = null;
        Pay(draft, at, "1", draft.Payable);
    }

    /// <summary>In the company's own currency, by the rate of the day; the client owes nothing more.</summary>
    /// <param name="off">By what the rate is off; 1 = it is as published.</param>
    /// <returns>The id of the event that applies it, and how much less or more the money was worth than it says.
    /// </returns>
    private (string Id, decimal Off) PayConverted(Draft draft, LocalDateTime at, decimal off)
    {
        var due = draft.Payable;
        var paid = ExchangeRates.Convert(new(due, currency), company.Currency, at.Date);
        var published = 1m / ExchangeRates.Rate(currency, company.Currency, at.Date);
        var rate = Rounding.Round(published * off, 6, RoundingMode.HalfAwayFromZero);
        var worth = off == 1m ? due : Converted(paid.Amount, rate);
        var id = erp.Receives(
            $"PAY-{draft.Id}-1", at, paid, ErpClient, draft.Number, Applied("1", draft, paid.Amount, at) with
            {
                TargetAmount = due, Fx = new(worth, currency, rate),
            });
        return (id, Math.Abs(worth - Converted(paid.Amount, published)));
    }

    private void PayWrongly(Draft draft, LocalDateTime at, Fault fault)
    {
        var due = draft.Payable;
        var paid = StreamName.Of(Kind.Payment.Name, company.Erp, $"PAY-{draft.Id}-1");
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
            case Fault.PaymentRate:
                // A month later, so early in it that the rate of its first day stands.
                var (id, off) = PayConverted(draft, draft.At.PlusMonths(1), ConversionOff);
                Plant(draft, fault, "currency", off, company.Erp, id, [paid]);
                break;
            case Fault.PaymentUnbanked:
                Plant(draft, fault, "missing", due, company.Erp, Tells().Received, [paid]);
                break;
            case Fault.PaymentPending:
                Plant(draft, fault, "missing", due, Firm.Bank,
                    erp.Banks($"PAY-{draft.Id}-1", at, new(due, currency), BankEntryStatus.Pending), [paid]);
                Tells();
                break;
            case Fault.PaymentBankedLess:
                Plant(draft, fault, "amount", Charges, Firm.Bank,
                    erp.Banks($"PAY-{draft.Id}-1", at, new(due - Charges, currency)), [paid]);
                Tells();
                break;
            default:
                throw new System.Diagnostics.UnreachableException($"{fault} is about no payment");
        }

        (string Received, string Applied) Tells() => erp.Tells(
            $"PAY-{draft.Id}-1", at, new(due, currency), ErpClient, draft.Number, Applied("1", draft, due, at));

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
