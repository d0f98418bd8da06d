using Ledger.Domain;
using Ledger.Projections.Lineage;

namespace Ledger.Projections;

/// <summary>What is other money in one world than in another of the same records: what entities stand for, and what is
/// billed, posted, settled, credited and prepaid of others because of it. Pure.</summary>
public static class MoneyBetween
{
    /// <param name="after">Of the same position.</param>
    public static MoneyDifference Of(World before, World after) => new(
        before.Position,
        [
            .. Figures(null, Stands(before), Stands(after)),
            .. Covered.SelectMany(rel => Figures(rel, CoveredBy(before, rel), CoveredBy(after, rel))),
        ]);

    private static readonly string[] Covered = [Rels.Bills, Rels.Posts, Rels.Settles, Rels.Credits, Rels.Prepays];

    /// <summary>What each live entity stands for.</summary>
    private static Dictionary<(string Id, string? Currency), decimal?> Stands(World world)
    {
        var money = new Dictionary<(string, string?), decimal?>();
        foreach (var entity in world.AllEntities.Where(e => e.IsLive && !e.Kind.IsGovernance))
            if (EntityMoney.Of(world.Compose(entity)) is { } known)
                money.Add((entity.Id, known.Currency?.Code), known.Amount);
        return money;
    }

    /// <summary>How much of each entity is covered so; null = all of it, or nobody says how much.</summary>
    private static Dictionary<(string Id, string? Currency), decimal?> CoveredBy(World world, string rel)
    {
        var covered = new Dictionary<(string, string?), decimal?>();
        var currencies = new Dictionary<string, string?>();
        foreach (var edge in world.Coverage)
        {
            if (edge.Rel != rel || !edge.Live || edge.ToEntity is not { } to) continue;
            var key = (to, edge.Currency?.Code ?? CurrencyOf(edge.FromEntity));
            covered[key] = covered.GetValueOrDefault(key) is var sum && edge.Amount is { } amount
                ? (sum ?? 0m) + Math.Abs(amount)
                : sum;
        }

        return covered;

        string? CurrencyOf(string entity)
        {
            if (currencies.TryGetValue(entity, out var currency)) return currency;
            var stated = world.Compose(world.EntityOf(entity)).Value<Currency?>("currency");
            return currencies[entity] = stated?.Code;
        }
    }

    private static IEnumerable<MoneyFigure> Figures(
        string? covered, Dictionary<(string Id, string? Currency), decimal?> before,
        Dictionary<(string Id, string? Currency), decimal?> after) =>
        before.Keys.Union(after.Keys)
            .Select(key => new Move(
                StreamName.KindOf(key.Id), key.Currency, before.ContainsKey(key), after.ContainsKey(key),
                before.GetValueOrDefault(key) ?? 0m, after.GetValueOrDefault(key) ?? 0m))
            .Where(move => move.Was != move.Is || move.Before != move.After)
            .GroupBy(move => (move.Kind, move.Currency)).OrderBy(g => g.Key.Kind, StringComparer.Ordinal)
            .ThenBy(g => g.Key.Currency, StringComparer.Ordinal)
            .Select(g => new MoneyFigure(
                g.Key.Kind, g.Key.Currency, g.Count(m => m is { Was: true, Is: true }), g.Count(m => !m.Was),
                g.Count(m => !m.Is), g.Sum(m => m.After - m.Before), g.Sum(m => Math.Abs(m.After - m.Before)))
            {
                Covered = covered,
            });

    /// <param name="Was">Whether there was any.</param>
    /// <param name="Is">Whether there is any.</param>
    private sealed record Move(string Kind, string? Currency, bool Was, bool Is, decimal Before, decimal After);
}
