using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;

namespace Ledger.Store.Local;

/// <summary>What a server wrote about itself into <c>postmaster.pid</c>; left behind when it was killed.</summary>
/// <param name="SocketFolder">Empty until the server has made its socket.</param>
[UnsupportedOSPlatform("windows")]
internal sealed record PostmasterFile(string Path, int Pid, int Port, string SocketFolder)
{
    /// <summary>True if a PostgreSQL process has this id; a zombie does not count.</summary>
    internal bool IsAlive => State(Pid) is ('S' or 'R' or 'D' or 'T' or 't' or 'I', "postgres" or "postmaster");

    internal static PostmasterFile? Read(string cluster)
    {
        var path = System.IO.Path.Combine(cluster, "postmaster.pid");
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        string Line(int index) => lines.Length > index ? lines[index].Trim() : "";
        int Number(int index) =>
            int.TryParse(Line(index), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0;
        return new(path, Number(0), Number(3), Line(4));
    }

    /// <summary>PostgreSQL clears away the file of a process that is gone, but believes one whose id meanwhile
    /// belongs to another program, or to a zombie that nobody collects.</summary>
    internal void RemoveIfProcessIsAnother()
    {
        if (State(Pid) is not null)
            File.Delete(Path);
    }

    private static (char State, string Name)? State(int pid)
    {
        if (!OperatingSystem.IsLinux())
        {
            try
            {
                using var process = Process.GetProcessById(pid);
                return ('S', process.ProcessName);
            }
            catch (ArgumentException)
            {
                return null;
            }
        }

        try
        {
            // "pid (name) state …"; the name may itself hold parentheses.
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            var close = stat.LastIndexOf(')');
            return (stat[close + 2], stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..close]);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
