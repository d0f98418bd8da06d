using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Cases;

/// <summary>What the ledger has to say of its cases, given what stands now: pure. Said once, there is nothing more to
/// say until something changes.</summary>
public static class CaseKeeping
{
    /// <summary>Why a case closes by itself.</summary>
    public const string Gone = "The records agree now.";

    /// <summary>Why an accepted case is looked at again.</summary>
    public const string Expired = "It was accepted until then, and still stands.";

    /// <summary>Cases to open, reopen and close, in the order of their ids. What a person called settled is closed too
    /// when its cause goes, so that it comes up again with it.</summary>
    /// <param name="breaches">What has to be looked at now, each id once.</param>
    /// <param name="cases">By id, every case there is.</param>
    /// <param name="day">The ledger's day, on which acceptances are judged.</param>
    public static IReadOnlyList<CaseStep> Steps(
        IEnumerable<Breach> breaches, IReadOnlyDictionary<string, Case> cases, LocalDate day)
    {
        var standing = breaches.ToDictionary(b => b.Id);
        var steps = standing.Values.Select(b => Opening(b, cases.GetValueOrDefault(b.Id), day)).OfType<CaseStep>()
            .Concat(cases.Where(c => c.Value is not { Status: CaseStatus.Resolved, Resolution: Gone }
                    && !standing.ContainsKey(c.Key))
                .Select(c => c.Value is DriftCase
                    ? new CaseStep(c.Key, Kind.DriftCase, "resolved", new DriftCaseResolved(Gone), null)
                    : new CaseStep(c.Key, Kind.Exception, "resolved", new ExceptionResolved(Gone), null)));
        return [.. steps.OrderBy(s => s.Id, StringComparer.Ordinal)];
    }

    /// <summary>Null where the case stands as it should: open, or accepted still. What a person called resolved stays
    /// so until the records say something else.</summary>
    private static CaseStep? Opening(Breach breach, Case? known, LocalDate day) => known switch
    {
        null => new(breach.Id, breach.Kind, "opened", breach.Opened, breach.Root),
        { Status: CaseStatus.Accepted } when !known.IsAccepted(day) => Again(breach, Expired),
        { Status: CaseStatus.Resolved, Resolution: Gone } => Again(breach, null),
        { Status: CaseStatus.Resolved } when known.Sentence != breach.Opened.Sentence => Again(breach, null),
        _ => null,
    };

    private static CaseStep Again(Breach breach, string? reason) => new(
        breach.Id, breach.Kind, "reopened",
        breach.Opened is DriftCaseOpened o
            ? new DriftCaseReopened(
                o.Sentence, o.Severity, o.Amount, o.Currency, reason, o.Owner, o.Suggestion)
            : breach.Opened,
        breach.Root);
}

/// <summary>One thing to say of a case.</summary>
/// <param name="Id">Of the case.</param>
/// <param name="Verb">What it is, for the event's key.</param>
/// <param name="Root">Position of the event at which it began; null = nothing begins.</param>
public sealed record CaseStep(string Id, Kind Kind, string Verb, CaseEvent Body, long? Root);
