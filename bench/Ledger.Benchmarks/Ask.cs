using System.Globalization;
using System.Text.Json;

namespace Ledger.Benchmarks;

/// <summary>What the command line asks for.</summary>
internal sealed record Ask(
    IReadOnlyList<string> Rows, long? Events, string? Json, string? Database, string? Keep, string? Problem)
{
    public static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    };

    private static IEnumerable<string> Names =>
        Benchmarks.Rows.All.Select(row => row.Workload).Concat(Reported.All.Select(row => row.Workload));

    public static Ask Parse(IReadOnlyList<string> args)
    {
        var (rows, events, json) = (new List<string>(), default(long?), default(string));
        string? database = null, keep = null, problem = null;
        for (var i = 0; i < args.Count; i++)
        {
            if (args[i] is "--events" or "--json" or "--database" or "--keep" && i + 1 == args.Count)
                problem = $"{args[i]} needs a value";
            else if (args[i] is "--help" or "-h") problem ??= "";
            else if (args[i] == "--json") json = args[++i];
            else if (args[i] == "--database") database = args[++i];
            else if (args[i] == "--keep") keep = args[++i];
            else if (args[i] == "--events")
            {
                events = long.TryParse(args[++i], NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 0
                    ? n
                    : null;
                if (events is null) problem = "--events takes a whole number above 0";
            }
            else if (Names.Contains(args[i])) rows.Add(args[i]);
            else problem = $"there is no row '{args[i]}'";
        }

        if (database is not null && keep is not null) problem ??= "--keep keeps a server of its own: no --database";
        return new(rows, events, json, database, keep, problem);
    }

    /// <summary>Whether a row is asked for by name, or none is.</summary>
    public bool Wants(string row) => Rows.Count == 0 || Rows.Contains(row);

    public static string Help() =>
        $"""
        Ledger.Benchmarks [ROW…] [--events N] [--json FILE] [--database CONNECTION | --keep FOLDER]

        Rows (all, where none is named): {string.Join(", ", Names)}
        Each of the first table runs beside its baseline, in turn, on fresh databases; the medians make the ratio (ours / baseline).
        Those of the second stand for themselves, measured once.
        Without --database a private PostgreSQL is started in a temporary folder, fsync on. With --keep the folder stays,
        and so do the ledgers that rows only read: filled once for each number of events, then measured again and again.
        """;
}
