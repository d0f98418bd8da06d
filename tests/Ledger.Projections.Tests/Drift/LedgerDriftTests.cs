using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Tests.Lineage;
using static Ledger.Projections.Tests.Drift.Told;

namespace Ledger.Projections.Tests.Drift;

/// <summary>Documents against what was paid and what was booked.</summary>
public sealed class LedgerDriftTests
{
    [Fact]
    public void Paid_without_a_payment_is_a_status()
    {
        var story = Agreeing()
            .Says("billing", "invoice/7", new InvoiceSettlementStated(960m, Story.Dollar, new(2026, 3, 1)));
        var finding = story.Finding(DriftClass.Status);
        finding.Money().ShouldBe(960m);
        finding.Events.ShouldBe([story.Position]);
        finding.Sentence.ShouldBe(
            "billing says that invoice INV-7 is paid on 2026-03-01, 960.00 USD, but the ledger has no payment for it.");
        story.Paid("R1", "7", 960m).ShouldNotFind(DriftClass.Status);
    }

    [Fact]
    public void A_balance_still_open_beside_the_word_paid_is_told()
    {
        var finding = Agreeing().Says("billing", "invoice/7", new InvoiceStated(
                Totals: new InvoiceTotals(Net: 960m, Open: 960m), Settlement: new Settlement()))
            .Finding(DriftClass.Status);
        finding.Sentence.ShouldEndWith("its own balance still shows 960.00 USD open.");
    }

    [Fact]
    public void Payments_that_do_not_come_to_what_is_said_to_be_settled_are_a_status() =>
        Agreeing().Says("billing", "invoice/7", new InvoiceSettlementStated(960m)).Paid("R1", "7", 900m)
            .Finding(DriftClass.Status).Money().ShouldBe(60m);

    [Fact]
    public void A_reversed_payment_is_none()
    {
        var story = Agreeing().Says("billing", "invoice/7", new InvoiceSettlementStated(960m)).Paid("R1", "7", 960m);
        story.ShouldNotFind(DriftClass.Status);
        story.Says("erp", "payment/R1", new PaymentReversed()).Finding(DriftClass.Status).Money().ShouldBe(960m);
    }

    [Fact]
    public void More_paid_than_asked_is_an_amount_and_money_on_a_cancelled_invoice_a_status()
    {
        Agreeing().Paid("R1", "7", 1_000m).Finding(DriftClass.Amount).Money().ShouldBe(-40m);
        Agreeing().Paid("R1", "7", 960m).Cancelled("7").Finding(DriftClass.Status).Sentence
            .ShouldBe("Invoice INV-7 is cancelled, yet 960.00 USD of payments R1 is applied to it.");
    }

    [Fact]
    public void An_amount_posted_otherwise_is_named_on_both_sides()
    {
        var story = Agreeing().Posted("J1", "7", 906m);
        var finding = story.Finding(DriftClass.Amount);
        finding.Money().ShouldBe(54m);
        finding.Streams.ShouldBe(["invoice/billing:7", "posting/erp:J1"]);
        finding.Sentence.ShouldBe(
            "Invoice INV-7 says 960.00 USD before tax; erp posted 906.00 USD (J1): 54.00 USD too little posted.");
        Agreeing().Posted("J1", "7", 960m).Findings().ShouldBeEmpty();
    }

    [Fact]
    public void Posted_twice_is_a_duplicate_and_reversed_is_once()
    {
        var story = Agreeing().Posted("J1", "7", 960m).Posted("J2", "7", 960m);
        story.Finding(DriftClass.Duplicate).Money().ShouldBe(-960m);
        story.Posted("J3", "7", -960m, reverses: new("posting", Id: "J2")).Findings().ShouldBeEmpty();
    }

    [Fact]
    public void A_posting_in_another_month_or_currency_is_named()
    {
        Agreeing().Posted("J1", "7", 960m, "2026-03").Finding(DriftClass.Period).Sentence
            .ShouldBe("Invoice INV-7 is dated 2026-02-01; erp posted it in period 2026-03 (J1).");
        Agreeing().Says("erp", "posting/J1", new PostingRecorded(
                February, "2026-02", Currency.Of("CAD"), new(Net: 960m), new("invoice", "billing", "7")))
            .Finding(DriftClass.Currency).Sentence.ShouldBe("Invoice INV-7 is in USD; erp posted it in CAD (J1).");
    }

    [Fact]
    public void A_posting_that_failed_or_was_reversed_leaves_the_invoice_unbooked()
    {
        Agreeing().Says("erp", "posting/J1", new PostingFailed("period closed", new("invoice", "billing", "7")))
            .Finding(DriftClass.Status).Sentence.ShouldBe(
                "Invoice INV-7 is issued, 960.00 USD, but its posting J1 in erp failed (period closed) and no other "
                + "took its place.");
        Agreeing().Posted("J1", "7", 960m).Says("erp", "posting/J1", new PostingReversed())
            .Finding(DriftClass.Status).Money().ShouldBe(960m);
    }

    [Fact]
    public void What_follows_within_its_lag_is_no_difference_yet()
    {
        static DriftClass[] On(int day, Story story) => [.. DriftRun.Compute(
            story.World(day: new(2026, 2, day))).Findings.Select(f => f.Class).Where(c => c is DriftClass.Status)];
        var carrying = Agreeing().Registered("erp", Role.Erp, "posting", "payment");
        foreach (var story in new[]
        {
            carrying.Says("billing", "invoice/7", new InvoiceSettlementStated(960m, Story.Dollar, February)),
            Agreeing().Registered("erp", Role.Erp, "posting").Posted("J1", "7", 960m)
                .Says("erp", "posting/J1", new PostingReversed(February)),
            Agreeing().Registered("erp", Role.Erp, "posting").Posted("J1", "7", 960m)
                .Says("billing", "invoice/7", new InvoiceCancelled(On: February)),
        })
        {
            On(5, story).ShouldBeEmpty();
            On(6, story).ShouldBe([DriftClass.Status]);
        }
    }

    [Fact]
    public void A_cancelled_invoice_that_stays_posted_names_its_rebill()
    {
        var finding = Agreeing().Posted("J1", "7", 960m).Cancelled("7").Issued("8", 960m, Billing("1", 8m, 120m, 960m))
            .Posted("J2", "8", 960m).Finding(DriftClass.Status);
        (finding.Invoice, finding.Money(), finding.Related.Single()).ShouldBe(("INV-7", 960m, "INV-8"));
        finding.Sentence.ShouldBe(
            "Invoice INV-7 is cancelled and billed again on INV-8, but posting J1 was never reversed: 960.00 USD still "
            + "stand in erp.");
    }

    [Fact]
    public void Hours_posted_before_a_correction_are_a_quantity()
    {
        var finding = new Story().Engagement().Worked("1", 7.5m).Worked("2", 1m)
            .Says("erp", "posting/J1", new PostingRecorded(
                February, "2026-02", Story.Dollar, new(Net: 1_020m),
                Covers: [new([Story.Psa("time", "1"), Story.Psa("time", "2")], 1_020m, Hours(8.5m))]))
            .Says("psa", "time/1", new TimeEntryCorrected(Quantity: Hours(8m))).Finding(DriftClass.Quantity);
        finding.Money().ShouldBe(-60m);
        finding.Sentence.ShouldBe("erp posted 8.5 h (J1) for time entry 1 and time entry 2, recorded as 9 h.");
    }
}
