using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Drift;

/// <summary>How many hours or costs of one system there are.</summary>
/// <param name="Sums">Of what it states of them, by field and currency.</param>
internal sealed record WorkCount(
    int Live, IReadOnlyDictionary<(string Field, Currency Currency), decimal> Sums)
{
    public static readonly WorkCount None = new(0, new Dictionary<(string, Currency), decimal>());

    /// <summary>With some that were not counted yet.</summary>
    public WorkCount With(IEnumerable<TouchedWork> more)
    {
        var (live, sums) = (Live, Sums.ToDictionary());
        foreach (var work in more.Where(w => w.Live))
        {
            live++;
            if (work is { Amount: { } amount, Currency: { } currency })
                sums[("amount", currency)] = sums.GetValueOrDefault(("amount", currency)) + amount;
        }

        return new(live, sums);
    }
}

/// <summary>The hours and costs that nothing but each other is compared with: no document bills or books them, nothing
/// they point at is missing. Of millions of them only what differs has to be looked at.</summary>
/// <param name="Latest">The latest day that any hour or cost is of; null = there is none.</param>
/// <param name="Counts">Of all there are, by system and kind.</param>
/// <param name="Findings">Where systems tell one of them differently, whether billed or not.</param>
internal sealed record WorkAside(
    LocalDate? Latest, IReadOnlyDictionary<(string Source, string Kind), WorkCount> Counts,
    IReadOnlyList<WorkFinding> Findings)
{
    private Dictionary<string, string?>? legalEntities;

    /// <summary>Of what a finding is about first.</summary>
    public string? LegalEntityOf(string stream) =>
        (legalEntities ??= Findings.DistinctBy(f => f.Finding.Streams[0])
            .ToDictionary(f => f.Finding.Streams[0], f => f.LegalEntity)).GetValueOrDefault(stream);
}

/// <summary>A difference between systems that tell one hour or cost.</summary>
/// <param name="Members">The records that are this hour or cost.</param>
/// <param name="LegalEntity">Of its first record; null = not known.</param>
internal sealed record WorkFinding(Items<SourceRecord> Members, string? LegalEntity, Finding Finding);
