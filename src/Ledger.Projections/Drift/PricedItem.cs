using Ledger.Domain;

namespace Ledger.Projections.Drift;

/// <summary>A billed time entry with every price and quantity that anyone states for it.</summary>
/// <param name="Recorded">What may be billed of it: the billable quantity, less what was written down.</param>
/// <param name="Billed">What the line bills of it.</param>
/// <param name="Used">The price the line uses: its own, else the entry's.</param>
/// <param name="Card">The price the cards give; null where none does.</param>
/// <param name="Value">What the line asks for it, exact; null where no price or no quantity is known.</param>
internal sealed record PricedItem(
    BilledItem Item, TimeEntry Entry, Quantity? Recorded, Quantity? Billed, Rate? Used, ResolvedRate? Card,
    ExactMoney? Value)
{
    /// <summary>What the price should be: the card's, else what the entry states.</summary>
    public Rate? Agreed => Card?.Price ?? Entry.BillRate;

    public SourceRecord Record => Item.Record!;

    /// <summary>The value rounded on its own, for a sentence.</summary>
    public Money? Worth => Value?.Round(RoundingMode.HalfAwayFromZero);

    /// <summary>The prices of one line's time entries.</summary>
    public static IEnumerable<PricedItem> Of(Books books, Document document, DocumentLine line)
    {
        var timed = line.Bills.Where(b => b.Entry is not null).ToArray();
        foreach (var item in timed)
        {
            var entry = item.Entry!;
            var recorded = Billable(entry);
            var whole = timed.Length == 1 && line.Stated?.Quantity is { Unit.PerHour: not null } q ? q : null;
            var billed = item.Quantity ?? whole ?? recorded;
            var card = books.Prices.Of(item.Record!, entry, books.Billing(document));
            var used = line.Stated?.Price ?? entry.BillRate ?? card?.Price;
            var value = used is null || billed is null ? null : ExactMoney.Of(billed, used);
            if (value is null && item.Amount is { } amount && document.Currency is { } currency)
                value = ExactMoney.Of(new Money(amount, currency));
            yield return new(item, entry, recorded, billed, used, card, value);
        }
    }

    private static Quantity? Billable(TimeEntry entry)
    {
        if ((entry.BillableQuantity ?? entry.Quantity) is not { } quantity) return null;
        foreach (var down in entry.WriteDowns.Where(w => !w.Off && w.Quantity is not null))
            if (Convert(down.Quantity!, quantity.Unit) is { } less)
                quantity = quantity with { Value = quantity.Value - less };
        return quantity;
    }

    /// <summary>The quantity in another unit; null where the units do not convert.</summary>
    public static decimal? Convert(Quantity quantity, Unit to) => new Quantity(0m, to).DifferenceTo(quantity);
}
