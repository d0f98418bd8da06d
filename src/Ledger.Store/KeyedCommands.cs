using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Store;

/// <summary>How a command was answered, to be answered so again.</summary>
/// <param name="Headers">As JSON.</param>
public sealed record CommandAnswer(int Status, string Headers, ReadOnlyMemory<byte> Body);

/// <summary>What becomes of a command that came with a key: a closed family.</summary>
public abstract record CommandTurn
{
    private protected CommandTurn()
    {
    }
}

/// <summary>It is this caller's turn to run it; disposing without an answer leaves it to the next.</summary>
public sealed record CommandBegun : CommandTurn, IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly string _caller;
    private readonly string _key;

    internal CommandBegun(NpgsqlConnection connection, string caller, string key) =>
        (_connection, _caller, _key) = (connection, caller, key);

    /// <summary>Keeps the answer.</summary>
    public async Task Answer(CommandAnswer answer, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SqlWriters.AnswerCommand, _connection)
        {
            Parameters =
            {
                new() { Value = _caller }, new() { Value = _key }, new() { Value = answer.Status },
                new() { Value = answer.Headers, NpgsqlDbType = NpgsqlDbType.Json }, new() { Value = answer.Body },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync() => await KeyedCommands.Unlock(_connection);
}

/// <summary>It was answered before.</summary>
public sealed record CommandAnswered(CommandAnswer Answer) : CommandTurn;

/// <summary>Somebody runs it just now.</summary>
public sealed record CommandInFlight : CommandTurn;

/// <summary>The key came with another request before.</summary>
public sealed record CommandKeyReused : CommandTurn;

/// <summary>Commands that came with a key: run once, answered the same for two days. Whoever runs one holds a lock that
/// goes with its connection, so that a process that dies leaves the key to the next.</summary>
/// <remarks>Throws <see cref="StoreUnavailableException"/> where the database does not answer.</remarks>
public sealed class KeyedCommands(NpgsqlDataSource source, Func<Instant>? clock = null)
{
    private static readonly Duration KeptFor = Duration.FromDays(2);

    private readonly Func<Instant> _clock = clock ?? SystemClock.Instance.GetCurrentInstant;

    /// <summary>Takes a command's turn.</summary>
    /// <param name="caller">Keys of one caller are none of another's.</param>
    /// <param name="request">SHA-256 of what is asked.</param>
    public async Task<CommandTurn> Begin(
        string caller, string key, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        NpgsqlConnection? connection = null;
        try
        {
            connection = await source.OpenConnectionAsync(cancellationToken);
            var turn = await Begin(connection, caller, key, request, cancellationToken);
            if (turn is CommandBegun)
                connection = null;
            return turn;
        }
        catch (Exception error) when (StoreUnavailableException.Is(error))
        {
            throw StoreUnavailableException.From(error);
        }
        finally
        {
            // Back in its pool it would go on holding the lock.
            if (connection is not null)
                await Unlock(connection);
        }
    }

    private async Task<CommandTurn> Begin(
        NpgsqlConnection connection, string caller, string key, ReadOnlyMemory<byte> request,
        CancellationToken cancellationToken)
    {
        var now = _clock();
        await Run(connection, SqlWriters.ForgetCommands, cancellationToken, (now - KeptFor).ToDateTimeUtc());
        await Run(
            connection, SqlWriters.BeginCommand, cancellationToken, caller, key, request, now.ToDateTimeUtc());
        await using var locking = new NpgsqlCommand(SqlWriters.TryLockCommand, connection)
        {
            Parameters = { new() { Value = Lock(caller, key) } },
        };
        var isMine = await locking.ExecuteScalarAsync(cancellationToken) is true;
        // Read behind the lock: whoever held it until now has answered.
        var (stored, answer) = await Stored(connection, caller, key, cancellationToken);
        if (!stored.Span.SequenceEqual(request.Span))
            return new CommandKeyReused();
        if (answer is not null)
            return new CommandAnswered(answer);
        return isMine ? new CommandBegun(connection, caller, key) : new CommandInFlight();
    }

    /// <summary>Lets go of the lock, and of the connection.</summary>
    internal static async Task Unlock(NpgsqlConnection connection)
    {
        try
        {
            await Run(connection, SqlWriters.UnlockCommands, CancellationToken.None);
        }
        catch (Exception error) when (StoreUnavailableException.Is(error) || error is InvalidOperationException)
        {
            // It goes with the connection.
        }

        await connection.DisposeAsync();
    }

    private static async Task<(ReadOnlyMemory<byte> Request, CommandAnswer? Answer)> Stored(
        NpgsqlConnection connection, string caller, string key, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SqlWriters.Command, connection)
        {
            Parameters = { new() { Value = caller }, new() { Value = key } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return default;
        var answer = reader.IsDBNull(1)
            ? null
            : new CommandAnswer(reader.GetInt32(1), reader.GetString(2), reader.GetFieldValue<byte[]>(3));
        return (reader.GetFieldValue<byte[]>(0), answer);
    }

    private static async Task Run(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static long Lock(string caller, string key) =>
        BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"command\n{caller}\n{key}")));
}
