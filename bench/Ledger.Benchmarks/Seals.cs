using Ledger.Store;

namespace Ledger.Benchmarks;

/// <summary>What leaves, tree and signed roots cost: with them against without, of single events from 64 callers and of
/// an import. The worse of the two is the ratio.</summary>
internal static class Seals
{
    private static readonly Writing On = new();
    private static readonly Writing Off = new(Seals: false);

    public static async Task<Result> Measure(Bench bench, long events, CancellationToken cancellationToken)
    {
        NewEvent[] rows = [.. Enumerable.Range(0, (int)events).Select(AppendSixtyFour.OneToAStream)];
        var documents = BulkImport.Documents(events * 5);
        Result[] both =
        [
            await Bench.Paired("seals", rows.Length, "append-64",
                async () => (await AppendSixtyFour.Ours(bench, rows, On, cancellationToken)).Rate,
                async () => (await AppendSixtyFour.Ours(bench, rows, Off, cancellationToken)).Rate),
            await Bench.Paired("seals", documents.Length, "import",
                () => BulkImport.Ours(bench, documents, On, cancellationToken),
                () => BulkImport.Ours(bench, documents, Off, cancellationToken)),
        ];
        return both.MinBy(result => result.Ratio)!;
    }
}
