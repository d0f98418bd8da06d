using Ledger.Domain;

namespace Ledger.Projections.Identity;

/// <summary>The one rule that joins records by itself.</summary>
internal static class Ruling
{
    /// <summary>A tie for every two records that count, of different sources, of one kind and legal entity (or of none
    /// known), which share a business key that no other such record of either source has. Those that contradict each
    /// other are not put together by it: see <see cref="Contradiction"/>.</summary>
    /// <param name="counts">Whether a record's word counts.</param>
    /// <param name="crowded">Keys that more records bear than are given; null = none.</param>
    public static IEnumerable<Tie> TiesAmong(
        IEnumerable<SourceRecord> records, Func<SourceRecord, bool> counts, Func<SourceRecord, string?> entityOf,
        Apart apart, IReadOnlySet<KindKey>? crowded = null)
    {
        var holders = new Dictionary<(Kind, string?, BusinessKey), List<Holder>>();
        foreach (var record in records)
        {
            if (!BusinessKeys.Has(record.Kind) || !record.IsLive) continue;
            // Whoever is live crowds a key, also where it has gone on as another.
            var speaks = counts(record);
            foreach (var (key, position) in BusinessKeys.Told(record))
            {
                var known = (record.Kind, entityOf(record), key);
                if (!holders.TryGetValue(known, out var of)) holders.Add(known, of = []);
                if (of.Count <= BusinessKey.HoldersMax) of.Add(new(record, position, speaks));
            }
        }

        return holders.Where(h => h.Value.Count is > 1 and <= BusinessKey.HoldersMax)
            .Where(h => crowded is null || !crowded.Contains(
                new(h.Key.Item1.Name, h.Key.Item2, h.Key.Item3.Scheme, h.Key.Item3.Value)))
            .SelectMany(h => Between(h.Key.Item3, h.Value, apart));
    }

    private static IEnumerable<Tie> Between(BusinessKey key, List<Holder> holders, Apart apart)
    {
        var alone = holders.Where(h => h.Counts).GroupBy(h => h.Record.Source).Where(g => g.Count() == 1)
            .Select(g => g.First())
            .OrderBy(h => h.Record.Stream, StringComparer.Ordinal).ToArray();
        var text = key.ToString();
        for (var i = 0; i < alone.Length; i++)
            for (var j = i + 1; j < alone.Length; j++)
                if (!apart.Has(alone[i].Record.Stream, alone[j].Record.Stream))
                    yield return new(
                        text, alone[i].Record.Stream, alone[j].Record.Stream,
                        Math.Max(alone[i].Position, alone[j].Position), TieBasis.Ruled, text);
    }

    private sealed record Holder(SourceRecord Record, long Position, bool Counts);
}
