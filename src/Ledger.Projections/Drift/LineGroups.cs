using Ledger.Domain;

namespace Ledger.Projections.Drift;

/// <summary>Lines that bill the same work, cut otherwise by several systems: one bills forty hours where another has
/// forty lines. They are compared by what they come to together.</summary>
internal static class LineGroups
{
    /// <param name="whole">Documents whose lines all say what they bill, with what is compared of them.</param>
    public static void Join(
        Books books, IReadOnlyList<(SourceRecord Record, Dictionary<string, StatedFact> Facts)> whole)
    {
        var lines = whole.Select(w => LinesOf(books, w.Record)).ToArray();
        foreach (var (names, keys) in Groups(lines.SelectMany(l => l)))
        {
            string[][] own = [.. lines.Select(l => keys.Where(l.ContainsKey).ToArray())];
            if (Array.TrueForAll(own, k => k.Length == 0 || k.Length == keys.Count)) continue;
            // The sum of those that say what each comes to; where one does not, there is nothing to compare.
            Money?[] sums = [.. own.Select((k, n) => Take(whole[n].Facts, k))];
            if (sums.Where((sum, n) => sum is null && own[n].Length > 0).Any()) continue;
            var field = $"lines/{Say.List(names)}/net";
            for (var n = 0; n < sums.Length; n++)
                if (sums[n] is { } sum
                    && StatedFact.Priced(field, sum.Amount, sum.Currency) is { } fact) whole[n].Facts[field] = fact;
        }
    }

    /// <summary>What each line of a document bills, by what it is compared as.</summary>
    private static Dictionary<string, string[]> LinesOf(Books books, SourceRecord record)
    {
        var lines = new Dictionary<string, string[]>();
        foreach (var line in ((Invoice)record.Fold.State!).Lines)
        {
            string[] billed = [.. PartFacts.Billed(books, record, line)];
            lines[Say.List(billed)] = billed;
        }

        return lines;
    }

    /// <summary>What hangs together by what it bills.</summary>
    private static List<(SortedSet<string> Names, HashSet<string> Keys)> Groups(
        IEnumerable<KeyValuePair<string, string[]>> lines)
    {
        var of = new Dictionary<string, (SortedSet<string> Names, HashSet<string> Keys)>();
        foreach (var (key, billed) in lines)
        {
            var met = billed.Where(of.ContainsKey).Select(name => of[name]).Distinct()
                .OrderByDescending(group => group.Names.Count).ToArray();
            var joined = met.Length > 0 ? met[0] : (new SortedSet<string>(StringComparer.Ordinal), []);
            joined.Keys.UnionWith(met.Skip(1).SelectMany(group => group.Keys).Append(key));
            foreach (var name in met.Skip(1).SelectMany(group => group.Names).Concat(billed).ToArray())
                if (joined.Names.Add(name)) of[name] = joined;
        }

        return [.. of.Values.Distinct()];
    }

    /// <summary>Takes out what is said of some lines; what they come to, null where one of them does not say.</summary>
    private static Money? Take(Dictionary<string, StatedFact> facts, string[] keys)
    {
        var nets = keys.Select(k => facts.GetValueOrDefault($"lines/{k}/net")?.Money).ToArray();
        foreach (var key in keys)
            foreach (var said in (string[])["quantity", "price", "net"]) facts.Remove($"lines/{key}/{said}");
        return nets.Length == 0 || nets.Any(n => n is null)
            ? null
            : nets.Aggregate((sum, net) => sum!.Value + net!.Value);
    }
}
