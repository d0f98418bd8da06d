using Ledger.Domain;
using Ledger.Projections.Lineage;
using Ledger.Projections.Proof;

namespace Ledger.Projections.Drift;

/// <summary>What a document that stands asks for under a contract.</summary>
/// <param name="Contract">Its entity.</param>
internal sealed record DocumentAsking(string Contract, Document Document, AskedMoney Asked)
{
    /// <summary>Every document under a contract once, in the order of their dates. What is asked for ahead is asked for
    /// again as it is used up; what another document took the place of is asked for there.</summary>
    public static IEnumerable<DocumentAsking> In(Books books) =>
        from document in books.Documents.OrderBy(d => d.IssuedOn).ThenBy(d => d.Number?.Length ?? 0)
            .ThenBy(d => d.Number, StringComparer.Ordinal).ThenBy(d => d.Record.Stream, StringComparer.Ordinal)
        where document is { IsLive: true, State.DocumentType: not DocumentType.Prepayment }
        from contract in books.ContractsOf(document).Take(1)
        let asked = Of(books.World, document)
        where asked is not null
        select new DocumentAsking(books.EntityId(contract.Record), document, asked);

    private static AskedMoney? Of(World world, Document document)
    {
        if (document.Currency is not { } currency) return null;
        var taken = world.CoverageInto(document.Entity.Id)
            .Where(c => c is { Live: true, Rel: Rels.Replaces or Rels.Corrects }).Select(c => c.ToPart).ToHashSet();
        if (taken.Contains(null)) return null;
        var gone = document.Lines.Where(l => l.Stated is not null && taken.Contains(l.Id)).ToArray();
        var spent = document.Lines.Except(gone)
            .Where(l => l.Bills.Count > 0 && l.Bills.All(b => b.Expense is not null)).ToArray();
        var stated = document.Lines.Where(l => l.Stated is not null).ToArray();
        if (gone.Length > 0 && gone.Length == stated.Length) return null;
        var (expenses, taxed) = (Asked(spent), Taxed(spent));
        var taxes = LineShares.TaxOf([.. stated.Select(l => l.Stated!)], document.State.Totals?.Tax);
        var goneTax = Rounding.Round(
            stated.Zip(taxes).Where(l => gone.Contains(l.First)).Sum(l => l.Second), currency.MinorDigits,
            RoundingMode.HalfAwayFromZero);
        return new(
            currency, document.State.Sign * ((document.Net?.Amount ?? 0m) - Asked(gone) - expenses),
            document.State.Sign * ((document.State.Totals?.Tax ?? 0m) - goneTax - taxed),
            document.State.Sign * expenses, document.State.Sign * taxed);

        decimal Asked(DocumentLine[] lines) => lines.Sum(l => l.Asked(currency));

        decimal Taxed(DocumentLine[] lines) => lines.Sum(l => l.Stated?.Tax?.Amount ?? 0m);
    }
}
