using System.Diagnostics;
using System.Globalization;
using Ledger.Testing;
using Npgsql;

namespace Ledger.Torture;

/// <summary>The disk under a private PostgreSQL is full for a while.</summary>
internal static class DiskFull
{
    private const int Clients = 6;
    private const int VolumeMegabytes = 220;

    public static readonly Scenario Scenario = new(
        "disk-full", "no room on PostgreSQL's volume, or in its files, for a while: 503, and recovery by itself",
        Trials: 10, Few: 1, Hurt);

    private static async Task Hurt(Run run, CancellationToken cancellationToken)
    {
        var trials = 0;
        while (run.Next())
            trials++;
        await Files(run, trials, cancellationToken);
        await Volume(run, trials, cancellationToken);
    }

    /// <summary>PostgreSQL's files may not grow beyond a size: what it writes past that comes up short, which it
    /// reports as a full disk. Needs no privilege.</summary>
    private static async Task Files(Run run, int trials, CancellationToken cancellationToken)
    {
        await using var folder = new TemporaryFolder();
        await Fill(run, folder.Path, "files", trials, async (_, token) =>
        {
            // Half a page beyond a whole one, beyond the files of PostgreSQL's log, and beyond what the largest file
            // grows by until the bound holds: a write that begins past it would be another error.
            var bound = ((Math.Max(Largest(folder.Path), 17 << 20) + (2 << 20)) / 8192 * 8192) + 4096;
            return await Limits.Set(PrivateServer.Postmaster(folder.Path), "fsize", bound, token) > 0;
        }, token => Limits.Set(PrivateServer.Postmaster(folder.Path), "fsize", null, token), cancellationToken);
    }

    /// <summary>A small volume of its own, with the log of PostgreSQL on it too.</summary>
    private static async Task Volume(Run run, int trials, CancellationToken cancellationToken)
    {
        await using var volume = await SmallVolume.Mount(VolumeMegabytes, cancellationToken);
        if (volume is null)
        {
            run.Skip("no volume can be mounted here: the disk was filled by bounding PostgreSQL's files only");
            return;
        }

        var balloon = Path.Combine(volume.Path, "balloon");
        await Fill(run, volume.Path, "volume", trials, async (dice, token) =>
        {
            var leave = dice.Next(20) << 20;
            await using var file = File.Create(balloon);
            var piece = new byte[64 << 10];
            while (new DriveInfo(volume.Path).AvailableFreeSpace > leave + piece.Length)
                await file.WriteAsync(piece, token);
            return true;
        }, _ =>
        {
            File.Delete(balloon);
            return Task.CompletedTask;
        }, cancellationToken);
    }

    private static async Task Fill(
        Run run, string folder, string what, int trials, Func<Random, CancellationToken, Task<bool>> fill,
        Func<CancellationToken, Task> free, CancellationToken cancellationToken)
    {
        await using var server = LedgerProcess.Start(["serve", "--data", folder, "--urls", "http://127.0.0.1:0"]);
        using var door = new Door(await server.Listening(cancellationToken));
        var books = new Books(run);
        for (var trial = 1; trial <= trials; trial++)
        {
            var dice = run.Dice(what, trial);
            var traffic = new Traffic(run, books, $"{what}-{trial}") { NoteLength = 20_000 };
            using var stop = new CancellationTokenSource();
            var sending = traffic.Start(Clients, _ => door, stop.Token, cancellationToken);
            await traffic.Beyond(20, TimeSpan.FromMinutes(1), cancellationToken);
            if (!await fill(dice, cancellationToken))
                run.Skip($"nothing could be bounded in the size of its files here (trial {trial})");
            else if (await Refused(traffic, cancellationToken))
                run.Fault();
            else
                run.Anomaly($"{what}: nobody was refused for want of room");
            await Task.Delay(dice.Next(200, 4_000), cancellationToken);
            await free(cancellationToken);
            var (began, before) = (Stopwatch.GetTimestamp(), traffic.Acknowledged);
            if (await traffic.Beyond(before + (Clients * 30), TimeSpan.FromMinutes(1), cancellationToken))
                run.Took($"appending again after there was room ({what})", Stopwatch.GetElapsedTime(began));
            else
                run.Anomaly($"{what}: nothing is appended a minute after there was room; {server.Said}");
            await stop.CancelAsync();
            await sending;
            run.Note($"{what}, trial {trial}: {traffic.Refusals} requests answered 503, "
                + $"{traffic.Acknowledged} events acknowledged");
        }

        await using (var source = NpgsqlDataSource.Create(PrivateServer.ConnectionString(folder)))
            await books.Check(source, cancellationToken);
        if (await server.Stop() is not 0 and var code)
            run.Anomaly($"{what}: the server ended with {code} and says: {server.Said}");
    }

    private static async Task<bool> Refused(Traffic traffic, CancellationToken cancellationToken)
    {
        var before = traffic.Refusals;
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(2);)
        {
            if (traffic.Refusals > before)
                return true;
            await Task.Delay(10, cancellationToken);
        }

        return false;
    }

    private static long Largest(string folder) => new DirectoryInfo(Path.Combine(folder, "cluster", "base"))
        .EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true })
        .Max(file => file.Length);
}

/// <summary>A volume in memory, as large as it says and no larger; only where this process may mount one. A shell that
/// outlives this process stops the server in it and unmounts it.</summary>
internal sealed class SmallVolume : IAsyncDisposable
{
    private const string UnmountWhenOrphaned =
        """
        exec >/dev/null 2>&1
        trap '' INT TERM HUP
        cat
        if pid=$(head -n 1 "$1/cluster/postmaster.pid"); then
          case "$(cat /proc/$pid/comm)" in *postgres*|*postmaster*) kill -QUIT $pid ;; esac
          for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
            [ -e "$1/cluster/postmaster.pid" ] && kill -0 $pid && sleep 0.1
          done
        fi
        umount "$1" || umount -l "$1"
        rmdir "$1"
        """;

    private readonly Process _watch;

    private SmallVolume(string path, Process watch)
    {
        Path = path;
        _watch = watch;
    }

    public string Path { get; }

    /// <returns>Null where nothing can be mounted.</returns>
    public static async Task<SmallVolume?> Mount(int megabytes, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
            return null;
        var path = Directory.CreateTempSubdirectory("ledger-volume-").FullName;
        var size = string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m,mode=0755");
        using var mount = Process.Start(new ProcessStartInfo("mount", ["-t", "tmpfs", "-o", size, "tmpfs", path])
        {
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        await mount.WaitForExitAsync(cancellationToken);
        if (mount.ExitCode != 0)
        {
            Directory.Delete(path);
            return null;
        }

        return new(path, Process.Start(new ProcessStartInfo("/bin/sh", ["-c", UnmountWhenOrphaned, "sh", path])
        {
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        })!);
    }

    public async ValueTask DisposeAsync()
    {
        _watch.StandardInput.Close();
        await _watch.WaitForExitAsync();
        _watch.Dispose();
    }
}
