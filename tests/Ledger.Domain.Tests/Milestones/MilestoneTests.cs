using System.Text;
using System.Text.Json;
using static Ledger.Domain.Tests.Telling;

namespace Ledger.Domain.Tests;

public sealed class MilestoneTests
{
    private static readonly Ref Project = new("project", Id: "P1");
    private static readonly MilestonePlanned Planned = new(Project, "Go-live", On(20), 500m, Eur);

    private static readonly MilestoneAccepted Accepted =
        new(Project, On(21), "Ada", [new("protocol", "Protocol.pdf")]);

    [Fact]
    public void A_completed_milestone_is_not_an_accepted_one()
    {
        var milestone = Of<Milestone>(Planned, new MilestoneCompleted(On(19)));
        (milestone.Status, milestone.CompletedOn, milestone.AcceptedOn)
            .ShouldBe((MilestoneStatus.Completed, On(19), null));
    }

    [Fact]
    public void Acceptance_carries_who_when_and_the_evidence_and_keeps_what_it_does_not_name()
    {
        var milestone = Of<Milestone>(Planned, new MilestoneCompleted(On(19)), Accepted);
        (milestone.Status, milestone.AcceptedOn, milestone.AcceptedBy, milestone.Amount, milestone.Currency)
            .ShouldBe((MilestoneStatus.Accepted, On(21), "Ada", 500m, Eur));
        milestone.Evidence.ShouldBe([new("protocol", "Protocol.pdf")]);
    }

    [Fact]
    public void An_acceptance_without_evidence_is_none()
    {
        var definition = EventCatalog.Find("milestone_accepted");
        var body = Encoding.UTF8.GetString(definition.Write(Accepted));
        definition.Read(Encoding.UTF8.GetBytes(body)).ShouldBe(Accepted);
        var without = body.Replace("""[{"id":"protocol","name":"Protocol.pdf"}]""", "[]", StringComparison.Ordinal);
        without.ShouldNotBe(body);
        Should.Throw<JsonException>(() => definition.Read(Encoding.UTF8.GetBytes(without)));
        EventSchemas.Of(definition).ShouldContain("\"minItems\": 1");
    }

    [Fact]
    public void It_may_be_accepted_before_it_is_planned_or_reported_complete()
    {
        Of<Milestone>(Accepted).Status.ShouldBe(MilestoneStatus.Accepted);
        var milestone = Of<Milestone>(Planned, Accepted, new MilestoneCompleted());
        (milestone.Status, milestone.CompletedOn).ShouldBe((MilestoneStatus.Accepted, On(3)));
        Pending<Milestone>(new MilestoneCompleted(), new MilestoneCancelled()).ShouldBe([1, 2]);
    }

    [Fact]
    public void A_refused_acceptance_takes_the_evidence_with_it()
    {
        var milestone = Of<Milestone>(Planned, Accepted, new MilestoneAcceptanceRejected(Reason: "tests fail"));
        (milestone.Status, milestone.AcceptedOn, milestone.Evidence, milestone.Reason)
            .ShouldBe((MilestoneStatus.AcceptanceRejected, null, Items<Attachment>.None, "tests fail"));
        Of<Milestone>(Planned, new MilestoneAcceptanceRejected(), Accepted).Status.ShouldBe(MilestoneStatus.Accepted);
    }

    [Fact]
    public void What_it_is_worth_changes_by_amendment_and_every_change_is_kept()
    {
        var milestone = Of<Milestone>(
            Planned, new MilestoneAmountChanged(600m, Amendment: "A1"), new MilestoneRescheduled(On(25)),
            new MilestoneAmountChanged(550m, Reason: "settled"));
        (milestone.Amount, milestone.DueOn).ShouldBe((550m, On(25)));
        milestone.AmountChanges.ShouldBe(
            [new(On(2), 600m, Eur, "A1"), new(On(4), 550m, Eur, null, "settled")]);
    }

    [Fact]
    public void A_snapshot_says_what_it_says_and_leaves_the_rest()
    {
        var milestone = Of<Milestone>(
            Planned, Accepted,
            new MilestoneStated(Percent: 25m, Evidence: (Items<Attachment>)[new("mail")]) { Covers = [] });
        (milestone.Percent, milestone.Name, milestone.Status).ShouldBe((25m, "Go-live", MilestoneStatus.Accepted));
        milestone.Evidence.Select(d => d.Id).ShouldBe(["protocol", "mail"]);
        Of<Milestone>(Planned, new MilestoneStated(DueOn: null)).DueOn.ShouldBeNull();
    }
}
