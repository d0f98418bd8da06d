using System.Security.Cryptography;
using Ledger.Projections.Views;
using Npgsql;

namespace Ledger.Projections;

/// <summary>What says that the views were folded afresh and found equal, row by row.</summary>
/// <param name="Position">As of which.</param>
/// <param name="FoldVersion">Of the program that folded.</param>
/// <param name="Digest">SHA-256 over every row of every table as JSON, a line each, by table and key: what anybody with
/// psql and sha256sum can repeat.</param>
public sealed record Certificate(long Position, int FoldVersion, ReadOnlyMemory<byte> Digest)
{
    /// <summary>The last one; null where the views were never verified, or none of them stands any more.</summary>
    public static async Task<Certificate?> Of(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            """
            select certified_position, certified_version, certified_digest from views.position
            where certified_position is not null
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new(reader.GetInt64(0), reader.GetInt32(1), reader.GetFieldValue<byte[]>(2))
            : null;
    }

    /// <summary>Puts it beside the checkpoint.</summary>
    /// <param name="schema">Of the tables that were folded afresh; those that serve are equal to them.</param>
    internal static async Task Write(
        NpgsqlConnection connection, string schema, long position, int foldVersion, CancellationToken cancellationToken)
    {
        var digest = await DigestOf(connection, schema, cancellationToken);
        await Checkpoint.Certify(connection, position, foldVersion, digest, cancellationToken);
    }

    private static async Task<byte[]> DigestOf(
        NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (table, key) in ViewRows.Tables)
        {
            await using var command = new NpgsqlCommand(
                $"select to_jsonb(t)::text from {schema}.{table} t order by {string.Join(", ", key)}", connection)
            {
                CommandTimeout = 0,
            };
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
            {
                hash.AppendData(rows.GetFieldValue<byte[]>(0));
                hash.AppendData("\n"u8);
            }
        }

        return hash.GetHashAndReset();
    }
}
