using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Lineage;

/// <summary>Where an invoice's money comes from and where it went, as a graph. Every edge leads from what came later
/// to what it rests on: payment → invoice → line → time entry → project → contract → client.</summary>
/// <param name="Entity">The entity's id.</param>
/// <param name="Stream">The member whose word counts for the lines; the document's node.</param>
/// <param name="Members">Every record of the document, in the order they came into the ledger.</param>
/// <param name="Lines">In the document's order.</param>
/// <param name="Nodes">One per record (linked records are one) and part; by kind, then stream.</param>
/// <param name="Edges">By from, rel, to.</param>
/// <param name="Cut">Nodes that were not followed further, since the walk had come to
/// <see cref="LineageOf.NodesMax"/>; by stream. Empty where the lineage is whole.</param>
public sealed record InvoiceLineage(
    string Entity, string Stream, Items<string> Members, DocumentFigures Document, Items<LineLineage> Lines,
    Items<Node> Nodes, Items<LineageEdge> Edges, Items<string> Cut)
{
    /// <summary>Whether there may be more than is told.</summary>
    public bool Truncated => Cut.Count > 0;

    /// <summary>All money nobody explains: the lines' remainders and the document's own.</summary>
    public decimal Unexplained => Document.BeyondLines + Lines.Sum(l => l.Remainder);

    /// <summary>The document's total less <see cref="Unexplained"/>; null where nothing tells the total.</summary>
    public decimal? Explained => Document.Net - Unexplained;

    public Node NodeOf(string stream) => Nodes.First(n => n.Stream == stream);

    /// <summary>Streams of every node reachable from one along the edges, itself left out: all it rests on.</summary>
    public IReadOnlySet<string> RestsOn(string stream) => RestsOn(stream, Edges.ToLookup(e => e.From, e => e.To));

    /// <summary>As above, for whoever asks of many nodes.</summary>
    internal static IReadOnlySet<string> RestsOn(string stream, ILookup<string, string> outgoing)
    {
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([stream]);
        while (open.TryPop(out var at))
            foreach (var next in outgoing[at])
                if (next != stream && seen.Add(next)) open.Push(next);
        return seen;
    }
}

/// <summary>What the document says of itself. Amounts are as printed: positive on a credit note too.</summary>
/// <param name="Net">Before tax, as stated or as its parts give it; null where nothing tells.</param>
/// <param name="LinesTotal">What its lines and adjustments come to, by the rule that reproduces
/// <paramref name="Net"/> or, where none does, summed and rounded once. Lines that are not explained count in full.
/// </param>
/// <param name="BeyondLines"><paramref name="Net"/> less <paramref name="LinesTotal"/>, to the minor unit.</param>
/// <param name="Rounding">The rule that led from the work to <paramref name="Net"/>; null where none was needed or
/// none fits.</param>
public sealed record DocumentFigures(
    string? Number, DocumentType Type, InvoiceStatus Status, LocalDate? IssuedOn, Currency Currency, decimal? Net,
    decimal? Tax, decimal? Payable, decimal? Open, decimal LinesTotal, decimal BeyondLines, Rounding? Rounding);

/// <summary>One line, and how far what it bills explains it.</summary>
/// <param name="Stream">Its node: <c>stream#line</c>.</param>
/// <param name="Net">As stated, or as derived by whoever read the document; null where the line has no amount of its
/// own.</param>
/// <param name="Explained">What the shares and the line's own adjustments come to.</param>
/// <param name="Remainder"><paramref name="Net"/> less <paramref name="Explained"/>; zero where the line states no
/// amount of its own.</param>
/// <param name="Reason">Why there is a remainder, in words; null where there is none.</param>
/// <param name="Rounding">The rule that led from the shares to the line's amount, where rounding played a part.</param>
public sealed record LineLineage(
    string Stream, string Line, string? Description, Quantity? Quantity, Rate? Price, decimal? Net, LineBasis Basis,
    Items<Share> Shares, decimal Explained, decimal Remainder, string? Reason, Rounding? Rounding);

/// <summary>What one record contributes to a line.</summary>
/// <param name="Stream">The record's node.</param>
/// <param name="On">The day of the work or the cost.</param>
/// <param name="Quantity">How much of it the line bills.</param>
/// <param name="Rate">The price used.</param>
/// <param name="RateBasis">Where the price comes from.</param>
/// <param name="CardRate">The price the contract's or client's card gives, where one does.</param>
/// <param name="Amount">Its worth on this line, not rounded; null where nothing tells.</param>
/// <param name="Approval">How far its approval had come; null = the source did not say.</param>
/// <param name="ApprovedAt">Position of the event that says so.</param>
public sealed record Share(
    string Stream, LocalDate? On, Quantity? Quantity, Rate? Rate, RateBasis RateBasis, Rate? CardRate,
    ExactMoney? Amount, ApprovalStatus? Approval, long? ApprovedAt);

/// <summary>Where the price of a piece of work comes from.</summary>
public enum RateBasis
{
    /// <summary>It has none: an expense, a credit, or nobody stated one.</summary>
    None,

    /// <summary>The entry states it.</summary>
    Entry,

    /// <summary>A rate card gives it.</summary>
    Card,

    /// <summary>Only the line that bills it states it.</summary>
    Line,
}

/// <summary>One record, or part of one, that has to do with the money.</summary>
/// <param name="Stream">The stream, with <c>#part</c> for a part. A dangling reference has its own words here.</param>
/// <param name="Source">The system that tells it; null where nobody has told it yet.</param>
/// <param name="Label">One line a person understands.</param>
/// <param name="Figures">Its key figures, each with the event that asserts it.</param>
/// <param name="Also">Other streams that are stated to be the same thing.</param>
public sealed record Node(
    string Stream, string Kind, string? Source, string Label, Standing Standing, Items<Figure> Figures,
    Items<string> Also);

/// <summary>Whether a node counts.</summary>
public enum Standing
{
    Live,

    /// <summary>Cancelled, voided, reversed, withdrawn or deleted.</summary>
    Ended,

    /// <summary>Referred to, but not in the ledger.</summary>
    Dangling,

    /// <summary>Money that no record explains.</summary>
    Unexplained,
}

/// <param name="Position">Of the event that asserts it; null where the ledger worked it out.</param>
public sealed record Figure(string Name, string Value, long? Position = null);

/// <summary>What one node has to do with another.</summary>
/// <param name="Position">Of the event that asserts it.</param>
/// <param name="Withdrawn">Whether whoever stated it took it back: an application undone, a coverage withdrawn.</param>
/// <param name="Note">What else there is to say, in words.</param>
public sealed record LineageEdge(
    string From, string Rel, string To, EdgeBasis Basis, long Position, Quantity? Quantity = null,
    decimal? Amount = null, Currency? Currency = null, bool Withdrawn = false, string? Note = null)
{
    private readonly Worth? worth = Worth.Of(Amount, Currency);

    public decimal? Amount { get => worth?.Amount; init => worth = Worth.Of(value, Currency); }

    public Currency? Currency { get => worth?.Currency; init => worth = Worth.Of(Amount, value); }
}

/// <summary>A line that rests on a record, or on which a later one rests.</summary>
/// <param name="Invoice">The document's node.</param>
/// <param name="Line">The line's node; null where the record touches the document as a whole.</param>
public sealed record Touched(string Invoice, string? Line);
