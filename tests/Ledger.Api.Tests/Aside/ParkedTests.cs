using System.Text;
using Ledger.Domain;
using Ledger.Store;
using Ledger.Testing;

namespace Ledger.Api.Tests.Aside;

/// <summary>Events that came before their types were known, and what an upgrade makes of them. A ledger that knows
/// less of the catalogue stands for the older one.</summary>
public sealed class ParkedTests : IAsyncLifetime
{
    private static readonly Vocabulary Older =
        new(EventCatalog.All.Where(definition => definition.Name is not ("time_entry_recorded" or "client_stated")));

    private TestDatabase? _database;

    public async Task InitializeAsync() => _database = await TestDatabase.Create(CancellationToken.None);

    [Fact]
    public async Task Are_appended_in_the_order_they_were_parked_in_once_their_type_is_known()
    {
        string[] events = [.. Enumerable.Range(0, 250).Select(n => Sample.Time($"parked-{n}", $"r{n % 9}"))];
        await using (var older = await Open(Older))
            (await Take(older, events)).ShouldAllBe(answer => answer.Verdict == "parked");

        await using var newer = await Open(Vocabulary.Whole);
        (await Apply(newer, dryRun: true)).ShouldBe(new Unparked(250, 0, 0));
        (await newer.Store.Position(CancellationToken.None)).ShouldBe(0, "a dry run stores nothing");
        (await Apply(newer)).ShouldBe(new Unparked(250, 0, 0));
        (await Apply(newer)).ShouldBe(new Unparked(0, 0, 0));

        var stored = await newer.Store.ReadAll(0, CancellationToken.None).Select(e => e.Id)
            .ToListAsync(CancellationToken.None);
        stored.ShouldBe(Enumerable.Range(0, 250).Select(n => $"parked-{n}"));
        (await newer.Store.ParkedTypes(CancellationToken.None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Answer_a_resend_as_a_duplicate_after_the_upgrade_however_they_spelt_their_numbers()
    {
        // The older ledger hashed the numbers as they came, the newer one as it understands them.
        var spelt = Sample.Time("spelt", minutes: "+90.0");
        await using (var older = await Open(Older))
            (await Take(older, spelt)).Single().Verdict.ShouldBe("parked");
        await using var newer = await Open(Vocabulary.Whole);
        await Apply(newer);
        foreach (var resent in new[] { spelt, Sample.Time("spelt"), Sample.Time("spelt", minutes: "90.00") })
            (await Take(newer, resent)).Single().Verdict.ShouldBe("duplicate");
        (await Take(newer, Sample.Time("spelt", minutes: "91"))).Single().Verdict.ShouldBe("conflict");
    }

    [Fact]
    public async Task Are_applied_by_a_resend_that_comes_before_anything_else_did_it()
    {
        await using var older = await Open(Older);
        await using var newer = await Open(Vocabulary.Whole);
        foreach (var atomic in new[] { false, true })
        {
            var (spelt, other) = (Sample.Time($"early-{atomic}", minutes: "+90.0"), Sample.Time($"other-{atomic}"));
            await Take(older, spelt);
            var answers = await newer.Intake.Take(
                [newer.Intake.Read(Bytes(spelt), null), newer.Intake.Read(Bytes(other), null)], 0, atomic,
                CancellationToken.None);
            answers.Select(answer => answer.Verdict).ShouldBe(["duplicate", "appended"]);
        }

        (await newer.Store.Conflicts(0, 10, null, CancellationToken.None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Become_rejects_where_they_prove_wrong_and_their_keys_are_free_again()
    {
        await using (var older = await Open(Older))
            await Take(
                older, Sample.Time("good"), Sample.Time("wrong", minutes: "ninety"),
                Sample.Time("late", "good", more: "\"expectedVersion\":5,"),
                Sample.Time("in-time", "good", more: "\"expectedVersion\":1,"));
        await using var newer = await Open(Vocabulary.Whole);
        (await Apply(newer)).ShouldBe(new Unparked(2, 0, 2));

        var rejects = await newer.Store.Rejects(0, 10, null, false, CancellationToken.None);
        rejects.Select(reject => reject.Id).ShouldBe(["wrong", "late"], ignoreOrder: true);
        rejects.Single(reject => reject.Id == "wrong").Problems.ShouldContain("/data/quantity/value");
        rejects.Single(reject => reject.Id == "late").Problems.ShouldContain("version-conflict");
        (await Take(newer, Sample.Time("wrong"), Sample.Time("late", "good"))).Select(answer => answer.Verdict)
            .ShouldBe(["appended", "appended"]);
        (await newer.Store.Rejects(0, 10, null, false, CancellationToken.None)).ShouldBeEmpty("both are settled now");
    }

    [Fact]
    public async Task Leave_out_a_snapshot_that_says_nothing_new()
    {
        await using (var older = await Open(Older))
            await Take(
                older, Sample.ClientStated("first", "c", "Acme"), Sample.ClientStated("second", "c", "Acme"),
                Sample.ClientStated("third", "c", "Acme Ltd"));
        await using var newer = await Open(Vocabulary.Whole);
        (await Apply(newer)).ShouldBe(new Unparked(2, 1, 0));
    }

    [Fact]
    public async Task Are_applied_once_by_two_processes_at_once_while_their_sender_sends_again()
    {
        string[] events = [.. Enumerable.Range(0, 300).Select(n => Sample.Time($"both-{n}", $"r{n % 7}", "+9.0"))];
        await using (var older = await Open(Older))
            await Take(older, events);

        await using var one = await Open(Vocabulary.Whole);
        await using var two = await Open(Vocabulary.Whole);
        var applied = Task.WhenAll(Apply(one), Apply(two));
        var resent = await Task.WhenAll(Take(one, events), Take(two, [.. events.Reverse()]));
        var done = await applied;

        resent.SelectMany(answers => answers).ShouldAllBe(answer => answer.Verdict == "duplicate");
        done.Sum(each => each.Rejected).ShouldBe(0);
        var ids = await one.Store.ReadAll(0, CancellationToken.None).Select(e => e.Id)
            .ToListAsync(CancellationToken.None);
        ids.Count.ShouldBe(300);
        ids.ShouldBeUnique();
        (await one.Store.ParkedTypes(CancellationToken.None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Are_applied_by_a_server_when_it_starts()
    {
        await using (var older = await Open(Older))
            await Take(older, Sample.Time("served"));
        await using var newer = await Open(Vocabulary.Whole);
        await using var app = Server.Build(newer, ["http://127.0.0.1:0"]);
        await Server.Start(app, CancellationToken.None);

        (await newer.Store.WaitBeyond(0, CancellationToken.None)).ShouldBe(1);
        await app.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Are_listed_and_applied_from_the_command_line()
    {
        await using (var older = await Open(Older))
            await Take(older, Sample.Time("listed"), Sample.Time("unheard", type: "time_entry_teleported"));
        string[] at = ["--database", _database!.ConnectionString];

        var listed = await Running.ToEnd(["parked", "list", .. at]);
        listed.Lines.Length.ShouldBe(2, listed.Output + listed.Errors);
        listed.Lines.Single(line => line.Contains("time_entry_recorded", StringComparison.Ordinal))
            .ShouldContain("known now");
        (await Running.ToEnd(["parked", "apply", "--dry-run", .. at])).Output.ShouldStartWith("parked: 1 would be appended");
        (await Running.ToEnd(["migrate", .. at])).Output.ShouldContain("1 appended, 0 unchanged, 0 rejected");
        (await Running.ToEnd(["parked", "apply", .. at])).Output.ShouldStartWith("no parked event");
        (await Running.ToEnd(["parked", "list", .. at])).Lines.Length.ShouldBe(1);
    }

    public async Task DisposeAsync() => await _database!.DisposeAsync();

    private Task<OpenLedger> Open(Vocabulary vocabulary) => OpenLedger.Open(
        new(_database!.ConnectionString, null), false, _ => { }, vocabulary, CancellationToken.None);

    private static Task<Unparked> Apply(OpenLedger ledger, bool dryRun = false) =>
        ledger.Intake.Parked.Apply(dryRun, _ => { }, CancellationToken.None);

    private static Task<ItemAnswer[]> Take(OpenLedger ledger, params string[] events) => ledger.Intake.Take(
        [.. events.Select(body => ledger.Intake.Read(Bytes(body), null))], 0, atomic: false, CancellationToken.None);

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
