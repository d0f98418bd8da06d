namespace Ledger.Domain;

/// <summary>Works a document out again, and takes the difference apart.</summary>
internal sealed class Reckoning
{
    private readonly IssuedDocument document;
    private readonly Currency currency;
    private readonly decimal net;
    private readonly List<DifferencePart> parts = [];
    private readonly List<IssuedItem> priced = [];
    private readonly List<IssuedItem> amounts = [];
    private readonly List<(IssuedItem Item, decimal Asked)> unknown = [];
    private readonly Dictionary<string, decimal> allowed = [];
    private readonly Items<Adjustment> adjustments;
    private decimal unsourced;

    public Reckoning(IssuedDocument document, decimal net)
    {
        (this.document, this.net) = (document, net);
        currency = document.Currency;
        adjustments = document.Invoice.Adjustments;
        foreach (var line in document.Items.GroupBy(i => i.Line)) Sort(line.Key, [.. line]);
        var billing = document.Items.Select(i => i.Line).ToHashSet();
        unsourced = document.Invoice.Lines.Where(l => !billing.Contains(l.Line)).Sum(Asked);
    }

    public ReRating Result()
    {
        var billed = priced.Select(i => Probed(i, i.Billed!, i.Used!, -Taken(i))).ToArray();
        var recorded = priced.Select(Recorded).ToArray();
        var asked = amounts.Sum(i => i.Asked!.Value);
        var adjusted = Signed(adjustments) + (document.Invoice.Totals?.Rounding ?? 0m);
        var ofWork = net - asked - adjusted - unsourced - unknown.Sum(u => u.Asked);
        var reproducing = RoundingProbe.Try(billed, Money.Zero(currency), new(ofWork, currency))
            .Where(r => r.Reproduces && RoundingProbe.CanTell(billed, r.Rule.Scope)).Select(r => r.Rule).ToItems();
        var rule = document.Agreed ?? (reproducing.Count > 0 ? reproducing[0] : InvoiceProposal.RoundingAssumed);
        var (asBilled, asRecorded) = (Total(billed, rule), Total(recorded, rule));
        OfItems();
        OfAmounts();
        var lineDifference = LineDifference();
        var readjusted = Readjusted(asBilled - asRecorded + amounts.Sum(i => i.Asked!.Value - Worth(i)));
        Add(
            DifferenceCause.Adjustment, lineDifference + adjusted - readjusted, [],
            "its discounts, write-downs and charges are others than agreed");
        var explained = parts.Where(p => p.Cause is DifferenceCause.Quantity or DifferenceCause.Rate
            or DifferenceCause.Exchange).Sum(p => p.Amount.Amount) + lineDifference;
        var otherRule = ofWork - asBilled;
        var isRounding = otherRule != 0m && reproducing.Count > 0;
        Add(
            DifferenceCause.Rounding, asBilled - asRecorded - explained + (isRounding ? otherRule : 0m), [],
            isRounding
                ? $"it is rounded per {Words(reproducing[0])}; the contract rounds per {Words(rule)}"
                : "amounts of a fraction of the smallest coin");
        var renewed = asRecorded + amounts.Sum(Worth) + readjusted;
        var taxed = Taxed(renewed);
        Unexplained(isRounding ? 0m : otherRule);
        var tax = document.Invoice.Totals?.Tax ?? document.Invoice.Taxes.Sum(t => t.Amount ?? 0m);
        Add(DifferenceCause.Tax, tax - taxed, [], "its tax is another than its rates make of what it should ask for");
        return new(
            document.Id, new(net + tax, currency), new(renewed + taxed, currency), parts.ToItems(), rule,
            document.Agreed is not null, reproducing,
            priced.Select(Published).OfType<PublishedExchange>().Distinct().ToItems(),
            priced.Where(i => i.Agreed is null).Select(i => i.Id).ToItems());
    }

    /// <summary>What is priced by its units, what has an amount, and what nobody can tell of.</summary>
    private void Sort(string line, IssuedItem[] items)
    {
        foreach (var item in items)
        {
            if (item is { IsKnown: true, Billed: not null, Used: not null } && Extended(item) is not null)
                priced.Add(item);
            else if (item is { IsKnown: true, Asked: not null, Worth: not null }) amounts.Add(item);
            else unknown.Add((item, item.Asked ?? Extended(item)?.Round(RoundingMode.HalfAwayFromZero).Amount ?? 0m));
        }

        if (document.Invoice.Lines.FirstOrDefault(l => l.Line == line)?.Adjustments is { } own
            && priced.FirstOrDefault(i => i.Line == line) is { } first) allowed[first.Id + line] = -Signed(own);
    }

    private ExactMoney? Extended(IssuedItem item) =>
        item is { Billed: { } billed, Used: { } used } && used.Currency == currency ? used.Extend(billed) : null;

    /// <summary>What the line says was written down; told of the first thing it bills.</summary>
    private decimal Taken(IssuedItem item) => allowed.GetValueOrDefault(item.Id + item.Line);

    private static decimal Signed(IEnumerable<Adjustment> adjustments) =>
        adjustments.Sum(a => a.Charge ? a.Amount : -a.Amount);

    private decimal Asked(InvoiceLine line) => line.Net
        ?? (line is { Quantity: { } quantity, Price: { } price } && price.Currency == currency
            ? price.Extend(quantity)?.Round(RoundingMode.HalfAwayFromZero).Amount + Signed(line.Adjustments ?? [])
            : null)
        ?? 0m;

    private ProbedWork Probed(IssuedItem item, Quantity quantity, Rate price, decimal more) => new(
        item.Id, price.Extend(quantity)!.Value + ExactMoney.Of(new Money(more, currency)), item.Line, item.Person,
        item.Task, item.TaxCategory);

    private ProbedWork Recorded(IssuedItem item)
    {
        var price = AgreedPrice(item);
        var quantity = item.Recorded is { } recorded && price.Extend(recorded) is not null ? recorded : item.Billed!;
        return Probed(item, quantity, price, -item.WrittenDown);
    }

    /// <summary>The price agreed, in the document's currency at the published rate; where nothing is agreed or known,
    /// the one used.</summary>
    private Rate AgreedPrice(IssuedItem item)
    {
        if (item.Agreed is not { } agreed || agreed.Extend(item.Billed!) is null) return item.Used!;
        if (agreed.Currency == currency) return agreed;
        return Published(item) is { Rate: var rate }
            ? agreed with { Amount = agreed.Amount * rate, Currency = currency }
            : item.Used!;
    }

    /// <summary>What the currency that its price is agreed in was worth; null where nobody published that, or none is
    /// needed.</summary>
    private PublishedExchange? Published(IssuedItem item) => item.Agreed is { } agreed && agreed.Currency != currency
        ? document.Published?.FirstOrDefault(p => p.From == agreed.Currency)
        : null;

    private decimal Total(ProbedWork[] work, Rounding rule) => RoundingProbe.Total(work, rule, currency).Amount;

    /// <summary>Hours × rate, hours × Δrate, and what the rate of exchange makes.</summary>
    private void OfItems()
    {
        var (hours, rates, exchange) = (new Sum(), new Sum(), new Sum());
        foreach (var item in priced)
        {
            var agreed = AgreedPrice(item);
            var recorded = Recorded(item).Amount.Sixtieths / 60m + item.WrittenDown;
            var asAgreed = agreed.Extend(item.Billed!)!.Value.Sixtieths / 60m;
            hours.Add(item.Id, asAgreed - recorded, item.QuantityEvent);
            var atUsed = item.Used!.Extend(item.Billed!)!.Value.Sixtieths / 60m;
            var foreign = Foreign(item);
            var published = Published(item)?.Events ?? Items<long>.None;
            rates.Add(item.Id, atUsed - (foreign ?? asAgreed), [item.PriceEvent, .. foreign is null ? published : []]);
            if (foreign is { } stated) exchange.Add(item.Id, stated - asAgreed, [.. published]);
        }

        Add(DifferenceCause.Quantity, Cents(hours.Total), hours, "hours are billed that were not recorded so");
        Add(DifferenceCause.Rate, Cents(rates.Total), rates, "prices are used that were not agreed so");
        Add(DifferenceCause.Exchange, Cents(exchange.Total), exchange, "it converts at another rate than published");
    }

    /// <summary>What the price agreed in another currency comes to at the rate that the document states; null where it
    /// states none, or none is needed.</summary>
    private decimal? Foreign(IssuedItem item) =>
        item.Agreed is { } agreed && agreed.Currency != currency && document.Invoice.Fx is { Rate: { } rate } fx
        && fx.Currency == agreed.Currency && Published(item) is not null && rate != 0m
            ? agreed.Extend(item.Billed!)?.Sixtieths / 60m / rate
            : null;

    private void OfAmounts()
    {
        var sum = new Sum();
        foreach (var item in amounts) sum.Add(item.Id, item.Asked!.Value - Worth(item), item.QuantityEvent);
        Add(DifferenceCause.Amount, sum.Total, sum, "expenses or fees are billed at other amounts than recorded");
    }

    private static decimal Worth(IssuedItem item) => item.Worth!.Value;

    /// <summary>What lines say was written down less what was.</summary>
    private decimal LineDifference() => priced.Sum(i => i.WrittenDown - Taken(i));

    /// <summary>The document's charges and allowances: those in percent follow what they are a part of.</summary>
    private decimal Readjusted(decimal more)
    {
        var sum = document.Invoice.Totals?.Rounding ?? 0m;
        foreach (var adjustment in adjustments)
        {
            var amount = adjustment is { Percent: { } percent, Base: { } of } && more != 0m
                ? Rounding.Round((of - more) * percent / 100m, currency.MinorDigits, RoundingMode.HalfAwayFromZero)
                : adjustment.Amount;
            sum += adjustment.Charge ? amount : -amount;
        }

        return sum;
    }

    /// <summary>The tax that the stated rates make of what should be asked for. Of several categories, all that changed
    /// is told of the largest.</summary>
    private decimal Taxed(decimal renewed)
    {
        var taxes = document.Invoice.Taxes;
        if (taxes.Count == 0) return document.Invoice.Totals?.Tax ?? 0m;
        var largest = taxes.MaxBy(t => Math.Abs(t.Base ?? 0m))!;
        return taxes.Sum(t => t is { Rate: { } rate, Base: { } of }
            ? Rounding.Round(
                (of + (ReferenceEquals(t, largest) ? renewed - net : 0m)) * rate / 100m, currency.MinorDigits,
                RoundingMode.HalfAwayFromZero)
            : t.Amount ?? 0m);
    }

    private void Unexplained(decimal residue)
    {
        var sum = new Sum();
        foreach (var (item, asked) in unknown) sum.Add(item.Id, asked, 0L);
        Add(DifferenceCause.Unexplained, sum.Total + residue + unsourced, sum, unsourced == 0m
            ? "nothing that the ledger has explains it"
            : "lines ask for money that nothing stands behind");
    }

    private void Add(DifferenceCause cause, decimal amount, Sum of, string sentence) =>
        Add(cause, amount, of.Items, sentence, of.Events);

    private void Add(
        DifferenceCause cause, decimal amount, IEnumerable<string> items, string sentence,
        IEnumerable<long>? events = null)
    {
        if (amount != 0m)
            parts.Add(new(cause, new(amount, currency), (events ?? []).ToItems(), items.ToItems(), sentence));
    }

    private decimal Cents(decimal amount) =>
        Rounding.Round(amount, currency.MinorDigits, RoundingMode.HalfAwayFromZero);

    private static string Words(Rounding rule) =>
        $"{System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(rule.Scope.ToString()).Replace('_', ' ')}, "
        + System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(rule.Mode.ToString()).Replace('_', ' ');

    /// <summary>A difference as it adds up, and what it comes of.</summary>
    private sealed class Sum
    {
        private readonly SortedSet<long> events = [];
        private readonly List<string> items = [];

        public decimal Total { get; private set; }

        public IEnumerable<long> Events => events;

        public IEnumerable<string> Items => items;

        public void Add(string item, decimal amount, params ReadOnlySpan<long> positions)
        {
            if (amount == 0m) return;
            Total += amount;
            items.Add(item);
            foreach (var position in positions)
                if (position > 0L) events.Add(position);
        }
    }
}
