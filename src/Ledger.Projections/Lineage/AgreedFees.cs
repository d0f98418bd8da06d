using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Rating;
using NodaTime;

namespace Ledger.Projections.Lineage;

/// <summary>What fees are worth by what was agreed, whether they are due or not: items of a schedule, periods, usage,
/// lines of a contract, milestones.</summary>
/// <param name="currency">Of what is agreed in none.</param>
/// <param name="through">Periods and usage up to this day.</param>
internal sealed class AgreedFees(World world, Currency currency, LocalDate through)
{
    private readonly Dictionary<string, (Contract Terms, IReadOnlyDictionary<string, Money> Worths)> parts = [];

    /// <summary>What a part of a contract is worth; null where nobody tells.</summary>
    public Money? OfPart(Entity contract, string part)
    {
        if (!parts.TryGetValue(contract.Id, out var known))
        {
            var terms = TermsOf(contract);
            parts.Add(contract.Id, known = (terms, Worth(contract.Id, terms)));
        }

        return known.Worths.TryGetValue($"{contract.Id}#{part}", out var worth) ? worth
            : Figures.Of(known.Terms.Lines.FirstOrDefault(l => l.Line == part)?.Amount) is { } amount
                ? new Money(amount, known.Terms.Currency ?? currency)
                : null;
    }

    /// <summary>What a milestone is worth: its own amount, else its share of its contract's line; null where nobody
    /// tells.</summary>
    /// <param name="contract">Null where none is known.</param>
    public Money? OfMilestone(Entity milestone, Entity? contract)
    {
        var terms = contract is null ? new Contract { Currency = currency } : TermsOf(contract);
        var reached = Engagements.Reached(world, world.Compose(milestone), terms.Currency);
        if (reached.Amount is { } own && (own.Currency != terms.Currency || Figures.Of(own.Amount) is null))
            return Figures.Of(own.Amount) is null ? null : own;
        return Worth("", terms, reached).TryGetValue(milestone.Id, out var worth) ? worth : null;
    }

    private Contract TermsOf(Entity contract)
    {
        var terms = world.Compose(contract).State<Contract>();
        return terms with { Currency = terms.Currency ?? currency };
    }

    private IReadOnlyDictionary<string, Money> Worth(
        string id, Contract terms, params ReadOnlySpan<ReachedMilestone> milestones) =>
        !Reckonable.IsSound(terms)
            ? new Dictionary<string, Money>()
            : Worths.Of(
                new(
                    id, new(Kind.Contract.Name, Id: id), terms, world.Position, [], [], [], Items.Of(milestones), [],
                    [], [], []),
                through);
}
