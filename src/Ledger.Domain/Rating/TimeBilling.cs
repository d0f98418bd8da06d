using NodaTime;

namespace Ledger.Domain;

/// <summary>Which work may be billed now, at which price, and why the rest may not.</summary>
internal sealed class TimeBilling(Engagement engagement, LocalDate through, Sorted sorted)
{
    private readonly ILookup<string, BilledPart> billed = engagement.Billed.ToLookup(b => b.Target);
    private readonly Currency? currency = engagement.Currency;

    /// <summary>Work whose hours make the price: time and materials, and what draws on a retainer.</summary>
    public static bool IsByHours(BillingModel model) => model is BillingModel.TimeAndMaterials or BillingModel.Retainer;

    public void Sort()
    {
        foreach (var work in engagement.Time) Sort(work);
    }

    /// <summary>What may be billed of an entry in all: what is billable, else approved, else recorded, less what was
    /// written down; null where nothing says.</summary>
    public static Quantity? BillableOf(TimeEntry entry)
    {
        if ((entry.BillableQuantity ?? entry.Approval?.Quantity ?? entry.Quantity) is not { } quantity) return null;
        foreach (var down in entry.WriteDowns)
            if (down is { Off: false, Quantity: { } less }) quantity = Less(quantity, less);
        return quantity;
    }

    private void Sort(WorkedTime work)
    {
        var (left, taken, by) = LeftOf(work.Entry, billed[work.Id]);
        if (by is not null)
        {
            Leave(work, Reasons.OfBilled(by));
            return;
        }

        var project = engagement.ProjectOf(work.Project);
        if ((Reasons.OfContract(engagement, project, work.Entry.WorkedOn, through, Never(engagement, work))
            ?? OfApproval(engagement, work)) is { } reason)
        {
            Leave(work, reason, left);
            return;
        }

        if (left is not { Value: > 0m }) Leave(work, (LeftOutReason.NoQuantity, "nothing says how much it is"));
        else Price(work, project, left, taken);
    }

    /// <summary>What is approved of a piece of work, to be billed, and left by what stands of documents; null =
    /// nothing.</summary>
    public static LeftToBill? Left(Engagement engagement, WorkedTime work, IEnumerable<BilledPart> standing)
    {
        if (Never(engagement, work) is not null || OfApproval(engagement, work) is not null) return null;
        var (left, taken, by) = LeftOf(work.Entry, standing);
        if (by is not null || left is not { Value: > 0m }) return null;
        var price = PriceOf(engagement, work, out _);
        if (price?.Extend(left) is not { } exact) return new(left, price, null);
        var (value, off) = Less(exact, work.Entry, taken);
        return off > 0m && value is { Sixtieths: <= 0m } ? null : new(left, price, value);
    }

    /// <summary>What documents leave of an entry, the money they bill of it, and the one that bills all there is.
    /// </summary>
    private static (Quantity? Quantity, List<Money> Taken, BilledPart? By) LeftOf(
        TimeEntry entry, IEnumerable<BilledPart> billed)
    {
        var left = BillableOf(entry);
        var taken = new List<Money>();
        foreach (var part in billed)
        {
            if (part.Quantity is { } less && left is not null) left = Less(left, less);
            else if (part.Amount is { } amount) taken.Add(amount);
            if (part is { Quantity: null, Amount: null } || IsNothing(left)) return (left, taken, part);
        }

        return (left, taken, null);
    }

    // A hundredth of an hour is how systems round what they keep in minutes.
    private static bool IsNothing(Quantity? left) => left?.Value <= (left?.Unit.PerHour ?? 0) / 100m;

    /// <summary>Why work is never billed for its hours; null = it waits for approval at most.</summary>
    public static (LeftOutReason Reason, string Detail)? Never(Engagement engagement, WorkedTime work)
    {
        var (entry, project) = (work.Entry, engagement.ProjectOf(work.Project));
        var task = project?.Project.Tasks.FirstOrDefault(t => t.Task == entry.Task);
        if ((entry.Billable ?? task?.Billable) is false) return (LeftOutReason.NotBillable, "it is not billable");
        if (entry.WriteDowns.FirstOrDefault(w => w.Off) is { } off)
            return (LeftOutReason.WrittenOff, Reasons.Said("it was written off", off.Approver, off.Reason));
        if (task?.FixedFee ?? !IsByHours(engagement.ModelOf(project)))
            return (LeftOutReason.PaidByFee, "a fee agreed beforehand pays for it");
        return work.IsSubcontractor && engagement.Terms.Subcontractors is { PassedThrough: false }
            ? (LeftOutReason.Absorbed, "the firm bears what subcontractors cost")
            : null;
    }

    /// <summary>Null = approved, or nobody has to.</summary>
    public static (LeftOutReason, string)? OfApproval(Engagement engagement, WorkedTime work) =>
        engagement.Contract.Approval?.Time ?? engagement.ProjectOf(work.Project)?.Project.Approval ?? true
            ? Reasons.OfApproval(work.Entry.Approval)
            : null;

    /// <summary>The card's price, else the entry's own, else what a subcontractor costs; null where there is none.
    /// </summary>
    public static Rate? PriceOf(Engagement engagement, WorkedTime work, out RateFound? found)
    {
        found = work.Asked is null ? null : RateResolution.Find(work.Asked, RateUse.Bill, engagement.Cards);
        return PriceOf(found as ResolvedRate, work.Entry) ?? AtCost(engagement, work);
    }

    /// <summary>The card's price, else the entry's own; a price of nothing that nobody agreed is none.</summary>
    public static Rate? PriceOf(ResolvedRate? card, TimeEntry entry) =>
        card?.Price ?? (entry.BillRate is { Amount: not 0m } stated ? stated : null);

    private void Price(WorkedTime work, EngagedProject? project, Quantity left, List<Money> taken)
    {
        var entry = work.Entry;
        if (PriceOf(engagement, work, out var found) is not { } price)
        {
            Leave(work, (LeftOutReason.NoRate, found is NoRate none ? none.Why : "it has no service date"), left);
            return;
        }

        if (price.Extend(left) is not { } exact)
        {
            Leave(work, (LeftOutReason.NoRate, $"{left} has no price at {price}"), left);
            return;
        }

        var (worth, off) = Less(exact, entry, taken);
        if (price.Currency != currency || worth is not { } value)
        {
            Leave(work, (LeftOutReason.OtherCurrency, $"it is priced in {price.Currency}"), left);
            return;
        }

        if (off > 0m && value.Sixtieths <= 0m)
        {
            var reason = taken.Count > 0 ? LeftOutReason.AlreadyBilled : LeftOutReason.WrittenOff;
            Leave(work, (reason, "nothing of its worth is left"), left);
            return;
        }

        sorted.Candidates.Add(new(
            work.Id, work.Ref, LineKinds.Time, entry.WorkedOn, value, Description(project, entry), work.Changed)
        {
            Quantity = left, Price = price, Rate = found as ResolvedRate, WrittenDown = off, Project = work.Project,
            Line = engagement.LineOf(project), Resource = entry.Resource, Person = work.Person, Task = entry.Task,
            Role = work.Asked?.Role, ApprovedBy = entry.Approval?.By,
        });
    }

    private static Rate? AtCost(Engagement engagement, WorkedTime work) =>
        work is { IsSubcontractor: true, Entry.CostRate: { } cost }
        && engagement.Terms.Subcontractors is { PassedThrough: true } terms
            ? cost with { Amount = cost.Amount * (100m + (terms.MarkupPercent ?? 0m)) / 100m }
            : null;

    private static string Description(EngagedProject? project, TimeEntry entry)
    {
        var task = project?.Project.Tasks.FirstOrDefault(t => t.Task == entry.Task)?.Name ?? entry.Task;
        var name = project?.Project.Name;
        return name is null ? task ?? "Time" : task is null ? name : $"{name}, {task}";
    }

    private void Leave(WorkedTime work, (LeftOutReason Reason, string Detail) why, Quantity? quantity = null) =>
        sorted.Leave(
            work.Id, work.Ref, why.Reason, why.Detail, work.Entry.WorkedOn, quantity ?? BillableOf(work.Entry));

    /// <summary>What work is worth less the money written down or billed of it, and how much that is; null where one
    /// part of it is in another currency.</summary>
    private static (ExactMoney? Value, decimal Off) Less(ExactMoney exact, TimeEntry entry, List<Money> taken)
    {
        var off = 0m;
        foreach (var down in entry.WriteDowns.Where(w => w is { Off: false, Quantity: null, Amount: not null })
            .Select(w => new Money(w.Amount!.Value, w.Currency ?? exact.Currency)).Concat(taken))
        {
            if (down.Currency != exact.Currency) return (null, 0m);
            off += down.Amount;
        }

        return (exact + ExactMoney.Of(new Money(-off, exact.Currency)), off);
    }

    /// <summary>What is left of a quantity; one in a unit that does not convert takes nothing away.</summary>
    private static Quantity Less(Quantity whole, Quantity less) =>
        less.Unit == whole.Unit ? whole with { Value = whole.Value - less.Value }
        : whole.Unit.PerHour is { } mine && less.Unit.PerHour is { } theirs
            ? whole with { Value = whole.Value - less.Value * mine / theirs }
            : whole;
}
