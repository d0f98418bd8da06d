using Ledger.Store;

namespace Ledger.Benchmarks;

/// <summary>Eight callers, one event each at a time, every one of a stream of its own.</summary>
internal static class Singles
{
    public static async Task<Figures> Eight(Bench bench, long events, CancellationToken cancellationToken)
    {
        NewEvent[] rows = [.. Enumerable.Range(0, (int)events).Select(AppendSixtyFour.OneToAStream)];
        var run = await AppendSixtyFour.Ours(bench, rows, new(), cancellationToken, callers: 8);
        return new("append-8", events, run.Rate, run.MillisecondsP50, run.MillisecondsP99);
    }
}
