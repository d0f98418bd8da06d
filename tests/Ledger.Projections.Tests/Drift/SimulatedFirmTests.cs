using System.Globalization;
using System.Text.Json;
using Ledger.Domain;
using Ledger.Projections.Drift;
using Xunit.Abstractions;

namespace Ledger.Projections.Tests.Drift;

/// <summary>Made-up firms: what is planted is found, and nothing else.</summary>
public sealed class SimulatedFirmTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_firm_whose_systems_agree_has_no_drift(int seed) =>
        Differences(SimulatedFirm.Of(6_000, (ulong)seed, sound: true)).Select(f => f.Sentence).ShouldBeEmpty();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(12)]
    public void Every_planted_fault_is_found_with_its_class_its_event_and_its_money_and_nothing_else(int seed)
    {
        var firm = SimulatedFirm.Of(10_000, (ulong)seed);
        var differences = Differences(firm);
        var notices = DriftRun.Compute(firm.World).Findings.Where(f => f.Weight is FindingWeight.Notice).ToArray();
        var events = firm.Events.ToDictionary(e => (e.Source, e.Id), e => e.Position);
        var claimed = new HashSet<Finding>();
        List<string> wrong = [];
        var table = new SortedDictionary<string, (int Planted, int Found)>(StringComparer.Ordinal);
        foreach (var fault in firm.Faults)
        {
            string[] records = [fault.Record, .. fault.Related];
            var at = events[(fault.Event.Source, fault.Event.Id)];
            var named = (fault.Closed ? notices : differences).Where(f => Name(f.Class) == fault.Class && f.Streams.Intersect(records).Any()
                && f.Events.Contains(at)).ToArray();
            claimed.UnionWith(named);
            // Two faults of one class on one record are one difference: their sum. A share of a rounded sum is known to
            // the cent and no better.
            var amounts = firm.Faults.Where(f => f.Class == fault.Class && f.Record == fault.Record).Select(Amount);
            var found = named.Any(f => Math.Abs(f.Amount?.Amount ?? 0m) is var said
                && (Math.Abs(said - Amount(fault)) <= 0.01m || Math.Abs(said - amounts.Sum()) <= 0.01m));
            var (planted, before) = table.GetValueOrDefault(fault.Name);
            table[fault.Name] = (planted + 1, before + (found ? 1 : 0));
            if (!found)
                wrong.Add($"missed {fault.Name} {fault.Record} {fault.Amount} beside {string.Join(',', fault.Beside)}: "
                    + string.Join(" | ", named.Select(f => f.Amount + " " + f.Sentence)));
        }

        wrong.AddRange(differences.Where(f => !claimed.Contains(f)).Select(f => $"false {Name(f.Class)} {f.Sentence}"));
        foreach (var (name, (planted, found)) in table) output.WriteLine($"{name,-24} {planted,4} {found,4}");
        foreach (var what in wrong) output.WriteLine(what);
        wrong.ShouldBeEmpty();
    }

    private static decimal Amount(SimulatedFirm.Fault fault) =>
        decimal.Parse(fault.Amount, CultureInfo.InvariantCulture);

    private static Finding[] Differences(SimulatedFirm firm) =>
        [.. DriftRun.Compute(firm.World).Findings.Where(f => f.Weight is FindingWeight.Difference)];

    private static string Name(DriftClass drift) => JsonNamingPolicy.SnakeCaseLower.ConvertName(drift.ToString());
}
