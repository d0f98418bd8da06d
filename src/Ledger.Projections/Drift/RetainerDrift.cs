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
        if (document.Gross is not { } whole) return null;
        var live = books.World.CoverageInto(document.Entity.Id).Where(c => c.Live).ToArray();
        var credited = CoverFindings.Credited(books.World, live, whole.Currency);
        var asked = whole with { Amount = Math.Max(0m, whole.Amount - credited) };
        var paid = live.Where(c => IsOf(c, Kind.Payment) && c.Rel == Rels.Settles
            && CoverFindings.IsOf(c, whole.Currency)).Sum(Drawn);
        var settled = document.State.Settlement is { } said ? said.Amount ?? asked.Amount : 0m;
        return new(
            Composed.RefOf(document.Record), asked, asked with { Amount = Math.Max(paid, settled) },
            asked with { Amount = Draws(books, document).Sum(d => Drawn(d.Edge)) }, document.IssuedOn);
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
        var (drawn, by) = (0m, default(SourceRecord));
        var evidence = new Evidence().Says(
            document.Record, there == retainer.Paid && there != retainer.Invoiced ? "paid" : "asked", there.ToString(),
            "totals");
        foreach (var (record, edge) in Draws(books, document))
        {
            drawn += Drawn(edge);
            if (drawn > there.Amount) by ??= record;
            evidence.SaysAt(record, "drawn", (over with { Amount = Drawn(edge) }).ToString(), edge.Position);
        }

        var isPaid = there == retainer.Paid && there != retainer.Invoiced;
        var what = terms is { ClientMoney: true } ? "client money " : "";
        return evidence.Finds(
            DriftClass.RetainerOverdrawn, document,
            $"Invoice {Books.LabelOf(by!)} draws more on {what}{document.Label} than there is: {retainer.Drawn} are "
            + $"drawn, {there} {(isPaid ? "came" : "were asked for")}: {over} too much.",
            over);
    }

    /// <summary>Later documents with what they draw, by their dates: whether they say so themselves, or somebody says
    /// that it is a prepayment of them. Said twice of one, it is drawn once.</summary>
    private static IEnumerable<(SourceRecord By, CoverageEdge Edge)> Draws(Books books, Document document)
    {
        var settling = books.World.CoverageInto(document.Entity.Id)
            .Where(c => c.Rel == Rels.Settles && IsOf(c, Kind.Invoice)).Select(c => (By: c.FromStream, Edge: c));
        var prepaid = books.World.Prepaying(document.Entity.Id)
            .Where(c => books.DocumentOf(c.ToStream!) is { IsLive: true }).Select(c => (By: c.ToStream!, Edge: c));
        return settling.Concat(prepaid).Where(d => d.Edge.Live && CoverFindings.IsOf(d.Edge, document.Currency))
            .GroupBy(d => books.World.EntityOf(d.By).Id)
            .SelectMany(later => later.GroupBy(d => (d.Edge.Rel, StreamName.SourceOf(d.Edge.StatedBy)))
                .OrderByDescending(said => said.Sum(d => Drawn(d.Edge)))
                .ThenByDescending(said => said.Key.Rel, StringComparer.Ordinal)
                .ThenBy(said => said.Key.Item2, StringComparer.Ordinal).First())
            .Select(d => (By: books.World.Records[d.By], d.Edge))
            .OrderBy(d => (d.By.Fold.State as Invoice)?.IssuedOn)
            .ThenBy(d => d.By.Stream, StringComparer.Ordinal).ThenBy(d => d.Edge.StatedBy, StringComparer.Ordinal);
    }

    private static decimal Drawn(CoverageEdge edge) => Math.Abs(edge.Amount!.Value);

    private static bool IsOf(CoverageEdge edge, Kind kind) => StreamName.KindOf(edge.FromStream) == kind.Name;
}
