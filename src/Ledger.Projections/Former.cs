using Ledger.Domain;

namespace Ledger.Projections;

/// <summary>What a reference points at.</summary>
/// <param name="Stream">Null where it is by number.</param>
internal readonly record struct Target(string Kind, string? Stream, string? Number)
{
    /// <summary>Longest stream, and more than any number or kind that resolves.</summary>
    private const int LengthMax = 400;

    /// <summary>Where a reference of one source points; null for what no record can be called.</summary>
    public static Target? Of(Ref to, string statedBy)
    {
        var target = new Target(to.Kind, to.Stream(statedBy), to.Id is null ? to.Number : null);
        return Math.Max(target.Kind.Length, (target.Stream ?? target.Number)!.Length) <= LengthMax ? target : null;
    }
}

/// <summary>What a record once said and says no more, or waits to say: where to look when asked how it was.</summary>
internal sealed record Former(Items<Target> Targets)
{
    public static readonly Former Nothing = new(Items<Target>.None);

    /// <summary>Of a whole stream: a matter of its events alone, whatever the order they came in.</summary>
    /// <param name="record">What they fold to.</param>
    public static Former Of(SourceRecord record, IReadOnlyCollection<RecordedEvent> events)
    {
        if (events.Count < 2 || !MayHave(record)) return Nothing;
        var now = Said(record, record.Fold.State).ToHashSet();
        var steps = StreamFold.History(record.Kind, events);
        var pending = record.Fold.Pending.ToHashSet();
        var once = steps.SelectMany(step => Said(record, step.After))
            .Concat(events.Where(e => pending.Contains(e.Position)).SelectMany(e => Said(record, e.Body)));
        return new(once.Where(target => !now.Contains(target)).Distinct()
            .OrderBy(t => t.Kind, StringComparer.Ordinal).ThenBy(t => t.Stream, StringComparer.Ordinal)
            .ThenBy(t => t.Number, StringComparer.Ordinal).ToItems());
    }

    /// <summary>Whether events added at the end of a stream leave what it once said as it was.</summary>
    public static bool Stays(SourceRecord before, SourceRecord after)
    {
        if (after.Fold.Pending.Count > 0 || before.Fold.State is null) return false;
        foreach (var field in References.FieldsOf(after.Kind))
            if (before.Fold.Asserted.GetValueOrDefault(field) != after.Fold.Asserted.GetValueOrDefault(field))
                return false;
        return true;
    }

    // A field that only the event which began the record has set never said anything else.
    private static bool MayHave(SourceRecord record)
    {
        if (record.Fold.Pending.Count > 0) return true;
        foreach (var field in References.FieldsOf(record.Kind))
            if (record.Fold.Asserted.TryGetValue(field, out var position) && position != record.Fold.First)
                return true;
        return false;
    }

    private static IEnumerable<Target> Said(SourceRecord record, object? saying) =>
        References.In(saying).Select(to => Target.Of(to, record.Source)).OfType<Target>();
}
