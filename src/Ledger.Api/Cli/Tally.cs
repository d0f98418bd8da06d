namespace Ledger.Api;

/// <summary>Counts verdicts, and keeps what a person should look at.</summary>
/// <param name="progress">Is told how many there are so far.</param>
/// <param name="shownMax">So many problems are shown, the rest only counted.</param>
internal sealed class Tally(Action<long> progress, long shownMax = long.MaxValue)
{
    private static readonly string[] Order =
        ["appended", "duplicate", "unchanged", "parked", "conflict", "rejected", "not_attempted", "unavailable"];

    private readonly Dictionary<string, long> _counts = [];

    /// <summary>Events answered.</summary>
    public long Total { get; private set; }

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

        progress(Total += answers.Length);
    }

    public void Fault(string where, string what)
    {
        Problems++;
        if (Problems <= shownMax)
            Terminal.Note($"{where} {what}");
        if (Problems == shownMax)
            Terminal.Note("Further problems are counted, not shown.");
    }

    /// <summary>One line: every verdict there was, in a fixed order.</summary>
    public override string ToString() => Total == 0 ? "no events" : string.Join(", ", Order
        .Where(_counts.ContainsKey).Select(verdict => FormattableString.Invariant($"{_counts[verdict]} {verdict}")));
}
