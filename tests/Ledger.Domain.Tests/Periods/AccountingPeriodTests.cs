using System.Text.Json;
using static Ledger.Domain.Tests.Telling;

namespace Ledger.Domain.Tests;

public sealed class AccountingPeriodTests
{
    private static readonly PeriodOpened March = new("2026-03", new(2026, 3, 1), new(2026, 3, 31));

    [Fact]
    public void A_period_closes_and_opens_again_with_a_reason()
    {
        Of<AccountingPeriod>(March).Status.ShouldBe(PeriodStatus.Open);
        Of<AccountingPeriod>(March, new PeriodSoftClosed()).Status.ShouldBe(PeriodStatus.SoftClosed);
        Of<AccountingPeriod>(March, new PeriodSoftClosed(), new PeriodClosed()).Status.ShouldBe(PeriodStatus.Closed);
        var reopened = Of<AccountingPeriod>(March, new PeriodClosed(), new PeriodReopened("late invoice"));
        (reopened.Status, reopened.Reopened, reopened.Reason).ShouldBe((PeriodStatus.Open, 1, "late invoice"));
        Of<AccountingPeriod>(March, new PeriodClosed("done"), new PeriodStated(Status: PeriodStatus.Open)).Reason
            .ShouldBeNull("why it was closed is not why it was opened again");
    }

    [Fact]
    public void Its_dates_may_be_corrected_while_it_is_closed()
    {
        var state = Of<AccountingPeriod>(March, new PeriodClosed(), March with { To = new(2026, 4, 3) });
        (state.Status, state.To).ShouldBe((PeriodStatus.Closed, new NodaTime.LocalDate(2026, 4, 3)));
    }

    [Fact]
    public void It_has_its_first_day_and_its_last_and_none_while_they_are_not_known()
    {
        var state = Of<AccountingPeriod>(March);
        (state.Contains(new(2026, 3, 1)), state.Contains(new(2026, 3, 31)), state.Contains(new(2026, 4, 1)))
            .ShouldBe((true, true, false));
        Of<AccountingPeriod>(new PeriodStated("2026-03")).Contains(new(2026, 3, 1)).ShouldBeFalse();
    }

    [Fact]
    public void A_snapshot_that_shows_it_open_opened_it_again()
    {
        var state = Of<AccountingPeriod>(
            March, new PeriodStated(Status: PeriodStatus.Closed), new PeriodStated(Status: PeriodStatus.Open));
        (state.Status, state.Reopened, state.Name).ShouldBe((PeriodStatus.Open, 1, "2026-03"));
    }

    [Fact]
    public void Closing_waits_for_the_period() => Pending<AccountingPeriod>(new PeriodClosed()).ShouldBe([1]);

    [Fact]
    public void A_period_that_ends_before_it_begins_is_refused() => Should.Throw<JsonException>(() =>
        EventCatalog.Find("period_opened").Read("""{"period":"x","from":"2026-03-02","to":"2026-03-01"}"""u8));
}
