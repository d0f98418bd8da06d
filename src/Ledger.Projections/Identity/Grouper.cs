using Ledger.Domain;

namespace Ledger.Projections.Identity;

/// <summary>Puts records together by ties.</summary>
internal static class Grouper
{
    /// <param name="counts">Whether a record's word counts for what belongs together.</param>
    public static Grouping Group(
        IReadOnlyDictionary<string, SourceRecord> records, IEnumerable<Tie> ties, Standings standings, Apart apart,
        Func<SourceRecord, bool> counts)
    {
        var groups = new Dictionary<string, Together>();
        List<Tie> refused = [];
        foreach (var tie in ties.Order(Tie.InOrder))
        {
            if (!records.TryGetValue(tie.A, out var a) || !records.TryGetValue(tie.B, out var b)) continue;
            if (a.Kind != b.Kind || tie.A == tie.B) continue;
            var (ofA, ofB) = (Of(a), Of(b));
            if (ReferenceEquals(ofA, ofB)) ofA.Ties.Add(tie);
            else if (!ofA.MayTake(ofB, tie, apart)) refused.Add(tie);
            else
            {
                var (kept, moved) = Together.Join(ofA, ofB, tie);
                foreach (var stream in moved.Streams) groups[stream] = kept;
            }
        }

        var entities = new List<Entity>(records.Count);
        foreach (var record in records.Values)
            if (!groups.TryGetValue(record.Stream, out var group))
                entities.Add(Alone(record, standings));
            else if (group.First.Stream == record.Stream)
                entities.Add(group.Entity(standings));
        entities.Sort((x, y) => Earlier(x.Members[0], y.Members[0]));
        return new(entities, refused);

        Together Of(SourceRecord record)
        {
            if (!groups.TryGetValue(record.Stream, out var group))
                groups.Add(record.Stream, group = new(record, counts(record)));
            return group;
        }
    }

    public static Entity Alone(SourceRecord record, Standings standings) => new(record.Stream, record.Kind, [record])
    {
        Succeeded = standings.IsAside(record.Stream) ? [record.Stream] : Items<string>.None,
    };

    private static int Earlier(SourceRecord a, SourceRecord b) => a.Fold.Opened != b.Fold.Opened
        ? a.Fold.Opened.CompareTo(b.Fold.Opened)
        : string.CompareOrdinal(a.Stream, b.Stream);

    /// <summary>Records that are one thing, so far.</summary>
    private sealed class Together
    {
        private readonly Dictionary<string, SourceRecord> members;
        private readonly HashSet<string> liveSources = [];

        public Together(SourceRecord record, bool counts)
        {
            First = record;
            members = new() { [record.Stream] = record };
            if (counts) liveSources.Add(record.Source);
        }

        /// <summary>The member that came into the ledger first.</summary>
        public SourceRecord First { get; private set; }

        public List<Tie> Ties { get; } = [];

        public IEnumerable<string> Streams => members.Keys;

        public bool MayTake(Together other, Tie tie, Apart apart)
        {
            var (fewer, more) = liveSources.Count < other.liveSources.Count ? (this, other) : (other, this);
            if (fewer.liveSources.Any(more.liveSources.Contains)) return false;
            var (few, many) = members.Count < other.members.Count ? (this, other) : (other, this);
            return tie.Basis != TieBasis.Ruled
                || (!apart.Parts(few.members.Values, many.members.ContainsKey)
                    && Contradiction.Between(members.Values, other.members.Values) is null);
        }

        /// <summary>The two become one: that which has more members.</summary>
        public static (Together Kept, Together Moved) Join(Together a, Together b, Tie tie)
        {
            var (kept, moved) = a.members.Count < b.members.Count ? (b, a) : (a, b);
            if (Earlier(moved.First, kept.First) < 0) kept.First = moved.First;
            foreach (var (stream, member) in moved.members) kept.members.Add(stream, member);
            kept.liveSources.UnionWith(moved.liveSources);
            kept.Ties.AddRange(moved.Ties);
            kept.Ties.Add(tie);
            return (kept, moved);
        }

        public Entity Entity(Standings standings)
        {
            var ordered = members.Values.ToArray();
            Array.Sort(ordered, Earlier);
            Ties.Sort(Tie.InOrder);
            return new(First.Stream, First.Kind, Items.Of<SourceRecord>(ordered))
            {
                Ties = [.. Ties],
                Since = ordered.Length == 1 ? Items<long>.None : Since(ordered),
                Succeeded = [.. ordered.Select(m => m.Stream).Where(standings.IsAside)],
            };
        }

        /// <summary>When each came to be called by the id of the first: tie by tie as the ledger learnt of them, not as
        /// they were said.</summary>
        private Items<long> Since(SourceRecord[] ordered)
        {
            var groups = Enumerable.Range(0, ordered.Length).ToDictionary(
                place => ordered[place].Stream, place => new List<int> { place });
            var since = Array.ConvertAll(ordered, m => m.Fold.Opened);
            foreach (var tie in Ties.OrderBy(t => t.Position))
            {
                if (!groups.TryGetValue(tie.A, out var a) || !groups.TryGetValue(tie.B, out var b)) continue;
                if (ReferenceEquals(a, b)) continue;
                var (kept, renamed) = a.Min() < b.Min() ? (a, b) : (b, a);
                foreach (var place in renamed)
                {
                    since[place] = Math.Max(tie.Position, since[place]);
                    groups[ordered[place].Stream] = kept;
                }

                kept.AddRange(renamed);
            }

            return Items.Of<long>(since);
        }
    }
}
