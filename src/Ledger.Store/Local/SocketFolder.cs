using System.Buffers;
using System.Globalization;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;

namespace Ledger.Store.Local;

/// <summary>Where the server puts its Unix socket: in the data folder, or where that path is too long for a socket
/// address or has characters that end a list of hosts, in a private folder under the temporary one.</summary>
[UnsupportedOSPlatform("windows")]
internal static class SocketFolder
{
    private const int LongestAddress = 100; // 107 bytes on Linux, 103 on macOS.

    private static readonly SearchValues<char> _plain =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-");

    /// <summary>Makes the folder and clears it of what a dead server left, whose socket PostgreSQL would believe in
    /// while another program has its process id.</summary>
    /// <returns>The folder, and false if somebody else made it first.</returns>
    internal static async Task<(string Path, bool Ready)> Make(
        DataFolder folder, int port, CancellationToken cancellation)
    {
        var path = For(folder.Root, folder.User.Name is null ? Path.GetTempPath() : "/tmp", port);
        var made = await folder.User.Script(
            "mkdir -p \"$1\" && [ ! -L \"$1\" ] && [ -O \"$1\" ] && chmod 700 \"$1\" && rm -f \"$1\"/.s.PGSQL.*",
            [path], cancellation);
        return (path, made.ExitCode == 0);
    }

    /// <summary>Leaves nothing behind under the temporary folder.</summary>
    internal static async Task RemoveIfOutside(DataFolder folder, string path)
    {
        if (path.Length > 0 && Path.GetDirectoryName(path) != folder.Root)
            await folder.User.Script("rmdir \"$1\"", [path], CancellationToken.None);
    }

    internal static string For(string data, string temporary, int port)
    {
        var inside = Path.Combine(data, "run");
        var file = string.Create(CultureInfo.InvariantCulture, $"/.s.PGSQL.{port}");
        if (inside.Length + file.Length <= LongestAddress && !inside.AsSpan().ContainsAnyExcept(_plain))
            return inside;
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(data)).AsSpan(0, 10));
        var outside = Path.Combine(temporary, "ledger-" + hash);
        return outside.Length + file.Length <= LongestAddress && !outside.AsSpan().ContainsAnyExcept(_plain)
            ? outside
            : "/tmp/ledger-" + hash;
    }
}
