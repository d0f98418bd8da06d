using Ledger.Domain;
using Ledger.Projections.Views;
using Ledger.Store;
using Npgsql;

namespace Ledger.Projections;

/// <summary>Rows on their way into a set of view tables.</summary>
internal sealed class ViewRows
{
    public List<BySource.Row> BySource { get; } = [];

    public List<LinkRows.Row> Links { get; } = [];

    public List<Poison> Poisoned { get; } = [];

    public List<EntityRows.Row> Entities { get; } = [];

    public List<EntityRows.Member> Members { get; } = [];

    public List<EdgeRows.Row> Edges { get; } = [];

    public List<PastEdgeRows.Row> PastEdges { get; } = [];

    public void Add(ComposedEntity composed, long? pausedAt)
    {
        Entities.Add(EntityRows.Of(composed, pausedAt));
        Members.AddRange(EntityRows.MembersOf(composed.Entity));
    }

    /// <summary>Adds all of them to empty tables.</summary>
    public async Task Copy(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        await Views.BySource.Table.Copy(connection, schema, BySource, cancellationToken);
        await LinkRows.Table.Copy(connection, schema, Links, cancellationToken);
        await PoisonRows.Table.Copy(connection, schema, Poisoned, cancellationToken);
        await EntityRows.Table.Copy(connection, schema, Entities, cancellationToken);
        await EntityRows.Members.Copy(connection, schema, Members, cancellationToken);
        await EdgeRows.Table.Copy(connection, schema, Edges, cancellationToken);
        await PastEdgeRows.Table.Copy(connection, schema, PastEdges, cancellationToken);
    }

    /// <summary>Puts all of them in the place of what was there.</summary>
    public void Upsert(NpgsqlBatch batch, string schema)
    {
        Views.BySource.Table.Upsert(batch, schema, BySource);
        LinkRows.Table.Upsert(batch, schema, Links);
        PoisonRows.Table.Upsert(batch, schema, Poisoned);
        EntityRows.Table.Upsert(batch, schema, Entities);
        EntityRows.Members.Upsert(batch, schema, Members);
        EdgeRows.Table.Upsert(batch, schema, Edges);
        PastEdgeRows.Table.Upsert(batch, schema, PastEdges);
    }
}

/// <summary>The two stages over one batch of events, within the caller's transaction: touched streams are folded, then
/// the entities, edges and links of what they touch are derived.</summary>
/// <param name="schema">Of the view tables.</param>
internal sealed class Stages(string schema, NpgsqlConnection connection, EventStore store)
{
    /// <summary>How many entities are composed at a time where a change reaches far.</summary>
    private const int PageStreams = 5_000;

    private readonly ViewSql sql = new(schema);

    /// <summary>Folds events that follow those folded before.</summary>
    /// <param name="events">In order; not empty.</param>
    public async Task Fold(IReadOnlyList<StoredEvent> events, CancellationToken cancellationToken)
    {
        var arrived = events.GroupBy(e => e.Stream).ToDictionary(g => g.Key, g => g.ToArray());
        var before = await Load(arrived.Keys, cancellationToken);
        var touched = new Dictionary<string, StreamState>();
        List<string> whole = [];
        foreach (var (stream, further) in arrived)
        {
            var known = before.Records.GetValueOrDefault(stream);
            if (known is null && !before.Poisoned.ContainsKey(stream))
                touched.Add(stream, Folding.Whole(stream, further));
            else if (known is not null && !before.Poisoned.ContainsKey(stream)
                && Folding.Further(known, further) is { } folded)
                touched.Add(stream, new(folded, null, null));
            else
                whole.Add(stream);
        }

        await Refold(whole, events[^1].Position, touched, cancellationToken);
        await Write(touched, before, cancellationToken);
    }

    /// <summary>Tries streams that stand still once more: the program may have learnt to fold what it could not.
    /// </summary>
    public async Task RetryPoisoned(long position, CancellationToken cancellationToken)
    {
        var streams = await sql.PoisonedStreams(connection, cancellationToken);
        if (streams.Count == 0) return;
        var before = await Load(streams, cancellationToken);
        var touched = new Dictionary<string, StreamState>();
        await Refold(streams, position, touched, cancellationToken);
        await Write(touched, before, cancellationToken);
    }

    /// <summary>Derives the entities of these streams, and of all that links reach from them, anew.</summary>
    public async Task Derive(
        IReadOnlyCollection<string> streams, IReadOnlyDictionary<string, SourceRecord> inHand, Firm roles,
        CancellationToken cancellationToken)
    {
        var reach = await sql.Reach(connection, streams, cancellationToken);
        var around = await sql.Around(
            connection, reach, [.. reach.Where(stream => !inHand.ContainsKey(stream))], cancellationToken);
        foreach (var stream in reach)
            if (inHand.TryGetValue(stream, out var record)) around.Records.Add(stream, record);

        var grouping = Entities.Group(around.Records.Values, around.Ties);
        var refused = grouping.Refused.Select(tie => tie.Stream).ToHashSet();
        var rows = new ViewRows();
        foreach (var entity in grouping.Entities)
            rows.Add(
                Entities.Compose(entity, roles, NodaTime.LocalDate.MaxIsoValue), PausedAt(entity, around.Poisoned));
        await using var batch = new NpgsqlBatch(connection);
        sql.DeleteEntities(batch, [.. reach.Except(grouping.Entities.Select(e => e.Id))]);
        sql.Refuse(batch, [.. around.Ties.Select(tie => tie.Stream)], [.. refused]);
        rows.Upsert(batch, schema);
        if (batch.BatchCommands.Count > 0) await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    public static long? PausedAt(Entity entity, IReadOnlyDictionary<string, Poison> poisoned)
    {
        if (poisoned.Count == 0) return null;
        long? at = null;
        foreach (var member in entity.Members)
            if (poisoned.TryGetValue(member.Stream, out var poison) && (at is null || poison.Position < at))
                at = poison.Position;
        return at;
    }

    private Task<Known> Load(IReadOnlyCollection<string> streams, CancellationToken cancellationToken) =>
        sql.Known(connection, streams, cancellationToken);

    private async Task Refold(
        List<string> streams, long upTo, Dictionary<string, StreamState> touched, CancellationToken cancellationToken)
    {
        if (streams.Count == 0) return;
        List<StoredEvent> events = [];
        await foreach (var stored in store.ReadStreams(streams, upTo, cancellationToken))
        {
            if (events.Count > 0 && events[0].Stream != stored.Stream) Take();
            events.Add(stored);
        }

        if (events.Count > 0) Take();

        void Take()
        {
            touched.Add(events[0].Stream, Folding.Whole(events[0].Stream, events));
            events.Clear();
        }
    }

    private async Task Write(Dictionary<string, StreamState> touched, Known before, CancellationToken cancellationToken)
    {
        var rows = new ViewRows();
        var records = new Dictionary<string, SourceRecord>();
        var roots = new HashSet<string>(touched.Keys);
        List<string> unsaid = [], unlinked = [], cured = [], refolded = [];
        foreach (var (stream, (record, poison, former)) in touched)
        {
            if (poison is not null) rows.Poisoned.Add(poison);
            else if (before.Poisoned.ContainsKey(stream)) cured.Add(stream);
            if (record is null) continue;
            records.Add(stream, record);
            rows.BySource.Add(BySource.Of(record));
            var known = before.Records.GetValueOrDefault(stream);
            var edges = EdgeRows.Of(record).ToArray();
            if (known is null || !EdgeRows.Of(known).SequenceEqual(edges))
            {
                if (known is not null) unsaid.Add(stream);
                rows.Edges.AddRange(edges);
            }

            if (former is not null)
            {
                if (known is not null) refolded.Add(stream);
                rows.PastEdges.AddRange(PastEdgeRows.Of(stream, former));
            }

            var (was, now) = (known is null ? null : LinkRows.Of(known), LinkRows.Of(record));
            if (now is not null) rows.Links.Add(now);
            else if (was is not null) unlinked.Add(stream);
            foreach (var link in new[] { was, now }.OfType<LinkRows.Row>()) roots.UnionWith([link.A, link.B]);
        }

        await using (var batch = new NpgsqlBatch(connection))
        {
            sql.Delete(batch, "edge", "stated_by", unsaid);
            sql.Delete(batch, "past_edge", "stated_by", refolded);
            sql.Delete(batch, "link", "stream", unlinked);
            sql.Delete(batch, "poisoned", "stream", cured);
            rows.Upsert(batch, schema);
            if (batch.BatchCommands.Count > 0) await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        Telemetry.PoisonedBy(rows.Poisoned.Count(p => !before.Poisoned.ContainsKey(p.Stream)) - cured.Count);
        var roles = await sql.Roles(connection, cancellationToken);
        await Derive(roots, records, roles, cancellationToken);
        await DeriveAnew(records, before, roles, cancellationToken);
    }

    /// <summary>Where a system's roles change, so may the owner of every field it tells.</summary>
    private async Task DeriveAnew(
        Dictionary<string, SourceRecord> touched, Known before, Firm roles, CancellationToken cancellationToken)
    {
        if (!touched.Values.Any(r => r.Kind == Kind.Source)) return;
        var others = roles.Registrations.Where(r => !touched.ContainsKey(r.Stream));
        var rolesBefore = new Firm(others.Concat(before.Records.Values));
        foreach (var source in roles.ChangedSince(rolesBefore).ToArray())
        {
            for (var after = ""; await sql.StreamsOf(connection, source, after, PageStreams, cancellationToken) is
                { Count: > 0 } page; after = page[^1])
                await Derive(page, new Dictionary<string, SourceRecord>(), roles, cancellationToken);
        }
    }
}
