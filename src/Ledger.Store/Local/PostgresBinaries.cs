using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Ledger.Store.Local;

/// <summary>A folder with PostgreSQL's own programs, of one major version.</summary>
/// <param name="Folder">Holds at least initdb, pg_ctl and postgres; symbolic links resolved.</param>
/// <param name="Major">Major version, 15 or later.</param>
internal sealed partial record PostgresBinaries(string Folder, int Major)
{
    internal const int OldestMajor = 15;

    internal string Initdb => Path.Combine(Folder, "initdb");

    internal string PgCtl => Path.Combine(Folder, "pg_ctl");

    /// <summary>The binaries for a data folder: those of its version, or for a new one the first found.</summary>
    /// <param name="stored">Major version of an existing cluster; null for a new one.</param>
    /// <param name="environment">Reads LEDGER_PG_BIN and PATH.</param>
    /// <param name="usual">Folders to try between the two, best first.</param>
    internal static PostgresBinaries For(
        string dataDirectory, int? stored, Func<string, string?> environment, IEnumerable<string> usual)
    {
        var seen = new List<PostgresBinaries>();
        foreach (var folder in Candidates(environment, usual))
        {
            if (MajorOf(folder) is not { } major)
                continue;
            var found = new PostgresBinaries(folder, major);
            if (stored is null ? major >= OldestMajor : major == stored)
                return found;
            seen.Add(found);
        }

        if (stored is not null && seen.Count > 0)
            throw new LocalPostgresException(
                $"The data folder {dataDirectory} was made by PostgreSQL {stored} and only "
                + $"{string.Join(", ", seen.Select(b => $"{b.Major} in {b.Folder}"))} is installed: install PostgreSQL "
                + $"{stored} (for example `apt-get install postgresql-{stored}`) or name another folder with --data.");
        var older = seen.Count == 0 ? "" : $" (found only {string.Join(", ", seen.Select(b => b.Major))})";
        throw new PostgresNotFoundException(
            $"No PostgreSQL {stored ?? OldestMajor}{(stored is null ? " or later" : "")} was found on this machine"
            + $"{older}: install its server (for example `apt-get install postgresql`), point LEDGER_PG_BIN at the "
            + "folder that holds initdb, pg_ctl and postgres, or use a server you have with --database.");
    }

    private static IEnumerable<string> Candidates(
        Func<string, string?> environment, IEnumerable<string> usual)
    {
        if (environment("LEDGER_PG_BIN") is { Length: > 0 } named)
        {
            yield return Complete(named) ?? throw new PostgresNotFoundException(
                $"LEDGER_PG_BIN names {named}, which does not hold initdb, pg_ctl and postgres: correct it, unset it "
                + "to search the usual folders, or use a server you have with --database.");
        }

        var onPath = (environment("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        foreach (var folder in usual.Concat(onPath).Select(Complete).OfType<string>().Distinct(StringComparer.Ordinal))
            yield return folder;
    }

    internal static IEnumerable<string> UsualFolders() =>
    [
        .. Versioned("/usr/lib/postgresql", "", "bin"),
        .. Versioned("/usr", "pgsql-", "bin"),
        .. Versioned("/usr/lib", "postgresql", "bin"),
        .. Versioned("/usr/libexec", "postgresql", ""),
        "/usr/local/pgsql/bin",
        .. Versioned("/opt/homebrew/opt", "postgresql@", "bin"),
        .. Versioned("/usr/local/opt", "postgresql@", "bin"),
        .. Versioned("/Applications/Postgres.app/Contents/Versions", "", "bin"),
    ];

    private static IEnumerable<string> Versioned(string parent, string prefix, string below)
    {
        if (!Directory.Exists(parent))
            return [];
        return Directory.EnumerateDirectories(parent, prefix + "*")
            .Select(folder => (folder, digits: Path.GetFileName(folder)[prefix.Length..]))
            .Where(f => int.TryParse(f.digits, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .OrderByDescending(f => int.Parse(f.digits, CultureInfo.InvariantCulture))
            .Select(f => Path.Combine(f.folder, below));
    }

    /// <summary>The folder behind wrappers and links, if all three programs are there; else null. Debian's
    /// <c>/usr/bin</c> has psql and createdb as wrappers, but no server.</summary>
    private static string? Complete(string folder)
    {
        var server = new FileInfo(Path.Combine(folder, "postgres"));
        if (!server.Exists)
            return null;
        var target = server.ResolveLinkTarget(returnFinalTarget: true) ?? server;
        var real = Path.GetDirectoryName(target.FullName);
        return real is not null && new[] { "initdb", "pg_ctl", "postgres" }.All(n => File.Exists(Path.Combine(real, n)))
            ? real
            : null;
    }

    private static int? MajorOf(string folder)
    {
        var start = new ProcessStartInfo(Path.Combine(folder, "postgres"), "--version")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            var said = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            var match = Version().Match(said);
            return match.Success ? int.Parse(match.Groups["major"].ValueSpan, CultureInfo.InvariantCulture) : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    [GeneratedRegex(@"\(PostgreSQL\) (?<major>[0-9]{1,4})", RegexOptions.None, 1000)]
    private static partial Regex Version();
}
