using Npgsql;

namespace Ledger.Projections.Views;

/// <summary>One source's word on one record, as the views have it. Its events are the store's to read.</summary>
/// <param name="Position">The views'.</param>
/// <param name="Record">Null where the views have no such stream.</param>
/// <param name="Entity">The entity it belongs to; null where the views have no such stream.</param>
/// <param name="Poison">The event before which the stream stands still; null = it does not.</param>
public sealed record StreamView(long Position, SourceRecord? Record, string? Entity, Poison? Poison);

/// <summary>Reads what single sources say.</summary>
public static class StreamQueries
{
    /// <summary>One stream.</summary>
    public static Task<StreamView> Find(
        NpgsqlDataSource source, string stream, CancellationToken cancellationToken) =>
        Worlds.InOneMoment(source, async (connection, position) =>
        {
            var known = await new ViewSql(Checkpoint.Views).Known(connection, [stream], cancellationToken);
            await using var command = new NpgsqlCommand(
                "select entity from views.entity_member where stream = $1", connection);
            command.Parameters.Add(new() { Value = stream });
            return new StreamView(
                position, known.Records.GetValueOrDefault(stream),
                await command.ExecuteScalarAsync(cancellationToken) as string,
                known.Poisoned.GetValueOrDefault(stream));
        }, cancellationToken);

    /// <summary>Every stream that stands still before an event which could not be folded, by name.</summary>
    public static async Task<IReadOnlyList<Poison>> Poisoned(
        NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            "select stream, position, type, error from views.poisoned order by stream");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var poisoned = new List<Poison>();
        while (await reader.ReadAsync(cancellationToken))
            poisoned.Add(new(reader.GetString(0), reader.GetInt64(1), reader.GetString(2), reader.GetString(3)));
        return poisoned;
    }
}
