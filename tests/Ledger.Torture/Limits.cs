using System.Diagnostics;
using System.Globalization;

namespace Ledger.Torture;

/// <summary>Bounds what processes of a private PostgreSQL may take, and unbounds them again; needs no privilege.
/// </summary>
internal static class Limits
{
    /// <param name="what">A limit as <c>prlimit</c> names it: <c>as</c>, <c>fsize</c>.</param>
    /// <param name="headroom">Bytes above what each has now of memory, or in all of a file; null = no bound.</param>
    /// <returns>How many processes.</returns>
    public static async Task<int> Set(
        int postmaster, string what, long? headroom, CancellationToken cancellationToken)
    {
        var count = 0;
        foreach (var pid in (int[])[postmaster, .. PrivateServer.Children(postmaster)])
        {
            var bound = headroom is not { } bytes ? "unlimited" : $"{bytes + (what == "as" ? Size(pid) : 0)}";
            // Only the soft bound, which its owner may lift again; root, in a container, may not.
            string[] words = ["prlimit", $"--pid={pid}", $"--{what}={bound}:"];
            if (Environment.IsPrivilegedProcess)
                words =
                [
                    "setpriv", "--reuid", Id(pid, "Uid"), "--regid", Id(pid, "Gid"), "--clear-groups", "--", .. words,
                ];
            using var prlimit = Process.Start(new ProcessStartInfo(words[0], words.Skip(1))
            {
                RedirectStandardError = true,
                UseShellExecute = false,
            })!;
            await prlimit.WaitForExitAsync(cancellationToken);
            count += prlimit.ExitCode == 0 ? 1 : 0;
        }

        return count;
    }

    private static string Id(int pid, string which)
    {
        try
        {
            return File.ReadLines($"/proc/{pid}/status")
                .First(line => line.StartsWith(which, StringComparison.Ordinal)).Split('\t')[1];
        }
        catch (IOException)
        {
            return "0";
        }
    }

    private static long Size(int pid)
    {
        try
        {
            return long.Parse(
                File.ReadAllText($"/proc/{pid}/statm").Split(' ')[0],
                CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        }
        catch (IOException)
        {
            return 1L << 30;
        }
    }
}
