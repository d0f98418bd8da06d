using Ledger.Domain;

namespace Ledger.Connectors.Ubl;

/// <summary>The lines of a document, and its charges and allowances. Signs are the document's.</summary>
internal static class Lines
{
    private static readonly (string Name, string Path)[] Kept =
    [
        ("note", "Note"), ("accounting_cost", "AccountingCost"), ("order_line", "OrderLineReference/LineID"),
        ("object", "DocumentReference/ID"), ("seller_item", "Item/SellersItemIdentification/ID"),
        ("buyer_item", "Item/BuyersItemIdentification/ID"), ("standard_item", "Item/StandardItemIdentification/ID"),
        ("gross_price", "Price/AllowanceCharge/BaseAmount"), ("price_discount", "Price/AllowanceCharge/Amount"),
    ];

    public static Items<InvoiceLine> Of(Paper paper, SortedDictionary<string, string> ext)
    {
        var lines = new List<InvoiceLine>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var at in paper.Root.All(paper.IsCreditNote ? "CreditNoteLine" : "InvoiceLine"))
        {
            var id = at.First("ID")?.Text;
            if (id is null || !seen.Add(id))
            {
                paper.Warn(at, "repeated_line_id", id is null
                    ? "a line without an id is told by its place"
                    : $"another line is called {Paper.Cut(id)} too; this one is told by its place");
                id = FormattableString.Invariant($"{id}~{lines.Count + 1}");
                while (!seen.Add(id)) id += "~";
            }

            lines.Add(Line(paper, at, id, lines.Count + 1));
            foreach (var (name, path) in Kept)
                if (at.First(path)?.Text is { } text) ext[$"line/{id}/{name}"] = text;
            if (at.First("InvoicePeriod") is { } period && lines[^1].Period is null)
                Put(ext, $"line/{id}/period", period);
            foreach (var sub in at.All(paper.IsCreditNote ? "SubCreditNoteLine" : "SubInvoiceLine").Take(1))
                paper.Warn(sub, "not_read", "lines within a line are not read; the line's own amount is");
        }

        return lines.ToItems();
    }

    /// <summary>Charges and allowances at once below an element.</summary>
    public static Items<Adjustment> Adjustments(Paper paper, Element of)
    {
        var all = new List<Adjustment>();
        foreach (var at in of.All("AllowanceCharge"))
        {
            if (paper.Flag(at.First("ChargeIndicator")) is not { } charge
                || paper.Amount(at.First("Amount")) is not { } amount)
            {
                paper.Refuse(at, "required", "an allowance or charge without its indicator or amount");
                continue;
            }

            all.Add(new(
                charge, amount, at.First("AllowanceChargeReason")?.Text ?? at.First("AllowanceChargeReasonCode")?.Text,
                paper.Number(at.First("MultiplierFactorNumeric")), paper.Amount(at.First("BaseAmount")),
                at.First("TaxCategory/ID")?.Text));
        }

        return all.ToItems();
    }

    /// <summary>A period that cannot be told as one, as it is written.</summary>
    public static void Put(SortedDictionary<string, string> ext, string name, Element period) =>
        ext[name] = string.Join(' ', period.Children.Select(c => $"{c.Name} {c.Text}"));

    private static InvoiceLine Line(Paper paper, Element at, string id, int position)
    {
        var (quantity, price) = Priced(paper, at);
        string[] words = [.. new[] { "Item/Name", "Item/Description" }.Select(p => at.First(p)?.Text).OfType<string>()
            .Distinct()];
        var category = at.First("Item/ClassifiedTaxCategory");
        var adjustments = Adjustments(paper, at);
        return new(
            id, position,
            Description: words.Length == 0 ? null : string.Join(": ", words),
            Period: paper.Period(at.First("InvoicePeriod")),
            Quantity: quantity,
            Price: price,
            Adjustments: adjustments.Count == 0 ? null : adjustments,
            Net: paper.Amount(at.First("LineExtensionAmount")),
            Tax: category?.First("ID")?.Text is { } tax
                ? new Tax(Category: tax, Rate: paper.Number(category.First("Percent")))
                : null,
            Credits: Credited(at));
    }

    /// <summary>A price is for one unit, or for as many as its base quantity says.</summary>
    private static (Quantity? Quantity, Rate? Price) Priced(Paper paper, Element at)
    {
        var billed = at.First(paper.IsCreditNote ? "CreditedQuantity" : "InvoicedQuantity");
        var (value, unit) = (paper.Number(billed), UnitOf(paper, billed));
        var quantity = value is { } much && unit is { } of ? new Quantity(much, of) : null;
        var priced = at.First("Price/PriceAmount");
        if (priced is null || paper.Amount(priced) is not { } amount) return (quantity, null);
        var @base = at.First("Price/BaseQuantity");
        var per = @base?.Attribute("unitCode") is null ? unit : UnitOf(paper, @base);
        if (paper.Currency is not { } currency || per is not { } perUnit) return (quantity, null);
        var count = paper.Number(@base) ?? 1m;
        if (count > 0m && amount / count is var one && one * count == amount
            && DecimalText.TryReadStated(DecimalText.Write(one), out _))
            return (quantity, new(one, currency, perUnit));
        paper.Warn(@base ?? priced, "no_unit_price",
            $"{amount} for {count} is no price for one that decimals can hold; the line keeps its net");
        return (quantity, null);
    }

    private static Unit? UnitOf(Paper paper, Element? quantity)
    {
        if (quantity is null) return null;
        if (quantity.Attribute("unitCode") is not { } code) return Unit.Piece;
        if (Unit.TryOf(code, out var unit)) return unit;
        paper.Warn(quantity, "unknown_unit",
            $"'{Paper.Cut(code)}' is no unit code of UN/ECE Recommendation 20; the line keeps its net");
        return null;
    }

    private static CreditedLine? Credited(Element at) =>
        at.First("BillingReference/InvoiceDocumentReference/ID")?.Text is { } number
            ? new(new(Kind.Invoice.Name, Number: number), at.First("BillingReference/BillingReferenceLine/ID")?.Text)
            : null;
}
