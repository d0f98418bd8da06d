using System.Globalization;
using System.Runtime;
using Ledger.Projections;
using Ledger.Store;

namespace Ledger.Benchmarks;

/// <summary>The most memory this process had resident while it did something long, all its own included. Null where the
/// system does not tell.</summary>
internal static class PeakMemory
{
    public static Task<Figures> OfImport(Bench bench, long events, CancellationToken cancellationToken) =>
        bench.OnFresh(
            async source =>
            {
                var rate = 0.0;
                var peak = await While(async () => rate = await BulkImport.Rate(events, () => BulkImport.Import(
                    source, BulkImport.DocumentsInTurn((int)events), cancellationToken)));
                return new Figures("import-memory", events, rate, PeakMiB: peak);
            },
            cancellationToken);

    public static Task<Figures> OfRebuild(Bench bench, long events, CancellationToken cancellationToken) =>
        bench.OnFresh(
            async source =>
            {
                await BulkImport.Import(source, BulkImport.DocumentsInTurn((int)events), cancellationToken);
                await using (var analyze = source.CreateCommand("analyze"))
                    await analyze.ExecuteNonQueryAsync(cancellationToken);
                await using var store = new EventStore(source);
                var (projector, rate) = (new Projector(source, store), 0.0);
                var peak = await While(async () =>
                    rate = await BulkImport.Rate(events, () => projector.Rebuild(null, cancellationToken)));
                return new Figures("rebuild-memory", events, rate, PeakMiB: peak);
            },
            cancellationToken);

    private static async Task<double?> While(Func<Task> work)
    {
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var tells = OperatingSystem.IsLinux();
        // 5 = the peak begins anew, see proc(5).
        if (tells)
            await File.WriteAllTextAsync("/proc/self/clear_refs", "5", CancellationToken.None);
        await work();
        if (!tells)
            return null;
        const string Peak = "VmHWM:";
        var line = (await File.ReadAllLinesAsync("/proc/self/status", CancellationToken.None))
            .First(line => line.StartsWith(Peak, StringComparison.Ordinal));
        return long.Parse(line[Peak.Length..^" kB".Length].Trim(), CultureInfo.InvariantCulture) / 1024.0;
    }
}
