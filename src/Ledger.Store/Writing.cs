namespace Ledger.Store;

/// <summary>How groups are written. Nobody configures it: tests go both ways with small groups, the benchmark compares.
/// </summary>
/// <param name="CopyFrom">A group of so many events to store, or more, is written by COPY; a smaller one by
/// <c>ledger.append</c>.</param>
/// <param name="Seals">False leaves leaves, tree and signature out, to tell what they cost; verify finds such groups
/// broken.</param>
internal sealed record Writing(int CopyFrom = Request.Large, bool Seals = true);
