using Ledger.Domain;

namespace Ledger.Projections;

/// <summary>Why two records are held to be one thing.</summary>
public enum TieBasis
{
    /// <summary>A source says so.</summary>
    Stated,

    /// <summary>A person said so to the ledger.</summary>
    Confirmed,

    /// <summary>A business key that each of two sources has on one live record only. It goes with the key.</summary>
    Ruled,

    /// <summary>One goes on as the other: migrated, replaced or merged.</summary>
    Succeeded,
}

/// <summary>A link in force.</summary>
/// <param name="Stream">The stream that states it: of an identity link, of a succession (which may state many), or of
/// the client that was merged; for a ruled tie the key's text.</param>
/// <param name="Position">Position of the event that last changed what it says; of a ruled tie, of the later of the two
/// that state the key.</param>
/// <param name="Key">Of a ruled tie, the key's text.</param>
public sealed record Tie(
    string Stream, string A, string B, long Position, TieBasis Basis = TieBasis.Stated, string? Key = null)
{
    /// <summary>The order in which ties are applied, whatever order they came in: what is said before what is ruled;
    /// what was said first, by whoever says it, before what was said later; of ruled ones by key; then by name.
    /// </summary>
    internal static readonly Comparer<Tie> InOrder = Comparer<Tie>.Create((x, y) =>
    {
        var order = (x.Basis == TieBasis.Ruled).CompareTo(y.Basis == TieBasis.Ruled);
        if (order == 0) order = SourceOrders.Compare(x.Said, y.Said);
        if (order == 0) order = string.CompareOrdinal(x.Stream, y.Stream);
        if (order == 0) order = string.CompareOrdinal(x.A, y.A);
        return order != 0 ? order : string.CompareOrdinal(x.B, y.B);
    });

    /// <summary>When it was said, in the order of whoever says it; null of a ruled one.</summary>
    public SourceOrder? Said { get; init; }
}

/// <summary>Places in the orders of several sources, set beside each other.</summary>
internal static class SourceOrders
{
    public static readonly Comparer<SourceOrder?> Earlier = Comparer<SourceOrder?>.Create(Compare);

    /// <summary>By the time they state, then by sequence and id; what has none first.</summary>
    public static int Compare(SourceOrder? x, SourceOrder? y) =>
        x is null || y is null ? (x is not null).CompareTo(y is not null) : x.CompareTo(y, sequenced: false);
}

/// <summary>What identity records state: pure.</summary>
public static class Ties
{
    /// <summary>The source through which people speak.</summary>
    internal const string LedgerSource = "ledger";

    /// <summary>The tie a record states; null where it is no link in force between two records told by id, of one
    /// kind.</summary>
    public static Tie? Of(SourceRecord record) =>
        PairOf(record) is { } pair && ((IdentityLink)record.Fold.State!).Linked
            ? new(
                record.Stream, pair.A, pair.B, PositionOf(record),
                record.Source == LedgerSource ? TieBasis.Confirmed : TieBasis.Stated)
            {
                Said = record.Fold.Order,
            }
            : null;

    /// <summary>Two streams of which a record says that they are not the same thing: unlinked, or a proposal turned
    /// down. No rule joins them.</summary>
    public static (string A, string B)? ApartOf(SourceRecord record) =>
        PairOf(record) is { } pair && !((IdentityLink)record.Fold.State!).Linked ? pair : null;

    private static (string A, string B)? PairOf(SourceRecord record)
    {
        if (record.Kind != Kind.Identity || !record.IsLive) return null;
        var link = (IdentityLink)record.Fold.State!;
        if (link.A is null || link.B is null || link.A.Kind != link.B.Kind) return null;
        return link.A.Stream(record.Source) is { } a && link.B.Stream(record.Source) is { } b ? (a, b) : null;
    }

    private static long PositionOf(SourceRecord record) => Math.Max(
        record.Asserted("linked"), Math.Max(record.Asserted("a"), record.Asserted("b")));
}
