using System.Text;
using Ledger.Domain;
using Ledger.Store;
using NodaTime;
using Npgsql;

namespace Ledger.Projections.Tests;

/// <summary>Histories of the whole vocabulary among which are events that cannot be folded, told to two projectors that
/// take over from each other, are killed in the middle of a batch, and beside whom everything is made anew.</summary>
public sealed class PoisonHistoryTests
{
    private static readonly Instant Noon = Instant.FromUtc(2026, 6, 1, 12, 0);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Poison_stops_its_own_streams_and_nothing_is_left_of_it_once_it_can_be_folded(int seed)
    {
        await using var ledger = await LedgerDatabase.Create(Noon);
        var (histories, random) = (new Histories(seed, whole: true), new Random(seed));
        var (said, spoilt) = (new List<Understood>(), new SortedDictionary<long, ReadOnlyMemory<byte>>());
        Projector[] two = [ledger.Projector(random.Next(1, 20), 5), ledger.Projector(random.Next(1, 20))];
        for (var turn = 0; turn < 10; turn++)
        {
            ledger.Now = Noon + Duration.FromHours(12 * turn);
            await ledger.Append(Spoiling(histories.Say(random.Next(15, 35)), said, spoilt, random));
            if (turn % 3 == 1) await KilledWithinABatch(ledger, two[turn % 2]);
            if (random.Next(4) == 0) await two[turn % 2].Rebuild(null, CancellationToken.None);
            await two[random.Next(2)].CatchUp(null, CancellationToken.None);
        }

        spoilt.Count.ShouldBePositive();
        await ShouldStand(ledger, said, spoilt);
        foreach (var half in spoilt.Keys.Chunk((spoilt.Count + 1) / 2).ToArray())
        {
            await LearnToFold(ledger, half, spoilt);
            await ledger.Projector(random.Next(1, 20)).CatchUp(null, CancellationToken.None);
            await ShouldStand(ledger, said, spoilt);
        }

        (await ledger.Rows("select stream from views.poisoned")).ShouldBeEmpty();
        (await ledger.Rows("select id from views.entity where paused_at is not null")).ShouldBeEmpty();
        var before = await ViewState.All(ledger);
        await ledger.Projector().Rebuild(null, CancellationToken.None);
        (await ViewState.All(ledger)).ShouldBe(before);
    }

    /// <summary>The events as the store takes them, some with a body that no catalogue can read.</summary>
    private static NewEvent[] Spoiling(
        IReadOnlyList<Understood> chunk, List<Understood> said, SortedDictionary<long, ReadOnlyMemory<byte>> spoilt,
        Random random) =>
    [
        .. chunk.Select(one =>
        {
            said.Add(one);
            var offered = Recorded.New(one) with { Snapshot = null };
            if (random.Next(25) != 0) return offered;
            spoilt.Add(said.Count, offered.Data);
            return offered with { Data = CanonicalJson.Of(Encoding.UTF8.GetBytes("""{"spoilt":"yes"}""")) };
        }),
    ];

    /// <summary>Lets a projector write half of a batch, and kills its connection.</summary>
    private static async Task KilledWithinABatch(LedgerDatabase ledger, Projector projector)
    {
        await using var holding = await ledger.Source.OpenConnectionAsync();
        await using var held = await holding.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("lock table views.finding in exclusive mode", holding))
            await hold.ExecuteNonQueryAsync();
        var run = projector.CatchUp(null, CancellationToken.None);
        while ((await ledger.Rows(
            """
            select pg_terminate_backend(pid) from pg_locks
            where relation = 'views.finding'::regclass and not granted
              and database = (select oid from pg_database where datname = current_database())
            """)).Count == 0)
        {
            run.IsCompleted.ShouldBeFalse();
            await Task.Delay(5);
        }

        var error = await Should.ThrowAsync<NpgsqlException>(run);
        StoreUnavailableException.Is(error).ShouldBeTrue(error.ToString());
    }

    /// <summary>As if a later program had learnt to read them.</summary>
    private static async Task LearnToFold(
        LedgerDatabase ledger, long[] positions, SortedDictionary<long, ReadOnlyMemory<byte>> spoilt)
    {
        foreach (var position in positions)
        {
            await using var command = ledger.Source.CreateCommand(
                "update events.mt_events set data = $1::jsonb where seq_id = $2");
            command.Parameters.Add(new() { Value = Encoding.UTF8.GetString(spoilt[position].Span) });
            command.Parameters.Add(new() { Value = position });
            (await command.ExecuteNonQueryAsync()).ShouldBe(1);
            spoilt.Remove(position);
        }
    }

    /// <summary>The views say what the whole world says without what stands still, and what they say when they are made
    /// anew.</summary>
    private static async Task ShouldStand(
        LedgerDatabase ledger, List<Understood> said, SortedDictionary<long, ReadOnlyMemory<byte>> spoilt)
    {
        var paused = new Dictionary<string, long>();
        foreach (var position in spoilt.Keys) paused.TryAdd(said[(int)position - 1].Envelope.Stream, position);
        var world = Arrived.World(
            said, ledger.Now!.Value.InUtc().Date,
            e => e.Position < paused.GetValueOrDefault(e.Stream, long.MaxValue));
        (await ledger.Rows("select stream, position from views.poisoned order by stream")).ShouldBe(
            paused.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}|{p.Value}"));
        (await ledger.Rows("select id, paused_at from views.entity where paused_at is not null order by id")).ShouldBe(
            world.AllEntities.OrderBy(e => e.Id, StringComparer.Ordinal)
                .Where(e => e.Members.Any(m => paused.ContainsKey(m.Stream)))
                .Select(e => $"{e.Id}|{e.Members.Min(m => paused.GetValueOrDefault(m.Stream, long.MaxValue))}"));
        (await ViewState.Derived(ledger)).ShouldBe(ViewState.Derived(world));
        (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();
    }
}
