using System.Security.Cryptography;
using Ledger.Domain;

namespace Ledger.Connectors.Ubl;

/// <summary>A document → what it states of itself; nothing is mended, whatever it comes to.</summary>
internal static class Documents
{
    // UNTDID 1001: what gives money back.
    private static readonly HashSet<string> Credits =
        ["81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"];

    private static readonly (string Name, string Path)[] Kept =
    [
        ("profile", "ProfileID"), ("buyer_reference", "BuyerReference"), ("accounting_cost", "AccountingCost"),
        ("sales_order", "OrderReference/SalesOrderID"), ("despatch_advice", "DespatchDocumentReference/ID"),
        ("receipt_advice", "ReceiptDocumentReference/ID"), ("originator", "OriginatorDocumentReference/ID"),
        ("delivered_on", "Delivery/ActualDeliveryDate"), ("payment_means", "PaymentMeans/PaymentMeansCode"),
        ("payee", "PayeeParty/PartyName/Name"), ("payee_registration", "PayeeParty/PartyLegalEntity/CompanyID"),
        ("tax_representative", "TaxRepresentativeParty/PartyName/Name"), ("tax_currency", "TaxCurrencyCode"),
        ("period_code", "InvoicePeriod/DescriptionCode"),
    ];

    /// <summary>What is read somewhere, or only carries it.</summary>
    private static readonly HashSet<string> Read =
    [
        "UBLVersionID", "CustomizationID", "ProfileID", "ProfileExecutionID", "ID", "CopyIndicator", "UUID",
        "IssueDate", "IssueTime", "DueDate", "InvoiceTypeCode", "CreditNoteTypeCode", "Note", "TaxPointDate",
        "DocumentCurrencyCode",
        "TaxCurrencyCode", "LineCountNumeric", "BuyerReference", "AccountingCost", "InvoicePeriod", "OrderReference",
        "BillingReference", "DespatchDocumentReference", "ReceiptDocumentReference", "OriginatorDocumentReference",
        "ContractDocumentReference", "AdditionalDocumentReference", "ProjectReference", "AccountingSupplierParty",
        "AccountingCustomerParty", "PayeeParty", "TaxRepresentativeParty", "Delivery", "PaymentMeans", "PaymentTerms",
        "AllowanceCharge", "TaxTotal", "LegalMonetaryTotal", "InvoiceLine", "CreditNoteLine",
    ];

    /// <param name="seller">Who asks.</param>
    /// <param name="buyer">Who is asked.</param>
    public static InvoiceStated Invoice(Paper paper, Party seller, Party buyer)
    {
        var root = paper.Root;
        var ext = Words(paper);
        var (code, type) = TypeOf(paper);
        var totals = Totals(paper);
        var due = paper.Date(root.First("DueDate") ?? root.First("PaymentMeans/PaymentDueDate"));
        var body = new InvoiceStated(
            DocumentType: type,
            Status: code == "325" ? InvoiceStatus.Draft : InvoiceStatus.Issued,
            Client: buyer.AsClient,
            Contracts: Refs(root, Kind.Contract, "ContractDocumentReference"),
            Projects: Projects(root),
            OrderRef: new(true, root.First("OrderReference/ID")?.Text),
            IssuedOn: paper.Date(root.First("IssueDate")),
            DueOn: due,
            Terms: new(true, TermsOf(root)),
            Period: new(true, paper.Period(root.First("InvoicePeriod"))),
            Currency: paper.Currency,
            Lines: Lines.Of(paper, ext),
            Adjustments: Lines.Adjustments(paper, root),
            Taxes: Taxes(paper, ext),
            Totals: totals,
            Preceding: Preceding(paper, type, totals),
            TypeCode: new(true, code),
            TaxPointOn: paper.Date(root.First("TaxPointDate")),
            PaymentRef: new(true, root.First("PaymentMeans/PaymentID")?.Text))
        {
            Number = root.First("ID")?.Text,
            Entity = seller.AsLegalEntity,
            Attachments = Attachments(paper, ext),
        };
        if (root.First("InvoicePeriod") is { } period && body.Period.Value is null) Lines.Put(ext, "period", period);
        foreach (var other in root.Children.DistinctBy(c => c.Name).Where(c => !Read.Contains(c.Name)))
            paper.Warn(other, "not_read", $"{Paper.Cut(other.Name)} is not read by this import");
        return body with { Ext = ext.Count == 0 ? null : new(ext) };
    }

    /// <summary>Earlier documents that were paid before and are taken off here; they prepay this one, which is
    /// coverage and no relation of its own.</summary>
    public static Items<Ref> Prepaying(Paper paper, InvoiceStated body) =>
        TakesOffPrepaid(body.Totals.Value) && !GivesBack(body.DocumentType.Value, body.Totals.Value)
            ? References(paper).ToItems()
            : Items<Ref>.None;

    private static SortedDictionary<string, string> Words(Paper paper)
    {
        var ext = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, path) in Kept)
            if (paper.Root.First(path)?.Text is { } text) ext[name] = text;
        var notes = string.Join('\n', paper.Root.All("Note").Select(n => n.Text).OfType<string>());
        if (notes.Length > 0) ext["note"] = notes;
        return ext;
    }

    private static (string? Code, DocumentType Type) TypeOf(Paper paper)
    {
        var at = paper.One(paper.IsCreditNote ? "CreditNoteTypeCode" : "InvoiceTypeCode");
        var byRoot = paper.IsCreditNote ? DocumentType.CreditNote : DocumentType.Invoice;
        if (at?.Text is not { } code) return (null, byRoot);
        var type = code switch
        {
            "384" => DocumentType.Corrective,
            "386" => DocumentType.Prepayment,
            _ when Credits.Contains(code) => DocumentType.CreditNote,
            _ => byRoot,
        };
        if (Credits.Contains(code) != paper.IsCreditNote)
            paper.Warn(at, "other_type",
                $"type {Paper.Cut(code)} does not fit {paper.Root.Name}; it is taken as "
                + (type is DocumentType.CreditNote ? "a credit note" : "an invoice"));
        return (code, type);
    }

    private static InvoiceTotals? Totals(Paper paper)
    {
        if (paper.One("LegalMonetaryTotal") is not { } at)
        {
            paper.Warn(paper.Root, "no_totals", "the document states no totals");
            return null;
        }

        var (tax, accounted) = (default(decimal?), default(ForeignAmount?));
        foreach (var total in paper.Root.All("TaxTotal").Select(t => t.First("TaxAmount")).OfType<Element>())
        {
            if (IsOwn(paper, total))
            {
                if (tax is not null) paper.Warn(total, "repeated", "the tax is stated twice; both are added up");
                tax = (tax ?? 0m) + paper.Number(total);
            }
            else if (Currency.TryOf(total.Attribute("currencyID"), out var other) && accounted is null)
                accounted = paper.Number(total) is { } amount ? new(amount, other) : null;
            else
                paper.Warn(total, "other_currency", "tax in a third currency, or in none that is known, is not read");
        }

        return new(
            Net: paper.Amount(at.First("TaxExclusiveAmount")), Tax: tax,
            Gross: paper.Amount(at.First("TaxInclusiveAmount")), Prepaid: paper.Amount(at.First("PrepaidAmount")),
            Rounding: paper.Amount(at.First("PayableRoundingAmount")), Payable: paper.Amount(at.First("PayableAmount")),
            Lines: paper.Amount(at.First("LineExtensionAmount")),
            Allowances: paper.Amount(at.First("AllowanceTotalAmount")),
            Charges: paper.Amount(at.First("ChargeTotalAmount")), TaxAccounted: accounted);
    }

    /// <summary>Whether a tax is told in the document's currency; it may be told again in that of its accounts.
    /// </summary>
    private static bool IsOwn(Paper paper, Element? tax) =>
        tax?.Attribute("currencyID") is not { } code || paper.Currency is null || code == paper.Currency.Value.Code;

    private static Items<Tax> Taxes(Paper paper, SortedDictionary<string, string> ext)
    {
        var taxes = new List<Tax>();
        foreach (var at in paper.Root.All("TaxTotal").Where(t => IsOwn(paper, t.First("TaxAmount"))).SelectMany(
            t => t.All("TaxSubtotal")))
        {
            var category = at.First("TaxCategory");
            var (id, rate) = (category?.First("ID")?.Text, paper.Number(category?.First("Percent")));
            if (category?.First("TaxExemptionReason")?.Text is { } reason) ext[$"tax/{id}/reason"] = reason;
            taxes.Add(new(
                paper.Amount(at.First("TaxAmount")), id, category?.First("TaxExemptionReasonCode")?.Text, rate,
                paper.Amount(at.First("TaxableAmount"))));
        }

        return taxes.ToItems();
    }

    private static Items<Preceding> Preceding(Paper paper, DocumentType type, InvoiceTotals? totals)
    {
        var rel = type is DocumentType.Corrective ? PrecedingRelation.Corrects
            : GivesBack(type, totals) ? PrecedingRelation.Credits
            : PrecedingRelation.Follows;
        return rel is PrecedingRelation.Follows && TakesOffPrepaid(totals)
            ? Items<Preceding>.None
            : References(paper).Select(r => new Preceding(r, rel)).ToItems();
    }

    private static bool GivesBack(DocumentType? type, InvoiceTotals? totals) =>
        type is DocumentType.CreditNote || totals?.Net < 0m;

    private static bool TakesOffPrepaid(InvoiceTotals? totals) => totals?.Prepaid > 0m;

    private static IEnumerable<Ref> References(Paper paper) =>
        from at in paper.Root.All("BillingReference/InvoiceDocumentReference")
        let number = at.First("ID")?.Text
        where number is not null
        select new Ref(Kind.Invoice.Name, Number: number, Date: paper.Date(at.First("IssueDate")));

    private static Items<Ref> Refs(Element root, Kind kind, params ReadOnlySpan<string> elements)
    {
        var refs = new List<Ref>();
        foreach (var element in elements)
            refs.AddRange(root.All(element + "/ID").Select(at => at.Text).OfType<string>()
                .Select(number => new Ref(kind.Name, Number: number)));
        return refs.Distinct().ToItems();
    }

    // A credit note has no element for its project: type code 50 tells it.
    private static Items<Ref> Projects(Element root) => Refs(root, Kind.Project, "ProjectReference")
        .Concat(root.All("AdditionalDocumentReference").Where(at => at.First("DocumentTypeCode")?.Text == "50")
            .Select(at => at.First("ID")?.Text).OfType<string>().Select(n => new Ref(Kind.Project.Name, Number: n)))
        .Distinct().ToItems();

    private static Terms? TermsOf(Element root) =>
        string.Join('\n', root.All("PaymentTerms/Note").Select(n => n.Text).OfType<string>()) is { Length: > 0 } text
            ? new(TermsKind.Text, Text: text)
            : null;

    private static Items<Attachment>? Attachments(Paper paper, SortedDictionary<string, string> ext)
    {
        var all = new List<Attachment>();
        foreach (var at in paper.Root.All("AdditionalDocumentReference"))
        {
            if (at.First("ID")?.Text is not { } id) continue;
            switch (at.First("DocumentTypeCode")?.Text)
            {
                case "130":
                    ext["invoiced_object"] = ext.TryGetValue("invoiced_object", out var other) ? $"{other}\n{id}" : id;
                    break;
                case "50": break;
                default: all.Add(Attached(paper, at, id)); break;
            }
        }

        return all.Count == 0 ? null : all.ToItems();
    }

    /// <summary>What is embedded is named by its hash and not kept; what is elsewhere is never fetched.</summary>
    private static Attachment Attached(Paper paper, Element at, string id)
    {
        var named = new Attachment(id, at.First("DocumentDescription")?.Text);
        if (at.First("Attachment/ExternalReference/URI")?.Text is { } uri) named = named with { Uri = uri };
        if (at.First("Attachment/EmbeddedDocumentBinaryObject") is not { } embedded) return named;
        named = named with
        {
            Name = embedded.Attribute("filename") ?? named.Name, Mime = embedded.Attribute("mimeCode"),
        };
        var text = embedded.Text ?? "";
        var bytes = new byte[text.Length];
        if (Convert.TryFromBase64String(text, bytes, out var length))
            return named with
            {
                Bytes = length, Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes.AsSpan(0, length))),
            };
        paper.Warn(embedded, "invalid_base64", "what is embedded here is not base64; only its name is kept");
        return named;
    }
}
