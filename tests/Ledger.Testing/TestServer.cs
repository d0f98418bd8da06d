using Ledger.Store.Local;

namespace Ledger.Testing;

/// <summary>The one private PostgreSQL of a test process, in a temporary folder that goes when the process ends.
/// Durable as in life: fsync is on.</summary>
public static class TestServer
{
    /// <summary>Settings that let several test processes share a small machine.</summary>
    public static IReadOnlyDictionary<string, string> Small { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["shared_buffers"] = "32MB",
            ["max_wal_size"] = "256MB",
            ["max_connections"] = "150",
            ["autovacuum_naptime"] = "10min",
            ["max_parallel_workers_per_gather"] = "0",
        };

    private static readonly TemporaryFolder _folder = new();

    private static readonly Lazy<Task<LocalPostgres>> _server = new(() => LocalPostgres.Start(
        _folder.Path, Small, progress: null, CancellationToken.None));

    /// <summary>The server, started on first use.</summary>
    public static Task<LocalPostgres> Running => _server.Value;
}
