using Ledger.Domain;

namespace Ledger.Projections.Drift;

/// <summary>What money with no source could be. Suggestions for a person, never a finding's ground.</summary>
internal sealed class Remainders(Books books, IReadOnlyList<CheckedMoney> all)
{
    private const int HoursMax = 400;
    private const int EntriesMax = 3;

    private readonly ILookup<(string, Money), CheckedMoney> byAmount = all
        .Where(m => m.Document.IsLive && m.Unsourced.Amount > 0m)
        .ToLookup(m => (m.Engagement.Engagement, m.Unsourced));

    private readonly Lazy<ILookup<Money, (PricedItem Item, Document Document)>> byWorth = new(() => books.Documents
        .SelectMany(d => books.Priced(d).Where(p => p.Worth is not null).Select(p => (p, d)))
        .ToLookup(pair => pair.p.Worth!.Value));

    /// <summary>The likeliest first, and the numbers of other documents that they rest on.</summary>
    public (Items<string> Suggestions, Items<string> Related) For(CheckedMoney money)
    {
        // Documents of which only the source is known have nothing in common.
        var same = money.Engagement.IsKnown
            ? byAmount[(money.Engagement.Engagement, money.Unsourced)].Where(m => !ReferenceEquals(m, money))
                .Select(m => m.Document).ToArray()
            : [];
        var suggestions = new[] { Recurring(same, money.Unsourced) }.Concat(Fees(money)).Append(Hours(money))
            .Append(Entries(money)).OfType<string>().ToItems();
        return (suggestions, same.Select(d => d.Number).OfType<string>().ToItems());
    }

    private static string? Recurring(Document[] same, Money amount) => same.Length switch
    {
        0 => null,
        1 => $"One other invoice ({same[0].Label}) carries the same {amount}: it may be a recurring fixed fee.",
        _ => $"{Say.Capital(Say.Number(same.Length))} other invoices ({Say.List(same.Select(d => d.Label))}) carry the "
            + $"same {amount}: it looks like a recurring fixed fee.",
    };

    private IEnumerable<string> Fees(CheckedMoney money)
    {
        var amount = money.Unsourced.Amount;
        foreach (var project in books.ProjectsOf(money.Document))
            foreach (var task in project.State.Tasks.Where(t => t.FixedFee == true && t.Budget == amount).ToArray())
            {
                var named = task.Name is { } name ? $" ({name})" : "";
                yield return $"It equals the fixed fee of task {task.Task}{named}.";
            }
        foreach (var contract in books.ContractsOf(money.Document))
        {
            foreach (var item in contract.State.Schedule.Where(i => i.Amount == amount).ToArray())
                yield return $"It equals item {item.Item} of the billing schedule of contract "
                    + $"{Books.LabelOf(contract.Record)}.";
            foreach (var line in contract.State.Lines.Where(l => l.Amount == amount).ToArray())
                yield return $"It equals line {line.Line} of contract {Books.LabelOf(contract.Record)}.";
        }
    }

    private string? Hours(CheckedMoney money)
    {
        var fitting = books.Priced(money.Document).Select(p => p.Used).OfType<Rate>().Distinct()
            .Where(rate => rate.Per == Unit.Hour && rate.Amount > 0m && rate.Currency == money.Unsourced.Currency)
            .Select(rate => (Rate: rate, Hours: money.Unsourced.Amount / rate.Amount))
            .Where(fit => fit.Hours == decimal.Truncate(fit.Hours) && fit.Hours <= HoursMax)
            .OrderBy(fit => fit.Hours).ToArray();
        return fitting.Length == 0
            ? null
            : $"It equals {DecimalText.Write(fitting[0].Hours)} h at {fitting[0].Rate}, a rate used on this invoice.";
    }

    private string? Entries(CheckedMoney money)
    {
        var worth = byWorth.Value[money.Unsourced].Where(p => p.Document != money.Document)
            .DistinctBy(p => p.Item.Item.Target).ToArray();
        return worth.Length is 0 or > EntriesMax
            ? null
            : $"It equals {Say.List(worth.Select(w => $"time entry {w.Item.Item.Label} on {w.Document.Label}"))}.";
    }
}
