namespace Ledger.Store.Tests;

public sealed class VerifyFromTests(ProvenDatabase proven) : IClassFixture<ProvenDatabase>
{
    [Theory]
    [InlineData(1, 256)]
    [InlineData(3, 256)]
    [InlineData(2, 512)]
    public async Task Stretches_side_by_side_find_what_one_alone_finds(int workers, int stretch)
    {
        await using var store = proven.Store();
        var reached = new Reached();
        var found = await store.Verify(
            new VerifyOptions { Workers = workers, StretchEvents = stretch, Reached = reached }, null, None);

        found.First.ShouldBeNull();
        (found.Events, found.Roots, found.RootsSigned).ShouldBe((1_300, 7, 3));
        found.Root.ToArray().ShouldBe((await store.Root(1_300, None))!.Value.ToArray());
        foreach (var root in reached.Roots)
            root.Root.ToArray().ShouldBe((await store.Root(root.Size, None))!.Value.ToArray());
        reached.Roots[^1].Size.ShouldBe(1_300);
    }

    [Theory]
    [InlineData("update events.mt_events set user_name = 'x' where seq_id in (300, 900)", 300)]
    [InlineData("update ledger.tile set root = sha256('') where index = 1", 512)]
    [InlineData("update ledger.tile set root = sha256('') where index = 4", 1280)]
    [InlineData("delete from ledger.tile where index = 2", 768)]
    [InlineData("insert into ledger.tile values (1, 5, '\\x00')", null)]
    [InlineData("update ledger.seal set signature = set_byte(signature, 9, get_byte(signature, 9) # 1) "
        + "where size = 700", 700)]
    [InlineData("update ledger.seal set signature = set_byte(signature, 0, get_byte(signature, 0) # 1) "
        + "where size = 700", 700)]
    [InlineData("update ledger.seal set signature = '\\x00' where size = 700", 700)]
    [InlineData("update ledger.signing_key set public_key = sha256('')", null)]
    [InlineData("update ledger.signing_key set id = '\\x00000000'", null)]
    [InlineData("update ledger.log set origin = 'other'", 601)]
    public async Task The_first_row_that_differs_is_named_whoever_reads_it(string tampering, int? position)
    {
        await using var copy = await TamperedCopy.Of(proven.Database);
        await copy.Tamper(tampering);
        await using var store = new EventStore(copy.Source);

        var found = await store.Verify(new VerifyOptions { Workers = 3, StretchEvents = 256 }, null, None);

        found.First.ShouldNotBeNull();
        found.First.Position.ShouldBe(position, found.First.ToString());
    }

    [Fact]
    public async Task Goes_on_from_the_last_root_before_a_position()
    {
        await using var copy = await TamperedCopy.Of(proven.Database);
        await copy.Tamper("update events.mt_events set user_name = 'x' where seq_id = 300");
        await using var store = new EventStore(copy.Source);

        var later = await store.Verify(new VerifyOptions { Since = 650, Key = proven.Key }, null, None);
        later.First.ShouldBeNull();
        later.From!.Size.ShouldBe(601, "what is before is taken at the word of its signed root");
        (later.Events, later.Roots).ShouldBe((1_300, 2));
        (await store.Verify(new VerifyOptions { Since = 299 }, null, None)).First!.Position.ShouldBe(300);
        (await store.Verify(new VerifyOptions { Since = 1_300 }, null, None)).First.ShouldBeNull();
        (await store.Verify(new VerifyOptions { Since = 600, Key = proven.Key }, null, None)).First!.What
            .ShouldContain("not signed with the key given");

        await copy.Tamper("update ledger.tile set root = sha256('') where index = 0");
        (await store.Verify(new VerifyOptions { Since = 650 }, null, None)).First!.What
            .ShouldContain("hashes kept");
    }

    [Fact]
    public async Task Goes_on_from_where_it_was_stopped()
    {
        await using var store = proven.Store();
        var reached = new Reached();
        await store.Verify(new VerifyOptions { StretchEvents = 256, Reached = reached }, null, None);

        var resumed = await store.Verify(
            new VerifyOptions { From = reached.Roots[1], StretchEvents = 256 }, null, None);

        (resumed.First, resumed.From!.Size, resumed.Events).ShouldBe((null, 512L, 1_300L));
        var wrong = reached.Roots[1] with { Root = new byte[32] };
        (await store.Verify(new VerifyOptions { From = wrong }, null, None)).First.ShouldNotBeNull();
    }

    [Fact]
    public async Task Roots_kept_outside_must_all_be_there()
    {
        await using var store = proven.Store();
        var origin = await store.Origin(None);
        async Task<SignedNote> Root(long size) =>
            SignedNote.Of(new(origin, size, (await store.Root(size, None))!.Value), null);
        async Task<Difference?> Against(long since, params SignedNote[] roots) =>
            (await store.Verify(new VerifyOptions { Against = roots, Since = since }, null, None)).First;

        (await Against(0, await Root(0), await Root(1), await Root(500), await Root(1_300))).ShouldBeNull();
        (await Against(700, await Root(1), await Root(699), await Root(700), await Root(1_000))).ShouldBeNull();
        foreach (var since in new[] { 0, 1_300 })
        {
            var other = SignedNote.Of(new(origin, 640, new byte[32]), null);
            (await Against(since, await Root(1), other))!.What.ShouldContain("640 events");
            (await Against(since, await Root(640), other))!.What.ShouldContain("rewritten");
        }

        var longer = SignedNote.Of(new(origin, 1_301, new byte[32]), null);
        (await Against(0, longer))!.What
            .ShouldContain("The root of 1301 events was written outside, this log has 1300");
        (await Against(0, SignedNote.Of(new("another", 1, new byte[32]), null)))!.What.ShouldContain("another log");
    }

    [Fact]
    public async Task Under_a_key_its_signatures_never_cease()
    {
        await using var copy = await TamperedCopy.Of(proven.Database);
        await using var store = new EventStore(copy.Source);
        var options = new VerifyOptions { Key = proven.Key };
        (await store.Verify(options, null, None)).First.ShouldBeNull("it was unsigned before it had a key");

        await copy.Tamper("update ledger.seal set signature = null where size = 700");
        (await store.Verify(options, null, None)).First!.Position.ShouldBe(700);
        (await store.Verify(new VerifyOptions(), null, None)).First.ShouldBeNull("nobody was asked to sign");
        await copy.Tamper("update ledger.seal set signature = null");
        (await store.Verify(options, null, None)).First!.Position.ShouldBe(1_300);
    }

    [Fact]
    public async Task Finds_keys_that_lie_elsewhere_in_their_table()
    {
        await using var copy = await TamperedCopy.Of(proven.Database);
        await copy.Tamper("""
            create temp table k as select * from ledger.key order by key;
            delete from ledger.key; insert into ledger.key select * from k
            """);
        await using var store = new EventStore(copy.Source);

        (await store.Verify(new VerifyOptions { StretchEvents = 256 }, null, None)).First.ShouldBeNull();
    }

    private sealed class Reached : IProgress<Checkpoint>
    {
        public List<Checkpoint> Roots { get; } = [];

        public void Report(Checkpoint value) => Roots.Add(value);
    }
}
