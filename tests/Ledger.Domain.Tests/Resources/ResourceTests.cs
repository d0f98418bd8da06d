using static Ledger.Domain.Tests.Telling;

namespace Ledger.Domain.Tests;

public sealed class ResourceTests
{
    [Fact]
    public void A_new_role_keeps_the_grade_and_a_cost_rate_the_role()
    {
        var mia = Of<Resource>(
            new ResourceOnboarded("Mia", "consultant", "senior"), new ResourceRoleChanged("lead"),
            new ResourceCostRateSet(PerHour(70m)));
        (mia.Role, mia.Grade, mia.CostRate).ShouldBe(("lead", "senior", PerHour(70m)));
    }

    [Fact]
    public void Each_day_has_the_role_the_grade_and_the_cost_that_were_in_force_on_it()
    {
        var mia = Of<Resource>(
            new ResourceOnboarded("Mia", "consultant", "g4", CostRate: PerHour(50m), From: On(1)),
            new ResourceRoleChanged("lead", From: On(20)), new ResourceCostRateSet(PerHour(70m), On(10)),
            new ResourceRoleChanged("senior", "g3", On(15)));
        new[] { -30, 14, 15, 19, 20 }.Select(day => mia.RoleOn(On(day)))
            .ShouldBe(["consultant", "consultant", "senior", "senior", "lead"]);
        (mia.GradeOn(On(14)), mia.GradeOn(On(15))).ShouldBe(("g4", "g3"));
        (mia.CostRateOn(On(9)), mia.CostRateOn(On(10))).ShouldBe((PerHour(50m), PerHour(70m)));
        (mia.Role, mia.Grade, mia.CostRate).ShouldBe(("lead", "g3", PerHour(70m)));
        mia.Roles.InForce(On(16))!.Position.ShouldBe(4, "by the event that said so");
    }

    [Fact]
    public void What_is_said_last_of_a_day_counts_from_it_and_leaves_every_other_day()
    {
        var mia = Of<Resource>(
            new ResourceOnboarded("Mia", "consultant"), new ResourceRoleChanged("lead", From: On(10)),
            new ResourceRoleChanged("senior", From: On(10)), new ResourceRoleChanged("analyst", From: On(5)));
        new[] { 4, 5, 9, 10 }.Select(day => mia.RoleOn(On(day)))
            .ShouldBe(["consultant", "analyst", "analyst", "senior"]);
    }

    [Fact]
    public void A_row_counts_from_the_day_it_shows_something_else_and_the_first_from_the_beginning()
    {
        var mia = Of<Resource>(
            new ResourceStated { Role = "consultant" }, new ResourceStated { Role = "consultant", Grade = "g4" },
            new ResourceStated { Role = "lead" });
        (mia.RoleOn(On(-30)), mia.RoleOn(On(2)), mia.RoleOn(On(3))).ShouldBe(("consultant", "consultant", "lead"));
        (mia.Roles.Count, mia.Grades.Count).ShouldBe((2, 1), "a row that says nothing new says nothing");
    }

    [Fact]
    public void What_a_person_puts_over_it_counts_for_every_day()
    {
        var mia = Of<Resource>(
            new ResourceOnboarded("Mia", "consultant"), new ResourceRoleChanged("lead", From: On(10)));
        (mia with { Role = "partner" }).RoleOn(On(4)).ShouldBe("partner");
    }

    [Fact]
    public void Of_any_changes_that_arrive_in_any_order_each_day_has_the_one_that_begins_last_and_was_said_last()
    {
        var random = new Random(31);
        for (var history = 0; history < 200; history++)
        {
            var told = Enumerable.Range(0, random.Next(1, 9)).Select(n => new RecordedEvent(
                100 + n, "psa", $"{n:00}", "stream", "resource_role_changed", Day(n + 2), On(n + 2), null, null, Day(99),
                new ResourceRoleChanged($"role {n}", From: On(random.Next(-9, 9))))).Prepend(new(
                99, "psa", "first", "stream", "resource_onboarded", Day(1), On(1), null, null, Day(99),
                new ResourceOnboarded("Mia", "role at first"))).ToArray();
            var mia = StreamFold.Fold(Kind.Resource, told).State.ShouldBeOfType<Resource>();
            for (var day = -10; day < 10; day++)
            {
                var before = told.Where(e => e.Body is ResourceRoleChanged c && c.From <= On(day))
                    .Select(e => (ResourceRoleChanged)e.Body).ToArray();
                mia.RoleOn(On(day)).ShouldBe(
                    before.Length == 0 ? "role at first" : before.Last(c => c.From == before.Max(b => b.From)).Role);
            }

            random.Shuffle(told);
            StreamFold.Fold(Kind.Resource, told).State.ShouldBe(mia);
        }
    }

    [Fact]
    public void Who_comes_back_has_no_last_day()
    {
        var joined = new ResourceOnboarded("Mia");
        Of<Resource>(joined, new ResourceOffboarded()).To.ShouldBe(On(2));
        Of<Resource>(joined, new ResourceOffboarded(), joined).To.ShouldBeNull();
    }
}
