using NodaTime;

namespace Ledger.Domain;

/// <summary>Which fees may be billed now: what a schedule, a task, a milestone, a subscription or a meter makes due.
/// </summary>
internal sealed class FeeBilling(Engagement engagement, LocalDate through, Sorted sorted)
{
    private readonly ILookup<string, BilledPart> billed = engagement.Billed.ToLookup(b => b.Target);
    private readonly Contract contract = engagement.Contract;

    /// <summary>No period ends beyond what a calendar has.</summary>
    private const int LastYear = 9_999;

    public void Sort()
    {
        Schedule();
        Milestones();
        Tasks();
        Subscriptions();
        Usage();
    }

    /// <summary>What each item of a schedule is worth: its amount, else its share of its line's; shares that make the
    /// whole sum to it.</summary>
    public static decimal?[] WorthOf(Contract contract, Currency currency)
    {
        var worth = contract.Schedule.Select(i => i.Percent is null ? i.Amount : (decimal?)null).ToArray();
        var shared = Enumerable.Range(0, worth.Length).Where(i => contract.Schedule[i].Percent is not null)
            .GroupBy(i => LineOf(contract, contract.Schedule[i].Line));
        foreach (var line in shared)
        {
            if (line.Key?.Amount is not { } whole) continue;
            var items = line.ToArray();
            var parts = items.Select(i => whole * contract.Schedule[i].Percent!.Value / 100m)
                .Select(amount => ExactMoney.Of(new(amount, currency))).ToArray();
            var total = parts.Aggregate((a, b) => a + b).Round(RoundingMode.HalfAwayFromZero);
            var shares = Allocation.Share(total, parts);
            for (var i = 0; i < items.Length; i++) worth[items[i]] = shares[i].Amount;
        }

        return worth;
    }

    /// <summary>What a milestone is worth: its amount, else its share of its line's; null where nobody tells.</summary>
    public static decimal? WorthOf(Contract contract, ReachedMilestone milestone, Currency? currency) =>
        milestone.Amount?.Amount
        ?? (milestone.Percent is { } percent && LineOf(contract, milestone.ContractLine)?.Amount is { } whole
            ? Rounding.Round(percent * whole / 100m, currency?.MinorDigits ?? 2, RoundingMode.HalfAwayFromZero)
            : null);

    private static ContractLine? LineOf(Contract contract, string? line) => line is null
        ? contract.Lines.Count == 1 ? contract.Lines[0] : null
        : contract.Lines.FirstOrDefault(l => l.Line == line);

    private void Schedule()
    {
        if (engagement.Currency is not { } currency) return;
        var worth = WorthOf(contract, currency);
        for (var i = 0; i < worth.Length; i++)
        {
            var item = contract.Schedule[i];
            var reason = item.ReleasedOn is not { } released
                ? (LeftOutReason.NotReleased, $"it falls due on {Reasons.Day(item.DueOn)} and nobody released it")
                : released > through
                    ? (LeftOutReason.AfterDate, $"it was released on {Reasons.Day(released)}")
                    : default((LeftOutReason, string)?);
            Sort(
                new(item.Item, item.ReleasedOn ?? item.DueOn, worth[i], item.Description ?? $"Fee {item.Item}")
                {
                    IsAdvance = (LineOf(contract, item.Line)?.Model ?? engagement.Model) is BillingModel.Retainer,
                },
                reason, LineOf(contract, item.Line), engagement.PositionOf("schedule"));
        }
    }

    private void Milestones()
    {
        foreach (var milestone in engagement.Milestones)
        {
            var line = LineOf(contract, milestone.ContractLine);
            var reason = milestone switch
            {
                { IsCancelled: true } => (LeftOutReason.Cancelled, "it was cancelled"),
                { AcceptedOn: null } => (LeftOutReason.NotAccepted, "the client has not accepted it"),
                { AcceptedOn: { } on } when on > through =>
                    (LeftOutReason.AfterDate, $"it was accepted on {Reasons.Day(on)}"),
                { HasEvidence: false } =>
                    (LeftOutReason.MissingDocument, "no document stands behind its acceptance"),
                { Amount: { } money } when money.Currency != engagement.Currency =>
                    (LeftOutReason.OtherCurrency, $"it is agreed in {money.Currency}"),
                _ => default((LeftOutReason, string)?),
            };
            Sort(
                milestone.Id, milestone.Ref,
                new(
                    "", milestone.AcceptedOn, WorthOf(contract, milestone, engagement.Currency),
                    milestone.Name ?? "Milestone"),
                reason, line, milestone.Changed);
        }
    }

    /// <summary>Tasks for a fee, where neither a schedule nor a milestone says when it falls due: when they are closed.
    /// </summary>
    private void Tasks()
    {
        if (contract.Schedule.Count > 0 || engagement.Milestones.Count > 0) return;
        foreach (var project in engagement.Projects)
            foreach (var task in project.Project.Tasks.Where(t => t.FixedFee is true))
            {
                var reason = task.ClosedOn is not { } closed
                    ? (LeftOutReason.NotReleased, "the task is not closed")
                    : closed > through
                        ? (LeftOutReason.AfterDate, $"the task was closed on {Reasons.Day(closed)}")
                        : default((LeftOutReason, string)?);
                Sort(
                    $"{project.Id}#{task.Task}", project.Ref with { Line = task.Task },
                    new(task.Task, task.ClosedOn, task.Budget, task.Name ?? task.Task),
                    reason ?? Reasons.OfHold(contract, project), engagement.LineOf(project), 0L);
            }
    }

    private void Subscriptions()
    {
        foreach (var terms in engagement.Terms.Subscriptions ?? Items<SubscriptionTerms>.None)
        {
            if ((terms.From ?? contract.From) is not { } from) continue;
            var until = Earlier(terms.To, contract.To);
            var months = Math.Clamp(terms.Months, 1, LastYear);
            for (var n = 0; from.Year + (n + 1) * months / 12 < LastYear; n++)
            {
                var first = from.PlusMonths(n * months);
                var last = from.PlusMonths((n + 1) * months).PlusDays(-1);
                if (first > until || (terms.InAdvance ? first : Cut(last)) > through) break;
                var id = $"{terms.Subscription}@{Reasons.Day(first)}";
                var name = terms.Description ?? terms.Subscription;
                Sort(
                    new(id, terms.InAdvance ? first : Cut(last), Prorated(terms.Amount, first, last, Cut(last)), name)
                    {
                        Period = new(first, Cut(last)),
                    },
                    Reasons.OfHold(contract, null), null, engagement.PositionOf("billing"));
            }

            LocalDate Cut(LocalDate last) => Earlier(last, until)!.Value;
        }
    }

    private decimal Prorated(decimal amount, LocalDate first, LocalDate last, LocalDate cut)
    {
        if (cut == last) return amount;
        var days = NodaTime.Period.DaysBetween(first, cut) + 1;
        return Rounding.Round(
            amount * days / (NodaTime.Period.DaysBetween(first, last) + 1), engagement.Currency?.MinorDigits ?? 2,
            contract.Rounding?.Mode ?? RoundingMode.HalfAwayFromZero);
    }

    private void Usage()
    {
        var counted = new Dictionary<(string, int, int), decimal>();
        foreach (var used in contract.Usage.OrderBy(u => u.UsedOn).ThenBy(u => u.Usage, StringComparer.Ordinal))
        {
            var terms = engagement.Terms.Usage?.FirstOrDefault(t => t.Meter == used.Meter);
            var month = (used.Meter, used.UsedOn.Year, used.UsedOn.Month);
            var before = counted.GetValueOrDefault(month);
            counted[month] = before + used.Quantity.Value;
            var value = terms is null || engagement.Currency is not { } currency
                ? null
                : Tiered.Of(terms.Tiers, before, used.Quantity, currency);
            Sort(
                new(used.Usage, used.UsedOn, null, terms?.Description ?? used.Meter)
                {
                    Exact = value?.Value, Quantity = used.Quantity, Price = value?.Price, Kind = LineKinds.Usage,
                },
                Reasons.OfDay(contract, used.UsedOn, through), null, used.Position ?? engagement.PositionOf("usage"));
        }
    }

    private void Sort(Due due, (LeftOutReason, string)? reason, ContractLine? line, long position) => Sort(
        $"{engagement.Id}#{due.Part}", engagement.Ref with { Line = due.Part }, due,
        reason ?? Reasons.OfHold(contract, null), line, position);

    private void Sort(
        string id, Ref reference, Due due, (LeftOutReason, string)? reason, ContractLine? line, long position)
    {
        var worth = due.Exact ?? (due.Amount is { } amount && engagement.Currency is { } currency
            ? ExactMoney.Of(new Money(amount, currency))
            : null);
        var left = worth;
        foreach (var part in billed[id])
        {
            if (part.Amount is { } taken && left is { } before && taken.Currency == before.Currency)
                left = before + ExactMoney.Of(-taken);
            if (part.Amount is not null && part.Quantity is null && left is { Sixtieths: > 0m }) continue;
            reason = Reasons.OfBilled(part);
            break;
        }

        var shown = (left ?? worth)?.Round(RoundingMode.HalfAwayFromZero);
        if (reason is { } why) sorted.Leave(id, reference, why.Item1, why.Item2, due.On, due.Quantity, shown);
        else if (left is not { } value)
            sorted.Leave(id, reference, LeftOutReason.NoRate, "no amount is agreed for it", due.On, due.Quantity);
        else if (value.Sixtieths != 0m)
            sorted.Candidates.Add(new(id, reference, due.Kind, due.On, value, due.Description, position)
            {
                Quantity = due.Quantity, Price = due.Price, Line = line, Period = due.Period, IsAdvance = due.IsAdvance,
            });
    }

    private static LocalDate? Earlier(LocalDate? a, LocalDate? b) => a is null || b < a ? b ?? a : a;

    /// <summary>Something a contract makes due.</summary>
    /// <param name="Part">Its id within the contract.</param>
    private sealed record Due(string Part, LocalDate? On, decimal? Amount, string Description)
    {
        public ExactMoney? Exact { get; init; }

        public Quantity? Quantity { get; init; }

        public Rate? Price { get; init; }

        public Period? Period { get; init; }

        public string Kind { get; init; } = LineKinds.Fee;

        public bool IsAdvance { get; init; }
    }
}

/// <summary>Units priced by the tiers they fall into.</summary>
internal static class Tiered
{
    /// <returns>Null where a tier's price is of another unit or currency, or no tier is left for a unit.</returns>
    /// <param name="before">Units of the same month that were counted before.</param>
    public static (ExactMoney Value, Rate? Price)? Of(
        Items<UsageTier> tiers, decimal before, Quantity quantity, Currency currency)
    {
        var value = ExactMoney.Zero(currency);
        var (from, to) = (before, before + quantity.Value);
        var used = new List<Rate>();
        foreach (var tier in tiers.OrderBy(t => t.UpTo ?? decimal.MaxValue))
        {
            var end = Math.Min(to, tier.UpTo ?? to);
            if (end <= from) continue;
            if (tier.Price.Currency != currency) return null;
            if (tier.Price.Extend(quantity with { Value = end - from }) is not { } part) return null;
            value += part;
            used.Add(tier.Price);
            from = end;
        }

        return from < to ? null : (value, used is [var one] ? one : null);
    }
}
