using Ledger.Domain;
using Ledger.Projections.Lineage;
using Ledger.Projections.Views;
using Npgsql;

namespace Ledger.Projections;

/// <summary>What a batch changes in what sources say, as rows and as what has to be derived from them.</summary>
internal sealed class Changes(Firm firmBefore, Firm firm, Touch touch)
{
    private readonly List<string> unsaid = [], refolded = [], retold = [], unlinked = [], withdrawn = [], told = [];
    private readonly HashSet<string> named = [];
    private readonly Dictionary<string, Change> taken = [];

    /// <summary>Rows that may be there in an older form.</summary>
    public ViewRows Rows { get; } = new();

    /// <summary>Rows that are not there, or deleted here.</summary>
    public ViewRows Fresh { get; } = new();

    public List<string> Cured { get; } = [];

    /// <summary>One stream's change, in rows of what its source says.</summary>
    public void Take(string stream, StreamState state, Known before)
    {
        touch.Roots.Add(stream);
        if (state.Poison is not null) Rows.Poisoned.Add(state.Poison);
        else if (before.Poisoned.ContainsKey(stream)) Cured.Add(stream);
        if (state.Record is not { } record) return;
        var known = before.Records.GetValueOrDefault(stream);
        var change = new Change(
            record, known, state, known is null ? [] : [.. EdgeRows.Of(known)], [.. EdgeRows.Of(record)]);
        taken.Add(stream, change);
        (known is null && !before.Poisoned.ContainsKey(stream) ? Fresh : Rows).BySource.Add(BySource.Of(record));
        Edges(change);
        if (state.Former is { } former)
        {
            if (known is not null) refolded.Add(stream);
            Fresh.PastEdges.AddRange(PastEdgeRows.Of(stream, former));
            Fresh.Keys.AddRange(KeyRows.Of(record, firm, former));
            if (before.Poisoned.ContainsKey(stream) || former.Turns.Count == 1) retold.Add(stream);
            Rows.Turns.AddRange(former.Turns.Select(BySource.Of));
            Link(record, known);
        }

        if (record.Kind == Kind.Override) Override(record, known);
    }

    /// <summary>Takes out of what was touched the records that are alone, before and after.</summary>
    public List<(SourceRecord Record, bool IsKnown)> TakeAlone(Known before)
    {
        List<(SourceRecord, bool)> alone = [];
        foreach (var (stream, change) in taken)
        {
            if (!before.MayBeAlone.Contains(stream) || named.Contains(stream) || change.State.Poison is not null
                || before.Poisoned.ContainsKey(stream) || !change.IsPlain) continue;
            alone.Add((change.Record, change.Known is not null));
            touch.Roots.Remove(stream);
            if (change.Known is not null) told.Add(stream);
        }

        foreach (var (record, _) in alone) taken.Remove(record.Stream);
        return alone;
    }

    /// <summary>What was derived of those that are alone.</summary>
    public void Add((ViewRows Rows, ViewRows Fresh) derived)
    {
        Rows.Entities.AddRange(derived.Rows.Entities);
        Rows.Work.AddRange(derived.Rows.Work);
        Fresh.Entities.AddRange(derived.Fresh.Entities);
        Fresh.Members.AddRange(derived.Fresh.Members);
        Fresh.Work.AddRange(derived.Fresh.Work);
        Fresh.Findings.AddRange(derived.Fresh.Findings);
    }

    /// <summary>Says what else has to be derived for what is left.</summary>
    public void Tell()
    {
        foreach (var (record, known, state, was, _) in taken.Values)
        {
            touch.InHand.Add(record.Stream, record);
            touch.Regroups |= Identity.BusinessKeys.Has(record.Kind);
            foreach (var edge in was)
                if (CoverageRels.Touches(edge.Edge.Rel)) touch.Uncover(edge.Edge);
            if (known?.IsLive != record.IsLive || known.Fold.State?.Number != record.Fold.State?.Number)
            {
                touch.Appeared.Add(record.Stream);
                if (known?.Fold.State?.Number is { } lost) touch.LostNumbers.Add((record.Kind.Name, lost));
                if (record.Fold.State?.Number is { } got) touch.GotNumbers.Add((record.Kind.Name, got));
            }

            if (state.Former is null && ReferenceEquals(firm, firmBefore)) continue;
            var now = KindKey.Of(record, firm).ToHashSet();
            if (known is not null) now.SymmetricExceptWith(KindKey.Of(known, firmBefore));
            touch.ChangedKeys.UnionWith(now);
        }
    }

    public void Delete(ViewSql sql, NpgsqlBatch batch)
    {
        sql.Delete(batch, "edge", "stated_by", unsaid);
        sql.Delete(batch, "coverage", "stated_by", unsaid);
        sql.Delete(batch, "past_edge", "stated_by", refolded);
        sql.Delete(batch, "record_key", "stream", refolded);
        sql.Delete(batch, "turn", "stream", retold);
        sql.Delete(batch, "link", "stream", unlinked);
        sql.Delete(batch, "override", "stream", withdrawn);
        sql.Delete(batch, "poisoned", "stream", Cured);
        sql.Delete(batch, "finding", "entity", told);
    }

    private void Edges(Change change)
    {
        foreach (var row in change.Now)
            if (NeighbourSql.Finds(row.Edge.Rel))
            {
                if (row.Edge.ToStream is { } to) named.Add(to);
                if (row.Edge.From != row.StatedBy) named.Add(row.Edge.From);
            }

        if (change.Was.AsSpan().SequenceEqual(change.Now)) return;
        if (change.Was.Length > 0) unsaid.Add(change.Record.Stream);
        Fresh.Edges.AddRange(change.Now);
    }

    private void Link(SourceRecord record, SourceRecord? known)
    {
        var (was, now) = (known is null ? null : LinkRows.Of(known), LinkRows.Of(record));
        if (now is not null) Rows.Links.Add(now);
        else if (was is not null) unlinked.Add(record.Stream);
        foreach (var link in new[] { was, now }.OfType<LinkRows.Row>())
        {
            touch.Roots.UnionWith([link.A, link.B]);
            touch.Regroups = true;
            named.UnionWith([link.A, link.B]);
        }
    }

    private void Override(SourceRecord record, SourceRecord? known)
    {
        var (was, now) = (known is null ? null : OverrideRows.Of(known), OverrideRows.Of(record));
        if (now is not null) Rows.Overrides.Add(now);
        else if (was is not null) withdrawn.Add(record.Stream);
        foreach (var said in new[] { was, now }.OfType<OverrideRows.Row>())
        {
            touch.Turned.Add(said.Target);
            named.Add(said.Target);
        }
    }

    private sealed record Change(
        SourceRecord Record, SourceRecord? Known, StreamState State, EdgeRows.Row[] Was, EdgeRows.Row[] Now)
    {
        /// <summary>Whether neither a number nor a reference ties it to others.</summary>
        public bool IsPlain => Record.Fold.State?.Number is null && Known?.Fold.State?.Number is null
            && !Array.Exists(Was, IsTie) && !Array.Exists(Now, IsTie);

        private static bool IsTie(EdgeRows.Row row) => NeighbourSql.Finds(row.Edge.Rel)
            || CoverageRels.Touches(row.Edge.Rel) || Findings.EntityFindings.Matters(row.Edge.Rel);
    }
}
