using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Kantata;

/// <summary>Reads answers of the Kantata OX (Mavenlink) API v1: a PSA that also bills. Its records are rows with a
/// modified time, so each becomes a snapshot stated at that time, under an id made from its content.</summary>
public static class KantataImport
{
    public const string Help =
        "Kantata OX (Mavenlink) API v1 answers as JSON: invoices with their includes, time_entries, expenses, stories, "
        + "workspaces, external_payments, users";

    /// <summary>What is read, in the order it is told: collection → the kind its count counts.</summary>
    private static readonly IReadOnlyDictionary<string, string> Listed = new Dictionary<string, string>
    {
        ["workspaces"] = "project", ["stories"] = "task", ["users"] = "resource", ["time_entries"] = "time",
        ["expenses"] = "expense", ["invoices"] = "invoice", ["external_payments"] = "payment",
    };

    private static readonly IReadOnlyCollection<string> Known = [.. Listed.Keys, "fixed_fee_items", "additional_items"];

    /// <summary>Reads documents that belong together: an invoice in one may bill an entry in another.</summary>
    /// <param name="source">The name the system goes by in the ledger.</param>
    public static Imported Read(IReadOnlyList<ImportFile> files, string source)
    {
        var documents = files.Select(file => Document.Read(file, Known)).ToArray();
        var books = new Books(documents.SelectMany(d => d.Rows));
        var stated = new Dictionary<string, Understood>();
        var extracts = new Dictionary<string, Understood>();
        foreach (var document in documents)
        {
            var ofDocument = Records(document, books, source);
            foreach (var (_, e) in ofDocument) stated.TryAdd(e.Envelope.Id, e);
            foreach (var e in Extracts(document, ofDocument, books, source)) extracts.TryAdd(e.Envelope.Id, e);
        }

        var events = Stating.InOrder(stated.Values.Concat(extracts.Values)).ToArray();
        var rows = documents.SelectMany(d => d.Rows).ToArray();
        return new(
            events.Length == 0 ? Items<Understood>.None : events.Prepend(Registration(events, source)).ToItems(),
            documents.SelectMany(d => d.Problems).Concat(rows.SelectMany(r => r.Problems)).Distinct().ToItems(),
            documents.SelectMany(d => d.Warnings).Concat(rows.SelectMany(r => r.Warnings)).Distinct().ToItems());
    }

    private static Dictionary<Row, Understood> Records(Document document, Books books, string source)
    {
        var newest = document.Rows.Select(row => row.Changed).Where(at => at is not null)
            .MaxBy(at => at!.Value.ToInstant());
        var events = new Dictionary<Row, Understood>();
        foreach (var row in document.Rows.Where(row => Listed.ContainsKey(row.Collection)))
        {
            if ((row.Changed ?? newest) is not { } at)
            {
                row.Refuse("updated_at", "required", "nothing tells when this was so: neither it nor its neighbours");
                continue;
            }

            var statement = Stated(row, books, at.ToInstant());
            if (statement is null || row.Problems.Count > 0) continue;
            var basis = row.Changed is null ? TimeBasis.Observed : TimeBasis.Modified;
            events.Add(row, Stating.Of(
                $"{row.Collection}/{row.Id}", at, basis, source, statement.Kind, statement.RecordId, statement.Body,
                statement.EffectiveOn));
        }

        return events;
    }

    private static Statement? Stated(Row row, Books books, Instant at) => row.Collection switch
    {
        "workspaces" => Statements.Project(row, books),
        "stories" => Statements.Task(row, books),
        "users" => Statements.Resource(row),
        "time_entries" => Statements.Time(row, books),
        "expenses" => Statements.Expense(row, books),
        "invoices" => Invoices.Invoice(row, books, at),
        "external_payments" => Statements.Payment(row, books),
        _ => null,
    };

    /// <summary>What the document says it is: how many records there are, how many it carries, their money.</summary>
    private static IEnumerable<Understood> Extracts(
        Document document, Dictionary<Row, Understood> events, Books books, string source)
    {
        var carried = events.ToDictionary(e => (e.Key.Collection, e.Key.Id));
        foreach (var asked in document.Results.GroupBy(r => r.Collection).Where(g => Listed.ContainsKey(g.Key)))
        {
            var delivered = asked.Where(carried.ContainsKey).Select(key => carried[key]).ToArray();
            if (delivered.Length == 0) continue;
            var ids = delivered.Select(d => d.Value.Envelope.Id).Order(StringComparer.Ordinal);
            var page = document.Page ?? 1;
            var of = Stating.Hash(string.Join('\n', ids));
            var extract = $"{asked.Key}-{document.Count ?? delivered.Length}-{page}-{of}";
            var last = delivered.Select(d => d.Key.Changed).MaxBy(at => at?.ToInstant());
            if (last is null) continue;
            yield return Stating.Of(
                $"extracts/{extract}", last.Value, TimeBasis.Modified, source, Kind.Extract, extract,
                new ExtractCompleted(
                    extract, Listed[asked.Key], Page: document.Page, Pages: document.Pages, Count: document.Count,
                    Delivered: delivered.Length, Sums: Sums(delivered.Select(d => d.Key), books)));
        }
    }

    private static Items<ControlSum>? Sums(IEnumerable<Row> rows, Books books)
    {
        var sums =
            from row in rows
            let field = row.Collection switch
            {
                "invoices" => "balance_in_cents",
                "expenses" or "external_payments" => "amount_in_cents",
                _ => null,
            }
            where field is not null
            let money = books.MoneyOf(row)
            where money.Currency is not null
            let amount = row.Cents(field, money.Unit).Value
            where amount is not null
            group amount.GetValueOrDefault() by (
                Field: field == "balance_in_cents" ? "gross" : "amount", Currency: money.Currency.GetValueOrDefault())
            into same
            orderby same.Key.Currency.Code
            select new ControlSum(same.Key.Field, same.Sum(), same.Key.Currency);
        var all = sums.ToItems();
        return all.Count == 0 ? null : all;
    }

    /// <summary>The ledger's own word that this system exists, with the kinds these documents carry and no others:
    /// nothing else can be missing from it.</summary>
    private static Understood Registration(IReadOnlyList<Understood> events, string source)
    {
        var last = events.MaxBy(e => e.Envelope.Time)!.Envelope;
        var at = last.Time.WithOffset(Offset.Zero);
        var kinds = events.Select(e => e.Envelope.Kind).Where(kind => kind != Kind.Extract.Name).Distinct();
        return Stating.Registration(
            at, TimeBasis.Modified, source,
            new SourceRegistered([Role.Psa, Role.Billing], kinds.ToItems(), "Kantata OX"));
    }
}
