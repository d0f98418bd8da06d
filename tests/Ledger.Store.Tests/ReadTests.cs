using NodaTime;
using Npgsql;

namespace Ledger.Store.Tests;

public sealed class ReadTests(StoreDatabase database) : IClassFixture<StoreDatabase>
{
    [Fact]
    public async Task Reads_the_log_in_order_from_a_position_by_type_and_source()
    {
        await using var store = database.Store();
        var start = await store.Position(None);
        var offered = Enumerable.Range(0, 2_500)
            .Select(n => Events.New($"time/psa:read-{n % 10}", source: n % 3 == 0 ? "erp" : "psa")
                with { Type = n % 5 == 0 ? "five" : "other" })
            .ToList();
        await store.Append(offered, atomic: false, None);

        (await Ids(store.ReadAll(start, None))).ShouldBe(offered.Select(item => item.Id));
        (await Ids(store.ReadAll(start + 7, 3, null, null, None)))
            .ShouldBe(offered.Skip(7).Take(3).Select(item => item.Id));
        (await Ids(store.ReadAll(start, long.MaxValue, "five", "erp", None)))
            .ShouldBe(offered.Where((_, n) => n % 15 == 0).Select(item => item.Id));
        (await Ids(store.ReadAll(start, 1_200, "other", null, None)))
            .ShouldBe(offered.Where((_, n) => n % 5 != 0).Take(1_200).Select(item => item.Id));
        (await Ids(store.ReadAll(start + 2_500, None))).ShouldBeEmpty();
        await Should.ThrowAsync<OperationCanceledException>(
            store.ReadAll(start, new CancellationToken(canceled: true)).CountAsync().AsTask());
    }

    [Fact]
    public async Task Reads_streams_in_version_order_up_to_a_position()
    {
        await using var store = database.Store();
        var offered = Enumerable.Range(0, 3_000).Select(n => Events.New($"time/psa:stream-{n % 2}")).ToList();
        var verdicts = await store.Append(offered, atomic: false, None);
        var middle = ((Appended)verdicts[9]).Receipt.Position;

        (await store.ReadStream("time/psa:stream-1", None).Select(stored => stored.Version).ToListAsync())
            .ShouldBe(Enumerable.Range(1, 1_500).Select(version => (long)version));
        (await store.ReadStream("time/psa:none", None).CountAsync()).ShouldBe(0);
        var several = await store.ReadStreams(
            ["time/psa:stream-1", "time/psa:stream-0", "time/psa:none"], middle, None);
        several.OrderBy(of => of.Key).SelectMany(of => of.Value.Select(e => (e.Stream[^1], e.Version)).Order())
            .ShouldBe("01".SelectMany(stream => Enumerable.Range(1, 5).Select(version => (stream, (long)version))));
    }

    [Fact]
    public async Task Reads_streams_for_folding_as_they_stand_in_the_log_whatever_they_are_called()
    {
        await using var store = database.Store();
        string[] streams =
        [
            "time/psa:a\"b", "time/psa:a\\b", "time/psa:a'b", "time/psa:\\',\"{}", "time/psa:é😀", "time/psa:a,b",
        ];
        foreach (var stream in streams)
            await store.Append(
                Enumerable.Range(0, 3).Select(n => Events.New(stream) with
                {
                    Actor = n == 1 ? "Zoë" : null,
                    CorrelationId = n == 2 ? "c" : null,
                }).ToList(),
                atomic: false, None);

        var read = await store.ReadStreams(streams, await store.Position(None), None);

        read.Keys.ShouldBe(streams, ignoreOrder: true);
        foreach (var (stream, events) in read)
        {
            var single = await store.ReadStream(stream, None).ToListAsync();
            events.OrderBy(e => e.Version).Select(Told).ShouldBe(single.Select(Told));
        }

        static (long, Guid, string, string, string, long, string, Instant, string?, string?, string, string) Told(
            StoredEvent e) => (
            e.Position, e.Key, e.Source, e.Id, e.Stream, e.Version, e.Type, e.RecordedAt, e.Actor, e.CorrelationId,
            string.Join(';', e.Headers), Convert.ToHexString(CanonicalJson.Of(e.Data.Span)));
    }

    [Fact]
    public async Task Follows_commits_of_any_store_through_lost_connections_without_skip_or_repeat()
    {
        await using var here = database.Store();
        await using var there = database.Store();
        var start = await here.Position(None);
        using var enough = new CancellationTokenSource();
        var seen = new List<long>();
        var following = Task.Run(async () =>
        {
            await foreach (var stored in here.Follow(start, enough.Token))
            {
                seen.Add(stored.Position);
                if (seen.Count == 300)
                    return;
            }
        });

        for (var n = 0; n < 300; n++)
        {
            await there.Append(Events.New("time/psa:followed"), None);
            if (n % 50 == 49)
                await database.Scalar<long>("select count(pg_terminate_backend(pid)) from pg_stat_activity "
                    + "where datname = current_database() and (query = 'listen ledger' or query like '%mt_events e%') "
                    + "and pid <> pg_backend_pid()");
        }

        await following.WaitAsync(TimeSpan.FromSeconds(60));
        seen.ShouldBe(Enumerable.Range(1, 300).Select(n => start + n));
    }

    [Fact]
    public async Task Waits_for_a_position_and_leaves_when_cancelled()
    {
        await using var store = database.Store();
        var position = await store.Position(None);
        var waiting = store.WaitBeyond(position, None);
        await store.Append(Events.New("time/psa:awaited"), None);
        (await waiting).ShouldBe(position + 1);

        using var cancelled = new CancellationTokenSource();
        var never = store.WaitBeyond(position + 1, cancelled.Token);
        await cancelled.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(never);
    }

    private static async Task<List<string>> Ids(IAsyncEnumerable<StoredEvent> events) =>
        await events.Select(stored => stored.Id).ToListAsync();
}
