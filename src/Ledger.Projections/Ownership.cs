using System.Collections.Frozen;
using Ledger.Domain;

namespace Ledger.Projections;

/// <summary>Whose word counts where nothing is assigned: for each kind and field the roles in order, the owner's first,
/// then a sensible fallback.</summary>
public static class Ownership
{
    private static readonly FrozenDictionary<string, Items<Role>> ByKind = new Dictionary<string, Items<Role>>
    {
        [Kind.Client.Name] = Then(Role.Erp, Role.Crm, Role.Billing, Role.Clm, Role.Psa),
        [Kind.Opportunity.Name] = Then(Role.Crm, Role.Cpq, Role.Psa),
        [Kind.Proposal.Name] = Then(Role.Cpq, Role.Crm, Role.Clm, Role.Psa),
        [Kind.Contract.Name] = Then(Role.Clm, Role.Cpq, Role.Crm, Role.Psa, Role.Billing),
        [Kind.RateCard.Name] = Then(Role.Clm, Role.Cpq, Role.Psa, Role.Billing),
        [Kind.Project.Name] = Then(Role.Psa, Role.Clm, Role.Crm, Role.Billing),
        [Kind.ChangeRequest.Name] = Then(Role.Psa, Role.Clm, Role.Crm),
        [Kind.Resource.Name] = Then(Role.Psa, Role.Erp),
        [Kind.Milestone.Name] = Then(Role.Psa, Role.Clm, Role.Billing),
        [Kind.Time.Name] = Then(Role.Psa, Role.Billing, Role.Erp),
        [Kind.Expense.Name] = Then(Role.Psa, Role.Erp, Role.Billing),
        [Kind.Invoice.Name] = Then(Role.Billing, Role.Psa, Role.Erp),
        [Kind.Posting.Name] = Then(Role.Erp, Role.Billing),
        [Kind.Payment.Name] = Then(Role.Erp, Role.Bank, Role.Billing),
        [Kind.Revenue.Name] = Then(Role.Erp, Role.Billing, Role.Psa),
        [Kind.KnowledgeAsset.Name] = Then(Role.Km, Role.Psa),
        [Kind.ExchangeRate.Name] = Then(Role.Erp, Role.Bank, Role.Billing),
        [Kind.LegalEntity.Name] = Then(Role.Erp, Role.Billing, Role.Crm),
        [Kind.Period.Name] = Then(Role.Erp),
    }.ToFrozenDictionary();

    // An invoice is composed where it is billed; what tax came to is the word of the books.
    private static readonly Items<Role> InvoiceTax = Then(Role.Erp, Role.Tax, Role.Billing);

    private static readonly Items<Role> Any = Then();

    /// <summary>The roles whose word counts for a field, best first; every role is somewhere in it.</summary>
    /// <param name="field">As in the state's JSON.</param>
    public static Items<Role> Order(Kind kind, string field) =>
        kind == Kind.Invoice && field is "taxes" or "taxFailure" or "taxPointOn"
            ? InvoiceTax
            : ByKind.GetValueOrDefault(kind.Name, Any);

    /// <summary>Whether the kind has an owner at all; what is told of systems and links has none.</summary>
    public static bool HasOwner(Kind kind) => ByKind.ContainsKey(kind.Name);

    /// <summary>Place of a system in an order, by the best of its roles; after all others where it has none.</summary>
    public static int Rank(Items<Role> order, Items<Role> roles)
    {
        var rank = order.Count;
        for (var i = 0; i < order.Count && rank == order.Count; i++)
            if (roles.Contains(order[i])) rank = i;
        return rank;
    }

    private static Items<Role> Then(params ReadOnlySpan<Role> first) =>
        first.ToArray().Concat(Enum.GetValues<Role>().Except(first.ToArray())).ToItems();
}
