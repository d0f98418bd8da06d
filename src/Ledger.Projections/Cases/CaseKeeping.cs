using Ledger.Domain;
using Ledger.Projections.Drift;
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

    /// <summary>Why a case that came up again stays accepted.</summary>
    public const string StillAccepted = "It came up again, and weighs no more than what was accepted.";

    /// <summary>Why an accepted case is looked at again before its day.</summary>
    public const string Heavier = "It weighs more than what was accepted.";

    /// <summary>Why somebody looks at a case.</summary>
    public const string ByRule = "A rule says who looks at it.";

    /// <summary>Why nobody does any more.</summary>
    public const string ByNoRule = "No rule names anybody for it now.";

    /// <summary>By how much of what was said an amount has to differ to be said anew.</summary>
    private const decimal Much = 0.1m;

    /// <summary>Cases to open, reopen, tell anew, give to others and close, in the order of their ids. What a person
    /// called settled is closed too when its cause goes, so that it comes up again with it.</summary>
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
        null => new(breach.Id, breach.Kind, "opened", breach.Opened, breach.Parting),
        { Status: CaseStatus.Accepted } when !known.IsAccepted(day) => Again(breach, Expired),
        { Status: CaseStatus.Accepted } when breach.Opened.Severity > known.SeverityAccepted() =>
            Again(breach, Heavier),
        { Status: CaseStatus.Resolved, Resolution: Gone } =>
            known.IsAccepted(day) && breach.Opened.Severity <= known.SeverityAccepted()
                ? Again(breach, StillAccepted, accepted: true)
                : Again(breach, null),
        { Status: CaseStatus.Resolved } => known.Sentence != breach.Opened.Sentence ? Again(breach, null) : null,
        _ => Changed(breach, known) ?? Routed(breach, known),
    };

    private static CaseStep Again(Breach breach, string? reason, bool? accepted = null) => new(
        breach.Id, breach.Kind, "reopened",
        breach.Opened switch
        {
            DriftCaseOpened o => new DriftCaseReopened(
                o.Sentence, o.Severity, o.Amount, o.Currency, reason, o.Owner, o.Suggestion, accepted, o.Assignee,
                o.Rule),
            ExceptionOpened e => e with { Accepted = accepted },
            var opened => opened,
        },
        breach.Parting);

    /// <summary>Says a difference anew that weighs otherwise, or is by a tenth more or less money.</summary>
    private static CaseStep? Changed(Breach breach, Case known) =>
        breach.Opened is DriftCaseOpened o && (o.Severity != known.Severity || o.Currency != known.Currency
            || Math.Abs((o.Amount ?? 0m) - (known.Amount ?? 0m)) > Much * (known.Amount ?? 0m))
            ? new(breach.Id, breach.Kind, "changed",
                new DriftCaseChanged(o.Sentence, o.Severity, o.Amount, o.Currency, o.Suggestion), null)
            : null;

    /// <summary>Gives an open case to whom the rules name now, unless a person said who looks at it.</summary>
    private static CaseStep? Routed(Breach breach, Case known)
    {
        var (to, rule) = (breach.Opened.Assignee, breach.Opened.Rule);
        if (known.Status is not CaseStatus.Open || known.IsAssignedByHand()
            || (known.Assignee == to && known.Rule == rule)) return null;
        return new(
            breach.Id, breach.Kind, "routed",
            breach.Kind == Kind.DriftCase
                ? new DriftCaseAssigned(to, to is null ? ByNoRule : ByRule, rule)
                : new ExceptionAssigned(to, to is null ? ByNoRule : ByRule, rule),
            null);
    }
}

/// <summary>One thing to say of a case.</summary>
/// <param name="Id">Of the case.</param>
/// <param name="Verb">What it is, for the event's key.</param>
/// <param name="Parting">By what it began; null = nothing begins.</param>
public sealed record CaseStep(string Id, Kind Kind, string Verb, CaseEvent Body, Parting? Parting);
