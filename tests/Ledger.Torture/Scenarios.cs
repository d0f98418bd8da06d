namespace Ledger.Torture;

/// <summary>Every scenario, one file each.</summary>
internal static class Scenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        KillServer.Scenario,
        Storm.Scenario,
        CutWire.Scenario,
        KillPostgres.Scenario,
        PowerCut.Scenario,
        HeldReaders.Scenario,
        Fuzz.Scenario,
        Clocks.Scenario,
        Tamper.Scenario,
        DiskFull.Scenario,
        Exhausted.Scenario,
        Race.Scenario,
        TwoServers.Scenario,
        CrashBulk.Scenario,
    ];
}
