using Ledger.Domain;
using Ledger.Projections.Lineage;
using NodaTime;

namespace Ledger.Projections.Findings;

/// <summary>Whether what covers an entity is more than there is of it: pure.</summary>
public static class CoverFindings
{
    /// <param name="target">The entity that is covered.</param>
    /// <param name="into">What covers it, of whichever standing.</param>
    public static IEnumerable<Finding> Of(World world, ComposedEntity target, IReadOnlyList<CoverageEdge> into)
    {
        if (into.Count == 0) return [];
        var kind = target.Entity.Kind;
        if (kind == Kind.Time || kind == Kind.Expense) return BilledWork.Findings(world, target, into);
        if (kind == Kind.Milestone || kind == Kind.Contract) return BilledFees.Findings(world, target, into);
        return kind == Kind.Invoice ? OfDocument(world, target, into) : [];
    }

    /// <summary>By the date of what covers, then by name: which of two is the one too many hangs on no order of
    /// arrival.</summary>
    internal static IOrderedEnumerable<CoverageEdge> InOrder(World world, IEnumerable<CoverageEdge> edges) => edges
        .OrderBy(c => DateOf(world.Records.GetValueOrDefault(c.FromStream)?.Fold.State))
        .ThenBy(c => c.FromStream, StringComparer.Ordinal).ThenBy(c => c.FromPart, StringComparer.Ordinal)
        .ThenBy(c => c.StatedBy, StringComparer.Ordinal);

    private static LocalDate? DateOf(RecordState? state) => state switch
    {
        Invoice i => i.IssuedOn,
        Posting p => p.PostedOn,
        Payment p => p.ReceivedOn,
        _ => null,
    };

    private static IEnumerable<Finding> OfDocument(
        World world, ComposedEntity target, IReadOnlyList<CoverageEdge> into)
    {
        var asked = new AskingDocument(target);
        var live = InOrder(world, into.Where(c => c.Live)).ToArray();
        // What was asked for ahead is paid once, and drawn on once: two things. Drift tells what is drawn too much.
        var isAhead = target.Value<DocumentType>("documentType") is DocumentType.Prepayment
            || world.Prepaying(target.Entity.Id).Any(c => c.Live);
        var paying = isAhead
            ? Array.FindAll(live, c => StreamName.KindOf(c.FromStream) != Kind.Invoice.Name)
            : live;
        return OfPostings(world, target, asked, live)
            .Concat(OfWhole(target, asked, paying, Rels.Settles, asked.Payable))
            .Concat(OfWhole(target, asked, Credits(world, live), Rels.Credits, asked.Whole))
            .Concat(OfLines(target, asked, live));
    }

    private static IEnumerable<Finding> OfWhole(
        ComposedEntity target, AskingDocument asked, CoverageEdge[] live, string rel, decimal? whole)
    {
        var edges = Array.FindAll(live, c => c.Rel == rel && IsOf(c, asked.Currency));
        if (edges.Length == 0 || whole is not { } there) yield break;
        var sum = rel == Rels.Credits ? OfNotes(edges) : Sum(edges);
        if (sum > there) yield return Over(target, edges[^1], there, sum, asked.Currency);
    }

    /// <summary>Whether it says how much of a whole document it covers, in the document's currency.</summary>
    internal static bool IsOf(CoverageEdge edge, Currency? currency) => edge.ToPart is null
        && Figures.Of(edge.Amount) is not null
        && (edge.Currency is null || currency is null || edge.Currency == currency);

    /// <summary>What live credit notes give back of a document as a whole, unsigned.</summary>
    internal static decimal Credited(World world, IEnumerable<CoverageEdge> live, Currency? currency) =>
        OfNotes(Credits(world, live).Where(c => IsOf(c, currency)));

    private static CoverageEdge[] Credits(World world, IEnumerable<CoverageEdge> live) =>
        [.. live.Where(c => c.Rel == Rels.Credits).Select(c => WithOwnTotal(world, c))];

    /// <summary>A credit note may say its money of the document, and again line by line.</summary>
    private static decimal OfNotes(IEnumerable<CoverageEdge> credits) => credits.GroupBy(c => c.FromEntity).Sum(
        note => Math.Max(Sum(note.Where(c => c.FromPart is null)), Sum(note.Where(c => c.FromPart is not null))));

    /// <summary>A note that credits one document as a whole and says no amount beside it gives back what it comes to.
    /// </summary>
    private static CoverageEdge WithOwnTotal(World world, CoverageEdge edge)
    {
        if (edge is not { Rel: Rels.Credits, Amount: null, FromPart: null, ToPart: null }) return edge;
        var note = world.Records[edge.FromStream];
        if (Coverages.StatedBy(world, note).Count(c => c.Rel == Rels.Credits) != 1) return edge;
        var own = new AskingDocument(world.Compose(world.EntityOf(note.Stream)));
        return edge with { Amount = own.Whole, Currency = own.Currency };
    }

    private static IEnumerable<Finding> OfLines(ComposedEntity target, AskingDocument asked, CoverageEdge[] live)
    {
        var credited = live.Where(c => c.Rel == Rels.Credits && c.ToPart is not null
            && Figures.Of(c.Amount) is not null).ToLookup(c => c.ToPart!);
        if (credited.Count == 0) yield break;
        foreach (var line in asked.Lines.AsEnumerable())
        {
            if (!credited.Contains(line.Line) || Figures.Of(line.Net) is not { } net) continue;
            var sum = Sum(credited[line.Line]);
            if (sum > Math.Abs(net))
                yield return Over(target, credited[line.Line].Last(), Math.Abs(net), sum, asked.Currency);
        }
    }

    /// <summary>One finding for each set of books: another legal entity's, or those kept in another currency, do not
    /// book the same money again.</summary>
    private static IEnumerable<Finding> OfPostings(
        World world, ComposedEntity target, AskingDocument asked, CoverageEdge[] live)
    {
        var booked = live.Where(c => c.Rel == Rels.Posts && c.ToPart is null).GroupBy(c => c.FromEntity)
            .Select(edges => Booking.Of(world, [.. edges])).OfType<Booking>()
            .Where(b => b.Currency is null || asked.Currency is null || b.Currency == asked.Currency)
            .GroupBy(b => b.Books);
        foreach (var books in booked)
        {
            var (gross, net) = (Sum(books.Select(b => b.Gross ?? b.Net ?? b.Other)), Sum(books.Select(b => b.Net)));
            var last = books.Last().Edge;
            if (asked.Gross is { } whole && asked.Shown(gross ?? 0m) > asked.Shown(whole))
                yield return Over(target, last, whole, gross!.Value, asked.Currency);
            else if (asked.Net is { } before && asked.Shown(net ?? 0m) > asked.Shown(before))
                yield return Over(target, last, before, net!.Value, asked.Currency);
        }
    }

    /// <summary>Unsigned; null where one of them is not known.</summary>
    private static decimal? Sum(IEnumerable<decimal?> amounts)
    {
        var sum = 0m;
        foreach (var amount in amounts)
        {
            if (Figures.Of(amount) is not { } known) return null;
            sum += known;
        }

        return Math.Abs(sum);
    }

    private static decimal Sum(IEnumerable<CoverageEdge> edges) => edges.Sum(c => Math.Abs(c.Amount!.Value));

    private static Finding Over(
        ComposedEntity target, CoverageEdge last, decimal there, decimal sum, Currency? currency) => new(
        Codes.OverCovered, target.Entity.Id, last.FromStream, last.FromPart, last.Position,
        $"{Describe.Address(target.Entity.Id, last.ToPart)} asks for {Describe.Amount(there, currency)}; what "
            + $"{last.Rel} it comes to {Describe.Amount(sum, currency)}.",
        [new("there", Describe.Amount(there, currency)), new(last.Rel, Describe.Amount(sum, currency))]);
}

/// <summary>What one posting books of a document, signed as it says.</summary>
/// <param name="Other">Where neither net nor gross is told, the amount.</param>
/// <param name="Books">Legal entity, or else the system, and the currency they are kept in.</param>
internal sealed record Booking(
    CoverageEdge Edge, Currency? Currency, decimal? Net, decimal? Gross, decimal? Other, (string, Currency?) Books)
{
    /// <summary>Null for a posting that takes another back, or was taken back.</summary>
    public static Booking? Of(World world, CoverageEdge[] edges)
    {
        var edge = edges[^1];
        var record = world.Records[edge.FromStream];
        if (record.Fold.State is not Posting { Reverses: null } posting || world.IsReversed(edge.FromEntity))
            return null;
        var books = (world.Firm.EntityOf(record) ?? record.Source, posting.Functional?.Currency ?? posting.Currency);
        if (edges.FirstOrDefault(e => ReferenceEquals(e.To, posting.Document)) is { } whole)
            return new(whole, posting.Currency, posting.Totals?.Net, posting.Totals?.Gross, null, books);
        // Who covers several documents says of each how much; a second word of it is not a second posting.
        var said = edges.GroupBy(e => e.StatedBy)
            .Select(by => by.All(e => e.Amount is not null) ? by.Sum(e => Figures.Of(e.Amount)) : null).Max();
        return new(edge, edge.Currency ?? posting.Currency, null, null, said, books);
    }
}
