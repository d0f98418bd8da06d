using static Ledger.Domain.Tests.Telling;

namespace Ledger.Domain.Tests;

public sealed class ClientProposalTests
{
    private static readonly Ref Opportunity = new("opportunity", "crm", "O1");

    private static ProposalVersionDrafted Drafted(string version, decimal net) => new(
        version, "Dock", Opportunity: Opportunity, Currency: Eur, Totals: new(net),
        RateCards: [new("rate_card", "cpq", $"RC{version}")]);

    [Fact]
    public void The_newest_version_counts_until_one_is_accepted()
    {
        var proposal = Of<ClientProposal>(Drafted("1", 100m), new ProposalVersionSubmitted("1"), Drafted("2", 90m));
        (proposal.Version, proposal.Status, proposal.Totals?.Net).ShouldBe(("2", ProposalStatus.Draft, 90m));
        proposal.Accepted.ShouldBeNull();
    }

    [Fact]
    public void The_version_accepted_last_counts_whatever_is_drafted_after_it()
    {
        var proposal = Of<ClientProposal>(
            Drafted("1", 100m), Drafted("2", 90m), new ProposalVersionAccepted("2", "Ada"),
            new ProposalVersionAccepted("1", "Ada"), Drafted("3", 80m));
        (proposal.Version, proposal.Totals?.Net, proposal.Accepted?.DecidedOn).ShouldBe(("1", 100m, On(4)));
        proposal.Accepted!.RateCards.ShouldBe([new("rate_card", "cpq", "RC1")]);
        proposal.Versions.Select(v => (v.Version, v.Status, v.Position)).ShouldBe(
        [
            ("1", ProposalStatus.Accepted, 1), ("2", ProposalStatus.Accepted, 2), ("3", ProposalStatus.Draft, 5),
        ]);
    }

    [Fact]
    public void An_acceptance_taken_back_leaves_the_newest_version()
    {
        var proposal = Of<ClientProposal>(
            Drafted("1", 100m), new ProposalVersionAccepted("1"), Drafted("2", 90m),
            new ProposalVersionRejected("1", "Ada", Reason: "board"));
        (proposal.Version, proposal.Accepted).ShouldBe(("2", null));
        proposal.Versions[0].Reason.ShouldBe("board");
    }

    [Fact]
    public void Who_approved_stays_known_when_the_client_accepts()
    {
        var version = Of<ClientProposal>(
            Drafted("1", 100m), new ProposalVersionApproved("1", "Bea"), new ProposalVersionSubmitted("1", On(3)),
            new ProposalVersionAccepted("1", "Ada", Evidence: [new("order")])).Accepted.ShouldNotBeNull();
        (version.Approver, version.DecidedBy, version.SubmittedOn, version.DecidedOn)
            .ShouldBe(("Bea", "Ada", On(3), On(4)));
        version.Evidence.ShouldBe([new("order")]);
    }

    [Fact]
    public void What_is_decided_waits_for_the_version()
    {
        Pending<ClientProposal>(Drafted("1", 100m), new ProposalVersionAccepted("2")).ShouldBe([2]);
        Pending<ClientProposal>(new ProposalVersionSubmitted("1"), Drafted("1", 100m)).ShouldBeEmpty();
    }

    [Fact]
    public void A_snapshot_that_is_not_complete_adds_its_versions()
    {
        ProposalVersion shown = new("2", ProposalStatus.Submitted, Totals: new(90m));
        Of<ClientProposal>(Drafted("1", 100m), new ProposalStated(Versions: (Items<ProposalVersion>)[shown])
            { Covers = [] }).Versions.Select(v => (v.Version, v.Position)).ShouldBe([("1", 1), ("2", 2)]);
        Of<ClientProposal>(Drafted("1", 100m), new ProposalStated(Versions: (Items<ProposalVersion>)[shown]))
            .Versions.Select(v => v.Version).ShouldBe(["2"]);
    }

    [Fact]
    public void A_version_shown_again_as_it_was_was_written_when_it_was_first_shown()
    {
        ProposalVersion shown = new("1", ProposalStatus.Submitted, Totals: new(90m), Position: 77);
        ProposalStated stated = new(Versions: (Items<ProposalVersion>)[shown]);
        Of<ClientProposal>(stated, stated with { Title = "Dock" }).Versions[0].Position.ShouldBe(1);
    }
}
