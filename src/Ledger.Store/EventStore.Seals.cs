using Npgsql;

namespace Ledger.Store;

public sealed partial class EventStore
{
    /// <summary>Name of the log: the origin of its checkpoints.</summary>
    public Task<string> Origin(CancellationToken cancellationToken) => Guarded(() => _log.Origin(cancellationToken));

    /// <summary>Every key that signs, or signed, the log's roots, oldest first.</summary>
    public Task<IReadOnlyList<SigningKey>> SigningKeys(CancellationToken cancellationToken) =>
        Guarded(() => _log.Keys(cancellationToken));

    /// <summary>The first signed root that covers so many events; where nobody signed it this store's signer does.
    /// </summary>
    /// <param name="size">Null = all there are.</param>
    /// <returns>Null where the log is not that long, or nothing signs its roots.</returns>
    public Task<SignedNote?> Checkpoint(long? size, CancellationToken cancellationToken) => Guarded(async () =>
    {
        var last = await _log.SealLast(cancellationToken);
        var seal = size is null || last is null || size > last.Size
            ? last
            : await _log.SealSigned(size.Value, cancellationToken) ?? last;
        var (reached, root, signature) = seal ?? new SealRow(0, MerkleProof.EmptyRoot.ToArray(), null);
        if (size > reached || (signature ??= _signer?.Sign(reached, root)) is null)
            return null;
        return SignedNote.Of(new(await _log.Origin(cancellationToken), reached, root), signature);
    });

    /// <summary>Root of the log at a size.</summary>
    /// <returns>Null where the log is not that long.</returns>
    public Task<ReadOnlyMemory<byte>?> Root(long size, CancellationToken cancellationToken) =>
        Guarded(async () => (await Hashes(size, [new(0, size)], cancellationToken))?[0]);

    /// <summary>What the log says against a root that was kept outside, in one sentence; null = it holds it. Rests on
    /// the log's own hashes; only <see cref="Verify(IProgress{long}?, CancellationToken)"/> recomputes them.</summary>
    public Task<string?> Contradiction(Checkpoint outside, CancellationToken cancellationToken) => Guarded(async () =>
    {
        if (await _log.Origin(cancellationToken) is var origin && origin != outside.Origin)
            return $"The root is of another log, {outside.Origin}; this one is {origin}.";
        var reached = (await _reader.Head(cancellationToken)).Position;
        if (outside.Size > reached)
            return Verifier.Rewound(outside.Size, reached);
        var root = (await _log.Hashes([new(0, outside.Size)], cancellationToken))[0];
        return root.Span.SequenceEqual(outside.Root.Span) ? null : Verifier.Rewritten(outside.Size);
    });

    /// <summary>The way from the leaf at a position to the root at a size.</summary>
    /// <param name="position">From 1 to <paramref name="size"/>.</param>
    /// <returns>Null where the log is not that long.</returns>
    /// <exception cref="NotAsSealedException">Hashes are missing.</exception>
    public Task<InclusionProof?> Inclusion(long position, long size, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(position, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(position, size);
        return Guarded(async () =>
        {
            var path = Merkle.Inclusion(position - 1, size);
            return await Hashes(size, [.. path, new(position - 1, position), new(0, size)], cancellationToken)
                is { } hashes
                ? new InclusionProof(position - 1, size, hashes[..path.Count], hashes[^2], hashes[^1])
                : null;
        });
    }

    /// <summary>The way from the root at one size to the root at a later one.</summary>
    /// <param name="from">From 1 to <paramref name="to"/>.</param>
    /// <returns>Null where the log is not that long.</returns>
    /// <exception cref="NotAsSealedException">Hashes are missing.</exception>
    public Task<ConsistencyProof?> Consistency(long from, long to, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(from, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(from, to);
        return Guarded(async () =>
        {
            var path = Merkle.Consistency(from, to);
            return await Hashes(to, [.. path, new(0, from), new(0, to)], cancellationToken) is { } hashes
                ? new ConsistencyProof(from, to, hashes[..path.Count], hashes[^2], hashes[^1])
                : null;
        });
    }

    /// <summary>A receipt with its proof, to the first signed root that covers it; that root unsigned where nothing
    /// signs.</summary>
    /// <returns>Null where the key is unknown or parked.</returns>
    /// <exception cref="NotAsSealedException">The event is not as it was sealed: nothing proves it.</exception>
    public Task<ReceiptProof?> Prove(string source, string id, CancellationToken cancellationToken) =>
        Guarded(async () =>
        {
            if ((await _reader.Holder(source, id, cancellationToken))?.Receipt is not { } receipt)
                return null;
            var seal = await _log.SealSigned(receipt.Position, cancellationToken)
                ?? await _log.SealLast(cancellationToken)
                ?? throw new NotAsSealedException("The log has no seal.");
            var index = receipt.Position - 1;
            var path = Merkle.Inclusion(index, seal.Size);
            var hashes = await _log.Hashes([.. path, new(index, index + 1)], cancellationToken);
            var entry = await Entry(receipt.Position, cancellationToken);
            if (!LeafEntry.Hash(entry).AsSpan().SequenceEqual(hashes[^1].Span))
                throw new NotAsSealedException(
                    $"The event at position {receipt.Position} is not what its leaf was hashed from.");
            var note = SignedNote.Of(
                new(await _log.Origin(cancellationToken), seal.Size, seal.Root),
                seal.Signature ?? _signer?.Sign(seal.Size, seal.Root));
            return new ReceiptProof(receipt, entry, index, seal.Size, hashes[..path.Count], note);
        });

    /// <summary>Hashes of a log of some size; null where it is not that long, which is asked only where some are
    /// missing.</summary>
    private async Task<List<ReadOnlyMemory<byte>>?> Hashes(
        long size, IReadOnlyList<Merkle.Span> spans, CancellationToken cancellationToken)
    {
        try
        {
            return await _log.Hashes(spans, cancellationToken);
        }
        catch (NotAsSealedException)
        {
            if (size > (await _reader.Head(cancellationToken)).Position)
                return null;
            throw;
        }
    }

    private async Task<byte[]> Entry(long position, CancellationToken cancellationToken)
    {
        await using var command = _source.CreateCommand(Sql.VerifiedEvents);
        command.Parameters.Add(new() { Value = position - 1 });
        command.Parameters.Add(new() { Value = position });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            throw new NotAsSealedException($"There is no event at position {position}.");
        try
        {
            return Verifier.Entry(reader);
        }
        catch (Exception error) when (error is FormatException or InvalidOperationException)
        {
            throw new NotAsSealedException(
                $"The event at position {position} is not what its leaf was hashed from ({error.Message})");
        }
    }
}

/// <summary>The way from a leaf to a root.</summary>
/// <param name="Index">The leaf's, from 0: position − 1.</param>
/// <param name="Size">Events in the log.</param>
/// <param name="Hashes">Lowest first.</param>
public sealed record InclusionProof(
    long Index, long Size, IReadOnlyList<ReadOnlyMemory<byte>> Hashes, ReadOnlyMemory<byte> Leaf,
    ReadOnlyMemory<byte> Root);

/// <summary>The way from a root to a later one.</summary>
/// <param name="From">Events in the earlier log.</param>
/// <param name="To">Events in the later.</param>
/// <param name="Hashes">In the order of RFC 9162.</param>
public sealed record ConsistencyProof(
    long From, long To, IReadOnlyList<ReadOnlyMemory<byte>> Hashes, ReadOnlyMemory<byte> FromRoot,
    ReadOnlyMemory<byte> ToRoot);
