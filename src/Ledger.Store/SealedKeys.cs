using System.Buffers.Binary;
using Npgsql;

namespace Ledger.Store;

/// <summary>The keys of a stretch of the log, by position. They were stored in about that order, so the table is read
/// from where the first of them lies to where the last does; one that lies elsewhere is looked up by its event.
/// </summary>
internal sealed class SealedKeys(NpgsqlConnection connection)
{
    private const int Columns = 4;
    private const int Samples = 9;
    private const int KeySize = 16;
    private const int DigestAt = KeySize + sizeof(long);
    private const int SlotSize = DigestAt + Leaf.Size;

    private byte[] _slots = [];
    private bool[] _isFound = [];
    private long _after;

    /// <summary>Reads the keys of positions from after one to another.</summary>
    public async Task Read(long after, long upTo, CancellationToken cancellationToken)
    {
        var count = (int)(upTo - after);
        if (_isFound.Length < count)
            (_slots, _isFound) = (new byte[count * SlotSize], new bool[count]);
        Array.Clear(_isFound);
        _after = after;
        if (await Where(after, upTo, cancellationToken) is not var (first, last))
            return;
        await using (var copy = await connection.BeginRawBinaryCopyAsync(
            Sql.VerifiedKeys(first, last, after, upTo), cancellationToken))
        {
            using var rows = new CopiedRows(copy.Read, Columns);
            while (rows.Next(cancellationToken))
                Put(rows.Whole(1), rows.Field(0), rows.Field(2), rows.Field(3));
        }

        var missing = Enumerable.Range(0, count).Where(i => !_isFound[i]).Select(i => after + 1 + i).ToArray();
        if (missing.Length > 0)
            await Look(missing, cancellationToken);
    }

    /// <summary>The digest taken with the key of an event.</summary>
    /// <param name="key">16 bytes.</param>
    /// <param name="version">8 bytes, big-endian.</param>
    /// <returns>Empty where that key was not taken for that position and version, with a digest.</returns>
    public ReadOnlySpan<byte> Digest(long position, ReadOnlySpan<byte> key, ReadOnlySpan<byte> version)
    {
        var at = (int)(position - _after - 1);
        var slot = _slots.AsSpan(at * SlotSize, SlotSize);
        return _isFound[at] && slot[..KeySize].SequenceEqual(key) && slot[KeySize..DigestAt].SequenceEqual(version)
            ? slot[DigestAt..]
            : [];
    }

    /// <summary>Enters what the table says; a row that no event can have stays out.</summary>
    internal void Put(long position, ReadOnlySpan<byte> key, ReadOnlySpan<byte> version, ReadOnlySpan<byte> digest)
    {
        if (digest.Length != Leaf.Size || version.Length != sizeof(long))
            return;
        var at = (int)(position - _after - 1);
        var slot = _slots.AsSpan(at * SlotSize, SlotSize);
        key.CopyTo(slot);
        version.CopyTo(slot[KeySize..]);
        digest.CopyTo(slot[DigestAt..]);
        _isFound[at] = true;
    }

    /// <summary>The blocks of the table between which some of the keys lie; null = none of them is there.</summary>
    private async Task<(long First, long Last)?> Where(long after, long upTo, CancellationToken cancellationToken)
    {
        var step = Math.Max(1, (upTo - after - 1) / (Samples - 1));
        await using var command = new NpgsqlCommand(Sql.KeyBlocks, connection) { CommandTimeout = 0 };
        command.Parameters.Add(new()
        {
            Value = Enumerable.Range(0, Samples - 1).Select(n => after + 1 + n * step).Append(upTo).ToArray(),
        });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.IsDBNull(0) ? null : (reader.GetInt64(0), reader.GetInt64(1));
    }

    private async Task Look(long[] positions, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql.KeysOfEvents, connection) { CommandTimeout = 0 };
        command.Parameters.Add(new() { Value = positions });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var version = new byte[sizeof(long)];
        while (await reader.ReadAsync(cancellationToken))
        {
            BinaryPrimitives.WriteInt64BigEndian(version, reader.GetInt64(2));
            Put(reader.GetInt64(1), reader.GetGuid(0).ToByteArray(bigEndian: true), version,
                reader.GetFieldValue<byte[]>(3));
        }
    }
}
