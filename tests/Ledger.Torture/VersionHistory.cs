namespace Ledger.Torture;

/// <summary>One call on a stream's version, as its caller saw it.</summary>
/// <param name="Called">When it was called, on one clock of all callers.</param>
/// <param name="Answered">When the answer came.</param>
/// <param name="Version">What it made, or what it saw.</param>
/// <param name="Made">Whether it moved the stream from the version before to <paramref name="Version"/>; else it only
/// saw that version.</param>
internal sealed record VersionCall(long Called, long Answered, long Version, bool Made);

/// <summary>Checks a history of calls on one counter for linearizability: whether each call can be given one moment
/// between its call and its answer such that, one after the other, they say what a counter alone would.</summary>
/// <remarks>A counter only grows, so the search is a walk: version v begins no sooner than the call that made it was
/// called and no later than it was answered; no sooner than every call was called that still saw v - 1; no later than
/// the first answer of one that saw v already.</remarks>
internal static class VersionHistory
{
    /// <returns>What cannot be; empty = the history is linearizable.</returns>
    public static IEnumerable<string> Anomalies(IReadOnlyCollection<VersionCall> calls)
    {
        var makers = calls.Where(call => call.Made).ToLookup(call => call.Version);
        foreach (var twice in makers.Where(made => made.Count() > 1))
            yield return $"version {twice.Key} was made {twice.Count()} times";
        var last = calls.Count == 0 ? 0 : calls.Max(call => call.Version);
        for (var version = 1L; version <= last; version++)
            if (!makers.Contains(version))
                yield return $"version {version} was seen and nobody made it";

        var saw = calls.Where(call => !call.Made).ToLookup(call => call.Version);
        var begins = long.MinValue;
        for (var version = 1L; version <= last; version++)
        {
            var maker = makers[version].FirstOrDefault();
            var soonest = saw[version - 1].Select(call => call.Called).Append(maker?.Called ?? long.MinValue).Max();
            var latest = saw[version].Select(call => call.Answered).Append(maker?.Answered ?? long.MaxValue).Min();
            begins = Math.Max(begins, soonest);
            if (begins > latest)
                yield return $"version {version} began at {begins} or later, but was known at {latest}";
        }
    }
}
