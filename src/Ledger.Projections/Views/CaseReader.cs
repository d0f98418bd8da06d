using Ledger.Domain;
using Ledger.Projections.Cases;
using NodaTime;
using Npgsql;

namespace Ledger.Projections.Views;

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
    /// <summary>Of rows s of what sources say, those that are cases.</summary>
    internal const string Which = """
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

    /// <summary>A case, and the ledger's day; null where there is none.</summary>
    public static Task<(long Position, LocalDate? Day, CaseView? Found)> Find(
        NpgsqlDataSource source, string id, CancellationToken cancellationToken) =>
        Worlds.InOneMoment(source, async (connection, position) =>
        {
            await using var command = new NpgsqlCommand(
                $"select {BySource.Columns} from views.by_source s where {Which} and s.record_id = $1 "
                + "order by s.opened_position limit 1",
                connection);
            command.Parameters.Add(new() { Value = id });
            var found = await Read(command, cancellationToken);
            return (position, await GovernanceReader.Day(connection, cancellationToken), found.SingleOrDefault());
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

    internal static async Task<List<CaseView>> Read(NpgsqlCommand command, CancellationToken cancellationToken)
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
