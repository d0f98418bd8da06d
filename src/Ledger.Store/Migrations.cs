using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Ledger.Store;

/// <summary>Brings a database to this build's tables: the numbered scripts of <c>schemas/sql</c>, in order, each once,
/// each in a transaction of its own, recorded with its SHA-256 in <c>ledger.migration</c>.</summary>
public static class Migrations
{
    private static readonly IReadOnlyList<Script> Scripts = Embedded();

    /// <summary>Names of the scripts <see cref="Apply"/> would run, in order.</summary>
    /// <exception cref="MigrationException">An applied script changed, or the database is newer than this build.
    /// </exception>
    public static async Task<IReadOnlyList<string>> Pending(
        string connectionString, CancellationToken cancellationToken)
    {
        await using var connection = await Open(connectionString, cancellationToken);
        return [.. (await Missing(connection, cancellationToken)).Select(script => script.Name)];
    }

    /// <summary>Applies what is missing and sets the database's time zone to UTC. Two callers at once take turns.
    /// </summary>
    /// <returns>Names of the scripts applied now, in order.</returns>
    /// <exception cref="MigrationException">An applied script changed, or the database is newer than this build;
    /// nothing was applied.</exception>
    public static async Task<IReadOnlyList<string>> Apply(string connectionString, CancellationToken cancellationToken)
    {
        await using var connection = await Open(connectionString, cancellationToken);
        await Run(connection, Sql.MigrationLock, cancellationToken);
        await Run(connection, Sql.MigrationTable, cancellationToken);
        var missing = await Missing(connection, cancellationToken);
        foreach (var script in missing)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await Run(connection, script.Text, cancellationToken);
            await using var record = new NpgsqlCommand(Sql.MigrationRecord, connection);
            record.Parameters.Add(new() { Value = script.Number });
            record.Parameters.Add(new() { Value = script.Name });
            record.Parameters.Add(new() { Value = script.Sha256 });
            await record.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        await Run(connection, Sql.DatabaseInUtc, cancellationToken);
        return [.. missing.Select(script => script.Name)];
    }

    private static async Task<List<Script>> Missing(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var applied = new Dictionary<int, (string Name, byte[] Sha256)>();
        await using (var exists = new NpgsqlCommand(Sql.MigrationTableExists, connection))
            if (await exists.ExecuteScalarAsync(cancellationToken) is not true)
                return [.. Scripts];
        await using (var command = new NpgsqlCommand(Sql.MigrationsApplied, connection))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
            while (await reader.ReadAsync(cancellationToken))
                applied.Add(reader.GetInt32(0), (reader.GetString(1), reader.GetFieldValue<byte[]>(2)));

        foreach (var (number, (name, sha256)) in applied)
        {
            var script = Scripts.FirstOrDefault(candidate => candidate.Number == number)
                ?? throw new MigrationException(
                    $"The database has migration {name}, unknown to this build: it is newer than the program.");
            if (!script.Sha256.AsSpan().SequenceEqual(sha256))
                throw new MigrationException(
                    $"Migration {name} was applied to the database with another text than this build's {script.Name}. "
                    + "An applied script never changes: add a new number.");
        }

        return [.. Scripts.Where(script => !applied.ContainsKey(script.Number))];
    }

    private static async Task<NpgsqlConnection> Open(string connectionString, CancellationToken cancellationToken)
    {
        // Unpooled: a database used as a template must not have our idle connection in it.
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    private static async Task Run(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static List<Script> Embedded()
    {
        const string prefix = "sql/";
        var assembly = typeof(Migrations).Assembly;
        var scripts = new List<Script>();
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(prefix, default)))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            using var reader = new StreamReader(stream, Encoding.UTF8);
            var text = reader.ReadToEnd().ReplaceLineEndings("\n");
            var name = resource[prefix.Length..];
            var number = int.Parse(name.AsSpan(0, 4), System.Globalization.CultureInfo.InvariantCulture);
            scripts.Add(new(number, name, text, SHA256.HashData(Encoding.UTF8.GetBytes(text))));
        }

        return [.. scripts.OrderBy(script => script.Number)];
    }

    private sealed record Script(int Number, string Name, string Text, byte[] Sha256);
}

/// <summary>The database cannot be brought to this build's tables; the message says why.</summary>
public sealed class MigrationException(string message) : Exception(message);
