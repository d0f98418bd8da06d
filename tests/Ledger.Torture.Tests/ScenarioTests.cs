namespace Ledger.Torture.Tests;

/// <summary>Every scenario, with as few trials as show that it runs. What it takes in time is nobody's matter here.
/// </summary>
public sealed class ScenarioTests
{
    // The same dice each time: what fails here, fails again. Long runs throw others.
    private const int Seed = 20_261_121;

    public static TheoryData<string> Names => [.. Scenarios.All.Select(scenario => scenario.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Loses_nothing_doubles_nothing_and_finds_no_anomaly(string name)
    {
        var scenario = Scenarios.All.Single(s => s.Name == name);

        var outcome = await scenario.Start(scenario.Few, null, Seed, CancellationToken.None);

        outcome.Findings.ShouldBeEmpty($"--scenario {name} --trials {scenario.Few} --seed {Seed}");
        outcome.IsClean.ShouldBeTrue(Report.Row(outcome));
        outcome.Trials.ShouldBeGreaterThan(0);
        outcome.Faults.ShouldBeGreaterThan(0);
    }
}
