namespace Ledger.Store.Tests;

public sealed class VerifyTests(StoreDatabase database) : IClassFixture<StoreDatabase>, IAsyncLifetime
{
    private const string Stream = "time/psa:sealed";

    public async Task InitializeAsync()
    {
        await using var store = database.Store();
        if (await store.Position(None) > 0)
            return;
        for (var n = 0; n < 5; n++)
            await store.Append(
                [
                    Events.New(Stream, data: "{\"z\":1.5e300,\"a\":\"\\u20ac\\n\",\"n\":[0.1,1e21,-3]}"),
                    Events.New($"time/psa:other-{n}") with { Actor = "anna", CorrelationId = "c", CausationId = "e" },
                    Events.Stated("time/psa:stated", $"{{\"n\":{n}}}"),
                ],
                atomic: false, None);
        await store.Append(Events.New(Stream), None);
        var parked = Events.New("orbit/psa:1");
        await Events.Park(store, parked);
    }

    [Fact]
    public async Task Finds_nothing_in_a_ledger_as_it_was_written()
    {
        await using var store = database.Store();
        var reached = new List<long>();

        var found = await store.Verify(new Immediate(reached), None);

        found.First.ShouldBeNull();
        found.Events.ShouldBe(16);
        found.Root.ToArray()
            .ShouldBe(await database.Scalar<byte[]>("select root from ledger.seal order by size desc limit 1"));
        reached[^1].ShouldBe(16);
    }

    [Theory]
    [InlineData("update events.mt_events set data = jsonb_set(data, '{n}', '7') where seq_id = 5", 5)]
    [InlineData("update events.mt_events set data = data || '{\"x\":null}' where seq_id = 1", 1)]
    [InlineData("update events.mt_events set data = '{\"n\":1e400}' where seq_id = 5", 5)]
    [InlineData("update events.mt_events set headers = headers || '{\"time\":\"2026\"}' where seq_id = 7", 7)]
    [InlineData("update events.mt_events set headers = headers || '{\"source\":\"erp\"}' where seq_id = 7", 7)]
    [InlineData("update events.mt_events set headers = headers || '{\"source\":1}' where seq_id = 7", 7)]
    [InlineData("update events.mt_events set headers = null where seq_id = 7", 7)]
    [InlineData("update events.mt_events set type = 'time_entry_approved' where seq_id = 4", 4)]
    [InlineData("update events.mt_events set timestamp = timestamp + interval '1 microsecond' where seq_id = 16", 16)]
    [InlineData("update events.mt_events set timestamp = 'infinity' where seq_id = 9", 9)]
    [InlineData("update events.mt_events set stream_id = 'time/psa:other-1', version = 2 where seq_id = 4", 4)]
    [InlineData("update events.mt_events set version = 99 where seq_id = 16", 16)]
    [InlineData("update events.mt_events set id = gen_random_uuid() where seq_id = 3", 3)]
    [InlineData("update events.mt_events set user_name = 'bert' where seq_id = 2", 2)]
    [InlineData("update events.mt_events set user_name = '' where seq_id = 1", 1)]
    [InlineData("update events.mt_events set correlation_id = null where seq_id = 2", 2)]
    [InlineData("update events.mt_events set causation_id = 'f' where seq_id = 2", 2)]
    [InlineData("update events.mt_events set mt_dotnet_type = null where seq_id = 2", 2)]
    [InlineData("update events.mt_events set tenant_id = 'other' where seq_id = 2", 2)]
    [InlineData("update events.mt_events set is_archived = true where seq_id = 2", 2)]
    [InlineData("update events.mt_events set is_archived = null where seq_id = 2", 2)]
    [InlineData("update events.mt_events set bdata = '\\x01' where seq_id = 2", 2)]
    [InlineData("update ledger.key set digest = '\\x01' where position = 8", 8)]
    [InlineData("update events.mt_streams set type = 'invoice' where id = 'time/psa:other-0'", 2)]
    [InlineData("delete from events.mt_events where seq_id = 6", 6)]
    [InlineData("delete from events.mt_events where seq_id = 16", 16)]
    [InlineData("delete from events.mt_events where seq_id >= 14", 14)]
    [InlineData("insert into events.mt_events (seq_id, id, stream_id, version, data, type, timestamp) select 17, "
        + "gen_random_uuid(), stream_id, 99, data, type, timestamp from events.mt_events where seq_id = 1", 17)]
    [InlineData("update events.mt_events set seq_id = case seq_id when 2 then -5 else -2 end where seq_id in (2, 5); "
        + "update events.mt_events set seq_id = -seq_id where seq_id < 0", 2)]
    [InlineData("update ledger.seal set leaves = set_byte(leaves, 0, get_byte(leaves, 0) # 1) where size = 6", 4)]
    [InlineData("update ledger.seal set root = '\\x00' where size = 9", 9)]
    [InlineData("delete from ledger.seal where size = 9", 7)]
    [InlineData("delete from ledger.seal where size = 16", 16)]
    [InlineData("update ledger.head set frontier = set_byte(frontier, 0, get_byte(frontier, 0) # 1)", 16)]
    [InlineData("update ledger.head set recorded = recorded - interval '1 day'", 16)]
    [InlineData("update ledger.key set version = 7 where position = 3", 3)]
    [InlineData("delete from ledger.key where position = 3", 3)]
    [InlineData("update events.mt_streams set version = 7 where id = 'time/psa:other-0'", null)]
    [InlineData("update events.mt_streams set created = now() where id = 'time/psa:other-0'", null)]
    [InlineData("insert into events.mt_streams (id, version) values ('time/psa:invented', 1)", null)]
    [InlineData("insert into ledger.key (key, position, version, digest) values (gen_random_uuid(), 17, 1, '')", null)]
    [InlineData("delete from ledger.parked", null)]
    [InlineData("select setval('events.mt_events_sequence', 15)", 16)]
    public async Task Names_the_first_row_that_differs(string tampering, int? position)
    {
        // Tampered inside a copy, so that one ledger serves every case.
        await using var copy = await Copy();

        (await copy.Tamper(tampering)).ShouldBeTrue();
        await using var store = new EventStore(copy.Source);
        var found = await store.Verify(null, None);

        found.First.ShouldNotBeNull();
        found.First.Position.ShouldBe(position);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    private async Task<TamperedCopy> Copy() => await TamperedCopy.Of(database);

    private sealed class Immediate(List<long> reached) : IProgress<long>
    {
        public void Report(long value) => reached.Add(value);
    }
}
