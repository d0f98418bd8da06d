using Ledger.Domain;
using Ledger.Projections.Cases;
using Ledger.Projections.Drift;
using Ledger.Projections.Views;
using NodaTime;
using Npgsql;

namespace Ledger.Api;

/// <summary>What became of the cases.</summary>
/// <param name="Opened">Opened, or opened again.</param>
/// <param name="Closed">Closed by themselves.</param>
/// <param name="Routed">Given to others by a rule.</param>
/// <param name="Position">Up to which event the records were looked at.</param>
internal sealed record CasesKept(int Opened, int Closed, int Routed, long Position);

/// <summary>Opens a case for what has to be looked at, and closes it when its cause has gone: in the ledger's own name,
/// outside any fold, so that a rebuild says nothing twice. Two servers at once say it once.</summary>
internal sealed class CaseKeeper(Decisions decisions, LiveDrift drift, NpgsqlDataSource source)
{
    /// <summary>Who opens and closes cases where no person does.</summary>
    public const string Itself = Case.Itself;

    private static readonly DecidedBy ByItself = new(Itself);

    /// <summary>Brings the cases in line with the records as the views have them.</summary>
    /// <param name="dryRun">Only say what would be said.</param>
    public async Task<CasesKept> Keep(bool dryRun, CancellationToken cancellationToken)
    {
        var look = await drift.Look(cancellationToken);
        var known = await CaseReader.All(source, cancellationToken);
        // The views may have moved on since they were looked at: what was said of a case after it is for the next look.
        CaseStep[] steps =
        [
            .. CaseKeeping.Steps(
                Breach.Of(look), known.ToDictionary(c => c.Key, c => c.Value.State), look.Day)
                .Where(s => !known.TryGetValue(s.Id, out var said) || said.Position <= look.Report.Position),
        ];
        if (!dryRun)
            await Say(steps, id => known.GetValueOrDefault(id)?.State, look, cancellationToken);
        return new(
            steps.Count(s => s.Parting is not null), steps.Count(s => s.Body is CaseResolved),
            steps.Count(s => s.Body is CaseAssigned), look.Report.Position);
    }

    /// <summary>Brings one case in line with the records as the views have them.</summary>
    /// <returns>What is wrong, null = nothing any more; and up to which event the records were looked at.</returns>
    public async Task<(Breach? Cause, long Position)> Keep(CaseView seen, CancellationToken cancellationToken)
    {
        var look = await drift.Look(cancellationToken);
        var causes = Breach.Of(look).Where(b => b.Id == seen.Id).ToArray();
        var steps = CaseKeeping.Steps(causes, new Dictionary<string, Case> { [seen.Id] = seen.State }, look.Day);
        await Say(steps, _ => seen.State, look, cancellationToken);
        return (causes.Length == 0 ? null : causes[0], look.Report.Position);
    }

    private async Task Say(
        IReadOnlyList<CaseStep> steps, Func<string, Case?> seen, DriftLook look, CancellationToken cancellationToken)
    {
        if (steps.Count == 0) return;
        var events = await EventIndex.Load(
            source, steps.Where(s => s.Body is CaseOpened).SelectMany(s => s.Parting!.Positions), cancellationToken);
        // What cannot be said of one case is no reason to be silent about the others.
        var unsaid = new List<string>();
        foreach (var step in steps)
            if (await Say(step, seen(step.Id), Since(step), cancellationToken) is { } why)
                unsaid.Add(why);
        if (unsaid.Count > 0) throw new InvalidOperationException(string.Join("; ", unsaid.Take(3)));

        LocalDate? Since(CaseStep step) =>
            step.Parting?.Root(events) is { Time: { } time } root
                ? look.World.Value.Firm.DateOf(root.Source, time)
                : null;
    }

    /// <summary>Says one thing, unless the case is no longer what was looked at: another server, or a person, said
    /// something meanwhile, and the next look takes that into account.</summary>
    /// <returns>Why it could not be said; null = it was, or need not be.</returns>
    private async Task<string?> Say(
        CaseStep step, Case? seen, LocalDate? since, CancellationToken cancellationToken)
    {
        var body = step.Body is CaseOpened opened ? opened with { Since = since } : step.Body;
        var (_, problem) = await decisions.Tell<Case>(
            step.Kind, step.Id, step.Verb,
            before => Equals(before, seen) ? new(body)
                : before is null ? Decision.Not(Nothing) : Decision.Stands,
            ByItself, cancellationToken);
        return problem is null || ReferenceEquals(problem, Nothing)
            ? null
            : $"case {step.Id} could not be {step.Verb}: {problem.Detail}";
    }

    private static readonly ProblemAnswer Nothing = Problems.NotFound("There is nothing to say of it any more.");
}
