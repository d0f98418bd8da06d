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
    public void A_ceiling_counts_from_its_day_and_the_days_before_keep_theirs()
    {
        var contract = Of<Contract>(
            Signed, new ContractCeilingChanged(new("cap", "contract", 12_000m), On(20)),
            new ContractCeilingChanged(new("cap", "contract", 11_000m), On(10)),
            new ContractCeilingChanged(new("new", "line", 500m, Of: "1"), On(15)));
        new[] { -9, 9, 10, 15, 20 }.Select(day => string.Join(" ", contract.CeilingsOn(On(day)).Select(c => c.Amount)))
            .ShouldBe(["10000", "10000", "11000", "11000 500", "12000 500"]);
        contract.CeilingTerms.InForce(On(11), "cap")!.Position.ShouldBe(3);
    }

    [Fact]
    public void An_amendment_of_a_ceiling_counts_from_the_amendments_day()
    {
        var contract = Of<Contract>(
            Signed, new ContractAmended("A1", On(2), On(10), [new("ceilings/cap/amount", "12000", "10000")]));
        (contract.CeilingsOn(On(9))[0].Amount, contract.CeilingsOn(On(10))[0].Amount).ShouldBe((10_000m, 12_000m));
    }

    [Fact]
    public void An_amendment_told_again_or_superseded_leaves_nothing_of_what_it_made_of_a_ceiling()
    {
        var first = new ContractAmended("A1", On(2), On(10), [new("ceilings/cap/amount", "12000")]);
        var hours = new ContractAmended("A2", On(2), On(15), [new("ceilings/cap/qty", "80")]);
        var next = new ContractAmended("A3", On(2), On(20), [new("rounding", "invoice half_even")], Supersedes: "A1");
        var earlier = next with { EffectiveFrom = On(8), Changes = [new("ceilings/cap/amount", "11000")] };

        By(first, first with { EffectiveFrom = On(20) }).ShouldBe("10000 10000 10000 10000 12000");
        var lowered = new ContractCeilingChanged(new("cap", "contract", 9_000m), On(15));
        By(first, lowered, first with { EffectiveFrom = On(8) })
            .ShouldBe("10000 12000 12000 9000 9000");
        foreach (var told in new ContractEvent[][] { [first, hours, next], [next, hours, first], [hours, next, first] })
            By(told).ShouldBe("10000 10000 12000 12000/80 10000/80");
        foreach (var told in new ContractEvent[][] { [first, hours, earlier], [earlier, hours, first] })
            By(told).ShouldBe("10000 11000 11000 11000/80 11000/80");

        static string By(params ContractEvent[] told) => string.Join(" ", new[] { 7, 8, 10, 15, 20 }.Select(day =>
        {
            var cap = Of<Contract>([Signed, .. told]).CeilingsOn(On(day)).ShouldHaveSingleItem();
            return $"{cap.Amount}{(cap.Qty is { } qty ? $"/{qty.Value}" : "")}";
        }));
    }

    [Fact]
    public void A_card_counts_once_on_any_day_and_keeps_its_place()
    {
        var (card, other) = (new Ref("rate_card", Id: "C"), new Ref("rate_card", Id: "D"));
        var signed = Signed with { RateCards = [card, other] };
        Of<Contract>(signed, new ContractRateCardAssigned(card, On(10), On(20))).RateCards
            .ShouldBe([new(card, null, On(9)), new(card, On(10), On(20)), new(other)]);
        Of<Contract>(signed, new ContractRateCardAssigned(card, On(10)), new ContractRateCardAssigned(card, To: On(20)))
            .RateCards.ShouldBe([new(card, null, On(20)), new(other)]);
        foreach (var says in new ContractRateCardAssigned[][]
        {
            [new(card, On(10)), new(card, On(20), On(25))], [new(card, On(20), On(25)), new(card, On(10))],
        })
            Of<Contract>([Signed with { RateCards = null }, .. says]).RateCards
                .ShouldBe([new(card, On(10), On(19)), new(card, On(20), On(25))]);
    }

    [Fact]
    public void A_row_changes_a_ceiling_from_its_day_and_lifts_what_it_leaves_out()
    {
        var contract = Of<Contract>(
            Signed, new ContractStated { Ceilings = Items.Of<Ceiling>([new("cap", "contract", 9_000m)]) },
            new ContractStated { Ceilings = Items<Ceiling>.None });
        (contract.CeilingsOn(On(1))[0].Amount, contract.CeilingsOn(On(2))[0].Amount).ShouldBe((10_000m, 9_000m));
        contract.CeilingsOn(On(3)).ShouldBeEmpty();
        contract.Ceilings.ShouldBeEmpty();
    }

    [Fact]
    public void The_words_of_a_clause_are_those_of_the_day()
    {
        var contract = Of<Contract>(
            Signed, new ContractClauseSet("7.2", "Rates", "as on the card"),
            new ContractClauseSet("7.2", "Rates", "as on the card, less 5 %", On(20)),
            new ContractClauseSet("9", "Travel", "borne by the firm", On(10)));
        contract.ClausesOn(On(19)).Select(c => c.Text).ShouldBe(["as on the card", "borne by the firm"]);
        contract.ClausesOn(On(20)).Select(c => c.Text).ShouldBe(["as on the card, less 5 %", "borne by the firm"]);
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
