using static Ledger.Domain.Tests.Telling;

namespace Ledger.Domain.Tests;

public sealed class TimeEntryTests
{
    private static readonly TimeEntryRecorded Recorded = new(
        new Ref("resource", Id: "R1"), On(1), Hours(8), Task: "T1", Billable: true, BillRate: PerHour(140m));

    [Fact]
    public void A_correction_changes_what_it_names_and_nothing_else()
    {
        var entry = Of<TimeEntry>(Recorded, new TimeEntryCorrected(Quantity: Hours(7.5m), Note: "lunch"));
        (entry.Quantity, entry.Note, entry.Task, entry.BillRate).ShouldBe((Hours(7.5m), "lunch", "T1", PerHour(140m)));
    }

    [Fact]
    public void An_approval_says_who_when_and_how_much()
    {
        var entry = Of<TimeEntry>(Recorded, new TimeEntrySubmitted(), new TimeEntryApproved("mia", Hours(6)));
        entry.Approval.ShouldBe(new Approval(ApprovalStatus.Approved, "mia", Day(3), Hours(6)));
        entry.Quantity.ShouldBe(Hours(8), "approving less does not change what was worked");
    }

    [Fact]
    public void A_rejection_takes_the_place_of_an_approval_and_gives_its_reason() =>
        Of<TimeEntry>(Recorded, new TimeEntryApproved("mia", Hours(8)), new TimeEntryRejected("tom", "wrong task"))
            .Approval.ShouldBe(new Approval(ApprovalStatus.Rejected, "tom", Day(3), Reason: "wrong task"));

    [Fact]
    public void Work_that_is_reclassified_stays_what_it_was_in_all_else()
    {
        var entry = Of<TimeEntry>(Recorded, new TimeEntryReclassified(Task: "T2", Billable: false));
        (entry.Task, entry.Billable, entry.Quantity).ShouldBe(("T2", false, Hours(8)));
    }

    [Fact]
    public void Write_downs_add_up_and_the_work_stays()
    {
        var entry = Of<TimeEntry>(
            Recorded, new TimeEntryWrittenDown(100m, Eur, Reason: "rework"), new TimeEntryWrittenOff("lost"));
        entry.WriteDowns.ShouldBe(
            [new(false, 100m, Eur, Reason: "rework", On: On(2)), new(true, Reason: "lost", On: On(3))]);
        entry.Quantity.ShouldBe(Hours(8));
    }

    [Fact]
    public void A_flag_of_the_source_is_kept_as_said_and_approves_nothing()
    {
        var entry = Of<TimeEntry>(Recorded with { Stated = new("approved", true) });
        (entry.Stated, entry.Approval).ShouldBe((new StatedFlags("approved", true), null));
    }
}
