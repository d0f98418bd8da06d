using System.Collections.Concurrent;
using System.Diagnostics;
using Ledger.Testing;
using Npgsql;

namespace Ledger.Torture;

/// <summary>Everything is killed at once: the server and every process of its private PostgreSQL.</summary>
internal static class PowerCut
{
    private const int Clients = 8;

    public static readonly Scenario Scenario = new(
        "power-cut", "the server and its whole private PostgreSQL killed at one moment, and started again",
        Trials: 30, Few: 3, Hurt);

    private static async Task Hurt(Run run, CancellationToken cancellationToken)
    {
        await using var folder = new TemporaryFolder();
        var books = new Books(run);
        // Clients may still hold an old one.
        var doors = new ConcurrentStack<Door>();
        var traffic = new Traffic(run, books, "c");
        using var stop = new CancellationTokenSource();
        var sending = Task.CompletedTask;
        var server = default(LedgerProcess);
        try
        {
            while (run.Next())
            {
                server = Serve(folder);
                doors.Push(new Door(await server.Listening(cancellationToken)));
                var acknowledged = traffic.Acknowledged;
                if (run.Trial == 1)
                    sending = traffic.Start(Clients, _ => Last(doors), stop.Token, cancellationToken);
                if (!await traffic.Beyond(acknowledged, TimeSpan.FromMinutes(1), cancellationToken))
                    run.Anomaly($"nothing is appended a minute after the start; the server says: {server.Said}");
                else if (run.Trial > 1)
                    run.Took("first acknowledgement after the process start, PostgreSQL's recovery included",
                        Stopwatch.GetElapsedTime(server.Started));
                await Task.Delay(run.Dice("when", run.Trial).Next(50, 600), cancellationToken);
                await KillAll(server, folder);
                run.Fault();
                await server.DisposeAsync();
            }

            server = Serve(folder);
            doors.Push(new Door(await server.Listening(cancellationToken)));
            await stop.CancelAsync();
            await sending;
            await using (var source = NpgsqlDataSource.Create(PrivateServer.ConnectionString(folder.Path)))
                await books.Check(source, cancellationToken);
            run.Note($"{books.Acknowledged} events acknowledged");
            if (await server.Stop() is not 0 and var code)
                run.Anomaly($"the server ended with {code} and says: {server.Said}");
        }
        finally
        {
            foreach (var door in doors)
                door.Dispose();
            if (server is not null)
                await server.DisposeAsync();
        }
    }

    private static Door Last(ConcurrentStack<Door> doors) =>
        doors.TryPeek(out var door) ? door : throw new InvalidOperationException("There is no door yet.");

    private static LedgerProcess Serve(TemporaryFolder folder) =>
        LedgerProcess.Start(["serve", "--data", folder.Path, "--urls", "http://127.0.0.1:0"]);

    private static async Task KillAll(LedgerProcess server, TemporaryFolder folder)
    {
        var postmaster = PrivateServer.Postmaster(folder.Path);
        int[] all = [postmaster, .. PrivateServer.Children(postmaster)];
        var killing = server.Kill();
        foreach (var pid in all)
            PrivateServer.Kill(pid);
        await killing;
    }
}
