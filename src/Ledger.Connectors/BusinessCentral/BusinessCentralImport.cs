using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.BusinessCentral;

/// <summary>Reads answers of the Business Central API v2.0: an ERP. Its records are rows with a modified time, so each
/// becomes a snapshot stated at that time, under an id made from its content.</summary>
public static class BusinessCentralImport
{
    public const string Help =
        "Business Central API v2.0 answers as JSON: customers, projects, employees, timeRegistrationEntries, "
        + "salesInvoices and salesCreditMemos with their lines, customerPayments, generalLedgerEntries, companies";

    /// <summary>What is read: entity set → the kind it states.</summary>
    private static readonly Dictionary<string, Kind> Sets = new(StringComparer.OrdinalIgnoreCase)
    {
        ["companies"] = Kind.LegalEntity, ["customers"] = Kind.Client, ["projects"] = Kind.Project,
        ["jobs"] = Kind.Project, ["employees"] = Kind.Resource, ["timeRegistrationEntries"] = Kind.Time,
        ["salesInvoices"] = Kind.Invoice, ["salesInvoiceLines"] = Kind.Invoice, ["salesCreditMemos"] = Kind.Invoice,
        ["salesCreditMemoLines"] = Kind.Invoice, ["customerPayments"] = Kind.Payment,
        ["generalLedgerEntries"] = Kind.Posting,
    };

    /// <param name="source">The name the system goes by in the ledger.</param>
    public static Imported Read(IReadOnlyList<ImportFile> files, string source)
    {
        var answers = files.Select(file => Answer.Read(file, SetOf)).ToArray();
        var entries = answers.SelectMany(a => a.Entries).ToArray();
        var books = new Books(entries);
        var newest = entries.Select(e => e.Changed).Max();
        var stated = new Dictionary<string, (Entry Entry, Understood Event)>();
        foreach (var entry in entries)
            if (Stated(entry, books, newest, source) is { } made)
                stated.TryAdd(made.Envelope.Id, (entry, made));
        WarnOfContradictions(stated.Values);
        var events = Stating.InOrder(stated.Values.Select(s => s.Event)).ToArray();
        return new(
            events.Length == 0 ? Items<Understood>.None : events.Prepend(Registration(events, source)).ToItems(),
            answers.SelectMany(a => a.Problems).Concat(entries.SelectMany(e => e.Problems)).Distinct().ToItems(),
            answers.SelectMany(a => a.Warnings).Concat(entries.SelectMany(e => e.Warnings)).Distinct().ToItems());
    }

    /// <summary>The set that a name means: itself, its singular, or a word of it between underscores.</summary>
    private static string? SetOf(string name)
    {
        foreach (var word in name.Split('_', '.', '-').Prepend(name))
            if (Sets.Keys.FirstOrDefault(known => word.Equals(known, StringComparison.OrdinalIgnoreCase)
                || word.Equals(Singular(known), StringComparison.OrdinalIgnoreCase)) is { } set)
                return set;
        return null;
    }

    private static string Singular(string set) =>
        set.EndsWith("ies", StringComparison.Ordinal) ? set[..^3] + "y" : set[..^1];

    private static Understood? Stated(Entry at, Books books, Instant? newest, string source)
    {
        var (set, isLine) = (at.Set, at.Set is "salesInvoiceLines" or "salesCreditMemoLines");
        if (isLine && at.Key("documentId").Value is { } whole && books.Has(whole)) return null;
        if (at.Id is not { } id)
        {
            at.Refuse("id", "required", "a record without its id is one that was asked for, not one the system has");
            return null;
        }

        if ((at.Changed ?? newest) is not { } time)
        {
            at.Refuse(
                "lastModifiedDateTime", "required", "nothing tells when this was so: neither it nor its neighbours");
            return null;
        }

        var statement = isLine ? SalesDocuments.Alone(at, id) : Statement(at, set, id, books);
        if (statement is null || at.Problems.Any()) return null;
        var body = at.Company is { } company && statement.Kind != Kind.LegalEntity
            ? statement.Body with { Entity = new(Kind.LegalEntity.Name, Id: company) }
            : statement.Body;
        // Of two statements with one modified time the further one counts: a document goes from draft to paid.
        var rank = statement.Body is not InvoiceStated document ? ""
            : document.Settlement.Value is not null ? "/2"
            : document.Status.Value is null or InvoiceStatus.Draft ? "/0" : "/1";
        return Stating.Of(
            $"{set}/{id}{rank}", time.WithOffset(Offset.Zero),
            at.Changed is null ? TimeBasis.Observed : TimeBasis.Modified, source, statement.Kind, statement.RecordId,
            body, statement.EffectiveOn);
    }

    private static Statement Statement(Entry at, string set, string id, Books books) => set switch
    {
        "companies" => Statements.LegalEntity(at, id),
        "customers" => Statements.Client(at, id),
        "projects" or "jobs" => Statements.Project(at, id),
        "employees" => Statements.Resource(at, id),
        "timeRegistrationEntries" => Statements.Time(at, id),
        "customerPayments" => Statements.Payment(at, id, books),
        "generalLedgerEntries" => Statements.Posting(at, id, books),
        _ => SalesDocuments.Invoice(at, id, books),
    };

    /// <summary>Two answers that state one record otherwise at one time: both are kept, and named.</summary>
    private static void WarnOfContradictions(IEnumerable<(Entry Entry, Understood Event)> stated)
    {
        var same = stated.Where(s => s.Event.Envelope.TimeBasis == TimeBasis.Modified)
            .GroupBy(s => (s.Event.Envelope.Stream, s.Event.Envelope.Time));
        foreach (var record in same)
            foreach (var (entry, _) in record.Skip(1))
                entry.Warn("", "stated_otherwise",
                    $"{record.First().Entry.File} states this record otherwise with the same modified time; both are "
                    + "kept, and of a document the further one counts");
    }

    private static Understood Registration(Understood[] events, string source)
    {
        var at = events.Min(e => e.Envelope.Time).WithOffset(Offset.Zero);
        // Only what these answers carry: whoever imports customers does not promise a general ledger.
        var kinds = events.Select(e => e.Envelope.Kind).Distinct();
        return Stating.Registration(
            at, TimeBasis.Modified, source, new SourceRegistered([Role.Erp], kinds.ToItems(), "Business Central"));
    }
}
