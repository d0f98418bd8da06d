using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Drift;
using Ledger.Projections.Views;
using Ledger.Store;
using Npgsql;
using Verdict = Ledger.Projections.Drift.Verdict;

namespace Ledger.Api.Pages;

/// <summary><c>GET /</c>: where the money stands.</summary>
internal static class ShowHome
{
    private const int LatestEvents = 12;

    public static async Task<IResult> Handle(
        DriftNow now, QuestionsNow questions, EventStore store, NpgsqlDataSource source,
        CancellationToken cancellationToken)
    {
        var at = await now.ReadDrift(cancellationToken);
        var position = at.World.Position;
        var latest = new List<StoredEvent>();
        await foreach (var stored in store.ReadAll(
            Math.Max(0, position - LatestEvents), LatestEvents, null, null, cancellationToken))
            latest.Add(stored);
        latest.Reverse();
        return Page.Of<HomePage>(new HomeModel(
            at, latest, await ProposalReader.Counts(source, cancellationToken),
            await questions.Read(position, cancellationToken)));
    }
}

/// <summary>What the home page shows.</summary>
/// <param name="Latest">The last events, the newest first.</param>
/// <param name="Proposals">Pairs that may be one thing, by kind.</param>
/// <param name="Questions">What every question comes to, as of the page or a little before.</param>
public sealed record HomeModel(
    LedgerAt At, IReadOnlyList<StoredEvent> Latest, IReadOnlyList<(string Kind, long Count)> Proposals,
    QuestionsAt Questions)
{
    public bool IsEmpty => At.World.Position == 0;

    public IReadOnlyList<UnbilledTotal> Unbilled { get; } = UnbilledTotal.Of(At.Unbilled.Items);

    /// <summary>Live invoices that carry money no record behind them explains, the most first.</summary>
    public IReadOnlyList<InvoiceRow> Unexplained { get; } =
    [
        .. At.Drift.Invoices.Where(i => i is { Verdict: not Verdict.NotLive, Currency: not null })
            .Select(i => InvoiceRow.Of(At, i)).Where(r => r.Unexplained != 0m)
            .OrderByDescending(r => Math.Abs(r.Unexplained)).ThenBy(r => r.Check.Number, StringComparer.Ordinal),
    ];

    public IReadOnlyList<DriftTotal> Differences { get; } =
        DriftTotal.Of(At.Drift.Findings.Where(f => f.Weight is FindingWeight.Difference));

    /// <summary>Scopes that finance signed, those that count first.</summary>
    public IReadOnlyList<(SignOffStatus Status, int Count)> SignOffs { get; } =
    [
        .. At.World.Live<SignOff>(Kind.SignOff).GroupBy(s => s.State.Status).OrderBy(g => g.Key)
            .Select(g => (g.Key, g.Count())),
    ];

    public int Systems => At.World.Records.Values.Where(r => r.IsLive && !r.Kind.IsGovernance).Select(r => r.Source)
        .Distinct().Count();
}

/// <summary>Unbilled work in one currency.</summary>
/// <param name="Currency">Null = work that has no price.</param>
/// <param name="Minutes">Sum of what is stated in minutes or hours.</param>
public sealed record UnbilledTotal(
    Currency? Currency, int Items, decimal Minutes, decimal Amount, NodaTime.LocalDate? Oldest)
{
    public static IReadOnlyList<UnbilledTotal> Of(IEnumerable<UnbilledItem> items) =>
    [
        .. items.GroupBy(u => u.Amount?.Currency)
            .Select(g => new UnbilledTotal(g.Key, g.Count(), g.Sum(MinutesOf), Sum(g), g.Min(u => u.On)))
            .OrderBy(t => t.Currency is null).ThenByDescending(t => t.Amount),
    ];

    public static decimal MinutesOf(UnbilledItem item) =>
        item.Quantity is { Unit.PerHour: { } per } quantity ? quantity.Value * 60m / per : 0m;

    // Rounded once, as the view's own totals are.
    private static decimal Sum(IEnumerable<UnbilledItem> items) => items.Select(u => u.Amount).OfType<ExactMoney>()
        .Aggregate(default(ExactMoney?), (sum, amount) => sum is { } so ? so + amount : amount)
        ?.Round(RoundingMode.HalfAwayFromZero).Amount ?? 0m;
}
