using System.Diagnostics;
using System.Runtime.Versioning;

namespace Ledger.Store.Local;

/// <summary>The unprivileged user PostgreSQL runs as: the caller, or where the caller is root (which PostgreSQL
/// refuses) the owner of the data folder or else <c>postgres</c>. Everything in the folder is made by this user, so
/// that root never leaves a file behind that the user cannot open.</summary>
/// <param name="Name">User name; null when it is the caller.</param>
/// <param name="Prefix">Words in front of a command that make it run as this user.</param>
[UnsupportedOSPlatform("windows")]
internal sealed record ServerUser(string? Name, IReadOnlyList<string> Prefix)
{
    internal static async Task<ServerUser> For(string dataDirectory, CancellationToken cancellation)
    {
        if (!Environment.IsPrivilegedProcess)
            return new(null, []);
        var root = new ServerUser(null, []);
        var name = "postgres";
        if (Directory.Exists(dataDirectory))
        {
            var listed = await root.Run(["ls", "-ldL", "--", dataDirectory], cancellation);
            var owner = listed.Output.Split(' ', StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(2);
            name = owner is null or "root" or "0" ? name : owner;
        }

        var group = await root.Run(["id", "-g", name], cancellation);
        if (group.ExitCode != 0)
            throw new LocalPostgresException(
                $"PostgreSQL refuses to run as root and there is no user {name} to run it as: create it (for example "
                + "`useradd --system postgres`), run as an ordinary user, or use a server you have with --database.");
        if (Find("setpriv") is { } setpriv)
            return new(name, [setpriv, "--reuid", name, "--regid", group.Output.Trim(), "--init-groups", "--"]);
        if (Find("runuser") is { } runuser)
            return new(name, [runuser, "-u", name, "--"]);
        throw new LocalPostgresException(
            $"PostgreSQL refuses to run as root and neither setpriv nor runuser is here to run it as {name}: install "
            + "util-linux, run as an ordinary user, or use a server you have with --database.");
    }

    /// <summary>Runs a command as this user, with a bare environment: no PG* variable of the caller's steers the
    /// server and no secret of the caller's lands in its environment.</summary>
    /// <returns>Exit code and everything said on both outputs.</returns>
    internal async Task<Finished> Run(
        IReadOnlyList<string> command, CancellationToken cancellation, string? input = null, bool killTree = false)
    {
        var words = Prefix.Concat(command).ToList();
        var start = new ProcessStartInfo(words[0], words.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        start.Environment["PATH"] = SearchPath;
        start.Environment["LC_ALL"] = "C";
        if (Environment.GetEnvironmentVariable("LD_LIBRARY_PATH") is { } libraries)
            start.Environment["LD_LIBRARY_PATH"] = libraries;

        using var process = Process.Start(start)!;
        try
        {
            await Feed(process.StandardInput, input ?? "", cancellation);
            var output = process.StandardOutput.ReadToEndAsync(cancellation);
            var errors = process.StandardError.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return new(process.ExitCode, await output + await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(killTree);
            throw;
        }
    }

    /// <summary>Runs a shell script as this user; the arguments are <c>$1</c>, <c>$2</c> …, never in its text.
    /// </summary>
    internal Task<Finished> Script(
        string script, IReadOnlyList<string> arguments, CancellationToken cancellation, string? input = null) =>
        Run(["/bin/sh", "-c", "umask 077; " + script, "sh", .. arguments], cancellation, input);

    private static async Task Feed(StreamWriter input, string text, CancellationToken cancellation)
    {
        try
        {
            await using (input)
                await input.WriteAsync(text.AsMemory(), cancellation);
        }
        catch (IOException)
        {
            // It ended without reading; its exit code and output say why.
        }
    }

    private static string SearchPath =>
        string.Join(':', Environment.GetEnvironmentVariable("PATH"), "/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin")
            .TrimStart(':');

    private static string? Find(string program) =>
        SearchPath.Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}

/// <summary>How a command ended.</summary>
internal sealed record Finished(int ExitCode, string Output);
