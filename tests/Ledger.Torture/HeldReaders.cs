using System.Collections.Concurrent;
using System.Diagnostics;
using Ledger.Store;
using Ledger.Testing;
using Npgsql;

namespace Ledger.Torture;

/// <summary>Readers follow while transactions are held, sessions idle in one, and writers are slow.</summary>
internal static class HeldReaders
{
    private const int Writers = 10;
    private const int SlowWriters = 2;
    private const int EventsEach = 60;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>What foreign sessions do in a transaction before they dawdle, and for how long at most.</summary>
    private static readonly (string Does, string Sql, int Milliseconds)[] Holds =
    [
        ("holds the head's lock", "select from ledger.head for update", 40),
        ("has a snapshot of everything", "set transaction isolation level repeatable read; "
            + "select count(*) from events.mt_events", 400),
        ("holds a stream's row", "select from events.mt_streams where id = 'time/psa:held-0' for update", 60),
        ("has set Marten's sequence", "select nextval('events.mt_events_sequence')", 60),
        ("listens and idles in a transaction", "listen ledger; select 1", 300),
        ("holds a share of every row", "lock table events.mt_events in row exclusive mode", 200),
    ];

    public static readonly Scenario Scenario = new(
        "held-readers", "readers beside held and idle transactions and slow writers: nothing skipped, stalls reported",
        Trials: 20, Few: 1, Hurt);

    private static async Task Hurt(Run run, CancellationToken cancellationToken)
    {
        await using var database = await TestDatabase.Create(cancellationToken);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var other = NpgsqlDataSource.Create(database.ConnectionString);
        var at = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        await using var wire = Wire.ToPostgres(at.Host!, at.Port);
        (at.Host, wire.Delay) = (wire.Folder, TimeSpan.FromMilliseconds(8));
        await using var slow = NpgsqlDataSource.Create(at);
        await using var here = new EventStore(source);
        await using var there = new EventStore(other);
        await using var far = new EventStore(slow);
        var books = new Books(run);
        while (run.Next())
        {
            var start = await here.Position(cancellationToken);
            var readers = new List<Reader> { new("a follower", start), new("a follower", start), new("SQL", start) };
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var reading = new List<Task>
            {
                readers[0].Follow(here, enough.Token), readers[1].Follow(far, enough.Token),
                readers[2].Poll(other, enough.Token),
            };
            using var done = new CancellationTokenSource();
            var holding = Holds.Index().Select(hold => Hold(run, source, hold.Index, done.Token)).ToList();
            var acknowledged = new ConcurrentDictionary<long, long>();
            await Task.WhenAll(Enumerable.Range(0, Writers + SlowWriters).Select(writer => Task.Run(
                () => Write(run, books, writer >= Writers ? far : writer % 2 == 0 ? here : there, writer, acknowledged,
                    cancellationToken),
                cancellationToken)));
            await done.CancelAsync();
            await Task.WhenAll(holding);

            var end = await here.Position(cancellationToken);
            foreach (var reader in readers)
                await reader.Judge(run, start, end, acknowledged, cancellationToken);
            await enough.CancelAsync();
            await Task.WhenAll(reading);
        }

        await books.Check(source, cancellationToken);
    }

    private static async Task Write(
        Run run, Books books, EventStore store, int writer, ConcurrentDictionary<long, long> acknowledged,
        CancellationToken cancellationToken)
    {
        for (var n = 0; n < EventsEach; n++)
        {
            var id = $"h-{run.Trial}-{writer}-{n}";
            books.Offer(id);
            var began = Stopwatch.GetTimestamp();
            var verdict = await store.Append(Sample.New(id, $"time/psa:held-{n % 7}"), cancellationToken);
            if (verdict is Appended { Receipt: var receipt })
            {
                acknowledged[receipt.Position] = Stopwatch.GetTimestamp();
                books.Take(Ack.Of(receipt));
                run.Took(writer >= Writers ? "append of a slow writer" : "append", Stopwatch.GetElapsedTime(began));
            }
            else
            {
                run.Anomaly($"a good event was answered with {verdict}");
            }
        }
    }

    private static async Task Hold(Run run, NpgsqlDataSource source, int nth, CancellationToken done)
    {
        var (does, sql, milliseconds) = Holds[nth];
        var dice = run.Dice(does, run.Trial);
        while (!done.IsCancellationRequested)
        {
            await using var connection = await source.OpenConnectionAsync(CancellationToken.None);
            await using var transaction = await connection.BeginTransactionAsync(CancellationToken.None);
            await using (var command = new NpgsqlCommand(sql, connection))
                await command.ExecuteNonQueryAsync(CancellationToken.None);
            run.Fault();
            await Task.Delay(dice.Next(milliseconds), CancellationToken.None);
            await transaction.RollbackAsync(CancellationToken.None);
            await Task.Delay(dice.Next(20), CancellationToken.None);
        }
    }

    /// <summary>Takes everything beyond its checkpoint, and notes when it saw it.</summary>
    private sealed class Reader(string name, long start)
    {
        private readonly ConcurrentQueue<(long Position, long At)> _seen = new();
        private long _reached = start;

        public Task Follow(EventStore store, CancellationToken enough) => Task.Run(async () =>
        {
            try
            {
                await foreach (var stored in store.Follow(Interlocked.Read(ref _reached), enough))
                    See(stored.Position);
            }
            catch (OperationCanceledException)
            {
                // Enough.
            }
        }, CancellationToken.None);

        public Task Poll(NpgsqlDataSource source, CancellationToken enough) => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                await using var command = source.CreateCommand(
                    "select seq_id from events.mt_events where seq_id > $1 order by seq_id limit 1000");
                command.Parameters.Add(new() { Value = Interlocked.Read(ref _reached) });
                await using (var reader = await command.ExecuteReaderAsync(CancellationToken.None))
                    while (await reader.ReadAsync(CancellationToken.None))
                        See(reader.GetInt64(0));
                await Task.Delay(5, CancellationToken.None);
            }
        }, CancellationToken.None);

        public async Task Judge(
            Run run, long first, long last, ConcurrentDictionary<long, long> acknowledged,
            CancellationToken cancellationToken)
        {
            for (var began = Stopwatch.GetTimestamp(); Interlocked.Read(ref _reached) < last;)
            {
                if (Stopwatch.GetElapsedTime(began) > Patience)
                {
                    run.Lost($"{name} stands at {_reached} and not at {last}, {Patience} after the last append");
                    return;
                }

                await Task.Delay(10, cancellationToken);
            }

            var expected = first;
            foreach (var (position, at) in _seen)
            {
                if (position > ++expected)
                    run.Lost($"{name} saw {position} after {expected - 1}");
                else if (position < expected)
                    run.Doubled($"{name} saw {position} again");
                expected = position;
                if (acknowledged.TryGetValue(position, out var told))
                    run.Took($"from the acknowledgement to {name}",
                        at > told ? Stopwatch.GetElapsedTime(told, at) : TimeSpan.Zero);
            }
        }

        private void See(long position)
        {
            _seen.Enqueue((position, Stopwatch.GetTimestamp()));
            Interlocked.Exchange(ref _reached, position);
        }
    }
}
