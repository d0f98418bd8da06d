using Ledger.Domain;
using Ledger.Projections.Proof;
using Ledger.Projections.Tests.Drift;
using NodaTime;
using Xunit.Abstractions;

namespace Ledger.Projections.Tests.Proof;

/// <summary>Made-up firms: what is sound foots to the cent whatever the days, and what does not foot was planted.
/// </summary>
public sealed class SimulatedProofTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void A_sound_firm_foots_to_the_cent_over_all_time_and_over_any_days(int seed)
    {
        var firm = SimulatedFirm.Of(6_000, (ulong)seed, sound: true);
        var days = firm.Events.Select(e => e.EffectiveOn).Distinct().Order().ToArray();
        var random = new Random(seed);
        for (var i = 0; i < 6; i++)
        {
            var (a, b) = (days[random.Next(days.Length)], days[random.Next(days.Length)]);
            var asked = i == 0 ? new ProofAsked() : new(LocalDate.Min(a, b), LocalDate.Max(a, b));
            var report = ProofRun.Of(firm.World, asked);
            foreach (var broken in report.Accounts.SelectMany(x => x.Breaks))
                output.WriteLine($"{asked}: {broken.Sentence} {broken.Difference}");
            report.Accounts.SelectMany(x => x.Breaks).ShouldBeEmpty();
            report.Accounts.ShouldAllBe(x => x.Hours.Astray == 0m && x.Foots);
        }

        var all = ProofRun.Of(firm.World, new());
        all.Accounts.Sum(x => x.Hours.Approved).ShouldBeGreaterThan(0m);
        all.Accounts.Sum(x => x.Receivables.Movements.Count).ShouldBeGreaterThan(0);
        all.Accounts.Sum(x => x.Revenue.Roll.Movements.Count).ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(10)]
    public void What_does_not_foot_of_a_firm_with_faults_was_planted(int seed)
    {
        var firm = SimulatedFirm.Of(10_000, (ulong)seed);
        var report = ProofRun.Of(firm.World, new());
        foreach (var broken in report.Accounts.SelectMany(a => a.Breaks))
            output.WriteLine($"{broken.Sentence} {broken.Difference}");
        var breaks = report.Accounts.SelectMany(a => a.Breaks).ToArray();
        breaks.ShouldNotBeEmpty();
        var planted = firm.Faults.SelectMany(f => f.Related.Append(f.Record)).ToHashSet();
        breaks.Where(b => !b.Streams.Any(planted.Contains)).Select(b => b.Sentence).ShouldBeEmpty();
        foreach (var fault in firm.Faults.Where(f => f.Fault is "hour_twice" or "unapproved" or "not_billable"))
            report.Accounts.SelectMany(a => a.Work.Breaks)
                .ShouldContain(b => b.Streams.Contains(fault.Related[0]), $"{fault.Fault} of {fault.Related[0]}");
        foreach (var fault in firm.Faults.Where(f => f.Fault == "unsourced"))
            report.Accounts.SelectMany(a => a.Billed.Breaks).ShouldContain(b => b.Streams.Contains(fault.Record));
        foreach (var account in report.Accounts)
        {
            account.Work.Breaks.Aggregate(default(Worth), (sum, b) => sum + b.Difference)
                .ShouldBe(account.Work.Difference, "what is named is all of the difference");
            account.Receivables.Breaks.Aggregate(default(Worth), (sum, b) => sum + b.Difference)
                .ShouldBe(account.Receivables.Difference);
            account.Billed.Breaks.Sum(b => b.Difference.Amount).ShouldBe(account.Billed.Remainder);
        }
    }

    [Fact]
    public void The_close_of_one_month_is_the_opening_of_the_next()
    {
        var firm = SimulatedFirm.Of(3_000, 5, sound: true);
        var last = ProofRun.Of(firm.World, new(new(2025, 1, 1), new(2025, 1, 31)));
        var next = ProofRun.Of(firm.World, new(new(2025, 2, 1), new(2025, 2, 28)));
        last.Totals.Sum(t => t.Work.Closing.Amount).ShouldBeGreaterThan(0m);
        foreach (var total in next.Totals)
        {
            var before = last.Totals.Single(t => t.Account == total.Account);
            (total.Work.Opening, total.Receivables.Opening, total.Revenue.DeferredBefore, total.Revenue.AssetBefore)
                .ShouldBe((
                    before.Work.Closing, before.Receivables.Closing, before.Revenue.Deferred, before.Revenue.Asset));
        }
    }
}
