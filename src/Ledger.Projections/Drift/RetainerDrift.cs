using Ledger.Domain;
using Ledger.Projections.Findings;
using Ledger.Projections.Lineage;
using Ledger.Projections.Rating;

namespace Ledger.Projections.Drift;

/// <summary>Money asked for ahead, and whether documents draw more on it than there is.</summary>
internal static class RetainerDrift
{
    public static IEnumerable<Finding> In(Books books) => books.Documents
        .Where(d => d is { IsLive: true, State.DocumentType: DocumentType.Prepayment })
        .Select(d => Overdrawn(books, d)).OfType<Finding>();

    /// <summary>What became of a prepayment; null for what states no amount.</summary>
    public static Retainer? Of(Books books, Document document)
    {
        if (document.Gross is not { } asked) return null;
        var into = Stated(books, document);
        var paid = into.Where(c => IsOf(c, Kind.Payment) && c.Rel == Rels.Settles).Sum(c => c.Amount!.Value);
        var settled = document.State.Settlement is { } said ? said.Amount ?? asked.Amount : 0m;
        return new(
            Composed.RefOf(document.Record), asked, asked with { Amount = Math.Max(paid, settled) },
            asked with { Amount = Draws(into).Sum(c => c.Amount!.Value) }, document.IssuedOn);
    }

    private static Finding? Overdrawn(Books books, Document document)
    {
        if (Of(books, document) is not { } retainer) return null;
        var contract = books.ContractsOf(document) is [var first, ..]
            ? books.World.Compose(books.World.EntityOf(first.Record.Stream))
            : null;
        var terms = contract?.Value<BillingTerms>("billing")?.Retainer;
        var there = retainer.There(terms);
        if (retainer.Drawn.Amount <= there.Amount) return null;
        var over = retainer.Drawn - there;
        var (drawn, last) = (0m, default(CoverageEdge));
        var evidence = new Evidence();
        foreach (var draw in CoverFindings.InOrder(books.World, Draws(Stated(books, document))))
        {
            drawn += draw.Amount!.Value;
            if (drawn > there.Amount) last ??= draw;
            else last = null;
            evidence.SaysAt(
                books.World.Records[draw.FromStream], "drawn", (over with { Amount = draw.Amount.Value }).ToString(),
                draw.Position);
        }

        var by = books.World.Records[last!.FromStream];
        var isPaid = there == retainer.Paid && there != retainer.Invoiced;
        var what = terms is { ClientMoney: true } ? "client money " : "";
        return evidence.Says(document.Record, isPaid ? "paid" : "asked", there.ToString(), "totals").Finds(
            DriftClass.RetainerOverdrawn, document,
            $"Invoice {Books.LabelOf(by)} draws more on {what}{document.Label} than there is: {retainer.Drawn} are "
            + $"drawn, {there} {(isPaid ? "came" : "were asked for")}: {over} too much.",
            over);
    }

    private static CoverageEdge[] Stated(Books books, Document document) =>
    [
        .. books.World.CoverageInto(document.Entity.Id).Where(c => c is { Live: true, Amount: not null }),
    ];

    private static IEnumerable<CoverageEdge> Draws(CoverageEdge[] into) =>
        into.Where(c => c.Rel is Rels.Settles or Rels.Prepays && IsOf(c, Kind.Invoice));

    private static bool IsOf(CoverageEdge edge, Kind kind) => StreamName.KindOf(edge.FromStream) == kind.Name;
}
