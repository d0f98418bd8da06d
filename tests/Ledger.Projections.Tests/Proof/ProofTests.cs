using Ledger.Domain;
using Ledger.Projections.Proof;
using Ledger.Projections.Tests.Drift;
using Ledger.Projections.Tests.Lineage;
using NodaTime;
using static Ledger.Projections.Tests.Drift.Told;

namespace Ledger.Projections.Tests.Proof;

public sealed class ProofTests
{
    private static readonly LocalDate January = new(2026, 1, 31);

    private static readonly SourceRegistered Approving = new([Role.Psa], ["time"], Approval: new(Time: true));

    /// <summary>8 h at 120.00, invoiced over 960.00 and paid.</summary>
    private static Story Paid() => Agreeing().Paid("1", "7", 960m);

    [Fact]
    public void What_is_worked_billed_and_paid_leaves_nothing_open()
    {
        var proof = Of(Paid());
        Moves(proof.Work).ShouldBe(["Accrued 480 960", "Billed -480 -960"]);
        Moves(proof.Receivables).ShouldBe(["Invoiced 0 960", "Paid 0 -960"]);
        (proof.Work.Closing, proof.Receivables.Closing).ShouldBe((default, default));
        (proof.Hours.Approved, proof.Hours.Billed).ShouldBe((480m, 480m));
        proof.Billed.ShouldBe(new(1, 960m, 960m, 0m, 0m, 0m, 0m, Items<ProofBreak>.None));
        proof.Foots.ShouldBeTrue();
    }

    [Fact]
    public void Work_waits_from_the_day_it_is_worked_and_approved_until_it_is_billed()
    {
        var proof = Of(Agreeing(), new(To: January));
        Moves(proof.Work).ShouldBe(["Accrued 480 960"]);
        (proof.Work.Closing, proof.Hours.Waiting).ShouldBe((new(480m, 960m), 480m));
        var next = Of(Agreeing(), new(From: January.PlusDays(1)));
        (next.Work.Opening, next.Work.Closing).ShouldBe((new(480m, 960m), default));
        Moves(next.Work).ShouldBe(["Billed -480 -960"]);
        (proof.Foots, next.Foots).ShouldBe((true, true));
    }

    [Fact]
    public void Every_approved_hour_is_in_one_place()
    {
        var story = new Story().Engagement().Worked("1", 8m).Worked("2", 4m).Worked("3", 2m).Worked("4", 1m)
            .Time("5", 7m, null)
            .Says("psa", "time/2", new TimeEntryWrittenDown(Quantity: Hours(1m)))
            .Says("psa", "time/3", new TimeEntryWrittenOff("our fault"))
            .Says("psa", "time/4", new TimeEntryReclassified(Billable: false))
            .Issued("7", 960m, Billing("1", 8m, 120m, 960m));
        var hours = Of(story).Hours;
        hours.ShouldBe(new(900m, 60m, 0m, 60m, 120m, 480m, 180m, 0));
        hours.Astray.ShouldBe(0m);
    }

    [Fact]
    public void A_price_that_is_not_the_contracts_shows_as_re_rated()
    {
        var proof = Of(new Story().Engagement().Worked("1", 8m).Issued("7", 800m, Billing("1", 8m, 100m, 800m)));
        Moves(proof.Work).ShouldBe(["Accrued 480 960", "ReRated 0 -160", "Billed -480 -800"]);
        proof.Foots.ShouldBeTrue();
    }

    [Fact]
    public void What_is_cancelled_waits_again()
    {
        var proof = Of(Agreeing().Cancelled("7"));
        Moves(proof.Work).ShouldBe(["Accrued 480 960", "Billed -480 -960", "Released 480 960"]);
        Moves(proof.Receivables).ShouldBe(["Invoiced 0 960", "Cancelled 0 -960"]);
        proof.Work.Closing.ShouldBe(new(480m, 960m));
        proof.Foots.ShouldBeTrue();
    }

    [Fact]
    public void A_credit_in_full_frees_the_work_and_what_is_owed()
    {
        var proof = Of(Agreeing().Credited("9", "7", 960m));
        Moves(proof.Work).ShouldBe(["Accrued 480 960", "Billed -480 -960", "Released 480 960"]);
        Moves(proof.Receivables).ShouldBe(["Invoiced 0 960", "Credited 0 -960"]);
        (proof.Work.Closing, proof.Receivables.Closing).ShouldBe((new(480m, 960m), default));
        proof.Foots.ShouldBeTrue();
    }

    [Fact]
    public void A_credit_of_one_line_frees_its_work_and_no_other()
    {
        var story = new Story().Engagement().Worked("1", 8m).Worked("2", 2m)
            .Issued("7", 1_200m, Billing("1", 8m, 120m, 960m), Billing("2", 2m, 120m, 240m))
            .Says("billing", "invoice/9", new InvoiceIssued(
                new(2026, 2, 10),
                [new("C1", Net: 240m, Credits: new(new("invoice", "billing", "7"), "L2"))],
                DocumentType.CreditNote, Currency: Story.Dollar, Totals: new(Net: 240m)));
        var proof = Of(story);
        Moves(proof.Work).ShouldBe(["Accrued 600 1200", "Billed -600 -1200", "Released 120 240"]);
        Moves(proof.Receivables).ShouldBe(["Invoiced 0 1200", "Credited 0 -240"]);
        (proof.Work.Closing, proof.Receivables.Closing).ShouldBe((new(120m, 240m), new(0m, 960m)));
        proof.Foots.ShouldBeTrue();
    }

    [Fact]
    public void A_credit_of_more_than_was_asked_does_not_foot_and_is_named()
    {
        var proof = Of(Agreeing().Credited("9", "7", 1_000m));
        var at = proof.Receivables.Breaks.ShouldHaveSingleItem();
        at.Difference.ShouldBe(new(0m, 40m));
        at.Sentence.ShouldBe("INV-7 asks 960.00 USD, and INV-9 takes 40.00 USD more than that.");
        at.Streams.ShouldContain("invoice/billing:9");
        proof.Foots.ShouldBeFalse();
    }

    [Fact]
    public void A_payment_applied_twice_does_not_foot_and_is_named()
    {
        var proof = Of(Paid().Paid("2", "7", 960m));
        var at = proof.Receivables.Breaks.ShouldHaveSingleItem();
        at.Difference.ShouldBe(new(0m, 960m));
        at.Streams.ShouldBe(["invoice/billing:7", "payment/erp:1", "payment/erp:2"]);
        at.Sentence.ShouldContain("960.00 USD more than that");
        proof.Work.Foots.ShouldBeTrue();
    }

    [Fact]
    public void An_hour_on_two_live_lines_does_not_foot_and_is_named()
    {
        var proof = Of(Agreeing().Issued("8", 960m, Billing("1", 8m, 120m, 960m)));
        var at = proof.Work.Breaks.ShouldHaveSingleItem();
        at.Difference.ShouldBe(new(480m, 960m));
        at.Sentence.ShouldBe("INV-7 and INV-8 bill 8.00 h more of time/psa:1 than there is.");
        proof.Hours.Astray.ShouldBe(-480m);
    }

    [Fact]
    public void Work_that_nobody_approved_or_nobody_has_does_not_foot_when_billed()
    {
        Of(new Story().Engagement().Says("ledger", "source/psa", Approving).Time("1", 8m, null)
            .Issued("7", 960m, Billing("1", 8m, 120m, 960m))).Work.Breaks.ShouldHaveSingleItem().Sentence
            .ShouldBe("INV-7 bills 8.00 h of time/psa:1, which nobody approved.");
        Of(new Story().Engagement().Issued("7", 960m, Billing("1", 8m, 120m, 960m)))
            .Work.Breaks.ShouldHaveSingleItem().Sentence
            .ShouldBe("INV-7 bills time/psa:1, which the ledger does not have.");
    }

    [Fact]
    public void Where_nobody_asks_for_approval_work_counts_as_far_as_it_is_billed()
    {
        var story = new Story().Engagement().Time("1", 8m, null).Time("2", 4m, null)
            .Issued("7", 960m, Billing("1", 8m, 120m, 960m));
        var proof = Of(story);
        Moves(proof.Work).ShouldBe(["Accrued 480 960", "Billed -480 -960"]);
        (proof.Hours.Approved, proof.Hours.Astray, proof.Foots).ShouldBe((480m, 0m, true));
        var cancelled = Of(story.Cancelled("7"));
        (cancelled.Hours.Approved, cancelled.Work.Closing, cancelled.Foots).ShouldBe((0m, default, true));
        Of(new Story().Engagement().Time("1", 8m, null).Issued("7", 960m, Billing("1", 8m, 120m, 960m))
            .Issued("8", 960m, Billing("1", 8m, 120m, 960m))).Work.Breaks.ShouldHaveSingleItem().Sentence
            .ShouldBe("INV-7 and INV-8 bill 8.00 h more of time/psa:1 than there is.");
    }

    [Fact]
    public void Money_with_nothing_behind_it_does_not_foot()
    {
        var proof = Of(new Story().Engagement().Worked("1", 8m).Issued(
            "7", 1_160m, Billing("1", 8m, 120m, 960m), new("fee", Kind: "fee", Net: 200m)));
        (proof.Billed.Work, proof.Billed.Remainder).ShouldBe((960m, 200m));
        proof.Billed.Breaks.ShouldHaveSingleItem().Sentence
            .ShouldStartWith("INV-7 asks for 1160.00 USD, 200.00 USD more");
    }

    [Fact]
    public void A_payment_taken_back_is_owed_again_from_that_day()
    {
        var story = Paid().Says("erp", "payment/1", new PaymentReversed(new(2026, 3, 5), "no cover"));
        Of(story, new(To: new(2026, 3, 4))).Receivables.Closing.Amount.ShouldBe(0m);
        var march = Of(story, new(new(2026, 3, 1), new(2026, 3, 31)));
        Moves(march.Receivables).ShouldBe(["Paid 0 960"]);
        (march.Receivables.Closing.Amount, march.Foots).ShouldBe((960m, true));
    }

    [Fact]
    public void What_a_client_never_pays_is_written_off()
    {
        var story = Agreeing().Paid("1", "7", 900m).Says("billing", "invoice/7", new InvoiceWrittenOff());
        var proof = Of(story);
        Moves(proof.Receivables).ShouldContain("WrittenOff 0 -60");
        (proof.Receivables.Closing.Amount, proof.Receivables.Foots).ShouldBe((0m, true));
    }

    [Fact]
    public void Money_in_another_currency_settles_what_it_is_said_to_and_the_rate_makes_the_rest()
    {
        var proof = Of(Agreeing().Says("erp", "payment/1", new PaymentApplied(
            "a1", new("invoice", "billing", "7"), ApplicationKind.Cash, 800m, February, Currency: Currency.Of("EUR"),
            TargetAmount: 960m, Fx: new(950m, Story.Dollar))));
        Moves(proof.Receivables).ShouldBe(["Invoiced 0 960", "Paid 0 -950", "Exchanged 0 -10"]);
        (proof.Receivables.Closing.Amount, proof.Foots).ShouldBe((0m, true));
    }

    [Fact]
    public void Currencies_are_never_mixed()
    {
        var report = Of(Agreeing().Says("erp", "payment/1", new PaymentApplied(
            "a1", new("invoice", "billing", "7"), ApplicationKind.Cash, 960m, February,
            Currency: Currency.Of("EUR"))).World());
        report.Accounts.Select(a => a.Account.Currency!.Value.Code).ShouldBe(["EUR", "USD"]);
        report.Accounts[0].Receivables.Breaks.ShouldHaveSingleItem().Item.ShouldBe("payment/erp:1#a1");
        report.Accounts[1].Receivables.Closing.Amount.ShouldBe(960m);
    }

    [Fact]
    public void An_hour_that_went_astray_before_the_days_asked_for_is_still_named()
    {
        var proof = Of(
            Agreeing().Issued("8", 960m, Billing("1", 8m, 120m, 960m)), new(new(2026, 3, 1), new(2026, 3, 31)));
        (proof.Work.Foots, proof.Hours.Astray, proof.Foots).ShouldBe((true, -480m, false));
        proof.Breaks.ShouldHaveSingleItem().Item.ShouldBe("time/psa:1");
    }

    [Fact]
    public void What_is_billed_ahead_is_deferred_and_what_is_earned_ahead_is_a_contract_asset_and_neither_is_owed()
    {
        static RevenueRecognized Earned(string id, int month, decimal amount) => new(
            id, new(2026, month, 28), amount, Story.Dollar, Contract: new("contract", "clm", "K1"));
        var story = Agreeing().Says("psa", "revenue/1", Earned("r1", 1, 60m))
            .Says("psa", "revenue/1", Earned("r2", 2, 500m))
            .Says("psa", "revenue/1", new RevenueReversed("r1", new(2026, 3, 1), 20m));

        var ahead = Of(story, new(To: January));
        Moves(ahead.Revenue.Roll).ShouldBe(["Recognised 0 -60"]);
        (ahead.Revenue.Deferred, ahead.Revenue.Asset, ahead.Receivables.Closing.Amount).ShouldBe((0m, 60m, 0m));
        var proof = Of(story, new(From: January.PlusDays(1)));
        Moves(proof.Revenue.Roll).ShouldBe(["Invoiced 0 960", "Recognised 0 -500", "TakenBack 0 20"]);
        (proof.Revenue.AssetBefore, proof.Revenue.Deferred, proof.Revenue.Asset).ShouldBe((60m, 420m, 0m));
        (proof.Receivables.Closing.Amount, proof.Foots).ShouldBe((960m, true));

        Moves(Of(story.Cancelled("7")).Revenue.Roll)
            .ShouldBe(["Invoiced 0 960", "Cancelled 0 -960", "Recognised 0 -560", "TakenBack 0 20"]);
        var over = Of(story.Says("psa", "revenue/1", new RevenueReversed("r1", new(2026, 3, 2), 50m)));
        over.Breaks.ShouldHaveSingleItem().Sentence
            .ShouldBe("Of revenue/psa:1 10.00 USD more was taken back than recognised.");
        over.Revenue.Roll.Difference.ShouldBe(new(0m, -10m));
    }

    [Fact]
    public void Of_the_sample_firm_only_what_is_planted_does_not_foot()
    {
        var report = Of(SampleFirm.World(SampleFirm.Events(SampleFirm.Files)));
        report.Accounts.SelectMany(a => a.Breaks).Select(b => b.Sentence).Order(StringComparer.Ordinal).ShouldBe(
        [
            "HM-2026-0103 bills 1.50 h more of time/psa:TE-48214 than there is.",
            "HM-2026-0107 asks for 1602.85 GBP, 0.02 GBP more than work, expenses, fees and adjustments come to.",
            "HM-2026-0110 bills 2.75 h of time/psa:TE-48253, which nobody approved.",
            "HM-2026-0111 and HM-2026-0114 bill 4.25 h more of time/psa:TE-48275 than there is.",
            "HM-2026-0113 bills 1.50 h of time/psa:TE-48269, which is not billable.",
            "HMD-2026-0015 asks for 13950.00 EUR, 950.00 EUR more than work, expenses, fees and adjustments come to.",
        ]);
    }

    private static ProofReport Of(World world) => ProofRun.Of(world, new());

    /// <summary>The proof of the one account.</summary>
    internal static AccountProof Of(Story story, ProofAsked? asked = null)
    {
        var report = ProofRun.Of(story.World(), asked ?? new());
        return report.Accounts.ShouldHaveSingleItem(
            string.Join(" | ", report.Accounts.Select(a => a.Account.ToString())));
    }

    internal static string[] Moves(RollForward roll) =>
    [
        .. roll.Movements.Select(m =>
            $"{m.Movement} {DecimalText.Write(m.Sum.Minutes)} {DecimalText.Write(m.Sum.Amount)}"),
    ];
}

internal static class CreditedStory
{
    public static Story Credited(this Story story, string id, string invoice, decimal net) =>
        story.Says("billing", $"invoice/{id}", new InvoiceIssued(
            new(2026, 2, 10), Items<InvoiceLine>.None, DocumentType.CreditNote, Currency: Story.Dollar,
            Totals: new(Net: net),
            Preceding: [new(new("invoice", "billing", invoice), PrecedingRelation.Credits)]) { Number = $"INV-{id}" });
}
