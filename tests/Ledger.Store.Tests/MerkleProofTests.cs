using System.Security.Cryptography;
using System.Text.Json;
using Ledger.Testing;

namespace Ledger.Store.Tests;

public sealed class MerkleProofTests
{
    private static readonly List<byte[]> Leaves = [.. Enumerable.Range(0, 40).Select(n => SHA256.HashData([(byte)n]))];

    [RealFact("vectors_merkle_rfc6962")]
    public void Agrees_with_the_published_vectors_good_and_garbage()
    {
        var files = Directory.GetFiles(RealData.Path("vectors_merkle_rfc6962")!, "*.json");
        var (good, bad) = (0, 0);
        foreach (var file in files)
        {
            var vector = JsonElement.Parse(File.ReadAllText(file));
            var isRight = vector.TryGetProperty("leafIdx", out var index)
                ? MerkleProof.Includes(
                    Bytes(vector, "leafHash"), Whole(index), Whole(vector.GetProperty("treeSize")), Proof(vector),
                    Bytes(vector, "root"))
                : MerkleProof.Extends(
                    Whole(vector.GetProperty("size1")), Bytes(vector, "root1"), Whole(vector.GetProperty("size2")),
                    Bytes(vector, "root2"), Proof(vector));
            isRight.ShouldBe(!vector.GetProperty("wantErr").GetBoolean(), Path.GetFileName(file));
            (good, bad) = isRight ? (good + 1, bad) : (good, bad + 1);
        }

        good.ShouldBeGreaterThan(5);
        bad.ShouldBeGreaterThan(100);
    }

    [Fact]
    public void Proves_every_leaf_of_every_size_and_nothing_else()
    {
        for (var size = 1; size <= Leaves.Count; size++)
            for (var index = 0; index < size; index++)
            {
                var proof = Hashes(Merkle.Inclusion(index, size));
                var root = RootOf(0, size);
                MerkleProof.Includes(Leaves[index], index, size, proof, root).ShouldBeTrue($"{index} of {size}");

                MerkleProof.Includes(Leaves[(index + 1) % 40], index, size, proof, root).ShouldBeFalse();
                MerkleProof.Includes(Leaves[index], index + 1, size, proof, root).ShouldBeFalse();
                MerkleProof.Includes(Leaves[index], index, size, [.. proof, root], root).ShouldBeFalse();
                if (proof.Count == 0)
                    continue;
                MerkleProof.Includes(Leaves[index], index, size, proof[1..], root).ShouldBeFalse();
                MerkleProof.Includes(Leaves[index], index, size, proof[..^1], root).ShouldBeFalse();
                var broken = proof.ToList();
                broken[size % proof.Count] = Flipped(broken[size % proof.Count]);
                MerkleProof.Includes(Leaves[index], index, size, broken, root).ShouldBeFalse();
            }
    }

    [Fact]
    public void Proves_that_every_size_extends_every_earlier_and_no_other()
    {
        for (var to = 1; to <= Leaves.Count; to++)
            for (var from = 1; from <= to; from++)
            {
                var proof = Hashes(Merkle.Consistency(from, to));
                var (earlier, later) = (RootOf(0, from), RootOf(0, to));
                MerkleProof.Extends(from, earlier, to, later, proof).ShouldBeTrue($"{from} to {to}");

                MerkleProof.Extends(from, Flipped(earlier).Span, to, later, proof).ShouldBeFalse();
                MerkleProof.Extends(from, earlier, to, Flipped(later).Span, proof).ShouldBeFalse();
                MerkleProof.Extends(from, earlier, to, later, [.. proof, later]).ShouldBeFalse();
                if (proof.Count == 0)
                    continue;
                MerkleProof.Extends(from, earlier, to, later, proof[..^1]).ShouldBeFalse();
                MerkleProof.Extends(from, earlier, to, later, [Flipped(proof[0]), .. proof[1..]]).ShouldBeFalse();
            }
    }

    [Fact]
    public void Knows_the_empty_log_and_lets_nothing_follow_from_it()
    {
        var empty = MerkleProof.EmptyRoot.Span;
        MerkleProof.Extends(0, empty, 0, empty, []).ShouldBeTrue();
        MerkleProof.Extends(0, RootOf(0, 1), 0, RootOf(0, 1), []).ShouldBeFalse();
        MerkleProof.Extends(0, empty, 1, RootOf(0, 1), []).ShouldBeFalse();
        MerkleProof.Includes(Leaves[0], 0, 0, [], empty).ShouldBeFalse();
        MerkleProof.Includes(Leaves[0], 0, 1, [], Leaves[0]).ShouldBeTrue();
        MerkleProof.Includes(Leaves[0], long.MaxValue - 1, long.MaxValue, [], Leaves[0]).ShouldBeFalse();
    }

    [Fact]
    public void Takes_no_hash_of_another_length()
    {
        var proof = Hashes(Merkle.Inclusion(1, 2));
        MerkleProof.Includes(Leaves[1], 1, 2, [proof[0][..31]], RootOf(0, 2)).ShouldBeFalse();
        MerkleProof.Includes([], 0, 1, [], []).ShouldBeFalse();
        MerkleProof.Extends(1, [], 1, [], []).ShouldBeFalse();
    }

    private static List<ReadOnlyMemory<byte>> Hashes(List<Merkle.Span> spans) =>
        [.. spans.Select(span => (ReadOnlyMemory<byte>)RootOf((int)span.Low, (int)span.High))];

    /// <summary>The definition of RFC 6962, section 2.1, over leaf hashes.</summary>
    private static byte[] RootOf(int low, int high)
    {
        if (high - low == 1)
            return Leaves[low];
        var split = 1;
        while (split * 2 < high - low)
            split *= 2;
        return SHA256.HashData([1, .. RootOf(low, low + split), .. RootOf(low + split, high)]);
    }

    private static ReadOnlyMemory<byte> Flipped(ReadOnlyMemory<byte> hash)
    {
        var copy = hash.ToArray();
        copy[7] ^= 16;
        return copy;
    }

    // Some vectors hold numbers as large as an unsigned one can be; no log of ours has a negative size either.
    private static long Whole(JsonElement number) => unchecked((long)number.GetUInt64());

    private static byte[] Bytes(JsonElement vector, string name) => vector.GetProperty(name).GetBytesFromBase64();

    private static List<ReadOnlyMemory<byte>> Proof(JsonElement vector) =>
        vector.GetProperty("proof") is { ValueKind: JsonValueKind.Array } proof
            ? [.. proof.EnumerateArray().Select(hash => (ReadOnlyMemory<byte>)hash.GetBytesFromBase64())]
            : [];
}
