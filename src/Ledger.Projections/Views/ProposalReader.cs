using Npgsql;
using NpgsqlTypes;

namespace Ledger.Projections.Views;

/// <summary>Records of two entities that may be one thing, from the views.</summary>
/// <param name="A">A stream; so too <paramref name="B"/>.</param>
/// <param name="Confidence">From 0 to 1.</param>
/// <param name="Evidence">JSON: what speaks for it, for a person to read.</param>
/// <param name="InBoth">Systems that have a live record of both: where there are any, only these can join the two.
/// </param>
public sealed record ProposalView(
    string A, string B, string Kind, decimal Confidence, string Evidence, ProposedEntity EntityA,
    ProposedEntity EntityB, IReadOnlyList<string> InBoth);

/// <summary>One of the two, in short.</summary>
/// <param name="Sources">Who tells of it.</param>
public sealed record ProposedEntity(string Id, string? Name, string? Number, IReadOnlyList<string> Sources);

/// <summary>Which proposals are wanted.</summary>
/// <param name="Kind">Null = of any.</param>
/// <param name="ConfidenceMin">From 0 to 1.</param>
/// <param name="Entity">Only what this one is part of; null = all.</param>
public readonly record struct ProposalFilter(string? Kind, decimal ConfidenceMin = 0m, string? Entity = null);

/// <summary>A place in the order of proposals: the likeliest first.</summary>
public readonly record struct ProposalPlace(decimal Confidence, string A, string B);

/// <summary>Reads proposals and the position they stand at, in one moment.</summary>
public static class ProposalReader
{
    private const string Select =
        """
        select p.a, p.b, p.kind, p.confidence, p.evidence::text,
          x.id, x.fields #>> '{name,value}', x.fields #>> '{number,value}', x.sources,
          y.id, y.fields #>> '{name,value}', y.fields #>> '{number,value}', y.sources, p.in_both
        from views.proposal p
        join views.entity_member m on m.stream = p.a join views.entity x on x.id = m.entity
        join views.entity_member n on n.stream = p.b join views.entity y on y.id = n.entity
        """;

    /// <summary>A page of them, the likeliest first.</summary>
    /// <param name="after">Null = from the first on.</param>
    public static Task<(long Position, List<ProposalView> Proposals)> List(
        NpgsqlDataSource source, ProposalFilter wanted, ProposalPlace? after, int limit,
        CancellationToken cancellationToken) =>
        Worlds.InOneMoment(source, async (connection, position) =>
        {
            await using var command = new NpgsqlCommand(
                $"""
                 {Select}
                 where ($1::text is null or p.kind = $1) and p.confidence >= $2
                   and ($3::text is null or x.id = $3 or y.id = $3)
                   and ($4::numeric is null or p.confidence < $4 or (p.confidence = $4 and (p.a, p.b) > ($5, $6)))
                 order by p.confidence desc, p.a, p.b limit $7
                 """,
                connection);
            command.Parameters.Add(Text(wanted.Kind));
            command.Parameters.Add(new() { Value = wanted.ConfidenceMin });
            command.Parameters.Add(Text(wanted.Entity));
            command.Parameters.Add(new()
            {
                Value = (object?)after?.Confidence ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Numeric,
            });
            command.Parameters.Add(Text(after?.A));
            command.Parameters.Add(Text(after?.B));
            command.Parameters.Add(new() { Value = limit });
            return (position, await Read(command, cancellationToken));
        }, cancellationToken);

    /// <summary>The proposal of an id: the first 16 hexadecimal digits of a SHA-256 over both streams, in their order,
    /// each on a line of its own; null where it does not stand.</summary>
    public static async Task<ProposalView?> Find(
        NpgsqlDataSource source, string id, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            $"""
             {Select}
             where p.id = $1
             """);
        command.Parameters.Add(Text(id));
        var found = await Read(command, cancellationToken);
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>How many there are of each kind, the most first.</summary>
    public static async Task<IReadOnlyList<(string Kind, long Count)>> Counts(
        NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            "select kind, count(*) from views.proposal group by kind order by count(*) desc, kind");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var counts = new List<(string, long)>();
        while (await reader.ReadAsync(cancellationToken)) counts.Add((reader.GetString(0), reader.GetInt64(1)));
        return counts;
    }

    private static NpgsqlParameter Text(string? value) =>
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static async Task<List<ProposalView>> Read(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var proposals = new List<ProposalView>();
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
            proposals.Add(new(
                row.GetString(0), row.GetString(1), row.GetString(2), row.GetDecimal(3), row.GetString(4),
                Entity(5), Entity(9), row.GetFieldValue<string[]>(13)));
        return proposals;

        ProposedEntity Entity(int at) => new(
            row.GetString(at), row.IsDBNull(at + 1) ? null : row.GetString(at + 1),
            row.IsDBNull(at + 2) ? null : row.GetString(at + 2), row.GetFieldValue<string[]>(at + 3));
    }
}
