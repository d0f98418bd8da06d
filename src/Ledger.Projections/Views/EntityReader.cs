using Npgsql;
using NpgsqlTypes;

namespace Ledger.Projections.Views;

/// <summary>One thing as its owners say it is, from the views.</summary>
/// <param name="Id">The member that came into the ledger first.</param>
/// <param name="Live">Whether any source still has it.</param>
/// <param name="Opened">Position at which its first member came into the ledger; no other entity has it.</param>
/// <param name="Changed">The highest position folded into any member.</param>
/// <param name="PausedAt">Position of the first event that could not be folded: a member stands still before it.
/// </param>
/// <param name="Members">Its streams, the first to come first.</param>
/// <param name="Fields">JSON: field → value, source, stream and position of the event that asserts it.</param>
public sealed record EntityView(
    string Id, string Kind, bool Live, long Opened, long Changed, long? PausedAt, IReadOnlyList<string> Members,
    string Fields);

/// <summary>Reads entities and the position they stand at, in one moment.</summary>
public static class EntityReader
{
    private const string Columns =
        "e.id, e.kind, e.live, e.opened_position, e.changed_position, e.paused_at, e.members, e.fields::text";

    private const string Begun = "e.fields <> '{}'";

    /// <summary>The entities of a kind in the order they came into the ledger; deleted ones too, but none that no event
    /// has begun yet.</summary>
    /// <param name="after">Only what came after this <see cref="EntityView.Opened"/>.</param>
    public static Task<(long Position, List<EntityView> Entities)> List(
        NpgsqlDataSource source, string kind, long after, int limit, CancellationToken cancellationToken) =>
        Read(
            source,
            $"""
             select {Columns} from views.entity e
             where e.kind = $1 and e.opened_position > $2 and {Begun} order by e.opened_position limit $3
             """,
            cancellationToken, new NpgsqlParameter { Value = kind, NpgsqlDbType = NpgsqlDbType.Text },
            new NpgsqlParameter { Value = after }, new NpgsqlParameter { Value = limit });

    /// <summary>The entity a stream belongs to, by its own id or by any member's; none where there is none.</summary>
    public static Task<(long Position, List<EntityView> Entities)> Find(
        NpgsqlDataSource source, string kind, string stream, CancellationToken cancellationToken) =>
        Read(
            source,
            $"""
             select {Columns} from views.entity_member m join views.entity e on e.id = m.entity
             where e.kind = $1 and m.stream = $2
             """,
            cancellationToken, new NpgsqlParameter { Value = kind, NpgsqlDbType = NpgsqlDbType.Text },
            new NpgsqlParameter { Value = stream, NpgsqlDbType = NpgsqlDbType.Text });

    private static Task<(long Position, List<EntityView> Entities)> Read(
        NpgsqlDataSource source, string sql, CancellationToken cancellationToken,
        params NpgsqlParameter[] parameters) =>
        Worlds.InOneMoment(source, async (connection, position) =>
        {
            var entities = new List<EntityView>();
            await using var command = new NpgsqlCommand(sql, connection);
            command.Parameters.AddRange(parameters);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                entities.Add(new(
                    reader.GetString(0), reader.GetString(1), reader.GetBoolean(2), reader.GetInt64(3),
                    reader.GetInt64(4), reader.IsDBNull(5) ? null : reader.GetInt64(5),
                    reader.GetFieldValue<string[]>(6), reader.GetString(7)));
            return (position, entities);
        }, cancellationToken);
}
