using System.Text.Json;
using Ledger.Domain;
using Ledger.Projections.Views;
using Ledger.Store;

namespace Ledger.Projections.Tests;

public sealed class EntityTests
{
    private static readonly Ref OfPsa = new("time", "psa", "1");
    private static readonly Ref OfErp = new("time", "erp", "9");

    private static NewEvent Work(string source, string id, string? note = null, Rate? cost = null) => Telling.Event(
        source, "time/" + id,
        new TimeEntryRecorded(
            new("resource", Id: "anna"), new(2026, 3, 2), new(60, Unit.Minute), Note: note, CostRate: cost));

    private static NewEvent Linked(Ref a, Ref b, string id = "1") =>
        Telling.Event("ledger", "identity/" + id, new IdentityLinked(a, b), minute: 1);

    private static NewEvent Unlinked(Ref a, Ref b, string id = "1") =>
        Telling.Event("ledger", "identity/" + id, new IdentityUnlinked(a, b), minute: 2);

    [Fact]
    public async Task A_field_comes_from_its_owner_and_else_from_the_next_who_states_it()
    {
        await using var ledger = await LedgerDatabase.Create();
        var cost = new Rate(80, Currency.Of("GBP"), Unit.Hour);
        await Told(ledger, Work("erp", "9", "erp's", cost), Work("psa", "1", "psa's"), Linked(OfPsa, OfErp));

        var entity = await Find(ledger, "time/psa:1");

        entity.Id.ShouldBe("time/erp:9");
        entity.Members.ShouldBe(["time/erp:9", "time/psa:1"]);
        Field(entity, "note")
            .ShouldBe("""{"value": "psa's", "source": "psa", "stream": "time/psa:1", "position": 2}""");
        Field(entity, "costRate").ShouldBe(
            """
            {"value": {"per": "HUR", "amount": "80", "currency": "GBP"}, "source": "erp", "stream": "time/erp:9",
            """.ReplaceLineEndings(" ") + """ "position": 1}""");
        (await ledger.Rows("select note, cost_rate, resource from views.time"))
            .ShouldBe(["psa's|80|resource/psa:anna"]);
    }

    [Fact]
    public async Task While_the_owner_has_no_record_the_field_says_so()
    {
        await using var ledger = await LedgerDatabase.Create();
        await Told(ledger, Work("erp", "9", "erp's"));
        var alone = await Find(ledger, "time/erp:9");
        Field(alone, "note").ShouldEndWith(", \"ownerAbsent\": true}");

        await Told(ledger, Work("psa", "1"), Linked(OfPsa, OfErp));
        var owned = await Find(ledger, "time/erp:9");
        Field(owned, "note").ShouldBe("""{"value": "erp's", "source": "erp", "stream": "time/erp:9", "position": 1}""");

        await Told(ledger, Telling.Event("psa", "time/1", new RecordDeleted(), minute: 3));
        var gone = await Find(ledger, "time/erp:9");
        gone.Live.ShouldBeTrue();
        Field(gone, "note").ShouldEndWith(", \"ownerAbsent\": true}");
    }

    [Fact]
    public async Task Unlinking_parts_what_a_link_had_put_together()
    {
        await using var ledger = await LedgerDatabase.Create();
        Ref billing = new("time", "billing", "5");
        await Told(
            ledger, Work("erp", "9", "a"), Work("psa", "1", "b"), Work("billing", "5", "c"),
            Linked(OfPsa, OfErp, "1"), Linked(billing, OfPsa, "2"));
        (await ledger.Rows("select array_to_string(members, ' ') from views.entity where kind = 'time'"))
            .ShouldBe(["time/erp:9 time/psa:1 time/billing:5"]);

        await Told(ledger, Unlinked(OfPsa, OfErp, "1"));

        (await ledger.Rows("select array_to_string(members, ' ') from views.entity where kind = 'time' order by 1"))
            .ShouldBe(["time/erp:9", "time/psa:1 time/billing:5"]);
        (await Find(ledger, "time/billing:5")).Id.ShouldBe("time/psa:1");
    }

    [Fact]
    public async Task A_link_may_come_before_what_it_links()
    {
        await using var ledger = await LedgerDatabase.Create();
        await Told(ledger, Linked(OfPsa, OfErp));
        await Told(ledger, Work("psa", "1"));
        await Told(ledger, Work("erp", "9"));

        (await ledger.Rows("select array_to_string(members, ' ') from views.entity where kind = 'time'"))
            .ShouldBe(["time/psa:1 time/erp:9"]);
    }

    [Fact]
    public async Task Two_live_records_of_one_source_are_never_put_together()
    {
        await using var ledger = await LedgerDatabase.Create();
        Ref second = new("time", "psa", "2");
        await Told(
            ledger, Work("psa", "1"), Work("psa", "2"), Work("erp", "9"), Linked(OfPsa, OfErp, "1"),
            Linked(second, OfErp, "2"));
        (await ledger.Rows("select stream, refused from views.link order by 1"))
            .ShouldBe(["identity/ledger:1|False", "identity/ledger:2|True"]);
        (await ledger.Rows("select array_to_string(members, ' ') from views.entity where kind = 'time' order by 1"))
            .ShouldBe(["time/psa:1 time/erp:9", "time/psa:2"]);

        // Once its source has given up the other, the link holds.
        await Told(ledger, Telling.Event("psa", "time/1", new RecordDeleted(), minute: 3));

        (await ledger.Rows("select array_to_string(members, ' ') from views.entity where kind = 'time'"))
            .ShouldBe(["time/psa:1 time/psa:2 time/erp:9"]);
        (await ledger.Rows("select stream from views.link where refused")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_system_that_turns_out_to_be_the_owner_owns_what_it_said_before()
    {
        await using var ledger = await LedgerDatabase.Create();
        await Told(
            ledger, Work("erp", "9", "erp's"), Work("acme", "1", "acme's"), Linked(new("time", "acme", "1"), OfErp));
        (await ledger.Rows("select note from views.time")).ShouldBe(["erp's"]);

        await Told(ledger, Telling.Event("ledger", "source/acme", new SourceRegistered([Role.Psa])));

        (await ledger.Rows("select note from views.time")).ShouldBe(["acme's"]);
    }

    [Fact]
    public async Task Lists_page_through_a_kind_in_the_order_it_came()
    {
        await using var ledger = await LedgerDatabase.Create();
        await Told(
            ledger, Work("psa", "b"), Work("erp", "9"), Work("psa", "a"), Work("psa", "c"),
            Telling.Event("psa", "time/d", new TimeEntrySubmitted()), Linked(new("time", "psa", "a"), OfErp));

        var (position, first, _) = await EntityReader.List(
            ledger.Source, "time", 0, 2, EntityFilter.None, CancellationToken.None);
        var (_, rest, _) = await EntityReader.List(
            ledger.Source, "time", first[^1].Opened, 2, EntityFilter.None, CancellationToken.None);

        first.Select(e => e.Id).ShouldBe(["time/psa:b", "time/erp:9"]);
        position.ShouldBe(6);
        rest.Select(e => e.Id).ShouldBe(["time/psa:c"]);
        (await EntityReader.Find(ledger.Source, "time", "time/psa:none", CancellationToken.None)).Entities
            .ShouldBeEmpty();

        foreach (var (sought, found) in new (string, int)[]
        {
            ("quantity.unit=MIN", 3), ("quantity.value=60", 3), ("quantity.value=6", 0), ("quantity=60", 0),
            ("resource=resource/psa:anna", 3), ("resource.id=anna", 3), ("resource.\"id=anna", 0), ("ANNA", 3),
            ("psa:a", 1), ("nobody", 0),
        })
        {
            var filter = new EntityFilter(Having: Sought.Of(sought));
            (await EntityReader.List(ledger.Source, "time", 0, 9, filter, CancellationToken.None)).Entities.Count
                .ShouldBe(found, sought);
            (await EntityReader.List(ledger.Source, "time", 0, 9, filter, new(AsKnownAt: 6), CancellationToken.None))
                .Entities.Count.ShouldBe(found, $"{sought}, as it was");
        }
    }

    [Fact]
    public async Task One_stream_is_told_with_its_entity_and_what_waits()
    {
        await using var ledger = await LedgerDatabase.Create();
        await Told(
            ledger, Work("erp", "9"), Work("psa", "1"), Linked(OfPsa, OfErp),
            Telling.Event("psa", "time/2", new TimeEntrySubmitted()));

        var linked = await StreamQueries.Find(ledger.Source, "time/psa:1", CancellationToken.None);
        var waiting = await StreamQueries.Find(ledger.Source, "time/psa:2", CancellationToken.None);

        linked.Entity.ShouldBe("time/erp:9");
        linked.Position.ShouldBe(4);
        ((TimeEntry)linked.Record!.Fold.State!).Quantity.ShouldBe(new(60, Unit.Minute));
        waiting.Record!.Fold.State.ShouldBeNull();
        waiting.Record.Fold.Pending.ShouldBe([4]);
        (await StreamQueries.Find(ledger.Source, "time/psa:3", CancellationToken.None)).Record.ShouldBeNull();
    }

    private static async Task<EntityView> Find(LedgerDatabase ledger, string stream) =>
        (await EntityReader.Find(ledger.Source, "time", stream, CancellationToken.None)).Entities.Single();

    private static string Field(EntityView entity, string name) =>
        JsonElement.Parse(entity.Fields).GetProperty(name).GetRawText();

    private static async Task Told(LedgerDatabase ledger, params NewEvent[] events)
    {
        await ledger.Append(events);
        await ledger.Projector().CatchUp(null, CancellationToken.None);
        (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();
    }
}
