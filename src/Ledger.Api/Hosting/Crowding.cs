using System.Threading.RateLimiting;

namespace Ledger.Api;

/// <summary>How many of what lasts long may be under way at once; more is refused instead of piling up.</summary>
internal sealed class Crowding : IDisposable
{
    /// <summary>Each holds some thousand lines in memory.</summary>
    public ConcurrencyLimiter LineStreams { get; } = Of(32);

    /// <summary>Each looks into the database whenever something was appended.</summary>
    public ConcurrencyLimiter Feeds { get; } = Of(64);

    /// <summary>Each that came with a key holds a connection to the database.</summary>
    public ConcurrencyLimiter KeyedCommands { get; } = Of(16);

    public void Dispose()
    {
        LineStreams.Dispose();
        Feeds.Dispose();
        KeyedCommands.Dispose();
    }

    private static ConcurrencyLimiter Of(int count) => new(new() { PermitLimit = count, QueueLimit = 0 });
}
