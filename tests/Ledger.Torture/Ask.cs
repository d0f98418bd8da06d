using System.Globalization;

namespace Ledger.Torture;

/// <summary>What the command line asks for.</summary>
/// <param name="Problem">What is wrong with it; empty = help is wanted.</param>
internal sealed record Ask(
    IReadOnlyList<string> Scenarios, long? Trials, TimeSpan? Time, int Seed, bool Json, string? Problem)
{
    public static string Help { get; } =
        $"""
        Ledger.Torture [--scenario NAME]… [--trials N] [--seconds S] [--seed N] [--json]

        Hurts a ledger of its own, on a PostgreSQL of its own, in temporary folders, and counts what was lost or
        doubled. Nothing may be: it then exits with 1. Needs the PostgreSQL binaries and no network.

        --scenario NAME  Only this one; may be repeated. All, where none is named:
        {string.Join('\n', Torture.Scenarios.All.Select(s => $"                   {s.Name,-14} {s.Does}"))}
        --trials N       So many trials of each, instead of its own number; what a trial is differs.
        --seconds S      Begin trials for so long, each scenario, whatever their number.
        --seed N         Throw the dice of an earlier run. It is printed with every result: what depends on dice alone
                         repeats; what depends on when the machine does what repeats nearly.
        --json           The results as JSON on standard output, the table on standard error.

          Ledger.Torture --scenario kill-server --trials 200
          Ledger.Torture --scenario fuzz --trials 1000000
          Ledger.Torture --seconds 600 --json > torture.json
        """;

    public static Ask Parse(IReadOnlyList<string> args)
    {
        var ask = new Ask([], null, null, Environment.TickCount & 0xFFFFF, false, null);
        for (var i = 0; i < args.Count && ask.Problem is null; i++)
            ask = args[i] switch
            {
                "--help" or "-h" => ask with { Problem = "" },
                "--json" => ask with { Json = true },
                "--scenario" or "--trials" or "--seconds" or "--seed" when i + 1 == args.Count =>
                    ask with { Problem = $"{args[i]} needs a value." },
                "--scenario" => ask.Named(args[++i]),
                "--trials" => Number(args[++i]) is { } n
                    ? ask with { Trials = n }
                    : ask with { Problem = "--trials takes a whole number above 0." },
                "--seconds" => Number(args[++i]) is { } s
                    ? ask with { Time = TimeSpan.FromSeconds(s) }
                    : ask with { Problem = "--seconds takes a whole number above 0." },
                "--seed" => int.TryParse(args[++i], NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
                    ? ask with { Seed = seed }
                    : ask with { Problem = "--seed takes a whole number." },
                var other => ask with { Problem = $"There is no option '{other}'." },
            };
        return ask;
    }

    private Ask Named(string name) => Torture.Scenarios.All.Any(scenario => scenario.Name == name)
        ? this with { Scenarios = [.. Scenarios, name] }
        : this with { Problem = $"There is no scenario '{name}'." };

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 0 ? n : null;
}
