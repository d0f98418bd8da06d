namespace Ledger.Store.Tests;

public sealed class StoredTests(StoreDatabase database) : IClassFixture<StoreDatabase>
{
    [Fact]
    public async Task What_is_stored_is_found_with_the_answer_that_appending_it_again_gives()
    {
        await using var store = database.Store();
        NewEvent[] events = [.. Enumerable.Range(0, 700).Select(n => Events.New($"time/psa:found-{n % 7}"))];
        await store.Append(events, atomic: false, None);
        var again = await store.Append(events, atomic: false, None);

        // In another order, one twice, some not asked for.
        int[] asked = [.. Enumerable.Range(0, events.Length).Reverse(), 5];
        var found = await store.Stored(
            [.. asked.Select(n => n % 10 == 3 ? null : Claim.Of(events[n]))], None);

        foreach (var (place, n) in asked.Index())
            found[place].ShouldBe(n % 10 == 3 ? null : again[n]);
        again[0].ShouldBeOfType<Duplicate>();
    }

    [Fact]
    public async Task What_only_an_append_tells_is_not_found()
    {
        await using var store = database.Store();
        var stored = Events.New("time/psa:not-found");
        var other = Events.New(stored.Stream, stored.Id, "{\"n\":2}");
        var parked = Events.New("time/psa:parked-not-found");
        await store.Append(stored, None);
        await Events.Park(store, parked);

        var found = await store.Stored(
            [Claim.Of(other), Claim.Of(parked), Claim.Of(Events.New(stored.Stream)), null], None);

        found.ShouldAllBe(verdict => verdict == null);
        (await database.Rows($"select id from ledger.conflict where id = '{stored.Id}'")).ShouldBeEmpty();
        (await store.Stored([], None)).ShouldBeEmpty();
    }
}
