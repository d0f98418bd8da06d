using System.Text.Json;
using Ledger.Domain;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Projections.Views;

/// <summary>What is open, as it is compared by sums: one row for each pool an entity is in.</summary>
internal static class CoverableRows
{
    private const string Columns =
        "c.entity, c.pool, c.covers, c.name, c.stream, c.number, c.dated, c.amount, c.words, c.rejected";

    public static readonly Table<Coverable> Table = new(
        "coverable", ["entity", "pool"],
        Column.Text<Coverable>("entity", c => c.Entity),
        Column.Text<Coverable>("pool", c => c.Pool.ToString()),
        Column.Flag<Coverable>("covers", c => c.Covers),
        Column.Text<Coverable>("name", c => c.Name),
        Column.Text<Coverable>("stream", c => c.Stream),
        Column.Text<Coverable>("number", c => c.Number),
        Column.Date<Coverable>("dated", c => c.On),
        Column.Amount<Coverable>("amount", c => c.Amount),
        Column.Text<Coverable>("words", c => c.Text),
        Column.Texts<Coverable>("rejected", c => c.Rejected));

    /// <summary>What the tables have of some entities.</summary>
    public static Task<List<Coverable>> Of(
        NpgsqlConnection connection, string schema, IReadOnlyCollection<string> entities,
        CancellationToken cancellationToken) =>
        Read(
            connection, $"select {Columns} from {schema}.coverable c where c.entity = any ($1)", entities,
            cancellationToken);

    /// <summary>All that is in some pools, or, of a crowd, one more than are looked at.</summary>
    public static Task<List<Coverable>> In(
        NpgsqlConnection connection, string schema, IReadOnlyCollection<string> pools,
        CancellationToken cancellationToken) =>
        Read(
            connection,
            $"""
             select {Columns} from unnest($1) p (pool) cross join lateral (
               (select * from {schema}.coverable d where d.pool = p.pool and not d.covers
                order by d.name limit {CoverageProposals.DocumentsMax + 1})
               union all
               (select * from {schema}.coverable d where d.pool = p.pool and d.covers
                order by d.name limit {CoverageProposals.CoveringMax + 1})) c
             """,
            pools, cancellationToken);

    /// <summary>Names of all pools in which something may cover something.</summary>
    public static async Task<List<string>> Pools(
        NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
             select pool from {schema}.coverable group by pool having bool_or(covers) and not bool_and(covers)
             order by pool
             """,
            connection) { CommandTimeout = 0 };
        return await ViewSql.Texts(command, cancellationToken);
    }

    private static async Task<List<Coverable>> Read(
        NpgsqlConnection connection, string sql, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(Column.Array(keys.ToArray(), NpgsqlDbType.Text));
        var found = new List<Coverable>();
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
            found.Add(new(
                row.GetString(0), CoverPool.Parse(row.GetString(1)), row.GetBoolean(2), row.GetString(3),
                row.GetString(4), row.IsDBNull(5) ? null : row.GetString(5),
                row.IsDBNull(6) ? null : LocalDate.FromDateOnly(row.GetFieldValue<DateOnly>(6)), row.GetDecimal(7),
                row.IsDBNull(8) ? null : row.GetString(8), row.GetFieldValue<string[]>(9).ToItems()));
        return found;
    }
}

/// <summary>What a payment or posting may cover: one row each.</summary>
internal static class CoverageProposalRows
{
    public static readonly Table<CoverageProposal> Table = new(
        "coverage_proposal", ["from_entity"],
        Column.Text<CoverageProposal>("from_entity", p => p.From),
        Column.Text<CoverageProposal>("id", p => p.Id),
        Column.Text<CoverageProposal>("from_stream", p => p.FromStream),
        Column.Text<CoverageProposal>("rel", p => p.Rel),
        Column.Texts<CoverageProposal>("documents", p => [.. p.Covers.Select(c => c.To)]),
        Column.Json<CoverageProposal>("covers", p => RowJson.Of(p.Covers, Write)),
        Column.Text<CoverageProposal>("currency", p => p.Currency.Code),
        Column.Amount<CoverageProposal>("amount", p => p.Covers.Sum(c => c.Amount)),
        Column.Amount<CoverageProposal>("confidence", p => p.Confidence),
        Column.Json<CoverageProposal>("evidence", p => ProposalRows.Json(p.Evidence)),
        Column.Flag<CoverageProposal>("disputed", p => p.IsDisputed),
        Column.Text<CoverageProposal>("pool", p => p.Pool!.ToString()));

    /// <summary>What the tables propose within some pools, or else of some documents.</summary>
    public static async Task<List<CoverageProposal>> Of(
        NpgsqlConnection connection, string schema, IReadOnlyCollection<string> pools,
        IReadOnlyCollection<string> documents, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
             select from_entity, from_stream, rel, covers::text, currency, confidence, evidence::text, disputed, pool
             from {schema}.coverage_proposal where pool = any ($1) or documents && $2
             """,
            connection);
        command.Parameters.Add(Column.Array(pools.ToArray(), NpgsqlDbType.Text));
        command.Parameters.Add(Column.Array(documents.ToArray(), NpgsqlDbType.Text));
        var found = new List<CoverageProposal>();
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
            found.Add(new(
                row.GetString(0), row.GetString(2), CoversOf(row.GetString(3)), Currency.Of(row.GetString(4)),
                row.GetDecimal(5), ProposalRows.Evidence(row.GetString(6)))
            {
                FromStream = row.GetString(1), IsDisputed = row.GetBoolean(7),
                Pool = CoverPool.Parse(row.GetString(8)),
            });
        return found;
    }

    /// <summary>Reads what is covered.</summary>
    internal static Items<ProposedCover> CoversOf(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateArray().Select(one => new ProposedCover(
            one.GetProperty("to").GetString()!,
            decimal.Parse(
                one.GetProperty("amount").GetString()!, System.Globalization.CultureInfo.InvariantCulture))).ToItems();
    }

    private static void Write(Utf8JsonWriter writer, Items<ProposedCover> covers)
    {
        writer.WriteStartArray();
        foreach (var cover in covers)
        {
            writer.WriteStartObject();
            writer.WriteString("to", cover.To);
            writer.WriteString("amount", DecimalText.Write(cover.Amount));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
