using System.Security.Cryptography;
using NodaTime;

namespace Ledger.Store.Tests;

/// <summary>A log of 1,300 events in groups of many sizes, signed from the 601st on.</summary>
public sealed class ProvenDatabase : IAsyncLifetime
{
    private readonly StoreDatabase _database = new();
    private RootSigner? _signer;

    public StoreDatabase Database => _database;

    internal RootKey Key => new(_signer!.PublicKey);

    internal List<NewEvent> Events { get; } = [];

    public EventStore Store(bool isSigning = true) => new(_database.Source, signer: isSigning ? _signer : null);

    public async Task InitializeAsync()
    {
        await _database.InitializeAsync();
        await Append(_database.Store(), 1, 255, 1, 343);
        _signer = await RootSigner.Open(
            _database.Source, ECDsa.Create(ECCurve.NamedCurves.nistP256), isFirst: true,
            Instant.FromUtc(2026, 11, 21, 9, 0), default);
        await Append(Store(), 1, 99, 600);
    }

    public async Task DisposeAsync()
    {
        _signer?.Dispose();
        await _database.DisposeAsync();
    }

    private async Task Append(EventStore store, params int[] groups)
    {
        await using (store)
            foreach (var size in groups)
            {
                List<NewEvent> group = [.. Enumerable.Range(0, size).Select(n => Tests.Events.New($"time/psa:{n}") with
                {
                    Actor = n % 3 == 0 ? "anna" : null,
                    CorrelationId = n % 5 == 0 ? "c" : null,
                })];
                await store.Append(group, atomic: false, default);
                Events.AddRange(group);
            }
    }
}

public sealed class ProofTests(ProvenDatabase proven) : IClassFixture<ProvenDatabase>
{
    [Fact]
    public async Task Proves_any_position_at_any_size()
    {
        await using var store = proven.Store();
        foreach (var size in new[] { 1L, 2, 255, 256, 257, 511, 512, 513, 600, 1024, 1299, 1300 })
            foreach (var position in new[] { 1L, 2, 128, 256, 257, 300, 512, 513, 768, 1025, 1300, size })
            {
                if (position > size)
                    continue;
                var proof = (await store.Inclusion(position, size, None))!;
                MerkleProof.Includes(proof.Leaf.Span, proof.Index, proof.Size, proof.Hashes, proof.Root.Span)
                    .ShouldBeTrue($"{position} of {size}");
                proof.Root.ToArray().ShouldBe((await store.Root(size, None))!.Value.ToArray());
            }

        (await store.Inclusion(1, 1_301, None)).ShouldBeNull();
    }

    [Fact]
    public async Task Proves_that_any_size_extends_any_earlier()
    {
        await using var store = proven.Store();
        foreach (var to in new[] { 1L, 2, 256, 257, 600, 768, 1024, 1300 })
            foreach (var from in new[] { 1L, 2, 255, 256, 511, 512, 600, 1023, 1300 })
            {
                if (from > to)
                    continue;
                var proof = (await store.Consistency(from, to, None))!;
                MerkleProof.Extends(proof.From, proof.FromRoot.Span, proof.To, proof.ToRoot.Span, proof.Hashes)
                    .ShouldBeTrue($"{from} to {to}");
            }

        (await store.Consistency(1, 1_301, None)).ShouldBeNull();
    }

    [Fact]
    public async Task Roots_computed_are_the_roots_sealed()
    {
        await using var store = proven.Store();
        foreach (var row in await proven.Database.Rows("select size, encode(root, 'hex') from ledger.seal"))
        {
            var size = long.Parse(row.Split('|')[0], System.Globalization.CultureInfo.InvariantCulture);
            Convert.ToHexStringLower((await store.Root(size, None))!.Value.Span).ShouldBe(row.Split('|')[1]);
        }

        (await store.Root(0, None))!.Value.ToArray().ShouldBe(MerkleProof.EmptyRoot.ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(256)]
    [InlineData(601)]
    [InlineData(1300)]
    public async Task A_receipt_is_proven_with_the_public_key_alone(int position)
    {
        await using var store = proven.Store();
        var stored = proven.Events[position - 1];

        var proof = (await store.Prove(stored.Source, stored.Id, None))!;

        proof.Fault(proven.Key).ShouldBeNull();
        proof.Receipt.Position.ShouldBe(position);
        (await store.Prove(stored.Source, stored.Id, None))!.Note.ToString().ShouldBe(proof.Note.ToString());
        SignedNote.Parse(proof.Note.ToString()).IsSignedBy(proven.Key).ShouldBeTrue();
        var entry = LeafEntry.Read(proof.Entry);
        entry.DataHash.ToArray().ShouldBe(SHA256.HashData(stored.Data.Span));
        (entry.User, entry.Tenant, entry.IsArchived).ShouldBe((stored.Actor, "*DEFAULT*", false));
    }

    [Fact]
    public async Task A_receipt_that_says_anything_else_is_not_proven()
    {
        await using var store = proven.Store();
        var stored = proven.Events[700];
        var proof = (await store.Prove(stored.Source, stored.Id, None))!;
        var receipt = proof.Receipt;
        ReceiptProof Saying(Receipt other) => proof with { Receipt = other };
        string Fault(ReceiptProof wrong) => wrong.Fault(proven.Key).ShouldNotBeNull();

        Fault(Saying(receipt with { Source = "erp" })).ShouldContain("source");
        Fault(Saying(receipt with { Id = "other" })).ShouldContain("id");
        Fault(Saying(receipt with { Stream = "time/psa:x" })).ShouldContain("stream");
        Fault(Saying(receipt with { Version = 99 })).ShouldContain("version");
        Fault(Saying(receipt with { Position = 702 })).ShouldContain("position");
        Fault(Saying(receipt with { RecordedAt = receipt.RecordedAt + Duration.FromMilliseconds(1) }))
            .ShouldContain("recorded time");
        Fault(Saying(receipt with { Digest = new byte[32] })).ShouldContain("digest");
        Fault(proof with { Index = 0 }).ShouldContain("position");
        Fault(proof with { Size = 1_299 }).ShouldContain("size");
        Fault(proof with { Hashes = [.. proof.Hashes.Skip(1)] }).ShouldContain("root");
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        proof.Fault(new RootKey(other.ExportSubjectPublicKeyInfo())).ShouldNotBeNull().ShouldContain("key given");
        for (var at = 0; at < proof.Entry.Length; at++)
        {
            var entry = proof.Entry.ToArray();
            entry[at] ^= 1;
            (proof with { Entry = entry }).Fault(proven.Key).ShouldNotBeNull($"byte {at} of the entry");
        }

        (proof with { Entry = proof.Entry[..^1] }).Fault(proven.Key).ShouldNotBeNull();
        (proof with { Entry = new byte[] { 9 } }).Fault(proven.Key).ShouldNotBeNull();
    }

    [Fact]
    public async Task Checkpoints_cover_the_size_asked_for()
    {
        await using var store = proven.Store();
        (await store.Checkpoint(null, None))!.Checkpoint.Size.ShouldBe(1_300);
        (await store.Checkpoint(1, None))!.Checkpoint.Size.ShouldBe(601, "the first that is signed");
        (await store.Checkpoint(700, None))!.Checkpoint.Size.ShouldBe(700);
        (await store.Checkpoint(1_301, None)).ShouldBeNull();
    }

    [Fact]
    public async Task Nothing_is_proven_from_an_event_that_was_changed()
    {
        await using var copy = await TamperedCopy.Of(proven.Database);
        await copy.Tamper("update events.mt_events set user_name = 'bert' where seq_id = 7");
        await copy.Tamper("update events.mt_events set headers = null where seq_id = 8");
        await using var store = new EventStore(copy.Source);

        foreach (var at in new[] { 6, 7 })
            (await Should.ThrowAsync<NotAsSealedException>(
                () => store.Prove(proven.Events[at].Source, proven.Events[at].Id, None)))
                .Message.ShouldContain($"position {at + 1}");
    }
}
