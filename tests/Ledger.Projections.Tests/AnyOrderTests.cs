using System.Diagnostics;
using System.Globalization;
using Ledger.Domain;
using NodaTime;
using Xunit.Abstractions;

namespace Ledger.Projections.Tests;

/// <summary>Any arrival order of one set of events comes to one state of every view, but for what tells the order
/// itself.</summary>
public sealed class AnyOrderTests(ITestOutputHelper output)
{
    public static readonly TheoryData<string> Small = [.. SmallHistories.All.Keys];

    [Theory]
    [MemberData(nameof(Small))]
    public void A_small_history_comes_to_one_world_in_every_order_there_is(string history)
    {
        var said = SmallHistories.All[history];
        var (expected, orders) = (Arrived.Told(said), 0);
        foreach (var order in Permutations(said))
        {
            orders++;
            ShouldBeOne(Arrived.Told(order), expected, string.Join(' ', order.Select(o => o.Envelope.Id)));
        }

        output.WriteLine($"{orders} orders");
        orders.ShouldBe(Enumerable.Range(1, said.Length).Aggregate((a, b) => a * b));
    }

    [Theory]
    [InlineData(61)]
    [InlineData(62)]
    [InlineData(66)]
    [InlineData(63)]
    [InlineData(64)]
    public async Task Any_order_through_the_ledger_comes_to_the_same_rows(int seed)
    {
        const int orders = 8;
        var said = new Histories(seed, whole: true).Say(110).ToArray();
        var (random, expected) = (new Random(seed), (List<string>?)null);
        for (var i = 0; i < orders; i++)
        {
            await using var ledger = await LedgerDatabase.Create(Instant.FromUtc(2026, 6, 3, 12, 0));
            foreach (var chunk in said.Chunk(random.Next(20, 120)))
            {
                await ledger.Append([.. chunk.Select(s => Recorded.New(s) with { Snapshot = null })]);
                await ledger.Projector(random.Next(1, 60)).CatchUp(null, CancellationToken.None);
            }

            (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull($"order {i}");
            var rows = await ArrivedViews.Of(ledger);
            expected ??= rows;
            rows.Except(expected).ShouldBe(expected.Except(rows), $"order {i}");
            rows.ShouldBe(expected, $"order {i}");
            random.Shuffle(said);
        }
    }

    private const int Fewest = 50;

    [Theory]
    [InlineData(0, 150)]
    [InlineData(1, 60)]
    [InlineData(2, 30)]
    [InlineData(3, 400)]
    public void A_large_history_comes_to_one_world_however_it_is_shuffled(int worker, int size)
    {
        var clock = Stopwatch.StartNew();
        var (told, histories) = (0, 0);
        for (var seed = 1000 * worker; GoesOn(); seed++, histories++)
        {
            var said = new Histories(seed, whole: true).Say(size).ToArray();
            var expected = Arrived.Told(said);
            var random = new Random(seed);
            for (var i = 0; i < 25 && GoesOn(); i++, told++)
            {
                random.Shuffle(said);
                ShouldBeOne(Arrived.Told(said), expected, $"seed {seed}, shuffle {i}");
            }
        }

        output.WriteLine($"{told} shuffles of {histories} histories of {size} events");

        // However slow the machine, so many; however fast, no longer than the bound.
        bool GoesOn() => told < Fewest || (told < Wanted && clock.Elapsed < Bound);
    }

    /// <summary>Every order, by exchanging two at a time.</summary>
    private static IEnumerable<Understood[]> Permutations(Understood[] said)
    {
        var (order, at) = (said.ToArray(), new int[said.Length]);
        yield return order;
        for (var i = 0; i < order.Length;)
        {
            if (at[i] >= i)
            {
                at[i++] = 0;
                continue;
            }

            var other = i % 2 == 0 ? 0 : at[i];
            (order[other], order[i]) = (order[i], order[other]);
            yield return order;
            at[i]++;
            i = 0;
        }
    }

    private static void ShouldBeOne(string now, string expected, string which)
    {
        if (now == expected) return;
        var (lines, wanted) = (now.Split('\n'), expected.Split('\n'));
        lines.Except(wanted).ShouldBe(wanted.Except(lines), which);
        now.ShouldBe(expected, which);
    }

    /// <summary>All four together; fewer where there is no time for them.</summary>
    private static int Wanted => int.Parse(
        Environment.GetEnvironmentVariable("LEDGER_SHUFFLES") ?? "100000", CultureInfo.InvariantCulture) / 4;

    private static TimeSpan Bound => Environment.GetEnvironmentVariable("LEDGER_SHUFFLES") is null
        ? TimeSpan.FromSeconds(3)
        : TimeSpan.FromHours(1);
}
