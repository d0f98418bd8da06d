using System.Collections.Concurrent;
using NodaTime;
using Npgsql;

namespace Ledger.Store.Tests;

public class AppendRaceTests(StoreDatabase database) : IClassFixture<StoreDatabase>
{
    [Fact]
    public async Task Of_two_appends_at_one_expected_version_exactly_one_wins()
    {
        await using var here = database.Store();
        await using var there = database.Store();
        EventStore[] stores = [here, here, there];
        for (var trial = 0; trial < 150; trial++)
        {
            var stream = $"time/psa:race-{trial % 50}";
            var expected = trial / 50;
            var verdicts = await Task.WhenAll(stores.Select(store => Task.Run(() => store.Append(
                Events.New(stream) with { ExpectedVersion = expected }, None))));

            verdicts.Count(verdict => verdict is Appended).ShouldBe(1, $"trial {trial}");
            verdicts.Count(verdict => verdict == new VersionConflict(expected, expected + 1))
                .ShouldBe(2, $"trial {trial}");
        }
    }

    [Fact]
    public async Task One_event_delivered_a_hundred_times_at_once_has_one_effect_and_one_receipt()
    {
        await using var here = database.Store();
        await using var there = database.Store();
        for (var trial = 0; trial < 10; trial++)
        {
            var offered = Events.New("time/psa:storm");
            var verdicts = await Task.WhenAll(Enumerable.Range(0, 100).Select(n => Task.Run(() =>
                (n % 2 == 0 ? here : there).Append(offered, None))));

            var receipt = verdicts.OfType<Appended>().Single().Receipt;
            verdicts.OfType<Duplicate>().Count().ShouldBe(99);
            verdicts.OfType<Duplicate>().ShouldAllBe(duplicate => duplicate.Receipt == receipt);
        }

        (await here.ReadStream("time/psa:storm", None).CountAsync()).ShouldBe(10);
    }

    [Fact]
    public async Task An_event_that_expects_a_version_is_no_conflict_with_itself_whoever_else_brings_it()
    {
        await using var here = database.Store();
        await using var there = database.Store();
        for (var trial = 0; trial < 300; trial++)
        {
            var offered = Events.New($"time/psa:own-{trial}") with { ExpectedVersion = 0 };
            var verdicts = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => Task.Run(() =>
                (n % 2 == 0 ? here : there).Append(offered, None))));

            var receipt = verdicts.OfType<Appended>().Single().Receipt;
            verdicts.Where(verdict => verdict is not Appended).ShouldAllBe(verdict => verdict == new Duplicate(receipt));
        }
    }

    [Fact]
    public async Task Parking_and_appending_one_key_at_once_ends_in_one_of_the_two()
    {
        await using var store = database.Store();
        var ends = new HashSet<Type>();
        for (var trial = 0; trial < 100; trial++)
        {
            var offered = Events.New("time/psa:parked-race");
            var early = trial % 2 == 0 ? Append() : Park();
            var late = trial % 2 == 0 ? Park() : Append();
            var both = await Task.WhenAll(early, late);
            var (appended, parked) = trial % 2 == 0 ? (both[0], both[1]) : (both[1], both[0]);

            ends.Add(appended.GetType());
            if (appended is Appended { Receipt: var receipt })
                parked.ShouldBe(new Duplicate(receipt));
            else
                appended.ShouldBeOfType<Parked>().ParkedAt.ShouldBe(parked.ShouldBeOfType<Parked>().ParkedAt);

            Task<Verdict> Append() => Task.Run(() => store.Append(offered, None));
            Task<Verdict> Park() => Task.Run(() => Events.Park(store, offered));
        }

        ends.ShouldBe([typeof(Appended), typeof(Parked)], ignoreOrder: true);
    }

    [Fact]
    public async Task A_reader_who_takes_all_beyond_its_checkpoint_skips_nothing_while_transactions_are_held()
    {
        await using var here = database.Store();
        await using var there = database.Store();
        var start = await here.Position(None);
        using var done = new CancellationTokenSource();
        var seen = new List<long>();
        var reading = Task.Run(async () =>
        {
            var checkpoint = start;
            for (var last = false; ; last = done.IsCancellationRequested)
            {
                await foreach (var stored in here.ReadAll(checkpoint, None))
                    seen.Add(checkpoint = stored.Position);
                if (last)
                    return;
            }
        });
        var holding = Task.Run(() => HoldTheHead(done.Token));

        var appended = new ConcurrentBag<long>();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(writer => Task.Run(async () =>
        {
            for (var n = 0; n < 40; n++)
                foreach (var verdict in await (writer % 2 == 0 ? here : there).Append(
                    [Events.New($"time/psa:held-{writer}-{n % 3}"), Events.New($"time/psa:held-{n}")],
                    atomic: n % 2 == 0, None))
                    appended.Add(verdict.ShouldBeOfType<Appended>().Receipt.Position);
        })));
        await done.CancelAsync();
        var held = await holding;
        await reading;

        held.ShouldBeGreaterThan(0);
        seen.ShouldBe(Enumerable.Range(1, seen.Count).Select(n => start + n), "in order, without a gap");
        appended.Order().Except(seen).ShouldBeEmpty();
        (await here.Verify(null, None)).First.ShouldBeNull();
    }

    /// <summary>A third process that appends by hand: it has drawn its position and stored its event, then dawdles
    /// before it commits, or rolls back.</summary>
    private async Task<int> HoldTheHead(CancellationToken cancellationToken)
    {
        await using var session = new AppendSession(database.Source, database.Writing);
        var held = 0;
        for (; !cancellationToken.IsCancellationRequested; held++)
        {
            var open = await session.Open(None);
            await using var transaction = await open.Begin();
            var (item, _) = Prepared.From(Events.New($"time/psa:held-by-hand-{held}"));
            var slice = new Slice(new Request([item], new Verdict?[1], false, None), 0, 1);
            var known = await open.Look([slice], locked: true);
            var group = new Group(known.Head, known.Head.Recorded, _ => null, _ => null);
            group.Decide(slice);
            (await open.Append(group, Task.FromResult(GroupCommit.Of(group)))).ShouldBeNull();
            await Task.Delay(10, None);
            if (held % 3 == 2)
                await transaction.RollbackAsync(None);
            else
                await transaction.CommitAsync(None);
            await Task.Delay(3, None);
        }

        return held;
    }
}

/// <summary>The same, with every group written by COPY.</summary>
public sealed class AppendRaceByCopyTests(CopyingDatabase database)
    : AppendRaceTests(database), IClassFixture<CopyingDatabase>;
