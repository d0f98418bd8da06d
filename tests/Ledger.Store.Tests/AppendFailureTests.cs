using System.Collections.Concurrent;
using System.Diagnostics;
using Ledger.Store.Local;
using Ledger.Testing;
using Npgsql;

namespace Ledger.Store.Tests;

public class AppendFailureTests(StoreDatabase database) : IClassFixture<StoreDatabase>
{
    [Theory]
    [InlineData(Cut.BeforeRequest)]
    [InlineData(Cut.InsideRequest)]
    [InlineData(Cut.AfterRequest)]
    [InlineData(Cut.BeforeReply)]
    public async Task A_connection_cut_at_commit_leaves_one_effect(Cut cut)
    {
        await using var proxy = new CuttingProxy(database.ConnectionString);
        await using var source = NpgsqlDataSource.Create(proxy.ConnectionString);
        await using var store = database.StoreOver(source);
        var stream = $"time/psa:cut-{cut}";
        (await store.Append(Events.New(stream), None)).ShouldBeOfType<Appended>();

        for (var trial = 0; trial < 10; trial++)
        {
            var offered = Events.New(stream) with { ExpectedVersion = trial + 1 };
            proxy.Arm(request => request == 0 ? cut : null);
            var receipt = (await store.Append(offered, None)).ShouldBeOfType<Appended>().Receipt;
            (await store.Append(offered, None)).ShouldBe(new Duplicate(receipt));
            receipt.Version.ShouldBe(trial + 2);
        }

        proxy.Cuts.ShouldBe(10);
        (await store.ReadStream(stream, None).CountAsync()).ShouldBe(11);
    }

    [Fact]
    public async Task A_connection_cut_at_any_step_under_the_lock_leaves_one_effect()
    {
        await using var proxy = new CuttingProxy(database.ConnectionString);
        await using var source = NpgsqlDataSource.Create(proxy.ConnectionString);
        await using var direct = database.Store();
        foreach (var cut in Enum.GetValues<Cut>())
            for (var step = 0; step < 8; step++)
            {
                // A new store knows no head yet, so its first append goes the long way: connect, look, append.
                await using var store = database.StoreOver(source);
                var offered = Enumerable.Range(0, 3)
                    .Select(n => Events.New($"time/psa:step-{cut}-{step}-{n % 2}")).ToList();
                proxy.Arm(request => request == step ? cut : null);

                var verdicts = await store.Append(offered, atomic: step % 2 == 0, None);

                verdicts.ShouldAllBe(verdict => verdict is Appended);
                var again = await direct.Append(offered, atomic: false, None);
                again.ShouldBe(verdicts.Select(verdict => new Duplicate(((Appended)verdict).Receipt)));
            }

        proxy.Cuts.ShouldBeGreaterThanOrEqualTo(16);
        (await direct.Verify(null, None)).First.ShouldBeNull();
    }

    [Fact]
    public async Task Killed_backends_lose_and_double_nothing()
    {
        await using var here = database.Store();
        await using var there = database.Store();
        using var done = new CancellationTokenSource();
        var killing = Task.Run(async () =>
        {
            var killed = 0L;
            while (!done.IsCancellationRequested)
            {
                killed += await database.Scalar<long>("""
                    select count(pg_terminate_backend(pid)) from pg_stat_activity
                    where datname = current_database() and pid <> pg_backend_pid()
                      and (query like '%ledger.append%' or query like 'copy %')
                    """);
                await Task.Delay(15, None);
            }

            return killed;
        });

        var acknowledged = await AppendFromManyTasks(16, 30, n => n % 2 == 0 ? here : there);
        await done.CancelAsync();

        (await killing).ShouldBeGreaterThan(0);

        // Connections that were killed while idle must not be handed out to whoever comes next.
        database.Source.Clear();
        await EachIsThereOnce(here, acknowledged);
    }

    [Fact]
    public async Task A_server_restarted_in_the_middle_of_appends_has_all_it_acknowledged_once()
    {
        await using var folder = new TemporaryFolder();
        var server = await LocalPostgres.Start(folder.Path, TestServer.Small, null, None);
        await Migrations.Apply(server.ConnectionString, None);
        await using var source = NpgsqlDataSource.Create(server.ConnectionString);
        await using var store = database.StoreOver(source);

        var appending = AppendFromManyTasks(16, 100, _ => store);
        for (var crash = 0; crash < 2; crash++)
        {
            await store.WaitBeyond(200 * (crash + 1), None);
            await Crash(folder);
            await using var _ = await LocalPostgres.Start(folder.Path, TestServer.Small, null, None);
        }

        await EachIsThereOnce(store, await appending);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Says_so_when_there_is_no_database_to_answer()
    {
        var nowhere = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Host = "/tmp/no-such-server" };
        await using var source = NpgsqlDataSource.Create(nowhere.ConnectionString);
        await using var store = database.StoreOver(source);

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Should.ThrowAsync<StoreUnavailableException>(
            store.Append(Events.New("time/psa:nowhere"), None))));
        await Should.ThrowAsync<StoreUnavailableException>(store.Position(None));
        await Should.ThrowAsync<StoreUnavailableException>(store.ReadAll(0, None).CountAsync().AsTask());
    }

    /// <summary>Every task appends one event after the other and sends it again when told that the store is away.
    /// </summary>
    private static async Task<ConcurrentBag<Receipt>> AppendFromManyTasks(
        int tasks, int each, Func<int, EventStore> store)
    {
        var acknowledged = new ConcurrentBag<Receipt>();
        await Task.WhenAll(Enumerable.Range(0, tasks).Select(task => Task.Run(async () =>
        {
            for (var n = 0; n < each; n++)
            {
                var offered = Events.New($"time/psa:failing-{task}");
                for (var verdict = default(Verdict); verdict is null;)
                    try
                    {
                        verdict = await store(task).Append(offered, None);
                        acknowledged.Add(verdict switch
                        {
                            Appended appended => appended.Receipt,
                            Duplicate duplicate => duplicate.Receipt,
                            _ => throw new UnreachableException(verdict.ToString()),
                        });
                    }
                    catch (StoreUnavailableException)
                    {
                        // Sent again under its key.
                    }
            }
        })));
        return acknowledged;
    }

    private static async Task EachIsThereOnce(EventStore store, ConcurrentBag<Receipt> acknowledged)
    {
        var stored = await store.ReadAll(0, None)
            .Where(found => found.Stream.StartsWith("time/psa:failing-", default)).ToListAsync();
        stored.Count(found => acknowledged.Any(receipt => receipt.Id == found.Id)).ShouldBe(acknowledged.Count);
        foreach (var receipt in acknowledged)
            (await store.Receipt(receipt.Source, receipt.Id, None)).ShouldBe(receipt);
        (await store.Verify(null, None)).First.ShouldBeNull();
    }

    private static async Task Crash(TemporaryFolder folder)
    {
        var file = Path.Combine(folder.Path, "cluster", "postmaster.pid");
        var pid = (await File.ReadAllLinesAsync(file))[0];
        using var kill = Process.Start("kill", ["-QUIT", pid]);
        await kill.WaitForExitAsync();
        while (File.Exists(file))
            await Task.Delay(20);
    }
}

/// <summary>The same, with every group written by COPY.</summary>
public sealed class AppendFailureByCopyTests(CopyingDatabase database)
    : AppendFailureTests(database), IClassFixture<CopyingDatabase>;
