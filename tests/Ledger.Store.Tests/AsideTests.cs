using System.Text;
using NodaTime;

namespace Ledger.Store.Tests;

/// <summary>What stands aside of the log: parked events, rejects, conflicts.</summary>
public sealed class AsideTests(StoreDatabase database) : IClassFixture<StoreDatabase>
{
    [Fact]
    public async Task Parks_an_event_once_and_keeps_its_key()
    {
        await using var store = database.Store();
        var offered = Events.New("orbit/psa:1");
        var other = Events.New("orbit/psa:1", offered.Id, "{\"n\":2}");

        var parked = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Park(store, offered)));

        var first = parked[0].ShouldBeOfType<Parked>();
        parked.ShouldAllBe(verdict => verdict is Parked && ((Parked)verdict).ParkedAt == first.ParkedAt);
        (await Park(store, other)).ShouldBeOfType<KeyConflict>().Existing.ShouldBeNull();
        (await store.Append(offered, None)).ShouldBeOfType<Parked>().ParkedAt.ShouldBe(first.ParkedAt);
        (await store.Append(other, None)).ShouldBeOfType<KeyConflict>();
        (await store.Receipt(offered.Source, offered.Id, None)).ShouldBeNull();
        (await store.Known(offered.Source, offered.Id, None)).ShouldBeOfType<Parked>().ParkedAt.ShouldBe(first.ParkedAt);
        (await database.Scalar<long>($"select count(*) from ledger.parked where id = '{offered.Id}'")).ShouldBe(1);

        var stored = Events.New("time/psa:known");
        var receipt = ((Appended)await store.Append(stored, None)).Receipt;
        (await Park(store, stored)).ShouldBe(new Duplicate(receipt));
        (await store.Known(stored.Source, stored.Id, None)).ShouldBe(new Duplicate(receipt));
    }

    [Fact]
    public async Task Decides_what_stands_aside_in_its_order_many_at_once()
    {
        await using var store = database.Store();
        var stored = Events.New("time/psa:aside");
        var receipt = ((Appended)await store.Append(stored, None)).Receipt;
        var (a, b) = (Events.New("orbit/psa:a"), Events.New("orbit/psa:b"));
        var other = Events.New("orbit/psa:a", a.Id, "{\"n\":2}");

        var verdicts = await store.TakeAside(
            [
                Aside(b, parks: false), Aside(a), Aside(a), Aside(other), Aside(stored, parks: false), Aside(b),
                Aside(b, parks: false), Aside(Events.New("time/psa:aside", stored.Id, "{\"n\":3}")),
            ],
            None);

        verdicts[0].ShouldBeNull("its key is free at its turn");
        verdicts[1].ShouldBeOfType<Parked>();
        verdicts[2].ShouldBeOfType<Parked>();
        verdicts[3].ShouldBeOfType<KeyConflict>().ExistingDigest.ToArray().ShouldBe(a.Digest.ToArray());
        verdicts[4].ShouldBe(new Duplicate(receipt));
        verdicts[5].ShouldBeOfType<Parked>();
        verdicts[6].ShouldBeOfType<Parked>();
        verdicts[7].ShouldBeOfType<KeyConflict>().Existing.ShouldBe(receipt);
    }

    [Fact]
    public async Task Parks_in_the_order_of_the_request_whoever_parks_beside()
    {
        await using var store = database.Store();
        var all = Enumerable.Range(0, 400).Select(n => Events.New($"orbit/psa:order-{n}")).ToList();
        var mine = all.Select(offered => Aside(offered)).ToList();

        // Another takes every seventh key meanwhile, under the same digest.
        await Task.WhenAll(
            store.TakeAside(mine, None), store.TakeAside([.. mine.Where((_, n) => n % 7 == 0)], None),
            store.TakeAside(mine, None));

        (await database.Scalar<long>("select count(*) from ledger.parked where id like 'e-%' and body = '\\x7b7d'"))
            .ShouldBeGreaterThanOrEqualTo(400);
        var order = new List<string>();
        await foreach (var page in store.ParkedEvents(
            null, [.. all.Where((_, n) => n % 7 != 0).Select(offered => (offered.Source, offered.Id))], None))
            order.AddRange(page.Select(parked => parked.Id));
        order.ShouldBe(all.Where((_, n) => n % 7 != 0).Select(offered => offered.Id));
    }

    [Fact]
    public async Task Moves_a_parked_key_to_its_stored_place_in_one_transaction()
    {
        await using var store = database.Store();
        var offered = Events.New("time/psa:unparked");
        await Park(store, offered with { Digest = new byte[32] });

        var receipt = (await store.Unpark([offered], None))[0].ShouldBeOfType<Appended>().Receipt;

        (await store.Append(offered, None)).ShouldBe(new Duplicate(receipt), "by the digest of what it is read as now");
        (await store.Unpark([offered], None))[0].ShouldBe(new Duplicate(receipt), "somebody else was faster");
        (await database.Scalar<long>($"select count(*) from ledger.parked where id = '{offered.Id}'")).ShouldBe(0);
        await ShouldHoldEachEventUnderItsKey();
    }

    [Fact]
    public async Task Applies_each_parked_event_once_when_many_do_it_at_once()
    {
        var parked = Enumerable.Range(0, 120).Select(n => Events.New($"time/psa:many-{n % 5}")).ToList();
        await using (var store = database.Store())
            await store.TakeAside([.. parked.Select(offered => Aside(offered))], None);

        var stores = Enumerable.Range(0, 4).Select(_ => database.Store()).ToList();
        var verdicts = await Task.WhenAll(stores.Select(store => store.Unpark(parked, None)));

        for (var i = 0; i < parked.Count; i++)
            verdicts.Count(of => of[i] is Appended).ShouldBe(1, parked[i].Id);
        verdicts.SelectMany(of => of).ShouldAllBe(verdict => verdict is Appended || verdict is Duplicate);
        foreach (var store in stores)
            await store.DisposeAsync();
        await ShouldHoldEachEventUnderItsKey();
    }

    [Fact]
    public async Task Leaves_what_cannot_be_applied_parked_until_it_is_rejected_and_then_frees_its_key()
    {
        await using var store = database.Store();
        var late = Events.New("time/psa:late-parked") with { ExpectedVersion = 7 };
        var gone = Events.New("time/psa:never-parked");
        await Park(store, late);

        (await store.Unpark([late, gone], None)).ShouldBe([new VersionConflict(7, 0), new NotAttempted()]);
        (await store.Known(late.Source, late.Id, None)).ShouldBeOfType<Parked>();
        (await store.RejectParked([(late.Source, late.Id, "{}"), (gone.Source, gone.Id, "{}")], None)).ShouldBe(1);
        (await store.RejectParked([(late.Source, late.Id, "{}")], None)).ShouldBe(0, "it is no longer parked");

        (await store.Known(late.Source, late.Id, None)).ShouldBeNull();
        var reject = (await store.Rejects(0, 1_000, late.Source, false, None)).Single(one => one.Id == late.Id);
        Encoding.UTF8.GetString((await store.Reject(reject.Number, None))!.Body!.Value.Span).ShouldBe("{}");
        var receipt = ((Appended)await store.Append(late with { ExpectedVersion = null }, None)).Receipt;
        (await store.Reject(reject.Number, None))!.Settled
            .ShouldBe(new Settlement(late.Source, late.Id, receipt.Position, receipt.RecordedAt));
    }

    [Fact]
    public async Task A_parked_snapshot_that_says_nothing_new_is_dropped()
    {
        await using var store = database.Store();
        var stated = Events.Stated("time/psa:parked-twice", "{\"h\":1}");
        var receipt = ((Appended)await store.Append(stated, None)).Receipt;
        var again = Events.Stated("time/psa:parked-twice", "{\"h\":1}");
        await Park(store, again);

        (await store.Unpark([again], None)).ShouldBe([new Unchanged(receipt)]);
        (await store.Known(again.Source, again.Id, None)).ShouldBeNull();
    }

    [Fact]
    public async Task Forgets_a_conflict_that_was_only_another_reading_of_the_parked_event()
    {
        await using var store = database.Store();
        var offered = Events.New("time/psa:reread");
        await Park(store, offered with { Digest = new byte[32] });
        (await store.Append(offered, None)).ShouldBeOfType<KeyConflict>();

        await store.Unpark([offered], None);

        (await store.Conflicts(0, 1_000, null, None)).ShouldNotContain(conflict => conflict.Id == offered.Id);
    }

    [Fact]
    public async Task Keeps_rejects_as_they_came_without_taking_a_key()
    {
        await using var store = database.Store();
        byte[] body = [0, 255, .. "{\"truncated"u8];

        var source = "p\0sa\ud800" + new string('x', 9_000);
        const string Why = """[{"at":"/a\u0000","why":"NUL"}]""";
        var numbers = await store.Reject([new(source, null, body, Why), new(null, "2", body, Why)], None);
        var number = numbers[0];
        numbers.ShouldBe([number, number + 1]);

        (await database.Scalar<byte[]>($"select body from ledger.reject where number = {number}")).ShouldBe(body);
        (await database.Scalar<string>($"select source from ledger.reject where number = {number}"))
            .ShouldStartWith("p\uFFFDsa\uFFFDxx");
        var kept = (await store.Reject(number, None))!;
        (kept.Problems, kept.Bytes, kept.Times, kept.Settled).ShouldBe((Why, body.Length, 1, null));
        kept.Body!.Value.ToArray().ShouldBe(body);
    }

    [Fact]
    public async Task Counts_the_same_failure_instead_of_keeping_it_again()
    {
        var now = Instant.FromUtc(2026, 11, 20, 12, 0);
        await using var store = database.Store(() => now);
        var failing = new Rejected("psa", "same", "{}"u8.ToArray(), """{"n":1}""");

        var first = await store.Reject([failing, failing, failing with { Id = "other" }], None);
        now += Duration.FromHours(1);
        var again = await store.Reject([failing with { Problems = """{"n":2}""" }], None);

        first[0].ShouldBe(first[1]);
        again[0].ShouldBe(first[0]);
        var kept = (await store.Reject(first[0], None))!;
        (kept.Times, kept.FirstAt, kept.LastAt).ShouldBe((3, now - Duration.FromHours(1), now));
        kept.Problems.ShouldBe("""{"n":2}""", "the latest reasons stand");
    }

    [Fact]
    public async Task Keeps_a_bounded_number_of_bodies_of_an_event_that_fails_differently_each_time()
    {
        await using var store = database.Store();
        for (var n = 0; n < 3 * EventStore.RejectsOfKeyMax; n++)
            await store.Reject([new("psa", "wild", Encoding.UTF8.GetBytes($"body {n}"), "{}")], None);
        var long_ = (await store.Reject(
            [new("psa", "long", new byte[EventStore.RejectBytesMax + 5], "{}")], None))[0];

        var kept = (await store.Rejects(0, 1_000, "psa", null, None)).Where(one => one.Id == "wild").ToList();
        kept.Count.ShouldBe(EventStore.RejectsOfKeyMax);
        Encoding.UTF8.GetString((await store.Reject(kept[^1].Number, None))!.Body!.Value.Span)
            .ShouldBe($"body {3 * EventStore.RejectsOfKeyMax - 1}");
        var beginning = (await store.Reject(long_, None))!;
        (beginning.Bytes, beginning.Body!.Value.Length)
            .ShouldBe((EventStore.RejectBytesMax + 5, EventStore.RejectBytesMax));
    }

    [Fact]
    public async Task Settles_a_reject_by_the_event_that_is_stored_under_its_key()
    {
        await using var store = database.Store();
        var offered = Events.New("time/psa:settled");
        var number = (await store.Reject([new(offered.Source, offered.Id, "?"u8.ToArray(), "{}")], None))[0];
        (await store.Reject(number, None))!.Settled.ShouldBeNull();
        (await store.Rejects(number - 1, 1, null, false, None)).Single().Number.ShouldBe(number);

        var receipt = ((Appended)await store.Append(offered, None)).Receipt;

        (await store.Reject(number, None))!.Settled
            .ShouldBe(new Settlement(offered.Source, offered.Id, receipt.Position, receipt.RecordedAt));
        (await store.Rejects(number - 1, 1, null, true, None)).Single().Number.ShouldBe(number);
        (await store.Rejects(0, 1_000, null, false, None)).ShouldNotContain(one => one.Number == number);
    }

    [Fact]
    public async Task Keeps_what_was_offered_under_a_taken_key_for_the_owner_within_bounds()
    {
        await using var store = database.Store();
        var first = Events.New("time/psa:owned", "owned-1") with { Original = "first"u8.ToArray() };
        var receipt = ((Appended)await store.Append(first, None)).Receipt;
        var others = Enumerable.Range(2, 3 * Offer.BodiesMax).Select(n =>
            Events.New("time/psa:owned", "owned-1", $$"""{"n":{{n}}}""") with
            {
                Original = Encoding.UTF8.GetBytes($"{n}".PadRight(Offer.BytesMax + 10)),
            }).ToList();

        await store.Append([others[0], others[0], others[1]], atomic: false, None);
        await store.Append(others[0], None);
        await store.Append(others, atomic: false, None);

        var kept = (await store.Conflicts(0, 1_000, "psa", None)).Where(one => one.Id == "owned-1").ToList();
        kept.Count.ShouldBe(others.Count);
        kept.ShouldAllBe(one => one.ExistingPosition == receipt.Position && one.ExistingStream == receipt.Stream
            && one.ExistingDigest!.Value.ToArray().SequenceEqual(first.Digest.ToArray()));
        kept.Single(one => one.OfferedDigest.Span.SequenceEqual(others[0].Digest.Span)).Times.ShouldBe(4);
        (await database.Scalar<long>(
            "select count(body) from ledger.conflict where id = 'owned-1'")).ShouldBeInRange(2, Offer.BodiesMax);
        var shown = (await store.Conflict(kept[0].Number, None))!;
        (shown.Bytes, shown.Body!.Value.Length).ShouldBe((Offer.BytesMax + 10, Offer.BytesMax));
    }

    private async Task ShouldHoldEachEventUnderItsKey() => (await database.Scalar<long>("""
        select count(*)
        from (select * from ledger.key where position is not null) k
        full join events.mt_events e on e.id = k.key and e.seq_id = k.position
        where k.key is null or e.id is null
        """)).ShouldBe(0);

    private static Unready Aside(NewEvent offered, bool parks = true) => new(
        offered.Source, offered.Id, parks ? "orbit_reached" : null, "{}"u8.ToArray(), offered.Digest);

    private static Task<Verdict> Park(EventStore store, NewEvent unknown) => Events.Park(store, unknown);
}
