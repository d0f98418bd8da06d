namespace Ledger.Store;

/// <summary>What to see of the log; null = all.</summary>
/// <param name="Type">The stored name.</param>
/// <param name="Source">The system that stated it.</param>
/// <param name="Kind">The kind of record, as the stream's name begins.</param>
/// <param name="Stream">The stream's whole name.</param>
public sealed record EventFilter(
    string? Type = null, string? Source = null, string? Kind = null, string? Stream = null)
{
    public static readonly EventFilter None = new();

    public bool IsNone => this == None;
}

/// <summary>Part of the log, held in memory.</summary>
/// <param name="Events">In order.</param>
/// <param name="Position">How far was looked: there is nothing more to see up to here.</param>
public sealed record Stretch(IReadOnlyList<StoredEvent> Events, long Position);
