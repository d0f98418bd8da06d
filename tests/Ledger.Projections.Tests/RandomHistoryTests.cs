using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Tests;

public sealed class RandomHistoryTests
{
    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(64)]
    public async Task Batch_by_batch_all_at_once_and_from_the_events_come_to_the_same(int seed)
    {
        var day = Instant.FromUtc(2026, 6, 1, 12, 0);
        await using var ledger = await LedgerDatabase.Create(day);
        var (histories, random) = (new Histories(seed, whole: true, sums: true), new Random(seed));
        for (var i = 0; i < 12; i++)
        {
            ledger.Now = day + Duration.FromHours(12 * i);
            await ledger.Append(histories.Next(random.Next(1, 60)));
            // What reaches further than that is made anew beside what serves.
            var reachMax = random.Next(3) == 0 ? 5 : 20_000;
            await ledger.Projector(random.Next(1, 30), reachMax).CatchUp(null, CancellationToken.None);
        }

        var projector = ledger.Projector();
        (await projector.VerifyViews(null, CancellationToken.None)).ShouldBeNull();
        var before = await ViewState.All(ledger);
        var head = await projector.Rebuild(null, CancellationToken.None);
        (await ViewState.All(ledger)).ShouldBe(before);

        var world = await Worlds.Load(ledger.Source, CancellationToken.None);
        world.Position.ShouldBe(head);
        ViewState.Told(world).ShouldBe(ViewState.Told(await Worlds.AsOf(ledger.Store, head, CancellationToken.None)));
        (await ledger.Rows("select stream || ' ' || entity from views.entity_member order by stream")).ShouldBe(
            world.Records.Keys.Select(s => $"{s} {world.EntityOf(s).Id}").Order(StringComparer.Ordinal));
        (await ViewState.Derived(ledger)).ShouldBe(ViewState.Derived(world));
    }

    [Fact]
    public async Task The_world_as_of_a_position_is_that_of_a_ledger_stopped_there()
    {
        var events = new Histories(31, whole: true).Next(300);
        await using var whole = await LedgerDatabase.Create();
        await using var stopped = await LedgerDatabase.Create();
        await whole.Append(events);
        await stopped.Append([.. events.Take(170)]);
        await stopped.Projector().CatchUp(null, CancellationToken.None);

        var then = await Worlds.AsOf(whole.Store, 170, CancellationToken.None);

        then.Position.ShouldBe(170);
        ViewState.Told(then).ShouldBe(
            ViewState.Told(await Worlds.Load(stopped.Source, CancellationToken.None)));
    }

    [Fact]
    public async Task A_live_world_reads_what_changed_and_is_the_whole()
    {
        await using var ledger = await LedgerDatabase.Create();
        var histories = new Histories(41, whole: true);
        using var live = new LiveWorld(ledger.Source);
        for (var i = 0; i < 4; i++)
        {
            await ledger.Append(histories.Next(60));
            await ledger.Projector().CatchUp(null, CancellationToken.None);
            var now = await live.Now(CancellationToken.None);
            ViewState.Told(now).ShouldBe(ViewState.Told(await Worlds.Load(ledger.Source, CancellationToken.None)));
            (await live.Now(CancellationToken.None)).ShouldBeSameAs(now);
        }
    }

    [Fact]
    public async Task A_world_around_streams_has_their_entities_whole()
    {
        await using var ledger = await LedgerDatabase.Create();
        await ledger.Append(new Histories(51, whole: true).Next(400));
        await ledger.Projector().CatchUp(null, CancellationToken.None);
        var world = await Worlds.Load(ledger.Source, CancellationToken.None);
        foreach (var stream in world.Records.Keys.Where(s => s[0] is 't' or 'i' or 'c'))
        {
            var around = await Worlds.Around(ledger.Source, [stream], CancellationToken.None);
            around.Position.ShouldBe(world.Position);
            around.EntityOf(stream).Members.Select(m => m.Stream)
                .ShouldBe(world.EntityOf(stream).Members.Select(m => m.Stream));
            foreach (var source in new[] { "psa", "erp", "billing" })
                around.RolesOf(source).ShouldBe(world.RolesOf(source));
        }

        var number = world.Records.Values.First(r => r.Kind == Kind.Invoice && r.Fold.State?.Number is not null)
            .Fold.State!.Number!;
        var numbered = await Worlds.Around(ledger.Source, [], [("invoice", number)], CancellationToken.None);
        numbered.Records.Values.Select(r => r.Fold.State?.Number).ShouldContain(number);
    }
}
