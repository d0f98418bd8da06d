using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Kantata;

/// <summary>What one record states of itself, in the ledger's words.</summary>
/// <param name="RecordId">The id of the record it is stated of, which for a task is its project's.</param>
internal sealed record Statement(Kind Kind, string RecordId, Snapshot Body, LocalDate? EffectiveOn = null);

/// <summary>Rows → snapshots. What a row does not say, a snapshot does not say.</summary>
internal static class Statements
{
    public static Statement Time(Row row, Books books)
    {
        var money = books.MoneyOf(row);
        var on = row.Date("date_performed");
        var body = new TimeStated(
            Resource: row.Ref("user_id", Kind.Resource),
            WorkedOn: on,
            Quantity: Minutes(row),
            Project: row.Ref("workspace_id", Kind.Project),
            Task: row.Key("story_id"),
            Billable: row.Flag("billable"),
            BillRate: Hourly(row, "rate_in_cents", money),
            CostRate: Hourly(row, "cost_rate_in_cents", money),
            Note: row.Text("notes"),
            Approval: Approval(row),
            Stated: Flags(row)) { Ext = row.Ext("taxable", "location", "active_submission_id") };
        return new(Kind.Time, row.Id, body, on.Value);
    }

    public static Statement Expense(Row row, Books books)
    {
        var money = books.MoneyOf(row);
        var on = row.Date("date");
        var body = new ExpenseStated(
            IncurredOn: on,
            Category: row.Text("category"),
            Amount: row.Cents("amount_in_cents", money.Unit),
            Currency: Currency(money),
            Billable: row.Flag("is_billable"),
            Resource: row.Ref("user_id", Kind.Resource),
            Project: row.Ref("workspace_id", Kind.Project),
            Task: row.Key("story_id"),
            Reimbursable: row.Flag("reimbursable"),
            Note: row.Text("notes"),
            Approval: Approval(row),
            Stated: Flags(row)) { Ext = row.Ext("taxable", "active_submission_id") };
        WarnOfUnit(row, money, "amount_in_cents");
        return new(Kind.Expense, row.Id, body, on.Value);
    }

    public static Statement Project(Row row, Books books)
    {
        var money = books.MoneyOf(row);
        var body = new ProjectStated(
            Name: row.Text("title"),
            Currency: Currency(money),
            Start: row.Date("start_date"),
            End: row.Date("due_date"),
            Budget: row.Cents("price_in_cents", money.Unit),
            Approval: row.Flag("require_time_approvals"))
        {
            // Its tasks are records of their own, stated one by one into the same project.
            Covers = Items<string>.None,
            Ext = row.Ext(
                "archived", "status/key", "rate_card_id", "default_rate", "budgeted", "require_expense_approvals",
                "stories_are_fixed_fee_by_default"),
        };
        WarnOfUnit(row, money, "price_in_cents");
        return new(Kind.Project, row.Id, body);
    }

    /// <summary>A task: a part of its project, which is told of this one task and no other.</summary>
    public static Statement? Task(Row row, Books books)
    {
        if (row.Key("workspace_id").Value is not { } workspace)
        {
            row.Refuse("workspace_id", "required", "a story without its workspace belongs to no project");
            return null;
        }

        var money = books.MoneyOf(row);
        var task = new ProjectTask(
            row.Id, row.Text("title").Value, row.Flag("billable").Value, row.Flag("fixed_fee").Value,
            row.Cents("budget_estimate_in_cents", money.Unit).Value);
        WarnOfUnit(row, money, "budget_estimate_in_cents");
        string[] kept = ["state", "story_type", "deleted_at", "invoiced_balance_in_cents"];
        var words = kept.Select(name => (Name: $"task/{row.Id}/{name}", Word: row.Word(name)))
            .Where(w => w.Word is not null).Select(w => KeyValuePair.Create(w.Name, w.Word!)).ToArray();
        return new(Kind.Project, workspace, new ProjectStated(Tasks: Items.Of<ProjectTask>([task]))
        {
            Covers = Items<string>.None,
            Ext = words.Length == 0 ? null : new(words),
        });
    }

    /// <summary>A payment recorded by hand against one invoice. When the money came, nobody says.</summary>
    public static Statement Payment(Row row, Books books)
    {
        var money = books.MoneyOf(row);
        var amount = row.Cents("amount_in_cents", money.Unit);
        WarnOfUnit(row, money, "amount_in_cents");
        Said<Items<Application>> applied = default;
        if (row.Ref("invoice_id", Kind.Invoice).Value is { } invoice && amount.Value is { } cash)
            applied = Items.Of<Application>([new(row.Id, invoice, ApplicationKind.Cash, cash)]);
        var body = new PaymentStated(
            Amount: amount,
            Currency: Currency(money),
            Remittance: row.Text("message"),
            Applications: applied) { Ext = row.Ext("user_id", "workspace_id", "created_at") };
        return new(Kind.Payment, row.Id, body);
    }

    public static Statement Resource(Row row) =>
        new(Kind.Resource, row.Id, new ResourceStated(Name: row.Text("full_name")));

    public static Said<Quantity> Minutes(Row row)
    {
        var minutes = row.Whole("time_in_minutes", Row.MinutesMax);
        return minutes.IsSaid
            ? new(true, minutes.Value is { } value ? new Quantity(value, Unit.Minute) : null)
            : default;
    }

    public static Said<Rate> Hourly(Row row, string name, Denomination money)
    {
        var amount = row.Cents(name, money.Unit);
        if (amount.Value is not { } price) return amount.IsSaid ? new(true, null) : default;
        if (money.Currency is { } currency) return new Rate(price, currency, Unit.Hour);
        row.Warn(name, "no_currency", $"{name} is not read: nothing here tells its currency");
        return default;
    }

    public static Said<Currency?> Currency(Denomination money) =>
        money.Currency is { } currency ? currency : default(Said<Currency?>);

    // Said to be approved, by nobody in particular; said not to be, it is nobody's yes, whatever was said before.
    private static Said<Approval> Approval(Row row) => row.Flag("approved").Value switch
    {
        true => new Approval(ApprovalStatus.Approved),
        false => new Said<Approval>(true, null),
        null => default,
    };

    private static Said<StatedFlags> Flags(Row row)
    {
        if (!row.Has("approved") && !row.Has("is_invoiced")) return default;
        var approval = row.Flag("approved").Value switch { true => "approved", false => "not_approved", null => null };
        return new StatedFlags(approval, row.Flag("is_invoiced").Value);
    }

    private static void WarnOfUnit(Row row, Denomination money, string name)
    {
        if (money.Currency is null && row.Word(name) is not null)
            row.Warn(name, "no_currency",
                $"{name} is read as hundredths: nothing tells its currency; import its project or invoice with it");
    }
}
