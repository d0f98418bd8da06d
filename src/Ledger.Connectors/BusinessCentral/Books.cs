using Ledger.Domain;

namespace Ledger.Connectors.BusinessCentral;

/// <summary>What several answers say together: whose a line is, what a number names, in which currency was paid.
/// </summary>
internal sealed class Books
{
    private readonly ILookup<string, Entry> lines;
    private readonly ILookup<string, Entry> documents;
    private readonly ILookup<string, Entry> numbered;
    private readonly ILookup<string, Entry> clients;

    public Books(IReadOnlyCollection<Entry> all)
    {
        lines = Keyed(all.Where(e => e.Set is "salesInvoiceLines" or "salesCreditMemoLines"), "documentId");
        documents = Keyed(all.Where(IsDocument), "id");
        numbered = Keyed(all.Where(IsDocument), "number");
        clients = Keyed(all.Where(e => e.Set == "customers"), "id");
    }

    public static bool IsDocument(Entry at) => at.Set is "salesInvoices" or "salesCreditMemos";

    /// <summary>Lines that came beside their document.</summary>
    public IReadOnlyList<Entry> LinesOf(string document) => [.. lines[document]];

    public bool Has(string document) => documents.Contains(document);

    /// <summary>What an entry of the general ledger books: by its type, else the sales document of its number, where
    /// that is among those given.</summary>
    public Said<Ref> DocumentOf(Entry at)
    {
        if (at.Text("documentNumber") is not { IsSaid: true } number) return default;
        if (number.Value is not { } told) return new(true, null);
        return at.Text("documentType").Value switch
        {
            "Invoice" or "Credit Memo" or "Credit_x0020_Memo" => new Ref(Kind.Invoice.Name, Number: told),
            null when numbered.Contains(told) => new Ref(Kind.Invoice.Name, Number: told),
            _ => default(Said<Ref>),
        };
    }

    /// <summary>A payment journal tells no currency: its invoice or its customer may.</summary>
    public Currency? CurrencyOf(Entry payment) => new[]
    {
        documents[payment.Key("appliesToInvoiceId").Value ?? ""],
        numbered[payment.Text("appliesToInvoiceNumber").Value ?? ""],
        clients[payment.Key("customerId").Value ?? ""],
    }.SelectMany(found => found).Select(e => e.Currency().Value).FirstOrDefault(c => c is not null);

    private static ILookup<string, Entry> Keyed(IEnumerable<Entry> entries, string name) => entries
        .Select(e => (Key: name == "number" ? e.Text(name).Value : e.Key(name).Value, Entry: e))
        .Where(e => e.Key is not null).ToLookup(e => e.Key!, e => e.Entry);
}
