using System.Diagnostics;
using System.Globalization;
using Ledger.Testing;
using Npgsql;

namespace Ledger.Torture;

/// <summary>Processes of PostgreSQL are killed under a server that stays.</summary>
internal static class KillPostgres
{
    private const int Clients = 8;

    private const string Backends = """
        select pid from pg_stat_activity where application_name = 'ledger' and pid <> pg_backend_pid()
        """;

    private const string Others = """
        select pid from pg_stat_activity where backend_type in ('checkpointer', 'walwriter', 'background writer')
        """;

    public static readonly Scenario Scenario = new(
        "kill-postgres", "kill -9 of PostgreSQL's backends, its writers and its postmaster, under a server that stays",
        Trials: 40, Few: 4, Hurt);

    private static async Task Hurt(Run run, CancellationToken cancellationToken)
    {
        await using var folder = new TemporaryFolder();
        await using var server = LedgerProcess.Start(
            ["serve", "--data", folder.Path, "--urls", "http://127.0.0.1:0"]);
        using var door = new Door(await server.Listening(cancellationToken));
        await using var source = NpgsqlDataSource.Create(PrivateServer.ConnectionString(folder.Path));

        var books = new Books(run);
        var traffic = new Traffic(run, books, "p");
        using var stop = new CancellationTokenSource();
        var sending = traffic.Start(Clients, _ => door, stop.Token, cancellationToken);
        while (run.Next())
        {
            await traffic.Beyond(traffic.Acknowledged + 50, TimeSpan.FromMinutes(1), cancellationToken);
            await Task.Delay(run.Dice("when", run.Trial).Next(100), cancellationToken);
            var killed = await Kill(run, folder, source, cancellationToken);
            var (began, before) = (Stopwatch.GetTimestamp(), traffic.Acknowledged);
            // What was under way may still be answered; what comes after that many was not.
            if (await traffic.Beyond(before + Clients * 30, TimeSpan.FromMinutes(1), cancellationToken))
                run.Took($"appending again after {killed} was killed", Stopwatch.GetElapsedTime(began));
            else
                run.Anomaly($"nothing is appended a minute after {killed} was killed; the server says: {server.Said}");
        }

        await stop.CancelAsync();
        await sending;
        source.Clear();
        await books.Check(source, cancellationToken);
        run.Note($"{books.Acknowledged} events acknowledged, {traffic.Refusals} requests answered 503 meanwhile");
        source.Clear();
        if (await server.Stop() is not 0 and var code)
            run.Anomaly($"the server ended with {code} and says: {server.Said}");
    }

    private static async Task<string> Kill(
        Run run, TemporaryFolder folder, NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var way = run.Trial % 3;
        var killed = way == 0 ? "the postmaster" : way == 1 ? "a backend" : "a writer";
        try
        {
            int[] pids = way == 0
                ? [PrivateServer.Postmaster(folder.Path)]
                : await Pids(source, way == 1 ? Backends : Others, cancellationToken);
            var pid = pids[run.Dice("which", run.Trial).Next(pids.Length)];
            if (PrivateServer.Kill(pid))
                run.Fault();
        }
        catch (Exception error) when (error is NpgsqlException or IndexOutOfRangeException or FileNotFoundException)
        {
            run.Note($"trial {run.Trial}: {killed} had gone before it could be killed");
        }

        source.Clear();
        return killed;
    }

    private static async Task<int[]> Pids(NpgsqlDataSource source, string sql, CancellationToken cancellationToken)
    {
        var pids = new List<int>();
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            pids.Add(reader.GetInt32(0));
        return [.. pids];
    }
}

/// <summary>The private PostgreSQL of a ledger that runs in another process, reached without joining it: nobody but
/// that process starts it again.</summary>
internal static class PrivateServer
{
    public static string ConnectionString(string folder) => new NpgsqlConnectionStringBuilder
    {
        Host = Path.Combine(folder, "run"),
        Username = "ledger",
        Password = File.ReadAllText(Path.Combine(folder, "password")).Trim(),
        Database = "ledger",
    }.ConnectionString;

    /// <summary>Processes that this one started and that still run.</summary>
    public static IReadOnlyList<int> Children(int postmaster) =>
        [.. File.ReadAllText(FormattableString.Invariant($"/proc/{postmaster}/task/{postmaster}/children"))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(pid => int.Parse(pid, CultureInfo.InvariantCulture))];

    /// <summary>As <c>kill -9</c> does.</summary>
    /// <returns>False = it had gone.</returns>
    public static bool Kill(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    public static int Postmaster(string folder) => int.Parse(
        File.ReadLines(Path.Combine(folder, "cluster", "postmaster.pid")).First(), CultureInfo.InvariantCulture);
}
