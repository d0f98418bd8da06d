namespace Ledger.Projections.Identity;

/// <summary>The live records that bear a number, system by system; of one system no more than tell that they are too
/// many for it to mean one of them.</summary>
internal sealed class Bearers
{
    private readonly List<SourceRecord> records = new(1);

    public static Dictionary<(string Kind, string Number), Bearers> Among(IEnumerable<SourceRecord> records)
    {
        var all = new Dictionary<(string, string), Bearers>();
        foreach (var record in records)
        {
            if (!record.IsLive || record.Fold.State!.Number is not { } number) continue;
            if (!all.TryGetValue((record.Kind.Name, number), out var bearers))
                all.Add((record.Kind.Name, number), bearers = new());
            bearers.Add(record);
        }

        return all;
    }

    /// <summary>The one that the number means: what all of them are, else the only one of the system that says it. Of
    /// several records of one thing the first by name.</summary>
    /// <param name="source">The only system whose records are meant; null = any.</param>
    public SourceRecord? Find(string? source, string statedBy, Func<SourceRecord, string> entityOf)
    {
        SourceRecord? first = null, own = null;
        string? one = null;
        var (several, owned) = (records.Count > BusinessKey.HoldersMax && AreTooMany(source), 0);
        foreach (var record in records)
        {
            if (source is not null && record.Source != source) continue;
            if (record.Source == statedBy) (own, owned) = (record, owned + 1);
            if (first is null || string.CompareOrdinal(record.Stream, first.Stream) < 0) first = record;
            if (several) continue;
            var entity = entityOf(record);
            several = (one ??= entity) != entity;
        }

        return !several ? first : owned == 1 ? own : null;
    }

    private bool AreTooMany(string? source) => records.CountBy(r => r.Source)
        .Any(of => (source is null || of.Key == source) && of.Value > BusinessKey.HoldersMax);

    private void Add(SourceRecord record)
    {
        var same = 0;
        foreach (var other in records)
            if (other.Source == record.Source && ++same > BusinessKey.HoldersMax) return;
        records.Add(record);
    }
}
