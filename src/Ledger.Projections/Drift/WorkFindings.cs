using System.Collections;
using Ledger.Domain;

namespace Ledger.Projections.Drift;

/// <summary>A difference between systems that tell one hour or cost.</summary>
/// <param name="Members">The records that are this hour or cost.</param>
/// <param name="Streams">Theirs, and of those that are left out because nobody can reckon with them.</param>
/// <param name="LegalEntity">Of its first record; null = not known.</param>
internal sealed record WorkFinding(
    Items<SourceRecord> Members, Items<string> Streams, string? LegalEntity, Finding Finding)
{
    public string About => Finding.Streams[0];
}

/// <summary>Where systems tell hours and costs differently, judged and in the order of a report. A few that change find
/// their place among many that do not.</summary>
internal sealed class WorkFindings : IEnumerable<WorkFinding>
{
    private readonly Policy? policy;
    private readonly List<Judged> ranked;
    private Dictionary<string, string?>? legalEntities;

    private WorkFindings(Policy? policy, List<Judged> ranked)
    {
        this.policy = policy;
        this.ranked = ranked;
    }

    /// <summary>As they are judged, the gravest first.</summary>
    public IEnumerable<Finding> Ranked => ranked.Select(r => r.Finding);

    /// <param name="policy">By whose word they are judged; null = by nobody's yet.</param>
    public static WorkFindings Of(IEnumerable<WorkFinding> found, Policy? policy) => new(policy, Judge(found, policy));

    /// <summary>With these found instead of all that are about any of some streams, or of those these are about.
    /// </summary>
    public WorkFindings With(IReadOnlyCollection<WorkFinding> found, IEnumerable<string> streams)
    {
        HashSet<string> touched = [.. streams, .. found.SelectMany(f => f.Streams)];
        var kept = ranked.FindAll(r => !r.Of.Streams.Any(touched.Contains));
        var fresh = Judge(found, policy);
        return fresh.Count == 0 && kept.Count == ranked.Count
            ? this
            : new(policy, DriftRun.Merged(kept, fresh, r => r.Finding));
    }

    /// <summary>As another policy has it.</summary>
    public WorkFindings By(Policy other) => ReferenceEquals(policy, other) ? this : Of(this, other);

    /// <summary>Of what a finding is about first; null = not known.</summary>
    public string? LegalEntityOf(string stream) =>
        (legalEntities ??= this.DistinctBy(f => f.About).ToDictionary(f => f.About, f => f.LegalEntity))
        .GetValueOrDefault(stream);

    public IEnumerator<WorkFinding> GetEnumerator() => ranked.Select(r => r.Of).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static List<Judged> Judge(IEnumerable<WorkFinding> found, Policy? policy) =>
    [
        .. DriftRun.Ranked(
            found.Select(f => new Judged(f, policy?.Judge(f.Finding, f.LegalEntity) ?? f.Finding)), r => r.Finding),
    ];

    private sealed record Judged(WorkFinding Of, Finding Finding);
}
