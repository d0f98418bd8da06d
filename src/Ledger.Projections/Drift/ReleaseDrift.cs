using Ledger.Domain;

namespace Ledger.Projections.Drift;

/// <summary>Whether the work a live document bills was free to be billed: approved, billable, of the right project.
/// </summary>
internal static class ReleaseDrift
{
    public static IEnumerable<Finding> In(Books books)
    {
        foreach (var document in books.Documents.Where(d => d.IsLive && !d.GivesBack))
        {
            if (Unapproved(books, document) is { } unapproved) yield return unapproved;
            if (Unaccepted(document) is { } unaccepted) yield return unaccepted;
            if (NonBillable(books, document) is { } nonBillable) yield return nonBillable;
            if (NotFlagged(books, document) is { } unflagged) yield return unflagged;
        }

        foreach (var finding in FlaggedWithoutInvoice(books)) yield return finding;
    }

    private static Finding? Unapproved(Books books, Document document)
    {
        var open = document.Bills.Where(b => b.Record is not null && ApprovalOf(b) is { Approved: false }).ToArray();
        var rules = open.Select(b => RuleFor(books, document, b)).ToArray();
        var required = open.Where((_, i) => rules[i] is { Required: true }).ToArray();
        var silent = open.Where((_, i) => rules[i] is null).ToArray();
        var named = required.Length > 0 ? required : silent;
        if (named.Length == 0) return null;
        var evidence = new Evidence().Names(document.Record, "lines");
        foreach (var item in named)
            evidence.Says(item.Record!, "approval", ApprovalOf(item)!.Value.Says, "approval", "stated")
                .Clashes(item.Record!.Asserted("approval", "stated"), item.Position)
                .Should(item.Record, "approval", ApprovalOf(item)!.Value.Says, "approved");
        var rule = rules.FirstOrDefault(r => r is { Required: true });
        if (rule is { } says) evidence.Says(says.Record, "approval", "required", "approval");
        var worth = Worth(books, document, named);
        var asked = worth is { } money ? $": {money}" : "";
        var what = $"{Entries(named)} that {(named.Length == 1 ? "is" : "are")} not stated as approved{asked}";
        return evidence.Finds(
            DriftClass.Unapproved, document,
            rule is { } by
                ? $"{document.Name} bills {what}; {by.Name} requires approval."
                : $"{document.Name} bills {what}; no contract, project or source in the ledger says that approval is "
                    + "required.",
            worth) with
        {
            Weight = rule is null ? FindingWeight.Notice : FindingWeight.Difference,
        };
    }

    /// <summary>Milestones that the client has not accepted, whatever the firm says of them.</summary>
    private static Finding? Unaccepted(Document document)
    {
        var items = document.Bills.Where(b => b.Milestone is { Status: not MilestoneStatus.Accepted }).ToArray();
        if (items.Length == 0) return null;
        var evidence = new Evidence().Names(document.Record, "lines");
        foreach (var item in items)
            evidence.Says(item.Record!, "status", Say.Snake(item.Milestone!.Status), "status")
                .Clashes(item.Record!.Asserted("status"), item.Position)
                .Should(item.Record, "status", Say.Snake(item.Milestone.Status), "accepted");
        var named = items.Select(i => $"{i.Label} ({Say.Snake(i.Milestone!.Status).Replace('_', ' ')})");
        var worth = items.Select(i => i.Milestone!.Billing).ToArray();
        var asked = document.Currency is { } currency && worth.All(w => w?.Currency == currency)
            ? new Money(worth.Sum(w => w!.Value.Amount), currency)
            : (Money?)null;
        return evidence.Finds(
            DriftClass.Unapproved, document,
            $"{document.Name} bills {Say.Count(items.Length, "milestone", "milestones")} that the client has not "
            + $"accepted: {Say.List(named)}{(asked is { } money ? $", {money}" : "")}.",
            asked);
    }

    /// <summary>How far an approval has come, in the source's words; null where the thing has none to give.</summary>
    private static (bool Approved, string Says)? ApprovalOf(BilledItem item)
    {
        if (item.Entry is null && item.Expense is null) return null;
        var approval = item.Entry?.Approval ?? item.Expense?.Approval;
        var flags = item.Entry?.Stated ?? item.Expense?.Stated;
        if (approval is { Status: ApprovalStatus.Approved })
        {
            // What is billed beyond what was recorded is a difference of quantity, not of approval.
            var all = item.Entry?.Quantity is not { } recorded || approval.Quantity is not { } part
                || PricedItem.Convert(part, recorded.Unit) is not { } approved || approved >= recorded.Value
                || (item.Quantity is { } billed && approved >= PricedItem.Convert(billed, recorded.Unit));
            return (all, all ? "approved" : $"approved {approval.Quantity}");
        }

        if (approval is not null) return (false, Say.Snake(approval.Status));
        var yes = flags?.Approval?.ToUpperInvariant() is "APPROVED" or "TRUE" or "YES";
        return (yes, flags?.Approval ?? "not stated");
    }

    /// <summary>Whether approval is required: the contract's word, else the project's, else the source's; null where
    /// none of them says.</summary>
    private static (bool Required, SourceRecord Record, string Name)? RuleFor(
        Books books, Document document, BilledItem item)
    {
        var project = books.ProjectOf(item);
        var contract = (project is { } p ? books.Prices.ContractOf(p) : null)
            ?? (books.ContractsOf(document) is [var first, ..] ? first : null);
        var terms = contract?.State.Approval;
        if ((item.Entry is null ? terms?.Expense : terms?.Time) is { } byContract)
            return (byContract, contract!.Value.Record, $"contract {Books.LabelOf(contract.Value.Record)}");
        if (project?.State.Approval is { } byProject)
            return (byProject, project.Value.Record, $"project {Books.LabelOf(project.Value.Record)}");
        if (books.SourceOf(item.Record!.Source) is { } source
            && (item.Entry is null ? source.State.Approval?.Expense : source.State.Approval?.Time) is { } bySource)
            return (bySource, source.Record, $"source {item.Record.Source}");
        return null;
    }

    private static Finding? NonBillable(Books books, Document document)
    {
        var items = document.Bills.Where(b => IsNonBillable(books, b)).ToArray();
        if (items.Length == 0) return null;
        var evidence = new Evidence().Names(document.Record, "lines");
        foreach (var item in items)
        {
            string[] fields = WrittenOff(item) ? ["writeDowns", "writtenOff"] : ["billable", "task"];
            evidence.Says(item.Record!, "billable", WrittenOff(item) ? "written off" : "false", fields)
                .Clashes(item.Record!.Asserted(fields), item.Position)
                .Mends(document.Record, $"lines/{item.Line}/bills", $"{item.Ref.Kind} {item.Label}", null);
        }

        var worth = Worth(books, document, items);
        var why = items.All(WrittenOff) ? "written off" : "not billable";
        return evidence.Finds(
            DriftClass.NonBillable, document,
            $"{document.Name} bills {Entries(items)} that {(items.Length == 1 ? "is" : "are")} {why}"
            + $"{(worth is { } money ? money.Amount == 0m ? ", at no charge" : $": {money}" : "")}.",
            worth);
    }

    private static bool IsNonBillable(Books books, BilledItem item)
    {
        if (WrittenOff(item)) return true;
        if (item.Entry is { } entry)
            return (entry.Billable ?? TaskOf(books, item, entry)?.Billable) == false;
        return item.Expense?.Billable == false;
    }

    private static ProjectTask? TaskOf(Books books, BilledItem item, TimeEntry entry) =>
        books.ProjectOf(item)?.State.Tasks.FirstOrDefault(t => t.Task == entry.Task);

    private static bool WrittenOff(BilledItem item) =>
        item.Entry?.WriteDowns.Any(w => w.Off) == true || item.Expense?.WrittenOff == true;

    /// <summary>Live documents bill work whose source says that it is not billed.</summary>
    private static Finding? NotFlagged(Books books, Document document)
    {
        var items = document.Bills.Where(b => (b.Entry?.Stated ?? b.Expense?.Stated)?.Billed == false).ToArray();
        if (items.Length == 0) return null;
        var evidence = new Evidence().Names(document.Record, "lines");
        foreach (var item in items)
            evidence.Says(item.Record!, "stated/billed", "false", "stated")
                .Clashes(item.Record!.Asserted("stated"), item.Position)
                .Should(item.Record, "stated/billed", "false", "true");
        var worth = Worth(books, document, items);
        return evidence.Finds(
            DriftClass.Status, document,
            $"{document.Name} bills {Entries(items)} that {Say.List(items.Select(i => i.Record!.Source).Distinct())} "
            + $"still {(items.Length == 1 ? "calls" : "call")} unbilled{(worth is { } money ? $": {money}" : "")}; "
            + "it could be billed again.",
            worth);
    }

    /// <summary>Work whose source says that it is billed, and no live document bills: one finding a project.</summary>
    private static IEnumerable<Finding> FlaggedWithoutInvoice(Books books)
    {
        var billed = books.Documents.Where(d => d.IsLive || d.IsDraft).SelectMany(d => d.Bills.Select(b => b.Target))
            .ToHashSet();
        var flagged = books.World.Live<TimeEntry>(Kind.Time).Where(t => t.State.Stated?.Billed == true)
            .Select(t => (t.Record, t.State.Project))
            .Concat(books.World.Live<Expense>(Kind.Expense).Where(x => x.State.Stated?.Billed == true)
                .Select(x => (x.Record, x.State.Project)))
            .Where(f => !billed.Contains(books.EntityId(f.Record)))
            .GroupBy(f => (f.Record.Source, Project: f.Project?.Stream(f.Record.Source) ?? f.Project?.Number ?? ""));
        foreach (var group in flagged)
        {
            var evidence = new Evidence();
            foreach (var (record, _) in group)
                evidence.Says(record, "stated/billed", "true", "stated").Clashes(record.Asserted("stated"))
                    .Mends(record, "stated/billed", "true", "false")
                    .Lacks(books.KeeperOf(Kind.Invoice), Kind.Invoice, null, "lines/bills",
                        $"{record.Kind} {Books.LabelOf(record)}");
            var all = group.ToArray();
            yield return evidence.Finds(
                DriftClass.Status,
                $"{group.Key.Source} calls {Say.Count(all.Length, "record", "records")} billed that no live invoice in "
                + $"the ledger bills: {Say.List(all.Select(a => $"{a.Record.Kind} {Books.LabelOf(a.Record)}"))}.");
        }
    }

    private static Money? Worth(Books books, Document document, BilledItem[] items)
    {
        if (document.Currency is not { } currency) return null;
        var priced = books.Priced(document).ToLookup(p => (p.Item.Line, p.Item.Target));
        var exact = ExactMoney.Zero(currency);
        foreach (var item in items)
        {
            if (priced[(item.Line, item.Target)].FirstOrDefault()?.Value is { } value && value.Currency == currency)
                exact += value;
            else if ((item.Amount is { } amount ? new Money(amount, currency) : item.Expense?.Billing) is { } money
                && money.Currency == currency)
                exact += ExactMoney.Of(money);
        }

        return exact.Round(RoundingMode.HalfAwayFromZero);
    }

    private static string Entries(BilledItem[] items)
    {
        var time = items.Where(i => i.Entry is not null).ToArray();
        var expenses = items.Length - time.Length;
        var first = time.Length switch
        {
            0 => null,
            1 => $"time entry {time[0].Label} ({time[0].Quantity ?? time[0].Entry!.Quantity})",
            _ => $"{Say.Number(time.Length)} time entries",
        };
        var second = expenses switch
        {
            0 => null,
            1 => $"expense {items.First(i => i.Entry is null).Label}",
            _ => $"{Say.Number(expenses)} expenses",
        };
        return Say.List(new[] { first, second }.OfType<string>());
    }
}
