using System.Globalization;
using Ledger.Domain;
using Ledger.Projections.Cases;
using Ledger.Projections.Views;
using NodaTime;
using NodaTime.Text;
using Npgsql;

namespace Ledger.Api;

/// <summary>What finance agrees to: one of the five, as its event states it.</summary>
internal sealed record PolicyTerms(
    ToleranceSet? Tolerance = null, LagSet? Lag = null, MaterialitySet? Materiality = null,
    StatusMapSet? StatusMap = null, RoutingSet? Routing = null)
{
    /// <summary>What is said; null where it is none, or more than one.</summary>
    public PolicyEvent? Said =>
        ((PolicyEvent?[])[Tolerance, Lag, Materiality, StatusMap, Routing]).OfType<PolicyEvent>().ToArray() is [var one]
            ? one
            : null;
}

/// <summary>What people decide of tolerances, lags, amounts of weight, what statuses mean and who looks at what.
/// </summary>
internal sealed class PolicyDecisions(Decisions decisions, NpgsqlDataSource source)
{
    /// <summary>The ledger's own record of it: one for what it is said of and its first day, whatever the amounts.
    /// </summary>
    public static string IdOf(PolicyEvent said) => Fingerprint.Of(said switch
    {
        ToleranceSet t =>
        [
            Pages.Words.Name(t.Class), t.Of ?? "", string.Join(',', t.Between ?? Items<string>.None),
            t.Currency?.Code ?? "", Named(t.Entity), Date(t.From),
        ],
        LagSet l => [l.System, l.Of ?? "", Date(l.From)],
        MaterialitySet m => [m.Currency.Code, Named(m.Entity), Date(m.From)],
        StatusMapSet s => [s.System, s.Of, Date(s.From)],
        RoutingSet r => [r.Class ?? "", r.System ?? "", r.Of ?? "", Named(r.Entity), Date(r.From)],
        _ => throw new System.Diagnostics.UnreachableException($"no policy {said.GetType().Name}"),
    });

    /// <summary>Says what is agreed from now on, or from a date.</summary>
    /// <returns>Also the policy's id.</returns>
    public async Task<(string Id, (ItemAnswer? Receipt, ProblemAnswer? Problem) Told)> Set(
        PolicyTerms terms, DecidedBy by, CancellationToken cancellationToken) => Fault(terms) is { } fault
        ? ("", (null, fault))
        : (IdOf(terms.Said!), await decisions.Tell<RecordState>(
            KindOf(terms.Said!), IdOf(terms.Said!), "set", Over(terms.Said!), by, cancellationToken));

    /// <summary>The event that would say so.</summary>
    public async Task<OfferedDecision> Try(PolicyTerms terms, DecidedBy by, CancellationToken cancellationToken) =>
        Fault(terms) is { } fault
            ? new(null, null, fault)
            : await decisions.Offer<RecordState>(
                KindOf(terms.Said!), IdOf(terms.Said!), "set", Over(terms.Said!), by, cancellationToken);

    /// <summary>Says that a policy counts through a day and no longer: yesterday where none is given.</summary>
    public async Task<(ItemAnswer? Receipt, ProblemAnswer? Problem)> End(
        string id, LocalDate? last, string reason, DecidedBy by, CancellationToken cancellationToken)
    {
        var (ended, problem) = await Ended(id, last, reason, cancellationToken);
        return ended is null
            ? (null, problem)
            : await decisions.Tell<RecordState>(KindOf(ended), id, "ended", Over(ended), by, cancellationToken);
    }

    /// <summary>The event that would say so.</summary>
    public async Task<OfferedDecision> TryEnd(
        string id, LocalDate? last, string reason, DecidedBy by, CancellationToken cancellationToken)
    {
        var (ended, problem) = await Ended(id, last, reason, cancellationToken);
        return ended is null
            ? new(null, null, problem)
            : await decisions.Offer<RecordState>(KindOf(ended), id, "ended", Over(ended), by, cancellationToken);
    }

    public static ProblemAnswer NoPolicy(string id) =>
        Problems.NotFound($"There is no policy '{id}'; /v1/policies lists them.");

    /// <summary>What a record of a policy says; null where it is none.</summary>
    public static PolicyEvent? SaidOf(RecordState? state) => state switch
    {
        Tolerance t => t.Said, Lag l => l.Said, Materiality m => m.Said, StatusMap s => s.Said,
        Routing r => r.Said, _ => null,
    };

    public static (LocalDate? From, LocalDate? To, string? Reason) Span(PolicyEvent said) => said switch
    {
        ToleranceSet t => (t.From, t.To, t.Reason),
        LagSet l => (l.From, l.To, l.Reason),
        MaterialitySet m => (m.From, m.To, m.Reason),
        StatusMapSet s => (s.From, s.To, s.Reason),
        RoutingSet r => (r.From, r.To, r.Reason),
        _ => throw new System.Diagnostics.UnreachableException($"no policy {said.GetType().Name}"),
    };

    private async Task<(PolicyEvent? Ended, ProblemAnswer? Problem)> Ended(
        string id, LocalDate? last, string reason, CancellationToken cancellationToken)
    {
        if (await GovernanceReader.Policy(source, id, cancellationToken) is not { } found
            || SaidOf(found.Record.Fold.State) is not { } said)
            return (null, NoPolicy(id));
        var day = last ?? SystemClock.Instance.GetCurrentInstant().InUtc().Date.PlusDays(-1);
        if (Span(said).From is { } from && day < from)
            return (null, Problems.InvalidCommand(
                "/last", "invalid", $"it begins on {Date(from)}: that is the first day it can end on"));
        return (said switch
        {
            ToleranceSet t => t with { To = day, Reason = reason },
            LagSet l => l with { To = day, Reason = reason },
            MaterialitySet m => m with { To = day, Reason = reason },
            StatusMapSet s => s with { To = day, Reason = reason },
            RoutingSet r => (PolicyEvent)(r with { To = day, Reason = reason }),
            _ => null,
        }, null);
    }

    private static Func<RecordState?, Decision> Over(PolicyEvent said) =>
        before => said.Equals(SaidOf(before)) ? Decision.Stands : new(said);

    private static Kind KindOf(PolicyEvent said) => EventCatalog.Find(said).Kind!;

    private static ProblemAnswer? Fault(PolicyTerms terms)
    {
        if (terms.Said is not { } said)
            return Problems.InvalidCommand(
                "", "one_of", "say one of tolerance, lag, materiality, statusMap and routing");
        var (of, at) = said switch
        {
            ToleranceSet t => (t.Of, "/tolerance/of"), LagSet l => (l.Of, "/lag/of"),
            StatusMapSet s => (s.Of, "/statusMap/of"), RoutingSet r => (r.Of, "/routing/of"), _ => (null, ""),
        };
        if (said is RoutingSet { Class: { } sort } && !Breach.Sorts.Contains(sort))
            return Problems.InvalidCommand(
                "/routing/class", "unknown_class", $"'{sort}' is no class of drift, nor the code of a finding");
        if (of is not null && (!Kind.TryFind(of, out var kind) || kind.IsGovernance))
            return Problems.InvalidCommand(at, "unknown_kind", $"'{of}' is no kind of record");
        if (said.Entity is { } entity
            && (entity.Kind != Kind.LegalEntity.Name || entity.Stream(SourceRegistration.Own) is null))
            return OwnershipDecisions.NoLegalEntity();
        return string.IsNullOrWhiteSpace(Span(said).Reason)
            ? Problems.InvalidCommand(
                $"/{char.ToLowerInvariant(said.GetType().Name[0])}{said.GetType().Name[1..^3]}/reason", "empty",
                "say why, for whoever asks later")
            : null;
    }

    private static string Named(Ref? entity) => entity?.Stream(SourceRegistration.Own) ?? "";

    private static string Date(LocalDate? date) => date is { } day ? LocalDatePattern.Iso.Format(day) : "";
}
