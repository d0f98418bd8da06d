using System.Security.Cryptography;
using System.Text;
using NodaTime;
using Npgsql;

namespace Ledger.Projections.Drift;

/// <summary>A report that was given out.</summary>
/// <param name="Position">The last event it knows.</param>
/// <param name="Digest">SHA-256 of the report's bytes.</param>
/// <param name="Headline">As JSON.</param>
public sealed record StoredRun(Guid Id, long Position, Instant CreatedAt, byte[] Digest, string Headline);

/// <summary>Keeps drift reports, each as it was given out.</summary>
public sealed class DriftRuns(NpgsqlDataSource source)
{
    private const string InsertRun = """
        insert into drift.run (id, position, created_at, digest, headline, report)
        values ($1, $2, $3, $4, ($5::text::json -> 'headline')::jsonb, $5::text::json)
        """;

    private const string InsertFindings = """
        insert into drift.finding (run, rank, class, weight, invoice, related, streams, amount, currency, direction,
          sentence, detail)
        select $1, f.n, f.f ->> 'class', f.f ->> 'weight', f.f ->> 'invoice',
          array(select jsonb_array_elements_text(f.f -> 'related')),
          array(select jsonb_array_elements_text(f.f -> 'streams')),
          (f.f ->> 'amount')::numeric, f.f ->> 'currency', f.f ->> 'direction', f.f ->> 'sentence', f.f
        from jsonb_array_elements($2::text::jsonb -> 'findings') with ordinality f (f, n)
        """;

    private const string SelectReport = "select report::text from drift.run where id = $1";

    private const string SelectRuns = """
        select id, position, created_at, digest, headline::text from drift.run order by created_at desc, id limit $1
        """;

    /// <summary>Keeps a report under a new id, with a row for each finding.</summary>
    /// <param name="events">Names of the events at the report's positions.</param>
    /// <exception cref="PostgresException">The id is taken (23505).</exception>
    public async Task<StoredRun> Save(
        Guid id, Instant createdAt, DriftReport report, EventIndex events, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        report.WriteJson(bytes, events);
        var (text, digest) = (Encoding.UTF8.GetString(bytes.ToArray()), SHA256.HashData(bytes.ToArray()));
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var run = new NpgsqlCommand(InsertRun, connection))
        {
            run.Parameters.Add(new() { Value = id });
            run.Parameters.Add(new() { Value = report.Position });
            run.Parameters.Add(new() { Value = createdAt.ToDateTimeUtc() });
            run.Parameters.Add(new() { Value = digest });
            run.Parameters.Add(new() { Value = text });
            await run.ExecuteNonQueryAsync(cancellationToken);
        }

        await using (var findings = new NpgsqlCommand(InsertFindings, connection))
        {
            findings.Parameters.Add(new() { Value = id });
            findings.Parameters.Add(new() { Value = text });
            await findings.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        using var headline = System.Text.Json.JsonDocument.Parse(bytes.ToArray());
        return new(id, report.Position, createdAt, digest, headline.RootElement.GetProperty("headline").GetRawText());
    }

    /// <summary>The report's JSON, byte for byte as it was given out; null where there is no such run.</summary>
    public async Task<byte[]?> Load(Guid id, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(SelectReport);
        command.Parameters.Add(new() { Value = id });
        return await command.ExecuteScalarAsync(cancellationToken) is string text ? Encoding.UTF8.GetBytes(text) : null;
    }

    /// <summary>The latest runs, the newest first.</summary>
    public async Task<IReadOnlyList<StoredRun>> List(int limit, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(SelectRuns);
        command.Parameters.Add(new() { Value = limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var runs = new List<StoredRun>();
        while (await reader.ReadAsync(cancellationToken))
            runs.Add(new(
                reader.GetGuid(0), reader.GetInt64(1), Instant.FromDateTimeUtc(reader.GetDateTime(2)),
                reader.GetFieldValue<byte[]>(3), reader.GetString(4)));
        return runs;
    }
}
