namespace Ledger.Store;

/// <summary>How a verification is made.</summary>
public sealed record VerifyOptions
{
    /// <summary>Goes on from the last sealed root that covers no more events than this; 0 = from the beginning.
    /// </summary>
    public long Since { get; init; }

    /// <summary>Goes on from this root, which an earlier verification reached; it goes before <see cref="Since"/>.
    /// </summary>
    public Checkpoint? From { get; init; }

    /// <summary>Roots that were kept outside: the log must have them all.</summary>
    public IReadOnlyList<SignedNote> Against { get; init; } = [];

    /// <summary>The key that must have signed, itself or through those it vouched for: the last root, and every root
    /// after the first that it did. Null = the log's keys at their word.</summary>
    public RootKey? Key { get; init; }

    /// <summary>Connections that read at the same time; null = half as many as there are processors, as PostgreSQL
    /// needs the others.</summary>
    public int? Workers { get; init; }

    /// <summary>Told the root reached without a gap, to go on from another time.</summary>
    public IProgress<Checkpoint>? Reached { get; init; }

    /// <summary>Events of a stretch: a whole subtree, so that few tiles say how the log stood before it.</summary>
    internal long StretchEvents { get; init; } = 1 << 16;
}

/// <summary>What a verification found.</summary>
/// <param name="Events">Events found right without a gap, those before <see cref="From"/> included.</param>
/// <param name="Root">RFC 6962 root of the log at that size.</param>
/// <param name="First">The first row that is not as it was sealed; null = everything is.</param>
public sealed record Verification(long Events, ReadOnlyMemory<byte> Root, Difference? First)
{
    /// <summary>The root it went on from, which the hashes kept of the log lead to; null = from the beginning.
    /// </summary>
    public Checkpoint? From { get; init; }

    /// <summary>Sealed roots that were recomputed.</summary>
    public long Roots { get; init; }

    /// <summary>Those of them that a key signed which is trusted; the signatures of all were checked.</summary>
    public long RootsSigned { get; init; }
}

/// <summary>A row that is not as it was sealed.</summary>
/// <param name="Position">The event it concerns, where it concerns one.</param>
/// <param name="What">One sentence.</param>
public sealed record Difference(string Table, long? Position, string What);
