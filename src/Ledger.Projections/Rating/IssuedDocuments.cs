using Ledger.Domain;
using Ledger.Projections.Drift;
using NodaTime;

namespace Ledger.Projections.Rating;

/// <summary>Issued documents with what stands behind them now: pure.</summary>
internal sealed class IssuedDocuments
{
    private readonly World world;
    private readonly Engagements? engagements;
    private readonly Books books;

    public IssuedDocuments(World world)
    {
        engagements = new(world);
        (this.world, books) = (world, engagements.Books);
    }

    /// <summary>Of books at hand: what a fee is worth under its contract is not asked.</summary>
    public IssuedDocuments(Books books) => (world, this.books) = (books.World, books);

    /// <summary>A document with what its lines bill.</summary>
    /// <param name="invoice">Any of its streams.</param>
    /// <returns>Null where the world has no such document, or its currency is not known.</returns>
    public IssuedDocument? Of(string invoice)
    {
        if (!world.Records.TryGetValue(invoice, out var record) || record.Kind != Kind.Invoice) return null;
        var id = world.EntityOf(invoice).Id;
        return books.Documents.FirstOrDefault(d => d.Entity.Id == id) is { } document ? Of(document) : null;
    }

    /// <inheritdoc cref="Of(string)"/>
    public IssuedDocument? Of(Document document)
    {
        if (document.Currency is not { } currency) return null;
        var contract = books.ContractsOf(document).Cast<Stated<Contract>?>().FirstOrDefault();
        var worths = contract is { } under && document.IssuedOn is { } issued
            && engagements?.Of(under.Record.Stream, issued) is { } engagement
                ? Worths.Of(engagement, issued.PlusYears(1))
                : new Dictionary<string, Money>();
        var agreed = books.ContractsOf(document).Select(c => c.State.Rounding).FirstOrDefault(r => r is not null);
        var items = document.Lines.SelectMany(line => ItemsOf(document, line, currency, worths)).ToItems();
        return new(document.Entity.Id, document.State, currency, items, agreed, Published(document, currency, items));
    }

    /// <summary>What the currencies of agreed prices were worth in the document's, as published for its days: where
    /// several published it, as the one nearest to what the document states, else as the first by name.</summary>
    private Items<PublishedExchange> Published(Document document, Currency currency, Items<IssuedItem> items)
    {
        var (state, entity) = (document.State, world.Firm.EntityOf(document.Record));
        var rates = new Lazy<PublishedRates>(() => new(world));
        return
        [
            .. from other in Foreign(items, currency)
               let stated = state.Fx is { } fx && fx.Currency == other && fx.Rate > 0m ? 1m / fx.Rate : null
               let found = DaysOf(state).SelectMany(day => rates.Value.For((other, currency), day, entity))
                   .OrderBy(p => stated is null ? 0m : Math.Abs(p.Rate - stated.Value))
                   .ThenBy(p => p.By, StringComparer.Ordinal).FirstOrDefault()
               where found is not null
               select new PublishedExchange(other, found.Rate, found.ToString(), found.Events),
        ];
    }

    /// <summary>The currencies, other than the document's, that prices of what it bills are agreed in.</summary>
    public static IEnumerable<Currency> Foreign(IEnumerable<IssuedItem> items, Currency currency) =>
        items.Select(i => i.Agreed?.Currency).OfType<Currency>().Where(c => c != currency).Distinct();

    /// <summary>The days whose rates a document may convert at.</summary>
    public static IEnumerable<LocalDate> DaysOf(Invoice invoice) =>
        new[] { invoice.IssuedOn, invoice.TaxPointOn }.OfType<LocalDate>().Distinct();

    private IEnumerable<IssuedItem> ItemsOf(
        Document document, DocumentLine line, Currency currency, IReadOnlyDictionary<string, Money> worths)
    {
        if (line.Bills.Count == 0)
        {
            if (IsExplained(document, line)) yield return Fee(line, line.Asked(currency));
            yield break;
        }

        // An invoice over less than nothing may name the work it gives back without a sign of its own.
        var sign = document.State.NetStated < 0m && document.State.Lines.All(l => l.Quantity is null && l.Net is null)
            ? -1m : 1m;
        var priced = books.Priced(document).Where(p => p.Item.Line == line.Id).ToArray();
        foreach (var item in priced) yield return Time(line, item, sign);
        if (Rest(line, priced) is { } rest) yield return rest;
        var others = line.Bills.Where(b => b.Entry is null).ToArray();
        foreach (var other in others)
            yield return Other(line, other, others.Length == line.Bills.Count, worths, currency);
    }

    private IssuedItem Time(DocumentLine line, PricedItem item, decimal sign)
    {
        var toBill = Worths.ToBill(item.Entry);
        var billed = item.Billed;
        // What is billed of it in part waits for another document; that is no difference of this one.
        var isPart = toBill is not null && billed is not null && toBill.DifferenceTo(billed) is <= 0m;
        var recorded = isPart ? billed : toBill;
        return new(
            item.Item.Target, line.Id, item.Item.Ref, item.Entry.WorkedOn, Signed(billed, sign), item.Used,
            Signed(recorded, sign), item.Agreed)
        {
            Person = books.PersonOf(item.Item), Task = item.Entry.Task,
            TaxCategory = line.Stated?.Tax?.Category,
            WrittenDown = item.Entry.WriteDowns.Where(w => w is { Off: false, Quantity: null })
                .Sum(w => w.Amount ?? 0m),
            Asked = item.Item.Amount,
            QuantityEvent = ApprovedOtherwise(item.Entry)
                ? item.Record.Changed("quantity", "billableQuantity", "approval", "writeDowns")
                : item.Record.Changed("quantity", "billableQuantity", "writeDowns"),
            PriceEvent = item.Card?.Position ?? item.Record.Asserted("billRate"),
        };
    }

    // An approval of all that was recorded says nothing of how much it is.
    private static bool ApprovedOtherwise(TimeEntry entry) =>
        entry.Approval?.Quantity is { } approved && entry.Quantity is { } recorded && !recorded.SameAmountAs(approved);

    /// <summary>What a line bills beyond the work it names, by its own quantity.</summary>
    private static IssuedItem? Rest(DocumentLine line, PricedItem[] priced)
    {
        if (priced.Length < 2 || line.Stated is not { Quantity: { } whole, Price: { } price }) return null;
        if (priced.Length < line.Bills.Count) return null;
        var rest = whole.Value;
        foreach (var item in priced)
        {
            if (item.Billed is null || PricedItem.Convert(item.Billed, whole.Unit) is not { } part) return null;
            rest -= part;
        }

        return Math.Abs(rest) <= WorkDrift.Tolerance(whole.Unit)
            ? null
            : new(
                line.Id, line.Id, null, null, whole with { Value = rest }, price, whole with { Value = 0m }, price);
    }

    private static IssuedItem Other(
        DocumentLine line, BilledItem bill, bool isAll, IReadOnlyDictionary<string, Money> worths, Currency currency)
    {
        var asked = bill.Amount
            ?? (isAll && line.Bills.Count == 1 ? line.NetStated : null)
            ?? (bill.Expense?.Billing is { } own && own.Currency == currency ? own.Amount : null);
        if (isAll && asked is null && line.NetStated is { } net) asked = net / line.Bills.Count;
        var worth = worths.TryGetValue(bill.Target, out var known) && known.Currency == currency
            ? known.Amount
            : bill.Expense?.Billing is { } money && money.Currency == currency ? money.Amount : asked;
        // What is billed of it in part waits for another document.
        if (asked > 0m && worth > asked && bill.Amount is not null) worth = asked;
        return new(bill.Target, line.Id, bill.Ref, bill.Expense?.IncurredOn, null, null, null, null)
        {
            Asked = asked ?? 0m, Worth = worth ?? 0m, IsKnown = bill.Record is not null,
            TaxCategory = line.Stated?.Tax?.Category,
            QuantityEvent = bill.Expense is null ? 0L : bill.Record!.Changed("amount", "billableAmount", "currency"),
        };
    }

    private static IssuedItem Fee(DocumentLine line, decimal asked) =>
        new(line.Id, line.Id, null, null, null, null, null, null)
        {
            Asked = asked, Worth = asked, TaxCategory = line.Stated?.Tax?.Category,
        };

    /// <summary>Whether a line that names nothing needs to: money asked for ahead has nothing behind it yet, and money
    /// given back names the document it is for.</summary>
    private bool IsExplained(Document document, DocumentLine line) =>
        line.Stated is { Basis: LineBasis.Derived } or { Credits: not null }
        || document.State.DocumentType is not (DocumentType.Invoice or DocumentType.Corrective)
        || line.NetStated is null or <= 0m
        || books.ContractsOf(document).Any(c => c.State.Schedule.Any(i => i.Amount == line.NetStated
            && i.ReleasedOn is { } on && (document.IssuedOn is null || on <= document.IssuedOn)));

    private static Quantity? Signed(Quantity? quantity, decimal sign) =>
        quantity is null || sign > 0m ? quantity : quantity with { Value = sign * quantity.Value };
}
