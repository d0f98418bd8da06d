using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Projections;

/// <summary>How far a set of view tables has got.</summary>
/// <param name="Position">Of the last event folded; 0 = none.</param>
/// <param name="FoldVersion">Of the program that folded; 0 = nothing folded yet.</param>
/// <param name="Day">The ledger's day there, on which ownership, overrides and successions count: the date, in UTC, of
/// that event. A ledger that hears nothing stays at its last day.</param>
/// <param name="Writer">The transaction that wrote it last: another where the views changed without getting further, as
/// they do when a program folds what those before it could not.</param>
public readonly record struct Checkpoint(long Position, int FoldVersion, LocalDate Day, long Writer = 0)
{
    /// <summary>Of the views people read.</summary>
    internal const string Views = "views";

    private const string Columns = "select position, fold_version, day, xmin::text::bigint";
    private const string From = "from ledger.checkpoint where name = 'views'";
    private const string Select = $"{Columns} {From}";

    public static async Task<Checkpoint> Of(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        return await Of(connection, cancellationToken);
    }

    internal static async Task<Checkpoint> Of(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Select, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await Read(reader, cancellationToken);
    }

    /// <summary>Takes the turn to write the views, until the transaction ends.</summary>
    internal static async Task<Checkpoint> Lock(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // Whoever dies in its turn must not keep it for long.
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new("set local idle_in_transaction_session_timeout = '60s'"));
        batch.BatchCommands.Add(new($"{Select} for update"));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await Read(reader, cancellationToken);
    }

    /// <summary>The same for a short turn: its plans go by index even before the tables have statistics.</summary>
    /// <returns>Also the transaction that has the turn.</returns>
    internal static async Task<(Checkpoint At, long Turn)> LockBriefly(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new(
            """
            select set_config('idle_in_transaction_session_timeout', '60s', true),
              set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)
            """));
        batch.BatchCommands.Add(new($"{Columns}, pg_current_xact_id()::xid::text::bigint {From} for update"));
        await batch.PrepareAsync(cancellationToken);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return (await Read(reader, cancellationToken), reader.GetInt64(4));
    }

    internal static async Task Set(NpgsqlConnection connection, Checkpoint to, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        Set(batch, to);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    internal static void Set(NpgsqlBatch batch, Checkpoint to) => batch.BatchCommands.Add(
        new("update ledger.checkpoint set position = $1, fold_version = $2, day = $3 where name = 'views'")
        {
            Parameters =
            {
                new() { Value = to.Position }, new() { Value = to.FoldVersion },
                new() { Value = to.Day.ToDateOnly(), NpgsqlDbType = NpgsqlDbType.Date },
            },
        });

    /// <summary>Says that the views were folded afresh and found equal.</summary>
    /// <param name="digest">Of every row.</param>
    internal static async Task Certify(
        NpgsqlConnection connection, long position, int foldVersion, byte[] digest, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            update ledger.checkpoint set certified_position = $1, certified_version = $2, certified_digest = $3
            where name = 'views'
            """,
            connection);
        command.Parameters.Add(new() { Value = position });
        command.Parameters.Add(new() { Value = foldVersion });
        command.Parameters.Add(new() { Value = digest, NpgsqlDbType = NpgsqlDbType.Bytea });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<Checkpoint> Read(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        await reader.ReadAsync(cancellationToken);
        return new(
            reader.GetInt64(0), reader.GetInt32(1),
            reader.IsDBNull(2) ? default : LocalDate.FromDateOnly(reader.GetFieldValue<DateOnly>(2)),
            reader.GetInt64(3));
    }
}
