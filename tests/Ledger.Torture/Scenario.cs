namespace Ledger.Torture;

/// <summary>One way to hurt a ledger, and what must be true after it.</summary>
/// <param name="Name">As the command line names it.</param>
/// <param name="Does">One sentence.</param>
/// <param name="Trials">How many where nothing is said: minutes.</param>
/// <param name="Few">How many are enough to see that it runs: seconds.</param>
internal sealed record Scenario(
    string Name, string Does, long Trials, long Few, Func<Run, CancellationToken, Task> Hurt)
{
    /// <summary>Runs it. What it throws is an anomaly of its own, not the end of everything.</summary>
    /// <param name="trials">Null = as many as it has by itself.</param>
    /// <param name="time">No trial begins later; null = the trials alone decide.</param>
    public async Task<Outcome> Start(long? trials, TimeSpan? time, int seed, CancellationToken cancellationToken)
    {
        var run = new Run(trials ?? (time is null ? Trials : long.MaxValue), time, seed);
        try
        {
            await Hurt(run, cancellationToken);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            var all = error.ToString();
            run.Anomaly($"it broke off in trial {run.Trial}: {all[..Math.Min(all.Length, 2_000)]}");
        }

        return run.Outcome(this);
    }
}

/// <summary>What came of a scenario.</summary>
/// <param name="Faults">How often something was killed, cut, held, filled, changed.</param>
/// <param name="Lost">Acknowledged and not there.</param>
/// <param name="Doubled">There more than once.</param>
/// <param name="Anomalies">Anything else that must not be.</param>
/// <param name="Measures">Times, reported and never judged.</param>
/// <param name="Findings">What was lost, doubled or wrong, the first of many.</param>
/// <param name="Skipped">Why it, or part of it, could not run here.</param>
internal sealed record Outcome(
    string Name, string Does, int Seed, long Trials, long Faults, long Lost, long Doubled, long Anomalies,
    double ElapsedSeconds, IReadOnlyList<Measure> Measures, IReadOnlyList<string> Notes,
    IReadOnlyList<string> Findings, IReadOnlyList<string> Skipped)
{
    public bool IsClean => Lost + Doubled + Anomalies == 0;
}

/// <summary>Times of one thing, in milliseconds.</summary>
internal sealed record Measure(string Name, int Count, double MedianMs, double P99Ms, double WorstMs);
