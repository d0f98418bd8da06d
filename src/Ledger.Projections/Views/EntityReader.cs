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
/// <param name="LegalEntity">The legal entity it belongs to, as a stream where the ledger has it; null = not known.
/// </param>
public sealed record EntityView(
    string Id, string Kind, bool Live, long Opened, long Changed, long? PausedAt, IReadOnlyList<string> Members,
    string Fields, string? LegalEntity);

/// <summary>Reads entities and the position they stand at, in one moment.</summary>
public static partial class EntityReader
{
    private const string Columns =
        "e.id, e.kind, e.live, e.opened_position, e.changed_position, e.paused_at, e.members, e.fields::text, "
        + "e.legal_entity";

    /// <summary>Entities looked through for one page where something is looked for within them.</summary>
    private const int SoughtMax = 50_000;

    private const string Begun = "e.fields <> '{}'";

    private const string Found =
        $"""
        select {Columns} from views.entity_member m join views.entity e on e.id = m.entity
        where e.kind = $1 and m.stream = $2
        """;

    /// <summary>The entities of a kind in the order they came into the ledger; deleted ones too, but none that no event
    /// has begun yet.</summary>
    /// <param name="after">Only what came after this <see cref="EntityView.Opened"/>.</param>
    /// <returns>Where something is looked for, a page may be short, or empty, before the last.</returns>
    public static Task<EntityPage> List(
        NpgsqlDataSource source, string kind, long after, int limit, EntityFilter filter,
        CancellationToken cancellationToken) =>
        Worlds.InOneMoment(source, async (connection, position) =>
        {
            var upTo = filter.Having is null ? null : await UpTo(connection, kind, after, cancellationToken);
            var parameters = new List<NpgsqlParameter>
            {
                Text(kind), new() { Value = after }, new() { Value = limit },
                new() { Value = upTo ?? long.MaxValue },
            };
            var entities = await Read(
                connection,
                $"""
                 select {Columns} from views.entity e
                 where e.kind = $1 and e.opened_position > $2 and e.opened_position <= $4
                   and {Begun}{filter.Sql(parameters)}
                 order by e.opened_position limit $3
                 """,
                parameters, cancellationToken);
            return new EntityPage(position, entities, entities.Count == limit ? entities[^1].Opened : upTo);
        }, cancellationToken);

    /// <summary>The last of those that one page looks through; null = all that are left.</summary>
    private static async Task<long?> UpTo(
        NpgsqlConnection connection, string kind, long after, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select e.opened_position from views.entity e where e.kind = $1 and e.opened_position > $2
            order by e.opened_position offset $3 limit 1
            """,
            connection);
        foreach (var parameter in (NpgsqlParameter[])[
            Text(kind), new() { Value = after }, new() { Value = SoughtMax - 1 }]) command.Parameters.Add(parameter);
        return await command.ExecuteScalarAsync(cancellationToken) as long?;
    }

    /// <summary>The entity a stream belongs to, by its own id or by any member's; none where there is none.</summary>
    public static Task<(long Position, List<EntityView> Entities)> Find(
        NpgsqlDataSource source, string kind, string stream, CancellationToken cancellationToken) =>
        Worlds.InOneMoment(source, async (connection, position) => (
            position, await Read(connection, Found, [Text(kind), Text(stream)], cancellationToken)), cancellationToken);

    private static async Task<List<EntityView>> Read(
        NpgsqlConnection connection, string sql, IReadOnlyList<NpgsqlParameter> parameters,
        CancellationToken cancellationToken)
    {
        var entities = new List<EntityView>();
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) entities.Add(Row(reader));
        return entities;
    }

    private static EntityView Row(NpgsqlDataReader reader) => new(
        reader.GetString(0), reader.GetString(1), reader.GetBoolean(2), reader.GetInt64(3), reader.GetInt64(4),
        reader.IsDBNull(5) ? null : reader.GetInt64(5), reader.GetFieldValue<string[]>(6), reader.GetString(7),
        reader.IsDBNull(8) ? null : reader.GetString(8));

    internal static NpgsqlParameter Text(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };
}

/// <summary>Which entities are wanted; null = whichever.</summary>
/// <param name="Live">Whether any source still has it.</param>
/// <param name="Source">One of the systems that tell of it.</param>
/// <param name="Number">A business number that one of them gives it.</param>
/// <param name="ChangedAfter">Only what an event after this position was folded into.</param>
/// <param name="Having">What is looked for within it.</param>
/// <param name="LegalEntity">The legal entity it belongs to, by any of that one's streams.</param>
public sealed record EntityFilter(
    bool? Live = null, string? Source = null, string? Number = null, long? ChangedAfter = null,
    Sought? Having = null, string? LegalEntity = null)
{
    public static readonly EntityFilter None = new();

    /// <summary>Its conditions, each after an "and", on an entity e of kind $1.</summary>
    internal string Sql(List<NpgsqlParameter> parameters)
    {
        var sql = new System.Text.StringBuilder();
        if (Live is { } live) And($"e.live = {Next(new() { Value = live })}");
        if (Source is not null) And($"{Next(EntityReader.Text(Source))} = any (e.sources)");
        if (ChangedAfter is { } after) And($"e.changed_position > {Next(new() { Value = after })}");
        if (LegalEntity is not null && Next(EntityReader.Text(LegalEntity)) is var whose)
            And($"""
                 e.legal_entity = coalesce(
                   (select m.entity from views.entity_member m where m.stream = {whose}), {whose})
                 """);
        if (Having is not null) And(Having.Sql(Next));
        if (Number is not null && Next(EntityReader.Text(Number)) is var number)
            And($"""
                 e.id in (select m.entity from views.by_source s join views.entity_member m on m.stream = s.stream
                          where s.kind = $1 and s.number = {number} and left(s.number, 120) = left({number}, 120))
                 """);
        return sql.ToString();

        void And(string condition) => sql.Append(" and ").Append(condition);

        string Next(NpgsqlParameter parameter)
        {
            parameters.Add(parameter);
            return System.FormattableString.Invariant($"${parameters.Count}");
        }
    }

    /// <summary>The same of one as it was.</summary>
    internal bool Fits(World world, Entity entity, EntityView view) =>
        (Live is null || view.Live == Live)
        && (Source is null || entity.Members.Any(m => m.Source == Source))
        && (Number is null || entity.Members.Any(m => m.Fold.State?.Number == Number))
        && (ChangedAfter is null || view.Changed > ChangedAfter)
        && (LegalEntity is null || view.LegalEntity
            == (world.Records.ContainsKey(LegalEntity) ? world.EntityOf(LegalEntity).Id : LegalEntity))
        && (Having is null || Having.Fits(view));
}
