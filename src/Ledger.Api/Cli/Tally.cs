namespace Ledger.Api;

/// <summary>Counts verdicts, and keeps what a person should look at.</summary>
/// <param name="progress">Is told how many there are so far.</param>
internal sealed class Tally(Action<long> progress)
{
    private static readonly string[] Order =
        ["appended", "duplicate", "unchanged", "parked", "conflict", "rejected", "not_attempted", "unavailable"];

    private readonly Dictionary<string, long> _counts = [];
    private long _total;

    /// <summary>Conflicts, rejected events and files that could not be read; parked ones are none.</summary>
    public long Problems { get; private set; }

    public long this[string verdict] => _counts.GetValueOrDefault(verdict);

    public void Add(string file, ItemAnswer[] answers)
    {
        foreach (var answer in answers)
        {
            _counts[answer.Verdict] = _counts.GetValueOrDefault(answer.Verdict) + 1;
            if (answer.Problem is { } problem)
                Fault($"{file}[{answer.Index}]", $"{answer.Source} {answer.Id}: {answer.Verdict}. {problem.Detail}"
                    + string.Concat((problem.Errors ?? []).Select(e => $"\n    {e.Pointer} {e.Code}: {e.Detail}")));
        }

        progress(_total += answers.Length);
    }

    public void Fault(string where, string what)
    {
        Problems++;
        Terminal.Note($"{where} {what}");
    }

    /// <summary>One line: every verdict there was, in a fixed order.</summary>
    public override string ToString() => _total == 0 ? "no events" : string.Join(", ", Order
        .Where(_counts.ContainsKey).Select(verdict => FormattableString.Invariant($"{_counts[verdict]} {verdict}")));
}
