using static Ledger.Domain.Tests.Telling;

namespace Ledger.Domain.Tests;

public sealed class GovernanceTests
{
    private static readonly Ref A = new("client", "crm", "1"), B = new("client", "erp", "7");

    [Fact]
    public void A_registration_replaces_the_one_before()
    {
        var source = Of<Source>(
            new SourceRegistered([Role.Psa], ["time"], LagDays: 3), new SourceRegistered([Role.Psa, Role.Billing]));
        source.Roles.ShouldBe([Role.Psa, Role.Billing]);
        (source.Kinds, source.LagDays).ShouldBe((Items<string>.None, null));
    }

    [Fact]
    public void A_source_stands_still_until_it_is_resumed_whatever_is_registered_meanwhile()
    {
        var registered = new SourceRegistered([Role.Psa], ["time"]);
        var still = Of<Source>(registered, new SourceSuspended("moved"), registered with { LagDays = 2 });
        (still.Suspended, still.LagDays).ShouldBe((new Standstill(On(2), "moved"), 2));
        Of<Source>(registered, new SourceSuspended("moved"), new SourceResumed()).Suspended.ShouldBeNull();
        Pending<Source>(new SourceSuspended("moved")).ShouldBe([1]);
        var later = Of<Source>(
            registered, new SourceSuspended("moves", On(5)), new SourceResumed(On: On(9))).Suspended!;
        (later.CountsOn(On(4)), later.CountsOn(On(5)), later.CountsOn(On(8)), later.CountsOn(On(9)))
            .ShouldBe((false, true, true, false));
    }

    [Fact]
    public void A_link_holds_until_it_is_taken_back()
    {
        Of<IdentityLink>(new IdentityLinked(A, B, "tax id")).Linked.ShouldBeTrue();
        Of<IdentityLink>(new IdentityLinked(A, B), new IdentityUnlinked(A, B, "two firms")).Linked.ShouldBeFalse();
    }

    [Fact]
    public void Coverage_that_is_withdrawn_waits_for_what_it_withdraws_and_may_be_stated_again()
    {
        var stated = new CoverageStated(CoverageRelation.Settles, A, B, Amount: 10m, Currency: Eur);
        Pending<Coverage>(new CoverageWithdrawn()).ShouldBe([1]);
        Of<Coverage>(stated, new CoverageWithdrawn()).Withdrawn.ShouldBeTrue();
        Of<Coverage>(stated, new CoverageWithdrawn(), stated).Withdrawn.ShouldBeFalse();
    }
}
