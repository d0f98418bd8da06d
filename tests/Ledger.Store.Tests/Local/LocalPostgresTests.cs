using System.Diagnostics;
using System.Globalization;
using Ledger.Store.Local;
using Ledger.Testing;
using Npgsql;

namespace Ledger.Store.Tests.Local;

public sealed class LocalPostgresTests : IAsyncLifetime
{
    private static readonly TemporaryFolder _made = new();
    private static readonly Lazy<Task> _making = new(async () => await (await Start(_made.Path)).DisposeAsync());

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Keeps_its_data_between_runs()
    {
        await RanBefore();
        await using (var first = await Start())
            await Run(first, "create table kept as select 42 as answer");
        Postmaster().ShouldBeNull();

        await using var second = await Start();
        (await Run(second, "select answer from kept")).ShouldBe(42);
    }

    [Fact]
    public async Task Is_durable_private_and_in_utc()
    {
        await RanBefore();
        await using var server = await Start();
        (await Run(server, "show fsync")).ShouldBe("on");
        (await Run(server, "show synchronous_commit")).ShouldBe("on");
        (await Run(server, "show data_checksums")).ShouldBe("on");
        (await Run(server, "show listen_addresses")).ShouldBe("");
        (await Run(server, "show timezone")).ShouldBe("UTC");
        (await Run(server, "select datcollate from pg_database where datname = 'ledger'")).ShouldBe("C");

        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.GetUnixFileMode(Path.Combine(_folder.Path, "password")).ShouldBe(ownerOnly);
        File.GetUnixFileMode(_folder.Path).ShouldBe(ownerOnly | UnixFileMode.UserExecute);
        var stranger = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Password = "guess" };
        await using var connection = new NpgsqlConnection(stranger.ConnectionString);
        (await Should.ThrowAsync<PostgresException>(() => connection.OpenAsync()))
            .SqlState.ShouldBe(PostgresErrorCodes.InvalidPassword);
    }

    [Fact]
    public async Task Joins_the_server_that_a_killed_process_left_running()
    {
        await RanBefore();
        await using var other = await OtherProcess.Use(_folder.Path);
        var running = Postmaster();
        await other.Kill();

        await using (var server = await Start())
        {
            Postmaster().ShouldBe(running);
            (await Run(server, "select 1")).ShouldBe(1);
        }

        Postmaster().ShouldBeNull();
    }

    [Fact]
    public async Task Survives_a_ctrl_c_that_ends_the_process_which_started_it()
    {
        await RanBefore();
        await using var other = await OtherProcess.Use(_folder.Path);
        var running = Postmaster();
        await other.Interrupt();

        await using var server = await Start();
        Postmaster().ShouldBe(running);
    }

    [Fact]
    public async Task Is_shared_by_processes_and_stopped_by_the_last_to_leave()
    {
        await RanBefore();
        var mine = await Start();
        await using var other = await OtherProcess.Use(_folder.Path);
        var running = Postmaster();

        await mine.DisposeAsync();
        Postmaster().ShouldBe(running);
        await other.Leave();
        Postmaster().ShouldBeNull();
    }

    [Fact]
    public async Task Starts_once_for_several_who_start_it_at_once()
    {
        var servers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Start()));
        servers.Select(s => s.ConnectionString).Distinct().Count().ShouldBe(1);

        await Task.WhenAll(servers.Select(s => s.DisposeAsync().AsTask()));
        Postmaster().ShouldBeNull();
    }

    [Fact]
    public async Task Recovers_what_was_committed_before_the_server_was_killed()
    {
        await RanBefore();
        await using var killed = await Start();
        await Run(killed, "create table kept as select 42 as answer");
        using (var postmaster = Process.GetProcessById(Postmaster()!.Value))
            postmaster.Kill();

        await using var server = await Start();
        (await Run(server, "select answer from kept")).ShouldBe(42);
    }

    [Fact]
    public async Task Starts_a_killed_server_again_while_it_is_in_use()
    {
        await RanBefore();
        await using var server = await Start();
        await Run(server, "create table kept as select 42 as answer");
        var killed = Postmaster();
        using (var postmaster = Process.GetProcessById(killed!.Value))
            postmaster.Kill();

        (await Eventually(server, "select answer from kept")).ShouldBe(42);
        Postmaster().ShouldNotBe(killed);
    }

    [Fact]
    public async Task Starts_a_server_again_that_gave_up_because_it_could_not_recover()
    {
        await using var server = await Start();
        await Run(server, "create table kept as select 42 as answer");
        var wal = Path.Combine(_folder.Path, "cluster", "pg_wal");
        Directory.Move(wal, wal + ".away");
        // Held open: a backend that ends by itself first makes nobody recover.
        await using (var connection = new NpgsqlConnection(server.ConnectionString + ";Pooling=false"))
        {
            await connection.OpenAsync();
            using var backend = Process.GetProcessById(connection.ProcessID);
            backend.Kill();
            await UntilStopped();
        }

        Directory.Move(wal + ".away", wal);

        (await Eventually(server, "select answer from kept")).ShouldBe(42);
    }

    [Fact]
    public async Task Leaves_a_server_stopped_that_somebody_stopped()
    {
        await using var server = await Start();
        using (var stop = Process.Start(
            "kill", ["-INT", Postmaster()!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await stop.WaitForExitAsync();
        await UntilStopped();

        // Longer than the watch looks away.
        await Task.Delay(2_500);
        Postmaster().ShouldBeNull();
    }

    [Fact]
    public async Task Starts_although_another_program_has_the_process_id_of_a_server_that_is_gone()
    {
        await RanBefore();
        await File.WriteAllTextAsync(PidFile, $"{Environment.ProcessId}\n{_folder.Path}/cluster\n0\n5432\n/nowhere\n");

        await using var server = await Start();
        (await Run(server, "select 1")).ShouldBe(1);
    }

    [Fact]
    public async Task Makes_its_files_anew_when_the_first_attempt_was_cut_short()
    {
        await RanBefore();
        var cluster = Path.Combine(_folder.Path, "cluster");
        Directory.Move(cluster, cluster + ".new");
        File.Delete(Path.Combine(cluster + ".new", "global", "pg_control"));

        await using var server = await Start();
        (await Run(server, "select 1")).ShouldBe(1);
        Directory.Exists(cluster + ".new").ShouldBeFalse();
    }

    [Fact]
    public async Task Shows_the_end_of_the_log_when_the_server_does_not_start()
    {
        await RanBefore();
        var wrong = new Dictionary<string, string>(StringComparer.Ordinal) { ["shared_buffers"] = "plenty" };
        var refused = await Should.ThrowAsync<LocalPostgresException>(
            () => LocalPostgres.Start(_folder.Path, wrong, progress: null, CancellationToken.None));
        refused.Message.ShouldContain("invalid value for parameter \"shared_buffers\": \"plenty\"");

        await using var server = await Start();
        (await Run(server, "select 1")).ShouldBe(1);
    }

    [Fact]
    public async Task Keeps_its_log_short()
    {
        await RanBefore();
        var log = Path.Combine(_folder.Path, "server.log");
        await File.AppendAllTextAsync(log, string.Concat(Enumerable.Repeat("something went wrong, again\n", 200_000)));

        await using var server = await Start();
        new FileInfo(log).Length.ShouldBeLessThan(100_000);
        new FileInfo(log + ".1").Length.ShouldBe(1_000_000);
    }

    [Fact]
    public async Task Runs_in_a_folder_whose_name_is_long_and_has_spaces()
    {
        var folder = Path.Combine(_folder.Path, new string('x', 120), "the firm's ledger");
        if (Environment.IsPrivilegedProcess)
            LetOthersThrough(_folder.Path);
        await using (var server = await Start(folder))
            (await Run(server, "select 1")).ShouldBe(1);
        File.Exists(Path.Combine(folder, "cluster", "postmaster.pid")).ShouldBeFalse();
    }

    [RootFact]
    public async Task Refuses_a_folder_that_its_user_cannot_reach()
    {
        var folder = Path.Combine(_folder.Path, "ledger");
        var refused = await Should.ThrowAsync<LocalPostgresException>(
            () => LocalPostgres.Start(folder, progress: null, CancellationToken.None));
        refused.Message.ShouldBe(
            $"The data folder {folder} cannot be reached by the user postgres, as whom PostgreSQL must run because it "
            + "refuses root: name one outside root's home with --data, or leave --data out for "
            + "/var/lib/proserv-ledger.");
        Directory.Exists(folder).ShouldBeFalse();
    }

    [Fact]
    public async Task Refuses_a_folder_that_holds_something_else()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "thesis.txt"), "three years of work");
        var refused = await Should.ThrowAsync<LocalPostgresException>(() => Start());
        refused.Message.ShouldBe(
            $"The data folder {_folder.Path} holds files that are not a ledger's: name an empty or a new one with "
            + "--data.");
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _folder.DisposeAsync();

    private string PidFile => Path.Combine(_folder.Path, "cluster", "postmaster.pid");

    /// <summary>Process id of the server on the folder; null where none runs.</summary>
    private int? Postmaster() =>
        File.Exists(PidFile) ? int.Parse(File.ReadLines(PidFile).First(), CultureInfo.InvariantCulture) : null;

    private Task<LocalPostgres> Start() => Start(_folder.Path);

    private static Task<LocalPostgres> Start(string folder) =>
        LocalPostgres.Start(folder, TestServer.Small, progress: null, CancellationToken.None);

    /// <summary>Puts into the test's folder what a first run leaves there, without the wait.</summary>
    private async Task RanBefore()
    {
        await _making.Value;
        using var copy = Process.Start("cp", ["-a", _made.Path + "/.", _folder.Path]);
        await copy.WaitForExitAsync();
        copy.ExitCode.ShouldBe(0);
    }

    private static void LetOthersThrough(string folder) =>
        File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.OtherExecute);

    private async Task UntilStopped()
    {
        for (var waited = 0; Postmaster() is not null; waited++)
        {
            waited.ShouldBeLessThan(1_200, "a minute is enough for any server to stop");
            await Task.Delay(50);
        }
    }

    private static async Task<object?> Eventually(LocalPostgres server, string sql)
    {
        while (true)
            try
            {
                return await Run(server, sql);
            }
            catch (NpgsqlException)
            {
                await Task.Delay(100);
            }
    }

    private static async Task<object?> Run(LocalPostgres server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
