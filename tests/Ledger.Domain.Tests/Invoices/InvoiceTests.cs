using static Ledger.Domain.Tests.Telling;

namespace Ledger.Domain.Tests;

public sealed class InvoiceTests
{
    private static readonly InvoiceIssued Issued =
        new(On(1), [new("L1", Net: 100m), new("L2", Net: 50m)], Currency: Eur);

    [Fact]
    public void Issuing_makes_a_draft_live_and_keeps_what_it_does_not_say_again()
    {
        var client = new Ref("client", Id: "C1");
        var draft = new InvoiceDrafted(Client: client, Currency: Eur, Lines: [new InvoiceLine("old")]);
        Of<Invoice>(draft).IsLive.ShouldBeFalse();
        var issued = Of<Invoice>(draft, Issued);
        (issued.IsLive, issued.Client).ShouldBe((true, client));
        issued.Lines.Select(l => l.Line).ShouldBe(["L1", "L2"], "it goes out with all its lines");
    }

    [Fact]
    public void A_cancelled_invoice_keeps_its_number_and_asks_for_nothing()
    {
        var invoice = Of<Invoice>(Issued with { Number = "2026-7" }, new InvoiceCancelled("wrong client"));
        (invoice.Number, invoice.IsLive, invoice.EndReason).ShouldBe(("2026-7", false, "wrong client"));
        Of<Invoice>(Issued, new InvoiceVoided()).IsLive.ShouldBeFalse();
        (invoice.EndedOn, Of<Invoice>(Issued, new InvoiceVoided(On: On(9))).EndedOn).ShouldBe((On(2), On(9)));
        var stated = new InvoiceStated { Status = InvoiceStatus.Cancelled };
        Of<Invoice>(Issued, stated, stated with { Series = "A" }).EndedOn.ShouldBe(On(2), "since it was first said");
        Of<Invoice>(Issued, stated, new InvoiceStated { Status = InvoiceStatus.Issued }).EndedOn.ShouldBeNull();
    }

    [Fact]
    public void A_credit_note_of_a_hundred_and_an_invoice_of_minus_a_hundred_are_equal()
    {
        var credit = Of<Invoice>(Issued with { DocumentType = DocumentType.CreditNote });
        var negative = Of<Invoice>(Issued with { Lines = [new("L1", Net: -150m)] });
        (credit.Sign * credit.NetStated).ShouldBe(negative.Sign * negative.NetStated);
    }

    [Fact]
    public void Its_net_is_what_it_says_else_gross_less_tax_else_its_lines()
    {
        Of<Invoice>(Issued).NetStated.ShouldBe(150m);
        Of<Invoice>(Issued with { Totals = new(Gross: 178.5m, Tax: 28.5m) }).NetStated.ShouldBe(150m);
        Of<Invoice>(Issued with { Totals = new(Payable: 140m) }).NetStated.ShouldBe(140m);
        Of<Invoice>(Issued with { Totals = new(Net: 149m, Gross: 178.5m, Tax: 28.5m) }).NetStated.ShouldBe(149m);
        Of<Invoice>(Issued with { Lines = [new("L1", Net: 100m), new("L2")] }).NetStated.ShouldBeNull();
    }

    [Fact]
    public void A_line_is_set_again_under_its_name_wherever_it_stands()
    {
        var draft = Of<Invoice>(
            new InvoiceDrafted(), new InvoiceLineSet(new("L1", 1, Net: 1m)), new InvoiceLineSet(new("L2", 2, Net: 2m)),
            new InvoiceLineSet(new("L1", 9, Net: 3m)), new InvoiceLineRemoved("L2"));
        draft.Lines.ShouldBe([new("L1", 9, Net: 3m)]);
    }

    [Fact]
    public void A_statement_that_it_is_paid_is_kept_as_one_and_is_no_payment()
    {
        var paid = Of<Invoice>(Issued, new InvoiceSettlementStated(150m, Eur, On(2)));
        (paid.Settlement, paid.IsLive).ShouldBe((new Settlement(150m, Eur, On(2)), true));
    }

    [Fact]
    public void What_takes_back_a_part_waits_for_the_part()
    {
        Pending<Invoice>(Issued, new InvoiceLineRemoved("L9")).ShouldBe([2]);
        Pending<Invoice>(Issued, new BillingHoldReleased("H1")).ShouldBe([2]);
        Pending<Invoice>(Issued, new BillingHoldReleased("H1"), new BillingHoldPlaced("H1", "dispute")).ShouldBeEmpty();
        Pending<Invoice>(Issued, new InvoiceDisputeResolved(Dispute: "D1")).ShouldBe([2]);
        Pending<Invoice>(Issued, new InvoiceDisputeResolved()).ShouldBe([2]);
    }

    [Fact]
    public void Disputes_are_resolved_by_name_or_all_at_once()
    {
        Event[] disputed = [Issued, new InvoiceDisputed(Dispute: "D1"), new InvoiceDisputed(Dispute: "D2")];
        Of<Invoice>([.. disputed, new InvoiceDisputeResolved(Dispute: "D2")]).Disputes.Select(d => d.Resolved)
            .ShouldBe([false, true]);
        Of<Invoice>([.. disputed, new InvoiceDisputeResolved()]).Disputes.ShouldAllBe(d => d.Resolved);
    }

    [Fact]
    public void A_hold_is_in_force_until_it_is_released_by_name()
    {
        Event[] held = [Issued, new BillingHoldPlaced("H1", "dispute"), new BillingHoldPlaced("H2", "tax")];
        var still = Of<Invoice>([.. held, new BillingHoldReleased("H1")]);
        still.Holds.ShouldBe(["H2"]);
        still.Held.ShouldBe([new("H2", "tax")]);
    }

    [Fact]
    public void Why_something_was_given_up_disputed_or_ended_stays_to_be_seen()
    {
        var invoice = Of<Invoice>(
            Issued, new InvoiceDisputed("hours", 20m, "D1"), new InvoiceDisputeResolved("explained", "D1"),
            new InvoiceWrittenOff(5m, "charges", "Ada"), new InvoiceCancelled("wrong client"));
        invoice.Disputes.ShouldBe([new("D1", "hours", 20m, true, "explained")]);
        invoice.WriteOffs.ShouldBe([new(On(4), 5m, "charges", "Ada")]);
        (invoice.EndReason, invoice.EndedOn).ShouldBe(("wrong client", On(5)));
    }

    [Fact]
    public void A_row_says_what_verbs_would()
    {
        var shown = Of<Invoice>(Issued, new InvoiceStated
        {
            Held = Items.Of<BillingHold>([new("H1", "tax")]), Status = InvoiceStatus.Voided, EndedOn = On(9),
            WriteOffs = Items.Of<WriteOff>([new(On(2), 5m), new(On(3))]), ApprovedBy = "Ada",
        });
        (shown.Holds, shown.WrittenOff, shown.EndedOn, shown.ApprovedBy).ShouldBe((["H1"], 155m, On(9), "Ada"));
    }

    [Fact]
    public void What_a_row_shows_of_a_part_is_what_verbs_said_of_it()
    {
        var shown = Of<Invoice>(
            Issued, new InvoiceWrittenOff(50m, "charges", "Ada"), new InvoiceDisputed("hours", 20m, "D1"),
            new InvoiceDisputed("rate", 5m), new InvoiceStated
            {
                Covers = [], WriteOffs = Items.Of<WriteOff>([new(On(2), 50m), new(On(2), 50m)]),
                Disputes = Items.Of<Dispute>(
                    [new(null, "rate", 5m, true, "agreed"), new("D1", "hours", 20m, true, "agreed")]),
            });
        (shown.WrittenOff, shown.WriteOffs.Count).ShouldBe((100m, 2), "the first is known, the second is new");
        (shown.Disputes.Count, shown.Disputes.All(d => d.Resolved)).ShouldBe((2, true));
    }

    [Fact]
    public void Writing_off_without_an_amount_writes_off_the_net() =>
        Of<Invoice>(Issued, new InvoiceWrittenOff(50m), new InvoiceWrittenOff()).WrittenOff.ShouldBe(200m);

    [Fact]
    public void A_failed_tax_call_is_remembered_until_one_succeeds()
    {
        var failed = new InvoiceTaxCalculationFailed("timeout");
        Of<Invoice>(Issued, failed).TaxFailure.ShouldBe("timeout");
        Of<Invoice>(Issued, failed, new InvoiceTaxCalculated([new(28.5m)])).TaxFailure.ShouldBeNull();
    }
}
