using Npgsql;

namespace Ledger.Store;

/// <summary>What a verification found.</summary>
/// <param name="Events">Events recomputed and found right, from position 1.</param>
/// <param name="Root">RFC 6962 root of the log at that size.</param>
/// <param name="First">The first row that is not as it was sealed; null = everything is.</param>
public sealed record Verification(long Events, ReadOnlyMemory<byte> Root, Difference? First);

/// <summary>A row that is not as it was sealed.</summary>
/// <param name="Position">The event it concerns, where it concerns one.</param>
/// <param name="What">One sentence.</param>
public sealed record Difference(string Table, long? Position, string What);

/// <summary>Recomputes keys, leaves and roots from the events and compares every table of the log with them, as of one
/// moment.</summary>
internal sealed class Verifier(NpgsqlConnection connection, IProgress<long>? progress)
{
    private const int SealsAtOnce = 256;

    private readonly MerkleFrontier _frontier = new(0, []);
    private long _lastRecorded;

    public static async Task<Verification> Run(
        NpgsqlDataSource source, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var moment = new NpgsqlCommand(Sql.OneMoment, connection))
            await moment.ExecuteNonQueryAsync(cancellationToken);
        var verifier = new Verifier(connection, progress);
        var first = await verifier.Log(cancellationToken)
            ?? await verifier.Ends(cancellationToken)
            ?? await verifier.Streams(cancellationToken)
            ?? await verifier.Keys(cancellationToken);
        return new Verification(verifier._frontier.Size, verifier._frontier.Root(), first);
    }

    private async Task<Difference?> Log(CancellationToken cancellationToken)
    {
        while (await Seals(cancellationToken) is { Count: > 0 } seals)
        {
            var before = _frontier.Size;
            foreach (var seal in seals)
            {
                if (seal.First != before + 1 || seal.Size < seal.First
                    || seal.Leaves.Length != (seal.Size - before) * Leaf.Size)
                    return new Difference(
                        "ledger.seal", before + 1,
                        $"The seal at size {seal.Size} does not follow on position {before}.");
                before = seal.Size;
            }

            if (await Events(seals, cancellationToken) is { } difference)
                return difference;
            progress?.Report(_frontier.Size);
        }

        return null;
    }

    private async Task<List<Seal>> Seals(CancellationToken cancellationToken)
    {
        var seals = new List<Seal>();
        await using var command = Command(Sql.SealsAfter, _frontier.Size, SealsAtOnce);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            seals.Add(new Seal(
                reader.GetInt64(0), reader.GetInt64(1), reader.GetFieldValue<byte[]>(2),
                reader.GetFieldValue<byte[]>(3)));
        return seals;
    }

    private async Task<Difference?> Events(List<Seal> seals, CancellationToken cancellationToken)
    {
        await using var command = Command(Sql.VerifiedEvents, _frontier.Size, seals[^1].Size);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        foreach (var seal in seals)
        {
            while (_frontier.Size < seal.Size)
            {
                var position = _frontier.Size + 1;
                if (!await reader.ReadAsync(cancellationToken) || reader.GetInt64(0) != position)
                    return new Difference("events.mt_events", position, $"There is no event at position {position}.");
                if (Event(reader, position, seal) is { } difference)
                    return difference;
            }

            if (!_frontier.Root().AsSpan().SequenceEqual(seal.Root))
                return new Difference(
                    "ledger.seal", seal.Size, $"The root at size {seal.Size} is not the one its leaves give.");
        }

        return null;
    }

    private Difference? Event(NpgsqlDataReader reader, long position, Seal seal)
    {
        Span<byte> leaf = stackalloc byte[Leaf.Size];
        try
        {
            var headers = CanonicalJson.Of(Bytes(reader, 12));
            var key = reader.GetGuid(1);
            if (Reader.Headers(headers) is var named && EventKey.For(
                named.GetValueOrDefault("source", ""), named.GetValueOrDefault("source_id", "")) != key)
                return Differs(position, "its id is not the key of its source and source_id");
            if (reader.IsDBNull(16) || reader.GetInt64(16) != position || reader.GetInt64(17) != reader.GetInt64(3))
                return new Difference(
                    "ledger.key", position, $"The key of the event at position {position} is not as it was taken.");

            _lastRecorded = Recorded(reader);
            Leaf.Hash(position, reader.GetInt64(3), _lastRecorded, reader.TextOrNull(15), Tail(reader, headers), leaf);
        }
        catch (Exception error) when (error is FormatException or InvalidOperationException)
        {
            return Differs(position, $"its JSON is not what the ledger stores ({error.Message})");
        }

        if (!leaf.SequenceEqual(seal.Leaves.AsSpan((int)(position - seal.First) * Leaf.Size, Leaf.Size)))
            return Differs(position, "it is not what its leaf was hashed from");
        _frontier.Add(leaf);
        return null;
    }

    /// <summary>The leaf's entry of the row of <see cref="Sql.VerifiedEvents"/> the reader stands on.</summary>
    public static byte[] Entry(NpgsqlDataReader reader) => Leaf.Entry(
        reader.GetInt64(0), reader.GetInt64(3), Recorded(reader), reader.TextOrNull(15),
        Tail(reader, CanonicalJson.Of(Bytes(reader, 12))));

    /// <summary>PostgreSQL's own number, microseconds from 2000: exact, infinity included.</summary>
    private static long Recorded(NpgsqlDataReader reader) =>
        unchecked(reader.GetFieldValue<long>(7) + 946_684_800_000_000);

    private static byte[] Tail(NpgsqlDataReader reader, byte[] headers) => Leaf.Tail(new(
        reader.GetGuid(1), reader.TextOrNull(2) ?? "", reader.GetString(6), reader.TextOrNull(8),
        reader.TextOrNull(9), reader.TextOrNull(10), reader.TextOrNull(11), headers, reader.TextOrNull(13),
        Bytes(reader, 5), reader.IsDBNull(14) ? null : reader.GetBoolean(14), Bytes(reader, 18),
        CanonicalJson.Of(Bytes(reader, 4))));

    /// <summary>Nothing beyond the seals, and the head at their end.</summary>
    private async Task<Difference?> Ends(CancellationToken cancellationToken)
    {
        await using (var outside = Command(Sql.EventOutside, _frontier.Size))
            if (await outside.ExecuteScalarAsync(cancellationToken) is long position)
                return new Difference("events.mt_events", position, $"No seal covers the event at {position}.");
        await using (var command = Command(Sql.Head))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            if (!await reader.ReadAsync(cancellationToken))
                return new Difference("ledger.head", null, "The head's row is gone.");
            if (reader.GetInt64(0) != _frontier.Size
                || !reader.GetFieldValue<byte[]>(2).AsSpan().SequenceEqual(_frontier.ToBytes()))
                return new Difference(
                    "ledger.head", _frontier.Size,
                    $"The head stands at {reader.GetInt64(0)} or on other leaves; the seals end at {_frontier.Size}.");
            if (_frontier.Size > 0 && GroupCommit.Micros(reader.Instant(1)) != _lastRecorded)
                return new Difference("ledger.head", _frontier.Size, "The head's instant is not the last event's.");
        }

        await using var sequence = Command(Sql.SequenceLast);
        return await sequence.ExecuteScalarAsync(cancellationToken) is long last && last < _frontier.Size
            ? new Difference("events.mt_events_sequence", _frontier.Size, $"Marten's sequence was set back to {last}.")
            : null;
    }

    private async Task<Difference?> Streams(CancellationToken cancellationToken)
    {
        await using var command = Command(Sql.StreamThatDiffers);
        return await command.ExecuteScalarAsync(cancellationToken) is string stream
            ? new Difference("events.mt_streams", null, $"The row of stream {stream} is not what its events give.")
            : null;
    }

    private async Task<Difference?> Keys(CancellationToken cancellationToken)
    {
        await using var command = Command(Sql.KeyWithoutEvent);
        return await command.ExecuteScalarAsync(cancellationToken) is Guid key
            ? new Difference("ledger.key", null, $"Key {key} has neither an event nor a parked one.")
            : null;
    }

    public static string Rewound(long outside, long reached) =>
        FormattableString.Invariant($"The root of {outside} events was written outside, this log has {reached}: ")
        + "an old backup was restored, or events were cut off.";

    public static string Rewritten(long size) => FormattableString.Invariant(
        $"The root of {size} events that was written outside is not this log's: its history was rewritten.");

    private static Difference Differs(long position, string why) =>
        new("events.mt_events", position, $"The event at position {position} was changed: {why}.");

    private static byte[] Bytes(NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal) ? [] : reader.GetFieldValue<byte[]>(ordinal);

    private NpgsqlCommand Command(string sql, params long[] values)
    {
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return command;
    }

    private sealed record Seal(long Size, long First, byte[] Root, byte[] Leaves);
}
