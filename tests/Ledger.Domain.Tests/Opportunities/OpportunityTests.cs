using static Ledger.Domain.Tests.Telling;

namespace Ledger.Domain.Tests;

public sealed class OpportunityTests
{
    private static readonly OpportunityOpened Opened =
        new("Dock", new("client", "erp", "C1"), 1_000m, Eur, "lead", 10m, ExpectedOn: On(60));

    [Fact]
    public void A_stage_changes_what_it_names()
    {
        var opportunity = Of<Opportunity>(Opened, new OpportunityStageChanged("shortlist", 60m));
        (opportunity.Stage, opportunity.Probability, opportunity.Amount, opportunity.ExpectedOn, opportunity.OpenedOn)
            .ShouldBe(("shortlist", 60m, 1_000m, On(60), On(1)));
    }

    [Fact]
    public void It_is_won_with_a_proposal_and_as_a_contract()
    {
        var won = Of<Opportunity>(
            Opened, new OpportunityWon(On(9), new("proposal", "cpq", "Q1"), new("contract", Number: "K-1"), 950m));
        (won.Status, won.ClosedOn, won.Amount, won.Currency).ShouldBe((OpportunityStatus.Won, On(9), 950m, Eur));
        (won.Proposal, won.Contract).ShouldBe((new("proposal", "cpq", "Q1"), new("contract", Number: "K-1")));
    }

    [Fact]
    public void What_was_lost_may_be_pursued_again()
    {
        var lost = Of<Opportunity>(Opened, new OpportunityLost(Reason: "price"));
        (lost.Status, lost.ClosedOn, lost.Reason).ShouldBe((OpportunityStatus.Lost, On(2), "price"));
        var again = Of<Opportunity>(Opened, new OpportunityLost(Reason: "price"), new OpportunityStageChanged("offer"));
        (again.Status, again.ClosedOn, again.Reason).ShouldBe((OpportunityStatus.Open, null, null));
    }

    [Fact]
    public void The_end_waits_for_the_beginning() =>
        Pending<Opportunity>(new OpportunityWon(), new OpportunityLost()).ShouldBe([1, 2]);

    [Fact]
    public void A_snapshot_says_null_for_what_is_empty()
    {
        var shown = Of<Opportunity>(Opened, new OpportunityStated(Amount: null, Status: OpportunityStatus.Won));
        (shown.Amount, shown.Status, shown.Name).ShouldBe((null, OpportunityStatus.Won, "Dock"));
    }
}
