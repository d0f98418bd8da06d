using static Ledger.Domain.Tests.Telling;

namespace Ledger.Domain.Tests;

public sealed class LegalEntityTests
{
    private static readonly LegalEntityRegistered Uk =
        new("Halden & Marsh Ltd", "GB", Currency.Of("GBP"), "Europe/London", TaxIds: [new("VAT", "GB", "417220915")]);

    [Fact]
    public void Details_that_are_not_named_stay_as_they_were()
    {
        var state = Of<LegalEntity>(Uk, new LegalEntityDetailsChanged(Name: "Halden Marsh Ltd"));
        (state.Name, state.Country, state.Zone).ShouldBe(("Halden Marsh Ltd", "GB", "Europe/London"));
        state.TaxIds.ShouldBe([new("VAT", "GB", "417220915")]);
    }

    [Fact]
    public void A_snapshot_takes_away_what_it_shows_empty() =>
        Of<LegalEntity>(Uk, new LegalEntityStated(Zone: null)).Zone.ShouldBeNull();

    [Fact]
    public void Details_wait_for_the_registration() =>
        Pending<LegalEntity>(new LegalEntityDetailsChanged(Name: "x")).ShouldBe([1]);
}
