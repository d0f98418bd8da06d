using Npgsql;
using NpgsqlTypes;

namespace Ledger.Projections.Views;

/// <summary>A time in which a stream went by the name of an entity that it belongs to no more.</summary>
/// <param name="Entity">The id it went by.</param>
/// <param name="From">Position of what joined them.</param>
/// <param name="To">Position of what parted them.</param>
public sealed record FormerName(string Stream, string Entity, long From, long To);

/// <summary>Reads by what names things went before.</summary>
public static class AliasReader
{
    /// <summary>What these streams went by once and do no more, in the order it ended.</summary>
    public static async Task<IReadOnlyList<FormerName>> Former(
        NpgsqlDataSource source, IReadOnlyCollection<string> streams, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            """
            select alias, entity, from_position, to_position from views.alias
            where alias = any ($1) and to_position is not null order by to_position, alias, entity
            """);
        command.Parameters.Add(Column.Array(streams.ToArray(), NpgsqlDbType.Text));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var names = new List<FormerName>();
        while (await row.ReadAsync(cancellationToken))
            names.Add(new(row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3)));
        return names;
    }
}
