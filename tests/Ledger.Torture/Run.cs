using System.Collections.Concurrent;
using System.Diagnostics;

namespace Ledger.Torture;

/// <summary>One run of a scenario: its trials, its dice, and what it finds. Safe for any number of threads, but for
/// <see cref="Next"/>.</summary>
internal sealed class Run(long trials, TimeSpan? time, int seed)
{
    private const int FindingsMax = 20;

    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly ConcurrentQueue<string> _findings = new();
    private readonly ConcurrentQueue<string> _notes = new();
    private readonly ConcurrentQueue<string> _skipped = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<double>> _times = new(StringComparer.Ordinal);
    private long _faults;
    private long _lost;
    private long _doubled;
    private long _anomalies;

    /// <summary>How many trials were asked for; one who spreads cases over them may need to know.</summary>
    public long Trials => trials;

    /// <summary>The trial that runs, from 1.</summary>
    public long Trial { get; private set; }

    /// <summary>Begins a trial.</summary>
    /// <returns>False = enough.</returns>
    public bool Next()
    {
        if (Trial >= trials || time < Stopwatch.GetElapsedTime(_began))
            return false;
        Trial++;
        return true;
    }

    /// <summary>Dice of one thrower; the same seed and name throw the same.</summary>
    public Random Dice(string thrower, long number = 0)
    {
        // Not HashCode, which differs from process to process.
        var mixed = (ulong)(uint)seed;
        foreach (var letter in thrower)
            mixed = unchecked((mixed ^ letter) * 1_099_511_628_211);
        mixed = unchecked((mixed ^ (ulong)number) * 1_099_511_628_211);
        return new Random(unchecked((int)(mixed ^ (mixed >> 32))));
    }

    public void Fault(long times = 1) => Interlocked.Add(ref _faults, times);

    public void Lost(string what) => Found(ref _lost, "lost", what);

    public void Doubled(string what) => Found(ref _doubled, "doubled", what);

    public void Anomaly(string what) => Found(ref _anomalies, "anomaly", what);

    public void Took(string what, TimeSpan how) =>
        _times.GetOrAdd(what, _ => new()).Enqueue(how.TotalMilliseconds);

    /// <summary>Something worth a line, that is neither good nor bad.</summary>
    public void Note(string what) => _notes.Enqueue(what);

    public void Skip(string why) => _skipped.Enqueue(why);

    public Outcome Outcome(Scenario scenario) => new(
        scenario.Name, scenario.Does, seed, Trial, _faults, _lost, _doubled, _anomalies,
        Math.Round(Stopwatch.GetElapsedTime(_began).TotalSeconds, 1),
        [.. _times.OrderBy(named => named.Key, StringComparer.Ordinal).Select(named => Summed(named.Key, named.Value))],
        [.. _notes], [.. _findings], [.. _skipped]);

    private static Measure Summed(string name, IEnumerable<double> times)
    {
        var sorted = times.Order().ToArray();
        double At(double share) => Math.Round(sorted[(int)((sorted.Length - 1) * share)], 1);
        return new(name, sorted.Length, At(0.5), At(0.99), At(1));
    }

    private void Found(ref long count, string kind, string what)
    {
        if (Interlocked.Increment(ref count) > 0 && _findings.Count < FindingsMax)
            _findings.Enqueue($"{kind}: {what}");
    }
}
