using System.Text;
using Ledger.Domain;
using Ledger.Store;

namespace Ledger.Projections.Tests;

public sealed class ProjectorTests
{
    private static readonly Ref Anna = new("resource", Id: "anna");

    private static TimeEntryRecorded Work(decimal minutes, string? note = null) =>
        new(Anna, new(2026, 3, 2), new(minutes, Unit.Minute), Note: note);

    private static TimeEntryApproved Approved(decimal minutes) => new("bob", new(minutes, Unit.Minute));

    [Fact]
    public async Task Folds_what_was_appended_and_answers_where_it_got_to()
    {
        await using var ledger = await LedgerDatabase.Create();
        await ledger.Append(
            Telling.Event("psa", "time/1", Work(90)),
            Telling.Event("psa", "time/1", Approved(90), minute: 1),
            Telling.Event("psa", "time/2", Work(15)));

        (await ledger.Projector().CatchUp(null, CancellationToken.None)).ShouldBe(3);

        var rows = await ledger.Rows(
            "select id, quantity, unit, approval, approved_by, live from views.time order by 1");
        rows.ShouldBe(["time/psa:1|90|MIN|approved|bob|True", "time/psa:2|15|MIN|-|-|True"]);
        (await ledger.Rows("select resource from views.time_by_source where stream = 'time/psa:1'"))
            .ShouldBe(["resource/psa:anna"]);
        (await ledger.Rows("select position from views.position")).ShouldBe(["3"]);
    }

    [Fact]
    public async Task Every_order_of_arrival_gives_one_row()
    {
        NewEvent[] told =
        [
            Telling.Event("psa", "time/1", Work(90), minute: 1, id: "record"),
            Telling.Event("psa", "time/1", Approved(90), minute: 2, id: "approve"),
            Telling.Event("psa", "time/1", new TimeEntryCorrected(Note: "b"), minute: 3, id: "correct"),
            Telling.Event("psa", "time/1", new TimeStated(Billable: true), minute: 4, id: "state"),
            Telling.Event("psa", "time/1", new RecordDeleted(), minute: 5, id: "delete"),
        ];
        await using var ledger = await LedgerDatabase.Create();
        var projector = ledger.Projector(batchEvents: 3);
        var n = 0;
        foreach (var order in Permutations(told))
        {
            var stream = $"time/psa:{++n}";
            await ledger.Append([.. order.Select(e => e with { Stream = stream, Id = $"{e.Id} {n}" })]);
        }

        await projector.CatchUp(null, CancellationToken.None);

        n.ShouldBe(120);
        var rows = await ledger.Rows(
            """
            select distinct state, events, pending, deleted_by is null, sequenced, split_part(order_id, ' ', 1),
              (select jsonb_object_agg(a.key, split_part(e.headers ->> 'source_id', ' ', 1))
               from jsonb_each_text(s.asserted) a join events.mt_events e on e.seq_id = a.value::bigint)
            from views.by_source s
            """);
        rows.Count.ShouldBe(1);
        (await projector.VerifyViews(null, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_late_event_folds_its_stream_anew()
    {
        await using var ledger = await LedgerDatabase.Create();
        var projector = ledger.Projector();
        await ledger.Append(Telling.Event("psa", "time/1", Approved(90), minute: 5));
        await projector.CatchUp(null, CancellationToken.None);
        (await ledger.Rows("select state, pending[1] from views.by_source")).ShouldBe(["-|1"]);
        (await ledger.Rows("select id from views.time")).ShouldBeEmpty();

        await ledger.Append(Telling.Event("psa", "time/1", Work(90), minute: 1));
        await projector.CatchUp(null, CancellationToken.None);
        await ledger.Append(Telling.Event("psa", "time/1", new TimeEntryCorrected(Note: "between"), minute: 3));
        await projector.CatchUp(null, CancellationToken.None);

        (await ledger.Rows("select approval, note from views.time")).ShouldBe(["approved|between"]);
        (await ledger.Rows("select opened_position, first_position, last_position, pending[1] from views.by_source"))
            .ShouldBe(["1|2|3|-"]);
        (await projector.VerifyViews(null, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task An_event_that_cannot_be_folded_stops_its_stream_and_nothing_else()
    {
        await using var ledger = await LedgerDatabase.Create();
        var projector = ledger.Projector(batchEvents: 1);
        await ledger.Append(
            Telling.Event("psa", "time/1", Work(90)),
            Telling.Event("erp", "time/9", Work(90)),
            Telling.Event("ledger", "identity/1", new IdentityLinked(new("time", "psa", "1"), new("time", "erp", "9"))),
            Spoilt("psa", "time/1", "poison"),
            Telling.Event("psa", "time/1", new TimeEntryCorrected(Note: "waits"), minute: 9),
            Spoilt("psa", "time/3", "from the first"),
            Telling.Event("psa", "time/2", Work(15)));

        await projector.CatchUp(null, CancellationToken.None);

        (await ledger.Rows("select stream, position, type from views.poisoned order by 1"))
            .ShouldBe(["time/psa:1|4|time_entry_recorded", "time/psa:3|6|time_entry_recorded"]);
        (await ledger.Rows("select id, quantity, note, paused_at from views.time order by id"))
            .ShouldBe(["time/psa:1|90|-|4", "time/psa:2|15|-|-"]);
        (await ledger.Rows("select last_position from views.by_source where stream = 'time/psa:1'")).ShouldBe(["1"]);
        (await projector.VerifyViews(null, CancellationToken.None)).ShouldBeNull();
        var world = await Worlds.Load(ledger.Source, CancellationToken.None);
        ViewState.Told(world).ShouldBe(
            ViewState.Told(await Worlds.AsOf(ledger.Store, world.Position, CancellationToken.None)));
    }

    [Fact]
    public async Task A_stream_that_stood_still_goes_on_once_its_event_can_be_folded()
    {
        await using var ledger = await LedgerDatabase.Create();
        await ledger.Append(
            Telling.Event("psa", "time/1", Work(90)), Spoilt("psa", "time/1", "poison"),
            Telling.Event("psa", "time/1", new TimeEntryCorrected(Note: "waited"), minute: 9));
        await ledger.Projector().CatchUp(null, CancellationToken.None);
        // As if a later program had learnt to read it.
        await ledger.Execute(
            """
            update events.mt_events set data = (select data from events.mt_events where seq_id = 1) where seq_id = 2
            """);

        await ledger.Projector().CatchUp(null, CancellationToken.None);

        (await ledger.Rows("select stream from views.poisoned")).ShouldBeEmpty();
        (await ledger.Rows("select note, paused_at from views.time")).ShouldBe(["waited|-"]);
        (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task Two_projectors_on_one_database_take_turns()
    {
        await using var ledger = await LedgerDatabase.Create();
        using var stop = new CancellationTokenSource();
        var (one, other) = (ledger.Projector(batchEvents: 7), ledger.Projector(batchEvents: 11));
        var running = new[] { one.Run(stop.Token), other.Run(stop.Token) };
        var histories = new Histories(1, whole: true);
        for (var i = 0; i < 20; i++) await ledger.Append(histories.Next(50));

        await one.WaitFor(1_000, CancellationToken.None);
        await other.WaitFor(1_000, CancellationToken.None);

        await stop.CancelAsync();
        foreach (var run in running) await Should.ThrowAsync<OperationCanceledException>(run);
        (await one.VerifyViews(null, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task One_that_is_killed_within_a_batch_loses_and_doubles_nothing()
    {
        await using var ledger = await LedgerDatabase.Create();
        using var stop = new CancellationTokenSource();
        var (one, other) = (ledger.Projector(batchEvents: 5), ledger.Projector(batchEvents: 9));
        var running = new[] { one.Run(stop.Token), other.Run(stop.Token) };
        var histories = new Histories(3, whole: true);
        var killed = 0;
        for (var i = 0; i < 20; i++)
        {
            await ledger.Append(histories.Next(30));
            // Whoever has its turn at the views.
            killed += int.Parse((await ledger.Rows(
                """
                select count(pg_terminate_backend(l.pid)) from pg_locks l
                join pg_database d on d.oid = l.database and d.datname = current_database()
                where l.relation = 'ledger.checkpoint'::regclass and l.mode = 'RowShareLock' and l.granted
                """))[0], System.Globalization.CultureInfo.InvariantCulture);
        }

        await one.WaitFor(600, CancellationToken.None);

        killed.ShouldBePositive();
        await stop.CancelAsync();
        foreach (var run in running) await Should.ThrowAsync<OperationCanceledException>(run);
        (await ledger.Rows("select sum(events) from views.by_source")).ShouldBe(["600"]);
        (await one.VerifyViews(null, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task What_is_cut_off_between_batches_goes_on_where_it_was()
    {
        await using var ledger = await LedgerDatabase.Create();
        await ledger.Append(new Histories(2, whole: true).Next(600));
        for (var cuts = 0; cuts < 5; cuts++)
        {
            using var cut = new CancellationTokenSource();
            var batches = 0;
            var projector = ledger.Projector(batchEvents: 20);
            var progress = new Told(_ =>
            {
                if (++batches == 3) cut.Cancel();
            });
            await Should.ThrowAsync<OperationCanceledException>(projector.CatchUp(progress, cut.Token));
            projector.Position.ShouldBe(60 * (cuts + 1));
        }

        (await ledger.Projector(batchEvents: 20).CatchUp(null, CancellationToken.None)).ShouldBe(600);
        (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task Waiting_for_a_position_ends_when_another_process_gets_there()
    {
        await using var ledger = await LedgerDatabase.Create();
        var waiting = ledger.Projector().WaitFor(1, CancellationToken.None);
        await ledger.Append(Telling.Event("psa", "time/1", Work(90)));
        waiting.IsCompleted.ShouldBeFalse();

        await ledger.Projector().CatchUp(null, CancellationToken.None);

        await waiting.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Views_of_a_newer_program_are_left_alone()
    {
        await using var ledger = await LedgerDatabase.Create();
        await ledger.Execute("update ledger.checkpoint set position = 1, fold_version = 1000");

        await Should.ThrowAsync<ViewsTooNewException>(ledger.Projector().CatchUp(null, CancellationToken.None));
        await Should.ThrowAsync<ViewsTooNewException>(ledger.Projector().Rebuild(null, CancellationToken.None));
    }

    [Fact]
    public async Task Views_of_an_older_program_are_made_anew()
    {
        await using var ledger = await LedgerDatabase.Create();
        await ledger.Append(Telling.Event("psa", "time/1", Work(90)));
        await ledger.Projector().CatchUp(null, CancellationToken.None);
        await ledger.Execute("update ledger.checkpoint set fold_version = 0; update views.by_source set state = null");

        await ledger.Projector().CatchUp(null, CancellationToken.None);

        (await ledger.Rows("select quantity from views.time_by_source")).ShouldBe(["90"]);
    }

    private static IEnumerable<NewEvent[]> Permutations(NewEvent[] events) => events.Length == 0
        ? [[]]
        : events.SelectMany((first, i) => Permutations([.. events[..i], .. events[(i + 1)..]]),
            (first, rest) => (NewEvent[])[first, .. rest]);

    /// <summary>An event the store takes, as it never looks inside, and no catalogue can read.</summary>
    private static NewEvent Spoilt(string source, string subject, string id) =>
        Telling.Event(source, subject, Work(1), minute: 5, id: id) with
        {
            Data = CanonicalJson.Of(Encoding.UTF8.GetBytes("""{"spoilt":"yes"}""")),
        };

    private sealed class Told(Action<Progress> tell) : IProgress<Progress>
    {
        public void Report(Progress value) => tell(value);
    }
}
