using static Ledger.Domain.Tests.Telling;

namespace Ledger.Domain.Tests;

public sealed class ContractTests
{
    private static readonly ContractSigned Signed = new(
        new Ref("client", Id: "C1"), On(1), On(1), Eur, BillingModel.TimeAndMaterials,
        Ceilings: [new("cap", "contract", 10_000m)], Rounding: new(RoundingScope.Line, RoundingMode.HalfEven));

    [Fact]
    public void An_amendment_is_kept_beside_the_contract_never_written_over_it()
    {
        var amended = new ContractAmended("A1", On(2), On(10), [new("rounding", "invoice half_even")]);
        var contract = Of<Contract>(Signed, amended);
        contract.Rounding.ShouldBe(Signed.Rounding);
        contract.Amendments.ShouldHaveSingleItem().EffectiveFrom.ShouldBe(On(10));
    }

    [Fact]
    public void A_ceiling_changes_under_its_name()
    {
        var contract = Of<Contract>(Signed, new ContractCeilingChanged(new("cap", "contract", 12_000m)));
        contract.Ceilings.ShouldBe([new("cap", "contract", 12_000m)]);
    }

    [Fact]
    public void An_item_of_the_schedule_is_released_once_it_is_on_it()
    {
        var schedule = new ContractBillingScheduleSet([new("M1", On(20), 500m)]);
        Of<Contract>(Signed, schedule, new ContractBillingScheduleReleased("M1")).Schedule[0].ReleasedOn
            .ShouldBe(On(3));
        Pending<Contract>(Signed, new ContractBillingScheduleReleased("M1")).ShouldBe([2]);
    }

    [Fact]
    public void Nothing_is_known_of_a_contract_until_it_is_signed_or_shown() =>
        Fold<Contract>(new ContractSuspended(), new ContractClosed()).State.ShouldBeNull();
}
