using NodaTime;

namespace Ledger.Store;

/// <summary>An event's place among its stream's events, by its source's word.</summary>
internal readonly record struct SourcePlace(Instant Time, long? Sequence, string Id)
{
    public static SourcePlace Of(NewEvent offered) => new(offered.Time, offered.Sequence, offered.Id);

    /// <summary>By time; what states a sequence comes after what states none.</summary>
    public int CompareByTime(SourcePlace other)
    {
        var by = SinceByTime(other);
        return by != 0 ? by : string.CompareOrdinal(Id, other.Id);
    }

    /// <summary>By sequence; meaningful only where both state one.</summary>
    public int CompareBySequence(SourcePlace other)
    {
        var by = SinceBySequence(other);
        return by != 0 ? by : string.CompareOrdinal(Id, other.Id);
    }

    /// <summary>The same without the last resort of comparing ids: 0 = the source says no order.</summary>
    public int SinceByTime(SourcePlace other)
    {
        var by = Time.CompareTo(other.Time);
        return by != 0 ? by : Nullable.Compare(Sequence, other.Sequence);
    }

    public int SinceBySequence(SourcePlace other)
    {
        var by = Nullable.Compare(Sequence, other.Sequence);
        return by != 0 ? by : Time.CompareTo(other.Time);
    }
}

/// <summary>The last of a stream's events, in both orders the source may come to have: by sequence while every event
/// states one, by time as soon as one does not.</summary>
/// <param name="BySequence">Null where some event states no sequence.</param>
internal sealed record Newest(SourcePlace ByTime, SourcePlace? BySequence)
{
    public static Newest Of(SourcePlace only) => new(only, only.Sequence is null ? null : only);

    /// <summary>With one event more.</summary>
    public Newest With(SourcePlace next) => new(
        next.CompareByTime(ByTime) > 0 ? next : ByTime,
        next.Sequence is null || BySequence is not { } last ? null
            : next.CompareBySequence(last) > 0 ? next : last);

    /// <summary>Whether an event there comes after every other, whatever events may come yet.</summary>
    public bool IsBefore(SourcePlace next) =>
        next.CompareByTime(ByTime) > 0
        && (next.Sequence is null || BySequence is not { } last || next.CompareBySequence(last) > 0);

    /// <summary>Whether the source's word puts an event there before the last one.</summary>
    public bool IsAfter(SourcePlace offered) =>
        offered.SinceByTime(ByTime) < 0
        || offered.Sequence is not null && BySequence is { } last && offered.SinceBySequence(last) < 0;
}
