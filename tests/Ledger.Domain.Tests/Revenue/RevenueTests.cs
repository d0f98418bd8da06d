using static Ledger.Domain.Tests.Telling;

namespace Ledger.Domain.Tests;

public sealed class RevenueTests
{
    private static readonly RevenuePolicy Policy =
        new(RevenueTiming.OverTime, RevenueMeasure.Costs, ContractModification.CatchUp, "IFRS 15.35(c)", "cfo", On(1));

    private static readonly RevenueScheduleSet Set = new(
        1_200m, Eur, Policy, new("contract", "clm", "K1"), "L1", From: On(1), To: On(90),
        Schedule: [new("1", On(31), 400m, "2026-03"), new("2", On(61), 800m)]);

    private static RevenueRecognized Recognized(string id, decimal amount) =>
        new(id, On(31), amount, Eur, "2026-03", new("posting", "erp", "JE-1"));

    [Fact]
    public void The_decision_is_kept_and_not_only_the_number_that_comes_of_it()
    {
        var revenue = Of<Revenue>(Set);
        (revenue.Policy, revenue.Amount, revenue.Schedule.Count, revenue.Recognized).ShouldBe((Policy, 1_200m, 2, 0m));
        var anew = Policy with { Modification = ContractModification.Prospective };
        Of<Revenue>(Set, Set with { Policy = anew }).Policy.ShouldBe(anew);
    }

    [Fact]
    public void Recognitions_add_up_and_one_told_again_takes_its_own_place()
    {
        var revenue = Of<Revenue>(Set, Recognized("1", 400m), Recognized("2", 250m), Recognized("1", 380m));
        revenue.Recognized.ShouldBe(630m);
        revenue.Recognitions.Select(r => (r.Id, r.Amount, r.Position)).ShouldBe([("1", 380m, 4), ("2", 250m, 3)]);
    }

    [Fact]
    public void A_reversal_takes_back_what_it_says_or_all_that_is_left()
    {
        var revenue = Of<Revenue>(
            Set, Recognized("1", 400m), new RevenueReversed("1", On(40), 100m), new RevenueReversed("1"));
        revenue.Recognized.ShouldBe(0m);
        revenue.Recognitions[0].Reversals.ShouldBe(
            [new(On(40), 100m, Position: 3), new(On(4), 300m, Position: 4)]);
        Of<Revenue>(Recognized("1", -50m), new RevenueReversed("1")).Recognized.ShouldBe(0m, "a catch-up may be negative");
    }

    [Fact]
    public void What_was_recognised_may_be_stated_without_the_schedule()
    {
        var revenue = Of<Revenue>(Recognized("1", 400m));
        (revenue.Recognized, revenue.Currency, revenue.Amount).ShouldBe((400m, Eur, null));
        Pending<Revenue>(Set, new RevenueReversed("1")).ShouldBe([2]);
    }

    [Fact]
    public void Recognition_is_closed_on_a_day()
    {
        var revenue = Of<Revenue>(Set, new RevenueRecognitionClosed(On(90)));
        (revenue.Status, revenue.ClosedOn).ShouldBe((RevenueStatus.Closed, On(90)));
    }

    [Fact]
    public void A_recognition_shown_as_it_was_keeps_the_event_that_first_stated_it()
    {
        RevenueStated shown = new(Recognitions: (Items<Recognition>)[new("1", On(31), 400m), new("2", On(61), 100m)]);
        var revenue = Of<Revenue>(
            shown, shown with { Recognitions = (Items<Recognition>)[new("1", On(31), 400m), new("2", On(61), 90m)] });
        revenue.Recognized.ShouldBe(490m);
        revenue.Recognitions.Select(r => (r.Id, r.Position)).ShouldBe([("1", 1), ("2", 2)]);
    }
}
