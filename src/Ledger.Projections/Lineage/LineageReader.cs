using Ledger.Domain;
using Ledger.Projections.Views;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Projections.Lineage;

/// <summary>Reads a lineage from the views: only the records around the document, level by level, and the events that
/// its edges name, all from one moment of the database.</summary>
public sealed class LineageReader(NpgsqlDataSource source)
{
    /// <summary>Documents looked at for one record that they may touch.</summary>
    private const int TouchedMax = 500;

    /// <summary>The lineage of an invoice as the views stand.</summary>
    /// <param name="id">The entity's id, or any of its streams.</param>
    /// <returns>Null where there is no such invoice.</returns>
    public Task<LineageReading?> Invoice(string id, CancellationToken cancellationToken) =>
        Worlds.InOneMoment(source, async (connection, position) =>
        {
            if (!id.StartsWith(Kind.Invoice.Name + "/", StringComparison.Ordinal)) return null;
            var world = await new Gathering(connection, cancellationToken).Around([id], position);
            if (LineageOf.Invoice(world, id) is not { } lineage) return null;
            var events = await Events(connection, LineageReading.Positions(lineage).ToArray(), cancellationToken);
            return new LineageReading(lineage, position, events);
        }, cancellationToken);

    /// <summary>The invoices, and their lines, that rest on a record or lead to it, as the views stand.</summary>
    /// <param name="stream">A record's stream, or a part of one: <c>rate_card/clm:7#senior</c>.</param>
    public Task<Items<Touched>> Touching(string stream, CancellationToken cancellationToken) =>
        Worlds.InOneMoment(source, async (connection, position) =>
        {
            var record = stream.Split('#')[0];
            var documents = await new Gathering(connection, cancellationToken).Reaching(record, TouchedMax);
            var world = await new Gathering(connection, cancellationToken).Around(documents, position);
            return LineageOf.Touching(world, stream);
        }, cancellationToken);

    /// <summary>Which events stand at some positions.</summary>
    private static async Task<Dictionary<long, EventRef>> Events(
        NpgsqlConnection connection, long[] positions, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select e.seq_id, e.headers ->> 'source', e.headers ->> 'source_id', e.type, e.headers ->> 'time'
            from events.mt_events e where e.seq_id = any ($1)
            """,
            connection);
        command.Parameters.Add(Column.Array(positions, NpgsqlDbType.Bigint));
        var events = new Dictionary<long, EventRef>(positions.Length);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            LedgerJson.TryInstant(reader.IsDBNull(4) ? null : reader.GetString(4), out Instant time);
            events.Add(reader.GetInt64(0), new(
                reader.GetInt64(0), reader.IsDBNull(1) ? "" : reader.GetString(1),
                reader.IsDBNull(2) ? "" : reader.GetString(2), reader.GetString(3), time));
        }

        return events;
    }
}
