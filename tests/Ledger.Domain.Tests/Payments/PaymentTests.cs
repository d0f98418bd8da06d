using static Ledger.Domain.Tests.Telling;

namespace Ledger.Domain.Tests;

public sealed class PaymentTests
{
    private static readonly Ref Invoice = new("invoice", Id: "I1");

    private static readonly PaymentReceived Received = new(On(1), 100m, Eur);

    [Fact]
    public void One_receipt_settles_several_documents_by_named_parts()
    {
        var payment = Of<Payment>(Received, Applied("A1", 60m), Applied("A2", 40m), Applied("A1", 55m));
        payment.Applications.Select(a => (a.Id, a.Amount)).ShouldBe([("A1", 55m), ("A2", 40m)]);
    }

    [Fact]
    public void A_part_taken_back_is_withdrawn_and_stays_to_be_seen() =>
        Of<Payment>(Received, Applied("A1", 60m), new PaymentUnapplied("A1")).Applications.ShouldHaveSingleItem()
            .Withdrawn.ShouldBeTrue();

    [Fact]
    public void What_was_applied_may_be_stated_without_the_receipt()
    {
        var payment = Of<Payment>(Applied("A1", 60m));
        (payment.Amount, payment.Currency).ShouldBe((null, Eur));
        Pending<Payment>(new PaymentUnapplied("A1")).ShouldBe([1]);
    }

    [Fact]
    public void Refunds_add_up_and_a_reversal_takes_the_whole_back()
    {
        var payment = Of<Payment>(
            Received, new PaymentRefunded(10m, Eur), new CreditRefunded(Invoice, 5m, Eur), new PaymentReversed());
        (payment.Refunded, payment.Status).ShouldBe((15m, PaymentStatus.Reversed));
        (payment.ReversedOn, payment.CreditsPaidOut).ShouldBe((On(4), [new(Invoice, 5m, Eur, On(3))]));
    }

    [Fact]
    public void What_is_shown_as_reversed_is_so_since_it_was_first_shown()
    {
        var shown = new PaymentStated { Status = PaymentStatus.Reversed };
        Of<Payment>(Received, shown, shown with { Method = "wire" }).ReversedOn.ShouldBe(On(2));
        Of<Payment>(Received, new PaymentReversed(On(9)), shown).ReversedOn.ShouldBe(On(9));
        Of<Payment>(Received, shown, new PaymentStated { Status = PaymentStatus.Received }).ReversedOn.ShouldBeNull();
    }

    [Fact]
    public void A_statement_comes_to_its_opening_balance_and_what_was_booked()
    {
        var statement = Of<BankStatement>(new BankStatementReceived(
            "DE02", On(1), On(2), Eur,
            [new("1", On(1), 100m), new("2", On(1), -30m), new("3", On(2), 55m, BankEntryStatus.Pending)], 10m, 80m));
        (statement.Computed, statement.Closing).ShouldBe((80m, 80m));
        Of<BankStatement>(new BankStatementStated { Closing = 80m }).Computed.ShouldBeNull();
    }

    private static PaymentApplied Applied(string id, decimal amount) =>
        new(id, Invoice, ApplicationKind.Cash, amount, On(2), Currency: Eur);
}
