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
    public void Who_comes_back_has_no_last_day()
    {
        var joined = new ResourceOnboarded("Mia");
        Of<Resource>(joined, new ResourceOffboarded()).To.ShouldBe(On(2));
        Of<Resource>(joined, new ResourceOffboarded(), joined).To.ShouldBeNull();
    }
}
