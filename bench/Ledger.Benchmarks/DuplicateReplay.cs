using Ledger.Store;

namespace Ledger.Benchmarks;

/// <summary>The same documents a second time, against their own first import: both start from the documents.</summary>
internal static class DuplicateReplay
{
    public static async Task<Result> Measure(Bench bench, long events, CancellationToken cancellationToken)
    {
        var documents = BulkImport.Documents(events);
        var (first, second) = (new List<double>(), new List<double>());
        for (var run = 0; run < Bench.Runs; run++)
            await bench.OnFresh(
                source => Bench.OnStore(
                    source,
                    async store =>
                    {
                        first.Add(await BulkImport.Rate(events, () => BulkImport.Import(
                            store, documents, verdict => verdict is Appended, cancellationToken)));
                        second.Add(await BulkImport.Rate(events, () => BulkImport.Import(
                            store, documents, verdict => verdict is Duplicate, cancellationToken)));
                        return 0;
                    },
                    cancellationToken),
                cancellationToken);

        var (value, against) = (Bench.Median(second), Bench.Median(first));
        return new("duplicate-replay", events, value, "events/s", against, value / against);
    }
}
