using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections;

/// <summary>What every batch has to know beside its own streams: the ledger's day, and what the firm says of itself.
/// </summary>
/// <param name="Records">The records the firm is made of.</param>
internal sealed record Standing(LocalDate Day, Firm Firm, IReadOnlyDictionary<string, SourceRecord> Records)
{
    public static readonly Standing Nothing = new(default, Firm.Nothing, new Dictionary<string, SourceRecord>());

    public static Standing Of(LocalDate day, IEnumerable<SourceRecord> records)
    {
        var mine = records.ToDictionary(r => r.Stream);
        return new(day, new(mine.Values), mine);
    }

    /// <summary>As it stands once some records changed.</summary>
    public Standing With(LocalDate day, IEnumerable<SourceRecord> changed)
    {
        Dictionary<string, SourceRecord>? records = null;
        foreach (var record in changed)
            if (Firm.Concerns(record) || Records.ContainsKey(record.Stream))
                (records ??= new(Records))[record.Stream] = record;
        if (records is not null) return new(day, new(records.Values), records);
        return day == Day ? this : this with { Day = day };
    }
}
