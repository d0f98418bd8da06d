using System.Collections.Frozen;
using Ledger.Domain;

namespace Ledger.Projections;

/// <summary>Whose word counts: for each kind and field the roles in order, the owner's first, then a sensible
/// fallback.</summary>
public static class Ownership
{
    private static readonly FrozenDictionary<string, Items<Role>> ByKind = new Dictionary<string, Items<Role>>
    {
        [Kind.Client.Name] = Then(Role.Erp, Role.Crm, Role.Billing, Role.Clm, Role.Psa),
        [Kind.Contract.Name] = Then(Role.Clm, Role.Cpq, Role.Crm, Role.Psa, Role.Billing),
        [Kind.RateCard.Name] = Then(Role.Clm, Role.Cpq, Role.Psa, Role.Billing),
        [Kind.Project.Name] = Then(Role.Psa, Role.Clm, Role.Crm, Role.Billing),
        [Kind.Resource.Name] = Then(Role.Psa, Role.Erp),
        [Kind.Time.Name] = Then(Role.Psa, Role.Billing, Role.Erp),
        [Kind.Expense.Name] = Then(Role.Psa, Role.Erp, Role.Billing),
        [Kind.Invoice.Name] = Then(Role.Billing, Role.Psa, Role.Erp),
        [Kind.Posting.Name] = Then(Role.Erp, Role.Billing),
        [Kind.Payment.Name] = Then(Role.Erp, Role.Bank, Role.Billing),
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

/// <summary>What each system is to the firm, as registered.</summary>
public sealed class SourceRoles
{
    /// <summary>The source whose registrations count before a system's own.</summary>
    private const string LedgerSource = "ledger";

    private readonly FrozenDictionary<string, Items<Role>> registered;

    /// <param name="records">Of any kind; only live registrations count.</param>
    public SourceRoles(IEnumerable<SourceRecord> records)
    {
        Registrations = [.. records.Where(r => r.Kind == Kind.Source && r.IsLive)];
        registered = Registrations.GroupBy(r => r.Id).ToFrozenDictionary(
            system => system.Key,
            system => ((Source)system.OrderBy(r => r.Source != LedgerSource).ThenBy(r => r.Fold.Opened).First()
                .Fold.State!).Roles);
    }

    /// <summary>The live registrations.</summary>
    public IReadOnlyList<SourceRecord> Registrations { get; }

    /// <summary>The roles a system was registered with; unregistered, the role its name begins with
    /// (<c>erp-uk</c> is an ERP), else none.</summary>
    public Items<Role> Of(string source)
    {
        if (registered.TryGetValue(source, out var roles)) return roles;
        var begins = source.Split('-')[0];
        return Enum.TryParse<Role>(begins, ignoreCase: true, out var role) && char.IsAsciiLetter(begins[0])
            ? [role]
            : Items<Role>.None;
    }

    /// <summary>The systems whose roles differ from those <paramref name="before"/>.</summary>
    public IEnumerable<string> ChangedSince(SourceRoles before) =>
        registered.Keys.Union(before.registered.Keys).Where(source => !Of(source).Equals(before.Of(source)));
}
