using Ledger.Domain;

namespace Ledger.Projections.Tests;

public sealed class ProjectorTests
{
    private static readonly Ref Anna = new("resource", Id: "anna");

    private static TimeEntryRecorded Work(decimal minutes, string? note = null) =>
        new(Anna, new(2026, 3, 2), new(minutes, Unit.Minute), Note: note);

    [Fact]
    public async Task Folds_what_was_appended_and_answers_where_it_got_to()
    {
        await using var ledger = await LedgerDatabase.Create();
        await ledger.Append(
            Telling.Event("psa", "time/1", Work(90)),
            Telling.Event("psa", "time/1", new TimeEntryApproved("bob", new(90, Unit.Minute)), minute: 1),
            Telling.Event("psa", "time/2", Work(15)));
        var projector = new Projector(ledger.Source, ledger.Store);

        (await projector.CatchUp(null, CancellationToken.None)).ShouldBe(3);

        (await ledger.Rows("select id, quantity, approval, approved_by, members[1] from views.time order by 1")).ShouldBe(
            ["time/psa:1|90|approved|bob|time/psa:1", "time/psa:2|15|-|-|time/psa:2"]);
        (await projector.VerifyViews(null, CancellationToken.None)).ShouldBeNull();
        (await projector.Rebuild(null, CancellationToken.None)).ShouldBe(3);
        (await projector.VerifyViews(null, CancellationToken.None)).ShouldBeNull();
    }
}
