using System.Text.Json;
using Ledger.Domain;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Projections.Views;

/// <summary>What a payment or posting may cover, from the views.</summary>
/// <param name="Rel">settles or posts.</param>
/// <param name="FromStream">The record by which it would.</param>
/// <param name="Amount">All of it together; positive.</param>
/// <param name="Evidence">JSON: what speaks for it, for a person to read.</param>
public sealed record CoverageProposalView(
    string Id, string Rel, string FromStream, ProposedEntity From, Items<CoverView> Covers, Currency Currency,
    decimal Amount, decimal Confidence, string Evidence)
{
    /// <summary>What would cover.</summary>
    public Kind Kind => Kind.Find(StreamName.KindOf(From.Id));
}

/// <param name="Amount">How much of it; positive.</param>
public sealed record CoverView(ProposedEntity To, decimal Amount);

/// <summary>Which of them are wanted.</summary>
/// <param name="Kind">Of what would cover; null = of any.</param>
/// <param name="ConfidenceMin">From 0 to 1.</param>
/// <param name="Entity">Only what this one would cover, or be covered by; null = all.</param>
public readonly record struct CoverageFilter(string? Kind, decimal ConfidenceMin = 0m, string? Entity = null);

/// <summary>A place in their order: the likeliest first.</summary>
public readonly record struct CoveragePlace(decimal Confidence, string From);

/// <summary>Reads what may cover what, and the position it stands at, in one moment.</summary>
public static class CoverageProposalReader
{
    private const string Select =
        """
        select p.id, p.rel, p.from_stream, p.currency, p.amount, p.confidence, p.evidence::text,
          x.id, x.fields #>> '{name,value}', x.fields #>> '{number,value}', x.sources,
          (select jsonb_agg(jsonb_build_object('id', y.id, 'name', y.fields #>> '{name,value}',
               'number', y.fields #>> '{number,value}', 'sources', to_jsonb(y.sources), 'amount', c.cover ->> 'amount')
             order by c.n)
           from jsonb_array_elements(p.covers) with ordinality c (cover, n)
           join views.entity y on y.id = c.cover ->> 'to')::text
        from views.coverage_proposal p join views.entity x on x.id = p.from_entity
        where not p.disputed
        """;

    /// <summary>A page of them, the likeliest first.</summary>
    /// <param name="after">Null = from the first on.</param>
    public static Task<(long Position, List<CoverageProposalView> Proposals)> List(
        NpgsqlDataSource source, CoverageFilter wanted, CoveragePlace? after, int limit,
        CancellationToken cancellationToken) =>
        Worlds.InOneMoment(source, async (connection, position) =>
        {
            await using var command = new NpgsqlCommand(
                $"""
                 {Select}
                   and ($1::text is null or x.kind = $1) and p.confidence >= $2
                   and ($3::text is null or p.from_entity = $3 or p.documents @> array[$3])
                   and ($4::numeric is null or p.confidence < $4 or (p.confidence = $4 and p.from_entity > $5))
                 order by p.confidence desc, p.from_entity limit $6
                 """,
                connection);
            command.Parameters.Add(Text(wanted.Kind));
            command.Parameters.Add(new() { Value = wanted.ConfidenceMin });
            command.Parameters.Add(Text(wanted.Entity));
            command.Parameters.Add(new()
            {
                Value = (object?)after?.Confidence ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Numeric,
            });
            command.Parameters.Add(Text(after?.From));
            command.Parameters.Add(new() { Value = limit });
            return (position, await Read(command, cancellationToken));
        }, cancellationToken);

    /// <summary>The proposal of an id; null where it does not stand.</summary>
    public static async Task<CoverageProposalView?> Find(
        NpgsqlDataSource source, string id, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand($"{Select} and p.id = $1");
        command.Parameters.Add(Text(id));
        var found = await Read(command, cancellationToken);
        return found.Count == 0 ? null : found[0];
    }

    private static NpgsqlParameter Text(string? value) =>
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static async Task<List<CoverageProposalView>> Read(
        NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var proposals = new List<CoverageProposalView>();
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
            proposals.Add(new(
                row.GetString(0), row.GetString(1), row.GetString(2),
                new(
                    row.GetString(7), row.IsDBNull(8) ? null : row.GetString(8),
                    row.IsDBNull(9) ? null : row.GetString(9), row.GetFieldValue<string[]>(10)),
                Covers(row.GetString(11)), Currency.Of(row.GetString(3)), row.GetDecimal(4), row.GetDecimal(5),
                row.GetString(6)));
        return proposals;
    }

    private static Items<CoverView> Covers(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateArray().Select(one => new CoverView(
            new(
                one.GetProperty("id").GetString()!, one.GetProperty("name").GetString(),
                one.GetProperty("number").GetString(),
                [.. one.GetProperty("sources").EnumerateArray().Select(s => s.GetString()!)]),
            decimal.Parse(
                one.GetProperty("amount").GetString()!, System.Globalization.CultureInfo.InvariantCulture))).ToItems();
    }
}
