using Ledger.Domain;

namespace Ledger.Projections.Lineage;

/// <summary>Something a line says it asks money for, looked up.</summary>
/// <param name="Node">Its node.</param>
/// <param name="Target">Its record; null while it dangles.</param>
/// <param name="CardRate">The price a card gives it.</param>
/// <param name="Agreed">What was agreed that it is worth, of a milestone or a part of a contract.</param>
internal sealed record BilledRecord(
    string Node, Ref Ref, SourceRecord? Target, Quantity? Quantity, decimal? Amount, ResolvedRate? CardRate,
    Money? Agreed = null);

/// <summary>A line's explanation, and what it brings to the document's total.</summary>
/// <param name="Work">Amounts that may still be rounded, where the line has no amount of its own.</param>
/// <param name="Fixed">Its amount in cents, where it has.</param>
internal sealed record ExplainedLine(LineLineage Line, IReadOnlyList<ProbedWork> Work, decimal Fixed);

/// <summary>How far what a document bills accounts for what it asks, to the minor unit.</summary>
/// <param name="Terms">The contract's rounding; null where no contract states it.</param>
internal sealed record Explanation(Invoice Document, Currency Currency, Rounding? Terms)
{
    /// <summary>Explains one line by what it bills.</summary>
    public ExplainedLine Line(string node, InvoiceLine line, IReadOnlyList<BilledRecord> billed)
    {
        var shares = new List<Share>();
        var work = new List<ProbedWork>();
        var whole = Figures.Sum(line.Adjustments);
        var problems = new List<string>();
        foreach (var item in billed)
        {
            var (share, problem) = ShareOf(item, line);
            shares.Add(share);
            if (problem is not null) problems.Add(problem);
            if (share.Amount is not { } amount || amount.Currency != Currency) continue;
            var time = item.Target?.Fold.State as TimeEntry;
            if (time is not null && item.Amount is null)
            {
                work.Add(new(
                    item.Node, amount, line.Line, time.Resource?.ToString(), time.Task, line.Tax?.Category));
            }
            else
            {
                whole += amount.Round(RoundingMode.HalfAwayFromZero, Exact).Amount;
            }
        }

        if (billed.Count == 0) problems.Add("the line names nothing it bills");
        return Explained(node, line, shares, work, whole, problems);
    }

    /// <summary>What the lines and the document's own adjustments leave of its stated total.</summary>
    public (decimal Explained, decimal Unexplained, Rounding? Rule) Total(IReadOnlyCollection<ExplainedLine> lines)
    {
        var work = lines.SelectMany(l => l.Work).ToArray();
        var whole = lines.Sum(l => l.Fixed) + Figures.Sum(Document.Adjustments);
        if (Figures.NetOf(Document) is { } net)
        {
            var (explained, rule) = Reach(work, whole, net, Terms, RoundingProbe.Rules);
            return (explained, net - explained, rule);
        }

        return (Once(work) + whole, 0m, null);
    }

    private const int Exact = 10;

    private ExplainedLine Explained(
        string node, InvoiceLine line, List<Share> shares, List<ProbedWork> work, decimal whole, List<string> problems)
    {
        LineLineage Told(decimal? net, decimal explained, decimal remainder, Rounding? rule) => new(
            node, line.Line, line.Description, line.Quantity, line.Price, net, line.Basis, shares.ToItems(), explained,
            remainder, remainder == 0m ? null : Reason(net!.Value, explained, problems), rule);

        if (Figures.Of(line.Net) is not { } stated)
        {
            var told = Told(null, Once(work) + whole, 0m, null);
            return new(told with { Reason = line.Net is null ? null : "it asks more than any money" }, work, whole);
        }

        // What is rounded once for the document is, within one line, rounded once for the line.
        var terms = Terms is { Scope: RoundingScope.Invoice or RoundingScope.TaxCategory }
            ? Terms with { Scope = RoundingScope.Line }
            : Terms;
        var rules = RoundingProbe.Rules.Where(r => r.Scope is RoundingScope.Line or RoundingScope.Entry);
        var (explained, rule) = Reach(work, whole, stated, terms, rules);
        var result = Told(stated, explained, stated - explained, rule);
        return line.Basis is LineBasis.Derived && result.Remainder == 0m
            ? new(result, work, whole)
            : new(result, [], stated);
    }

    /// <summary>The total the work comes to by the first rule that gives the stated one; where none does, rounded
    /// once, half away from zero. No rule is named where nothing had to be rounded.</summary>
    private (decimal Explained, Rounding? Rule) Reach(
        IReadOnlyCollection<ProbedWork> work, decimal whole, decimal stated, Rounding? terms,
        IEnumerable<Rounding> rules)
    {
        var once = Once(work) + whole;
        if (work.All(w => w.Amount.Round(RoundingMode.Down).Amount * 60m == w.Amount.Sixtieths)) return (once, null);
        foreach (var rule in terms is null ? rules : rules.Prepend(terms))
        {
            if (RoundingProbe.Try(work, new(whole, Currency), new(stated, Currency), rule).Reproduces)
                return (stated, rule);
        }

        return (once, null);
    }

    private decimal Once(IEnumerable<ProbedWork> work) => work
        .Aggregate(ExactMoney.Zero(Currency), (sum, w) => sum + w.Amount).Round(RoundingMode.HalfAwayFromZero).Amount;

    private string Reason(decimal net, decimal explained, List<string> problems) => problems.Count > 0
        ? string.Join("; ", problems)
        : $"what it bills comes to {new Money(explained, Currency)}, the line says {new Money(net, Currency)}";

    private (Share Share, string? Problem) ShareOf(BilledRecord billed, InvoiceLine line)
    {
        var (share, worth) = billed.Target?.Fold.State switch
        {
            TimeEntry t => OfTime(billed, t, line),
            Expense x => OfExpense(billed, x),
            Project p => OfTask(billed, p),
            Contract c => OfTerm(billed, c),
            Milestone m => OfMilestone(billed, m),
            Invoice credited => OfCredited(billed, credited, line),
            _ => (Bare(billed), null),
        };
        if (billed.Target is null
            || share.Amount is null && worth is null && (billed.Amount is null || IsAgreed(billed)))
            return (share with { Amount = null }, Missing(billed));
        if (worth is { } known && known.Currency != Currency && billed.Amount is null)
            return (share, $"{billed.Ref} is in {known.Currency}");
        var amount = Taken(Figures.Of(billed.Amount), worth);
        var taken = share.Amount == amount ? share : share with { Amount = amount };
        return billed.Quantity is { } said && share.Quantity is { } there && said != there
            ? (taken, $"{billed.Ref} has {there}, the line bills {said}")
            : (taken, null);
    }

    /// <summary>What a line takes of a record's worth: as much as it says, but never more than there is.</summary>
    private ExactMoney? Taken(decimal? stated, ExactMoney? worth)
    {
        if (stated is not { } amount) return worth;
        var said = ExactMoney.Of(new(amount, Currency));
        if (worth is not { } known || known.Currency != Currency) return said;
        var limit = known.Round(RoundingMode.Up);
        return Math.Abs(amount) <= Math.Abs(limit.Amount) && amount * limit.Amount >= 0m ? said : known;
    }

    private static (Share Share, ExactMoney? Worth) OfTime(BilledRecord billed, TimeEntry t, InvoiceLine line)
    {
        var quantity = Covered(billed.Quantity, Left(t));
        var (rate, basis) = t.BillRate is { } own ? (own, RateBasis.Entry)
            : billed.CardRate is { } card ? (card.Price, RateBasis.Card)
            : line.Price is { } price ? (price, RateBasis.Line)
            : ((Rate?)null, RateBasis.None);
        var worth = quantity is null || rate is null ? null : Figures.Priced(quantity, rate);
        foreach (var down in t.WriteDowns)
            if (!down.Off && down.Amount is not null && worth is { } before
                && (down.Currency ?? before.Currency) == before.Currency)
                worth = before + ExactMoney.Of(new(-(Figures.Of(down.Amount) ?? 0m), before.Currency));
        var share = new Share(
            billed.Node, t.WorkedOn, quantity, rate, basis, billed.CardRate?.Price, worth, t.Approval?.Status,
            t.Approval is null ? null : billed.Target!.Asserted("approval"));
        return (share, worth);
    }

    /// <summary>What there is of an entry to bill: its billable quantity less what was written down.</summary>
    private static Quantity? Left(TimeEntry t)
    {
        var left = t.BillableQuantity ?? t.Quantity;
        foreach (var down in t.WriteDowns)
            if (!down.Off && left is not null && down.Quantity?.Unit == left.Unit)
                left = left with { Value = left.Value - down.Quantity.Value };
        return left;
    }

    /// <summary>As much as the line says, but never more than there is.</summary>
    private static Quantity? Covered(Quantity? stated, Quantity? left) =>
        stated is null || (left is not null && left.DifferenceTo(stated) > 0m) ? left : stated;

    private static (Share Share, ExactMoney? Worth) OfExpense(BilledRecord billed, Expense x)
    {
        ExactMoney? worth = x.Billing is { } money && Figures.Of(money.Amount) is not null
            ? ExactMoney.Of(money)
            : null;
        var share = new Share(
            billed.Node, x.IncurredOn, billed.Quantity, null, RateBasis.None, null, worth, x.Approval?.Status,
            x.Approval is null ? null : billed.Target!.Asserted("approval"));
        return (share, worth);
    }

    /// <summary>A fixed fee: the task's, else the project's, whatever time was spent on it.</summary>
    private (Share Share, ExactMoney? Worth) OfTask(BilledRecord billed, Project p)
    {
        var task = billed.Ref.Line is { } part ? p.Tasks.FirstOrDefault(t => t.Task == part) : null;
        var fee = Figures.Of(billed.Ref.Line is null ? p.Budget : task?.Budget);
        ExactMoney? worth = fee is { } amount ? ExactMoney.Of(new(amount, p.Currency ?? Currency)) : null;
        return (Bare(billed), worth);
    }

    /// <summary>What was agreed to be billed: an item of the schedule, a period, usage, or a line of the contract.
    /// </summary>
    private static (Share Share, ExactMoney? Worth) OfTerm(BilledRecord billed, Contract c)
    {
        var item = c.Schedule.FirstOrDefault(i => i.Item == billed.Ref.Line);
        var used = c.Usage.FirstOrDefault(u => u.Usage == billed.Ref.Line);
        return (
            Bare(billed) with { On = item?.DueOn ?? used?.UsedOn, Quantity = billed.Quantity ?? used?.Quantity },
            Worth(billed));
    }

    private static (Share Share, ExactMoney? Worth) OfMilestone(BilledRecord billed, Milestone m)
    {
        ApprovalStatus? accepted = m.Status switch
        {
            MilestoneStatus.Accepted => ApprovalStatus.Approved,
            MilestoneStatus.AcceptanceRejected => ApprovalStatus.Rejected,
            _ => null,
        };
        return (
            Bare(billed) with
            {
                On = m.AcceptedOn, Approval = accepted,
                ApprovedAt = accepted is null ? null : billed.Target!.Asserted("status"),
            },
            Worth(billed));
    }

    private static ExactMoney? Worth(BilledRecord billed) => billed.Agreed is { } agreed ? ExactMoney.Of(agreed) : null;

    /// <summary>Whether a worth must have been agreed: what a line asks for it says nothing of that.</summary>
    private static bool IsAgreed(BilledRecord billed) =>
        billed.Target!.Fold.State is Milestone || (billed.Target.Fold.State is Contract && billed.Ref.Line is not null);

    /// <summary>What there is of a document to give back: the line's amount, or its own; null where nothing tells.
    /// </summary>
    public static decimal? Credited(BilledRecord billed) => billed.Target?.Fold.State is not Invoice credited ? null
        : billed.Ref.Line is { } part ? Figures.Of(credited.Lines.FirstOrDefault(l => l.Line == part)?.Net)
        : Figures.NetOf(credited);

    /// <summary>A credit rests on what it gives back: the credited line's amount, or the document's.</summary>
    private (Share Share, ExactMoney? Worth) OfCredited(BilledRecord billed, Invoice credited, InvoiceLine line)
    {
        ExactMoney? worth = Credited(billed) is { } known
            ? ExactMoney.Of(new(known, credited.Currency ?? Currency))
            : null;
        var taken = Taken(Figures.Of(billed.Amount ?? line.Net), worth);
        return (Bare(billed) with { On = credited.IssuedOn, Quantity = billed.Quantity }, worth is null ? null : taken);
    }

    private static Share Bare(BilledRecord billed) =>
        new(billed.Node, null, billed.Quantity, null, RateBasis.None, billed.CardRate?.Price, null, null, null);

    private static string Missing(BilledRecord billed) => billed.Target is null
        ? $"{billed.Ref} is not in the ledger"
        : billed.Target.Fold.State switch
        {
            null => $"{billed.Ref} has not begun",
            TimeEntry { Quantity: null, BillableQuantity: null } => $"{billed.Ref} has no quantity",
            TimeEntry => $"{billed.Ref} has no rate",
            Expense => $"{billed.Ref} has no amount",
            Invoice => $"{billed.Ref} has no amount",
            _ => $"{billed.Ref} has no amount of its own",
        };
}
