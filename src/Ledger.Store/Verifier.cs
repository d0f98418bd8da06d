using System.Collections.Concurrent;
using Npgsql;

namespace Ledger.Store;

/// <summary>Recomputes keys, leaves and roots from the events and compares every table of the log with them, as of one
/// moment: stretches of the log side by side, each over a connection of its own.</summary>
internal sealed partial class Verifier
{
    private const int ReadBytes = 128 << 10;

    private readonly NpgsqlDataSource _source;
    private readonly VerifyOptions _options;
    private readonly IProgress<long>? _progress;
    private readonly ConcurrentDictionary<long, StretchResult> _results = new();
    private readonly Dictionary<long, ReadOnlyMemory<byte>> _outside = [];

    private IReadOnlyList<SigningKey> _keys = [];
    private string _origin = "";
    private string _snapshot = "";
    private long _sealed;
    private long _next;
    private long _stopAt = long.MaxValue;

    private Verifier(NpgsqlDataSource source, VerifyOptions options, IProgress<long>? progress)
    {
        _source = source;
        _options = options;
        _progress = progress;
    }

    public static Task<Verification> Run(
        NpgsqlDataSource source, VerifyOptions options, IProgress<long>? progress,
        CancellationToken cancellationToken) =>
        new Verifier(source, options, progress).Run(cancellationToken);

    public static string Rewound(long outside, long reached) =>
        FormattableString.Invariant($"The root of {outside} events was written outside, this log has {reached}: ")
        + "an old backup was restored, or events were cut off.";

    public static string Rewritten(long size) => FormattableString.Invariant(
        $"The root of {size} events that was written outside is not this log's: its history was rewritten.");

    public static Difference Differs(long position, string why) =>
        new("events.mt_events", position, $"The event at position {position} was changed: {why}.");

    public static Difference StreamDiffers(string stream) =>
        new("events.mt_streams", null, $"The row of stream {stream} is not what its events give.");

    /// <summary>The leaf's entry of the row of <see cref="Sql.VerifiedEvents"/> the reader stands on.</summary>
    public static byte[] Entry(NpgsqlDataReader reader) => Leaf.Entry(
        reader.GetInt64(0), reader.GetInt64(3),
        // PostgreSQL's own number, microseconds from 2000: exact, infinity included.
        unchecked(reader.GetFieldValue<long>(7) + 946_684_800_000_000), reader.TextOrNull(15),
        Leaf.Tail(new(
            reader.GetGuid(1), reader.TextOrNull(2) ?? "", reader.GetString(6), reader.TextOrNull(8),
            reader.TextOrNull(9), reader.TextOrNull(10), reader.TextOrNull(11), CanonicalJson.Of(Bytes(reader, 12)),
            reader.TextOrNull(13), Bytes(reader, 5), reader.IsDBNull(14) ? null : reader.GetBoolean(14),
            Bytes(reader, 18), CanonicalJson.Of(Bytes(reader, 4)))));

    private async Task<Verification> Run(CancellationToken cancellationToken)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var moment = Command(connection, Sql.OneMoment))
            await moment.ExecuteNonQueryAsync(cancellationToken);
        _snapshot = (string)(await Scalar(connection, Sql.ExportSnapshot, cancellationToken))!;
        _origin = await Scalar(connection, Sql.LogOrigin, cancellationToken) as string ?? "";
        _keys = await LogReader.Keys(connection, cancellationToken);
        _sealed = (long)(await Scalar(connection, Sql.SealedSize, cancellationToken))!;

        using var keys = new KeyRing(_origin, _keys, _options.Key);
        var (start, first) = await Start(connection, keys, cancellationToken);
        first ??= keys.Difference;
        if (first is not null)
            return new Verification(0, MerkleProof.EmptyRoot, first) { From = start };
        // The main connection is free meanwhile.
        var totals = Totals(connection, cancellationToken);
        await Task.WhenAll(totals, Stretches(start, cancellationToken));
        var counts = await totals;
        var found = Joined(start);
        first = found.First
            ?? await Ends(connection, found, cancellationToken)
            ?? await Counts(connection, counts, cancellationToken)
            ?? Signed(found.Roots);
        return new Verification(found.Size, found.Root, first)
        {
            From = start,
            Roots = found.Roots.All,
            RootsSigned = found.Roots.Trusted,
        };
    }

    /// <summary>Runs all stretches, each worker the next that nobody has.</summary>
    private async Task Stretches(Checkpoint? start, CancellationToken cancellationToken)
    {
        _next = start?.Size ?? 0;
        var workers = Math.Max(1, _options.Workers ?? Environment.ProcessorCount / 2);
        await Task.WhenAll(Enumerable.Range(0, workers)
            .Select(_ => Task.Run(() => Work(start, cancellationToken), cancellationToken)));
    }

    private async Task Work(Checkpoint? start, CancellationToken cancellationToken)
    {
        await using var connection = await Roomy(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(
            System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        await using (var session = Command(connection, Sql.VerifySession(_snapshot)))
            await session.ExecuteNonQueryAsync(cancellationToken);
        using var keys = new KeyRing(_origin, _keys, _options.Key);
        var stretch = new VerifyStretch(connection, keys, _outside);
        while (Take() is var (after, upTo))
        {
            var result = await stretch.Run(after, upTo, cancellationToken);
            lock (_results)
            {
                _results[after] = result;
                if (result.First is not null)
                    _stopAt = Math.Min(_stopAt, after);
                Report(start);
            }

            if (result.First is not null)
                return;
        }
    }

    private long StretchEnd(long after) =>
        Math.Min(_sealed, (after / _options.StretchEvents + 1) * _options.StretchEvents);

    /// <summary>A connection that takes much at a time.</summary>
    private async Task<NpgsqlConnection> Roomy(CancellationToken cancellationToken)
    {
        await using var plain = _source.CreateConnection();
        var settings = new NpgsqlConnectionStringBuilder(plain.ConnectionString)
        {
            ReadBufferSize = ReadBytes,
            Pooling = false,
        };
        var roomy = plain.CloneWith(settings.ConnectionString);
        await roomy.OpenAsync(cancellationToken);
        return roomy;
    }

    /// <summary>The next stretch, up to a multiple of its size; null = there is none, or one before it differs.
    /// </summary>
    private (long After, long UpTo)? Take()
    {
        lock (_results)
        {
            if (_next >= _sealed || _next > _stopAt)
                return null;
            var after = _next;
            _next = StretchEnd(after);
            return (after, _next);
        }
    }

    /// <summary>Tells how far the log is verified without a gap.</summary>
    private void Report(Checkpoint? start)
    {
        var found = Joined(start);
        if (found.First is not null || found.Frontier.Length == 0)
            return;
        _progress?.Report(found.Size);
        _options.Reached?.Report(new Checkpoint(_origin, found.Size, found.Root));
    }

    /// <summary>The results end to end: each begins with the frontier that the one before it gave.</summary>
    private Joint Joined(Checkpoint? start)
    {
        var joint = new Joint(start?.Size ?? 0, [], start?.Root ?? MerkleProof.EmptyRoot, 0, default, null);
        while (_results.TryGetValue(joint.Size, out var result))
        {
            if (joint.Frontier.Length > 0 && result.First is null or { Table: not "ledger.tile" }
                && !result.Start.AsSpan().SequenceEqual(joint.Frontier))
                return joint with
                {
                    First = new("ledger.tile", joint.Size, FormattableString.Invariant(
                        $"The hashes kept of the first {joint.Size} events are not those that the events give.")),
                };
            if (result.First is { } first)
                return joint with { First = first };
            joint = new Joint(
                StretchEnd(joint.Size), result.End, result.EndRoot,
                result.LastRecorded, joint.Roots.Then(result.Roots), null);
        }

        return joint;
    }

    private static byte[] Bytes(NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal) ? [] : reader.GetFieldValue<byte[]>(ordinal);

    private static async Task<object?> Scalar(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params long[] values)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params long[] values)
    {
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return command;
    }

    /// <summary>What is verified without a gap.</summary>
    private sealed record Joint(
        long Size, byte[] Frontier, ReadOnlyMemory<byte> Root, long LastRecorded, RootCount Roots, Difference? First);
}
