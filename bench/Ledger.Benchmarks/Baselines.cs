using System.Text.Json;
using Ledger.Store;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Benchmarks;

/// <summary>The best plain way to do each thing, on the same tables with the same rows.</summary>
internal static class Baselines
{
    /// <summary>One stream row and one event row, one prepared statement, one transaction.</summary>
    private const string InsertOne = """
        with s as (
          insert into events.mt_streams (id, type, version, timestamp, created) values ($1, $2, 1, now(), now()))
        insert into events.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, headers)
        values (nextval('events.mt_events_sequence'), $3, $1, 1, $4, $5, now(), $6, $7)
        """;

    /// <summary>Raw binary COPY over one connection: first the streams, then the events.</summary>
    public static async Task Copy(
        NpgsqlDataSource source, IReadOnlyList<NewEvent> events, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var now = NodaTime.SystemClock.Instance.GetCurrentInstant().ToDateTimeUtc();
        var versions = new Dictionary<string, long>();
        foreach (var e in events) versions[e.Stream] = versions.GetValueOrDefault(e.Stream) + 1;
        const string Streams = """
            copy events.mt_streams (id, type, version, timestamp, created) from stdin (format binary)
            """;
        await using (var copy = await connection.BeginBinaryImportAsync(Streams, cancellationToken))
        {
            foreach (var (stream, version) in versions)
            {
                await copy.StartRowAsync(cancellationToken);
                await copy.WriteAsync(stream, NpgsqlDbType.Varchar, cancellationToken);
                await copy.WriteAsync(events[0].StreamType, NpgsqlDbType.Varchar, cancellationToken);
                await copy.WriteAsync(version, NpgsqlDbType.Bigint, cancellationToken);
                await copy.WriteAsync(now, NpgsqlDbType.TimestampTz, cancellationToken);
                await copy.WriteAsync(now, NpgsqlDbType.TimestampTz, cancellationToken);
            }

            await copy.CompleteAsync(cancellationToken);
        }

        versions.Clear();
        const string Events = """
            copy events.mt_events
              (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, headers, user_name)
            from stdin (format binary)
            """;
        await using (var copy = await connection.BeginBinaryImportAsync(Events, cancellationToken))
        {
            var position = 0L;
            foreach (var e in events)
            {
                await copy.StartRowAsync(cancellationToken);
                await copy.WriteAsync(++position, NpgsqlDbType.Bigint, cancellationToken);
                await copy.WriteAsync(EventKey.For(e.Source, e.Id), NpgsqlDbType.Uuid, cancellationToken);
                await copy.WriteAsync(e.Stream, NpgsqlDbType.Varchar, cancellationToken);
                var version = versions[e.Stream] = versions.GetValueOrDefault(e.Stream) + 1;
                await copy.WriteAsync(version, NpgsqlDbType.Bigint, cancellationToken);
                await copy.WriteAsync(e.Data, NpgsqlDbType.Jsonb, cancellationToken);
                await copy.WriteAsync(e.Type, NpgsqlDbType.Varchar, cancellationToken);
                await copy.WriteAsync(now, NpgsqlDbType.TimestampTz, cancellationToken);
                await copy.WriteAsync(e.DotNetType, NpgsqlDbType.Varchar, cancellationToken);
                await copy.WriteAsync(Headers(e), NpgsqlDbType.Jsonb, cancellationToken);
                await copy.WriteAsync(e.Actor, NpgsqlDbType.Varchar, cancellationToken);
            }

            await copy.CompleteAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>A connection with the one-row insert prepared.</summary>
    public static async Task<NpgsqlCommand> PreparedInsert(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var connection = await source.OpenConnectionAsync(cancellationToken);
        var command = new NpgsqlCommand(InsertOne, connection)
        {
            Parameters =
            {
                new() { NpgsqlDbType = NpgsqlDbType.Varchar },
                new() { NpgsqlDbType = NpgsqlDbType.Varchar },
                new() { NpgsqlDbType = NpgsqlDbType.Uuid },
                new() { NpgsqlDbType = NpgsqlDbType.Jsonb },
                new() { NpgsqlDbType = NpgsqlDbType.Varchar },
                new() { NpgsqlDbType = NpgsqlDbType.Varchar },
                new() { NpgsqlDbType = NpgsqlDbType.Jsonb },
            },
        };
        await command.PrepareAsync(cancellationToken);
        return command;
    }

    public static async Task Insert(NpgsqlCommand prepared, NewEvent e, CancellationToken cancellationToken)
    {
        prepared.Parameters[0].Value = e.Stream;
        prepared.Parameters[1].Value = e.StreamType;
        prepared.Parameters[2].Value = EventKey.For(e.Source, e.Id);
        prepared.Parameters[3].Value = e.Data;
        prepared.Parameters[4].Value = e.Type;
        prepared.Parameters[5].Value = e.DotNetType;
        prepared.Parameters[6].Value = Headers(e);
        await prepared.ExecuteNonQueryAsync(cancellationToken);
    }

    // The same headers the store writes.
    private static string Headers(NewEvent e) => JsonSerializer.Serialize(
        e.Headers.Append(new("source", e.Source)).Append(new("source_id", e.Id)).ToDictionary());
}
