using System.Security.Cryptography;
using Ledger.Store;
using Ledger.Testing;
using NodaTime;
using Npgsql;

namespace Ledger.Torture;

/// <summary>Somebody with every right on the database changes it; one root was kept outside.</summary>
internal static class Tamper
{
    private const int Events = 600;
    private const int KeptAt = 400;
    private const int BackupAt = 240;
    private const int FalseAlarmEvery = 8;

    public static readonly Scenario Scenario = new(
        "tamper",
        "bits, rows, order, ends and whole chains changed behind the ledger's back: found and named each time",
        Trials: 1_000, Few: 16, Hurt);

    private static async Task Hurt(Run run, CancellationToken cancellationToken)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var original = await TestDatabase.Create(cancellationToken);
        await Append(run, original.ConnectionString, 1, BackupAt, altered: 0, key, cancellationToken);
        await using var backup = await Copy.Of(original.ConnectionString, cancellationToken);
        await Append(run, original.ConnectionString, BackupAt + 1, KeptAt, altered: 0, key, cancellationToken);
        var kept = await Kept.From(original.ConnectionString, key, cancellationToken);
        await Append(run, original.ConnectionString, KeptAt + 1, Events, altered: 0, key, cancellationToken);
        await run.Untouched(original.ConnectionString, kept, cancellationToken);

        var found = new SortedDictionary<string, int>(StringComparer.Ordinal);
        while (run.Next())
        {
            var dice = run.Dice("tamper", run.Trial);
            var kind = (run.Trial % FalseAlarmEvery) switch
            {
                0 => await Nothing(run, original.ConnectionString, kept, cancellationToken),
                1 => await Recomputed(run, kept, dice, cancellationToken),
                2 => await OldBackup(run, backup.ConnectionString, kept, dice, cancellationToken),
                3 => await EveryRow(run, original.ConnectionString, dice, cancellationToken),
                _ => await Any(run, original.ConnectionString, kept, dice, cancellationToken),
            };
            found[kind] = found.GetValueOrDefault(kind) + 1;
        }

        run.Note(string.Join(", ", found.Select(each => $"{each.Key}: {each.Value}")));
    }

    /// <summary>One statement, or a few, on a copy.</summary>
    private static async Task<string> Any(
        Run run, string original, Kept kept, Random dice, CancellationToken cancellationToken)
    {
        var change = Changes.Any(dice, Events);
        await using var copy = await Copy.Of(original, cancellationToken);
        if (!await copy.Execute(change.Sql, cancellationToken))
            run.Anomaly($"the change did nothing: {change.Sql}");
        run.Fault();
        await using var store = new EventStore(copy.Source);
        var first = (await store.Verify(kept.Asked(dice), null, cancellationToken)).First;
        if (first is null)
            run.Lost($"not found: {change.Sql}");
        else if (change.Position is { } position && first.Position != position)
            run.Anomaly($"{change.Sql} is at {position}, but {first.Table} {first.Position} was named: {first.What}");
        return change.Kind;
    }

    /// <summary>No change but what a ledger itself does: no alarm.</summary>
    private static async Task<string> Nothing(
        Run run, string original, Kept kept, CancellationToken cancellationToken)
    {
        await using var copy = await Copy.Of(original, cancellationToken);
        await Append(run, copy.ConnectionString, Events + 1, Events + 30, altered: 0, kept.Key, cancellationToken);
        await run.Untouched(copy.ConnectionString, kept, cancellationToken);
        return "no false alarm";
    }

    /// <summary>The whole ledger written anew with one event different, every hash right, under the old name: only the
    /// root that was kept outside tells.</summary>
    private static async Task<string> Recomputed(
        Run run, Kept kept, Random dice, CancellationToken cancellationToken)
    {
        await using var forged = await TestDatabase.Create(cancellationToken);
        await Append(run, forged.ConnectionString, 1, Events, dice.Next(1, KeptAt + 1), null, cancellationToken);
        await using var source = NpgsqlDataSource.Create(forged.ConnectionString);
        await Rename(source, kept.Note.Checkpoint.Origin, cancellationToken);
        run.Fault();
        await using var store = new EventStore(source);
        if ((await store.Verify(null, cancellationToken)).First is { } difference)
            run.Anomaly($"a chain that was recomputed well was found wrong in itself: {difference}");
        if ((await store.Verify(new() { Against = [kept.Note] }, null, cancellationToken)).First is null)
            run.Lost("a recomputed chain was not found");
        return "recomputed chain";
    }

    /// <summary>A backup from before the root that was kept, as it is, or with other events appended since.</summary>
    private static async Task<string> OldBackup(
        Run run, string backup, Kept kept, Random dice, CancellationToken cancellationToken)
    {
        await using var restored = await Copy.Of(backup, cancellationToken);
        if (dice.Next(2) == 0)
            await Append(
                run, restored.ConnectionString, BackupAt + 1, Events, BackupAt + 1, kept.Key, cancellationToken);
        run.Fault();
        await using var store = new EventStore(restored.Source);
        if ((await store.Verify(null, cancellationToken)).First is { } difference)
            run.Anomaly($"an old backup is right in itself, but {difference}");
        if ((await store.Verify(kept.Asked(dice), null, cancellationToken)).First is null)
            run.Lost("an old backup was not found");
        return "old backup";
    }

    /// <summary>One bit of one field, in every row at once: not one row still has a proof.</summary>
    private static async Task<string> EveryRow(
        Run run, string original, Random dice, CancellationToken cancellationToken)
    {
        await using var copy = await Copy.Of(original, cancellationToken);
        var (field, set) = Changes.Fields[dice.Next(Changes.Fields.Count)];
        await copy.Execute($"update events.mt_events set {set(dice)}", cancellationToken);
        await using var store = new EventStore(copy.Source);
        for (var n = 1; n <= Events; n++)
        {
            run.Fault();
            try
            {
                if (await store.Prove("psa", Id(n), cancellationToken) is not null)
                    run.Lost($"the event at {n} still has a proof although its {field} was changed");
            }
            catch (NotAsSealedException)
            {
                // Found.
            }
        }

        return "a bit in every row";
    }

    private static string Id(int n) => $"v-{n}";

    /// <summary>Appends events n to last, in groups of every size, by a clock of their own: the same are the same to
    /// the last byte of their hashes.</summary>
    private static async Task Append(
        Run run, string connectionString, int first, int last, int altered, ECDsa? key,
        CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        var now = Instant.FromUtc(2026, 11, 2, 9, 0) + Duration.FromSeconds(first);
        using var signer = key is null
            ? null
            : await RootSigner.Open(
                source, ECDsa.Create(key.ExportParameters(true)), isFirst: first == 1, now, cancellationToken);
        await using (var store = new EventStore(source, () => now += Duration.FromMilliseconds(7), signer))
            for (var n = first; n <= last;)
            {
                var group = Enumerable.Range(n, Math.Min(1 + (n * 7 % 40), last + 1 - n)).Select(i => Sample.New(
                    Id(i), $"time/psa:v-{i % 50}",
                    $$"""{"n":{{i}},"s":"what was done","d":"{{(i == altered ? 2 : 1)}}.50"}""")
                    with
                    {
                        Actor = "ana", CorrelationId = "c-1", CausationId = "v-0",
                    }).ToList();
                var verdicts = await store.Append(group, atomic: true, cancellationToken);
                if (verdicts.Any(verdict => verdict is not Appended))
                    run.Anomaly($"events {n} and on were answered with {verdicts[0]}");
                n += group.Count;
            }

        source.Clear();
    }

    private static async Task Rename(NpgsqlDataSource source, string origin, CancellationToken cancellationToken)
    {
        await using var rename = source.CreateCommand("update ledger.log set origin = $1");
        rename.Parameters.Add(new() { Value = origin });
        await rename.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task Untouched(
        this Run run, string connectionString, Kept kept, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var store = new EventStore(source);
        foreach (var options in new[] { new VerifyOptions(), kept.Asked(run.Dice("workers", run.Trial)) })
            if ((await store.Verify(options, null, cancellationToken)).First is { } difference)
                run.Anomaly($"a false alarm: {difference}");
    }

    /// <summary>What is kept outside: a signed root from when the ledger was shorter, and the key.</summary>
    private sealed record Kept(SignedNote Note, RootKey Public, ECDsa Key)
    {
        public static async Task<Kept> From(string connectionString, ECDsa key, CancellationToken cancellationToken)
        {
            await using var source = NpgsqlDataSource.Create(connectionString);
            await using var store = new EventStore(source);
            var note = await store.Checkpoint(null, cancellationToken)
                ?? throw new InvalidOperationException("Nobody signed the ledger's roots.");
            source.Clear();
            return new(note, new RootKey(key.ExportSubjectPublicKeyInfo()), key);
        }

        public VerifyOptions Asked(Random dice) => new()
        {
            Against = [Note],
            Key = Public,
            Workers = dice.Next(1, 4),
        };
    }

    /// <summary>A copy of a database nobody is connected to.</summary>
    private sealed class Copy : IAsyncDisposable
    {
        private static int _last;

        private readonly string _name;
        private readonly string _server;

        private Copy(string name, string server, string connectionString)
        {
            (_name, _server, ConnectionString) = (name, server, connectionString);
            Source = NpgsqlDataSource.Create(connectionString);
        }

        public string ConnectionString { get; }

        public NpgsqlDataSource Source { get; }

        public static async Task<Copy> Of(string original, CancellationToken cancellationToken)
        {
            var address = new NpgsqlConnectionStringBuilder(original);
            var (from, name) = (address.Database, $"tampered_with_{Interlocked.Increment(ref _last)}");
            var server = new NpgsqlConnectionStringBuilder(original) { Database = "postgres", Pooling = false };
            await Run(
                server.ConnectionString,
                $"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{from}'", cancellationToken);
            await Run(server.ConnectionString, $"create database {name} template {from}", cancellationToken);
            address.Database = name;
            return new(name, server.ConnectionString, address.ConnectionString);
        }

        /// <summary>Past foreign keys and triggers, as a superuser can.</summary>
        /// <returns>Whether any row changed, or a function was called.</returns>
        public async Task<bool> Execute(string sql, CancellationToken cancellationToken)
        {
            await using var command = Source.CreateCommand($"set session_replication_role = replica; {sql}");
            return await command.ExecuteNonQueryAsync(cancellationToken) != 0;
        }

        public async ValueTask DisposeAsync()
        {
            await Source.DisposeAsync();
            await using var pool = new NpgsqlConnection(ConnectionString);
            NpgsqlConnection.ClearPool(pool);
            await Run(_server, $"drop database {_name} with (force)", CancellationToken.None);
        }

        private static async Task Run(string server, string sql, CancellationToken cancellationToken)
        {
            await using var connection = new NpgsqlConnection(server);
            await connection.OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
