using System.Text.RegularExpressions;
using Npgsql;

namespace Ledger.Store.Tests;

/// <summary>A role with the rights that docs/marten.md grants, by the very SQL of that page: it can send every
/// statement that Marten's reads and its daemon send, and cannot change an event. The statements are written here after
/// what Marten 9.29 sends, for string streams, single tenancy and all metadata.</summary>
public sealed partial class MartenRoleTests(StoreDatabase database) : IClassFixture<StoreDatabase>, IAsyncLifetime
{
    private const string EventColumns =
        "d.data, d.type, d.mt_dotnet_type, d.bdata, d.seq_id, d.id, d.stream_id, d.version, d.timestamp, d.tenant_id, "
        + "d.correlation_id, d.causation_id, d.headers, d.user_name, d.is_archived";

    private static readonly Lazy<string[]> Grants = new(() =>
        [.. SqlBlock().Matches(File.ReadAllText(Page())).Select(block => block.Groups[1].Value)]);

    private NpgsqlDataSource? _marten;

    public async Task InitializeAsync()
    {
        await using (var store = database.Store())
            if (await store.Position(None) == 0)
                await store.Append(
                    [Events.New("time/psa:1"), Events.New("time/psa:1"), Events.New("time/psa:2")], atomic: false,
                    None);
        Grants.Value.Length.ShouldBe(2);
        // The role is the server's, the grants are the database's.
        await database.Execute(
            "do $$ begin if exists (select from pg_roles where rolname = 'marten_app') then "
            + "drop owned by marten_app; drop role marten_app; end if; end $$");
        await database.Execute(Grants.Value[0]);
        _marten = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString)
        {
            Username = "marten_app", Password = "choose-one",
        });
    }

    [Theory]
    [InlineData("select " + EventColumns + " from events.mt_events as d where d.stream_id = 'time/psa:1' "
        + "and d.version <= 2 order by d.seq_id", 2)]
    [InlineData("select id, version, type, timestamp, created, is_archived from events.mt_streams "
        + "where id = 'time/psa:1'", 1)]
    [InlineData("select " + EventColumns + " from events.mt_events as d where d.is_archived = false and d.seq_id > 1 "
        + "order by d.seq_id limit 2", 2)]
    [InlineData("select " + EventColumns + " from events.mt_events as d "
        + "where d.type = any (array['time_entry_recorded']) and d.seq_id <= 3", 3)]
    [InlineData("select coalesce(max(seq_id), 0) from events.mt_events", 1)]
    public async Task Reads_streams_and_events_with_select_alone(string sql, int rows) =>
        (await Rows(sql)).ShouldBe(rows);

    [Theory]
    [InlineData("select case when is_called then last_value else last_value - 1 end, transaction_timestamp(), "
        + "pg_snapshot_xmax(pg_current_snapshot())::text::bigint, p.last_seq_id from events.mt_events_sequence "
        + "left join events.mt_event_progression p on p.name = 'HighWaterMark'")]
    [InlineData("select min(seq_id), max(seq_id), (select seq_id from (select seq_id, "
        + "lead(seq_id) over (order by seq_id) as next_seq from events.mt_events where seq_id >= 0) gaps where next_seq - seq_id > 1 limit 1) "
        + "from events.mt_events where seq_id > 0")]
    [InlineData("select " + EventColumns + ", s.type as stream_type from events.mt_events as d "
        + "inner join events.mt_streams as s on d.stream_id = s.id where d.seq_id > 0 and d.seq_id <= 3 "
        + "and d.is_archived = false order by d.seq_id limit 500")]
    [InlineData("select events.mt_mark_event_progression('HighWaterMark', 3)")]
    [InlineData("insert into events.mt_event_progression (name, last_seq_id) values ('mine:All', 2)")]
    [InlineData("update events.mt_event_progression set last_seq_id = 3, last_updated = transaction_timestamp() "
        + "where name = 'mine:All' and last_seq_id = 2")]
    [InlineData("insert into events.mt_event_progression (name, last_seq_id, last_updated) select "
        + "'HighWaterAllocationFence', last_value, transaction_timestamp() from events.mt_events_sequence "
        + "on conflict (name) do update set last_seq_id = excluded.last_seq_id")]
    [InlineData("select name, last_seq_id from events.mt_event_progression")]
    [InlineData("delete from events.mt_event_progression where name = 'mine:All'")]
    [InlineData("select ending_sequence, starting_sequence, timestamp from events.mt_high_water_skips limit 10")]
    [InlineData("select a.pid from pg_stat_activity a join pg_locks l on l.pid = a.pid")]
    [InlineData("select pg_try_advisory_lock(4444), pg_advisory_unlock(4444)")]
    [InlineData("create table marten_app.mt_doc_mine (id varchar primary key, data jsonb); "
        + "drop table marten_app.mt_doc_mine")]
    [InlineData("listen ledger")]
    public async Task Runs_a_daemon_with_the_further_grants(string sql)
    {
        await database.Execute(Grants.Value[1]);

        await Rows(sql);
    }

    [Fact]
    public async Task Its_daemon_can_skip_no_position()
    {
        await database.Execute(Grants.Value[1]);

        (await Should.ThrowAsync<PostgresException>(
            Rows("select events.mt_mark_progression_with_skip('HighWaterMark', 9, 3)"))).SqlState.ShouldBe("P0001");
    }

    [Theory]
    [InlineData("insert into events.mt_events (seq_id, id, stream_id, version, data, type, timestamp) "
        + "values (9, gen_random_uuid(), 'time/psa:1', 9, '{}', 'x', now())")]
    [InlineData("insert into events.mt_streams (id, version) values ('time/psa:9', 1)")]
    [InlineData("update events.mt_events set is_archived = true")]
    [InlineData("update events.mt_streams set version = 7")]
    [InlineData("delete from events.mt_events")]
    [InlineData("delete from events.mt_streams")]
    [InlineData("truncate events.mt_events")]
    [InlineData("select nextval('events.mt_events_sequence')")]
    [InlineData("select setval('events.mt_events_sequence', 1)")]
    [InlineData("insert into events.mt_high_water_skips (ending_sequence, starting_sequence) values (9, 3)")]
    [InlineData("create table events.mine (id int)")]
    [InlineData("alter table events.mt_events add column mine int")]
    [InlineData("create index on events.mt_events (type)")]
    [InlineData("select * from ledger.key")]
    [InlineData("update ledger.head set position = 0")]
    [InlineData("select ledger.append()")]
    [InlineData("select * from ledger.source_token")]
    public async Task Changes_no_event_and_sees_nothing_of_the_ledgers_own(string sql)
    {
        await database.Execute(Grants.Value[1]);

        (await Should.ThrowAsync<PostgresException>(Rows(sql))).SqlState.ShouldBe("42501", sql);
    }

    [Fact]
    public async Task A_group_that_is_rolled_back_leaves_no_position_that_a_reader_could_take_for_lost()
    {
        await using var store = database.Store();
        await store.Append(
            [Events.New("time/psa:3"), Events.New("time/psa:3") with { Type = new string('x', 501) }], atomic: true,
            None);
        await store.Append(Events.New("time/psa:3"), None);

        (await database.Scalar<bool>(
            "select count(*) = max(seq_id) and min(seq_id) = 1 from events.mt_events")).ShouldBeTrue();
        (await database.Scalar<bool>("select (select last_value from events.mt_events_sequence) >= max(seq_id) "
            + "from events.mt_events")).ShouldBeTrue();
    }

    public async Task DisposeAsync()
    {
        if (_marten is not null)
            await _marten.DisposeAsync();
        await database.Execute(
            "drop function if exists events.mt_mark_event_progression, events.mt_mark_progression_with_skip; "
            + "drop owned by marten_app; drop role marten_app");
    }

    private async Task<int> Rows(string sql)
    {
        await using var command = _marten!.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = 0;
        while (await reader.ReadAsync())
            rows++;
        return rows;
    }

    private static string Page()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (Path.Combine(at.FullName, "docs", "marten.md") is var page && File.Exists(page))
                return page;
        throw new InvalidOperationException("docs/marten.md is not above the tests.");
    }

    [GeneratedRegex("^```sql\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex SqlBlock();
}
