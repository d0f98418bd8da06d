using Ledger.Domain;
using Ledger.Projections.Proof;
using Ledger.Projections.Tests.Drift;
using Ledger.Projections.Tests.Lineage;
using NodaTime;
using static Ledger.Projections.Tests.Drift.Told;
using static Ledger.Projections.Tests.Proof.ProofTests;

namespace Ledger.Projections.Tests.Proof;

/// <summary>What was done and undone foots on every day between.</summary>
public sealed class TakenBackTests
{
    private static readonly ProofAsked March = new(new(2026, 3, 1), new(2026, 3, 31));

    private static readonly ProofAsked April = new(new(2026, 4, 1), new(2026, 4, 30));

    /// <summary>INV-7 replaced by INV-8 in March, which is voided in April.</summary>
    private static Story Replaced() => Agreeing()
        .IssuedOn(new(2026, 3, 10), "8", 960m, Replacing7, Billing("1", 8m, 120m, 960m))
        .Says("billing", "invoice/8", new InvoiceVoided("wrong address", new(2026, 4, 5)));

    private static Items<Preceding> Replacing7 => [new(Document("7"), PrecedingRelation.Replaces)];

    [Fact]
    public void A_void_replacement_that_is_issued_again_foots_in_each_month()
    {
        var story = Replaced().IssuedOn(new(2026, 4, 8), "9", 960m, Replacing7, Billing("1", 8m, 120m, 960m));
        var (march, april) = (Of(story, March), Of(story, April));
        Moves(march.Receivables).ShouldBe(["Invoiced 0 960", "Cancelled 0 -960"]);
        Moves(march.Work).ShouldBe(["Billed -480 -960", "Released 480 960"]);
        Moves(april.Receivables).ShouldBe(["Invoiced 0 960", "Cancelled 0 -960"]);
        (march.Foots, april.Foots, Of(story).Foots).ShouldBe((true, true, true));
        (march.Receivables.Closing.Amount, april.Receivables.Closing.Amount).ShouldBe((960m, 960m));
    }

    [Fact]
    public void A_document_asks_again_between_two_that_replace_it_and_is_replaced_without_a_gap_otherwise()
    {
        Of(Replaced(), new(To: new(2026, 4, 6))).Receivables.Closing.Amount.ShouldBe(960m);
        var gap = Replaced().IssuedOn(new(2026, 5, 8), "9", 960m, Replacing7, Billing("1", 8m, 120m, 960m));
        foreach (var asked in new[] { March, April, new(new(2026, 5, 1), new(2026, 5, 31)) })
        {
            var proof = Of(gap, asked);
            proof.Foots.ShouldBeTrue();
            (proof.Work.Closing, proof.Receivables.Closing.Amount).ShouldBe((default, 960m));
        }

        var before = Replaced().IssuedOn(new(2026, 4, 2), "9", 960m, Replacing7, Billing("1", 8m, 120m, 960m));
        Moves(Of(before, April).Receivables).ShouldBe(["Invoiced 0 960", "Cancelled 0 -960"]);
        (Of(before, March).Foots, Of(before).Foots).ShouldBe((true, true));
    }

    [Fact]
    public void A_document_that_takes_the_place_of_one_line_leaves_the_rest_owed_and_a_discount_is_told_by_itself()
    {
        var story = new Story().Engagement().Worked("1", 8m).Worked("2", 2m);
        Taxed(story, "7", DocumentType.Invoice, [Billing("1", 8m, 120m, 960m), Billing("2", 2m, 120m, 240m)])
            .IssuedOn(
                new(2026, 3, 10), "8", 200m,
                [new(Document("7") with { Line = "L2" }, PrecedingRelation.Replaces)], Billing("2", 2m, 100m, 200m))
            .Says("erp", "payment/1", new PaymentApplied(
                "a1", Document("7"), ApplicationKind.Cash, 1_036m, new(2026, 3, 12), Currency: Story.Dollar,
                Discount: 20m));
        var march = Of(story, March);
        march.Receivables.Opening.Amount.ShouldBe(1_320m);
        Moves(march.Receivables).ShouldBe(["Invoiced 0 200", "Cancelled 0 -264", "Paid 0 -1036", "Discounted 0 -20"]);
        (march.Receivables.Closing.Amount, march.Foots).ShouldBe((200m, true));
        story.Says("billing", "invoice/7", new InvoiceVoided("all of it", new(2026, 4, 5)))
            .Says("erp", "payment/1", new PaymentReversed(new(2026, 4, 5)));
        Moves(Of(story, April).Receivables).ShouldBe(["Cancelled 0 -1056", "Paid 0 1036", "Discounted 0 20"]);
        (Of(story, March).Foots, Of(story, April).Foots, Of(story).Foots).ShouldBe((true, true, true));
    }

    [Fact]
    public void A_document_replaced_and_later_void_itself_foots_in_each_month()
    {
        var story = Agreeing().IssuedOn(new(2026, 3, 10), "8", 960m, Replacing7, Billing("1", 8m, 120m, 960m))
            .Says("billing", "invoice/7", new InvoiceVoided("replaced", new(2026, 4, 5)));
        var march = Of(story, March);
        Moves(march.Receivables).ShouldBe(["Invoiced 0 960", "Cancelled 0 -960"]);
        (march.Foots, Of(story, April).Foots).ShouldBe((true, true));
    }

    [Fact]
    public void A_payment_that_bounces_after_the_rest_was_written_off_is_owed_again_without_the_rest()
    {
        var story = Agreeing().Paid("1", "7", 900m).Says("billing", "invoice/7", new InvoiceWrittenOff())
            .Says("erp", "payment/1", new PaymentReversed(new(2026, 3, 5), "no cover"));
        var march = Of(story, March);
        Moves(march.Receivables).ShouldBe(["Paid 0 900"]);
        (march.Receivables.Closing.Amount, march.Foots).ShouldBe((900m, true));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(960)]
    public void What_is_paid_after_it_was_written_off_takes_the_place_of_that(int? writtenOff)
    {
        var story = Agreeing().Says("billing", "invoice/7", new InvoiceWrittenOff(writtenOff));
        Applied(story, new(2026, 3, 5), 500m);
        var march = Of(story, March);
        Moves(march.Receivables).ShouldBe(["WrittenOff 0 500", "Paid 0 -500"]);
        (march.Receivables.Closing.Amount, march.Foots).ShouldBe((0m, true));
        story.Says("erp", "payment/1", new PaymentReversed(new(2026, 4, 5), "no cover"));
        Moves(Of(story, April).Receivables).ShouldBe(["WrittenOff 0 -500", "Paid 0 500"]);
        (Of(story, March).Foots, Of(story, April).Foots, Of(story).Foots).ShouldBe((true, true, true));
    }

    [Fact]
    public void What_is_paid_twice_or_written_off_beyond_what_was_open_still_does_not_foot()
    {
        var twice = Applied(
            Agreeing().Says("billing", "invoice/7", new InvoiceWrittenOff()), new(2026, 3, 5), 1_000m);
        Of(twice).Receivables.Breaks.ShouldHaveSingleItem().Difference.Amount.ShouldBe(40m);
        var beyond = Applied(
            Agreeing().Says("billing", "invoice/7", new InvoiceWrittenOff(1_000m)), new(2026, 3, 5), 960m);
        Of(beyond).Receivables.Breaks.ShouldHaveSingleItem().Difference.Amount.ShouldBe(40m);
    }

    [Fact]
    public void What_is_cancelled_after_it_was_written_off_foots()
    {
        var proof = Of(Agreeing().Says("billing", "invoice/7", new InvoiceWrittenOff())
            .Says("billing", "invoice/7", new InvoiceCancelled("never sent", new(2026, 3, 5))));
        Moves(proof.Receivables).ShouldBe(["Invoiced 0 960", "Cancelled 0 -960"]);
        (proof.Receivables.Closing.Amount, proof.Receivables.Foots).ShouldBe((0m, true));
    }

    [Fact]
    public void A_payment_that_a_person_says_settles_a_document_is_owed_again_once_it_is_taken_back()
    {
        var story = Agreeing().Says("erp", "payment/1", new PaymentReceived(new(2026, 2, 5), 960m, Story.Dollar))
            .Says("ledger", "coverage/1", new CoverageStated(
                CoverageRelation.Settles, new("payment", "erp", "1"), Document("7"), null, 960m, Story.Dollar))
            .Says("erp", "payment/1", new PaymentReversed(new(2026, 3, 5), "no cover"));
        Of(story, new(To: new(2026, 3, 4))).Receivables.Closing.Amount.ShouldBe(0m);
        var march = Of(story, March);
        Moves(march.Receivables).ShouldBe(["Paid 0 960"]);
        (march.Receivables.Closing.Amount, march.Foots).ShouldBe((960m, true));
        var withdrawn = Of(story.Says("ledger", "coverage/1", new CoverageWithdrawn()), March);
        (Moves(withdrawn.Receivables).Length, withdrawn.Foots).ShouldBe((0, true));
    }

    [Fact]
    public void A_payment_only_shown_as_reversed_was_there_until_the_day_it_was_shown()
    {
        LocalDate day = new(2025, 12, 15);
        var story = new Story().Engagement().Worked("1", 8m)
            .IssuedOn(day, "7", 960m, null, Billing("1", 8m, 120m, 960m));
        Applied(story, day, 960m).Says("erp", "payment/1", new PaymentStated(Status: PaymentStatus.Reversed));
        Of(story, new(To: new(2025, 12, 31))).Receivables.Closing.Amount.ShouldBe(0m);
        var since = Of(story, new(From: new(2026, 1, 1)));
        Moves(since.Receivables).ShouldBe(["Paid 0 960"]);
        (since.Receivables.Closing.Amount, since.Receivables.Foots).ShouldBe((960m, true));
    }

    [Fact]
    public void The_tax_of_a_credit_note_goes_with_its_lines_to_each_document_they_credit()
    {
        var proof = Of(CreditedByLines(
            new("C1", Net: 960m, Credits: new(Document("7"), "L1")),
            new("C2", Net: 120m, Credits: new(Document("8"), "L2"))).Paid("1", "7", 1_056m));
        // With all its tax INV-7 is given back; a payment of it is all too much.
        proof.Receivables.Breaks.ShouldHaveSingleItem().Difference.Amount.ShouldBe(1_056m);
        proof.Receivables.Closing.Amount.ShouldBe(132m);
    }

    [Fact]
    public void A_number_that_no_money_has_takes_the_proof_from_nobody()
    {
        const decimal absurd = 79_000_000_000_000_000_000_000_000_000m;
        var story = Agreeing()
            .Says("erp", "payment/1", new PaymentApplied(
                "a1", Document("7"), ApplicationKind.Cash, 800m, February, Currency: Currency.Of("EUR"),
                TargetAmount: 960m, Fx: new(950m, Currency.Of("GBP"), absurd)))
            .Says("erp", "payment/2", new PaymentReceived(February, 1m, Story.Dollar))
            .Says("erp", "payment/2", new CreditRefunded(Document("7"), absurd, Story.Dollar))
            .Says("erp", "payment/3", new PaymentReceived(February, 1m, Story.Dollar))
            .Says("erp", "payment/3", new PaymentApplied(
                "a1", Document("7"), ApplicationKind.Cash, 800m, February, Currency: Currency.Of("EUR"),
                TargetAmount: 960m, Fx: new(absurd, Story.Dollar)));
        var proof = Of(story);
        (proof.Receivables.Closing.Amount, proof.Foots).ShouldBe((960m, true));
        var off = Of(story.Says("billing", "invoice/7", new InvoiceWrittenOff(absurd)));
        (off.Receivables.Movements.Count, off.Receivables.Foots).ShouldBe((0, true));
    }

    private static Story Applied(Story story, LocalDate on, decimal amount) =>
        story.Says("erp", "payment/1", new PaymentApplied(
            "a1", Document("7"), ApplicationKind.Cash, amount, on, Currency: Story.Dollar));

    private static Ref Document(string id) => new("invoice", "billing", id);

    /// <summary>Two invoices over 960.00 and 240.00, and a credit note, all with a tenth of tax.</summary>
    private static Story CreditedByLines(params ReadOnlySpan<InvoiceLine> lines)
    {
        var story = new Story().Engagement().Worked("1", 8m).Worked("2", 2m);
        Taxed(story, "7", DocumentType.Invoice, [Billing("1", 8m, 120m, 960m)]);
        Taxed(story, "8", DocumentType.Invoice, [Billing("2", 2m, 120m, 240m)]);
        return Taxed(story, "9", DocumentType.CreditNote, lines.ToArray().ToItems());
    }

    private static Story Taxed(Story story, string id, DocumentType type, Items<InvoiceLine> lines)
    {
        var net = lines.Sum(l => l.Net!.Value);
        return story.Says("billing", $"invoice/{id}", new InvoiceIssued(
            February, lines, type, Currency: Story.Dollar, Totals: new(net, net / 10m, net * 1.1m))
        { Number = $"INV-{id}" });
    }
}
