using Ledger.Testing;
using Npgsql;

namespace Ledger.Store.Tests;

/// <summary>A signed ledger of 10,000 events, and what its auditor took away.</summary>
public sealed class LedgerToTamperWith : IAsyncLifetime
{
    private SealedLedger? _ledger;

    public SealedLedger Ledger => _ledger!;

    public async Task InitializeAsync() => _ledger = await SealedLedger.Create(10_000, seed: 6962, default);

    public async Task DisposeAsync()
    {
        if (_ledger is not null)
            await _ledger.DisposeAsync();
    }
}

public sealed class TamperTests(LedgerToTamperWith fixture) : IClassFixture<LedgerToTamperWith>
{
    private const int Chunk = 250;

    // Of Sql.VerifiedRows: all that a leaf covers, the key's own columns apart.
    private const int LeafColumns = 16;
    private const int JsonColumns = (1 << 11) | (1 << 15);

    [Fact]
    public async Task The_leaf_shows_any_bit_of_any_field_of_any_row()
    {
        await using var copy = await fixture.Ledger.Copy(default);
        await using var source = NpgsqlDataSource.Create(copy.ConnectionString);
        await using var connection = await source.OpenConnectionAsync();
        var leaves = (await Bytes(connection, "select string_agg(leaves, ''::bytea order by size) from ledger.seal"))
            .Chunk(Leaf.Size).ToArray();
        var random = new Random(6962);
        var flipped = 0L;
        for (var after = 0; after < leaves.Length; after += Chunk)
        {
            var upTo = Math.Min(after + Chunk, leaves.Length);
            var keys = new SealedKeys(connection);
            await keys.Read(after, upTo, default);
            var rows = await Rows(connection, after, upTo);
            var bent = new MemoryStream();
            bent.Write(rows.Header);
            foreach (var row in rows.Each)
                for (var column = 0; column <= LeafColumns; column++)
                    bent.Write(column == LeafColumns ? row : Bent(row, column, random));
            bent.Write([255, 255]);
            bent.Position = 0;
            using var read = new SealedRows(bent.Read, keys);
            var leaf = new byte[Leaf.Size];
            for (var position = after + 1L; position <= upTo; position++)
                for (var column = 0; column <= LeafColumns; column++, flipped++)
                    (read.Read(position, leaf, default) is null && leaf.SequenceEqual(leaves[position - 1]))
                        .ShouldBe(column == LeafColumns, $"column {column} at {position}");
        }

        flipped.ShouldBe(leaves.Length * (LeafColumns + 1L));
    }

    [Fact]
    public async Task Any_bit_of_any_key_shows()
    {
        await using var copy = await fixture.Ledger.Copy(default);
        await using var source = NpgsqlDataSource.Create(copy.ConnectionString);
        await using var connection = await source.OpenConnectionAsync();
        var keys = new SealedKeys(connection);
        await keys.Read(0, fixture.Ledger.Events.Count, default);
        var random = new Random(9162);
        await using var command = new NpgsqlCommand(
            "select key, position, version, digest from ledger.key", connection);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            var (key, position) = (reader.GetGuid(0).ToByteArray(bigEndian: true), reader.GetInt64(1));
            var (version, digest) = (new byte[8], reader.GetFieldValue<byte[]>(3));
            System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(version, reader.GetInt64(2));

            keys.Digest(position, key, version).ToArray().ShouldBe(digest);
            keys.Put(position, Flip(key, random), version, digest);
            keys.Digest(position, key, version).IsEmpty.ShouldBeTrue();
            keys.Put(position, key, Flip(version, random), digest);
            keys.Digest(position, key, version).IsEmpty.ShouldBeTrue();
            // A digest goes into the leaf.
            keys.Put(position, key, version, Flip(digest, random));
            keys.Digest(position, key, version).SequenceEqual(digest).ShouldBeFalse();
        }
    }

    [Theory]
    [InlineData("none", 1)]
    [InlineData("flip", 25)]
    [InlineData("delete", 3)]
    [InlineData("insert", 2)]
    [InlineData("swap", 3)]
    [InlineData("truncate", 3)]
    [InlineData("rewind", 2)]
    [InlineData("recompute", 1)]
    [InlineData("recompute-signed", 1)]
    [InlineData("backup", 1)]
    [InlineData("fork", 1)]
    public async Task Finds_and_names(string kind, int times)
    {
        Tampering.Kinds.ShouldContain(kind);
        for (var n = 0; n < times; n++)
            (await Tampering.Run(fixture.Ledger, kind, new Random(n), default)).ShouldBeNull($"seed {n}");
    }

    private static byte[] Bent(byte[] row, int column, Random random)
    {
        var at = sizeof(short);
        for (var before = 0; before < column; before++)
            at += sizeof(int) + Math.Max(0, Length(row, at));
        var length = Length(row, at);
        at += sizeof(int);
        if (length <= 0)
        {
            // Null becomes a value of one byte.
            byte[] value = [1, .. (JsonColumns >> column & 1) == 1 ? "{}"u8.ToArray() : []];
            return [.. row[..(at - 4)], 0, 0, 0, (byte)value.Length, .. value, .. row[at..]];
        }

        // The first byte of a document is of the wire, not of the row.
        var skipped = JsonColumns >> column & 1;
        var copy = row.ToArray();
        copy[at + skipped + random.Next(length - skipped)] ^= (byte)(1 << random.Next(8));
        return copy;
    }

    private static byte[] Flip(byte[] bytes, Random random)
    {
        var copy = bytes.ToArray();
        copy[random.Next(copy.Length)] ^= (byte)(1 << random.Next(8));
        return copy;
    }

    private static int Length(byte[] row, int at) =>
        System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(row.AsSpan(at));

    /// <summary>The copy's header, and each row as it was sent.</summary>
    private static async Task<(byte[] Header, List<byte[]> Each)> Rows(
        NpgsqlConnection connection, long after, long upTo)
    {
        using var all = new MemoryStream();
        await using (var copy = await connection.BeginRawBinaryCopyAsync(Sql.VerifiedRows(after, upTo), default))
            await copy.CopyToAsync(all);
        var (bytes, at, rows) = (all.ToArray(), 19, new List<byte[]>());
        while (bytes[at] != 255)
        {
            var start = at;
            at += sizeof(short);
            for (var column = 0; column < bytes[start + 1]; column++)
                at += sizeof(int) + Math.Max(0, Length(bytes, at));
            rows.Add(bytes[start..at]);
        }

        return (bytes[..19], rows);
    }

    private static async Task<byte[]> Bytes(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (byte[])(await command.ExecuteScalarAsync())!;
    }
}
