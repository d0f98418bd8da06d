using static Ledger.Domain.Tests.Telling;

namespace Ledger.Domain.Tests;

public sealed class ProjectTests
{
    private static readonly Ref Mia = new("resource", Id: "mia");

    [Fact]
    public void A_task_keeps_what_a_change_does_not_name()
    {
        var project = Of<Project>(
            new ProjectCreated("P"), new ProjectTaskAdded("T1", "Design", true, true, 500m),
            new ProjectTaskChanged("T1", Budget: 600m), new ProjectTaskClosed("T1"));
        project.Tasks.ShouldBe([new("T1", "Design", true, true, 600m, On(4))]);
    }

    [Fact]
    public void An_assignment_ends_on_the_day_it_is_released()
    {
        var project = Of<Project>(
            new ProjectCreated("P"), new ProjectResourceAssigned(Mia, "lead", On(1)), new ProjectResourceReleased(Mia));
        project.Assignments.ShouldBe([new(Mia, "lead", On(1), On(3), 2)]);
    }

    [Fact]
    public void Who_is_put_to_it_anew_was_before_what_he_was_before()
    {
        var project = Of<Project>(
            new ProjectCreated("P"), new ProjectResourceAssigned(Mia, "analyst", On(1)),
            new ProjectResourceAssigned(Mia, "lead", On(20)), new ProjectResourceAssigned(Mia, "senior", On(10)),
            new ProjectResourceReleased(Mia, On(25)));
        project.Assignments.OrderBy(a => a.From).ShouldBe(
        [
            new(Mia, "analyst", On(1), On(9), 2), new(Mia, "senior", On(10), On(19), 4),
            new(Mia, "lead", On(20), On(25), 3),
        ]);
    }

    [Fact]
    public void What_is_said_again_of_a_day_takes_its_place_and_without_a_day_counts_from_its_own()
    {
        var project = Of<Project>(
            new ProjectCreated("P"), new ProjectResourceAssigned(Mia, "analyst", On(1)),
            new ProjectResourceAssigned(Mia, "senior", On(1)), new ProjectResourceAssigned(Mia, "lead"));
        project.Assignments.ShouldBe([new(Mia, "senior", On(1), On(3), 3), new(Mia, "lead", On(4), null, 4)]);
    }

    [Fact]
    public void What_ends_a_part_waits_for_the_part()
    {
        Pending<Project>(new ProjectCreated("P"), new ProjectTaskClosed("T1")).ShouldBe([2]);
        Pending<Project>(new ProjectCreated("P"), new ProjectResourceReleased(Mia)).ShouldBe([2]);
    }

    [Fact]
    public void Goes_from_created_to_active_on_hold_and_closed()
    {
        Event[] told =
        [
            new ProjectCreated("P"), new ProjectActivated(), new ProjectPutOnHold(), new ProjectResumed(),
            new ProjectClosed(),
        ];
        Enumerable.Range(1, 5).Select(n => Of<Project>(told[..n]).Status).ShouldBe([
            ProjectStatus.Created, ProjectStatus.Active, ProjectStatus.OnHold, ProjectStatus.Active,
            ProjectStatus.Closed,
        ]);
    }
}
