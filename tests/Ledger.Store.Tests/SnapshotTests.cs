using NodaTime;

namespace Ledger.Store.Tests;

/// <summary>When a snapshot is stored, and when it only says again what is known.</summary>
public sealed class SnapshotTests(StoreDatabase database) : IClassFixture<StoreDatabase>, IAsyncLifetime
{
    private readonly List<EventStore> _stores = [];

    private const string A = "{\"hours\":\"1\"}";
    private const string B = "{\"hours\":\"2\"}";

    [Fact]
    public async Task Stores_nothing_when_polled_a_hundred_times()
    {
        await using var store = database.Store();
        var first = (await State(store, "time/psa:hundred", A, 0)).ShouldBeOfType<Appended>().Receipt;
        var position = await store.Position(None);

        for (var minute = 1; minute <= 100; minute++)
            (await State(store, "time/psa:hundred", A, minute)).ShouldBe(new Unchanged(first));

        (await store.Position(None)).ShouldBe(position);
    }

    [Fact]
    public async Task Keeps_A_then_B_then_A_as_three_events()
    {
        await using var store = database.Store();
        foreach (var (said, minute) in new[] { (A, 0), (B, 1), (A, 2) })
            (await State(store, "time/psa:aba", said, minute)).ShouldBeOfType<Appended>();
    }

    [Fact]
    public async Task A_confirmation_that_follows_a_late_copy_of_itself_is_stored_for_it_outvotes_what_came_between()
    {
        await using var store = database.Store();
        (await State(store, "time/psa:late", B, 3)).ShouldBeOfType<Appended>();
        (await State(store, "time/psa:late", A, 1)).ShouldBeOfType<Appended>("what the source said before is kept");

        var again = (await State(store, "time/psa:late", A, 4))
            .ShouldBeOfType<Appended>("the source has gone back to A since it said B").Receipt;

        again.Version.ShouldBe(3);
        (await State(store, "time/psa:late", A, 5)).ShouldBe(new Unchanged(again));
    }

    [Fact]
    public async Task One_older_than_the_newest_is_stored_even_where_it_says_the_same()
    {
        await using var store = database.Store();
        var newest = (await State(store, "time/psa:older", A, 5)).ShouldBeOfType<Appended>().Receipt;

        (await State(store, "time/psa:older", A, 1)).ShouldBeOfType<Appended>("it was so at that time already");

        var again = (await State(store, "time/psa:older", A, 6)).ShouldBeOfType<Appended>().Receipt;
        again.Version.ShouldBe(newest.Version + 2);
        (await State(store, "time/psa:older", A, 7)).ShouldBe(new Unchanged(again));
    }

    [Fact]
    public async Task Equal_times_under_other_ids_are_unchanged_while_they_say_the_same()
    {
        await using var store = database.Store();
        var first = (await State(store, "time/psa:equal", A, 0, id: "equal-m")).ShouldBeOfType<Appended>().Receipt;

        (await State(store, "time/psa:equal", A, 0, id: "equal-a")).ShouldBe(new Unchanged(first));
        (await State(store, "time/psa:equal", A, 0, id: "equal-z")).ShouldBe(new Unchanged(first));
    }

    [Fact]
    public async Task Of_equal_times_the_higher_id_is_the_newest()
    {
        await using var store = database.Store();
        (await State(store, "time/psa:tie", A, 0, id: "tie-m")).ShouldBeOfType<Appended>();
        (await State(store, "time/psa:tie", B, 0, id: "tie-a")).ShouldBeOfType<Appended>("it comes before the other");
        (await State(store, "time/psa:tie", B, 0, id: "tie-b")).ShouldBeOfType<Appended>("A still is the newest");

        var newest = (await State(store, "time/psa:tie", B, 0, id: "tie-z")).ShouldBeOfType<Appended>().Receipt;
        (await State(store, "time/psa:tie", B, 0, id: "tie-y")).ShouldBe(new Unchanged(newest));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_verb_between_makes_the_next_one_news_once(bool cold)
    {
        var stream = $"time/psa:verb-{cold}";
        var stores = Stores(cold);
        (await State(stores(), stream, A, 0)).ShouldBeOfType<Appended>();
        (await stores().Append(Events.New(stream, time: At(1)), None)).ShouldBeOfType<Appended>();

        var again = (await State(stores(), stream, A, 2)).ShouldBeOfType<Appended>().Receipt;

        for (var minute = 3; minute < 6; minute++)
            (await State(stores(), stream, A, minute)).ShouldBe(new Unchanged(again));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_verb_that_is_later_than_the_polls_keeps_them_news_until_they_pass_it(bool cold)
    {
        var stream = $"time/psa:ahead-{cold}";
        var stores = Stores(cold);
        (await stores().Append(Events.New(stream, time: At(9)), None)).ShouldBeOfType<Appended>();
        (await State(stores(), stream, A, 1)).ShouldBeOfType<Appended>();
        (await State(stores(), stream, A, 2)).ShouldBeOfType<Appended>("the verb may have changed what A says");

        var passed = (await State(stores(), stream, A, 10)).ShouldBeOfType<Appended>().Receipt;
        (await State(stores(), stream, A, 11)).ShouldBe(new Unchanged(passed));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_source_that_states_a_sequence_is_ordered_by_it(bool cold)
    {
        var stream = $"time/psa:sequence-{cold}";
        var stores = Stores(cold);
        (await State(stores(), stream, B, 1, sequence: 30)).ShouldBeOfType<Appended>();
        (await State(stores(), stream, A, 2, sequence: 10))
            .ShouldBeOfType<Appended>("later by time, yet before by the source's count");
        (await State(stores(), stream, A, 3, sequence: 20)).ShouldBeOfType<Appended>("B still is the newest");

        var newest = (await State(stores(), stream, A, 4, sequence: 40)).ShouldBeOfType<Appended>().Receipt;
        (await State(stores(), stream, A, 5, sequence: 41)).ShouldBe(new Unchanged(newest));
        (await State(stores(), stream, A, 6, sequence: 39)).ShouldBeOfType<Appended>("it is before the newest");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_event_without_a_sequence_leaves_the_order_to_time(bool cold)
    {
        var stream = $"time/psa:mixed-{cold}";
        var stores = Stores(cold);
        (await State(stores(), stream, B, 1, sequence: 30)).ShouldBeOfType<Appended>();
        (await stores().Append(Events.New(stream, time: At(2)), None)).ShouldBeOfType<Appended>();

        var newest = (await State(stores(), stream, A, 3, sequence: 5))
            .ShouldBeOfType<Appended>("a sequence that not all state orders none of them").Receipt;
        (await State(stores(), stream, A, 4, sequence: 6)).ShouldBe(new Unchanged(newest));
    }

    [Fact]
    public async Task What_is_not_the_newest_in_both_orders_confirms_nothing()
    {
        await using var store = database.Store();
        (await State(store, "time/psa:both", B, 5, sequence: 1)).ShouldBeOfType<Appended>();
        (await State(store, "time/psa:both", A, 4, sequence: 2)).ShouldBeOfType<Appended>();

        (await State(store, "time/psa:both", A, 4, sequence: 3))
            .ShouldBeOfType<Appended>("an event without a sequence would make B the newest");
    }

    [Fact]
    public async Task Decides_alike_for_many_at_once_and_one_by_one()
    {
        await using var store = database.Store();
        var steps = new[] { (A, 1), (A, 2), (B, 5), (A, 3), (A, 6), (A, 7), (B, 8), (B, 8) };
        var many = await store.Append(
            [.. steps.Select(step => Events.Stated("time/psa:many", step.Item1, time: At(step.Item2)))], false, None);
        var single = new List<Verdict>();
        foreach (var (said, minute) in steps)
        {
            await using var cold = database.Store();
            single.Add(await State(cold, "time/psa:single", said, minute));
        }

        many.Select(verdict => verdict.GetType().Name).ShouldBe(single.Select(verdict => verdict.GetType().Name));
        many.Select(verdict => verdict is Unchanged).ShouldBe([false, true, false, false, false, true, false, true]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Decides_alike_in_one_large_request_in_small_ones_and_by_stores_that_remember_nothing(int seed)
    {
        const int Count = 1_500;
        async Task<List<string>> Verdicts(string run, int chunk, bool cold)
        {
            var random = new Random(seed);
            var stores = Stores(cold);
            var verdicts = new List<string>();
            foreach (var items in Enumerable.Range(0, Count).Select(n => Any(random, $"{run}{seed}", n)).Chunk(chunk))
                verdicts.AddRange((await stores().Append(items, atomic: false, None)).Select(v => v.GetType().Name));
            return verdicts;
        }

        var large = await Verdicts("l", Count, cold: false);
        (await Verdicts("s", 7, cold: false)).ShouldBe(large);
        (await Verdicts("c", 150, cold: true)).ShouldBe(large);
        large.Distinct().ShouldBe([nameof(Appended), nameof(Unchanged)], ignoreOrder: true);
    }

    private static NewEvent Any(Random random, string run, int n)
    {
        var (stream, minute) = ($"time/psa:{run}-{random.Next(60)}", random.Next(4) == 0 ? random.Next(40) : n / 20);
        long? sequence = random.Next(2) == 0 ? minute : null;
        var id = $"{run}-{random.Next(10_000):0000}-{n:0000}";
        return random.Next(4) == 0
            ? Events.New(stream, id, time: At(minute), sequence: sequence)
            : Events.Stated(stream, $"{{\"hours\":\"{random.Next(2)}\"}}", id, At(minute), sequence);
    }

    private static Instant At(int minute) => Instant.FromUtc(2026, 11, 2, 9, 0) + Duration.FromMinutes(minute);

    private static async Task<Verdict> State(
        EventStore store, string stream, string said, int minute, long? sequence = null, string? id = null) =>
        await store.Append(Events.Stated(stream, said, id, At(minute), sequence), None);

    /// <summary>One store that remembers, or one for each question that has to look.</summary>
    private Func<EventStore> Stores(bool cold)
    {
        EventStore New()
        {
            _stores.Add(database.Store());
            return _stores[^1];
        }

        var remembering = New();
        return cold ? New : () => remembering;
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var store in _stores)
            await store.DisposeAsync();
    }
}
