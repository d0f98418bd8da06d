using Ledger.Domain;
using NodaTime;
using NodaTime.Text;

namespace Ledger.Connectors.BusinessCentral;

/// <summary>What one record states of itself, in the ledger's words.</summary>
internal sealed record Statement(Kind Kind, string RecordId, Snapshot Body, LocalDate? EffectiveOn = null);

/// <summary>Records that stand alone → snapshots. What a record does not say, a snapshot does not say.</summary>
internal static class Statements
{
    // Codes are each company's own; these are what the vendor delivers. Others are kept as they are where they may be.
    private static readonly Dictionary<string, Unit> Units = new(StringComparer.OrdinalIgnoreCase)
    {
        ["HOUR"] = Unit.Hour, ["HOURS"] = Unit.Hour, ["HR"] = Unit.Hour, ["MINUTE"] = Unit.Minute, ["DAY"] = Unit.Day,
        ["MONTH"] = Unit.Month, ["PCS"] = Unit.Piece, ["PC"] = Unit.Piece, ["STK"] = Unit.Piece,
        ["KM"] = Unit.Kilometre,
    };

    private static readonly LocalDatePattern Month = LocalDatePattern.CreateWithInvariantCulture("uuuu-MM");

    public static Statement Client(Entry at, string id) => new(Kind.Client, id, new ClientStated(
        Name: at.Text("displayName"),
        TaxIds: TaxIds(at),
        Emails: at.Text("email") is { IsSaid: true } mail
            ? mail.Value is { } address ? Items.Of<string>([address]) : Items<string>.None
            : default(Said<Items<string>>),
        Addresses: Addresses(at),
        Currency: at.Currency(),
        Blocked: at.Has("blocked") ? at.Text("blocked").Value is not null : default(Said<bool?>))
    {
        Number = at.Text("number").Value,
        Ext = at.Ext("type", "paymentTermsId", "paymentMethodId", "taxAreaDisplayName", "taxLiable", "blocked"),
    });

    public static Statement LegalEntity(Entry at, string id) => new(Kind.LegalEntity, id, new LegalEntityStated(
        Name: at.Text("displayName") is { Value: not null } name ? name : at.Text("name")));

    public static Statement Project(Entry at, string id) => new(Kind.Project, id, new ProjectStated(
        Name: at.Text("displayName"))
    {
        Number = at.Text("number").Value,
    });

    public static Statement Resource(Entry at, string id) => new(Kind.Resource, id, new ResourceStated(
        Name: at.Text("displayName"), Role: at.Text("jobTitle"), EmployeeNo: at.Text("number")));

    public static Statement Time(Entry at, string id)
    {
        var on = at.Date("date");
        return new(Kind.Time, id, new TimeStated(
            Resource: at.Ref(Kind.Resource, "employeeId", "employeeNumber"),
            WorkedOn: on,
            Quantity: at.Number("quantity") is { Value: { } much } && UnitOf(at) is { } unit
                ? new Quantity(much, unit)
                : default(Said<Quantity>),
            Project: at.Ref(Kind.Project, "jobId", "jobNumber"),
            Task: at.Text("jobTaskNumber"),
            Approval: Approval(at)) { Ext = at.Ext("absence", "employeeNumber", "status") }, on.Value);
    }

    /// <summary>A line of a payment journal: what the company means to have received, posted or not yet.</summary>
    public static Statement Payment(Entry at, string id, Books books)
    {
        var (amount, on) = (at.Number("amount"), at.Date("postingDate"));
        // The journal credits the customer, so money in has a minus there.
        if (amount.Value > 0m)
            at.Warn(
                "amount", "no_minus", "what customers pay is negative in the journal; this is taken as money in too");
        var target = at.Ref(Kind.Invoice, "appliesToInvoiceId", "appliesToInvoiceNumber");
        var paid = amount.Value is { } money ? Math.Abs(money) : (decimal?)null;
        return new(Kind.Payment, id, new PaymentStated(
            ReceivedOn: on,
            Amount: amount.IsSaid ? new(true, paid) : default(Said<decimal?>),
            Currency: books.CurrencyOf(at) is { } currency ? currency : default(Said<Currency?>),
            Client: at.Ref(Kind.Client, "customerId", "customerNumber"),
            Remittance: at.Text("description"),
            BankRef: at.Text("externalDocumentNumber"),
            Applications: target is { Value: { } invoice } && paid is { } applied
                ? Items.Of<Application>([new(id, invoice, ApplicationKind.Cash, applied, on.Value)])
                : target.IsSaid ? Items<Application>.None : default(Said<Items<Application>>))
        {
            Number = at.Text("documentNumber").Value,
            Ext = at.Ext("lineNumber", "comment", "journalDisplayName"),
        }, on.Value);
    }

    /// <summary>One entry of the general ledger: one side of a posting. It names the document by its number.</summary>
    public static Statement Posting(Entry at, string id, Books books)
    {
        var on = at.Date("postingDate");
        var (debit, credit) = (at.Number("debitAmount").Value, at.Number("creditAmount").Value);
        Said<Items<PostingEntry>> entries = at.Text("accountNumber").Value is { } account
            ? Items.Of<PostingEntry>([new(account, Debit: NotZero(debit), Credit: NotZero(credit))])
            : default(Said<Items<PostingEntry>>);
        return new(Kind.Posting, id, new PostingStated(
            PostedOn: on,
            Period: on.Value is { } day ? Month.Format(day) : default(Said<string>),
            Document: books.DocumentOf(at),
            Entries: entries)
        {
            Number = at.Text("entryNumber").Value,
            Ext = at.Ext("documentNumber", "documentType", "description", "accountId"),
        }, on.Value);
    }

    /// <summary>Null where no unit is told, or none that the ledger could keep.</summary>
    public static Unit? UnitOf(Entry at)
    {
        if (at.Text("unitOfMeasureCode").Value is not { } code) return null;
        if (Units.TryGetValue(code, out var known)) return known;
        if (Unit.TryOf(code, out var unit)) return unit;
        at.Warn(
            "unitOfMeasureCode", "unknown_unit", $"the unit '{code}' is the company's own; the quantity is not read");
        return null;
    }

    private static decimal? NotZero(decimal? amount) => amount is 0m ? null : amount;

    private static Said<Approval> Approval(Entry at) => at.Text("status").Value?.ToUpperInvariant() switch
    {
        "APPROVED" => new Approval(ApprovalStatus.Approved),
        "REJECTED" => new Approval(ApprovalStatus.Rejected),
        "SUBMITTED" => new Approval(ApprovalStatus.Submitted),
        "OPEN" => new Approval(ApprovalStatus.Open),
        _ => default(Said<Approval>),
    };

    private static Said<Items<TaxId>> TaxIds(Entry at)
    {
        var number = at.Text("taxRegistrationNumber");
        if (!number.IsSaid) return default;
        return number.Value is { } value && at.Text("country").Value is { } country
            ? Items.Of<TaxId>([new("VAT", country, value)])
            : Items<TaxId>.None;
    }

    private static Said<Items<Address>> Addresses(Entry at)
    {
        if (!at.Has("addressLine1") && !at.Has("city")) return default;
        var street = string.Join(", ", new[] { "addressLine1", "addressLine2" }.Select(n => at.Text(n).Value)
            .OfType<string>());
        var address = new Address(
            street.Length == 0 ? null : street, at.Text("city").Value, at.Text("postalCode").Value,
            at.Text("state").Value, at.Text("country").Value);
        return address == new Address() ? Items<Address>.None : Items.Of<Address>([address]);
    }
}
