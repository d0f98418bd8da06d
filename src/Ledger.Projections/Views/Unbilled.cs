using Ledger.Domain;
using Ledger.Projections.Rating;
using NodaTime;

namespace Ledger.Projections.Views;

/// <summary>Approved, billable work, or a fee that is due, that no live invoice bills yet.</summary>
/// <param name="Entity">The time entry's, expense's or milestone's entity; of an instalment, a period or metered use
/// the contract's, of a task the project's.</param>
/// <param name="Project">The project's entity, else the stream or number it is told by; of a fee of the contract the
/// contract's; null = not said.</param>
/// <param name="On">The day of the work or the cost, or on which a fee fell due; null = not said.</param>
/// <param name="Quantity">What is left to bill of a time entry, or was counted; else null.</param>
/// <param name="Rate">The price of a time entry: what the cards give, else its own.</param>
/// <param name="Amount">What is left at that rate, exact; null where there is no rate, or none that fits the unit.
/// </param>
public sealed record UnbilledItem(
    Entity Entity, string? Project, LocalDate? On, Quantity? Quantity, Rate? Rate, ExactMoney? Amount)
{
    /// <summary>The instalment, period, use or task; null = the record as a whole.</summary>
    public string? Part { get; init; }
}

/// <summary>Unbilled approved work as of a position.</summary>
/// <param name="Totals">By currency, each rounded once, half away from zero.</param>
/// <param name="Unpriced">Items no amount can be told of: a finding, never zero.</param>
public sealed record UnbilledWork(
    long Position, IReadOnlyList<Money> Totals, IReadOnlyList<UnbilledItem> Items, int Unpriced)
{
    /// <summary>Each thing counts once, each field by its owner's word, at the price and by the reasons that rating
    /// knows; a line that bills a thing without saying how much bills all of it.</summary>
    public static UnbilledWork Of(World world)
    {
        UnbilledItem[] items = [.. new Engagements(world).All().SelectMany(e => In(world, e))];
        var totals = items.Select(i => i.Amount).OfType<ExactMoney>().GroupBy(a => a.Currency)
            .Select(g => g.Aggregate((a, b) => a + b).Round(RoundingMode.HalfAwayFromZero))
            .OrderByDescending(m => m.Amount).ThenBy(m => m.Currency.Code, StringComparer.Ordinal).ToArray();
        return new(world.Position, totals, items, items.Count(i => i.Amount is null));
    }

    private static IEnumerable<UnbilledItem> In(World world, Engagement engagement)
    {
        var standing = engagement.Billed.Where(b => !b.IsDraft).ToLookup(b => b.Target);
        foreach (var work in engagement.Time.AsEnumerable())
            if (Worths.Left(engagement, work, standing[work.Id]) is { } left)
                yield return new(
                    world.EntityOf(work.Id), work.Project ?? Said(work.Entry.Project, work.Ref), work.Entry.WorkedOn,
                    left.Quantity, left.Price, left.Value);
        foreach (var spent in engagement.Expenses.AsEnumerable())
            if (Worths.Left(engagement, spent, standing[spent.Id]) is { } left)
                yield return new(
                    world.EntityOf(spent.Id), spent.Project ?? Said(spent.Expense.Project, spent.Ref),
                    spent.Expense.IncurredOn, null, null, left.Value);
        foreach (var fee in Worths.FeesLeft(engagement, world.Day))
        {
            var at = fee.Id.IndexOf('#', StringComparison.Ordinal);
            yield return new(
                world.EntityOf(at < 0 ? fee.Id : fee.Id[..at]), at < 0 ? engagement.Id : fee.Id[..at], fee.On,
                fee.Quantity, fee.Price, fee.Value)
            {
                Part = at < 0 ? null : fee.Id[(at + 1)..],
            };
        }
    }

    private static string? Said(Ref? project, Ref by) => project?.Stream(by.Source!) ?? project?.Number;
}
