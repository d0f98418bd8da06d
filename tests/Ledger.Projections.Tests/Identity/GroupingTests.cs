using Ledger.Domain;
using Ledger.Projections.Tests.Lineage;

namespace Ledger.Projections.Tests.Identity;

public sealed class GroupingTests
{
    /// <summary>Two sources with two clients each: every set of three links between them, told in every order of their
    /// records, comes to what the earlier link first comes to.</summary>
    [Fact]
    public void Every_order_of_ties_gives_the_one_result_of_the_rule()
    {
        string[] streams = ["client/crm:1", "client/crm:2", "client/erp:1", "client/erp:2"];
        (string A, string B)[] pairs = [.. from a in streams from b in streams where a != b select (a, b)];
        var checkedOrders = 0;
        foreach (var one in pairs)
            foreach (var two in pairs)
            {
                var story = new Story();
                foreach (var stream in streams) story.Client(stream);
                (string A, string B)[] links = [one, two, (streams[0], streams[3])];
                for (var i = 0; i < links.Length; i++) story.Linked(links[i].A, links[i].B, $"{i}");
                var expected = ByHand(streams, links);
                foreach (var seed in new[] { 1, 2, 3 })
                {
                    story.Now(seed).Together(Kind.Client).Order(StringComparer.Ordinal).ShouldBe(expected);
                    checkedOrders++;
                }
            }

        checkedOrders.ShouldBe(432);
    }

    [Fact]
    public void Unlinking_parts_what_only_that_link_held_and_numbers_the_rest_anew()
    {
        var story = new Story().Client("client/crm:1").Client("client/erp:1").Client("client/psa:1")
            .Linked("client/crm:1", "client/erp:1", "a").Linked("client/erp:1", "client/psa:1", "b");
        story.Now().Together(Kind.Client).ShouldBe(["client/crm:1 client/erp:1 client/psa:1"]);
        story.Unlinked("client/crm:1", "client/erp:1", "a").Now().Together(Kind.Client)
            .ShouldBe(["client/crm:1", "client/erp:1 client/psa:1"]);
        story.Linked("client/crm:1", "client/psa:1", "a").Now().Together(Kind.Client)
            .ShouldBe(["client/crm:1 client/erp:1 client/psa:1"]);
    }

    [Fact]
    public void A_member_belongs_to_the_entity_of_an_id_since_the_tie_that_joined_it()
    {
        var world = new Story().Client("client/crm:1").Client("client/erp:1").Client("client/psa:1")
            .Linked("client/erp:1", "client/psa:1", "a").Linked("client/psa:1", "client/crm:1", "b").Now();
        var entity = world.Entities(Kind.Client).Single();
        entity.Since.ShouldBe([1, 5, 5]);
        entity.Ties.Select(t => (t.Stream, t.Basis)).ShouldBe(
            [("identity/ledger:a", TieBasis.Confirmed), ("identity/ledger:b", TieBasis.Confirmed)]);
    }

    [Fact]
    public void A_link_a_source_states_is_stated_and_one_of_the_ledger_confirmed()
    {
        var world = new Story().Client("client/crm:1").Client("client/erp:1")
            .Says("crm", "identity/a", new IdentityLinked(new("client", Id: "1"), new("client", "erp", "1"))).Now();
        world.Entities(Kind.Client).Single().Ties.Single().Basis.ShouldBe(TieBasis.Stated);
    }

    [Fact]
    public void A_refused_link_is_a_finding_and_a_proposal_until_it_can_hold()
    {
        var story = new Story().Client("client/crm:1").Client("client/crm:2", "Other").Client("client/erp:1", "Third")
            .Linked("client/crm:1", "client/erp:1", "a").Linked("client/crm:2", "client/erp:1", "b");
        var world = story.Now();
        world.Findings.Select(f => (f.Code, f.Stream)).Distinct().ShouldBe(
            [("link_refused", "client/erp:1"), ("link_refused", "client/crm:2")]);
        world.Proposals.Select(p => (p.A, p.B)).ShouldBe([("client/crm:2", "client/erp:1")]);
        story.Tells("client/crm:1", new RecordDeleted());
        story.Now().Findings.ShouldBeEmpty();
        story.Now().Proposals.ShouldBeEmpty();
    }

    /// <summary>What World says of a few records is what it says of them among all, as long as ties lead nowhere else.
    /// </summary>
    [Fact]
    public void A_small_world_says_what_the_whole_says()
    {
        var story = new Story();
        for (var i = 0; i < 30; i++)
            story.Taxed($"client/crm:{i}", $"10000{i:00}").Taxed($"client/erp:{i}", $"10000{i + i % 3:00}")
                .Client($"client/psa:{i}");
        for (var i = 0; i < 30; i += 4) story.Linked($"client/psa:{i}", $"client/erp:{i}", $"{i}");
        for (var i = 0; i < 29; i += 5) story.Rejected($"client/crm:{i}", $"client/erp:{i}", $"r{i}");
        var whole = story.Now();
        foreach (var entity in whole.Entities(Kind.Client))
        {
            // All that shares a key with a member, or is linked, and what that reaches in turn.
            var reach = Reach(whole, entity);
            var small = new World(whole.Position, whole.Day, whole.Records.Values.Where(r => reach.Contains(r.Stream)));
            var same = small.EntityOf(entity.Id);
            same.Members.ShouldBe(entity.Members);
            same.Ties.ShouldBe(entity.Ties);
            small.FindingsOf(same).ShouldBe(whole.FindingsOf(entity));
        }
    }

    private static HashSet<string> Reach(World world, Entity entity)
    {
        var reach = entity.Members.Select(m => m.Stream).ToHashSet();
        var identities = world.Records.Values.Where(r => r.Kind == Kind.Identity)
            .Select(r => (r.Stream, Link: (IdentityLink)r.Fold.State!)).ToArray();
        for (var before = 0; before < reach.Count;)
        {
            before = reach.Count;
            var keys = reach.SelectMany(s => Projections.Identity.BusinessKeys.Of(world.Records[s])).ToHashSet();
            reach.UnionWith(world.Records.Values.Where(r => Projections.Identity.BusinessKeys.Of(r).Any(keys.Contains))
                .Select(r => r.Stream));
            foreach (var (stream, link) in identities)
                if (new[] { link.A!, link.B! }.Select(r => r.Stream("ledger")!).ToArray() is var ends
                    && ends.Any(reach.Contains))
                    reach.UnionWith([stream, .. ends]);
        }

        return reach;
    }

    private static string[] ByHand(string[] streams, (string A, string B)[] links)
    {
        var groups = streams.Select(s => new List<string> { s }).ToList();
        foreach (var (a, b) in links)
        {
            var (ofA, ofB) = (groups.Single(g => g.Contains(a)), groups.Single(g => g.Contains(b)));
            if (ofA == ofB || ofA.Any(s => ofB.Any(o => StreamName.SourceOf(o) == StreamName.SourceOf(s)))) continue;
            ofA.AddRange(ofB);
            groups.Remove(ofB);
        }

        return [.. groups.Select(g => string.Join(' ', g.OrderBy(s => Array.IndexOf(streams, s))))
            .Order(StringComparer.Ordinal)];
    }
}
