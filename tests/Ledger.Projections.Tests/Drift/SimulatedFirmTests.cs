using Ledger.Projections.Drift;
using Ledger.Projections.Findings;
using Xunit.Abstractions;

namespace Ledger.Projections.Tests.Drift;

/// <summary>Made-up firms: what is planted is found, and nothing else.</summary>
public sealed class SimulatedFirmTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void A_firm_whose_systems_agree_has_no_drift(int seed)
    {
        var firm = SimulatedFirm.Of(10_000, (ulong)seed, sound: true);
        DriftRun.Compute(firm.World).Findings.Where(f => f.Weight is FindingWeight.Difference)
            .Select(f => f.Sentence).ShouldBeEmpty();
        // References resolve as their records come; what comes late for its period is kept and told.
        firm.World.Findings.Where(f => f.Code is not (Codes.DanglingReference or Codes.ClosedPeriod
            or Codes.SoftClosedPeriod)).Select(f => f.Words).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1, 10_000)]
    [InlineData(2, 10_000)]
    [InlineData(10, 10_000)]
    [InlineData(12, 25_000)]
    public void Every_planted_fault_is_found_with_its_class_its_event_and_its_money_and_nothing_else(
        int seed, int size)
    {
        var firm = SimulatedFirm.Of(size, (ulong)seed);
        var (report, events) = (DriftRun.Compute(firm.World), EventIndex.Of(firm.Events));
        var check = FaultCheck.Of(report, firm.Faults, events);
        var told = new StringWriter();
        check.WriteText(told);
        output.WriteLine(told.ToString());
        foreach (var fault in check.Faults) output.WriteLine($"{fault.Name,-24}{fault.Planted,5}{fault.Exact,5}");
        check.Classes.Count.ShouldBe(20, "every class but rebill, which is no fault");
        check.IsWhole.ShouldBeTrue(told.ToString());
        foreach (var finding in report.Findings)
        {
            finding.Parts.Sum(p => p.Amount.Amount).ShouldBe(finding.Amount?.Amount ?? 0m, finding.Sentence);
            finding.Parts.ShouldAllBe(p => p.Amount.Amount != 0m);
            finding.Parting.Root(events).ShouldNotBeNull(finding.Sentence);
        }
    }
}
