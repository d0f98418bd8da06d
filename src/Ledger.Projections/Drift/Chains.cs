using Ledger.Domain;

namespace Ledger.Projections.Drift;

/// <summary>Cancelled documents that billed the same work, and the documents that bill it now.</summary>
/// <param name="Void">Cancelled or voided, by number.</param>
/// <param name="Live">Those that bill its work again, or say that they replace it; by number.</param>
/// <param name="Items">The things the cancelled documents billed, each once.</param>
/// <param name="Again">Which live document bills a thing again.</param>
internal sealed record Chain(
    Items<Document> Void, Items<Document> Live, Items<BilledItem> Items, ILookup<string, BilledItem> Again)
{
    /// <summary>Numbers of all its documents.</summary>
    public IEnumerable<string> Numbers => Void.Concat(Live).Select(d => d.Label);

    /// <summary>What nobody bills again.</summary>
    public BilledItem[] Left => [.. Items.Where(i => !Again[i.Target].Any())];
}

/// <summary>Follows work from cancelled documents to those that bill it again; each is told as one story.</summary>
internal static class Chains
{
    public static IReadOnlyList<Chain> Of(Books books)
    {
        var ends = books.Documents.Where(d => d.IsVoid).ToArray();
        var component = ends.ToDictionary(d => d.Entity.Id, d => d.Entity.Id);
        var billed = ends.SelectMany(d => d.Bills.Select(b => (b.Target, d.Entity.Id)));
        foreach (var sharing in billed.GroupBy(x => x.Target))
            foreach (var (_, id) in sharing) Join(component, id, sharing.First().Id);
        foreach (var document in ends)
            foreach (var before in Replaced(books, document))
                if (before.IsVoid) Join(component, before.Entity.Id, document.Entity.Id);
        return [.. ends.GroupBy(d => Root(component, d.Entity.Id)).Select(group => Of(books, [.. group]))
            .OrderBy(c => c.Void[0].Record.Stream, StringComparer.Ordinal)];
    }

    public static IEnumerable<Finding> In(Books books, IReadOnlyList<Chain> chains) =>
        chains.Select(chain => Rebilled(books, chain));

    private static IOrderedEnumerable<Document> ByNumber(IEnumerable<Document> documents) =>
        documents.InNumberOrder(d => d.Number).ThenBy(d => d.IssuedOn)
            .ThenBy(d => d.Record.Stream, StringComparer.Ordinal);

    private static Chain Of(Books books, Document[] ends)
    {
        var items = ends.SelectMany(d => d.Bills).DistinctBy(b => b.Target).ToItems();
        var replacing = books.Documents
            .Where(d => !d.IsVoid && Replaced(books, d).Any(before => ends.Any(e => e.Entity.Id == before.Entity.Id)))
            .ToArray();
        var again = items.SelectMany(i => Again(books, i, replacing)).ToLookup(b => b.Target);
        var live = again.SelectMany(g => g).Select(books.DocumentOf).Concat(replacing).Distinct();
        return new(ByNumber(ends).ToItems(), ByNumber(live).ToItems(), items, again);
    }

    private static IEnumerable<BilledItem> Again(Books books, BilledItem item, Document[] replacing)
    {
        var bills = books.Billing(item.Target).Where(b =>
            books.DocumentOf(b) is { IsVoid: false, GivesBack: false, State.Status: not InvoiceStatus.Discarded });
        if (item.Ref.Kind == Kind.Time.Name || item.Ref.Kind == Kind.Expense.Name) return bills;

        // A fee is billed in parts: only one that takes the cancelled part's place is the same money again.
        var stated = bills.Where(b => replacing.Contains(books.DocumentOf(b))).ToArray();
        if (stated.Length > 0) return stated;
        var since = books.DocumentOf(item).IssuedOn;
        return bills.Where(b => b.Amount == item.Amount && books.DocumentOf(b).IssuedOn >= since)
            .OrderBy(b => books.DocumentOf(b).IssuedOn).ThenBy(b => b.Document, StringComparer.Ordinal)
            .ThenBy(b => b.Line, StringComparer.Ordinal).Take(1);
    }

    private static IEnumerable<Document> Replaced(Books books, Document document) => document.State.Preceding
        .Where(p => p.Rel is PrecedingRelation.Replaces or PrecedingRelation.Corrects)
        .Select(p => books.DocumentOf(p.Ref, document.Record.Source)).OfType<Document>();

    private static Finding Rebilled(Books books, Chain chain)
    {
        var evidence = new Evidence();
        foreach (var document in chain.Void)
            evidence.Says(document.Record, "status", Say.Snake(document.State.Status), "status")
                .Says(document.Record, "net", document.Net?.ToString(), "totals", "lines")
                .Clashes(document.Record.Asserted("status"));
        foreach (var document in chain.Live)
            evidence.Says(document.Record, "net", document.Net?.ToString(), "totals", "lines");
        foreach (var item in chain.Items.Where(i => i.Record is not null)) evidence.Names(item.Record!);
        foreach (var item in chain.Items)
            foreach (var bill in chain.Again[item.Target])
                evidence.SaysAt(
                    books.DocumentOf(bill).Record, $"bills {item.Ref.Kind} {item.Label} again",
                    (bill.Quantity ?? item.Entry?.Quantity)?.ToString()
                        ?? (bill.Amount is { } amount ? DecimalText.Write(amount) : null),
                    bill.Position);
        var finding = evidence.Finds(DriftClass.Rebill, chain.Void[0], Sentence(books, chain), Lost(books, chain));
        return finding with
        {
            Weight = FindingWeight.Notice,
            Related = chain.Numbers.Skip(1).ToItems(),
        };
    }

    private static string Sentence(Books books, Chain chain)
    {
        var ends = $"{(chain.Void.Count == 1 ? "Invoice" : "Invoices")} "
            + $"{Say.List(chain.Void.Select(d => d.Net is { } net ? $"{d.Label} ({net})" : d.Label))} "
            + $"{(chain.Void.Count == 1 ? "was" : "were")} {Say.Snake(chain.Void[0].State.Status)}";
        var what = Kinds(chain.Items);
        var left = chain.Left;
        if (chain.Live.Count == 0)
            return chain.Items.Count == 0
                ? $"{ends}; nothing replaces {(chain.Void.Count == 1 ? "it" : "them")}."
                : $"{ends}; {what} released, nothing of it billed again{Worth(books, chain, chain.Items)}.";
        if (chain.Items.Count == 0) return $"{ends} and replaced by {Say.List(chain.Live.Select(d => d.Label))}.";
        var parts = chain.Live.Select(d => (Document: d, Count: chain.Again
            .Count(g => g.Any(b => books.DocumentOf(b) == d)))).Where(p => p.Count > 0).ToArray();
        if (parts is [var one] && left.Length == 0)
            return $"{ends} and billed again on {one.Document.Label}: the same "
                + $"{(chain.Items.Count == 1 ? what[(what.IndexOf(' ', StringComparison.Ordinal) + 1)..] : what)}.";
        var where = Say.List(parts.Select(p => $"{Say.Number(p.Count)} on {p.Document.Label}"));
        return left.Length == 0
            ? $"{ends}; {what} {(chain.Items.Count == 1 ? "was" : "were")} billed again: {where}."
            : $"{ends}; of {what} {where} were billed again, {Say.Number(left.Length)} not at all"
                + $"{Worth(books, chain, left)}.";
    }

    private static string Kinds(Items<BilledItem> items)
    {
        var time = items.Count(i => i.Ref.Kind == Kind.Time.Name);
        var expenses = items.Count(i => i.Ref.Kind == Kind.Expense.Name);
        var fees = items.Count - time - expenses;
        return Say.List(new[]
        {
            time > 0 ? Say.Count(time, "time entry", "time entries") : null,
            expenses > 0 ? Say.Count(expenses, "expense", "expenses") : null,
            fees > 0 ? Say.Count(fees, "fee", "fees") : null,
        }.OfType<string>());
    }

    private static string Worth(Books books, Chain chain, IReadOnlyList<BilledItem> items) =>
        WorthOf(books, chain, items) is { } money ? $", {money}" : "";

    /// <summary>What the cancelled documents asked for these things.</summary>
    private static Money? WorthOf(Books books, Chain chain, IReadOnlyList<BilledItem> items)
    {
        if (chain.Void[0].Currency is not { } currency) return null;
        var exact = ExactMoney.Zero(currency);
        foreach (var item in items)
        {
            var value = books.Priced(books.DocumentOf(item)).FirstOrDefault(p => p.Item.Target == item.Target)?.Value;
            var amount = item.Amount is { } stated ? new Money(stated, currency) : item.Expense?.Billing;
            if (value?.Currency == currency) exact += value.Value;
            else if (amount?.Currency == currency) exact += ExactMoney.Of(amount.Value);
            else return null;
        }

        return exact.Round(RoundingMode.HalfAwayFromZero);
    }

    /// <summary>What was cancelled and is billed nowhere now; negative: the client is asked for less.</summary>
    private static Money? Lost(Books books, Chain chain) =>
        chain.Left is { Length: > 0 } left && WorthOf(books, chain, left) is { } worth ? -worth : null;

    private static void Join(Dictionary<string, string> component, string a, string b) =>
        component[Root(component, a)] = Root(component, b);

    private static string Root(Dictionary<string, string> component, string id)
    {
        while (component[id] != id) id = component[id] = component[component[id]];
        return id;
    }
}
