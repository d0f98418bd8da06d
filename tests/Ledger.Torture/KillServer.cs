using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Ledger.Testing;
using Npgsql;

namespace Ledger.Torture;

/// <summary>The server process is killed while clients append to it, and started again.</summary>
internal static class KillServer
{
    private const int Clients = 8;

    public static readonly Scenario Scenario = new(
        "kill-server", "kill -9 of 'ledger serve' under concurrent clients, again and again on one database",
        Trials: 50, Few: 3, Hurt);

    private static async Task Hurt(Run run, CancellationToken cancellationToken)
    {
        await using var database = await TestDatabase.Create(cancellationToken);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        var (books, bodies) = (new Books(run), new ConcurrentDictionary<string, string>());
        while (run.Next())
        {
            var dice = run.Dice("kill", run.Trial);
            await using var server = LedgerProcess.Serve(database.ConnectionString);
            var address = await server.Listening(cancellationToken);
            using var door = new Door(address);
            await First(run, books, bodies, door, server, cancellationToken);
            await Settle(run, books, bodies, door, cancellationToken);
            await AreReceiptsThere(run, books, door, dice, cancellationToken);
            await books.Check(source, cancellationToken);

            var sending = Enumerable.Range(0, Clients)
                .Select(client => Send(run, client, books, bodies, door, cancellationToken)).ToList();
            await Task.Delay(dice.Next(30, 500), cancellationToken);
            await server.Kill();
            run.Fault();
            await Task.WhenAll(sending);
        }

        await using (var server = LedgerProcess.Serve(database.ConnectionString))
        {
            using var door = new Door(await server.Listening(cancellationToken));
            await Settle(run, books, bodies, door, cancellationToken);
        }

        await books.Check(source, cancellationToken);
        run.Note($"{books.Acknowledged} events acknowledged");
    }

    /// <summary>How long from the start of the process to its first acknowledgement.</summary>
    private static async Task First(
        Run run, Books books, ConcurrentDictionary<string, string> bodies, Door door, LedgerProcess server,
        CancellationToken cancellationToken)
    {
        var id = $"first-{run.Trial}";
        books.Offer(id);
        bodies[id] = Sample.Time(id);
        if (await door.Post(bodies[id], Door.Json, cancellationToken) is { Status: 201 } answer)
            books.Take(answer.Json);
        else
            run.Anomaly($"trial {run.Trial}: a server that listens did not take an event");
        run.Took("first acknowledgement after the process start", Stopwatch.GetElapsedTime(server.Started));
    }

    /// <summary>Sends until nobody answers any more.</summary>
    private static async Task Send(
        Run run, int client, Books books, ConcurrentDictionary<string, string> bodies, Door door,
        CancellationToken cancellationToken)
    {
        var dice = run.Dice($"client {client}", run.Trial);
        for (var n = 0; ; n++)
        {
            var ids = Enumerable.Range(0, dice.Next(3) == 0 ? dice.Next(2, 30) : 1)
                .Select(i => string.Create(CultureInfo.InvariantCulture, $"k-{run.Trial}-{client}-{n}-{i}")).ToArray();
            foreach (var id in ids)
            {
                bodies[id] = Sample.Time(id, $"shared-{dice.Next(20)}", minutes: dice.Next(1, 480));
                books.Offer(id);
            }

            var documents = ids.Select(id => bodies[id]).ToArray();
            var answer = await (ids.Length == 1 ? door.Post(documents[0], Door.Json, cancellationToken)
                : dice.Next(2) == 0 ? door.Post($"[{string.Join(',', documents)}]", Door.Json, cancellationToken)
                : door.Post(string.Join('\n', documents), Door.Lines, cancellationToken));
            if (answer is null)
                return;
            Take(run, books, answer, ids.Length);
        }
    }

    /// <summary>What got no answer is sent again, by its key.</summary>
    private static async Task Settle(
        Run run, Books books, ConcurrentDictionary<string, string> bodies, Door door,
        CancellationToken cancellationToken)
    {
        foreach (var ids in books.Open.Chunk(500))
            if (await door.Post($"[{string.Join(',', ids.Select(id => bodies[id]))}]", Door.Json, cancellationToken)
                is { Status: 200 } answer)
                Take(run, books, answer, ids.Length);
        if (books.Open.Count > 0)
            run.Anomaly($"{books.Open.Count} events were not taken when sent again");
    }

    private static void Take(Run run, Books books, Answer answer, int expected)
    {
        var items = answer.Items;
        if (items.Count != expected)
            run.Anomaly($"{expected} events were answered with {items.Count} verdicts ({answer.Status} {answer.Text})");
        foreach (var item in items)
            if (books.Take(item) is not ("appended" or "duplicate"))
                run.Anomaly($"a good event was answered with {item}");
    }

    private static async Task AreReceiptsThere(
        Run run, Books books, Door door, Random dice, CancellationToken cancellationToken)
    {
        var all = books.All.ToArray();
        for (var i = 0; i < Math.Min(20, all.Length); i++)
        {
            var ack = all[dice.Next(all.Length)];
            var answer = await door.Get($"/v1/receipts/{ack.Source}/{ack.Id}", cancellationToken);
            if (answer is not { Status: 200 } || Ack.Of(answer.Json) != ack)
                run.Lost($"the receipt of {ack} is {answer?.Text ?? "not answered"}");
        }
    }
}
