using System.Buffers;
using System.Runtime.Versioning;

namespace Ledger.Store.Local;

/// <summary>The folder of one private PostgreSQL: the cluster, its password, its log and the two lock files that let
/// several processes share one server. <c>start.lock</c> is held while somebody starts or stops it; every process
/// holds <c>use.lock</c> shared while it uses it, so whoever can take that one alone is the last. The kernel lets go
/// of both when a process dies, however it dies.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class DataFolder
{
    // pg_ctl hands both paths to a shell between double quotes.
    private static readonly SearchValues<char> _unsafeInShell = SearchValues.Create("\"$`\\\n\r");

    private DataFolder(string root, ServerUser user)
    {
        Root = root;
        User = user;
    }

    internal string Root { get; }

    internal ServerUser User { get; }

    internal string Cluster => Path.Combine(Root, "cluster");

    internal string Log => Path.Combine(Root, "server.log");

    internal string Password => Path.Combine(Root, "password");

    private string StartLock => Path.Combine(Root, "start.lock");

    private string UseLock => Path.Combine(Root, "use.lock");

    /// <summary>As root <c>/var/lib/proserv-ledger</c>, else a folder in the user's own data home.</summary>
    internal static string Default(Func<string, string?> environment)
    {
        if (Environment.IsPrivilegedProcess)
            return "/var/lib/proserv-ledger";
        if (environment("XDG_DATA_HOME") is { Length: > 0 } data && Path.IsPathRooted(data))
            return Path.Combine(data, "proserv-ledger");
        return environment("HOME") is { Length: > 0 } home
            ? Path.Combine(home, ".local", "share", "proserv-ledger")
            : throw new LocalPostgresException(
                "There is no folder to keep the ledger in, because HOME is not set: name one with --data.");
    }

    /// <summary>Makes the folder, private to the server's user, or checks that an existing one can serve.</summary>
    internal static async Task<DataFolder> Open(string path, CancellationToken cancellation)
    {
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (root.AsSpan().ContainsAny(_unsafeInShell))
            throw new LocalPostgresException(
                $"The data folder {root} has a quote, dollar sign, backslash or line break in its name, which "
                + "PostgreSQL's own tools cannot take: name another with --data.");
        if (File.Exists(root))
            throw new LocalPostgresException($"The data folder {root} is a file: name a folder with --data.");
        var user = await ServerUser.For(root, cancellation);
        try
        {
            await Make(root, user, cancellation);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new LocalPostgresException(
                $"The data folder {root} cannot be made or read ({e.Message}): name one you own with --data.", e);
        }

        var locks = await user.Script(
            "cd \"$1\" && touch start.lock use.lock && chmod 600 start.lock use.lock", [root], cancellation);
        if (locks.ExitCode == 0)
            return new(root, user);
        var able = await user.Run(["true"], cancellation);
        throw able.ExitCode == 0
            ? Unreachable(root, user)
            : new LocalPostgresException(
                $"PostgreSQL refuses to run as root and nothing can be run as the user {user.Name} here "
                + $"({able.Output.Trim()}): run as an ordinary user, or use a server you have with --database.");
    }

    /// <summary>Waits until this process alone may start or stop the server.</summary>
    internal async Task<FileStream> LockForStart(Action<string>? progress, CancellationToken cancellation)
    {
        for (var attempt = 0; ; attempt++)
        {
            if (TryLock(StartLock, FileShare.None) is { } held)
                return held;
            if (attempt == 20)
                progress?.Invoke($"Waiting for another process that starts or stops PostgreSQL on {Root}");
            await Task.Delay(25, cancellation);
        }
    }

    /// <summary>Joins the users of the server; call with the start lock held.</summary>
    internal async Task<FileStream> JoinUsers(CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < 500; attempt++)
        {
            if (TryLock(UseLock, FileShare.Read) is { } joined)
                return joined;
            await Task.Delay(10, cancellation);
        }

        throw new LocalPostgresException(
            $"The lock file {UseLock} is held by something that is not a ledger: end it and try again.");
    }

    /// <summary>True if no process uses the server; call with the start lock held.</summary>
    internal async Task<bool> IsUnused()
    {
        // A child that some thread of ours is just starting holds our open files until it executes its program, which
        // takes a while on a busy machine; hence the second look, here and wherever a lock is taken.
        for (var attempt = 0; attempt < 10; attempt++)
        {
            await using var alone = TryLock(UseLock, FileShare.None);
            if (alone is not null)
                return true;
            await Task.Delay(10, CancellationToken.None);
        }

        return false;
    }

    private static FileStream? TryLock(string path, FileShare share)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, share);
        }
        catch (IOException e) when (e.GetType() == typeof(IOException))
        {
            return null;
        }
    }

    private static async Task Make(string root, ServerUser user, CancellationToken cancellation)
    {
        const UnixFileMode ours = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        const UnixFileMode passable = ours | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        if (!Directory.Exists(root))
        {
            var parent = Path.GetDirectoryName(root)!;
            var standing = parent;
            while (!Directory.Exists(standing))
                standing = Path.GetDirectoryName(standing)!;
            if (user.Name is not null && (await user.Script("cd \"$1\"", [standing], cancellation)).ExitCode != 0)
                throw Unreachable(root, user);
            for (var missing = parent; missing != standing; missing = Path.GetDirectoryName(missing)!)
            {
                Directory.CreateDirectory(missing);
                if (user.Name is not null)
                    File.SetUnixFileMode(missing, passable);
            }

            Directory.CreateDirectory(root, ours);
        }

        if (File.Exists(Path.Combine(root, "start.lock")))
            return;
        var others = Directory.EnumerateFileSystemEntries(root).Select(Path.GetFileName);
        if (others.Any(name => name is not ("lost+found" or "start.lock")))
            throw new LocalPostgresException(
                $"The data folder {root} holds files that are not a ledger's: name an empty or a new one with --data.");
        File.SetUnixFileMode(root, ours);
        if (user.Name is not null)
            await new ServerUser(null, []).Run(["chown", user.Name + ":", root], cancellation);
    }

    private static LocalPostgresException Unreachable(string root, ServerUser user) => new(
        user.Name is null
            ? $"The data folder {root} belongs to another user: name one you own with --data."
            : $"The data folder {root} cannot be reached by the user {user.Name}, as whom PostgreSQL must run because "
            + "it refuses root: name one outside root's home with --data, or leave --data out for "
            + $"{Default(Environment.GetEnvironmentVariable)}.");
}
