using System.Text;
using NodaTime;

namespace Ledger.Store.Tests;

public class AppendTests(StoreDatabase database) : IClassFixture<StoreDatabase>
{
    [Fact]
    public async Task Stores_an_event_once_and_answers_its_receipt_again()
    {
        await using var store = database.Store();
        var offered = Events.New("time/psa:1042") with { Actor = "anna", CorrelationId = "c-1", CausationId = "c-0" };

        var first = (await store.Append(offered, None)).ShouldBeOfType<Appended>().Receipt;
        var second = (await store.Append(offered, None)).ShouldBeOfType<Duplicate>().Receipt;

        second.ShouldBe(first);
        first.Version.ShouldBe(1);
        (await store.Receipt(offered.Source, offered.Id, None)).ShouldBe(first);
        var stored = await store.ReadStream(offered.Stream, None).SingleAsync();
        stored.Position.ShouldBe(first.Position);
        stored.RecordedAt.ShouldBe(first.RecordedAt);
        stored.Key.ShouldBe(EventKey.For(offered.Source, offered.Id));
        (stored.Source, stored.Id, stored.StreamType).ShouldBe((offered.Source, offered.Id, "time_entry"));
        (stored.Actor, stored.CorrelationId, stored.CausationId).ShouldBe(("anna", "c-1", "c-0"));
        Encoding.UTF8.GetString(stored.Data.Span).ShouldBe("{\"n\":1}");
        stored.Headers["time"].ShouldBe("2026-11-02T09:00:00Z");
    }

    [Fact]
    public async Task An_event_that_expected_its_version_is_a_duplicate_after_whatever_came_to_its_stream_with_it()
    {
        await using var store = database.Store();
        var first = Events.New("time/psa:expected-once") with { ExpectedVersion = 0 };
        var receipt = (await store.Append(first, None)).ShouldBeOfType<Appended>().Receipt;

        var verdicts = await store.Append([Events.New(first.Stream), first], atomic: false, None);

        verdicts[0].ShouldBeOfType<Appended>().Receipt.Version.ShouldBe(2);
        verdicts[1].ShouldBe(new Duplicate(receipt));
    }

    [Fact]
    public async Task Shows_both_digests_when_a_key_comes_again_with_another_body()
    {
        await using var store = database.Store();
        var offered = Events.New("time/psa:conflict");
        var other = Events.New("time/psa:conflict", offered.Id, "{\"n\":2}");
        var first = (await store.Append(offered, None)).ShouldBeOfType<Appended>().Receipt;

        for (var time = 0; time < 2; time++)
        {
            var conflict = (await store.Append(other, None)).ShouldBeOfType<KeyConflict>();
            conflict.Existing.ShouldBe(first);
            conflict.ExistingDigest.ToArray().ShouldBe(offered.Digest.ToArray());
            conflict.OfferedDigest.ToArray().ShouldBe(other.Digest.ToArray());
        }

        (await database.Rows($"select source, id, times, offered from ledger.conflict where id = '{offered.Id}'"))
            .Single().ShouldStartWith($"psa|{offered.Id}|2|");
        (await store.ReadStream(offered.Stream, None).CountAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Lets_later_items_of_a_batch_see_earlier_ones()
    {
        await using var store = database.Store();
        var stream = "time/psa:batch";
        var first = Events.New(stream) with { ExpectedVersion = 0 };
        var again = first;
        var late = Events.New(stream) with { ExpectedVersion = 0 };
        var next = Events.New(stream) with { ExpectedVersion = 1 };
        var other = Events.New(stream, first.Id, "{\"n\":9}");

        var verdicts = await store.Append([first, again, late, next, other], atomic: false, None);

        var receipt = verdicts[0].ShouldBeOfType<Appended>().Receipt;
        verdicts[1].ShouldBe(new Duplicate(receipt));
        verdicts[2].ShouldBe(new VersionConflict(0, 1));
        verdicts[3].ShouldBeOfType<Appended>().Receipt.Version.ShouldBe(2);
        verdicts[4].ShouldBeOfType<KeyConflict>().Existing.ShouldBe(receipt);
    }

    [Fact]
    public async Task Stores_a_batch_in_its_order_with_contiguous_positions_and_versions()
    {
        await using var store = database.Store();
        var offered = Enumerable.Range(0, 5_000).Select(n => Events.New($"time/psa:order-{n % 7}")).ToList();

        var verdicts = await store.Append(offered, atomic: false, None);

        var receipts = verdicts.Select(verdict => verdict.ShouldBeOfType<Appended>().Receipt).ToList();
        receipts.Select(receipt => receipt.Position - receipts[0].Position)
            .ShouldBe(Enumerable.Range(0, 5_000).Select(n => (long)n));
        receipts.Select(receipt => receipt.Version).ShouldBe(Enumerable.Range(0, 5_000).Select(n => (long)n / 7 + 1));
    }

    [Fact]
    public async Task Stores_a_snapshot_only_when_it_says_something_new()
    {
        await using var store = database.Store();
        var stream = "time/psa:polled";
        var now = Instant.FromUtc(2026, 11, 2, 9, 0);
        async Task<Verdict> State(string data, EventStore? at = null) =>
            await (at ?? store).Append(Events.Stated(stream, data, time: now += Duration.FromHours(1)), None);

        var a = (await State("{\"hours\":\"1\"}")).ShouldBeOfType<Appended>().Receipt;
        (await State("{\"hours\":\"1\"}")).ShouldBe(new Unchanged(a));
        await using (var other = database.Store())
            (await State("{\"hours\":\"1\"}", other)).ShouldBe(new Unchanged(a));
        (await State("{\"hours\":\"2\"}")).ShouldBeOfType<Appended>().Receipt.Version.ShouldBe(2);
        var back = (await State("{\"hours\":\"1\"}")).ShouldBeOfType<Appended>().Receipt;
        back.Version.ShouldBe(3);
        (await State("{\"hours\":\"1\"}")).ShouldBe(new Unchanged(back));

        (await store.Append(Events.New(stream), None)).ShouldBeOfType<Appended>();
        (await State("{\"hours\":\"1\"}")).ShouldBeOfType<Appended>("another event came between")
            .Receipt.Version.ShouldBe(5);
    }

    [Fact]
    public async Task Does_not_call_a_snapshot_unchanged_when_another_store_changed_the_stream()
    {
        await using var here = database.Store();
        await using var there = database.Store();
        var stream = "time/psa:two-pollers";
        (await here.Append(Events.Stated(stream, "{\"h\":1}"), None)).ShouldBeOfType<Appended>();
        (await there.Append(Events.Stated(stream, "{\"h\":2}"), None)).ShouldBeOfType<Appended>();

        (await here.Append(Events.Stated(stream, "{\"h\":1}"), None)).ShouldBeOfType<Appended>();
        (await here.Append(Events.New(stream) with { ExpectedVersion = 3 }, None))
            .ShouldBeOfType<Appended>();
        (await there.Append(Events.New(stream) with { ExpectedVersion = 4 }, None))
            .ShouldBeOfType<Appended>("the version is the stream's, not the one last seen here");
    }

    [Fact]
    public async Task Stores_all_or_nothing_when_asked_to()
    {
        await using var store = database.Store();
        var before = Events.New("time/psa:atomic");
        var original = (await store.Append(before, None)).ShouldBeOfType<Appended>().Receipt;
        var a = Events.New("time/psa:atomic-a");
        var b = Events.New("time/psa:atomic") with { ExpectedVersion = 7 };

        var failed = await store.Append([before, a, a, b], atomic: true, None);
        failed.ShouldBe([new Duplicate(original), new NotAttempted(), new NotAttempted(), new VersionConflict(7, 1)]);
        (await store.Receipt(a.Source, a.Id, None)).ShouldBeNull();
        (await store.ReadStream(a.Stream, None).CountAsync()).ShouldBe(0);

        var passed = await store.Append([before, a, a, b with { ExpectedVersion = 1 }], atomic: true, None);
        passed[0].ShouldBe(new Duplicate(original));
        var receipt = passed[1].ShouldBeOfType<Appended>().Receipt;
        receipt.Position.ShouldBeGreaterThan(original.Position);
        passed[2].ShouldBe(new Duplicate(receipt));
        passed[3].ShouldBeOfType<Appended>().Receipt.Position.ShouldBe(receipt.Position + 1);
    }

    [Fact]
    public async Task Refuses_alone_what_PostgreSQL_cannot_hold()
    {
        await using var store = database.Store();
        var position = await store.Position(None);
        var offered = Enumerable.Range(0, 100).Select(n => Events.New($"time/psa:refused-{n}")).ToList();
        offered[3] = offered[3] with { Data = "{\"n\":\"\\u0000\"}"u8.ToArray() };
        offered[40] = offered[40] with { Type = new string('t', 501) };
        offered[41] = offered[41] with { CorrelationId = "a\0b" };
        offered[77] = offered[77] with { Stream = new string('s', 70) + Noise(9_000) };
        offered[99] = offered[99] with { Actor = "\ud800" };

        var verdicts = await store.Append(offered, atomic: false, None);

        foreach (var (verdict, n) in verdicts.Select((verdict, n) => (verdict, n)))
            if (n is 3 or 40 or 41 or 77 or 99)
                verdict.ShouldBeOfType<Refused>($"item {n}");
            else
                verdict.ShouldBeOfType<Appended>($"item {n}");
        (await store.Position(None)).ShouldBe(position + 95, "refused items leave no gap");
        (await store.Receipt("psa", offered[40].Id, None)).ShouldBeNull();
    }

    [Fact]
    public async Task Names_the_refused_item_of_an_atomic_batch_and_stores_nothing()
    {
        await using var store = database.Store();
        var offered = Enumerable.Range(0, 9).Select(n => Events.New("time/psa:atomic-refused")).ToList();
        offered[6] = offered[6] with { Type = new string('t', 501) };
        await store.Append(Events.New("time/psa:atomic-refused-before"), None);

        var verdicts = await store.Append(offered, atomic: true, None);

        verdicts[6].ShouldBeOfType<Refused>().SqlState.ShouldBe("22001");
        verdicts.Where((_, n) => n != 6).ShouldAllBe(verdict => verdict is NotAttempted);
        (await store.ReadStream("time/psa:atomic-refused", None).CountAsync()).ShouldBe(0);
        (await database.Scalar<long>("select last_value from events.mt_events_sequence")).ShouldBe(
            await store.Position(None), "Marten takes numbers beyond the head for lost ones");
    }

    [Fact]
    public async Task Records_time_that_never_runs_back()
    {
        var now = Instant.FromUtc(2026, 11, 20, 12, 0, 0).PlusNanoseconds(1_234_567);
        await using var store = database.Store(() => now);
        async Task<Instant> Recorded() =>
            ((Appended)await store.Append(Events.New("time/psa:clock"), None)).Receipt.RecordedAt;

        // Other tests of the class have written by the real clock.
        now += Duration.FromDays(3_650);
        var first = await Recorded();
        now -= Duration.FromHours(5);
        var second = await Recorded();
        now += Duration.FromHours(6);
        var third = await Recorded();

        second.ShouldBe(first);
        third.ShouldBe(first + Duration.FromHours(1));
        first.ToUnixTimeTicks().ShouldBe(first.ToUnixTimeTicks() / 10 * 10, "microseconds");
        (await database.Scalar<bool>("""
            select bool_and(ok)
            from (select timestamp >= lag(timestamp) over (order by seq_id) as ok from events.mt_events) t
            """)).ShouldBeTrue();
    }

    private static string Noise(int length)
    {
        var random = new Random(1); // incompressible, so that it is too long for an index
        return string.Concat(Enumerable.Range(0, length).Select(_ => (char)random.Next('!', 0x2FF)));
    }
}

/// <summary>The same, with every group written by COPY.</summary>
public sealed class AppendByCopyTests(CopyingDatabase database)
    : AppendTests(database), IClassFixture<CopyingDatabase>;
