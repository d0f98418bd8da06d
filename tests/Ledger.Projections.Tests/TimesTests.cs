using System.Text.Json;
using Ledger.Domain;
using Ledger.Projections.Views;
using Ledger.Store;
using NodaTime;

namespace Ledger.Projections.Tests;

public sealed class TimesTests
{
    /// <summary>The day before successions, owners and overrides of the histories begin or end.</summary>
    private static readonly Instant Started = Instant.FromUtc(2026, 6, 1, 12, 0);

    private static readonly string[] Kinds = ["client", "invoice", "time", "payment"];

    [Theory]
    [InlineData(61)]
    [InlineData(62)]
    public async Task What_was_known_at_a_position_is_what_the_events_until_then_come_to(int seed)
    {
        await using var ledger = await Told(seed, 400);
        var random = new Random(seed);
        for (var i = 0; i < 6; i++) await EachIsAsTheEventsSay(ledger, new(AsKnownAt: random.Next(401)));
    }

    [Theory]
    [InlineData(71)]
    [InlineData(72)]
    public async Task What_was_stated_or_counted_by_then_is_what_the_events_by_then_come_to(int seed)
    {
        await using var ledger = await Told(seed, 300);
        var random = new Random(seed);
        for (var i = 0; i < 6; i++)
        {
            var which = random.Next(1, 8);
            await EachIsAsTheEventsSay(ledger, new(
                (which & 1) == 0 ? null : new LocalDate(2026, 3, 1).PlusDays(random.Next(80)),
                (which & 2) == 0 ? null : Telling.Morning + Duration.FromMinutes(random.Next(100_000)),
                (which & 4) == 0 ? null : random.Next(301)));
        }
    }

    [Fact]
    public async Task What_was_known_at_a_position_is_what_a_ledger_says_that_was_stopped_there()
    {
        var events = Events(81, 300);
        await using var whole = await LedgerDatabase.Create();
        await using var stopped = await LedgerDatabase.Create();
        await whole.Append(events);
        await whole.Projector(batchEvents: 41).CatchUp(null, CancellationToken.None);
        foreach (var until in new[] { 60, 190 })
        {
            await stopped.Append([.. events.Skip((int)await stopped.Store.Position(CancellationToken.None))
                .Take(until - (int)await stopped.Store.Position(CancellationToken.None))]);
            await stopped.Projector(batchEvents: 23).CatchUp(null, CancellationToken.None);
            foreach (var kind in Kinds)
            {
                var (position, then, _) = await EntityReader.List(
                    stopped.Source, kind, 0, 1_000, EntityFilter.None, CancellationToken.None);
                var known = await EntityReader.List(
                    whole.Source, kind, 0, 1_000, EntityFilter.None, new(AsKnownAt: until),
                    CancellationToken.None);
                position.ShouldBe(until);
                known.Entities.Select(Told).Order(StringComparer.Ordinal)
                    .ShouldBe(then.Select(Told).Order(StringComparer.Ordinal));
            }
        }
    }

    [Fact]
    public async Task A_list_as_of_a_time_gone_by_tells_each_thing_once_whatever_the_page()
    {
        await using var ledger = await Told(91, 300);
        foreach (var times in new[] { new Times(AsKnownAt: 150), new Times(AsOf: new(2026, 4, 1)) })
        {
            var whole = await List(ledger, "time", times, 1_000, EntityFilter.None);
            whole.Count.ShouldBeGreaterThan(5);
            foreach (var limit in new[] { 1, 3, 7 })
                (await List(ledger, "time", times, limit, EntityFilter.None)).ShouldBe(whole);
            var world = await Worlds.AsOf(ledger.Store, times, CancellationToken.None);
            var live = world.Entities(Kind.Time).Where(e => e.IsLive).Select(e => Told(world, e));
            (await List(ledger, "time", times, 5, new(Live: true))).Order(StringComparer.Ordinal)
                .ShouldBe(live.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task A_number_counts_as_it_did_before_a_crowd_bore_it_and_while_one_does()
    {
        await using var ledger = await LedgerDatabase.Create();
        for (var n = 1; n <= 70; n++)
            await ledger.Append(Telling.Event($"s{n}", "invoice/1", Invoice("X-1")));
        for (var n = 11; n <= 70; n++)
            await ledger.Append(Telling.Event($"s{n}", "invoice/1", new RecordDeleted(), minute: 1));
        await ledger.Projector().CatchUp(null, CancellationToken.None);
        foreach (var (position, members) in new[] { (10, 10), (16, 16), (17, 1), (70, 1), (123, 1), (124, 16) })
        {
            var (_, entity) = await EntityReader.Find(
                ledger.Source, "invoice", "invoice/s1:1", new(AsKnownAt: position), CancellationToken.None);
            entity!.Members.Count.ShouldBe(members, $"at {position}");
        }
    }

    private static InvoiceIssued Invoice(string number) =>
        new(new(2026, 3, 31), [], Currency: Currency.Of("GBP"), Totals: new(Gross: 100m)) { Number = number };

    [Theory]
    [InlineData(null, null, null, true)]
    [InlineData("2026-03-04", "2026-03-04T09:00:00Z", 7L, true)]
    [InlineData("2026-03-03", null, null, false)]
    [InlineData(null, "2026-03-04T08:59:59Z", null, false)]
    [InlineData(null, null, 6L, false)]
    [InlineData("2026-03-05", "2026-03-05T00:00:00Z", 6L, false)]
    public void An_event_counts_that_lies_by_every_time_asked(string? asOf, string? stated, long? known, bool counts)
    {
        LedgerJson.TryDate(asOf, out var day);
        LedgerJson.TryInstant(stated, out var instant);
        var times = new Times(asOf is null ? null : day, stated is null ? null : instant, known);
        var e = new RecordedEvent(
            7, "psa", "1", "time/psa:1", "record_deleted", Instant.FromUtc(2026, 3, 4, 9, 0), new(2026, 3, 4), null,
            null, Instant.FromUtc(2026, 3, 9, 0, 0), new RecordDeleted());
        times.Includes(e).ShouldBe(counts);
    }

    [Fact]
    public async Task The_last_position_recorded_by_an_instant_is_found()
    {
        await using var ledger = await LedgerDatabase.Create();
        var before = SystemClock.Instance.GetCurrentInstant();
        (await Worlds.PositionAt(ledger.Source, before, CancellationToken.None)).ShouldBe(0);
        for (var i = 0; i < 9; i++) await ledger.Append(new Histories(i).Next(3));
        var at = new List<(long Position, Instant Recorded)>();
        await foreach (var stored in ledger.Store.ReadAll(0, CancellationToken.None))
            at.Add((stored.Position, stored.RecordedAt));
        foreach (var (_, recorded) in at)
            (await Worlds.PositionAt(ledger.Source, recorded, CancellationToken.None))
                .ShouldBe(at.Last(a => a.Recorded <= recorded).Position);
        (await Worlds.PositionAt(
            ledger.Source, at[0].Recorded - Duration.FromSeconds(1), CancellationToken.None)).ShouldBe(0);
        (await Worlds.PositionAt(
            ledger.Source, at[^1].Recorded + Duration.FromDays(1), CancellationToken.None)).ShouldBe(27);
    }

    private static async Task EachIsAsTheEventsSay(LedgerDatabase ledger, Times times)
    {
        var then = await Worlds.AsOf(ledger.Store, times, CancellationToken.None);
        var streams = await ledger.Rows("select stream from views.by_source order by stream");
        foreach (var stream in streams.Where(s => Kinds.Contains(StreamName.KindOf(s))))
        {
            var (_, entity) = await EntityReader.Find(
                ledger.Source, StreamName.KindOf(stream), stream, times, CancellationToken.None);
            var expected = then.Records.ContainsKey(stream) ? Told(then, then.EntityOf(stream)) : null;
            (entity is null ? null : Told(entity)).ShouldBe(expected, $"{stream} {times}");
        }

        foreach (var kind in Kinds)
            (await List(ledger, kind, times, 1_000, EntityFilter.None)).Order(StringComparer.Ordinal).ShouldBe(
                then.Entities(Kind.Find(kind)).Where(e => then.Compose(e).Fields.Count > 0)
                    .Select(e => Told(then, e)).Order(StringComparer.Ordinal));
    }

    private static async Task<List<string>> List(
        LedgerDatabase ledger, string kind, Times times, int limit, EntityFilter filter)
    {
        var told = new List<string>();
        for (long? after = 0; after is { } from;)
        {
            var page = await EntityReader.List(
                ledger.Source, kind, from, limit, filter, times, CancellationToken.None);
            told.AddRange(page.Entities.Select(Told));
            after = page.Next;
        }

        return told;
    }

    private static async Task<LedgerDatabase> Told(int seed, int count)
    {
        var ledger = await LedgerDatabase.Create(Started);
        foreach (var (part, day) in Events(seed, count).Chunk(40).Select((part, day) => (part, day)))
        {
            ledger.Now = Started + Duration.FromHours(15 * day);
            await ledger.Append(part);
        }

        await ledger.Projector(batchEvents: 37).CatchUp(null, CancellationToken.None);
        return ledger;
    }

    /// <summary>A random history whose events count from days of their own.</summary>
    private static List<NewEvent> Events(int seed, int count)
    {
        var random = new Random(seed);
        return [.. new Histories(seed, whole: true).Next(count).Select(e => e with
        {
            Headers = [.. e.Headers.Select(h => h.Key == HeaderNames.EffectiveOn && random.Next(2) == 0
                ? new(h.Key, NodaTime.Text.LocalDatePattern.Iso.Format(
                    new LocalDate(2026, 3, 1).PlusDays(random.Next(80))))
                : h)],
        })];
    }

    private static string Told(World world, Entity entity) =>
        $"{entity.Id} {entity.IsLive} {entity.Members[0].Fold.Opened} {entity.Members.Max(m => m.Fold.Last)} "
        + $"[{string.Join(' ', entity.Members.Select(m => m.Stream))}] "
        + string.Join("; ", world.Compose(entity).Fields.OrderBy(f => f.Name, StringComparer.Ordinal).Select(f =>
            $"{f.Name} {Plain(JsonSerializer.SerializeToElement(
                f.Value, LedgerJson.Options.GetTypeInfo(f.Value.GetType())))} "
            + $"{f.By.Stream}@{f.Position}{(f.OwnerAbsent ? " absent" : "")}"
            + (f.Override is { } o ? $" over {o.Stream}@{o.Position}" : "")));

    private static string Told(EntityView view) =>
        $"{view.Id} {view.Live} {view.Opened} {view.Changed} [{string.Join(' ', view.Members)}] "
        + string.Join("; ", JsonElement.Parse(view.Fields).EnumerateObject()
            .OrderBy(f => f.Name, StringComparer.Ordinal).Select(f =>
            $"{f.Name} {Plain(f.Value.GetProperty("value"))} {f.Value.GetProperty("stream").GetString()}"
            + $"@{f.Value.GetProperty("position").GetInt64()}"
            + (f.Value.TryGetProperty("ownerAbsent", out _) ? " absent" : "")
            + (f.Value.TryGetProperty("override", out var o)
                ? $" over {o.GetProperty("stream").GetString()}@{o.GetProperty("position").GetInt64()}"
                : "")));

    /// <summary>JSON whatever the order of its members.</summary>
    private static string Plain(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(',', json.EnumerateObject()
            .OrderBy(m => m.Name, StringComparer.Ordinal).Select(m => $"{m.Name}:{Plain(m.Value)}")) + "}",
        JsonValueKind.Array => "[" + string.Join(',', json.EnumerateArray().Select(Plain)) + "]",
        _ => json.GetRawText(),
    };
}
