using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Ubl;

/// <summary>Reads UBL 2.1 invoices and credit notes, as EN 16931 and Peppol use them: issued documents, so each is a
/// snapshot of an issued invoice on its date, with its seller as a legal entity and its buyer as a client.</summary>
public static class UblImport
{
    public const string Help = "UBL 2.1 invoices and credit notes as XML (EN 16931, Peppol BIS Billing)";

    private const string Schema = "urn:oasis:names:specification:ubl:schema:xsd:";

    /// <param name="source">The name the system goes by in the ledger.</param>
    public static Imported Read(IReadOnlyList<ImportFile> files, string source)
    {
        var unread = new List<ImportProblem>();
        var papers = new List<Paper>();
        var documents = new List<Document>();
        foreach (var file in files)
        {
            if (Load(file, unread) is not { } paper) continue;
            papers.Add(paper);
            if (Document.Of(paper, source) is { } document) documents.Add(document);
        }

        WarnOfContradictions(documents);
        var events = Stating.InOrder(Distinct(documents.SelectMany(d => d.Events))).ToArray();
        return new(
            events.Length == 0 ? Items<Understood>.None : events.Prepend(Registration(events, source)).ToItems(),
            unread.Concat(papers.SelectMany(p => p.Problems)).ToItems(),
            papers.SelectMany(p => p.Warnings).ToItems());
    }

    private static Paper? Load(ImportFile file, List<ImportProblem> problems)
    {
        var root = Element.Load(
            file, space => space is Schema + "CommonBasicComponents-2" or Schema + "CommonAggregateComponents-2",
            problems);
        if (root is null) return null;
        if ((root.Name, root.Space) is ("Invoice", Schema + "Invoice-2") or ("CreditNote", Schema + "CreditNote-2"))
            return new(root, file.Name);
        problems.Add(new(
            file.Name, root.Path, "wrong_shape",
            $"this is {Paper.Cut(root.Name)} of '{Paper.Cut(root.Space, 100)}', no Invoice or CreditNote of UBL 2.1",
            root.Line));
        return null;
    }

    /// <summary>Each once; a party that many documents tell alike is stated where that is new.</summary>
    private static IEnumerable<Understood> Distinct(IEnumerable<Understood> events)
    {
        foreach (var record in events.DistinctBy(e => e.Envelope.Id).GroupBy(e => e.Envelope.Stream))
        {
            var last = default(Event);
            foreach (var e in record.OrderBy(e => e.Envelope.Time).ThenBy(e => e.Envelope.Id, StringComparer.Ordinal))
            {
                if (!e.Body.Equals(last)) yield return e;
                last = e.Body;
            }
        }
    }

    /// <summary>What several documents say differently of one thing: kept as each says it, and named.</summary>
    private static void WarnOfContradictions(List<Document> documents)
    {
        foreach (var same in documents.GroupBy(d => d.Id))
            foreach (var other in same.Skip(1).Where(d => !d.Body.Equals(same.First().Body)))
                other.Paper.Warn(other.Paper.Root, "stated_otherwise",
                    $"{same.First().Paper.File} states the document {other.Body.Number} of the same date and amount "
                    + "otherwise; both statements are kept, of one record");
        foreach (var party in documents.SelectMany(d => new[] { (d.Paper, Party: d.Seller), (d.Paper, Party: d.Buyer) })
            .GroupBy(p => p.Party.Id))
        {
            var named = new HashSet<string>(StringComparer.Ordinal);
            foreach (var (paper, told) in party)
                if (named.Add(told.Name) && named.Count > 1)
                    paper.Warn(paper.Root, "other_name",
                        $"{party.Key} is called '{Paper.Cut(told.Name)}' here and '{Paper.Cut(named.First())}' "
                        + "elsewhere; it is one record, by its id");
        }
    }

    private static Understood Registration(Understood[] events, string source) => Stating.Registration(
        Stating.Midnight(events.Min(e => e.Envelope.LocalDate)), TimeBasis.Date, source,
        new SourceRegistered(
            [Role.Billing], [Kind.Client.Name, Kind.Invoice.Name, Kind.LegalEntity.Name], "UBL 2.1 documents"));

    /// <summary>One document that could be read, and what it comes to.</summary>
    private sealed record Document(
        Paper Paper, string Id, InvoiceStated Body, Party Seller, Party Buyer, IReadOnlyList<Understood> Events)
    {
        public static Document? Of(Paper paper, string source)
        {
            paper.ReadCurrency();
            var (number, issued) = (paper.Required("ID"), paper.Required("IssueDate"));
            var seller = Party.Of(paper, "AccountingSupplierParty", null);
            var buyer = Party.Of(paper, "AccountingCustomerParty", seller);
            if (seller is null || buyer is null || number is null || issued is null) return null;
            var body = Documents.Invoice(paper, seller, buyer);
            if (paper.Problems.Count > 0 || body.IssuedOn.Value is not { } on) return null;
            WarnOfSums(paper, body, on);
            var id = IdOf(seller, body, on);
            return new(paper, id, body, seller, buyer, [.. Told(paper, id, body, seller, buyer, on, source)]);
        }

        private static IEnumerable<Understood> Told(
            Paper paper, string id, InvoiceStated body, Party seller, Party buyer, LocalDate on, string source)
        {
            yield return Of(Kind.LegalEntity, seller.Id, seller.LegalEntity());
            yield return Of(Kind.Client, buyer.Id, buyer.Client());
            yield return Of(Kind.Invoice, id, body);
            var before = Documents.Prepaying(paper, body);
            foreach (var (n, earlier) in before.Index())
            {
                var amount = before.Count == 1 ? body.Totals.Value!.Prepaid : null;
                yield return Of(
                    Kind.Coverage, FormattableString.Invariant($"{Stating.Short(id, 150)}/prepaid/{n + 1}"),
                    new CoverageStated(
                        CoverageRelation.Prepays, earlier, new(Kind.Invoice.Name, Id: id), Amount: amount,
                        Currency: amount is null ? null : paper.Currency));
            }

            Understood Of(Kind kind, string record, Event said) => Stating.Of(
                $"{kind.Name}/{record}", Stating.Midnight(on), TimeBasis.Date, source, kind, record, said);
        }

        /// <summary>What it states otherwise than its parts come to, said before it is stored: the ledger finds it too.
        /// </summary>
        private static void WarnOfSums(Paper paper, InvoiceStated body, LocalDate on)
        {
            var facts = new EventFacts(Stating.Midnight(on).ToInstant(), on, null, 0);
            foreach (var differs in InvoiceSums.Differences((Invoice)Kind.Invoice.Evolve(null, body, facts)!))
                paper.Warn(
                    paper.Root, "does_not_add_up",
                    $"{System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(differs.What.ToString())}"
                    + $"{(differs.Part is { } part ? $" of {Paper.Cut(part)}" : "")} is stated as "
                    + $"{DecimalText.Write(differs.Stated)}; its parts come to {DecimalText.Write(differs.Computed)}; "
                    + "it is kept as stated");
        }

        /// <summary>A document has no id of its own, so it is told by who issued it, as what, under which number, when,
        /// and for how much: a number is no identity, and the same one over another amount is another document.
        /// </summary>
        private static string IdOf(Party seller, InvoiceStated body, LocalDate on)
        {
            var type = body.TypeCode.Value ?? (body.DocumentType.Value is DocumentType.CreditNote ? "381" : "380");
            var amount = body.Totals.Value?.Payable is { } payable
                ? $"/{DecimalText.Write(payable)}{body.Currency.Value?.Code}"
                : "";
            var day = NodaTime.Text.LocalDatePattern.Iso.Format(on);
            return Stating.Short($"{seller.Id}/{Party.Plain(type)}/{Party.Plain(body.Number!)}/{day}{amount}");
        }
    }
}
