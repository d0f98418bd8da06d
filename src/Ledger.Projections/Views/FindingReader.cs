using Npgsql;

namespace Ledger.Projections.Views;

/// <summary>What does not fit about an entity, from the views.</summary>
/// <param name="Code">What it is.</param>
/// <param name="Stream">The record it shows on.</param>
/// <param name="Part">The line of it; null = the record as a whole.</param>
/// <param name="Position">Position since which it holds.</param>
/// <param name="Words">One plain sentence.</param>
/// <param name="LegalEntity">Of the entity; null = not known.</param>
public sealed record FindingView(
    string Code, string Stream, string? Part, long Position, string Words, string? LegalEntity)
{
    internal static FindingView Of(World world, Findings.Finding finding) => new(
        finding.Code, finding.Stream, finding.Part, finding.Position, finding.Words,
        world.Records.TryGetValue(finding.Stream, out var record) ? world.Firm.EntityOf(record) : null);
}

/// <summary>Reads what does not fit.</summary>
public static class FindingReader
{
    /// <summary>All of one entity.</summary>
    public static async Task<IReadOnlyList<FindingView>> Of(
        NpgsqlDataSource source, string entity, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            "select code, stream, part, position, words, null from views.finding where entity = $1 order by ordinal",
            connection);
        command.Parameters.Add(new() { Value = entity });
        return await Read(command, cancellationToken);
    }

    /// <summary>All that somebody has to look at: that a reference dangles is none by itself.</summary>
    internal static async Task<IReadOnlyList<FindingView>> ToLookAt(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            // A parameter would not find the index.
            $"""
             select f.code, f.stream, f.part, f.position, f.words, e.legal_entity
             from views.finding f left join views.entity e on e.id = f.entity
             where f.code <> '{Findings.Codes.DanglingReference}'
             """,
            connection);
        await command.PrepareAsync(cancellationToken);
        return await Read(command, cancellationToken);
    }

    private static async Task<IReadOnlyList<FindingView>> Read(
        NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var findings = new List<FindingView>();
        while (await row.ReadAsync(cancellationToken))
            findings.Add(new(
                row.GetString(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), row.GetInt64(3),
                row.GetString(4), row.IsDBNull(5) ? null : row.GetString(5)));
        return findings;
    }
}
