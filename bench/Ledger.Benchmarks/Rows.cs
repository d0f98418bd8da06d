namespace Ledger.Benchmarks;

/// <summary>Every workload, named as in the targets.</summary>
internal static class Rows
{
    public static readonly IReadOnlyList<Row> All =
    [
        new("bulk-import", "≥ 0.50", 100_000, BulkImport.Measure),
        new("append-64", "≥ 1.50", 20_000, AppendSixtyFour.Measure),
        new("append-1", "≤ 2.00", 2_000, AppendOne.Measure),
        new("verify", "≥ 0.60", 100_000, VerifyLog.Measure),
        new("rebuild", "≥ 0.40", 100_000, RebuildViews.Measure),
    ];
}
