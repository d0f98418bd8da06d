using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Kantata;

/// <summary>Invoice rows → snapshots. The API states no lines, only the ids of what was billed; so each line is derived
/// from one id, and money that no id accounts for has no line.</summary>
internal static class Invoices
{
    public static Statement Invoice(Row row, Books books, Instant at)
    {
        var money = books.MoneyOf(row);
        var on = row.Date("invoice_date");
        var status = Status(row);
        var paid = row.Text("status").Value == "accepted payment";
        var lists = Lists.Where(list => row.Has(list.Name)).ToArray();
        var body = new InvoiceStated(
            Status: status is null ? default(Said<InvoiceStatus?>) : status,
            Projects: Projects(row),
            OrderRef: row.Text("purchase_order"),
            IssuedOn: status is InvoiceStatus.Draft ? default : on,
            DueOn: row.Date("due_date"),
            Terms: Net(row),
            Currency: Statements.Currency(money),
            Lines: Billed(row, lists, books, at),
            Totals: Totals(row, money, status, paid),
            Settlement: Settled(status, paid))
        {
            Number = row.Text("user_invoice_number").Value,
            Covers = lists.Length == Lists.Count ? null : Covered(lists),
            Ext = row.Ext("status", "draft", "tax_rate", "project_code", "created_at", "user_id", "recipient_id"),
        };
        if (row.Number("tax_rate").Value is not (null or 0m))
            row.Warn("tax_rate", "tax_without_amount", "a tax rate is stated, but no tax; the rate is kept in ext");
        return new(Kind.Invoice, row.Id, body, on.Value);
    }

    /// <summary>What the API can list on an invoice, and where it carries the records.</summary>
    private sealed record List(string Name, string Collection, string LineKind);

    private static readonly IReadOnlyList<List> Lists =
    [
        new("time_entry_ids", "time_entries", "time"),
        new("expense_ids", "expenses", "expense"),
        new("fixed_fee_item_ids", "fixed_fee_items", "fixed_fee"),
        new("additional_item_ids", "additional_items", "additional"),
    ];

    // A list that was not asked for says nothing: lines of its kind that are known from elsewhere stay.
    private static Items<string>? Covered(List[] lists) => lists.Length == 0
        ? null
        : lists.Select(list => "lines." + list.LineKind).Prepend("ext").ToItems();

    private static InvoiceStatus? Status(Row row)
    {
        var draft = row.Flag("draft").Value is true;
        switch (row.Text("status").Value)
        {
            case "cancelled": return InvoiceStatus.Cancelled;
            case "new": return draft ? InvoiceStatus.Draft : InvoiceStatus.Issued;
            case "accepted payment": return InvoiceStatus.Issued;
            case null: return draft ? InvoiceStatus.Draft : null;
            case var other:
                row.Warn("status", "unknown_value", $"the status '{other}' is not known; it is kept in ext");
                return null;
        }
    }

    /// <summary>The balance is what was invoiced in total, and stays so when it is paid: still owed only while the
    /// invoice is neither paid nor cancelled.</summary>
    private static Said<InvoiceTotals> Totals(Row row, Denomination money, InvoiceStatus? status, bool paid)
    {
        if (row.Cents("balance_in_cents", money.Unit) is not { IsSaid: true, Value: { } balance }) return default;
        if (money.Currency is null)
            row.Warn("balance_in_cents", "no_currency",
                "the balance is read as hundredths: nothing here tells its currency");
        return new InvoiceTotals(
            Tax: row.Number("tax_rate").Value is 0m ? 0m : null,
            Gross: balance,
            Payable: balance,
            Open: status is InvoiceStatus.Issued && !paid ? balance : null);
    }

    private static Said<Settlement> Settled(InvoiceStatus? status, bool paid) =>
        status is null ? default : new(true, paid ? new Settlement() : null);

    private static Said<Terms> Net(Row row)
    {
        var days = row.Whole("payment_schedule", 10_000);
        return days.IsSaid ? new(true, days.Value is { } value ? new Terms(TermsKind.Net, (int)value) : null) : default;
    }

    private static Said<Items<Ref>> Projects(Row row) => row.Keys("workspace_ids") is { } ids
        ? ids.Select(id => new Ref(Kind.Project.Name, Id: id)).ToItems()
        : default(Said<Items<Ref>>);

    private static Said<Items<InvoiceLine>> Billed(Row row, List[] lists, Books books, Instant at) => lists.Length == 0
        ? default
        : new(true, lists.SelectMany(list => Lines(row, list, books, at)).ToItems());

    private static IEnumerable<InvoiceLine> Lines(Row row, List list, Books books, Instant at)
    {
        foreach (var id in row.Keys(list.Name) ?? [])
        {
            // What an entry says after the invoice was last touched is not what the invoice billed.
            var billed = books.Find(list.Collection, id, at);
            var line = new InvoiceLine($"{list.LineKind}/{id}", Kind: list.LineKind, Basis: LineBasis.Derived);
            yield return list.LineKind switch
            {
                "time" => OfTime(line, id, billed, books),
                "expense" => OfExpense(line, id, billed, row, books),
                _ => OfItem(line, billed, row, books),
            };
        }
    }

    private static InvoiceLine OfTime(InvoiceLine line, string id, Row? entry, Books books) => line with
    {
        Bills = [new(new Ref(Kind.Time.Name, Id: id))],
        Quantity = entry is null ? null : Statements.Minutes(entry).Value,
        Price = entry is null ? null : Statements.Hourly(entry, "rate_in_cents", books.MoneyOf(entry)).Value,
    };

    private static InvoiceLine OfExpense(
        InvoiceLine line, string id, Row? expense, Row invoice, Books books) => line with
    {
        Bills = [new(new Ref(Kind.Expense.Name, Id: id))],
        Net = Amount(expense, invoice, books),
    };

    // A fee or an extra has no record of its own kind: it is its line.
    private static InvoiceLine OfItem(InvoiceLine line, Row? item, Row invoice, Books books) => line with
    {
        Net = Amount(item, invoice, books),
        Description = item?.Text("title").Value ?? item?.Text("notes").Value,
        Work = item?.Key("story_id").Value is { } task ? new LineWork(Task: task) : null,
    };

    // An amount in another currency was converted by a rate nobody states here.
    private static decimal? Amount(Row? of, Row invoice, Books books)
    {
        if (of is null) return null;
        var (own, billed) = (books.MoneyOf(of), books.MoneyOf(invoice));
        var same = own.Currency is null || own.Currency == billed.Currency;
        return same ? of.Cents("amount_in_cents", own.Currency is null ? billed.Unit : own.Unit).Value : null;
    }
}
