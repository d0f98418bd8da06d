using NodaTime;

namespace Ledger.Projections.Identity;

/// <summary>Which of the records that go on as others count on a day: of each chain one, the last that has begun, and
/// where that is not there any more, its neighbour. So both copies of a migrated record never count twice, whatever the
/// day.</summary>
internal sealed class Standings
{
    public static readonly Standings None = new([], [], []);

    private readonly HashSet<string> aside;

    private Standings(HashSet<string> aside, List<Succeeding> chosen, List<Succeeding> doubled)
    {
        this.aside = aside;
        (Chosen, Doubled) = (chosen, doubled);
    }

    /// <summary>The successions that hold: at most one for each old record, and none that comes back to itself.
    /// </summary>
    public IReadOnlyList<Succeeding> Chosen { get; }

    /// <summary>Successions in force that are left out because their old record goes on as another one, live too.
    /// </summary>
    public IReadOnlyList<Succeeding> Doubled { get; }

    /// <summary>Whether a record that its source has counts no more, or not yet, beside another.</summary>
    public bool IsAside(string stream) => aside.Contains(stream);

    public bool Counts(SourceRecord record) => record.IsLive && !aside.Contains(record.Stream);

    /// <param name="all">In any order; those between records that are not there, or of two kinds, wait.</param>
    public static Standings Of(
        IReadOnlyDictionary<string, SourceRecord> records, IEnumerable<Succeeding> all, LocalDate day)
    {
        var there = all.Where(s => records.TryGetValue(s.Old, out var old) && records.TryGetValue(s.New, out var next)
            && old.Kind == next.Kind).ToArray();
        if (there.Length == 0) return None;
        List<Succeeding> chosen = [], doubled = [];
        foreach (var ofOne in there.GroupBy(s => s.Old))
        {
            var best = ofOne.OrderByDescending(s => s.IsInForce(day))
                .ThenByDescending(s => s.IsInForce(day) ? s.From ?? LocalDate.MinIsoValue : default)
                .ThenBy(s => s.From ?? LocalDate.MinIsoValue).ThenByDescending(s => s.Said, SourceOrders.Earlier)
                .ThenBy(s => s.Stream, StringComparer.Ordinal).ThenBy(s => s.New, StringComparer.Ordinal).First();
            chosen.Add(best);
            doubled.AddRange(ofOne.Where(s => s.New != best.New && s.IsInForce(day)
                && records[s.New].IsLive && records[best.New].IsLive).OrderBy(s => s.Said, SourceOrders.Earlier)
                .ThenBy(s => s.Stream, StringComparer.Ordinal).ThenBy(s => s.New, StringComparer.Ordinal));
        }

        var open = WithoutCircles(chosen);
        return new(new Walk(records, open, day).Aside(), open, doubled);
    }

    private static List<Succeeding> WithoutCircles(List<Succeeding> chosen)
    {
        var roots = new Dictionary<string, string>();
        var open = new List<Succeeding>(chosen.Count);
        foreach (var s in chosen.OrderBy(s => s.Said, SourceOrders.Earlier)
            .ThenBy(s => s.Stream, StringComparer.Ordinal).ThenBy(s => s.Old, StringComparer.Ordinal))
        {
            var (a, b) = (Root(s.Old), Root(s.New));
            if (a == b) continue;
            roots[a] = b;
            open.Add(s);
        }

        return open;

        string Root(string of)
        {
            var root = of;
            while (roots.TryGetValue(root, out var above)) root = above;
            while (of != root)
            {
                var above = roots[of];
                roots[of] = root;
                of = above;
            }

            return root;
        }
    }

    /// <summary>One walk down all chains, and one back.</summary>
    private sealed class Walk(
        IReadOnlyDictionary<string, SourceRecord> records, List<Succeeding> chosen, LocalDate day)
    {
        private readonly Dictionary<string, Succeeding> next = chosen.ToDictionary(s => s.Old);
        private readonly HashSet<string> begun = [], after = [], carries = [], aside = [];

        public HashSet<string> Aside()
        {
            var order = OldestFirst();
            foreach (var stream in order)
            {
                // Where nothing before it is there, a record has begun; else with the first succession in force.
                if (!after.Contains(stream)) begun.Add(stream);
                if (IsLive(stream) && !begun.Contains(stream) && after.Contains(stream)) aside.Add(stream);
                if (!next.TryGetValue(stream, out var onward)) continue;
                if (begun.Contains(stream) && onward.IsInForce(day)) begun.Add(onward.New);
                if (after.Contains(stream) || (begun.Contains(stream) && IsLive(stream))) after.Add(onward.New);
            }

            foreach (var stream in Enumerable.Reverse(order))
            {
                var onward = next.TryGetValue(stream, out var s) && s.IsInForce(day) && carries.Contains(s.New);
                if (onward || IsLive(stream)) carries.Add(stream);
                if (onward && IsLive(stream)) aside.Add(stream);
            }

            return aside;
        }

        private bool IsLive(string stream) => records[stream].IsLive;

        private List<string> OldestFirst()
        {
            var before = chosen.GroupBy(s => s.New).ToDictionary(g => g.Key, g => g.Count());
            var order = chosen.Select(s => s.Old).Where(old => !before.ContainsKey(old)).ToList();
            for (var i = 0; i < order.Count; i++)
                if (next.TryGetValue(order[i], out var onward) && --before[onward.New] == 0) order.Add(onward.New);
            return order;
        }
    }
}
