using Ledger.Domain;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Projections.Views;

/// <summary>Something people decided, as the views have it, and who said it last.</summary>
/// <param name="RecordedAt">When the ledger got the last of its events.</param>
/// <param name="Actor">Null = that event does not say.</param>
/// <param name="Target">Of an override, the entity it is about; null = it is of another sort, or about nothing the
/// ledger has.</param>
public sealed record DecidedView(SourceRecord Record, Instant RecordedAt, string? Actor, string? Target)
{
    /// <summary>Position at which it came into the ledger.</summary>
    public long Opened => Record.Fold.Opened;
}

/// <summary>Reads what people decided, in the order it came into the ledger, what was taken back too; and the position
/// and day the views stand at, in one moment.</summary>
public static class GovernanceReader
{
    private static readonly Kind[] OfPolicies =
        [Kind.Tolerance, Kind.Lag, Kind.Materiality, Kind.StatusMap, Kind.Routing];

    /// <summary>Assignments of ownership.</summary>
    /// <param name="of">Only of this kind of record; null = of any.</param>
    /// <param name="after">Only what came after this <see cref="DecidedView.Opened"/>.</param>
    public static Task<(long Position, LocalDate? Day, List<DecidedView> Decided)> Ownership(
        NpgsqlDataSource source, string? of, long after, int limit, CancellationToken cancellationToken) =>
        List(
            source, [Kind.Ownership], "null", "$3::text is null or s.state ->> 'of' = $3", of, after, limit,
            cancellationToken);

    /// <summary>Overrides.</summary>
    /// <param name="stream">Only of the entity this is a member of; null = of any.</param>
    /// <param name="after">Only what came after this <see cref="DecidedView.Opened"/>.</param>
    public static Task<(long Position, LocalDate? Day, List<DecidedView> Decided)> Overrides(
        NpgsqlDataSource source, string? stream, long after, int limit, CancellationToken cancellationToken)
    {
        const string target =
            "(select m.entity from views.override o join views.entity_member m on m.stream = o.target "
            + "where o.stream = s.stream)";
        return List(
            source, [Kind.Override], target,
            $"$3::text is null or {target} = (select entity from views.entity_member where stream = $3)", stream,
            after, limit, cancellationToken);
    }

    /// <summary>What finance put its name to.</summary>
    /// <param name="status">Only those that count (<c>signed</c>), or do not (<c>suspended</c>); null = all.</param>
    public static Task<(long Position, LocalDate? Day, List<DecidedView> Decided)> SignOffs(
        NpgsqlDataSource source, string? status, long after, int limit, CancellationToken cancellationToken) =>
        List(
            source, [Kind.SignOff], "null",
            "s.stream >= 'sign_off/' and s.stream < 'sign_off0' and ($3::text is null or s.state ->> 'status' = $3)",
            status, after, limit, cancellationToken);

    /// <summary>One sign-off; null where there is none.</summary>
    public static async Task<DecidedView?> SignOff(
        NpgsqlDataSource source, string id, CancellationToken cancellationToken) =>
        (await List(source, [Kind.SignOff], "null", "s.record_id = $3", id, 0, 1, cancellationToken)).Decided
            .SingleOrDefault();

    /// <summary>What finance agreed to.</summary>
    /// <param name="of">Only of this kind, such as tolerance; null = of any.</param>
    public static Task<(long Position, LocalDate? Day, List<DecidedView> Decided)> Policies(
        NpgsqlDataSource source, string? of, long after, int limit, CancellationToken cancellationToken) =>
        List(source, OfPolicies, "null", "$3::text is null or s.kind = $3", of, after, limit, cancellationToken);

    /// <summary>One of them; null where there is none.</summary>
    public static async Task<DecidedView?> Policy(
        NpgsqlDataSource source, string id, CancellationToken cancellationToken) =>
        (await List(source, OfPolicies, "null", "s.record_id = $3", id, 0, 1, cancellationToken)).Decided
            .SingleOrDefault();

    private static Task<(long Position, LocalDate? Day, List<DecidedView> Decided)> List(
        NpgsqlDataSource source, Kind[] kinds, string target, string which, string? asked, long after, int limit,
        CancellationToken cancellationToken) =>
        Worlds.InOneMoment(source, async (connection, position) =>
        {
            var day = await Day(connection, cancellationToken);
            await using var command = new NpgsqlCommand(
                $"""
                 select {BySource.Columns}, e.timestamp, e.user_name, {target}
                 from views.by_source s join events.mt_events e on e.seq_id = s.last_position
                 where s.kind = any ($1) and s.source = 'ledger' and s.state is not null and s.opened_position > $2
                   and ({which})
                 order by s.opened_position limit $4
                 """,
                connection);
            command.Parameters.Add(new() { Value = Array.ConvertAll(kinds, kind => kind.Name) });
            command.Parameters.Add(new() { Value = after });
            command.Parameters.Add(new()
            {
                Value = (object?)asked ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text,
            });
            command.Parameters.Add(new() { Value = limit });
            var decided = new List<DecidedView>();
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken))
                decided.Add(new(
                    BySource.Read(row), Instant.FromDateTimeUtc(row.GetDateTime(BySource.Width)),
                    Text(row, BySource.Width + 1), Text(row, BySource.Width + 2)));
            return (position, day, decided);
        }, cancellationToken);

    internal static async Task<LocalDate?> Day(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "select day from ledger.checkpoint where name = 'views'", connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) && !row.IsDBNull(0)
            ? LocalDate.FromDateOnly(row.GetFieldValue<DateOnly>(0))
            : null;
    }

    private static string? Text(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);
}
