using System.Diagnostics;

namespace Ledger.Testing;

/// <summary>A folder under the temporary one, for a private PostgreSQL of a test. A shell that outlives the test
/// process stops whatever server is left in it and removes it: when disposed, at exit, and when the process is killed,
/// because then the pipe the shell reads closes.</summary>
public sealed class TemporaryFolder : IAsyncDisposable
{
    private const string RemoveWhenOrphaned =
        """
        exec >/dev/null 2>&1
        trap '' INT TERM HUP
        cat
        if pid=$(head -n 1 "$1/cluster/postmaster.pid"); then
          case "$(cat /proc/$pid/comm || ps -o comm= -p $pid)" in
            *postgres*|*postmaster*) kill -QUIT $pid ;;
          esac
          for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
            [ -e "$1/cluster/postmaster.pid" ] && kill -0 $pid && sleep 0.1
          done
        fi
        rm -rf "$1"
        """;

    // A collected Process closes its pipe, and the folder would go while in use.
    private static readonly List<Process> _watching = [];

    private readonly Process _watch;

    /// <summary>Makes a new, empty folder.</summary>
    public TemporaryFolder()
    {
        Path = Directory.CreateTempSubdirectory("ledger-test-").FullName;
        var start = new ProcessStartInfo("/bin/sh", ["-c", RemoveWhenOrphaned, "sh", Path])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            WorkingDirectory = "/",
        };
        _watch = Process.Start(start)!;
        lock (_watching)
            _watching.Add(_watch);
    }

    /// <summary>Full path.</summary>
    public string Path { get; }

    /// <summary>Stops a server left in the folder, without ceremony, and removes the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        _watch.StandardInput.Close();
        await _watch.WaitForExitAsync();
        lock (_watching)
            _watching.Remove(_watch);
        _watch.Dispose();
    }
}
