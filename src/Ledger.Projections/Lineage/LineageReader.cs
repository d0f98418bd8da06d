using System.Collections.Frozen;
using Ledger.Domain;
using Ledger.Projections.Rating;
using Ledger.Projections.Views;
using Ledger.Store;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Ledger.Projections.Lineage;

/// <summary>Reads a lineage from the views: only the records around the document, level by level, and the events that
/// its edges name, all from one moment of the database.</summary>
public sealed partial class LineageReader(NpgsqlDataSource source, EventStore store)
{
    /// <summary>Invoices a page holds at most.</summary>
    public const int PageMax = 200;

    /// <summary>The lineage of an invoice as the views stand.</summary>
    /// <param name="id">The entity's id, or any of its streams.</param>
    /// <returns>Null where there is no such invoice.</returns>
    public Task<LineageReading?> Invoice(string id, CancellationToken cancellationToken) =>
        Worlds.InOneMoment(source, async connection =>
        {
            if (!IsInvoice(id)) return null;
            var around = new Ancestry(connection, cancellationToken);
            await around.Around([id]);
            return await Read(
                connection, around.World(), around.Foretold, id, () => Wider(connection, around, cancellationToken),
                cancellationToken);
        }, cancellationToken);

    /// <summary>The invoices that have to do with a record, as the views stand: a page of them, in the order they came
    /// into the ledger.</summary>
    /// <param name="stream">A record's stream, or a part of one: <c>rate_card/clm:7#senior</c>.</param>
    /// <param name="after">Begin after the invoice that came into the ledger at this position; 0 = with the first.
    /// </param>
    /// <param name="limit">Invoices looked at, 1 to <see cref="PageMax"/>; a page may show fewer and not be the last.
    /// </param>
    /// <returns>Null where there is no such record.</returns>
    public Task<TouchedInvoices?> Touching(string stream, long after, int limit, CancellationToken cancellationToken) =>
        Worlds.InOneMoment(source, async (connection, position) =>
        {
            if (await Known(connection, stream, cancellationToken) is not { } record) return null;
            var reach = new Gathering(connection, past: false, cancellationToken);
            var all = (await reach.Reaching(record)).Where(d => d.Opened > after).ToArray();
            var page = all.Take(limit).ToArray();
            var around = new Ancestry(connection, cancellationToken);
            await around.Around([.. page.Select(d => d.Entity)], record);
            var world = around.World();
            var graph = new LineageGraph(world, around.Foretold, FrozenSet<string>.Empty);
            var found = Found(graph);
            if (graph.HasUnpriced)
            {
                var cards = await Wider(connection, around, cancellationToken);
                if (cards is { } wide) found = Found(new(world = wide.World, around.Foretold, wide.Cards));
            }

            var invoices = found.Where(f => f is not null).Select(f => f!.Value.Invoice).ToItems();
            var node = found.FirstOrDefault(f => f is not null)?.Record ?? Lineage.Touching.NodeOf(world, stream);
            if (node is null) return null;
            var positions = invoices.SelectMany(i => i.Lines.SelectMany(l => l.Way).Concat(i.Way))
                .Select(e => e.Position).Concat(node.Figures.Select(f => f.Position ?? 0L)).Where(p => p > 0L)
                .Distinct();
            var events = await Events(connection, positions.ToArray(), cancellationToken);
            var next = page.Length < all.Length ? page[^1].Opened : (long?)null;
            return new TouchedInvoices(node, invoices, next, reach.Truncated, position, events);

            (Node Record, TouchedInvoice Invoice)?[] Found(LineageGraph graph) =>
                [.. page.Select(d => Lineage.Touching.Of(graph, stream, graph.World.EntityOf(d.Entity)))];
        }, cancellationToken);

    /// <summary>The same with the cards made for nobody in particular, and which those are; null where there are none.
    /// Most work has a price without them.</summary>
    private static async Task<(World World, IReadOnlySet<string> Cards)?> Wider(
        NpgsqlConnection connection, Ancestry around, CancellationToken cancellationToken)
    {
        var cards = await RatingSql.ForAnybody(connection, cancellationToken);
        if (cards.Streams.Count == 0) return null;
        await around.Around([], [.. cards.Streams]);
        return (around.World(), cards.Streams);
    }

    private static bool IsInvoice(string id) => id.StartsWith(Kind.Invoice.Name + "/", StringComparison.Ordinal);

    /// <summary>The lineage a world tells, with the events it names.</summary>
    /// <param name="wider">The same world with the cards made for nobody in particular, and which those are; asked for
    /// only where there is work that no other card prices; null = there are none.</param>
    private static async Task<LineageReading?> Read(
        NpgsqlConnection connection, World world, IReadOnlyDictionary<string, Foretold>? foretold, string id,
        Func<Task<(World World, IReadOnlySet<string> Cards)?>> wider, CancellationToken cancellationToken)
    {
        // What the records say they rest on is fetched while the lineage is worked out; few events are left to ask for.
        var likely = Events(connection, Asserting(world), cancellationToken);
        LineageGraph graph;
        InvoiceLineage? lineage;
        try
        {
            graph = new(world, foretold, FrozenSet<string>.Empty);
            lineage = LineageOf.Invoice(graph, id);
        }
        finally
        {
            await ((Task)likely).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        var events = await likely;
        if (lineage is null) return null;
        if (graph.HasUnpriced && await wider() is { } wide)
            lineage = LineageOf.Invoice(new LineageGraph(wide.World, foretold, wide.Cards), id)!;
        var named = LineageReading.Positions(lineage);
        foreach (var position in events.Keys)
            if (!named.Contains(position)) events.Remove(position);
        var missing = new List<long>();
        foreach (var position in named)
            if (!events.ContainsKey(position)) missing.Add(position);
        if (missing.Count > 0)
            foreach (var (position, asked) in await Events(connection, [.. missing], cancellationToken))
                events.Add(position, asked);
        return new(lineage, world.Position, events);
    }

    /// <summary>The record that a stream, or a part of one, is of: ids may hold the mark that parts begin with, so the
    /// longest stream there is counts.</summary>
    private static async Task<string?> Known(
        NpgsqlConnection connection, string node, CancellationToken cancellationToken)
    {
        var names = new List<string> { node };
        for (var end = node.LastIndexOf('#'); end > 0; end = node.LastIndexOf('#', end - 1)) names.Add(node[..end]);
        await using var command = new NpgsqlCommand(
            "select s.stream from views.by_source s where s.stream = any ($1) order by length(s.stream) desc limit 1",
            connection);
        command.Parameters.Add(Column.Array(names.ToArray(), NpgsqlDbType.Text));
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    /// <summary>The positions of the events that began records or last changed their fields.</summary>
    private static long[] Asserting(World world)
    {
        var positions = new HashSet<long>(world.Records.Count * 2);
        foreach (var record in world.Records.Values)
        {
            var last = record.Fold.First;
            positions.Add(last);
            foreach (var position in record.Fold.Asserted.Values)
                if (position != last) positions.Add(last = position);
            positions.UnionWith(Within(record.Fold.State));
        }

        return [.. positions];
    }

    /// <summary>The positions of the events that a record's parts go back to, one by one.</summary>
    private static IEnumerable<long> Within(RecordState? state) => state switch
    {
        Resource r => r.Roles.Select(d => d.Position).Concat(r.Grades.Select(d => d.Position))
            .Concat(r.CostRates.Select(d => d.Position)),
        Project p => p.Assignments.Select(a => a.Position).OfType<long>(),
        ClientProposal p => p.Versions.Select(v => v.Position).OfType<long>(),
        RateCard c => c.Rates.Select(r => r.Position).OfType<long>(),
        Contract c => c.Rates.Select(r => r.Position).OfType<long>().Concat(c.Amendments.Select(a => a.Position))
            .Concat(c.Clauses.Select(clause => clause.Position)).Concat(c.CeilingTerms.Select(d => d.Position)),
        _ => [],
    };

    /// <summary>Which events stand at some positions.</summary>
    private static async Task<Dictionary<long, EventRef>> Events(
        NpgsqlConnection connection, long[] positions, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select e.headers ->> 'source', e.type, array_agg(e.seq_id), array_agg(e.headers ->> 'source_id'),
              array_agg(e.headers ->> 'time')
            from events.mt_events e where e.seq_id = any ($1) group by 1, 2
            """,
            connection);
        command.Parameters.Add(Column.Array(positions, NpgsqlDbType.Bigint));
        await command.PrepareAsync(cancellationToken);
        var events = new Dictionary<long, EventRef>(positions.Length);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (said, type) = (reader.IsDBNull(0) ? "" : reader.GetString(0), reader.GetString(1));
            var at = reader.GetFieldValue<long[]>(2);
            var ids = reader.GetFieldValue<string?[]>(3);
            var times = reader.GetFieldValue<string?[]>(4);
            for (var i = 0; i < at.Length; i++)
            {
                LedgerJson.TryInstant(times[i], out Instant time);
                events.Add(at[i], new(at[i], said, ids[i] ?? "", type, time));
            }
        }

        return events;
    }
}
