using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Drift;

/// <summary>Who looks at a case by a rule.</summary>
/// <param name="Rule">Its id.</param>
public sealed record Route(string Assignee, string Rule);

/// <summary>What finance agreed to, on a day: tolerances, lags, amounts of weight, what statuses mean, who looks at
/// what. Only the ledger's own word counts.</summary>
public sealed class Policy
{
    private readonly (SourceRecord Record, ToleranceSet Said, string? Entity)[] tolerances;
    private readonly LagSet[] lags;
    private readonly (MaterialitySet Said, string? Entity)[] weights;
    private readonly StatusMapSet[] statuses;
    private readonly (SourceRecord Record, RoutingSet Said, string? Entity)[] routings;

    private Policy(World world)
    {
        var day = world.Day;
        var said = world.Records.Values.Where(r => r.IsLive && r.Source == Ties.LedgerSource)
            .OrderBy(r => r.Fold.Last).ThenBy(r => r.Stream, StringComparer.Ordinal).ToArray();
        tolerances =
        [
            .. said.Select(r => (r, (r.Fold.State as Tolerance)?.Said!, world.Firm.EntityOf(r)))
                .Where(t => t.Item2 is not null && InForce(t.Item2.From, t.Item2.To)),
        ];
        lags = [.. said.Select(r => (r.Fold.State as Lag)?.Said).OfType<LagSet>().Where(l => InForce(l.From, l.To))];
        weights =
        [
            .. said.Select(r => ((r.Fold.State as Materiality)?.Said!, world.Firm.EntityOf(r)))
                .Where(m => m.Item1 is not null && InForce(m.Item1.From, m.Item1.To)),
        ];
        statuses =
        [
            .. said.Select(r => (r.Fold.State as StatusMap)?.Said).OfType<StatusMapSet>()
                .Where(s => InForce(s.From, s.To)),
        ];
        routings =
        [
            .. said.Select(r => (r, (r.Fold.State as Routing)?.Said!, world.Firm.EntityOf(r)))
                .Where(t => t.Item2 is not null && InForce(t.Item2.From, t.Item2.To)),
        ];

        bool InForce(LocalDate? from, LocalDate? to) => (from is null || day >= from) && (to is null || day <= to);
    }

    public static Policy Of(World world) => new(world);

    /// <summary>How many days a system may be late with a kind: by policy, the kind's own before any kind's, else as it
    /// was registered, else none.</summary>
    public int LagOf(Stated<Source> source, Kind kind) =>
        lags.LastOrDefault(l => l.System == source.Record.Id && l.Of == kind.Name)?.Days
        ?? lags.LastOrDefault(l => l.System == source.Record.Id && l.Of is null)?.Days
        ?? source.State.LagDays ?? 0;

    /// <summary>What a system's word for a status is compared as.</summary>
    public string StatusOf(string source, Kind kind, string status) =>
        statuses.LastOrDefault(s => s.System == source && s.Of == kind.Name && s.Map.ContainsKey(status))?.Map[status]
        ?? status;

    /// <summary>How much a difference weighs: below the amount of weight low, from ten times it on high; medium where
    /// no amount is agreed, low where there is no money in it.</summary>
    public Severity SeverityOf(Money? amount, string? legalEntity)
    {
        if (amount is not { } money || money.Amount == 0m) return Severity.Low;
        var weight = weights.LastOrDefault(w => w.Said.Currency == money.Currency && w.Entity == legalEntity).Said
            ?? weights.LastOrDefault(w => w.Said.Currency == money.Currency && w.Entity is null).Said;
        if (weight is null) return Severity.Medium;
        var size = Math.Abs(money.Amount);
        return size < weight.Amount ? Severity.Low : size >= 10m * weight.Amount ? Severity.High : Severity.Medium;
    }

    /// <summary>Who looks at a case by the rules; null = none says.</summary>
    /// <param name="sort">Its class of drift, or its finding's code.</param>
    /// <param name="system">The system that is asked first.</param>
    /// <param name="streams">The records it is about.</param>
    /// <param name="legalEntity">Of what it is about; null = not known.</param>
    public Route? RouteOf(string sort, string? system, IReadOnlyList<string> streams, string? legalEntity)
    {
        if (routings.Length == 0) return null;
        var fitting = routings.Where(r => (r.Said.Class is null || r.Said.Class == sort)
            && (r.Said.System is null || r.Said.System == system)
            && (r.Entity is null || r.Entity == legalEntity)
            && (r.Said.Of is null || streams.Any(s => StreamName.KindOf(s) == r.Said.Of))).ToArray();
        // The one that says most of which cases; the last said among equals.
        if (fitting.Length == 0) return null;
        var best = fitting.Reverse().MaxBy(r => (r.Said.Class is null ? 0 : 1) + (r.Said.System is null ? 0 : 1)
            + (r.Said.Of is null ? 0 : 1) + (r.Entity is null ? 0 : 1));
        return new(best.Said.Assignee, best.Record.Id);
    }

    /// <summary>The finding, marked where what was agreed covers it.</summary>
    /// <param name="legalEntity">Of what it is about; null = not known.</param>
    internal Finding Judge(Finding finding, string? legalEntity)
    {
        if (finding.Weight is not FindingWeight.Difference || tolerances.Length == 0) return finding;
        var fitting = tolerances.Where(t => Fits(t.Said, t.Entity, finding, legalEntity)).ToArray();
        if (fitting.Length == 0) return finding;
        // The one that says most of where it counts; the last said among equals.
        var best = fitting.Reverse().MaxBy(t => Narrowness(t.Said, t.Entity));
        return Covers(best.Said, finding)
            ? finding with { Weight = FindingWeight.Tolerated, ToleratedBy = best.Record.Stream }
            : finding;
    }

    private static bool Fits(ToleranceSet said, string? entity, Finding finding, string? legalEntity) =>
        said.Class == finding.Class
        && (entity is null || entity == legalEntity)
        && (said.Of is null || finding.Streams.Any(s => StreamName.KindOf(s) == said.Of))
        && (said.Between is null || said.Between.All(b => finding.Streams.Any(s => SystemOf(s) == b)))
        && (said.Currency is null || finding.Amount?.Currency == said.Currency);

    /// <summary>Whose record it is; the system itself where it is a registration.</summary>
    private static string SystemOf(string stream) =>
        StreamName.KindOf(stream) == Kind.Source.Name ? StreamName.IdOf(stream) : StreamName.SourceOf(stream);

    private static int Narrowness(ToleranceSet said, string? entity) =>
        (entity is null ? 0 : 1) + (said.Of is null ? 0 : 1) + (said.Between is null ? 0 : 1)
        + (said.Currency is null ? 0 : 1);

    /// <summary>Whether the difference is within every measure that the tolerance states.</summary>
    private static bool Covers(ToleranceSet said, Finding finding)
    {
        var size = finding.Amount is { } money ? Math.Abs(money.Amount) : (decimal?)null;
        if (said.Amount is { } amount && (size is null || size > amount)) return false;
        if (said.Percent is { } percent && (size is null || finding.Of is not { } of
            || size * 100m > percent * Math.Abs(of))) return false;
        return said.Quantity is not { } quantity
            || (finding.Off is { } off && PricedItem.Convert(off, quantity.Unit) is { } by
                && Math.Abs(by) <= quantity.Value);
    }
}
