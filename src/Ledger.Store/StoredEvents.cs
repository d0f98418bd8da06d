using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store;

/// <summary>Reads events within a moment of the database that the caller holds, for who folds them.</summary>
public static class StoredEvents
{
    /// <summary>Asks for several streams, one after the other (by key, ordinal), each in version order.</summary>
    /// <param name="upTo">Last position to see.</param>
    public static NpgsqlBatchCommand OfStreams(IReadOnlyCollection<string> streams, long upTo) => new(Sql.StreamsUpTo)
    {
        Parameters =
        {
            new() { Value = streams.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Varchar },
            new() { Value = upTo },
        },
    };

    /// <summary>The event the reader stands on, its body as PostgreSQL writes it, without its
    /// <see cref="StoredEvent.StreamType"/>.</summary>
    public static StoredEvent Read(NpgsqlDataReader reader) => Reader.Event(reader, isCanonical: false);
}
