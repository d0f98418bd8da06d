using System.Text;
using Ledger.Domain;

namespace Ledger.Projections.Tests;

public sealed class RebuildTests
{
    private static readonly TimeEntryRecorded Work = new(
        new("resource", Id: "anna"), new(2026, 3, 2), new(60, Unit.Minute));

    [Fact]
    public async Task The_old_views_serve_until_the_new_ones_take_their_place_with_their_rights_and_readers()
    {
        await using var ledger = await LedgerDatabase.Create();
        await ledger.Append(Telling.Event("psa", "time/1", Work));
        await ledger.Projector().CatchUp(null, CancellationToken.None);
        await ledger.Execute(
            """
            grant select on views.entity, views.time to public;
            create schema analysts;
            create view analysts.hours as
              select sum(t.quantity) as minutes from views.time t join views.entity e using (id);
            update views.by_source set state = '{"quantity": {"value": "1", "unit": "MIN"}}';
            """);
        var comments = await Comments(ledger);
        var indexes = await Indexes(ledger);
        var told = new List<Progress>();

        (await ledger.Projector().Rebuild(new Reported(told.Add), CancellationToken.None)).ShouldBe(1);

        (await ledger.Rows("select quantity from views.time_by_source")).ShouldBe(["60"]);
        (await ledger.Rows("select minutes from analysts.hours")).ShouldBe(["60"]);
        (await ledger.Rows(
            """
            select has_table_privilege('public', t, 'select')
            from unnest(array['views.entity', 'views.time', 'views.edge']) t
            """)).ShouldBe(["True", "True", "False"]);
        (await Comments(ledger)).ShouldBe(comments);
        (await Indexes(ledger)).ShouldBe(indexes);
        (await ledger.Rows("select nspname from pg_namespace where nspname like 'views%'")).ShouldBe(["views"]);
        told[^1].ShouldBe(new(1, 1));
        await ledger.Append(Telling.Event("psa", "time/1", new TimeEntryCorrected(Note: "after"), minute: 1));
        await ledger.Projector().CatchUp(null, CancellationToken.None);
        (await ledger.Rows("select note from views.time")).ShouldBe(["after"]);
    }

    [Fact]
    public async Task What_is_appended_while_it_runs_is_in_it()
    {
        await using var ledger = await LedgerDatabase.Create();
        var histories = new Histories(61, whole: true);
        await ledger.Append(histories.Next(500));
        using var stop = new CancellationTokenSource();
        var run = ledger.Projector(batchEvents: 20).Run(stop.Token);
        var rebuilt = Task.Run(async () =>
        {
            for (var i = 0; i < 3; i++) await ledger.Projector().Rebuild(null, CancellationToken.None);
        });
        // What comes without end, and faster than it can be folded, would never be all in it.
        for (var more = 100; more > 0 && !rebuilt.IsCompleted; more--) await ledger.Append(histories.Next(20));

        await rebuilt;
        var projector = ledger.Projector();
        await projector.CatchUp(null, CancellationToken.None);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(run);
        (await projector.VerifyViews(null, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task One_that_was_cut_off_leaves_the_views_as_they_were_and_the_next_one_goes_through()
    {
        await using var ledger = await LedgerDatabase.Create();
        await ledger.Append(new Histories(71, whole: true).Next(200));
        await ledger.Projector().CatchUp(null, CancellationToken.None);
        var before = await ViewState.All(ledger);
        using var cut = new CancellationTokenSource();

        await Should.ThrowAsync<OperationCanceledException>(
            ledger.Projector().Rebuild(new Reported(_ => cut.Cancel()), cut.Token));
        (await ViewState.All(ledger)).ShouldBe(before);

        await ledger.Projector().Rebuild(null, CancellationToken.None);
        (await ViewState.All(ledger)).ShouldBe(before);
    }

    [Theory]
    [InlineData("update views.by_source set state = state - 'quantity'", "by_source", "state")]
    [InlineData("delete from views.by_source", "by_source", null)]
    [InlineData("update views.entity set fields = fields - 'workedOn'", "entity", "fields")]
    [InlineData("update views.edge set position = 7 where rel = 'resource'", "edge", "position")]
    [InlineData("insert into views.entity_member values ('time/psa:2', 'time/psa:1')", "entity_member", null)]
    public async Task Verifying_names_the_first_row_that_is_not_what_the_events_come_to(
        string tamper, string table, string? column)
    {
        await using var ledger = await LedgerDatabase.Create();
        await ledger.Append(Telling.Event("psa", "time/1", Work));
        await ledger.Projector().CatchUp(null, CancellationToken.None);
        (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();
        (await ledger.Execute(tamper)).ShouldBe(1);

        var found = await ledger.Projector().VerifyViews(null, CancellationToken.None);

        (found!.Table, found.Column).ShouldBe((table, column));
        found.Key.ShouldStartWith("time/psa:");
        found.Stored.ShouldNotBe(found.Folded);
        (await ledger.Rows("select nspname from pg_namespace where nspname like 'views%'")).ShouldBe(["views"]);
    }

    [Fact]
    public async Task Every_event_of_the_vocabulary_reaches_its_views()
    {
        await using var ledger = await LedgerDatabase.Create();
        foreach (var kind in Kind.All)
        {
            // What can begin a record first, so that all the others apply.
            var definitions = EventCatalog.All.Where(d => d.Kind == kind || d.Kind is null)
                .OrderByDescending(d => d.IsSnapshot);
            var minute = 0;
            foreach (var definition in definitions)
            {
                var body = definition.Read(Encoding.UTF8.GetBytes(Golden.Body(definition.Name)));
                await ledger.Append(Telling.Event("psa", $"{kind.Name}/1", body, ++minute) with { Snapshot = null });
            }
        }

        await ledger.Projector(batchEvents: 1).CatchUp(null, CancellationToken.None);

        (await ledger.Rows("select stream || ': ' || error from views.poisoned")).ShouldBeEmpty();
        (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();
        var world = await Worlds.Load(ledger.Source, CancellationToken.None);
        ViewState.Told(world).ShouldBe(
            ViewState.Told(await Worlds.AsOf(ledger.Store, world.Position, CancellationToken.None)));
        foreach (var kind in Kind.All.Where(k => !k.IsGovernance))
            foreach (var view in new[] { ViewOf(kind), ViewOf(kind) + "_by_source" })
                (await ledger.Rows($"select * from views.{view}")).Count.ShouldBe(1, view);
    }

    [Fact]
    public async Task Every_view_and_column_says_what_it_means()
    {
        await using var ledger = await LedgerDatabase.Create();

        (await ledger.Rows(
            """
            select c.relname, a.attname from pg_class c
            left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            where c.relnamespace = 'views'::regnamespace and c.relkind in ('r', 'v')
              and (col_description(c.oid, a.attnum) is null or obj_description(c.oid, 'pg_class') is null)
            """)).ShouldBeEmpty();
    }

    // views.proposal has the pairs that may be one thing.
    private static string ViewOf(Kind kind) => kind == Kind.Proposal ? kind.StateAlias : kind.Name;

    private static Task<List<string>> Comments(LedgerDatabase ledger) => ledger.Rows(
        """
        select c.relname, d.objsubid, d.description from pg_class c join pg_description d on d.objoid = c.oid
        where c.relnamespace = 'views'::regnamespace and c.relkind in ('r', 'v') order by 1, 2
        """);

    private static Task<List<string>> Indexes(LedgerDatabase ledger) => ledger.Rows(
        """
        select pg_get_indexdef(i.indexrelid), i.indisprimary from pg_index i join pg_class c on c.oid = i.indrelid
        where c.relnamespace = 'views'::regnamespace order by 1
        """);

    private sealed class Reported(Action<Progress> tell) : IProgress<Progress>
    {
        public void Report(Progress value) => tell(value);
    }
}
