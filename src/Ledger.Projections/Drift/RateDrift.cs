using Ledger.Domain;

namespace Ledger.Projections.Drift;

/// <summary>Compares the price a live document uses with the price stated for the work and the price of the cards.
/// </summary>
internal static class RateDrift
{
    /// <summary>With fewer entries than these, no price is rare.</summary>
    private const int RareOfMin = 20;

    /// <summary>A price is rare when used on at most one entry in so many.</summary>
    private const int RareOneIn = 50;

    public static IEnumerable<Finding> In(Books books)
    {
        var live = books.Documents.Where(d => d.IsLive && !d.GivesBack).ToArray();
        foreach (var document in live)
        {
            var priced = books.Priced(document);
            var other = priced.Where(p => p.Agreed is { } reference && Differs(p.Used, reference)).ToArray();
            if (other.Length > 0) yield return OtherPrice(document, other);
            var none = priced.Where(p => HasNone(books, document, p)).ToArray();
            if (none.Length > 0) yield return NoPrice(books, document, none);
        }

        foreach (var engagement in live.GroupBy(books.EngagementOf))
            foreach (var rare in Rare(books, [.. engagement])) yield return rare;
    }

    /// <summary>What a billed entry should be priced at; what its line uses where nobody says, or in another currency.
    /// </summary>
    public static Rate? PriceOf(PricedItem item) =>
        item.Agreed is { } agreed && agreed.Currency == item.Used?.Currency ? agreed : item.Used;

    private static bool Differs(Rate? used, Rate reference) => used is not null
        && (used.Currency != reference.Currency || PerHour(used) != PerHour(reference));

    // Days and months have no hours of their own: such prices compare as printed.
    private static decimal PerHour(Rate rate) => rate.Amount * (rate.Per.PerHour ?? 1);

    private static bool HasNone(Books books, Document document, PricedItem item) => item.Card is null
        && item.Entry.Billable != false
        && (item.Used is null || item.Used.Amount == 0m
            || books.Prices.AnyFor(item.Record, item.Entry, books.Billing(document)));

    private static Finding OtherPrice(Document document, PricedItem[] items)
    {
        var evidence = new Evidence().Names(document.Record, "lines");
        var difference = 0m;
        foreach (var item in items)
        {
            var reference = item.Agreed!;
            difference += Difference(item, reference);
            evidence.SaysAt(
                document.Record, $"lines/{item.Item.Line}/price", item.Used!.ToString(), item.Item.Position);
            if (item.Entry.BillRate is { } stated)
                evidence.Says(item.Record, "billRate", stated.ToString(), "billRate");
            else evidence.Names(item.Record);
            evidence.Clashes(item.Card?.Position ?? item.Record.Asserted("billRate"), item.Item.Position).Should(
                document.Record, $"lines/{item.Item.Line}/price", item.Used.ToString(), reference.ToString());
        }

        var money = document.Currency is { } currency ? new Money(difference, currency) : (Money?)null;
        var cost = money is { } m ? $": {Say.Abs(m)} {Say.TooMuch(m)}" : "";
        var finding = evidence.Finds(
            DriftClass.Rate, document,
            items is [var one]
                ? $"{document.Name} bills time entry {one.Item.Label} at {one.Used}; {Says(one)}{cost}."
                : $"{document.Name} bills {Say.Entries(items.Length)} at other prices than stated for them: "
                    + $"{Say.List(items.Select(i => $"{i.Item.Label} at {i.Used} ({Says(i)})"))}{cost} in all.",
            money);
        return WithCards(finding, items);
    }

    private static string Says(PricedItem item) => item.Card is { } card
        ? $"{card.Path} says {card.Price}"
        : $"the entry says {item.Entry.BillRate}";

    /// <summary>Adds the cards that resolved the prices, by the events that set them.</summary>
    private static Finding WithCards(Finding finding, PricedItem[] items)
    {
        var cards = items.Select(i => i.Card).OfType<ResolvedRate>().DistinctBy(c => (c.Card, c.CardRate)).ToArray();
        var said = cards.Select(c => new SaidValue(
            StreamName.SourceOf(c.Card), c.Card, $"rates/{c.CardRate}/price", c.Price.ToString(), c.Position));
        return finding with
        {
            Streams = finding.Streams.Concat(cards.Select(c => c.Card)).Distinct().ToItems(),
            Values = finding.Values.Concat(said).ToItems(),
            Events = finding.Events.Concat(cards.Select(c => c.Position)).Distinct().Order().ToItems(),
        };
    }

    private static decimal Difference(PricedItem item, Rate reference) =>
        item.Billed is { } billed && item.Used is { } used && used.Currency == reference.Currency
        && ExactMoney.Of(billed, used) is { } asked && ExactMoney.Of(billed, reference) is { } right
            ? (asked.Round(RoundingMode.HalfAwayFromZero) - right.Round(RoundingMode.HalfAwayFromZero)).Amount
            : 0m;

    private static Finding NoPrice(Books books, Document document, PricedItem[] items)
    {
        var evidence = new Evidence().Names(document.Record, "lines");
        foreach (var item in items)
            evidence.SaysAt(document.Record, $"lines/{item.Item.Line}/price", item.Used?.ToString(), item.Item.Position)
                .Says(item.Record, "billRate", item.Entry.BillRate?.ToString(), "billRate")
                .Clashes(item.Record.Asserted("billRate"), item.Item.Position)
                .Needs(books.KeeperOf(Kind.RateCard), Kind.RateCard, null, "rates", item.Used?.ToString());
        return evidence.Finds(
            DriftClass.Rate, document,
            $"{document.Name} bills {Say.Entries(items.Length)} for which no rate card has a price: "
            + $"{Say.List(items.Select(i => $"{i.Item.Label} at {i.Used?.ToString() ?? "no price"}"))}.",
            document.Currency is { } currency ? Money.Zero(currency) : null);
    }

    /// <summary>Where no card says what is right: prices that hardly ever occur in the engagement.</summary>
    private static IEnumerable<Finding> Rare(Books books, Document[] documents)
    {
        var all = documents.SelectMany(d => books.Priced(d).Select(p => (Item: p, Document: d)))
            .Where(p => p.Item.Card is null && p.Item.Used is { Amount: > 0m }).ToArray();
        if (all.Length < RareOfMin) yield break;
        var rare = all.GroupBy(p => p.Item.Used!).Where(g => g.Count() * RareOneIn <= all.Length).SelectMany(g => g);
        foreach (var group in rare.GroupBy(p => p.Document))
        {
            var evidence = new Evidence().Names(group.Key.Record, "lines");
            foreach (var (item, _) in group) evidence.Says(item.Record, "billRate", item.Used!.ToString(), "billRate");
            var said = group.Select(p => $"{p.Item.Item.Label} ({p.Item.Billed}) at {p.Item.Used}");
            yield return evidence.Finds(
                DriftClass.Rate, group.Key,
                $"{group.Key.Name} bills {Say.Entries(group.Count())} at a price that is rare in this engagement, and "
                + $"no rate card says whether it is right: {Say.List(said)}.") with
            {
                Weight = FindingWeight.Notice,
            };
        }
    }
}
