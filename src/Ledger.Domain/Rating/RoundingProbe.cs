namespace Ledger.Domain;

/// <summary>One piece of what a document bills, extended but not rounded, with what it may be grouped by.</summary>
/// <param name="Entry">Its own id.</param>
/// <param name="Amount">Quantity × rate, exact; signed.</param>
public sealed record ProbedWork(
    string Entry, ExactMoney Amount, string? Line = null, string? Person = null, string? Task = null,
    string? TaxCategory = null);

/// <summary>What one rounding rule makes of a document's work.</summary>
/// <param name="Computed">The work rounded by the rule, and the amounts that need no rounding.</param>
/// <param name="Remainder">The stated total less the computed one.</param>
public sealed record ProbedRule(Rounding Rule, Money Computed, Money Remainder)
{
    /// <summary>Whether the rule gives the stated total, to the last digit.</summary>
    public bool Reproduces => Remainder.Amount == 0m;
}

/// <summary>Which rounding scope × mode leads from a document's work to its stated total.</summary>
public static class RoundingProbe
{
    /// <summary>Every rule that is tried, the most usual first: where several fit, the first is the
    /// likeliest.</summary>
    public static readonly Items<Rounding> Rules =
    [
        .. from mode in Enum.GetValues<RoundingMode>()
           from scope in Enum.GetValues<RoundingScope>().Reverse()
           select new Rounding(scope, mode),
    ];

    /// <summary>Tries every rule on one document.</summary>
    /// <param name="work">All of one currency.</param>
    /// <param name="fixedAmounts">Expenses, fees and all else that stands in cents already.</param>
    /// <param name="stated">The document's total before tax.</param>
    /// <exception cref="InvalidOperationException">The currencies differ.</exception>
    public static Items<ProbedRule> Try(IReadOnlyCollection<ProbedWork> work, Money fixedAmounts, Money stated)
    {
        // The groups of a scope are the same in every mode.
        var groups = Enum.GetValues<RoundingScope>().ToDictionary(scope => scope, scope => Groups(work, scope));
        return Rules.Select(rule =>
        {
            var computed = Total(groups[rule.Scope], rule, stated.Currency) + fixedAmounts;
            return new ProbedRule(rule, computed, stated - computed);
        }).ToItems();
    }

    /// <summary>Tries one rule on one document.</summary>
    public static ProbedRule Try(
        IReadOnlyCollection<ProbedWork> work, Money fixedAmounts, Money stated, Rounding rule)
    {
        var computed = Total(work, rule, stated.Currency) + fixedAmounts;
        return new(rule, computed, stated - computed);
    }

    /// <summary>Whether work says what a scope groups by; where it does not, the scope is no other than the invoice.
    /// </summary>
    public static bool CanTell(IEnumerable<ProbedWork> work, RoundingScope scope) =>
        scope is RoundingScope.Invoice || work.Any(w => Group(w, scope) is not null);

    /// <summary>The work's total by one rule: summed exactly within each group, each group rounded once, then the
    /// rounded amounts summed.</summary>
    /// <exception cref="InvalidOperationException">The currencies differ.</exception>
    public static Money Total(IEnumerable<ProbedWork> work, Rounding rule, Currency currency) =>
        Total(Groups(work, rule.Scope), rule, currency);

    private static Money Total(IEnumerable<ExactMoney> groups, Rounding rule, Currency currency)
    {
        var total = Money.Zero(currency);
        foreach (var group in groups) total += group.Round(rule.Mode, rule.Digits);
        return total;
    }

    /// <summary>The exact sum of each group, in the order the groups begin.</summary>
    private static List<ExactMoney> Groups(IEnumerable<ProbedWork> work, RoundingScope scope)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        var sums = new List<ExactMoney>();
        foreach (var part in work)
        {
            var group = Group(part, scope) ?? "";
            if (places.TryGetValue(group, out var at)) sums[at] += part.Amount;
            else
            {
                places.Add(group, sums.Count);
                sums.Add(part.Amount);
            }
        }

        return sums;
    }

    private static string? Group(ProbedWork work, RoundingScope scope) => scope switch
    {
        RoundingScope.Entry => work.Entry,
        RoundingScope.Line => work.Line,
        RoundingScope.Person => work.Person,
        RoundingScope.Task => work.Task,
        RoundingScope.TaxCategory => work.TaxCategory,
        RoundingScope.Invoice => null,
        _ => throw new System.Diagnostics.UnreachableException($"no rounding scope {scope}"),
    };
}
