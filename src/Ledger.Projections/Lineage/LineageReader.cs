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
    /// <summary>Documents that share work with each other are followed so many steps.</summary>
    private const int ChainMax = 12;

    /// <summary>From an entry to the client's uppermost parent there are no more steps than this.</summary>
    private const int LevelsMax = 16;

    /// <summary>Records loaded around one document; beyond, the walk is cut.</summary>
    private const int StreamsMax = 50_000;

    private static readonly string[] Upwards =
    [
        Rels.Resource, Rels.Supplier, Rels.Project, Rels.Task, Rels.Contract, Rels.Client, Rels.BillTo, Rels.Parent,
        Rels.RateCard, Rels.Proposal, Rels.MergedInto,
    ];

    /// <summary>The lineage of an invoice as the views stand.</summary>
    /// <param name="id">The entity's id, or any of its streams.</param>
    /// <returns>Null where there is no such invoice.</returns>
    public Task<LineageReading?> Invoice(string id, CancellationToken cancellationToken) =>
        Worlds.InOneMoment(source, async (connection, position) =>
        {
            var gathering = new Gathering(connection, cancellationToken);
            var world = await gathering.Around(id, position);
            if (world is null || LineageOf.Invoice(world, id) is not { } lineage) return null;
            var events = await Events(connection, LineageReading.Positions(lineage).ToArray(), cancellationToken);
            return new LineageReading(lineage, position, events);
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

    /// <summary>One collection of the streams around one document.</summary>
    private sealed class Gathering(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        private readonly HashSet<string> streams = new(StringComparer.Ordinal);
        private readonly HashSet<(string Kind, string Number)> numbers = [];

        /// <summary>The world around a document; null where there is none.</summary>
        public async Task<World?> Around(string id, long position)
        {
            var document = await Take([id]);
            if (!document.Any(s => s == id) || StreamName.KindOf(id) != Kind.Invoice.Name) return null;
            await Documents(document);
            await Terms(streams.ToArray());
            return await Worlds.Around(connection, position, streams, numbers, cancellationToken);
        }

        /// <summary>Documents that share work or lead to each other, with what they bill and what became of them.
        /// </summary>
        private async Task Documents(IReadOnlyCollection<string> first)
        {
            var frontier = first;
            for (var step = 0; step < ChainMax && frontier.Count > 0 && streams.Count < StreamsMax; step++)
            {
                var near = await Take(await Out(frontier, null));
                near = [.. near, .. await Take(await In(frontier))];
                var told = near.Where(s => Is(s, Kind.Coverage)).ToArray();
                near = [.. near, .. await Take(await Out(told, null))];
                var work = near.Where(s => Is(s, Kind.Time) || Is(s, Kind.Expense)).ToArray();
                near = [.. near, .. await Take(await In(work))];
                var postings = near.Where(s => Is(s, Kind.Posting)).ToArray();
                near = [.. near, .. await Take(await In(postings))];
                frontier = [.. near.Where(s => Is(s, Kind.Invoice))];
            }
        }

        /// <summary>What work, documents and terms rest on, and the cards made for the clients among it.</summary>
        private async Task Terms(IReadOnlyCollection<string> first)
        {
            var frontier = first;
            for (var level = 0; level < LevelsMax && frontier.Count > 0 && streams.Count < StreamsMax; level++)
            {
                var clients = frontier.Where(s => Is(s, Kind.Client)).ToArray();
                frontier = await Take(await Out(frontier, Upwards));
                if (clients.Length > 0) frontier = [.. frontier, .. await Take(await CardsOf(clients))];
            }
        }

        /// <summary>Adds streams and all that is the same thing; answers the new ones.</summary>
        private async Task<IReadOnlyCollection<string>> Take(IReadOnlyCollection<string> found)
        {
            var fresh = found.Where(s => !streams.Contains(s)).Distinct().ToArray();
            if (fresh.Length == 0) return [];
            var members = await Texts(
                """
                select unnest(e.members) from views.entity_member m join views.entity e on e.id = m.entity
                where m.stream = any ($1)
                union
                select s.stream from views.by_source s where s.stream = any ($1)
                """,
                fresh);
            return members.Where(streams.Add).ToArray();
        }

        /// <summary>What some streams point at.</summary>
        private async Task<IReadOnlyCollection<string>> Out(IReadOnlyCollection<string> from, string[]? rels)
        {
            if (from.Count == 0) return [];
            var found = new List<string>();
            var named = new List<(string Kind, string Number)>();
            await using var command = new NpgsqlCommand(
                """
                select e.stated_by, e.to_stream, e.to_kind, e.to_number from views.edge e
                where e.from_stream = any ($1) and ($2::text[] is null or e.rel = any ($2))
                """,
                connection);
            command.Parameters.Add(Column.Array(from.ToArray(), NpgsqlDbType.Text));
            command.Parameters.Add(new()
            {
                Value = (object?)rels ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
            });
            await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    found.Add(reader.GetString(0));
                    if (!reader.IsDBNull(1)) found.Add(reader.GetString(1));
                    else if (!reader.IsDBNull(3)) named.Add((reader.GetString(2), reader.GetString(3)));
                }
            }

            return [.. found, .. await Bearing(named)];
        }

        /// <summary>What points at some streams, or at the numbers they bear.</summary>
        private async Task<IReadOnlyCollection<string>> In(IReadOnlyCollection<string> to) =>
            to.Count == 0 ? [] : await Texts(
            """
            with told as (
              select e.stated_by, e.from_stream, e.rel from views.edge e where e.to_stream = any ($1)
              union all
              select e.stated_by, e.from_stream, e.rel from views.by_source s
              join views.edge e on e.to_kind = s.kind and e.to_number = s.number
                and left(e.to_number, 120) = left(s.number, 120)
              where s.stream = any ($1) and s.number is not null)
            select n.stream from told t cross join lateral (values (t.stated_by), (t.from_stream)) n (stream)
            where t.rel not in ('client', 'bill_to', 'parent', 'links')
            """,
            to);

        private Task<List<string>> CardsOf(IReadOnlyCollection<string> clients) => Texts(
            """
            select e.stated_by from views.edge e
            where e.to_stream = any ($1) and e.rel = 'client' and e.stated_by like 'rate\_card/%'
            """,
            clients);

        /// <summary>The streams that bear some numbers.</summary>
        private async Task<IReadOnlyCollection<string>> Bearing(IReadOnlyCollection<(string Kind, string Number)> named)
        {
            var fresh = named.Where(numbers.Add).ToArray();
            if (fresh.Length == 0) return [];
            await using var command = new NpgsqlCommand(
                """
                select s.stream from unnest($1, $2) n (kind, number)
                join views.by_source s on s.kind = n.kind and s.number = n.number
                  and left(s.number, 120) = left(n.number, 120)
                """,
                connection);
            command.Parameters.Add(Column.Array(fresh.Select(n => n.Kind).ToArray(), NpgsqlDbType.Text));
            command.Parameters.Add(Column.Array(fresh.Select(n => n.Number).ToArray(), NpgsqlDbType.Text));
            return await Texts(command);
        }

        private async Task<List<string>> Texts(string sql, IReadOnlyCollection<string> given)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            command.Parameters.Add(Column.Array(given.ToArray(), NpgsqlDbType.Text));
            return await Texts(command);
        }

        private async Task<List<string>> Texts(NpgsqlCommand command)
        {
            var texts = new List<string>();
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken)) texts.Add(reader.GetString(0));
            return texts;
        }

        private static bool Is(string stream, Kind kind) =>
            stream.StartsWith(kind.Name + "/", StringComparison.Ordinal);
    }
}
