using static Ledger.Domain.Tests.Telling;

namespace Ledger.Domain.Tests;

public sealed class KnowledgeAssetTests
{
    private static readonly Ref Project = new("project", "psa", "P1");
    private static readonly Ref Client = new("client", "erp", "C1");

    [Fact]
    public void Links_add_up_and_none_counts_twice()
    {
        var asset = Of<KnowledgeAsset>(
            new KnowledgeAssetLinked([Project], "Ramp design", "deliverable"), new KnowledgeAssetLinked([Client, Project]));
        asset.About.ShouldBe([Project, Client]);
        (asset.Title, asset.Status).ShouldBe(("Ramp design", KnowledgeAssetStatus.Linked));
    }

    [Fact]
    public void It_is_published_withdrawn_and_published_again()
    {
        KnowledgeAssetPublished published = new(Title: "Ramp design", Audience: "all");
        var withdrawn = Of<KnowledgeAsset>(published, new KnowledgeAssetWithdrawn(Reason: "client asked"));
        (withdrawn.Status, withdrawn.PublishedOn, withdrawn.WithdrawnOn, withdrawn.Reason)
            .ShouldBe((KnowledgeAssetStatus.Withdrawn, On(1), On(2), "client asked"));
        var again = Of<KnowledgeAsset>(published, new KnowledgeAssetWithdrawn(Reason: "x"), published);
        (again.Status, again.WithdrawnOn, again.Reason).ShouldBe((KnowledgeAssetStatus.Published, null, null));
    }

    [Fact]
    public void What_nobody_has_is_not_withdrawn() =>
        Pending<KnowledgeAsset>(new KnowledgeAssetWithdrawn()).ShouldBe([1]);

    [Fact]
    public void A_snapshot_of_all_its_links_takes_the_others_away_and_one_of_some_does_not()
    {
        KnowledgeAssetLinked linked = new([Project]);
        Of<KnowledgeAsset>(linked, new KnowledgeAssetStated(About: (Items<Ref>)[Client])).About.ShouldBe([Client]);
        Of<KnowledgeAsset>(linked, new KnowledgeAssetStated(About: (Items<Ref>)[Client]) { Covers = [] }).About
            .ShouldBe([Project, Client]);
    }
}
