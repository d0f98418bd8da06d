using static Ledger.Domain.Tests.Telling;

namespace Ledger.Domain.Tests;

public sealed class ClientTests
{
    private static readonly ClientRegistered Acme = new("Acme", Currency: Eur, Parent: new Ref("client", Id: "H"));

    [Fact]
    public void A_change_of_details_keeps_what_it_does_not_name()
    {
        var client = Of<Client>(Acme, new ClientDetailsChanged(Name: "Acme plc"));
        (client.Name, client.Currency).ShouldBe(("Acme plc", Eur));
    }

    [Fact]
    public void A_change_of_hierarchy_without_a_parent_leaves_none() =>
        Of<Client>(Acme, new ClientHierarchyChanged()).Parent.ShouldBeNull();

    [Fact]
    public void A_merge_is_taken_back_whole_and_both_histories_stay()
    {
        var into = new Ref("client", Id: "B");
        Of<Client>(Acme, new ClientMerged(into)).MergedInto.ShouldBe(into);
        Of<Client>(Acme, new ClientMerged(into), new ClientMergeReversed()).ShouldBe(Of<Client>(Acme));
    }

    [Fact]
    public void Is_active_until_somebody_says_not()
    {
        Of<Client>(Acme).Active.ShouldBeTrue();
        Of<Client>(Acme, new ClientDeactivated()).Active.ShouldBeFalse();
        Of<Client>(new ClientStated(Active: false)).Active.ShouldBeFalse();
    }
}
