using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Cases;
using Ledger.Projections.Drift;
using Ledger.Projections.Views;
using Ledger.Store;
using Npgsql;

namespace Ledger.Api;

/// <summary>Has a case looked at again now, because a person asks: the records behind it are folded from their events
/// once more, what changed is written, and all that belongs to them is compared anew.</summary>
internal sealed class CaseReplay(
    Decisions decisions, CaseKeeper keeper, LiveDrift drift, LiveWorld world, Projector projector, EventStore store,
    NpgsqlDataSource source)
{
    /// <summary>Most records that are folded for one case.</summary>
    private const int StreamsMax = 1_000;

    /// <returns>Also what came of it; null where it could not be done.</returns>
    public async Task<(ReplayOutcome? Outcome, ItemAnswer? Receipt, ProblemAnswer? Problem)> Run(
        string id, string? reason, DecidedBy by, CancellationToken cancellationToken)
    {
        // What was corrected a moment ago counts.
        var behind = await At.Reached(projector, await store.Position(cancellationToken), cancellationToken);
        if (behind is not null)
            return (null, null, behind);
        if ((await CaseReader.Find(source, id, cancellationToken)).Found is not { } seen)
            return (null, null, CaseDecisions.NoCase(id));
        string[] streams = [.. seen.State.Streams.Distinct().Take(StreamsMax)];
        var changed = await projector.Refold(streams, cancellationToken);
        if (changed.Count > 0)
        {
            await drift.Forget(cancellationToken);
            await world.Forget(cancellationToken);
        }

        var (cause, position) = await keeper.Keep(seen, cancellationToken);
        var words = FormattableString.Invariant(
            $"{Folded(streams.Length, changed.Count)} and compared with all there is up to event {position}. ")
            + (cause is null ? "Nothing is wrong any more." : await Standing(seen, cause, cancellationToken));
        var (receipt, problem) = await decisions.Tell<Case>(
            seen.Kind, id, "replayed",
            _ => new(seen.Kind == Kind.DriftCase
                ? new DriftCaseReplayed(words, cause is not null, changed.Count, reason)
                : new ExceptionReplayed(words, cause is not null, changed.Count, reason)),
            by, cancellationToken);
        return (receipt is null ? null : new(words, cause is not null, changed), receipt, problem);
    }

    private static string Folded(int records, int changed)
    {
        var folded = $"{Pages.Words.Plural(records, "record")} {(records == 1 ? "was" : "were")} folded from "
            + (records == 1 ? "its events" : "their events");
        return changed == 0 ? folded : $"{folded}, {Pages.Words.Number(changed)} otherwise than before,";
    }

    /// <summary>Why it is not over.</summary>
    private async Task<string> Standing(CaseView seen, Breach cause, CancellationToken cancellationToken)
    {
        if (seen.Class != Breach.Poisoned || seen.State.Streams.Count == 0)
            return $"It still stands: {cause.Opened.Sentence}";
        var poison = (await StreamQueries.Find(source, seen.State.Streams[0], cancellationToken)).Poison;
        return poison is null ? $"It still stands: {cause.Opened.Sentence}" : FormattableString.Invariant(
            $"{poison.Stream} still stands still before event {poison.Position}, {poison.Type}: {poison.Error}");
    }
}

/// <summary>What came of looking at an exception again.</summary>
/// <param name="Outcome">In plain English.</param>
/// <param name="Stands">Whether its cause is still there; where not, it closed.</param>
/// <param name="Changed">The records that the views had otherwise than their events say.</param>
public sealed record ReplayOutcome(string Outcome, bool Stands, IReadOnlyList<string> Changed);
