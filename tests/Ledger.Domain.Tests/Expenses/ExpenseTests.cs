using static Ledger.Domain.Tests.Telling;

namespace Ledger.Domain.Tests;

public sealed class ExpenseTests
{
    private static readonly ExpenseRecorded Train = new(On(1), "travel", 80m, Eur, Billable: true);

    [Fact]
    public void Bills_its_cost_unless_another_amount_is_agreed()
    {
        Of<Expense>(Train).Billing.ShouldBe(new Money(80m, Eur));
        Of<Expense>(Train, new ExpenseCorrected(BillableAmount: 60m)).Billing.ShouldBe(new Money(60m, Eur));
    }

    [Fact]
    public void A_subcontractor_s_cost_is_billed_with_its_markup_exactly()
    {
        var cost = new SubcontractorCostRecorded(
            new Ref("resource", Id: "S1"), On(1), 333.33m, Eur, Billable: true, MarkupPercent: 12.5m);
        Of<Expense>(cost).Billing.ShouldBe(new Money(374.99625m, Eur), "rounding is the invoice's");
        Of<Expense>(cost with { BillableAmount = 400m }).Billing.ShouldBe(new Money(400m, Eur));
    }

    [Fact]
    public void Reimbursing_the_traveller_is_no_matter_of_the_client_s()
    {
        var expense = Of<Expense>(
            Train, new ExpenseApproved("mia"), new ExpenseReimbursed(On(3), 50m, Eur),
            new ExpenseReimbursed(On(4), 30m, Eur));
        (expense.Reimbursed, expense.Billing).ShouldBe((80m, new Money(80m, Eur)));
        expense.Approval.ShouldBe(new Approval(ApprovalStatus.Approved, "mia", Day(2)));
    }

    [Fact]
    public void Without_a_currency_nobody_knows_what_it_bills() =>
        Of<Expense>(new ExpenseStated(Amount: 80m)).Billing.ShouldBeNull();
}
