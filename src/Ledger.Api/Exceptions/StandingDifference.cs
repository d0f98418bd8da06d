using Ledger.Domain;
using Ledger.Projections.Cases;
using Ledger.Projections.Drift;
using Ledger.Projections.Views;
using Npgsql;

namespace Ledger.Api;

/// <summary>The difference that a case is about, as it stands now.</summary>
/// <param name="Events">Names of the events it may have begun with.</param>
internal sealed record StandingDifference(Finding Finding, EventIndex Events)
{
    /// <summary>How long an answer waits for what it can do without.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <returns>Null where it is gone or not known yet, or the case is of no difference.</returns>
    public static async Task<StandingDifference?> Of(
        CaseView found, LiveDrift live, NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        if (found.Kind != Kind.DriftCase || found.State.Streams.Count == 0) return null;
        var report = await live.Glance(Patience, cancellationToken);
        return report?.Findings.FirstOrDefault(f => f.Weight is FindingWeight.Difference && f.Streams.Count > 0
            && f.Streams[0] == found.State.Streams[0] && Breach.IdOf(f) == found.Id) is { } finding
            ? new(finding, await EventIndex.Load(source, finding.Parting.Positions, cancellationToken))
            : null;
    }
}

/// <summary>How a difference is explained, as it stands now.</summary>
/// <param name="Root">The event it began with.</param>
/// <param name="Counterpart">What never came, or came otherwise.</param>
/// <param name="Parts">What the money is made of: they sum to it to the last digit.</param>
/// <param name="Correction">What to correct where.</param>
public sealed record ExplainedAnswer(
    RootAnswer? Root, Counterpart? Counterpart, IReadOnlyList<MoneyPartAnswer> Parts, Correction? Correction)
{
    internal static ExplainedAnswer Of(StandingDifference standing) => new(
        standing.Finding.Parting.Root(standing.Events) is { } root ? RootAnswer.Of(root) : null,
        standing.Finding.Counterpart,
        [
            .. standing.Finding.Parts.Select(p => new MoneyPartAnswer(
                Pages.Words.Name(p.Cause), p.Amount.Text, p.Amount.Currency.Code)),
        ],
        standing.Finding.Correction);
}

/// <summary>An event that a difference began with.</summary>
/// <param name="Id">Its source's own.</param>
/// <param name="Time">When its source says it happened.</param>
public sealed record RootAnswer(long Position, string Source, string Id, string Type, string Stream, string? Time)
{
    internal static RootAnswer Of(EventName root) => new(
        root.Position, root.Source, root.Id, root.Type, root.Stream,
        root.Time is { } time ? LedgerJson.WriteInstant(time) : null);
}

/// <summary>One part of the money of a difference.</summary>
/// <param name="Cause">quantity, rate, exchange, amount, adjustment, rounding, tax or unexplained.</param>
/// <param name="Amount">Positive where too much is asked.</param>
public sealed record MoneyPartAnswer(string Cause, string Amount, string Currency);
