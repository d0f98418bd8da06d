using Ledger.Domain;
using Ledger.Projections.Views;
using NodaTime;
using Npgsql;

namespace Ledger.Api;

/// <summary>What people say of cases.</summary>
internal sealed class CaseDecisions(Decisions decisions, NpgsqlDataSource source)
{
    /// <summary>Why it is so. The case stays open.</summary>
    public Task<(ItemAnswer? Receipt, ProblemAnswer? Problem)> Explain(
        string id, string words, DecidedBy by, CancellationToken cancellationToken) => Say(
        id, "explained", by, words,
        kind => kind == Kind.DriftCase ? new DriftCaseExplained(words) : new ExceptionExplained(words),
        before => before.Words.Any(w => w.Words == words && w.By == by.Actor), cancellationToken);

    /// <summary>Who looks at it.</summary>
    public Task<(ItemAnswer? Receipt, ProblemAnswer? Problem)> Assign(
        string id, string to, string? reason, DecidedBy by, CancellationToken cancellationToken) => Say(
        id, "assigned", by, to,
        kind => kind == Kind.DriftCase ? new DriftCaseAssigned(to, reason) : new ExceptionAssigned(to, reason),
        before => before.Assignee == to && before.IsAssignedByHand(), cancellationToken);

    /// <summary>Nobody looks at it by a person's word any more: whom a rule names does.</summary>
    public Task<(ItemAnswer? Receipt, ProblemAnswer? Problem)> Release(
        string id, string reason, DecidedBy by, CancellationToken cancellationToken) => Say(
        id, "released", by, reason,
        kind => kind == Kind.DriftCase
            ? new DriftCaseAssigned(Reason: reason)
            : new ExceptionAssigned(Reason: reason),
        before => !before.IsAssignedByHand(), cancellationToken);

    /// <summary>It may stay as it is, until a day or for good.</summary>
    public Task<(ItemAnswer? Receipt, ProblemAnswer? Problem)> Accept(
        string id, string reason, LocalDate? until, DecidedBy by, CancellationToken cancellationToken) => Say(
        id, "accepted", by, reason,
        kind => kind == Kind.DriftCase
            ? new DriftCaseAccepted(reason, until)
            : new ExceptionAccepted(reason, until),
        before => before.Status is CaseStatus.Accepted && before.Acceptance?.Reason == reason
            && before.Acceptance.Until == until,
        cancellationToken);

    /// <summary>It is settled, until the records say something else.</summary>
    public Task<(ItemAnswer? Receipt, ProblemAnswer? Problem)> Resolve(
        string id, string reason, DecidedBy by, CancellationToken cancellationToken) => Say(
        id, "resolved", by, reason,
        kind => kind == Kind.DriftCase ? new DriftCaseResolved(reason) : new ExceptionResolved(reason),
        before => before.Status is CaseStatus.Resolved, cancellationToken);

    public static ProblemAnswer NoCase(string id) =>
        Problems.NotFound($"There is no exception '{id}'; /v1/exceptions lists them.");

    /// <summary>Nothing is said of an exception without a reason.</summary>
    public static ProblemAnswer NoReason =>
        Problems.InvalidCommand("/reason", "empty", "say why, or to whom, for whoever asks later");

    private async Task<(ItemAnswer? Receipt, ProblemAnswer? Problem)> Say(
        string id, string verb, DecidedBy by, string words, Func<Kind, CaseEvent> body, Func<Case, bool> stands,
        CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(words))
            return (null, NoReason);
        if ((await CaseReader.Find(source, id, cancellationToken)).Found is not { } found)
            return (null, NoCase(id));
        return await decisions.Tell<Case>(
            found.Kind, id, verb,
            before => before is null ? Decision.Not(NoCase(id))
                : stands(before) ? Decision.Stands : new(body(found.Kind)),
            by, cancellationToken);
    }
}
