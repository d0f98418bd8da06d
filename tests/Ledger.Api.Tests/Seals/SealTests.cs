using System.Text.Json;
using Ledger.Store;
using Ledger.Testing;

namespace Ledger.Api.Tests.Seals;

/// <summary>One private ledger, written and read by the program as people run it.</summary>
public sealed class SealTests
{
    private const string Answered = "?proof=true";

    [Fact]
    public async Task A_receipt_root_and_key_that_were_carried_away_hold_the_ledger_to_its_word()
    {
        await using var folder = new TemporaryFolder();
        await using var desk = new TemporaryFolder();
        Directory.CreateDirectory(desk.Path);
        var (data, roots) = (folder.Path, Path.Combine(desk.Path, "roots.txt"));
        var (sent, receipt) = (Path.Combine(desk.Path, "event.json"), Path.Combine(desk.Path, "receipt.json"));
        await File.WriteAllTextAsync(sent, Sample.Time("carried"));
        await Good(["append", sent, "--data", data]);
        var key = Path.Combine(desk.Path, "public-key.pem");
        await File.WriteAllTextAsync(key, (await Good(["key", "show", "--data", data])).Output);

        await using (var server = Running.Start(
            ["serve", "--data", data, "--urls", "http://127.0.0.1:0", "--roots", roots, "--roots-every", "1s"]))
        {
            var address = new Uri((await server.Says("Listening at ")).Split(' ')[2].TrimEnd(';'));
            using var client = new HttpClient { BaseAddress = address };
            await File.WriteAllTextAsync(
                receipt, await client.GetStringAsync(new Uri("/v1/receipts/psa/carried" + Answered, UriKind.Relative)));
            while (!File.Exists(roots))
                await Task.Delay(50);
            await server.Stop();
        }

        // Nothing of the ledger is needed from here on.
        var held = await Good(["verify-receipt", receipt, "--key", key, "--event", sent]);
        held.Output.ShouldContain("Event carried of psa is in the log at position 1 exactly as the receipt says");
        await Refuses("says something else", ["verify-receipt", receipt, "--key", key, "--event",
            await Beside(sent, Sample.Time("carried", minutes: "91"))]);
        var other = (await File.ReadAllTextAsync(receipt)).Replace("time/psa:carried", "time/psa:other");
        await Refuses("stream", ["verify-receipt", await Beside(receipt, other), "--key", key]);
        SignedNote.ParseAll(await File.ReadAllTextAsync(roots)).ShouldHaveSingleItem().Checkpoint.Size.ShouldBe(1);

        await Rotates(data, key, receipt, roots);
    }

    private static async Task Rotates(string data, string oldKey, string receipt, string roots)
    {
        var made = await Good(["key", "rotate", "--data", data]);
        made.Output.ShouldContain("PUBLIC KEY");
        (await Good(["key", "show", "--data", data])).Output.Trim().ShouldBe(made.Output.Trim());
        (await Good(["key", "show", "--all", "--data", data])).Output.ShouldContain("vouched for it");
        await Good(["append", "-", "--data", data], Sample.Time("after-rotation"));
        await Good(["root", "--out", roots, "--data", data]);

        var notes = SignedNote.ParseAll(await File.ReadAllTextAsync(roots));
        notes.Select(note => note.Checkpoint.Size).ShouldBe([1, 2]);
        using var newer = RootKey.Parse(made.Output);
        (notes[0].IsSignedBy(newer), notes[1].IsSignedBy(newer)).ShouldBe((false, true));
        await Good(["verify-receipt", receipt, "--key", oldKey]);
        await Refuses("key show --all", ["verify-receipt", receipt, "--key", made.Output]);
        await Verifies(data, roots, oldKey, made.Output);
    }

    private static async Task Verifies(string data, string roots, string oldKey, string newKey)
    {
        foreach (var key in new[] { oldKey, newKey })
            (await Good(["verify", "--log-only", "--against", roots, "--key", key, "--data", data])).Output
                .ShouldContain("signed, 2 kept outside");
        (await Good(["verify", "--log-only", "--since", "1", "--workers", "2", "--data", data])).Output
            .ShouldContain("2 events as sealed from the root of 1 events on");

        var progress = roots + ".progress";
        var first = SignedNote.ParseAll(await File.ReadAllTextAsync(roots))[0].Checkpoint;
        await File.WriteAllTextAsync(progress, first.Text);
        (await Good(["verify", "--log-only", "--resume", progress, "--data", data])).Output
            .ShouldContain("from the root of 1 events on");
        File.Exists(progress).ShouldBeFalse("it came to the end");
        await File.WriteAllTextAsync(progress, (first with { Root = new byte[32] }).Text);
        await Refuses("hashes kept", ["verify", "--log-only", "--resume", progress, "--data", data]);

        // As on a ledger that was restored from before the last root.
        var later = SignedNote.Parse((await Good(["root", "--data", data])).Output);
        var grown = later.ToString().Replace("\n2\n", "\n3\n");
        await File.WriteAllTextAsync(roots, grown);
        await Refuses("this log has 2: an old backup", ["verify", "--log-only", "--against", roots, "--data", data]);
        var refused = await Running.ToEnd(["root", "--out", roots, "--data", data]);
        (refused.ExitCode, refused.Errors.Contains("an old backup")).ShouldBe((1, true), refused.Errors);
        (await File.ReadAllTextAsync(roots)).ShouldBe(grown, "nothing is written over what contradicts the log");
    }

    private static async Task<Ran> Good(string[] arguments, string input = "")
    {
        var ran = await Running.ToEnd(arguments, input);
        ran.ExitCode.ShouldBe(0, ran.Errors + ran.Output);
        return ran;
    }

    private static async Task Refuses(string sentence, string[] arguments)
    {
        var ran = await Running.ToEnd(arguments);
        (ran.ExitCode, ran.Lines.Length).ShouldBe((1, 1), ran.Errors);
        ran.Output.ShouldContain(sentence);
    }

    private static async Task<string> Beside(string file, string text)
    {
        await File.WriteAllTextAsync(file + ".other", text);
        return file + ".other";
    }
}

public sealed class LogRouteTests(Door door) : IClassFixture<Door>, IAsyncLifetime
{
    public async Task InitializeAsync()
    {
        if (await door.Ledger.Store.Position(default) == 0)
            (await door.Post($"[{string.Join(',', Enumerable.Range(1, 9).Select(n => Sample.Time($"log-{n}")))}]"))
                .Status.ShouldBe(200);
    }

    [Fact]
    public async Task Proofs_over_HTTP_check_by_themselves()
    {
        var inclusion = (await door.Get("/v1/log/inclusion?position=3&size=7")).Json;
        MerkleProof.Includes(
                Hash(inclusion, "leaf").Span, inclusion.GetProperty("index").GetInt64(), 7, Hashes(inclusion),
                Hash(inclusion, "root").Span)
            .ShouldBeTrue();
        var consistency = (await door.Get("/v1/log/consistency?from=3&to=9")).Json;
        MerkleProof.Extends(
                3, Hash(consistency, "fromRoot").Span, 9, Hash(consistency, "toRoot").Span, Hashes(consistency))
            .ShouldBeTrue();
        (await door.Get("/v1/log/inclusion?position=3")).Json.GetProperty("size").GetInt64()
            .ShouldBe(await door.Ledger.Store.Position(default));
        (await door.Get("/v1/log/keys")).Json.GetProperty("origin").GetString().ShouldStartWith("proserv-ledger/");
    }

    [Theory]
    [InlineData("/v1/log/inclusion")]
    [InlineData("/v1/log/inclusion?position=0")]
    [InlineData("/v1/log/inclusion?position=4&size=3")]
    [InlineData("/v1/log/inclusion?position=x")]
    [InlineData("/v1/log/consistency")]
    [InlineData("/v1/log/consistency?from=0&to=3")]
    [InlineData("/v1/log/consistency?from=4&to=3")]
    [InlineData("/v1/log/checkpoint?size=-1")]
    [InlineData("/v1/receipts/psa/log-1?proof=maybe")]
    public async Task What_makes_no_sense_is_named(string path) =>
        (await door.Get(path)).ProblemType.ShouldBe("invalid-parameter");

    [Theory]
    [InlineData("/v1/log/inclusion?position=4&size=3000000")]
    [InlineData("/v1/log/consistency?from=4&to=9223372036854775807")]
    [InlineData("/v1/log/checkpoint?size=3000000")]
    [InlineData("/v1/log/checkpoint")]
    [InlineData("/v1/receipts/psa/nobody?proof=true")]
    public async Task What_there_is_not_is_not_found(string path) =>
        (await door.Get(path)).ProblemType.ShouldBe("not-found");

    [Fact]
    public async Task An_unsigned_ledger_proves_its_receipts_to_a_root_that_nobody_signed()
    {
        var proof = (await door.Get("/v1/receipts/psa/log-4?proof=true")).Json.GetProperty("proof");

        MerkleProof.Includes(
                LeafEntry.Hash(proof.GetProperty("leaf").GetBytesFromBase64()), proof.GetProperty("index").GetInt64(),
                proof.GetProperty("size").GetInt64(), Hashes(proof),
                SignedNote.Parse(proof.GetProperty("checkpoint").GetString()!).Checkpoint.Root.Span)
            .ShouldBeTrue();
        (await door.Get("/v1/receipts/psa/log-4")).Json.TryGetProperty("proof", out _).ShouldBeFalse();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    private static ReadOnlyMemory<byte> Hash(JsonElement of, string name) => of.GetProperty(name).GetBytesFromBase64();

    private static List<ReadOnlyMemory<byte>> Hashes(JsonElement of) =>
        [.. of.GetProperty("hashes").EnumerateArray().Select(h => (ReadOnlyMemory<byte>)h.GetBytesFromBase64())];
}
