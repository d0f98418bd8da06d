using NodaTime;

namespace Ledger.Domain;

/// <summary>Which money spent may be billed now, how much of it, and why the rest may not.</summary>
internal sealed class ExpenseBilling(Engagement engagement, LocalDate through, Sorted sorted)
{
    private readonly ILookup<string, BilledPart> billed = engagement.Billed.ToLookup(b => b.Target);
    private readonly Currency? currency = engagement.Currency;

    public void Sort()
    {
        foreach (var spent in engagement.Expenses) Sort(spent);
    }

    /// <summary>What the client pays of an expense in all: what it says itself, else its cost with the mark-up agreed,
    /// as much as its category allows; rounded in the contract's mode. Null where it states no amount.</summary>
    public static Money? WorthOf(Engagement engagement, SpentMoney spent)
    {
        if (spent.Expense is not { Currency: { } currency } expense) return null;
        var rule = RuleOf(engagement, spent);
        var markup = spent.IsSubcontractor
            ? engagement.Terms.Subcontractors?.MarkupPercent
            : rule?.MarkupPercent ?? engagement.Terms.Expenses?.MarkupPercent;
        var amount = expense.BillableAmount ?? expense.Amount * (100m + (markup ?? 0m)) / 100m;
        if (amount is null) return null;
        if (amount > rule?.AmountMax) amount = rule.AmountMax;
        var rounding = engagement.Contract.Rounding;
        return new Money(amount.Value, currency)
            .Round(rounding?.Mode ?? RoundingMode.HalfAwayFromZero, rounding?.Digits);
    }

    private void Sort(SpentMoney spent)
    {
        var expense = spent.Expense;
        var (left, by) = LeftOf(engagement, spent, billed[spent.Id]);
        if (by is not null)
        {
            Leave(spent, Reasons.OfBilled(by), WorthOf(engagement, spent));
            return;
        }

        var project = engagement.ProjectOf(spent.Project);
        if ((Reasons.OfContract(engagement, project, expense.IncurredOn, through, Never(engagement, spent))
            ?? OfApproval(engagement, spent) ?? OfReceipt(expense)) is { } reason) Leave(spent, reason, left);
        else if (left is not { } value) Leave(spent, (LeftOutReason.NoRate, "no amount is stated for it"), left);
        else if (value.Currency != currency)
            Leave(spent, (LeftOutReason.OtherCurrency, $"it was spent in {value.Currency}"), left);
        else if (value.Amount != 0m) Take(spent, project, value);
        else Leave(spent, (LeftOutReason.NotBillable, "the client pays nothing of it"), left);
    }

    /// <summary>What is approved of money spent, to be billed, and left by what stands of documents; null = nothing.
    /// </summary>
    public static LeftToBill? Left(Engagement engagement, SpentMoney spent, IEnumerable<BilledPart> standing)
    {
        if (Never(engagement, spent) is not null || OfApproval(engagement, spent) is not null) return null;
        var (left, by) = LeftOf(engagement, spent, standing);
        return by is not null || left is { Amount: 0m }
            ? null
            : new(null, null, left is { } money ? ExactMoney.Of(money) : null);
    }

    private static (Money? Left, BilledPart? By) LeftOf(
        Engagement engagement, SpentMoney spent, IEnumerable<BilledPart> billed)
    {
        var left = WorthOf(engagement, spent);
        foreach (var part in billed)
        {
            if (part.Amount is { } amount && amount.Currency == left?.Currency) left -= amount;
            if (part.Amount is null || left is not { Amount: > 0m }) return (left, part);
        }

        return (left, null);
    }

    private void Take(SpentMoney spent, EngagedProject? project, Money value) =>
        sorted.Candidates.Add(new(
            spent.Id, spent.Ref, LineKinds.Expense, spent.Expense.IncurredOn, ExactMoney.Of(value),
            spent.Expense.Note ?? spent.Expense.Category ?? "Expense", spent.Changed)
        {
            Project = spent.Project, Line = engagement.LineOf(project), Resource = spent.Expense.Resource,
            Task = spent.Expense.Task, ApprovedBy = spent.Expense.Approval?.By,
        });

    /// <summary>Why money spent is never billed; null = it waits for approval at most.</summary>
    public static (LeftOutReason Reason, string Detail)? Never(Engagement engagement, SpentMoney spent)
    {
        if (spent.Expense.Billable is false) return (LeftOutReason.NotBillable, "it is not billable");
        if (spent.Expense.WrittenOff) return (LeftOutReason.WrittenOff, "it was written off");
        var passed = spent.IsSubcontractor
            ? engagement.Terms.Subcontractors?.PassedThrough
            : RuleOf(engagement, spent)?.PassedThrough ?? engagement.Terms.Expenses?.PassedThrough;
        return passed is false
            ? (LeftOutReason.Absorbed, spent.IsSubcontractor
                ? "the firm bears what subcontractors cost"
                : $"the firm bears {spent.Expense.Category ?? "expenses"} by the contract's terms")
            : null;
    }

    /// <summary>Null = approved, or nobody has to.</summary>
    public static (LeftOutReason, string)? OfApproval(Engagement engagement, SpentMoney spent) =>
        engagement.Contract.Approval?.Expense ?? engagement.ProjectOf(spent.Project)?.Project.Approval ?? true
            ? Reasons.OfApproval(spent.Expense.Approval)
            : null;

    private (LeftOutReason, string)? OfReceipt(Expense expense) =>
        expense.Amount > engagement.Terms.Expenses?.ReceiptAbove && expense.Attachments is not { Count: > 0 }
            ? (LeftOutReason.MissingDocument, "no receipt is attached to it")
            : null;

    private static ExpenseRule? RuleOf(Engagement engagement, SpentMoney spent) =>
        engagement.Terms.Expenses?.Categories?.FirstOrDefault(r => r.Category == spent.Expense.Category);

    private void Leave(SpentMoney spent, (LeftOutReason Reason, string Detail) why, Money? amount) =>
        sorted.Leave(spent.Id, spent.Ref, why.Reason, why.Detail, spent.Expense.IncurredOn, null, amount);
}
