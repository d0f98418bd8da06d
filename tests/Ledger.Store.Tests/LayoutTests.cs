using Ledger.Testing;

namespace Ledger.Store.Tests;

/// <summary>The catalogue of schema <c>events</c> against Marten's layout as written down here: string streams, single
/// tenancy, all metadata.</summary>
public sealed class LayoutTests(StoreDatabase database) : IClassFixture<StoreDatabase>
{
    [Fact]
    public async Task Has_the_columns_Marten_expects()
    {
        var columns = await database.Rows("""
            select c.relname || '.' || a.attname, format_type(a.atttypid, a.atttypmod),
              case when a.attnotnull then 'not null' else 'null' end,
              case when pg_get_expr(d.adbin, d.adrelid) ~ '^''\d{4}-' then 'an instant'
                else coalesce(pg_get_expr(d.adbin, d.adrelid), 'no default') end
            from pg_class c
            join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
            where c.relnamespace = 'events'::regnamespace and c.relkind = 'r'
            order by c.relname, a.attnum
            """);

        columns.ShouldBe(
        [
            "mt_event_progression.name|character varying|not null|no default",
            "mt_event_progression.last_seq_id|bigint|null|no default",
            "mt_event_progression.last_updated|timestamp with time zone|null|transaction_timestamp()",
            "mt_events.seq_id|bigint|not null|no default",
            "mt_events.id|uuid|not null|no default",
            "mt_events.stream_id|character varying|null|no default",
            "mt_events.version|bigint|not null|no default",
            "mt_events.data|jsonb|not null|no default",
            "mt_events.bdata|bytea|null|no default",
            "mt_events.type|character varying(500)|not null|no default",
            "mt_events.timestamp|timestamp with time zone|not null|an instant",
            "mt_events.tenant_id|character varying|null|'*DEFAULT*'::character varying",
            "mt_events.mt_dotnet_type|character varying|null|no default",
            "mt_events.correlation_id|character varying|null|no default",
            "mt_events.causation_id|character varying|null|no default",
            "mt_events.headers|jsonb|null|no default",
            "mt_events.user_name|character varying|null|no default",
            "mt_events.is_archived|boolean|null|false",
            "mt_high_water_skips.ending_sequence|bigint|not null|no default",
            "mt_high_water_skips.starting_sequence|bigint|not null|no default",
            "mt_high_water_skips.timestamp|timestamp with time zone|null|transaction_timestamp()",
            "mt_streams.id|character varying|not null|no default",
            "mt_streams.type|character varying|null|no default",
            "mt_streams.version|bigint|null|no default",
            "mt_streams.timestamp|timestamp with time zone|not null|now()",
            "mt_streams.created|timestamp with time zone|not null|now()",
            "mt_streams.tenant_id|character varying|null|'*DEFAULT*'::character varying",
            "mt_streams.is_archived|boolean|null|false",
        ]);
    }

    [Fact]
    public async Task Has_Martens_indexes_and_no_other()
    {
        var indexes = await database.Rows(
            "select indexdef from pg_indexes where schemaname = 'events' order by indexname");

        indexes.ShouldBe(
        [
            "CREATE UNIQUE INDEX pk_mt_event_progression ON events.mt_event_progression USING btree (name)",
            "CREATE UNIQUE INDEX pk_mt_events_stream_and_version ON events.mt_events USING btree (stream_id, version)",
            "CREATE UNIQUE INDEX pkey_mt_events_seq_id ON events.mt_events USING btree (seq_id)",
            "CREATE UNIQUE INDEX pkey_mt_high_water_skips_ending_sequence ON events.mt_high_water_skips "
                + "USING btree (ending_sequence)",
            "CREATE UNIQUE INDEX pkey_mt_streams_id ON events.mt_streams USING btree (id)",
        ]);
    }

    [Fact]
    public async Task Has_Martens_constraints_and_none_that_points_at_its_tables()
    {
        var constraints = await database.Rows("""
            select conname, pg_get_constraintdef(oid) from pg_constraint
            where connamespace = 'events'::regnamespace order by conname
            """);
        var pointing = await database.Rows("""
            select conname from pg_constraint
            where confrelid in (select oid from pg_class where relnamespace = 'events'::regnamespace)
            """);

        constraints.ShouldBe(
        [
            "fkey_mt_events_stream_id|FOREIGN KEY (stream_id) REFERENCES events.mt_streams(id) ON DELETE CASCADE",
            "pk_mt_event_progression|PRIMARY KEY (name)",
            "pkey_mt_events_seq_id|PRIMARY KEY (seq_id)",
            "pkey_mt_high_water_skips_ending_sequence|PRIMARY KEY (ending_sequence)",
            "pkey_mt_streams_id|PRIMARY KEY (id)",
        ]);
        pointing.ShouldBe(["fkey_mt_events_stream_id"]);
    }

    [Fact]
    public async Task Has_the_sequence_owned_by_seq_id_and_nothing_else_in_the_schema()
    {
        (await database.Scalar<string>("select pg_get_serial_sequence('events.mt_events', 'seq_id')"))
            .ShouldBe("events.mt_events_sequence");
        (await database.Rows("select relkind, relname from pg_class where relnamespace = 'events'::regnamespace "
            + "and relkind not in ('i', 'r') order by relname")).ShouldBe(["S|mt_events_sequence"]);
        (await database.Rows("select proname from pg_proc where pronamespace = 'events'::regnamespace"))
            .ShouldBeEmpty();
        (await database.Rows("select tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid "
            + "where c.relnamespace = 'events'::regnamespace and not tgisinternal")).ShouldBeEmpty();
        (await database.Scalar<string>("show timezone")).ShouldBe("UTC");
    }

    [Fact]
    public async Task Writes_rows_as_Marten_does()
    {
        await using var store = database.Store();
        var bare = Events.New("time/psa:marten") with { Headers = [] };
        await store.Append([bare, Events.New("time/psa:marten")], atomic: false, None);

        (await database.Rows("""
            select e.version, e.type, e.mt_dotnet_type, e.tenant_id, e.is_archived, e.bdata, e.user_name,
              e.id = k.key, s.version, s.type, s.tenant_id, s.is_archived, e.timestamp = s.timestamp,
              s.created = s.timestamp
            from events.mt_events e join events.mt_streams s on s.id = e.stream_id
            join ledger.key k on k.position = e.seq_id
            where e.stream_id = 'time/psa:marten' order by e.version
            """)).ShouldBe(
        [
            "1|time_entry_recorded|Ledger.Domain.Time.TimeEntryRecorded, Ledger.Domain|*DEFAULT*|False|-|-|True|2"
                + "|time_entry|*DEFAULT*|False|True|True",
            "2|time_entry_recorded|Ledger.Domain.Time.TimeEntryRecorded, Ledger.Domain|*DEFAULT*|False|-|-|True|2"
                + "|time_entry|*DEFAULT*|False|True|True",
        ]);
        (await database.Scalar<string>(
            "select id::text from events.mt_events where stream_id = 'time/psa:marten' order by version limit 1"))
            .ShouldBe(EventKey.For(bare.Source, bare.Id).ToString());
        (await database.Scalar<bool>("select (select last_value from events.mt_events_sequence) "
            + "= (select max(seq_id) from events.mt_events)")).ShouldBeTrue();
        (await database.Scalar<long>("select count(*) from events.mt_events e, jsonb_each(headers) h "
            + "where jsonb_typeof(h.value) <> 'string'")).ShouldBe(0);
    }
}
