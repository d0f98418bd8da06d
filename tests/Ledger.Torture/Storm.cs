using Ledger.Testing;
using Npgsql;

namespace Ledger.Torture;

/// <summary>Every command is delivered a hundred times, from many connections at once.</summary>
internal static class Storm
{
    private const int Connections = 64;
    private const int Deliveries = 100;
    private const int CommandsAtOnce = 20;

    public static readonly Scenario Scenario = new(
        "storm", "each command delivered 100 times over 64 connections to two servers: one effect, identical receipts",
        Trials: 500, Few: 20, Hurt);

    private static async Task Hurt(Run run, CancellationToken cancellationToken)
    {
        await using var database = await TestDatabase.Create(cancellationToken);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var here = LedgerProcess.Serve(database.ConnectionString);
        await using var there = LedgerProcess.Serve(database.ConnectionString);
        using var near = new Door(await here.Listening(cancellationToken), Connections / 2);
        using var far = new Door(await there.Listening(cancellationToken), Connections / 2);
        var books = new Books(run);
        for (var more = true; more;)
        {
            var commands = new List<Command>();
            while (commands.Count < CommandsAtOnce && (more = run.Next()))
                commands.Add(Command.New(run, books));
            var deliveries = commands.SelectMany(command => Enumerable.Repeat(command, Deliveries)).ToArray();
            run.Dice("order", run.Trial).Shuffle(deliveries);
            await Parallel.ForEachAsync(
                deliveries.Index(), new ParallelOptions
                {
                    MaxDegreeOfParallelism = Connections,
                    CancellationToken = cancellationToken,
                },
                async (delivery, token) =>
                {
                    var (nth, command) = delivery;
                    run.Fault();
                    var answer = await (nth % 2 == 0 ? near : far).Post(command.Body, Door.Json, token);
                    if (answer is null)
                        run.Anomaly($"no answer to {command.Body}");
                    else
                        command.Take(run, books, answer);
                });
            foreach (var command in commands)
                command.Judge(run);
        }

        await books.Check(source, cancellationToken);
    }

    /// <summary>One command: an event, or several that may name a key twice.</summary>
    private sealed class Command(string body, int items)
    {
        private readonly int[] _appended = new int[items];
        private int _answers;

        public string Body => body;

        public static Command New(Run run, Books books)
        {
            var dice = run.Dice("command", run.Trial);
            var events = Enumerable.Range(0, dice.Next(4) == 0 ? 3 : 1).Select(n =>
            {
                var id = $"s-{run.Trial}-{n}";
                books.Offer(id);
                return Sample.Time(id, $"storm-{dice.Next(10)}");
            }).ToList();
            return events.Count == 1 ? new(events[0], 1) : new($"[{string.Join(',', events)},{events[0]}]", 4);
        }

        public void Take(Run run, Books books, Answer answer)
        {
            var all = answer.Items;
            if (all.Count != items)
                run.Anomaly($"{items} items were answered with {answer.Status} {answer.Text}");
            Interlocked.Increment(ref _answers);
            foreach (var (n, item) in all.Index())
            {
                // The books hold the first receipt of a key against every other.
                var verdict = books.Take(item);
                if (verdict == "appended")
                    Interlocked.Increment(ref _appended[n]);
                else if (verdict != "duplicate")
                    run.Anomaly($"a delivery was answered with {item}");
            }
        }

        public void Judge(Run run)
        {
            for (var n = 0; n < Math.Min(items, 3); n++)
                if (_appended[n] > 1)
                    run.Doubled($"item {n} of {body} was appended {_appended[n]} times");
                else if (_appended[n] == 0)
                    run.Lost($"item {n} of {body} was never appended, in {_answers} answers");
            if (items == 4 && _appended[3] != 0)
                run.Doubled($"the repeated item of {body} was appended");
        }
    }
}
