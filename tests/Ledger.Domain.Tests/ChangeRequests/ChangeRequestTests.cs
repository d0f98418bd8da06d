using static Ledger.Domain.Tests.Telling;

namespace Ledger.Domain.Tests;

public sealed class ChangeRequestTests
{
    private static readonly ChangeRequestRaised Raised = new(
        new("project", Id: "P1"), "Second ramp", RaisedBy: "mia", Amount: 800m, Currency: Eur, Quantity: Hours(8m),
        ScheduleDays: 5);

    [Fact]
    public void What_is_approved_may_be_less_than_what_was_asked()
    {
        var request = Of<ChangeRequest>(Raised, new ChangeRequestApproved("Ada", 600m, Quantity: Hours(6m)));
        (request.Amount, request.Currency, request.Quantity, request.ScheduleDays)
            .ShouldBe((600m, Eur, Hours(6m), 5));
        request.Approval.ShouldBe(new(ApprovalStatus.Approved, "Ada", Day(2), Hours(6m)));
    }

    [Fact]
    public void Implementation_names_the_amendment_and_a_late_signature_does_not_undo_it()
    {
        var request = Of<ChangeRequest>(
            Raised, new ChangeRequestImplemented(On(9), "A1"), new ChangeRequestApproved("Ada"));
        (request.Status, request.ImplementedOn, request.Amendment, request.Approval?.By)
            .ShouldBe((ChangeRequestStatus.Implemented, On(9), "A1", "Ada"));
    }

    [Fact]
    public void A_rejection_says_who_and_why()
    {
        var request = Of<ChangeRequest>(Raised, new ChangeRequestRejected("Ada", "no budget"));
        (request.Status, request.RaisedOn).ShouldBe((ChangeRequestStatus.Rejected, On(1)));
        request.Approval.ShouldBe(new(ApprovalStatus.Rejected, "Ada", Day(2), Reason: "no budget"));
    }

    [Fact]
    public void Nobody_decides_what_nobody_raised() =>
        Pending<ChangeRequest>(new ChangeRequestApproved("Ada"), new ChangeRequestImplemented()).ShouldBe([1, 2]);

    [Fact]
    public void A_snapshot_may_say_the_stage_and_nothing_of_who_decided()
    {
        var request = Of<ChangeRequest>(Raised, new ChangeRequestStated(Status: ChangeRequestStatus.Approved));
        (request.Status, request.Approval, request.Title).ShouldBe((ChangeRequestStatus.Approved, null, "Second ramp"));
    }
}
