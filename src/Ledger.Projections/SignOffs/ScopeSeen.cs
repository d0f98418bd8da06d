using Ledger.Domain;
using Ledger.Projections.Views;

namespace Ledger.Projections.SignOffs;

/// <summary>What there is to see in a scope before somebody signs it.</summary>
/// <param name="Records">How many records have a part in it.</param>
/// <param name="Open">Exceptions about any of them that are open, in the order in which they came up.</param>
/// <param name="Accepted">How many were accepted.</param>
public sealed record ScopeSeen(int Records, IReadOnlyList<CaseView> Open, int Accepted)
{
    /// <summary>What is open by class and currency; amounts are never netted, and none where it is more than an event
    /// may state.</summary>
    public Items<OpenClass> Classes => Open
        .GroupBy(c => (c.Class, Currency: c.State.Amount is null ? null : c.State.Currency))
        .OrderBy(g => g.Key.Class, StringComparer.Ordinal)
        .ThenBy(g => g.Key.Currency?.Code, StringComparer.Ordinal)
        .Select(g => Summed(g.Key.Class, g.Key.Currency, [.. g])).ToItems();

    /// <param name="cases">Every case there is.</param>
    public static ScopeSeen Of(World world, Scope scope, IEnumerable<CaseView> cases)
    {
        var known = Known.Of(world);
        var held = world.Records.Values.Where(r => scope.Holds(r, known)).Select(r => r.Stream).ToHashSet();
        var mine = cases.Where(c => c.State.Streams.Any(held.Contains)).OrderBy(c => c.Opened).ToArray();
        return new(
            held.Count, [.. mine.Where(c => c.State.Status is CaseStatus.Open)],
            mine.Count(c => c.State.Status is CaseStatus.Accepted));
    }

    private static OpenClass Summed(string @class, Currency? currency, CaseView[] cases) =>
        currency is not null
        && DecimalText.TryReadStated(DecimalText.Write(cases.Sum(c => c.State.Amount ?? 0m)), out var sum)
            ? new(@class, cases.Length, sum, currency)
            : new(@class, cases.Length);
}
