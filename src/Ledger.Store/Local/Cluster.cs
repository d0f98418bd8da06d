using System.Globalization;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Ledger.Store.Local;

/// <summary>One PostgreSQL cluster in a data folder: made, started, joined and stopped. Every member expects the
/// folder's start lock to be held.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class Cluster(DataFolder folder, PostgresBinaries binaries, Action<string>? progress)
{
    private const string Superuser = "ledger";
    private const int Port = 5432; // Only names the socket file: nothing listens on a network.

    /// <summary>Major version an existing cluster was made by; null where there is none yet.</summary>
    internal static int? MajorIn(DataFolder folder)
    {
        var file = Path.Combine(folder.Cluster, "PG_VERSION");
        return File.Exists(file)
            ? int.Parse(File.ReadAllText(file).Split('.')[0].Trim(), CultureInfo.InvariantCulture)
            : null;
    }

    /// <summary>Whether a server ended that nobody asked to: it was killed, or could not recover, as on a full disk,
    /// and gave up in good order. Needs no lock.</summary>
    internal bool HasEndedUnasked => PostmasterFile.Read(folder.Cluster) is { } left
        ? !left.IsAlive
        : !ServerLog.TellsOfRequestToStop(folder);

    /// <summary>Leaves a server running on the cluster, whatever was there before.</summary>
    /// <returns>The address to connect to, for the maintenance database.</returns>
    internal async Task<NpgsqlConnectionStringBuilder> EnsureRunning(
        IReadOnlyDictionary<string, string> settings, CancellationToken cancellation)
    {
        if (MajorIn(folder) is null)
            await Make(cancellation);
        var started = false;
        var deaf = 0;
        for (var waited = 0; ; waited++)
        {
            var postmaster = PostmasterFile.Read(folder.Cluster);
            var (state, address) = await Probe(postmaster, cancellation);
            if (state == ServerState.Answers)
                return address!;
            if (state == ServerState.Gone)
            {
                if (started)
                    throw new LocalPostgresException($"PostgreSQL on {folder.Root} ended just after it started.");
                await Start(settings, isAfterCrash: postmaster is not null, cancellation);
                started = true;
                continue;
            }

            if (state == ServerState.Deaf && ++deaf == 500)
                throw new LocalPostgresException(
                    $"PostgreSQL runs on {folder.Root} but does not answer: end the process whose id is the first line "
                    + $"of {Path.Combine(folder.Cluster, "postmaster.pid")} and try again.");
            if (waited % 250 == 249)
                progress?.Invoke("Waiting for PostgreSQL to finish starting or stopping");
            await Task.Delay(20, cancellation);
        }
    }

    /// <summary>Makes the database if it is missing; its time zone is UTC whatever the server's is.</summary>
    internal static async Task EnsureDatabase(
        NpgsqlConnectionStringBuilder address, string database, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(address.ConnectionString);
        await connection.OpenAsync(cancellation);
        await using var find = new NpgsqlCommand(
            """
            select coalesce('TimeZone=UTC' = any (s.setconfig), false)
            from pg_database d left join pg_db_role_setting s on s.setdatabase = d.oid and s.setrole = 0
            where d.datname = $1
            """,
            connection) { Parameters = { new() { Value = database } } };
        var isUtc = (bool?)await find.ExecuteScalarAsync(cancellation);
        if (isUtc is null)
            await Execute($"create database {Quoted(database)}");
        if (isUtc is not true)
            await Execute($"alter database {Quoted(database)} set timezone to 'UTC'");

        async Task Execute(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    /// <summary>Stops the server, if one runs, with open transactions rolled back and its data on disk.</summary>
    internal async Task Stop()
    {
        if (PostmasterFile.Read(folder.Cluster) is not { IsAlive: true } running)
            return;
        var stop = await folder.User.Run(
            [binaries.PgCtl, "stop", "-D", folder.Cluster, "-m", "fast", "-w", "-t", "300"], CancellationToken.None);
        if (stop.ExitCode == 0)
            await SocketFolder.RemoveIfOutside(folder, running.SocketFolder);
        else if (PostmasterFile.Read(folder.Cluster) is { IsAlive: true })
            progress?.Invoke($"PostgreSQL on {folder.Root} has not stopped yet: {stop.Output.Trim()}");
    }

    private async Task Make(CancellationToken cancellation)
    {
        progress?.Invoke($"Making a private PostgreSQL {binaries.Major} in {folder.Root}");
        var making = folder.Cluster + ".new";
        if (!File.Exists(folder.Password))
        {
            var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
            await Script("cat > \"$1.new\" && mv \"$1.new\" \"$1\" && sync \"$1\"", [folder.Password], password);
        }

        await Script("rm -rf \"$1\"", [making]);

        // C collation: text sorts by its bytes, alike on every machine, and no operating system upgrade can change
        // the order under an index.
        var made = await folder.User.Run(
            [
                binaries.Initdb, "-D", making, "-U", Superuser, "-A", "scram-sha-256", "--pwfile", folder.Password,
                "--encoding", "UTF8", "--locale", "C", "--data-checksums", "--no-instructions",
            ],
            cancellation, killTree: true);
        if (made.ExitCode != 0)
            throw new LocalPostgresException(
                $"PostgreSQL could not make its files in {folder.Root}, it said:\n{ServerLog.LastLines(made.Output)}");

        // Renamed when complete, so that a half-made cluster never looks like one; synced, so that a power cut does
        // not take the name away from data that was committed meanwhile.
        await Script(
            "echo \"include = 'ledger.conf'\" >> \"$1/postgresql.conf\" && : > \"$1/ledger.conf\" "
            + "&& sync \"$1/postgresql.conf\" \"$1/ledger.conf\" \"$1\" && mv \"$1\" \"$2\" && sync \"$3\"",
            [making, folder.Cluster, folder.Root]);

        async Task Script(string script, IReadOnlyList<string> arguments, string? input = null)
        {
            var done = await folder.User.Script(script, arguments, cancellation, input);
            if (done.ExitCode != 0)
                throw new LocalPostgresException(
                    $"The data folder {folder.Root} cannot be written: {ServerLog.LastLines(done.Output)}");
        }
    }

    private async Task Start(
        IReadOnlyDictionary<string, string> settings, bool isAfterCrash, CancellationToken cancellation)
    {
        progress?.Invoke($"Starting PostgreSQL {binaries.Major} on {folder.Root}");
        await Configure(settings, cancellation);
        for (var attempt = 0; ; attempt++)
        {
            await ServerLog.Bound(folder, cancellation);
            var logged = ServerLog.Length(folder);
            var said = await RunStart(cancellation);
            if (said.ExitCode == 0)
                return;

            // The children of a killed server need a moment to notice and leave; until then a new one refuses.
            if (!isAfterCrash || attempt == 20)
                throw new LocalPostgresException(
                    $"PostgreSQL {binaries.Major} did not start on {folder.Root}, its log ends:\n"
                    + ServerLog.Since(folder, logged, orElse: said.Output));
            await Task.Delay(250, cancellation);
        }
    }

    /// <summary>Cancelled, it waits until the server has at least written down its process id: one that nobody knows
    /// of could not be stopped.</summary>
    private async Task<Finished> RunStart(CancellationToken cancellation)
    {
        var starting = folder.User.Run(
            [binaries.PgCtl, "start", "-D", folder.Cluster, "-l", folder.Log, "-w", "-t", "86400"],
            CancellationToken.None);
        try
        {
            while (true)
            {
                var patience = Task.Delay(TimeSpan.FromSeconds(5), cancellation);
                if (await Task.WhenAny(starting, patience) == starting)
                    return await starting;
                await patience;
                progress?.Invoke("PostgreSQL is still starting: after a crash it first replays its log");
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAny(starting, Task.Delay(TimeSpan.FromSeconds(3), CancellationToken.None));
            throw;
        }
    }

    private async Task Configure(IReadOnlyDictionary<string, string> settings, CancellationToken cancellation)
    {
        var (sockets, ready) = await SocketFolder.Make(folder, Port, cancellation);
        if (!ready)
            throw new LocalPostgresException(
                $"The folder {sockets} for PostgreSQL's socket belongs to somebody else: remove it, or name a data "
                + "folder with a shorter path with --data.");
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["listen_addresses"] = "",
            ["port"] = Port.ToString(CultureInfo.InvariantCulture),
            ["unix_socket_directories"] = sockets,
            ["unix_socket_permissions"] = "0700",
            ["max_connections"] = "200",
            ["max_wal_size"] = "2GB",
            ["timezone"] = "UTC",
            ["log_timezone"] = "UTC",
            ["jit"] = "off",
            ["fsync"] = "on",
            ["synchronous_commit"] = "on",
            ["full_page_writes"] = "on",

            // Statements and row values are the firm's business, not the log's.
            ["log_min_error_statement"] = "panic",
            ["log_error_verbosity"] = "terse",
            ["log_checkpoints"] = "off",
        };
        foreach (var (name, value) in settings)
            all[name] = value;
        var text = string.Concat(all.Select(
            s => $"{s.Key} = '{s.Value.Replace("'", "''", StringComparison.Ordinal)}'\n"));
        var written = await folder.User.Script(
            "cat > \"$1.new\" && mv \"$1.new\" \"$1\"", [Path.Combine(folder.Cluster, "ledger.conf")], cancellation,
            "# Written at every start; settings of your own go into postgresql.auto.conf (alter system).\n" + text);
        if (written.ExitCode != 0)
            throw new LocalPostgresException(
                $"The data folder {folder.Root} cannot be written: {written.Output.Trim()}");
    }

    private async Task<(ServerState State, NpgsqlConnectionStringBuilder? Address)> Probe(
        PostmasterFile? postmaster, CancellationToken cancellation)
    {
        if (postmaster is null)
            return (ServerState.Gone, null);
        if (!postmaster.IsAlive)
        {
            postmaster.RemoveIfProcessIsAnother();
            return (ServerState.Gone, null);
        }

        if (postmaster.SocketFolder.Length == 0)
            return (ServerState.Deaf, null);
        var address = new NpgsqlConnectionStringBuilder
        {
            Host = postmaster.SocketFolder,
            Port = postmaster.Port,
            Username = Superuser,
            Password = File.ReadAllText(folder.Password).Trim(),
            Database = "postgres",
            Pooling = false,
        };
        try
        {
            await using var connection = new NpgsqlConnection(address.ConnectionString);
            await connection.OpenAsync(cancellation);
            return (ServerState.Answers, address);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.CannotConnectNow)
        {
            return (ServerState.Busy, null);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidPassword)
        {
            throw new LocalPostgresException(
                $"PostgreSQL on {folder.Root} does not take the password in {folder.Password}: put the one it was made "
                + "with back, or name another folder with --data.", e);
        }
        catch (PostgresException e)
        {
            throw new LocalPostgresException($"PostgreSQL on {folder.Root} refuses: {e.MessageText}.", e);
        }
        catch (NpgsqlException)
        {
            return (ServerState.Deaf, null);
        }
    }

    private static string Quoted(string identifier) =>
        $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private enum ServerState
    {
        /// <summary>No server process.</summary>
        Gone,

        /// <summary>A server that says it is starting, recovering or stopping.</summary>
        Busy,

        /// <summary>A server process that nothing answers for.</summary>
        Deaf,

        Answers,
    }
}
