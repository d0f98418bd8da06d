using System.Numerics;
using Npgsql;

namespace Ledger.Store;

/// <summary>Part of the log, verified by itself: from what the log keeps of its beginning to its end.</summary>
/// <param name="First">What differs first in it.</param>
/// <param name="Start">The frontier it began with, taken from the tiles; the stretch before must end with it.</param>
/// <param name="End">The frontier it gave.</param>
internal sealed record StretchResult(
    Difference? First, byte[] Start, byte[] End, byte[] EndRoot, long LastRecorded, RootCount Roots);

/// <summary>Roots seen, in the order of their sizes.</summary>
/// <param name="Trusted">Signed with a key that is trusted.</param>
/// <param name="FirstTrusted">The size of the first such; 0 = none. The others are 0 likewise.</param>
/// <param name="Stray">The first that a trusted key did not sign after one that it did.</param>
internal readonly record struct RootCount(
    long All, long Trusted, long FirstTrusted, long FirstOther, long Stray, bool IsLastTrusted)
{
    public RootCount With(long size, bool isTrusted) => new(
        All + 1, Trusted + (isTrusted ? 1 : 0),
        FirstTrusted == 0 && isTrusted ? size : FirstTrusted,
        FirstOther == 0 && !isTrusted ? size : FirstOther,
        Stray == 0 && FirstTrusted > 0 && !isTrusted ? size : Stray,
        isTrusted);

    public RootCount Then(RootCount later) => new(
        All + later.All, Trusted + later.Trusted,
        FirstTrusted > 0 ? FirstTrusted : later.FirstTrusted,
        FirstOther > 0 ? FirstOther : later.FirstOther,
        Stray > 0 ? Stray : FirstTrusted > 0 ? later.FirstOther : later.Stray,
        later.All > 0 ? later.IsLastTrusted : IsLastTrusted);
}

/// <summary>Recomputes stretches of the log over one connection, all as of one moment.</summary>
/// <param name="outside">Roots kept outside, by size.</param>
internal sealed class VerifyStretch(
    NpgsqlConnection connection, KeyRing keys, IReadOnlyDictionary<long, ReadOnlyMemory<byte>> outside)
{
    private readonly SealedKeys _keys = new(connection);
    private readonly byte[] _leaf = new byte[Leaf.Size];
    private readonly List<Tile> _tiles = [];

    private MerkleFrontier _frontier = new(0, []);
    private Dictionary<(int, long), byte[]> _stored = [];
    private RootCount _roots;

    /// <summary>Verifies positions from after one to another, both covered by seals.</summary>
    public async Task<StretchResult> Run(long after, long upTo, CancellationToken cancellationToken)
    {
        byte[] start;
        try
        {
            start = await LogReader.Frontier(connection, after, cancellationToken);
        }
        catch (NotAsSealedException error)
        {
            return new(new("ledger.tile", after, error.Message), [], [], [], 0, default);
        }

        _frontier = new MerkleFrontier(after, start);
        _roots = default;
        _stored = await Tiles(after, upTo, cancellationToken);
        var seals = await Seals(after, upTo, cancellationToken);
        await _keys.Read(after, upTo, cancellationToken);
        await using var copy = await connection.BeginRawBinaryCopyAsync(
            Sql.VerifiedRows(after, upTo), cancellationToken);
        var (first, lastRecorded) = Check(seals, copy, upTo, cancellationToken);
        if (first is not null)
            await copy.CancelAsync();
        return new(first, start, _frontier.ToBytes(), _frontier.Root(), lastRecorded, _roots);
    }

    private (Difference? First, long LastRecorded) Check(
        List<Seal> seals, Stream copy, long upTo, CancellationToken cancellationToken)
    {
        using var rows = new SealedRows(copy.Read, _keys);
        return (Check(seals, rows, upTo, cancellationToken), rows.LastRecorded);
    }

    private Difference? Check(List<Seal> seals, SealedRows rows, long upTo, CancellationToken cancellationToken)
    {
        foreach (var seal in seals)
        {
            if (seal.First != seal.Before + 1 || seal.Size < seal.First
                || seal.Leaves.Length % Leaf.Size != 0 || seal.Leaves.Length / Leaf.Size != seal.Size - seal.Before)
                return new Difference(
                    "ledger.seal", seal.Before + 1,
                    $"The seal at size {seal.Size} does not follow on position {seal.Before}.");
            for (var end = Math.Min(seal.Size, upTo); _frontier.Size < end;)
                if (Event(seal, rows, cancellationToken) is { } difference)
                    return difference;
            if (seal.Size <= upTo && Root(seal) is { } wrong)
                return wrong;
        }

        return null;
    }

    private Difference? Event(Seal seal, SealedRows rows, CancellationToken cancellationToken)
    {
        var position = _frontier.Size + 1;
        if (rows.Read(position, _leaf, cancellationToken) is { } difference)
            return difference;
        if (!_leaf.AsSpan().SequenceEqual(seal.Leaves.AsSpan((int)(position - seal.First) * Leaf.Size, Leaf.Size)))
            return rows.Differs(position);
        if (rows.Stands() is { } stream)
            return stream;
        _frontier.Add(_leaf, _tiles);
        if (outside.Count > 0 && outside.TryGetValue(position, out var root)
            && !root.Span.SequenceEqual(_frontier.Root()))
            return new Difference("ledger.seal", position, Verifier.Rewritten(position));
        if (_tiles.Count == 0)
            return null;
        var wrong = _tiles.Find(tile => !Is(tile));
        _tiles.Clear();
        return wrong is null ? null : new Difference(
            "ledger.tile", position,
            $"Hash {wrong.Index} of level {wrong.Level} is not the one that the events up to {position} give.");
    }

    private bool Is(Tile tile) => _stored.GetValueOrDefault((tile.Level, tile.Index)) is { } stored
        && stored.AsSpan().SequenceEqual(tile.Root);

    private Difference? Root(Seal seal)
    {
        var root = _frontier.Root();
        if (!root.AsSpan().SequenceEqual(seal.Root))
            return KeyRing.Wrong(seal.Size, "is not the one its leaves give");
        var (difference, isTrusted) = keys.Check(seal.Size, root, seal.Signature);
        _roots = _roots.With(seal.Size, isTrusted);
        return difference;
    }

    private async Task<List<Seal>> Seals(long after, long upTo, CancellationToken cancellationToken)
    {
        var seals = new List<Seal>();
        await using var command = Command(Sql.SealsWithin, after, upTo);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            seals.Add(new Seal(
                reader.GetInt64(0), reader.GetInt64(1), seals is [.., var last] ? last.Size : reader.GetInt64(5),
                reader.GetFieldValue<byte[]>(2), reader.IsDBNull(3) ? null : reader.GetFieldValue<byte[]>(3),
                reader.GetFieldValue<byte[]>(4)));
        return seals;
    }

    /// <summary>The tiles that the stretch makes full.</summary>
    private async Task<Dictionary<(int, long), byte[]>> Tiles(
        long after, long upTo, CancellationToken cancellationToken)
    {
        var levels = BitOperations.Log2((ulong)upTo) / Tile.Height;
        var each = Enumerable.Range(1, levels).ToArray();
        var stored = new Dictionary<(int, long), byte[]>();
        await using var command = new NpgsqlCommand(Sql.TileRuns, connection) { CommandTimeout = 0 };
        command.Parameters.Add(new() { Value = each.Select(level => (short)level).ToArray() });
        command.Parameters.Add(new() { Value = each.Select(level => after >> (level * Tile.Height)).ToArray() });
        command.Parameters.Add(new() { Value = each.Select(level => (upTo >> (level * Tile.Height)) - 1).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            stored[(reader.GetInt16(0), reader.GetInt64(1))] = reader.GetFieldValue<byte[]>(2);
        return stored;
    }

    private NpgsqlCommand Command(string sql, params long[] values)
    {
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return command;
    }

    /// <param name="Before">Size of the seal before it.</param>
    private sealed record Seal(long Size, long First, long Before, byte[] Root, byte[]? Signature, byte[] Leaves);
}
