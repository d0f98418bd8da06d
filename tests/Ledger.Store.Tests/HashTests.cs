using System.Security.Cryptography;
using System.Text;

namespace Ledger.Store.Tests;

public sealed class HashTests
{
    [Fact]
    public void A_key_is_a_version_8_uuid_of_the_framed_source_and_id()
    {
        var framed = new byte[] { 0, 0, 0, 3 }.Concat("psa"u8.ToArray()).Concat(new byte[] { 0, 0, 0, 4 })
            .Concat("1042"u8.ToArray()).ToArray();
        var hash = SHA256.HashData(framed);

        var text = EventKey.For("psa", "1042").ToString("N");

        text[12].ShouldBe('8');
        "89ab".ShouldContain(text[16]);
        text[..12].ShouldBe(Convert.ToHexStringLower(hash.AsSpan(0, 6)));
        text[18..].ShouldBe(Convert.ToHexStringLower(hash.AsSpan(9, 7)));
        EventKey.For("ps", "a1042").ShouldNotBe(EventKey.For("psa", "1042"));
    }

    [Fact]
    public void Every_length_hashes_as_NET_hashes_it_in_place_too_and_on_every_thread()
    {
        var bytes = new byte[OpenSslSha256.MaxInput + 100];
        new Random(180).NextBytes(bytes);
        Parallel.For(0, bytes.Length + 1, length =>
        {
            var input = bytes[..length];
            var expected = SHA256.HashData(input);
            Sha256.Hash(input).ShouldBe(expected);
            if (length < Sha256.Size)
                return;
            Sha256.Hash(input, input);
            input[..Sha256.Size].ShouldBe(expected);
        });
    }

    [Fact]
    public void A_digest_is_of_the_canonical_object_without_what_is_absent()
    {
        EventDigest.For("time_entry_recorded", "time/1", "2026-11-02T09:00:00Z", "7", "2026-11-02", "anna",
                "[{\"id\":\"p1\"}]"u8, "{\"n\":1}"u8)
            .ShouldBe(SHA256.HashData(CanonicalJson.Of(Encoding.UTF8.GetBytes("""
                {"type":"time_entry_recorded","subject":"time/1","time":"2026-11-02T09:00:00Z","sequence":"7",
                 "effectiveOn":"2026-11-02","actor":"anna","links":[{"id":"p1"}],"data":{"n":1}}
                """))));
        EventDigest.For("t", "k/\"1\"", null, null, null, null, default, "{}"u8)
            .ShouldBe(SHA256.HashData("{\"data\":{},\"subject\":\"k/\\\"1\\\"\",\"type\":\"t\"}"u8));
    }

    [Fact]
    public void The_frontiers_root_is_the_RFC_6962_root_at_every_size()
    {
        var leaves = Enumerable.Range(0, 70).Select(i => SHA256.HashData([(byte)i])).ToList();
        var frontier = new MerkleFrontier(0, []);
        frontier.Root().ShouldBe(SHA256.HashData([]));
        for (var size = 1; size <= leaves.Count; size++)
        {
            frontier.Add(leaves[size - 1]);
            frontier.Root().ShouldBe(Root(leaves[..size]));
            frontier = new MerkleFrontier(size, frontier.ToBytes());
        }
    }

    [Fact]
    public void The_root_of_the_published_example_is_the_published_one()
    {
        // The eight leaves of the reference tests of Certificate Transparency.
        string[] inputs =
            ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
        var frontier = new MerkleFrontier(0, []);
        foreach (var input in inputs)
            frontier.Add(SHA256.HashData([0, .. Convert.FromHexString(input)]));

        Convert.ToHexStringLower(frontier.Root())
            .ShouldBe("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
    }

    [Fact]
    public void A_leaf_is_the_hash_of_the_documented_bytes()
    {
        var data = "{\"n\":1}"u8.ToArray();
        var key = EventKey.For("psa", "1");
        var digest = SHA256.HashData("d"u8);
        var tail = Leaf.Tail(new(
            key, "time/psa:1", "time_entry_recorded", "*DEFAULT*", "T, A", null, "cause",
            "{\"a\":\"b\"}"u8.ToArray(), "anna", default, false, digest, data));
        Span<byte> leaf = stackalloc byte[32];
        Leaf.Hash(5, 2, 1_700_000_000_000_001, "time_entry", tail, leaf);

        byte[] entry =
        [
            0, 1, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 2, .. Convert.FromHexString("00060A24181E4001"),
            .. Text("time_entry"), .. key.ToByteArray(bigEndian: true), .. Text("time/psa:1"),
            .. Text("time_entry_recorded"), .. Text("*DEFAULT*"), .. Text("T, A"), .. Text(null), .. Text("cause"),
            .. Text("{\"a\":\"b\"}"), .. Text("anna"), .. Text(null), 0, 0, 0, 0, 32, .. digest,
            .. SHA256.HashData(data),
        ];
        leaf.ToArray().ShouldBe(SHA256.HashData(entry));
    }

    private static byte[] Text(string? value) => value is null
        ? [255, 255, 255, 255]
        : [0, 0, 0, (byte)value.Length, .. Encoding.UTF8.GetBytes(value)];

    /// <summary>The definition of RFC 6962, section 2.1, over leaf hashes.</summary>
    private static byte[] Root(List<byte[]> leaves)
    {
        if (leaves.Count == 1)
            return leaves[0];
        var split = 1;
        while (split * 2 < leaves.Count)
            split *= 2;
        return SHA256.HashData([1, .. Root(leaves[..split]), .. Root(leaves[split..])]);
    }
}
