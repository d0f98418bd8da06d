using System.Net.Sockets;
using Npgsql;

namespace Ledger.Store;

/// <summary>The database is down, restarting or too slow to answer. Nothing is half stored; an event that was being
/// appended may or may not be there, and sending it again under its key settles which.</summary>
public sealed class StoreUnavailableException(string message, Exception? inner) : Exception(message, inner)
{
    /// <summary>The error as callers see it: this one where it <see cref="Is"/> one, else itself.</summary>
    internal static Exception From(Exception error) => error is not StoreUnavailableException && Is(error)
        ? new StoreUnavailableException("The database did not answer; nothing is half stored.", error)
        : error;

    /// <summary>Whether the failure is of the connection or the server, not of what was asked: worth trying again.
    /// </summary>
    public static bool Is(Exception error) => error switch
    {
        StoreUnavailableException => true,
        PostgresException refused => refused.SqlState is ['0', '8', ..] or ['5', '3', ..] or ['5', '7', ..]
            or ['5', '8', ..] or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure
            or PostgresErrorCodes.LockNotAvailable or "25P03" // idle in transaction too long
            or PostgresErrorCodes.ReadOnlySqlTransaction,
        NpgsqlException or SocketException or IOException or TimeoutException => true,
        _ => false,
    };
}
