using Ledger.Domain;
using Ledger.Projections.Views;
using NodaTime;

namespace Ledger.Projections.Identity;

/// <summary>By what ids records went, from when to when: pure. At each position a record goes by the id that its entity
/// would have if the ledger had heard nothing after it, by the firm and the day as they stand now.</summary>
/// <param name="turns">What records were before: see <see cref="Turns"/>.</param>
/// <param name="crowded">Keys that count for nothing.</param>
internal sealed class Names(
    ILookup<string, SourceRecord> turns, Firm firm, LocalDate day, IReadOnlySet<KindKey> crowded)
{
    /// <summary>By what ids records go now, each since the last of the ties that make it so: all there is to tell of
    /// what has more turns than are followed.</summary>
    public static IEnumerable<AliasRows.Row> AsTheyStand(
        IEnumerable<SourceRecord> records, Func<string, Entity> standing) =>
        from entity in records.Select(r => standing(r.Stream)).DistinctBy(e => e.Id)
        where entity.Members.Count > 1
        let joinedBy = Ranges.JoinedBy(entity)
        from place in Enumerable.Range(1, entity.Members.Count - 1)
        let stream = entity.Members[place].Stream
        select new AliasRows.Row(stream, entity.Id, entity.SinceOf(place), null, joinedBy[stream].Stream);

    /// <param name="records">All that was ever one with any of them, and those that say so.</param>
    /// <param name="standing">The entity that a stream belongs to now.</param>
    public List<AliasRows.Row> Of(IReadOnlyCollection<SourceRecord> records, Func<string, Entity> standing)
    {
        var heard = records.SelectMany(Versions).OrderBy(v => v.From).ToArray();
        var (known, knots, ranges) = (new Dictionary<string, SourceRecord>(), new Knots(), new Ranges());
        for (var i = 0; i < heard.Length - 1; i++)
        {
            var (from, record) = heard[i];
            known[record.Stream] = record;
            // The last turn needs no knots, so that two records need none.
            if (heard.Length == 2) continue;
            var touched = knots.Tie(record.Stream, KnotsOf(record));
            ranges.Take(from, Together([.. touched.Select(stream => known[stream])]));
        }

        ranges.Take(heard[^1].From, records.Select(r => standing(r.Stream)).DistinctBy(e => e.Id));
        return ranges.Told();
    }

    private IEnumerable<(long From, SourceRecord Record)> Versions(SourceRecord record)
    {
        SourceRecord[] versions = [.. turns[record.Stream]];
        if (versions.Length == 0) return [(record.Fold.Opened, record)];
        return versions.Select((v, i) => (v.Fold.Last, i == versions.Length - 1 ? record : Begun(v)));
    }

    // The day that a succession names matters as long as it says so.
    private static SourceRecord Begun(SourceRecord version) => version.Fold.State is Succession { From: not null } s
        ? version with { Fold = version.Fold with { State = s with { From = null } } }
        : version;

    private IReadOnlyList<Entity> Together(SourceRecord[] known) => Identified.Of(
        known.ToDictionary(r => r.Stream),
        [.. known.Where(r => r.Kind == Kind.Identity || r.Kind == Kind.Succession || r.Kind == Kind.Client)],
        firm, firm.Replaced, day, crowded).Grouping.Entities;

    /// <summary>What it may be tied by: itself, its counterparts, what it speaks of, its keys.</summary>
    private KindKey[] KnotsOf(SourceRecord record)
    {
        var said = LinkRows.Of(record);
        return
        [
            Knot(record.Stream), .. firm.CounterpartsOf(record.Stream).Select(Knot),
            .. said is null ? [] : new[] { Knot(said.A), Knot(said.B) }, .. KindKey.Joining(record, firm),
        ];
    }

    private static KindKey Knot(string stream) => new("", null, "", stream);

    /// <summary>Which streams may be tied to each other at a time.</summary>
    private sealed class Knots
    {
        private readonly Dictionary<string, KindKey[]> of = [];
        private readonly Dictionary<KindKey, HashSet<string>> at = [];

        /// <summary>Ties a stream anew.</summary>
        /// <returns>It, and all that hangs together with it, or did until now.</returns>
        public HashSet<string> Tie(string stream, KindKey[] knots)
        {
            HashSet<KindKey> seen = [.. of.GetValueOrDefault(stream, [])];
            foreach (var knot in seen) at[knot].Remove(stream);
            of[stream] = knots;
            foreach (var knot in knots)
                if (at.TryGetValue(knot, out var tied)) tied.Add(stream);
                else at.Add(knot, [stream]);
            seen.UnionWith(knots);
            var ahead = new Queue<KindKey>(seen);
            var together = new HashSet<string>();
            while (ahead.TryDequeue(out var knot))
                foreach (var tied in at[knot])
                    if (together.Add(tied))
                        foreach (var next in of[tied])
                            if (seen.Add(next)) ahead.Enqueue(next);
            return together;
        }
    }

    /// <summary>What is open, and what has ended.</summary>
    private sealed class Ranges
    {
        private readonly Dictionary<string, AliasRows.Row> open = [];
        private readonly List<AliasRows.Row> ended = [];

        /// <summary>What there is from a position on.</summary>
        public void Take(long from, IEnumerable<Entity> entities)
        {
            foreach (var entity in entities)
                if (entity.Members.Count > 1)
                {
                    Dictionary<string, Tie>? joinedBy = null;
                    foreach (var member in entity.Members)
                        if (member.Stream == entity.Id) End(member.Stream, from);
                        else if (open.GetValueOrDefault(member.Stream)?.Entity != entity.Id)
                        {
                            End(member.Stream, from);
                            joinedBy ??= JoinedBy(entity);
                            open.Add(member.Stream, new(
                                member.Stream, entity.Id, from, null, joinedBy[member.Stream].Stream));
                        }
                }
                else End(entity.Id, from);
        }

        public List<AliasRows.Row> Told() => [.. ended, .. open.Values];

        private void End(string stream, long at)
        {
            if (open.Remove(stream, out var row)) ended.Add(row with { To = at });
        }

        /// <summary>For each member but the first the tie by which it came to the first.</summary>
        public static Dictionary<string, Tie> JoinedBy(Entity entity)
        {
            var groups = entity.Members.ToDictionary(m => m.Stream, m => new List<string> { m.Stream });
            var by = new Dictionary<string, Tie>();
            foreach (var tie in entity.Ties)
            {
                var (one, other) = (groups[tie.A], groups[tie.B]);
                if (ReferenceEquals(one, other)) continue;
                if (ReferenceEquals(other, groups[entity.Id])) (one, other) = (other, one);
                if (ReferenceEquals(one, groups[entity.Id]))
                    foreach (var stream in other) by.Add(stream, tie);
                one.AddRange(other);
                foreach (var stream in other) groups[stream] = one;
            }

            return by;
        }
    }
}
