using System.Buffers.Binary;
using System.Security.Cryptography;
using NodaTime;

namespace Ledger.Store.Tests;

public sealed class SealTests(StoreDatabase database) : IClassFixture<StoreDatabase>
{
    private static readonly Instant Now = Instant.FromUtc(2026, 11, 21, 9, 0);

    [Fact]
    public void A_frontier_gives_the_root_of_every_subtree_of_256_as_it_fills()
    {
        var leaves = Leaves(66_000);
        var tiles = new List<Tile>();
        var frontier = new MerkleFrontier(0, []);
        foreach (var leaf in leaves)
            frontier.Add(leaf, tiles);

        var pages = tiles.Where(tile => tile.Level == 1).ToList();
        pages.Select(tile => tile.Index).ShouldBe(Enumerable.Range(0, 257).Select(index => (long)index));
        pages[3].Root.ShouldBe(RootOf(leaves[768..1024]));
        var book = tiles.Where(tile => tile.Level == 2).ShouldHaveSingleItem();
        book.Index.ShouldBe(0);
        book.Root.ShouldBe(RootOf(leaves[..65_536]));
        tiles.Count.ShouldBe(258);
    }

    [Fact]
    public async Task Tiles_are_stored_with_the_group_that_fills_them_and_the_migration_gives_the_same()
    {
        await using var store = database.Store();
        foreach (var size in new[] { 200, 56, 1, 700, 255 })
            await store.Append(
                [.. Enumerable.Range(0, size).Select(_ => Events.New("time/psa:tiles"))], atomic: false, None);
        const string Tiles = "select level, index, encode(root, 'hex') from ledger.tile order by level, index";
        var stored = await database.Rows(Tiles);
        var leaves = (await database.Scalar<byte[]>(
            "select string_agg(leaves, ''::bytea order by size) from ledger.seal")).Chunk(32).ToList();

        stored.Count.ShouldBe(leaves.Count / 256);
        stored[1].ShouldBe($"1|1|{Convert.ToHexStringLower(RootOf(leaves[256..512]))}");

        await database.Execute("""
            drop table ledger.log, ledger.signing_key, ledger.tile; delete from ledger.migration where number = 4
            """);
        await Migrations.Apply(database.ConnectionString, None);
        (await database.Rows(Tiles)).ShouldBe(stored);
    }

    [Fact]
    public async Task The_root_of_every_group_is_signed_as_the_text_of_its_checkpoint()
    {
        await database.Execute("delete from ledger.signing_key");
        using var signer = await RootSigner.Open(database.Source, Key(), isFirst: true, Now, None);
        await using var store = new EventStore(database.Source, signer: signer);
        await store.Append(Events.New("time/psa:signed"), None);

        var seal = (await database.Rows("""
            select size, encode(root, 'base64'), encode(signature, 'hex') from ledger.seal order by size desc limit 1
            """))[0].Split('|');
        var signature = Convert.FromHexString(seal[2]);
        using var verifying = ECDsa.Create();
        verifying.ImportSubjectPublicKeyInfo(signer.PublicKey.Span, out _);
        signature[..4].ShouldBe(SHA256.HashData(signer.PublicKey.Span)[..4]);
        verifying.VerifyData(
                System.Text.Encoding.UTF8.GetBytes($"{signer.Origin}\n{seal[0]}\n{seal[1]}\n"), signature.AsSpan(4),
                HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)
            .ShouldBeTrue();
        signer.Origin.ShouldMatch("^proserv-ledger/[0-9a-f-]{36}$");
    }

    [Fact]
    public async Task A_second_key_cannot_sign_beside_the_first()
    {
        await database.Execute("delete from ledger.signing_key");
        var first = Key();
        using (await RootSigner.Open(database.Source, Copy(first), isFirst: true, Now, None))
        {
        }

        using (await RootSigner.Open(database.Source, Copy(first), isFirst: true, Now, None))
        {
        }

        await Should.ThrowAsync<SigningKeyException>(
            () => RootSigner.Open(database.Source, Key(), isFirst: true, Now, None));
    }

    [Fact]
    public async Task A_new_key_takes_the_place_of_the_old_which_vouches_for_it()
    {
        await database.Execute("delete from ledger.signing_key");
        using var old = await RootSigner.Open(database.Source, Key(), isFirst: true, Now, None);
        var next = Key();
        await RootSigner.Rotate(database.Source, old, Copy(next), Now + Duration.FromDays(1), None);

        using var signer = await RootSigner.Open(database.Source, next, isFirst: false, Now, None);
        await using var store = database.Store();
        var keys = await store.SigningKeys(None);
        keys.Select(key => key.RetiredAt).ShouldBe([Now + Duration.FromDays(1), null]);
        keys[1].Id.ToArray().ShouldBe(signer.KeyId.ToArray());
        keys[1].Predecessor!.Value.ToArray().ShouldBe(old.KeyId.ToArray());
        using var verifying = new RootKey(old.PublicKey);
        verifying.Verifies(
                System.Text.Encoding.UTF8.GetBytes(
                    $"{old.Origin}\nsigning key\n{Convert.ToBase64String(signer.PublicKey.Span)}\n"),
                keys[1].Endorsement!.Value.Span)
            .ShouldBeTrue();

        await Should.ThrowAsync<SigningKeyException>(
            () => RootSigner.Rotate(database.Source, old, Key(), Now, None));
        await Should.ThrowAsync<SigningKeyException>(
            () => RootSigner.Rotate(database.Source, signer, Copy(next), Now, None));
        (await store.SigningKeys(None)).Count(key => key.RetiredAt is null).ShouldBe(1, "what failed changed nothing");
        await RootSigner.Rotate(database.Source, null, Key(), Now + Duration.FromDays(2), None);
        (await store.SigningKeys(None))[2].Endorsement.ShouldBeNull("the old key was lost");
    }

    [Theory]
    [InlineData(500)]
    [InlineData(1)]
    public async Task A_store_that_was_not_told_of_a_new_key_stores_nothing_more(int copyFrom)
    {
        await database.Execute("delete from ledger.signing_key");
        using var old = await RootSigner.Open(database.Source, Key(), isFirst: true, Now, None);
        await using var store = new EventStore(database.Source, null, old, new Writing(copyFrom));
        (await store.Append(Events.New("time/psa:signed"), None)).ShouldBeOfType<Appended>();
        var position = await store.Position(None);
        await RootSigner.Rotate(database.Source, old, Key(), Now, None);

        await Should.ThrowAsync<SigningKeyException>(() => store.Append(Events.New("time/psa:unsigned"), None));

        (await store.Position(None)).ShouldBe(position);
        (await store.Append(Events.New("time/psa:signed", "known"), None).ContinueWith(done => done.IsFaulted))
            .ShouldBeTrue("every later one too");
        (await database.Scalar<long>("select last_value from events.mt_events_sequence")).ShouldBe(position);
    }

    [Fact]
    public async Task A_key_is_vouched_for_although_the_clock_was_set_back_before_it_came()
    {
        await database.Execute("delete from ledger.signing_key");
        using var old = await RootSigner.Open(database.Source, Key(), isFirst: true, Now, None);
        await RootSigner.Rotate(database.Source, old, Key(), Now - Duration.FromDays(1), None);
        await using var store = database.Store();

        using var trusted = new RootKey(old.PublicKey);
        using var keys = new KeyRing(old.Origin, await store.SigningKeys(None), trusted);

        keys.Difference.ShouldBeNull();
    }

    private static ECDsa Key() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static ECDsa Copy(ECDsa key) => ECDsa.Create(key.ExportParameters(includePrivateParameters: true));

    private static List<byte[]> Leaves(int count)
    {
        var leaves = new List<byte[]>();
        for (var n = 0; n < count; n++)
        {
            var input = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(input, n);
            leaves.Add(SHA256.HashData(input));
        }

        return leaves;
    }

    private static byte[] RootOf(List<byte[]> leaves) => leaves.Count == 1
        ? leaves[0]
        : SHA256.HashData([1, .. RootOf(leaves[..(leaves.Count / 2)]), .. RootOf(leaves[(leaves.Count / 2)..])]);
}
