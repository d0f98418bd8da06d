using Ledger.Api.Pages;
using Ledger.Domain;
using Ledger.Projections.Cases;
using Ledger.Projections.Views;
using NodaTime;
using Npgsql;

namespace Ledger.Api;

/// <summary>What became of the cases.</summary>
/// <param name="Opened">Opened, or opened again.</param>
/// <param name="Closed">Closed by themselves.</param>
/// <param name="Position">Up to which event the records were looked at.</param>
internal sealed record CasesKept(int Opened, int Closed, long Position);

/// <summary>Opens a case for what has to be looked at, and closes it when its cause has gone: in the ledger's own name,
/// outside any fold, so that a rebuild says nothing twice. Two servers at once say it once.</summary>
internal sealed class CaseKeeper(Decisions decisions, DriftNow now, NpgsqlDataSource source)
{
    /// <summary>Who opens and closes cases where no person does.</summary>
    public const string Itself = SourceRegistration.Own;

    private static readonly DecidedBy ByItself = new(Itself);

    /// <summary>Brings the cases in line with the records as the views have them.</summary>
    /// <param name="dryRun">Only say what would be said.</param>
    public async Task<CasesKept> Keep(bool dryRun, CancellationToken cancellationToken)
    {
        var at = await now.Read(cancellationToken);
        var poisoned = await CaseReader.Poisoned(source, cancellationToken);
        var known = await CaseReader.All(source, cancellationToken);
        var steps = CaseKeeping.Steps(
            Breach.Of(at.World, at.Drift, poisoned), known.ToDictionary(c => c.Key, c => c.Value.State), at.World.Day);
        var opening = steps.Count(s => s.Root is not null);
        var kept = new CasesKept(opening, steps.Count - opening, at.World.Position);
        if (dryRun || steps.Count == 0)
            return kept;
        var dates = await CaseReader.Dates(
            source, [.. steps.Where(s => s.Root is > 0).Select(s => s.Root!.Value)], cancellationToken);
        foreach (var step in steps)
            await Say(step, dates, at.World.Day, cancellationToken);
        return kept;
    }

    private async Task Say(
        CaseStep step, IReadOnlyDictionary<long, LocalDate> dates, LocalDate day, CancellationToken cancellationToken)
    {
        var body = step.Body is CaseOpened opened && step.Root is { } root && dates.TryGetValue(root, out var since)
            ? opened with { Since = since }
            : step.Body;
        var (_, problem) = await decisions.Tell<Case>(
            step.Kind, step.Id, step.Verb, before => IsStillDue(step, before, day) ? new(body) : NothingToSay(before),
            ByItself, cancellationToken);
        if (problem is not null && !ReferenceEquals(problem, Nothing))
            throw new InvalidOperationException($"case {step.Id} could not be {step.Verb}: {problem.Detail}");
    }

    private static readonly ProblemAnswer Nothing = Problems.NotFound("There is nothing to say of it any more.");

    private static Decision NothingToSay(Case? before) => before is null ? Decision.Not(Nothing) : Decision.Stands;

    /// <summary>Whether what another server, or a person, said meanwhile leaves it to be said.</summary>
    private static bool IsStillDue(CaseStep step, Case? before, LocalDate day) => step.Verb switch
    {
        "opened" => before is null,
        "reopened" => before is not null && (before.Status is CaseStatus.Resolved
            || (before.Status is CaseStatus.Accepted && !before.IsAccepted(day))),
        _ => before is { Status: not CaseStatus.Resolved },
    };
}
