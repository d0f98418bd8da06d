using Ledger.Domain;
using Ledger.Projections.Cases;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Projections.Views;

/// <summary>Which cases are wanted; what is null limits nothing.</summary>
/// <param name="Class">A class of drift, or a finding's code.</param>
/// <param name="System">The system that is asked first.</param>
/// <param name="Stream">A record they are about.</param>
public sealed record CaseFilter(
    CaseStatus? Status = null, string? Class = null, Severity? Severity = null, string? System = null,
    string? Assignee = null, string? Stream = null);

/// <summary>A case as it stands.</summary>
/// <param name="State">What is known of it.</param>
/// <param name="Position">Position of the event that said something of it last.</param>
public sealed record CaseView(string Id, Kind Kind, Case State, long Opened, long Position)
{
    /// <summary>Its class of drift, or its finding's code.</summary>
    public string Class => State switch
    {
        DriftCase drift => Drift.Say.Snake(drift.Class),
        ExceptionCase exception => exception.Code,
        _ => throw new System.Diagnostics.UnreachableException($"no case {State.GetType().Name}"),
    };

    /// <summary>How many days it has been so on a day; null where nobody knows since when.</summary>
    public int? AgeDays(LocalDate day) => State.Since is { } since ? NodaTime.Period.DaysBetween(since, day) : null;
}

/// <summary>Reads cases.</summary>
public static class CaseReader
{
    private const string Which = """
        s.kind in ('drift_case', 'exception') and s.source = 'ledger' and s.state is not null
        """;

    /// <summary>Every case by its id.</summary>
    public static async Task<IReadOnlyDictionary<string, CaseView>> All(
        NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            $"select {BySource.Columns} from views.by_source s where {Which}");
        return (await Read(command, cancellationToken)).OrderBy(c => c.Opened).DistinctBy(c => c.Id)
            .ToDictionary(c => c.Id);
    }

    /// <summary>A case; null where there is none.</summary>
    public static async Task<CaseView?> Find(NpgsqlDataSource source, string id, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            $"select {BySource.Columns} from views.by_source s where {Which} and s.record_id = $1 "
            + "order by s.opened_position limit 1");
        command.Parameters.Add(new() { Value = id });
        return (await Read(command, cancellationToken)).SingleOrDefault();
    }

    /// <summary>Cases in the order in which they came up.</summary>
    /// <param name="after">Begin after the case that came up at this position; 0 = at the beginning.</param>
    public static Task<(long Position, LocalDate? Day, List<CaseView> Found)> List(
        NpgsqlDataSource source, CaseFilter wanted, long after, int limit, CancellationToken cancellationToken) =>
        Worlds.InOneMoment(source, async (connection, position) =>
        {
            await using var command = new NpgsqlCommand(
                $"""
                 select {BySource.Columns} from views.by_source s
                 where {Which} and s.opened_position > $1
                   and ($2 is null or s.state ->> 'status' = $2) and ($3 is null or s.state ->> 'severity' = $3)
                   and ($4 is null or coalesce(s.state ->> 'class', s.state ->> 'code') = $4)
                   and ($5 is null or s.state ->> 'owner' = $5) and ($6 is null or s.state ->> 'assignee' = $6)
                   and ($7 is null or s.state -> 'streams' ? $7)
                 order by s.opened_position limit $8
                 """,
                connection);
            command.Parameters.Add(new() { Value = after });
            foreach (var text in (string?[])[
                Name(wanted.Status), Name(wanted.Severity), wanted.Class, wanted.System, wanted.Assignee,
                wanted.Stream])
                command.Parameters.Add(new()
                {
                    Value = (object?)text ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text,
                });
            command.Parameters.Add(new() { Value = limit });
            var found = await Read(command, cancellationToken);
            return (position, await GovernanceReader.Day(connection, cancellationToken), found);
        }, cancellationToken);

    /// <summary>Streams that stand still, each before the event at this position.</summary>
    internal static async Task<IReadOnlyDictionary<string, long>> Poisoned(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select stream, position from views.poisoned", connection);
        await command.PrepareAsync(cancellationToken);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var found = new Dictionary<string, long>();
        while (await row.ReadAsync(cancellationToken)) found.Add(row.GetString(0), row.GetInt64(1));
        return found;
    }

    /// <summary>Whether the ledger has more records than so many.</summary>
    public static async Task<bool> IsLarger(NpgsqlDataSource source, int records, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            "select count(*) > $1 from (select from views.by_source limit $1 + 1) s");
        command.Parameters.Add(new() { Value = records });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static string? Name<TEnum>(TEnum? value)
        where TEnum : struct, Enum => value is { } known ? Drift.Say.Snake(known) : null;

    private static async Task<List<CaseView>> Read(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var found = new List<CaseView>();
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            var record = BySource.Read(row);
            found.Add(new(
                record.Id, record.Kind, (Case)record.Fold.State!, record.Fold.Opened, record.Fold.Last));
        }

        return found;
    }
}
