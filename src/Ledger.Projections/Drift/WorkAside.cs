using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Drift;

/// <summary>Which hours or costs are counted together.</summary>
/// <param name="Currency">Of their amounts; null = they state none.</param>
internal readonly record struct WorkOf(string Source, string Kind, Currency? Currency);

/// <summary>How many hours or costs there are.</summary>
/// <param name="Live">Those that their system has.</param>
/// <param name="Priced">Those of them that state an amount in a currency.</param>
/// <param name="Amount">What they state together.</param>
internal readonly record struct WorkCount(int Live, int Priced, decimal Amount)
{
    /// <summary>One record.</summary>
    public static WorkCount Of(bool live, decimal? amount, Currency? currency) => !live ? default
        : amount is { } stated && currency is not null ? new(1, 1, stated) : new(1, 0, 0m);

    public static WorkCount operator +(WorkCount a, WorkCount b) =>
        new(a.Live + b.Live, a.Priced + b.Priced, a.Amount + b.Amount);

    public static WorkCount operator -(WorkCount a, WorkCount b) =>
        new(a.Live - b.Live, a.Priced - b.Priced, a.Amount - b.Amount);
}

/// <summary>The hours and costs that nothing but each other is compared with: no document bills or books them, nothing
/// they point at is missing. Of millions of them only what differs has to be looked at.</summary>
/// <param name="Latest">The latest day that any hour or cost is of; null = there is none.</param>
/// <param name="Counts">Of all there are.</param>
/// <param name="Findings">Where systems tell one of them differently, whether billed or not.</param>
internal sealed record WorkAside(
    LocalDate? Latest, IReadOnlyDictionary<WorkOf, WorkCount> Counts, WorkFindings Findings);
