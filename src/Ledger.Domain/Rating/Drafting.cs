using System.Globalization;
using NodaTime;

namespace Ledger.Domain;

/// <summary>Makes a document of what may be billed: lines, rounding, discounts, tax, what is drawn.</summary>
internal sealed class Drafting(Engagement engagement, LocalDate through, Rounding rounding, Currency currency)
{
    private readonly Contract contract = engagement.Contract;

    /// <returns>Null where there is nothing to bill.</returns>
    public ProposedDocument? Of(Candidate[] candidates, DocumentType type)
    {
        if (candidates.Length == 0) return null;
        var groups = candidates.GroupBy(KeyOf).OrderBy(g => g.Key.Order).ThenBy(g => g.Key.Text, StringComparer.Ordinal)
            .ToArray();
        var names = new Dictionary<Candidate, string>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < groups.Length; i++)
            foreach (var candidate in groups[i]) names.Add(candidate, Number(i));
        var shares = Shares(candidates, names);
        var lines = groups.Select((g, i) => Line(i, [.. g], shares)).ToItems();
        var adjustments = Discounts(lines, type);
        var net = lines.Sum(l => l.Net!.Value) + adjustments.Sum(a => a.Charge ? a.Amount : -a.Amount);
        var taxes = Taxes(net);
        lines = Taxed(lines, taxes);
        var gross = net + taxes.Sum(t => t.Amount ?? 0m);
        var draws = type is DocumentType.Invoice ? Draws(gross) : Items<Preceding>.None;
        var drawn = draws.Sum(d => d.Amount!.Value);
        var totals = new InvoiceTotals(
            net, taxes.Count == 0 ? null : taxes.Sum(t => t.Amount), gross, drawn == 0m ? null : drawn,
            Payable: gross - drawn);
        var days = candidates.Select(c => c.On).OfType<LocalDate>().ToArray();
        var draft = new InvoiceDrafted(
            type, Client: contract.Client, Contracts: [engagement.Ref], Projects: ProjectsOf(candidates),
            Terms: contract.Terms, Period: days.Length == 0 ? null : new(days.Min(), through), Currency: currency,
            Lines: lines, Totals: totals, Preceding: draws.Count == 0 ? null : draws);
        return new(draft, adjustments, taxes, [.. groups.Select((g, i) => SourcesOf(i, g, shares))]);
    }

    /// <summary>What each asks for in money: time rounded as the contract says, all else on its own.</summary>
    private Dictionary<Candidate, Money> Shares(Candidate[] candidates, Dictionary<Candidate, string> names)
    {
        var shares = new Dictionary<Candidate, Money>(ReferenceEqualityComparer.Instance);
        var worked = candidates.Where(c => c.Kind == LineKinds.Time).ToArray();
        var category = engagement.Terms.Tax?.Category;
        var rounded = Allocation.Round(
            [.. worked.Select(c => c.Value)],
            [.. worked.Select(c => Allocation.GroupOf(rounding.Scope, c.Id, names[c], c.Person, c.Task, category))],
            rounding);
        for (var i = 0; i < worked.Length; i++) shares.Add(worked[i], rounded[i]);
        foreach (var other in candidates.Where(c => c.Kind != LineKinds.Time))
            shares.Add(other, other.Value.Round(rounding.Mode, rounding.Digits));
        return shares;
    }

    private static InvoiceLine Line(int index, Candidate[] group, Dictionary<Candidate, Money> shares)
    {
        var first = group[0];
        var quantity = first.Quantity is null ? null : Sum(group.Select(c => c.Quantity!));
        var down = group.Sum(c => c.WrittenDown);
        var days = group.Select(c => c.On).OfType<LocalDate>().ToArray();
        return new(
            Number(index), index + 1, first.Kind, first.Description,
            first.Period ?? (days.Length == 0 ? null : new(days.Min(), days.Max())), quantity, first.Price,
            down == 0m ? null : [new(false, down, "written down")], group.Sum(c => shares[c].Amount), null,
            group.Select(c => BillsOf(c, shares[c])).ToItems(),
            first.Kind == LineKinds.Time
                ? new(days.Distinct().Count() == 1 ? days[0] : null, first.Resource, first.Task)
                : null);
    }

    // How much of an hour is billed is told by its time; of all else, by its money.
    private static Billed BillsOf(Candidate candidate, Money share) => candidate.Quantity is { } quantity
        ? new(candidate.Ref, quantity)
        : new(candidate.Ref, Amount: share.Amount);

    /// <summary>The document's tax shared among its lines.</summary>
    private Items<InvoiceLine> Taxed(Items<InvoiceLine> lines, Items<Tax> taxes)
    {
        if (taxes is not [{ Amount: { } whole } tax]) return lines;
        if (lines.Sum(l => l.Net!.Value) is not (not 0m and var all)) return lines;
        var parts = lines.Select(l => ExactMoney.Of(new Money(whole * l.Net!.Value / all, currency))).ToArray();
        var shares = Allocation.Share(new(whole, currency), parts);
        return lines.Select((line, i) => line with
        {
            Tax = new(shares[i].Amount, tax.Category, tax.Code, tax.Rate, line.Net),
        }).ToItems();
    }

    /// <summary>Discounts one after the other, each of what the ones before left.</summary>
    private Items<Adjustment> Discounts(Items<InvoiceLine> lines, DocumentType type)
    {
        if (type is not DocumentType.Invoice || engagement.Terms.Discounts is not { } discounts)
            return Items<Adjustment>.None;
        var left = lines.GroupBy(l => l.Kind!).ToDictionary(g => g.Key, g => g.Sum(l => l.Net!.Value));
        var adjustments = new List<Adjustment>();
        foreach (var discount in discounts.Where(d => d.Percent is > 0m and <= 100m))
        {
            var kinds = left.Keys.Where(k => discount.Kind is null || discount.Kind == k).Order().ToArray();
            var of = kinds.Sum(k => left[k]);
            var off = Rounding.Round(
                of * discount.Percent / 100m, rounding.Digits ?? currency.MinorDigits, rounding.Mode);
            if (off <= 0m) continue;
            adjustments.Add(new(
                false, off, discount.Reason ?? "discount", discount.Percent, of, engagement.Terms.Tax?.Category));
            var rest = new Money(of - off, currency);
            var weights = kinds.Select(k => ExactMoney.Of(new Money(left[k] * rest.Amount / of, currency))).ToArray();
            var shared = Allocation.Share(rest, weights, rounding.Digits);
            for (var i = 0; i < kinds.Length; i++) left[kinds[i]] = shared[i].Amount;
        }

        return adjustments.ToItems();
    }

    private Items<Tax> Taxes(decimal net) => engagement.Terms.Tax is not { Rate: { } rate } tax
        ? Items<Tax>.None
        :
        [
            new(
                Rounding.Round(net * rate / 100m, currency.MinorDigits, RoundingMode.HalfAwayFromZero), tax.Category,
                tax.Code, rate, net),
        ];

    /// <summary>What is drawn on money asked for ahead, the oldest first: never more than there is, or than is asked.
    /// </summary>
    private Items<Preceding> Draws(decimal gross)
    {
        if (engagement.Terms.Retainer is not { } terms) return Items<Preceding>.None;
        var draws = new List<Preceding>();
        var open = Math.Max(0m, gross);
        foreach (var retainer in engagement.Retainers.OrderBy(r => r.IssuedOn)
            .ThenBy(r => r.Ref.ToString(), StringComparer.Ordinal))
        {
            var available = retainer.Available(terms);
            var drawn = available.Currency == currency ? Math.Min(open, available.Amount) : 0m;
            if (drawn <= 0m) continue;
            draws.Add(new(retainer.Ref, PrecedingRelation.Settles, drawn));
            open -= drawn;
        }

        return draws.ToItems();
    }

    private LineSources SourcesOf(int index, IEnumerable<Candidate> group, Dictionary<Candidate, Money> shares)
    {
        var members = group.ToArray();
        var sources = members.Select(c => new LineSource(
            c.Id, c.Ref, c.On, c.Quantity, c.Price, c.Rate, shares[c], c.ApprovedBy, c.Position));
        var amendments = contract.Amendments
            .Where(a => members.Any(c => c.On is { } on && on >= a.EffectiveFrom)).Select(a => a.Id);
        return new(Number(index), sources.ToItems(), amendments.ToItems());
    }

    private Items<Ref>? ProjectsOf(Candidate[] candidates)
    {
        var named = candidates.Select(c => c.Project).OfType<string>().ToHashSet();
        var projects = engagement.Projects.Where(p => named.Contains(p.Id)).OrderBy(p => p.Id, StringComparer.Ordinal)
            .Select(p => p.Ref).ToItems();
        return projects.Count == 0 ? null : projects;
    }

    /// <summary>One line bills the time of one person at one task of one project at one price; all else has a line of
    /// its own.</summary>
    private static (int Order, string Text) KeyOf(Candidate c) => c.Kind == LineKinds.Time
        ? (0, string.Join('\n', c.Project, c.Person, c.Task, c.Price, IsClock(c) ? "" : c.Quantity!.Unit.Code))
        : (c.Kind == LineKinds.Expense ? 1 : 2, $"{Reasons.Day(c.On)}\n{c.Id}");

    private static bool IsClock(Candidate c) => c.Quantity!.Unit.PerHour is not null;

    /// <summary>In the unit they share, else in minutes.</summary>
    private static Quantity Sum(IEnumerable<Quantity> quantities)
    {
        var all = quantities.ToArray();
        var unit = all.All(q => q.Unit == all[0].Unit) ? all[0].Unit : Unit.Minute;
        return new(all.Sum(q => new Quantity(0m, unit).DifferenceTo(q)!.Value), unit);
    }

    private static string Number(int index) => (index + 1).ToString(CultureInfo.InvariantCulture);
}
