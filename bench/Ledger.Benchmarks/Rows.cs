namespace Ledger.Benchmarks;

/// <summary>Every workload, named as in the targets.</summary>
internal static class Rows
{
    public static readonly IReadOnlyList<Row> All =
    [
        new("bulk-import", "≥ 0.50", 100_000, BulkImport.Measure),
        new("append-64", "≥ 1.50", 20_000, AppendSixtyFour.Rate),
        new("append-64-p99", "≤ 0.75", 20_000, AppendSixtyFour.Latency),
        new("append-1", "≤ 2.00", 2_000, AppendOne.Measure),
        new("verify", "≥ 0.60", 100_000, VerifyLog.Measure),
        new("duplicate-replay", "≥ 3.00", 100_000, DuplicateReplay.Measure),
        new("seals", "≥ 0.85", 20_000, Seals.Measure),
        new("http-batch", "≥ 0.80", 50_000, HttpBatch.Measure),
        new("rebuild", "≥ 0.40", 100_000, RebuildViews.Measure),
        new("catch-up", "reported", 100_000, CatchUp.OfNew),
        new("catch-up-known", "reported", 100_000, CatchUp.OfKnown),
        new("catch-up-linked", "reported", 50_000, CatchUp.OfLinked),
        new("as-known-at", "≤ 3.00", 100_000, AsKnownAt.Measure),
        new("lineage", "≤ 2.00", 100_000, InvoiceLineageRead.Measure),
        new("drift-3way", "≤ 2.00", 20_000, DriftRead.Full),
        new("drift-incremental", "≤ 0.01", 20_000, DriftRead.Since),
    ];
}
