using Ledger.Domain;

namespace Ledger.Connectors.BusinessCentral;

/// <summary>Sales invoices and credit memos, with the lines told within them or beside them.</summary>
internal static class SalesDocuments
{
    public static Statement Invoice(Entry at, string id, Books books)
    {
        var isCredit = at.Set == "salesCreditMemos";
        var (status, settled) = Status(at);
        var on = at.Date(isCredit ? "creditMemoDate" : "invoiceDate");
        var currency = at.Currency();
        var lines = Lines(at, id, books, currency.Value);
        var words = at.Words(
            "status", "externalDocumentNumber", "postingDate", "orderNumber", "salesperson", "paymentTermsId",
            "pricesIncludeTax", "discountAmount", "customerName").Concat(lines.Words).ToArray();
        var body = new InvoiceStated(
            DocumentType: isCredit ? DocumentType.CreditNote : DocumentType.Invoice,
            Status: status is null ? default(Said<InvoiceStatus?>) : status,
            Client: at.Ref(Kind.Client, "customerId", "customerNumber"),
            OrderRef: at.Text("customerPurchaseOrderReference"),
            IssuedOn: status is InvoiceStatus.Draft ? default : on,
            DueOn: at.Date("dueDate"),
            Currency: currency,
            Lines: lines.Told,
            Totals: Totals(at),
            Preceding: isCredit ? Credited(at) : default(Said<Items<Preceding>>),
            Settlement: status is null ? default : new(true, settled ? new Settlement() : null),
            BillTo: at.Ref(Kind.Client, "billToCustomerId", "billToCustomerNumber"))
        {
            Number = at.Text("number").Value,
            Covers = lines.AreAll ? null : Items.Of<string>(["ext"]),
            Ext = words.Length == 0 ? null : new(words),
        };
        return new(Kind.Invoice, id, body, on.Value);
    }

    /// <summary>A line whose document is not among those given: a part of it, and no more.</summary>
    public static Statement? Alone(Entry at, string id)
    {
        if (at.Key("documentId").Value is not { } document)
        {
            at.Refuse("documentId", "required", "a line without its document belongs to none");
            return null;
        }

        var words = WordsOf(at, id).ToArray();
        return new(Kind.Invoice, document, new InvoiceStated(
            DocumentType: at.Set == "salesCreditMemoLines" ? DocumentType.CreditNote : default(Said<DocumentType?>),
            Lines: Items.Of<InvoiceLine>([Line(at, id, null, false)]))
        {
            Covers = Items<string>.None, Ext = words.Length == 0 ? null : new(words),
        });
    }

    private static (InvoiceStatus? Status, bool Settled) Status(Entry at)
    {
        switch (at.Text("status").Value)
        {
            case null: return (null, false);
            case "Draft" or "In Review" or "In_x0020_Review": return (InvoiceStatus.Draft, false);
            case "Open" or "Corrective": return (InvoiceStatus.Issued, false);
            case "Paid": return (InvoiceStatus.Issued, true);
            case "Canceled": return (InvoiceStatus.Cancelled, false);
            case var other:
                at.Warn("status", "unknown_value", $"the status '{other}' is not known; it is kept in ext");
                return (null, false);
        }
    }

    private static Said<InvoiceTotals> Totals(Entry at)
    {
        var totals = new InvoiceTotals(
            Net: at.Number("totalAmountExcludingTax").Value, Tax: at.Number("totalTaxAmount").Value,
            Gross: at.Number("totalAmountIncludingTax").Value, Open: at.Number("remainingAmount").Value);
        return totals == new InvoiceTotals() ? default(Said<InvoiceTotals>) : totals;
    }

    private static Said<Items<Preceding>> Credited(Entry at) =>
        at.Ref(Kind.Invoice, "invoiceId", "invoiceNumber") is { IsSaid: true } said
            ? said.Value is { } invoice
                ? Items.Of<Preceding>([new(invoice, PrecedingRelation.Credits)])
                : Items<Preceding>.None
            : default(Said<Items<Preceding>>);

    private sealed record Lined(
        Said<Items<InvoiceLine>> Told, bool AreAll, IReadOnlyList<KeyValuePair<string, string>> Words);

    /// <summary>Lines within the document are all it has; of lines beside it nobody says so.</summary>
    private static Lined Lines(Entry at, string id, Books books, Currency? currency)
    {
        var areAll = Entry.LineLists.Any(at.Has);
        var entries = areAll ? at.Nested : books.LinesOf(id);
        if (!areAll && entries.Count == 0) return new(default, true, []);
        var lines = new List<InvoiceLine>();
        var words = new List<KeyValuePair<string, string>>();
        var withTax = at.Flag("pricesIncludeTax") is true;
        foreach (var entry in entries)
        {
            if (entry.Id is not { } line)
            {
                entry.Refuse("id", "required", "a line without its id cannot be told from others");
                continue;
            }

            if (lines.Exists(l => l.Line == line)) continue;
            var made = Line(entry, line, currency, withTax);
            if (entry.Problems.Any()) continue;
            lines.Add(made);
            words.AddRange(WordsOf(entry, line));
        }

        return new(lines.OrderBy(l => l.Position).ToItems(), areAll, words);
    }

    private static IEnumerable<KeyValuePair<string, string>> WordsOf(Entry at, string id) =>
        at.Words("lineObjectNumber", "itemId", "accountId", "shipmentDate")
            .Select(word => KeyValuePair.Create($"line/{id}/{word.Key}", word.Value));

    /// <param name="withTax">Whether prices are told with tax: then none is a price of the net.</param>
    private static InvoiceLine Line(Entry at, string id, Currency? currency, bool withTax)
    {
        var (kind, unit) = (at.Text("lineType").Value?.ToLowerInvariant(), Statements.UnitOf(at));
        var net = at.Number("netAmount").Value;
        var adjustments = new[]
        {
            Allowance(at.Number("discountAmount").Value, "line discount", at.Number("discountPercent").Value),
            Allowance(at.Number("invoiceDiscountAllocation").Value, "invoice discount", null),
        }.OfType<Adjustment>().ToItems();
        return new(
            id,
            Position: at.Number("sequence").Value is { } place and >= 0m and < 1_000_000_000m ? (int)place : null,
            Kind: kind,
            Description: at.Text("description").Value,
            Quantity: at.Number("quantity").Value is { } much && unit is { } of ? new(much, of) : null,
            Price: !withTax && at.Number("unitPrice").Value is { } price && unit is { } per && currency is { } money
                ? new(price, money, per)
                : null,
            Adjustments: adjustments.Count == 0 ? null : adjustments,
            Net: net,
            Tax: at.Number("netTaxAmount").Value is { } tax
                ? new(tax, Code: at.Text("taxCode").Value, Rate: at.Number("taxPercent").Value, Base: net)
                : null,
            Work: kind == "resource" && at.Text("lineObjectNumber").Value is { } who
                ? new LineWork(Resource: new(Kind.Resource.Name, Number: who))
                : null);
    }

    private static Adjustment? Allowance(decimal? amount, string reason, decimal? percent) =>
        amount is null or 0m ? null : new(false, amount.Value, reason, percent is 0m ? null : percent);
}
