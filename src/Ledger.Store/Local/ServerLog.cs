using System.Runtime.Versioning;
using System.Text;

namespace Ledger.Store.Local;

/// <summary>The server's log file, kept below a few megabytes.</summary>
[UnsupportedOSPlatform("windows")]
internal static class ServerLog
{
    private const long LongestBytes = 4_000_000;
    private const int LinesShown = 12;

    internal static long Length(DataFolder folder) => new FileInfo(folder.Log) is { Exists: true } log ? log.Length : 0;

    /// <summary>Moves the end of a long log to <c>server.log.1</c> and empties it. The server keeps appending to the
    /// same file, which it opened for append.</summary>
    internal static async Task Bound(DataFolder folder, CancellationToken cancellation)
    {
        if (Length(folder) > LongestBytes)
            await folder.User.Script(
                "tail -c 1000000 \"$1\" > \"$1.1\"; : > \"$1\"", [folder.Log], cancellation);
    }

    /// <summary>The last lines written after a length the log had before; where there are none, another text's.
    /// </summary>
    internal static string Since(DataFolder folder, long length, string orElse)
    {
        if (Length(folder) <= length)
            return LastLines(orElse);
        return LastLines(End(folder, length));
    }

    /// <summary>Whether the server, when it last ended, did so because somebody told it to.</summary>
    internal static bool TellsOfRequestToStop(DataFolder folder)
    {
        if (Length(folder) == 0)
            return false;
        var end = End(folder, 0);
        return end.LastIndexOf(" shutdown request", StringComparison.Ordinal)
            > end.LastIndexOf("LOG:  starting PostgreSQL", StringComparison.Ordinal);
    }

    private static string End(DataFolder folder, long after)
    {
        using var log = new FileStream(folder.Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        log.Seek(Math.Max(after, log.Length - 64_000), SeekOrigin.Begin);
        using var reader = new StreamReader(log, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    internal static string LastLines(string text) =>
        string.Join('\n', text.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(LinesShown));
}
