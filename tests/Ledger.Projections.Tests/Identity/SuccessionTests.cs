using Ledger.Domain;
using Ledger.Projections.Tests.Lineage;
using NodaTime;

namespace Ledger.Projections.Tests.Identity;

public sealed class SuccessionTests
{
    private static readonly LocalDate July = new(2026, 7, 1), Before = new(2026, 6, 30);

    [Fact]
    public void Of_a_migrated_record_and_its_copy_one_counts_whatever_the_day()
    {
        var story = new Story().Worked("time/psa:1").Worked("time/psa-two:9")
            .Succeeded("time/psa:1", "time/psa-two:9", July, "x");
        story.On(Before).Counting(Kind.Time).ShouldBe(["time/psa:1"]);
        story.On(July).Counting(Kind.Time).ShouldBe(["time/psa-two:9"]);
        var entity = story.On(July).Entities(Kind.Time).Single();
        (entity.Id, entity.IsLive).ShouldBe(("time/psa:1", true));
        entity.Succeeded.ShouldBe(["time/psa:1"]);
        (entity.Ties.ToArray().Single() with { Said = null }).ShouldBe(
            new("succession/ledger:x", "time/psa:1", "time/psa-two:9", 3, TieBasis.Succeeded));
        story.On(July).Live<TimeEntry>(Kind.Time).Select(t => t.Record.Stream).ShouldBe(["time/psa-two:9"]);
    }

    [Fact]
    public void Where_only_one_of_them_is_there_it_counts()
    {
        var old = new Story().Worked("time/psa:1").Succeeded("time/psa:1", "time/psa-two:9", July, "x");
        old.On(July).Counting(Kind.Time).ShouldBe(["time/psa:1"]);
        var copy = new Story().Worked("time/psa:1").Worked("time/psa-two:9")
            .Succeeded("time/psa:1", "time/psa-two:9", July, "x").Tells("time/psa:1", new RecordDeleted());
        copy.On(Before).Counting(Kind.Time).ShouldBe(["time/psa-two:9"]);
        copy.On(July).Counting(Kind.Time).ShouldBe(["time/psa-two:9"]);
    }

    [Fact]
    public void A_record_may_move_within_its_system() =>
        new Story().Worked("time/psa:1").Worked("time/psa:2").Succeeded("time/psa:1", "time/psa:2", July, "x")
            .On(July).Together(Kind.Time).ShouldBe(["time/psa:1 time/psa:2"]);

    [Fact]
    public void A_succession_that_is_withdrawn_leaves_two_things()
    {
        var story = new Story().Worked("time/psa:1").Worked("time/psa-two:9")
            .Succeeded("time/psa:1", "time/psa-two:9", July, "x")
            .Says("ledger", "succession/x", new SuccessionWithdrawn());
        story.On(July).Counting(Kind.Time).Length.ShouldBe(2);
        story.On(July).Entities(Kind.Time).Count().ShouldBe(2);
    }

    [Fact]
    public void Every_record_of_a_replaced_system_goes_on_as_the_new_ones_of_its_kind_and_id()
    {
        var story = new Story().Worked("time/psa:1").Worked("time/psa:2").Worked("time/psa-two:1")
            .Tells("project/psa-two:2", new ProjectCreated("P"))
            .Says("ledger", "succession/x", new StreamSucceeded(
                new("source", "ledger", "psa"), new("source", "ledger", "psa-two"), July));
        story.On(Before).Counting(Kind.Time).ShouldBe(["time/psa:1", "time/psa:2"]);
        story.On(July).Counting(Kind.Time).ShouldBe(["time/psa:2", "time/psa-two:1"]);
        story.On(July).Together(Kind.Time).ShouldBe(["time/psa:1 time/psa-two:1", "time/psa:2"]);
    }

    [Fact]
    public void A_reference_to_what_is_gone_leads_to_what_took_its_place()
    {
        var story = new Story().Worked("time/psa-two:1").Worked("time/km:5")
            .Says("ledger", "succession/x", new StreamSucceeded(
                new("source", "ledger", "psa"), new("source", "ledger", "psa-two"), July))
            .Succeeded("time/old:1", "time/psa:1", July, "y");
        var world = story.On(July);
        world.Resolve(new("time", "psa", "1"), "billing")?.Stream.ShouldBe("time/psa-two:1");
        world.Resolve(new("time", "old", "1"), "billing")?.Stream.ShouldBe("time/psa-two:1");
        world.Resolve(new("time", "psa", "5"), "billing").ShouldBeNull();
        new Story().Worked("time/psa:1").Succeeded("time/psa:1", "time/psa-two:9", July, "x").On(July)
            .Resolve(new("time", "psa-two", "9"), "billing")?.Stream.ShouldBe("time/psa:1");
    }

    /// <summary>Three copies in a row, each there or not, each step past or to come, on any day: as long as one is
    /// there, one counts.</summary>
    [Fact]
    public void Of_a_chain_exactly_one_counts_whatever_is_there_and_whatever_the_day()
    {
        LocalDate[] days = [new(2026, 1, 1), new(2026, 2, 1), new(2026, 3, 1)];
        foreach (var there in Enumerable.Range(1, 7))
            foreach (var first in days)
                foreach (var second in days)
                {
                    var story = new Story();
                    for (var i = 0; i < 3; i++)
                    {
                        story.Worked($"time/s{i}:1");
                        if ((there >> i & 1) == 0) story.Tells($"time/s{i}:1", new RecordDeleted());
                    }

                    story.Succeeded("time/s0:1", "time/s1:1", first, "a")
                        .Succeeded("time/s1:1", "time/s2:1", second, "b");
                    foreach (var day in days)
                        story.On(day).Counting(Kind.Time).Length.ShouldBe(1, $"{there} {first} {second} {day}");
                }
    }

    [Fact]
    public void A_circle_leaves_one_that_counts() =>
        new Story().Worked("time/a:1").Worked("time/b:1").Worked("time/c:1")
            .Succeeded("time/a:1", "time/b:1", July, "1").Succeeded("time/b:1", "time/c:1", July, "2")
            .Succeeded("time/c:1", "time/a:1", July, "3").On(July)
            .Counting(Kind.Time).ShouldBe(["time/c:1"]);

    [Fact]
    public void Of_two_successors_the_one_that_began_last_counts_and_a_finding_tells_of_the_other()
    {
        var story = new Story().Worked("time/psa:1").Worked("time/b:1").Worked("time/c:1")
            .Succeeded("time/psa:1", "time/b:1", new(2026, 2, 1), "1")
            .Succeeded("time/psa:1", "time/c:1", new(2026, 3, 1), "2");
        var world = story.On(July);
        world.Counting(Kind.Time).ShouldBe(["time/b:1", "time/c:1"]);
        world.Together(Kind.Time).ShouldBe(["time/psa:1 time/c:1", "time/b:1"]);
        world.Findings.Select(f => (f.Code, f.Stream)).ShouldBe([("two_live_successors", "time/psa:1")]);
        story.On(new(2026, 2, 15)).Findings.ShouldBeEmpty();
    }

    [Fact]
    public void A_merged_client_and_its_target_are_one_and_a_reversed_merge_leaves_two()
    {
        var story = new Story().Client("client/crm:1", "Acme").Client("client/crm:2", "Acme Ltd")
            .Client("client/erp:7").Linked("client/crm:1", "client/erp:7", "x")
            .Tells("client/crm:1", new ClientMerged(new("client", Id: "2")));
        var world = story.Now();
        world.Together(Kind.Client).ShouldBe(["client/crm:1 client/crm:2 client/erp:7"]);
        world.Counting(Kind.Client).ShouldBe(["client/crm:2", "client/erp:7"]);
        world.Compose(world.EntityOf("client/erp:7")).Value<string>("name").ShouldBe("Acme");

        story.Tells("client/crm:1", new ClientMergeReversed());
        story.Now().Together(Kind.Client).ShouldBe(["client/crm:1 client/erp:7", "client/crm:2"]);
    }

    [Fact]
    public void Two_clients_merged_into_each_other_leave_one_that_counts() =>
        new Story().Client("client/crm:1").Client("client/crm:2")
            .Tells("client/crm:1", new ClientMerged(new("client", Id: "2")))
            .Tells("client/crm:2", new ClientMerged(new("client", Id: "1"))).Now()
            .Counting(Kind.Client).ShouldBe(["client/crm:2"]);

    [Fact]
    public void Only_the_ledgers_own_word_replaces_a_whole_system()
    {
        var replaced = new StreamSucceeded(new("source", "ledger", "psa"), new("source", "ledger", "psa-two"), July);
        foreach (var (says, counting) in new[] { ("erp", 2), ("psa", 2), ("ledger", 1) })
            new Story().Worked("time/psa:1").Worked("time/psa-two:1").Says(says, "succession/x", replaced).On(July)
                .Counting(Kind.Time).Length.ShouldBe(counting, says);
    }

    [Fact]
    public void A_source_says_only_of_its_own_records_what_they_went_on_as()
    {
        var moved = new StreamSucceeded(Speaking.Of("time/psa:1"), Speaking.Of("time/psa-two:9"), July);
        foreach (var (says, counting) in new[] { ("erp", 2), ("psa", 1), ("psa-two", 1), ("ledger", 1) })
            new Story().Worked("time/psa:1").Worked("time/psa-two:9").Says(says, "succession/x", moved).On(July)
                .Counting(Kind.Time).Length.ShouldBe(counting, says);
    }

    [Fact]
    public void Firm_and_world_hold_the_same_legal_entities_to_be_one_whatever_the_day()
    {
        Items<TaxId> vat = [new("VAT", "GB", "417220915")];
        var story = new Story()
            .Tells("legal_entity/psa:UK", new LegalEntityRegistered("Halden"))
            .Tells("legal_entity/psa-two:UK", new LegalEntityRegistered("Halden Ltd"))
            .Says("ledger", "succession/x", new StreamSucceeded(
                new("source", "ledger", "psa"), new("source", "ledger", "psa-two"), July))
            .Tells("legal_entity/psa:DE", new LegalEntityRegistered("Halden GmbH", TaxIds: vat))
            .Tells("legal_entity/psa:AT", new LegalEntityRegistered("Halden DE"))
            .Succeeded("legal_entity/psa:DE", "legal_entity/psa:AT", July, "y")
            .Tells("legal_entity/erp:DE", new LegalEntityRegistered("Halden Deutschland", TaxIds: vat));
        foreach (var day in new[] { Before, July })
        {
            var world = story.On(day);
            world.Together(Kind.LegalEntity).ShouldBe(
                [
                    "legal_entity/psa:UK legal_entity/psa-two:UK",
                    "legal_entity/psa:DE legal_entity/psa:AT legal_entity/erp:DE",
                ]);
            foreach (var record in world.Records.Values.Where(r => r.Kind == Kind.LegalEntity))
                world.Firm.EntityOf(record).ShouldBe(world.EntityOf(record.Stream).Id);
        }
    }
}
