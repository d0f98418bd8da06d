using Ledger.Projections.Drift;
using NodaTime;

namespace Ledger.Projections.Tests.Drift;

/// <summary>The report that holds no hour in memory which nothing hangs on is the report over everything.</summary>
public sealed class DriftReaderTests
{
    private static readonly Instant Day = Instant.FromUtc(2026, 6, 1, 12, 0);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Hours_and_costs_of_three_systems_are_compared_as_if_all_were_in_memory(int seed)
    {
        await using var ledger = await LedgerDatabase.Create(Day);
        var (histories, differences) = (new WorkHistories(seed), 0);
        using var live = new LiveDrift(ledger.Source);
        await ledger.Append(histories.Ground());
        for (var i = 0; i < 12; i++)
        {
            ledger.Now = Day + Duration.FromHours(12 * i);
            await ledger.Append(histories.Next(12));
            await ledger.Projector().CatchUp(null, CancellationToken.None);
            differences += await Compare(ledger, live);
        }

        differences.ShouldBeGreaterThan(100);
        (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    public async Task So_is_everything_that_systems_can_say(int seed)
    {
        await using var ledger = await LedgerDatabase.Create(Day);
        var histories = new Histories(seed, whole: true, sums: true);
        using var live = new LiveDrift(ledger.Source);
        for (var i = 0; i < 14; i++)
        {
            ledger.Now = Day + Duration.FromHours(12 * i);
            await ledger.Append(histories.Next(30));
            await ledger.Projector().CatchUp(null, CancellationToken.None);
            await Compare(ledger, live);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public async Task So_is_a_firm_with_all_that_is_wrong_in_it(int seed)
    {
        await using var ledger = await LedgerDatabase.Create(Day);
        var said = SimulatedFirm.Said(3_000, (ulong)seed);
        using var live = new LiveDrift(ledger.Source);
        foreach (var part in said.Chunk(600))
        {
            await ledger.Append([.. part.Select(Recorded.New)]);
            await ledger.Projector().CatchUp(null, CancellationToken.None);
            await Compare(ledger, live);
        }

        (await Compare(ledger, live)).ShouldBeGreaterThan(5);
    }

    /// <returns>How many findings there are.</returns>
    private static async Task<int> Compare(LedgerDatabase ledger, LiveDrift live)
    {
        var whole = DriftRun.Compute(await Ledger.Projections.Worlds.Load(ledger.Source, CancellationToken.None));
        (await new DriftReader(ledger.Source).Full(CancellationToken.None)).Json().ShouldBe(whole.Json());
        (await live.Look(CancellationToken.None)).Report.Json().ShouldBe(whole.Json());
        return whole.Findings.Count;
    }
}
