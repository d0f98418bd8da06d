using System.Data;
using Ledger.Domain;
using Ledger.Projections.Views;
using Ledger.Store;
using NodaTime;
using Npgsql;

namespace Ledger.Projections;

/// <summary>Makes worlds: from the views as they stand, or from the events as they were.</summary>
public static partial class Worlds
{
    private const string All = $"select {BySource.Columns} from views.by_source s";

    /// <summary>Everything, as the views have it; its position is theirs.</summary>
    public static Task<World> Load(NpgsqlDataSource source, CancellationToken cancellationToken) => InOneMoment(
        source, (connection, position) => Load(connection, position, cancellationToken), cancellationToken);

    /// <summary>As above, within the moment the caller holds.</summary>
    internal static async Task<World> Load(
        NpgsqlConnection connection, long position, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(All, connection) { CommandTimeout = 0 };
        return new World(
            position, await DayAt(connection, position, cancellationToken), await Records(command, cancellationToken));
    }

    /// <summary>A world brought up to date: only records that changed since are read; all of them where a person had
    /// some folded once more.</summary>
    internal static async Task<World> Since(
        NpgsqlConnection connection, World before, long position, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"{All} where s.last_position > $1", connection)
        {
            CommandTimeout = 0,
        };
        command.Parameters.Add(new() { Value = before.Position });
        var changed = await Records(command, cancellationToken);
        if (changed.Exists(r => IsReplayed(r, before.Records.GetValueOrDefault(r.Stream))))
            return await Load(connection, position, cancellationToken);
        var streams = changed.Select(r => r.Stream).ToHashSet();
        return new World(
            position, await DayAt(connection, position, cancellationToken),
            before.Records.Values.Where(r => !streams.Contains(r.Stream)).Concat(changed));
    }

    private static bool IsReplayed(SourceRecord now, SourceRecord? before) =>
        now.Fold.State is Case { Replayed: { } replayed } && replayed != (before?.Fold.State as Case)?.Replayed;

    /// <summary>Everything as it was known at a position, folded from the events.</summary>
    /// <param name="position">From 0; beyond the last event = all there is.</param>
    public static Task<World> AsOf(EventStore store, long position, CancellationToken cancellationToken) =>
        AsOf(store, new Times(AsKnownAt: position), cancellationToken);

    /// <summary>These streams, those that bear one of these numbers, all that ties reach from them, and what the firm
    /// says of itself: enough to resolve what points at them and to tell whose word counts.</summary>
    /// <param name="numbers">Kind and business number.</param>
    public static Task<World> Around(
        NpgsqlDataSource source, IReadOnlyCollection<string> streams,
        IReadOnlyCollection<(string Kind, string Number)> numbers, CancellationToken cancellationToken) =>
        InOneMoment(
            source, (connection, position) => Around(connection, position, streams, numbers, cancellationToken),
            cancellationToken);

    /// <summary>As above, within the moment the caller holds.</summary>
    internal static async Task<World> Around(
        NpgsqlConnection connection, long position, IReadOnlyCollection<string> streams,
        IReadOnlyCollection<(string Kind, string Number)> numbers, CancellationToken cancellationToken)
    {
        var day = await DayAt(connection, position, cancellationToken);
        var standing = await new ViewSql(Checkpoint.Views).Standing(connection, day, cancellationToken);
        var around = new Neighbourhood(Checkpoint.Views, connection, standing.Firm);
        await around.Gather(streams, numbers, cancellationToken);
        foreach (var (stream, record) in standing.Records) around.Records.TryAdd(stream, record);
        return around.World(standing, position);
    }

    /// <summary>The same of streams alone.</summary>
    public static Task<World> Around(
        NpgsqlDataSource source, IReadOnlyCollection<string> streams, CancellationToken cancellationToken) =>
        Around(source, streams, [], cancellationToken);

    /// <summary>Reads rows and the position they stand at from one snapshot of the database.</summary>
    internal static Task<T> InOneMoment<T>(
        NpgsqlDataSource source, Func<NpgsqlConnection, long, Task<T>> read, CancellationToken cancellationToken) =>
        InOneMoment(
            source, async connection => await read(
                connection, (await Checkpoint.Of(connection, cancellationToken)).Position),
            cancellationToken);

    /// <summary>As above, for whoever reads the position itself.</summary>
    internal static async Task<T> InOneMoment<T>(
        NpgsqlDataSource source, Func<NpgsqlConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(
            IsolationLevel.RepeatableRead, cancellationToken);
        return await read(connection);
    }

    /// <summary>The ledger's day at a position: the date, in UTC, on which the event there was recorded.</summary>
    internal static async Task<LocalDate> DayAt(
        NpgsqlConnection connection, long position, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """select (timestamp at time zone 'UTC')::date from events.mt_events where seq_id = $1""", connection);
        command.Parameters.Add(new() { Value = position });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? LocalDate.FromDateOnly(reader.GetFieldValue<DateOnly>(0))
            : default;
    }

    internal static async Task<List<SourceRecord>> Records(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var records = new List<SourceRecord>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) records.Add(BySource.Read(reader));
        return records;
    }
}
