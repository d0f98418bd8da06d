using Ledger.Domain;

namespace Ledger.Projections.Lineage;

/// <summary>Columns of the picture, from what the money rests on to where it went.</summary>
internal enum PictureColumn
{
    Terms,
    Project,
    Work,
    Line,
    Invoice,
    Posting,
    Payment,
}

/// <summary>How a box looks.</summary>
internal enum BoxLook
{
    Plain,

    /// <summary>The one the picture is about.</summary>
    Subject,

    /// <summary>Struck through: it counts no more.</summary>
    Ended,

    /// <summary>Not in the ledger.</summary>
    Dangling,

    /// <summary>Money nobody explains.</summary>
    Unexplained,

    /// <summary>Several records as one.</summary>
    Pile,
}

/// <summary>What became of a box, or a connection, since another time.</summary>
internal enum BoxMark
{
    None,
    Came,
    Went,
    Changed,
}

/// <summary>One record, or several, as a box.</summary>
/// <param name="More">The title's second line.</param>
/// <param name="Band">Which line it stands beside; −1 where it stands beside no line.</param>
internal sealed record Box(
    string Id, PictureColumn Column, string Title, string? Amount, Items<string> Text, string? Foot, BoxLook Look,
    string Tip, int Band = -1, string? More = null)
{
    /// <summary>The node it shows; null where it stands for several, or for what is missing.</summary>
    public string? Node { get; init; }

    public BoxMark Mark { get; init; }
}

/// <summary>A connection between two boxes.</summary>
internal sealed record Join(string From, string To, EdgeBasis Basis, bool Withdrawn, string Tip)
{
    public BoxMark Mark { get; init; }
}

/// <summary>What is drawn, before it has places.</summary>
/// <param name="Subject">The document's box.</param>
/// <param name="Totals">Under a column: what it sums to.</param>
internal sealed record Picture(
    string Title, string Subtitle, string? Warning, string Subject, IReadOnlyList<Box> Boxes, IReadOnlyList<Join> Joins,
    IReadOnlyDictionary<PictureColumn, string> Totals)
{
    /// <summary>Whether it shows what is different since another time.</summary>
    public bool IsCompared { get; init; }
}
