using Ledger.Domain;
using Ledger.Projections.Views;
using Ledger.Store;
using NodaTime;
using Npgsql;

namespace Ledger.Projections;

/// <summary>The two stages over batches of events, within the caller's transaction: touched streams are folded, then
/// the entities, coverage and findings of what they touch are derived.</summary>
/// <param name="schema">Of the view tables.</param>
/// <param name="standing">Of the views before the first batch.</param>
/// <param name="reachMax">Most streams that a change of the firm, or of its clients, may derive anew within a batch.
/// </param>
internal sealed partial class Stages(
    string schema, NpgsqlConnection connection, EventStore store, Standing standing, long reachMax = long.MaxValue)
{
    private readonly ViewSql sql = new(schema);
    private long batchEnd;

    /// <summary>The firm and the day as of the last batch.</summary>
    public Standing Standing { get; private set; } = standing;

    /// <summary>Folds events that follow those folded before.</summary>
    /// <param name="events">In order; not empty.</param>
    /// <exception cref="FirmChangedException">What the firm says of itself changed for more than may be derived here.
    /// </exception>
    public async Task Fold(IReadOnlyList<StoredEvent> events, CancellationToken cancellationToken)
    {
        var arrived = events.GroupBy(e => e.Stream).ToDictionary(g => g.Key, g => g.ToArray());
        var before = await sql.Known(connection, arrived.Keys, cancellationToken);
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
        await Write(
            touched, before, events[^1].Position, events[^1].RecordedAt.InUtc().Date, cancellationToken);
    }

    /// <summary>Tries streams that stand still once more: the program may have learnt to fold what it could not.
    /// </summary>
    public async Task RetryPoisoned(long position, CancellationToken cancellationToken)
    {
        var streams = await sql.PoisonedStreams(connection, cancellationToken);
        if (streams.Count == 0) return;
        var before = await sql.Known(connection, streams, cancellationToken);
        var touched = new Dictionary<string, StreamState>();
        await Refold(streams, position, touched, cancellationToken);
        // Where that changes the firm for many, there is no later event to wait for.
        await Write(touched, before, position + 1, Standing.Day, cancellationToken);
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

    private async Task Write(
        Dictionary<string, StreamState> touched, Known before, long position, LocalDate day,
        CancellationToken cancellationToken)
    {
        var (was, touch) = (Standing, new Touch());
        batchEnd = position;
        Standing = was.With(day, touched.Values.Select(t => t.Record).OfType<SourceRecord>());
        touch.Roots.UnionWith(touched.Keys);
        var changes = new Changes(was.Firm, Standing.Firm, touch);
        foreach (var (stream, state) in touched)
        {
            if (state.Poison is not null) changes.Rows.Poisoned.Add(state.Poison);
            else if (before.Poisoned.ContainsKey(stream)) changes.Cured.Add(stream);
            if (state.Record is { } record)
                changes.Take(record, before.Records.GetValueOrDefault(stream), state.Former);
        }

        await using (var batch = new NpgsqlBatch(connection))
        {
            changes.Delete(sql, batch);
            changes.Rows.Upsert(batch, schema);
            if (batch.BatchCommands.Count > 0) await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        Telemetry.PoisonedBy(
            changes.Rows.Poisoned.Count(p => !before.Poisoned.ContainsKey(p.Stream)) - changes.Cured.Count);
        if (was.Day != day)
            touch.Turned.AddRange(await sql.Turned(connection, was.Day, day, cancellationToken));
        await Derive(touch, cancellationToken);
        if (!ReferenceEquals(was.Firm, Standing.Firm) || was.Day != day)
            await DeriveAnew(was, position, cancellationToken);
    }

    /// <summary>What a batch changes in what sources say, as rows and as what has to be derived from them.</summary>
    private sealed class Changes(Firm firmBefore, Firm firm, Touch touch)
    {
        private readonly List<string> unsaid = [], refolded = [], unlinked = [], withdrawn = [];

        public ViewRows Rows { get; } = new();

        public List<string> Cured { get; } = [];

        public void Take(SourceRecord record, SourceRecord? known, Former? former)
        {
            touch.InHand.Add(record.Stream, record);
            touch.Regroups |= Identity.BusinessKeys.Has(record.Kind);
            Rows.BySource.Add(BySource.Of(record));
            if (known?.IsLive != record.IsLive || known.Fold.State?.Number != record.Fold.State?.Number)
            {
                touch.Appeared.Add(record.Stream);
                if (known?.Fold.State?.Number is { } lost) touch.LostNumbers.Add((record.Kind.Name, lost));
                if (record.Fold.State?.Number is { } got) touch.GotNumbers.Add((record.Kind.Name, got));
            }

            Edges(record, known);
            if (former is not null)
            {
                if (known is not null) refolded.Add(record.Stream);
                Rows.PastEdges.AddRange(PastEdgeRows.Of(record.Stream, former));
                Rows.Keys.AddRange(KeyRows.Of(record, firm, former));
                Link(record, known, former);
            }

            if (former is not null || !ReferenceEquals(firm, firmBefore))
            {
                var now = KindKey.Of(record, firm).ToHashSet();
                if (known is not null) now.SymmetricExceptWith(KindKey.Of(known, firmBefore));
                touch.ChangedKeys.UnionWith(now);
            }

            if (record.Kind == Kind.Override) Override(record, known);
        }

        public void Delete(ViewSql sql, NpgsqlBatch batch)
        {
            sql.Delete(batch, "edge", "stated_by", unsaid);
            sql.Delete(batch, "coverage", "stated_by", unsaid);
            sql.Delete(batch, "past_edge", "stated_by", refolded);
            sql.Delete(batch, "record_key", "stream", refolded);
            sql.Delete(batch, "link", "stream", unlinked);
            sql.Delete(batch, "override", "stream", withdrawn);
            sql.Delete(batch, "poisoned", "stream", Cured);
        }

        private void Edges(SourceRecord record, SourceRecord? known)
        {
            var (was, now) = (known is null ? [] : EdgeRows.Of(known).ToArray(), EdgeRows.Of(record).ToArray());
            foreach (var edge in was)
                if (CoverageRels.Touches(edge.Edge.Rel)) touch.Uncover(edge.Edge);
            if (was.SequenceEqual(now)) return;
            if (was.Length > 0) unsaid.Add(record.Stream);
            Rows.Edges.AddRange(now);
        }

        private void Link(SourceRecord record, SourceRecord? known, Former former)
        {
            var (was, now) = (
                known is null ? null : LinkRows.Of(known, Former.Nothing), LinkRows.Of(record, former));
            if (now is not null) Rows.Links.Add(now);
            else if (was is not null) unlinked.Add(record.Stream);
            foreach (var link in new[] { was, now }.OfType<LinkRows.Row>())
            {
                touch.Roots.UnionWith([link.A, link.B]);
                touch.Regroups = true;
            }
        }

        private void Override(SourceRecord record, SourceRecord? known)
        {
            var (was, now) = (known is null ? null : OverrideRows.Of(known), OverrideRows.Of(record));
            if (now is not null) Rows.Overrides.Add(now);
            else if (was is not null) withdrawn.Add(record.Stream);
            foreach (var said in new[] { was, now }.OfType<OverrideRows.Row>()) touch.Turned.Add(said.Target);
        }
    }
}

/// <summary>What the firm says of itself, or who a client is, changed for more records than one batch takes: the views
/// have to be made anew beside those that serve.</summary>
/// <param name="position">Of the last event of the batch that changed it.</param>
internal sealed class FirmChangedException(long position, long reached) : Exception(
    FormattableString.Invariant($"{reached} records have to be derived anew from position {position} on"))
{
    public long Position => position;
}
