using Npgsql;

namespace Ledger.Projections.Views;

/// <summary>What does not fit about an entity, from the views.</summary>
/// <param name="Code">What it is.</param>
/// <param name="Stream">The record it shows on.</param>
/// <param name="Part">The line of it; null = the record as a whole.</param>
/// <param name="Position">Position since which it holds.</param>
/// <param name="Words">One plain sentence.</param>
public sealed record FindingView(string Code, string Stream, string? Part, long Position, string Words);

/// <summary>Reads what does not fit.</summary>
public static class FindingReader
{
    /// <summary>All of one entity.</summary>
    public static async Task<IReadOnlyList<FindingView>> Of(
        NpgsqlDataSource source, string entity, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            "select code, stream, part, position, words from views.finding where entity = $1 order by ordinal");
        command.Parameters.Add(new() { Value = entity });
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var findings = new List<FindingView>();
        while (await row.ReadAsync(cancellationToken))
            findings.Add(new(
                row.GetString(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), row.GetInt64(3),
                row.GetString(4)));
        return findings;
    }
}
