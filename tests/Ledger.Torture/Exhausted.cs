using System.Diagnostics;
using Ledger.Store;
using Ledger.Store.Local;
using Ledger.Testing;
using Npgsql;

namespace Ledger.Torture;

/// <summary>PostgreSQL has no connection left, and no memory; the server has little of its own.</summary>
internal static class Exhausted
{
    private const int ConnectionsMax = 30;
    private const int Clients = 6;

    public static readonly Scenario Scenario = new(
        "exhausted", "no connection left, no memory for PostgreSQL, little for the server: 503 and recovery by itself",
        Trials: 12, Few: 1, Hurt);

    private static async Task Hurt(Run run, CancellationToken cancellationToken)
    {
        await using var folder = new TemporaryFolder();
        var settings = new Dictionary<string, string>(TestServer.Small, StringComparer.Ordinal)
        {
            ["max_connections"] = $"{ConnectionsMax}", ["superuser_reserved_connections"] = "0",
        };
        await using var postgres = await LocalPostgres.Start(folder.Path, settings, null, cancellationToken);
        await Migrations.Apply(postgres.ConnectionString, cancellationToken);
        await using var source = NpgsqlDataSource.Create(postgres.ConnectionString);
        var books = new Books(run);
        await using (var server = LedgerProcess.Serve(postgres.ConnectionString))
        {
            using var door = new Door(await server.Listening(cancellationToken));
            while (run.Next())
            {
                await NoConnection(run, books, postgres, door, cancellationToken);
                await NoMemory(run, books, folder, source, door, cancellationToken);
            }

            source.Clear();
            await books.Check(source, cancellationToken);
            if (await server.Stop() is not 0 and var code)
                run.Anomaly($"the server ended with {code} and says: {server.Said}");
        }

        await LittleMemory(run, books, postgres.ConnectionString, cancellationToken);
        await books.Check(source, cancellationToken);
    }

    /// <summary>Somebody takes every connection there is and keeps them; those of the server are closed under it, so
    /// that it has to come back for new ones.</summary>
    private static async Task NoConnection(
        Run run, Books books, LocalPostgres postgres, Door door, CancellationToken cancellationToken)
    {
        var unpooled = new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { Pooling = false };
        var hogs = new List<NpgsqlConnection>();
        var traffic = new Traffic(run, books, $"x{run.Trial}");
        using var stop = new CancellationTokenSource();
        var sending = traffic.Start(Clients, _ => door, stop.Token, cancellationToken);
        await traffic.Beyond(30, TimeSpan.FromMinutes(1), cancellationToken);
        try
        {
            for (var refused = 0; refused < 40;)
            {
                try
                {
                    var hog = new NpgsqlConnection(unpooled.ConnectionString);
                    hogs.Add(hog);
                    await hog.OpenAsync(cancellationToken);
                }
                catch (NpgsqlException)
                {
                    refused++;
                    await using var close = new NpgsqlCommand(
                        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ledger'",
                        hogs[0]);
                    await close.ExecuteNonQueryAsync(cancellationToken);
                }
            }

            run.Fault();
            var before = traffic.Refusals;
            for (var began = Stopwatch.GetTimestamp(); traffic.Refusals == before;)
            {
                if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromMinutes(1))
                {
                    run.Anomaly("a minute without a connection, and nobody was told 503");
                    break;
                }

                await Task.Delay(10, cancellationToken);
            }
        }
        finally
        {
            foreach (var hog in hogs)
                await hog.DisposeAsync();
        }

        await Recovers(run, traffic, "the connections came back", cancellationToken);
        await stop.CancelAsync();
        await sending;
        run.Note($"trial {run.Trial}: without a connection {traffic.Refusals} requests were answered 503");
    }

    /// <summary>The address space of PostgreSQL's processes is bounded for a while.</summary>
    private static async Task NoMemory(
        Run run, Books books, TemporaryFolder folder, NpgsqlDataSource source, Door door,
        CancellationToken cancellationToken)
    {
        var traffic = new Traffic(run, books, $"y{run.Trial}") { NoteLength = 60_000 };
        using var stop = new CancellationTokenSource();
        source.Clear();
        var sending = traffic.Start(Clients, _ => door, stop.Token, cancellationToken);
        await traffic.Beyond(10, TimeSpan.FromMinutes(1), cancellationToken);
        // A little above what they have: large parameters find no room, small work does.
        var postmaster = PrivateServer.Postmaster(folder.Path);
        var limited = await Limits.Set(postmaster, "as", headroom: 128 << 10, cancellationToken);
        run.Fault(limited);
        await Task.Delay(run.Dice("memory", run.Trial).Next(300, 1_500), cancellationToken);
        await Limits.Set(postmaster, "as", headroom: null, cancellationToken);
        await Recovers(run, traffic, "PostgreSQL had memory again", cancellationToken);
        await stop.CancelAsync();
        await sending;
        var log = await File.ReadAllTextAsync(Path.Combine(folder.Path, "server.log"), cancellationToken);
        var refused = log.Split("out of memory").Length - 1;
        run.Note($"trial {run.Trial}: PostgreSQL refused memory {refused} times so far; {traffic.Refusals} requests "
            + "were answered 503, the others were tried again in time");
        if (limited == 0 || refused == 0)
            run.Skip("PostgreSQL could not be made to run out of memory here");
    }

    /// <summary>A server with a small heap is sent large bodies by many at once: it may refuse, it may even end; what
    /// it acknowledged is there.</summary>
    private static async Task LittleMemory(
        Run run, Books books, string database, CancellationToken cancellationToken)
    {
        await using var server = LedgerProcess.Serve(database, ("DOTNET_GCHeapHardLimit", "0x6000000"));
        using var door = new Door(await server.Listening(cancellationToken));
        var large = Enumerable.Range(0, 8).Select(async nth =>
        {
            for (var n = 0; n < Math.Min(3, run.Trials); n++)
            {
                var ids = Enumerable.Range(0, 12).Select(i => $"large-{run.Trial}-{nth}-{n}-{i}").ToList();
                foreach (var id in ids)
                    books.Offer(id);
                var note = new string((char)('a' + nth), 800_000);
                var answer = await door.Post(
                    $"[{string.Join(',', ids.Select(id => Sample.Time(id, note: note)))}]", Door.Json,
                    cancellationToken);
                run.Fault();
                if (answer is { Status: 200 })
                    foreach (var item in answer.Items)
                        books.Take(item);
                else if (answer is { Status: not (503 or 413 or 429) })
                    run.Anomaly($"a server with little memory answers {answer.Status} {answer.Text}");
            }
        });
        await Task.WhenAll(large);
        if (server.HasEnded)
        {
            run.Anomaly($"a server with little memory ended: {server.Said}");
            return;
        }

        books.Offer("after-large");
        var after = await door.Post(Sample.Time("after-large"), Door.Json, cancellationToken);
        if (after is { Status: 201 })
            books.Take(after.Json);
        else
            run.Anomaly($"after large bodies a small one is answered with {after?.Text ?? "nothing"}");
    }

    private static async Task Recovers(Run run, Traffic traffic, string what, CancellationToken cancellationToken)
    {
        var (began, before) = (Stopwatch.GetTimestamp(), traffic.Acknowledged);
        if (await traffic.Beyond(before + (Clients * 30), TimeSpan.FromMinutes(2), cancellationToken))
            run.Took($"appending again after {what}", Stopwatch.GetElapsedTime(began));
        else
            run.Anomaly($"nothing is appended two minutes after {what}");
    }
}
