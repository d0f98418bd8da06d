using NodaTime;

namespace Ledger.Domain;

/// <summary>A past-tense fact about one record. The members here are those any kind may state.</summary>
public abstract record Event
{
    /// <summary>The record's business number as printed; never its identity.</summary>
    public string? Number { get; init; }

    /// <summary>The legal entity it belongs to.</summary>
    public Ref? Entity { get; init; }

    public Items<Attachment>? Attachments { get; init; }

    /// <summary>Custom fields of the source, mapped, as text.</summary>
    public Ext? Ext { get; init; }
}

/// <summary>A full or partial copy of a record as its source showed it.</summary>
public abstract record Snapshot : Event
{
    /// <summary>When the record was read at the source; never part of what is compared.</summary>
    public Instant? ObservedAt { get; init; }

    /// <summary>The source's own version of the record (etag, SyncToken), where it has one.</summary>
    public string? RecordVersion { get; init; }

    /// <summary>The parts stated completely; absent = all of them. A list (or <c>ext</c>) that is stated but not named
    /// here is merged by its items' ids instead of replaced. <c>lines.time</c> = all lines of kind
    /// <c>time</c>.</summary>
    public Items<string>? Covers { get; init; }

    /// <summary>Whether a stated list replaces what was known.</summary>
    public bool IsComplete(string part) => Covers is null || Covers.Contains(part);

    /// <summary>A list over what was known of it: in its place where it is complete, else put into it by its items'
    /// ids; what was known where nothing is said.</summary>
    internal Items<T> Over<T, TKey>(Said<Items<T>> said, Items<T> before, string part, Func<T, TKey> id)
        where TKey : IEquatable<TKey>
    {
        if (!said.IsSaid) return before;
        var stated = said.Value ?? Items<T>.None;
        return IsComplete(part) ? stated : stated.Aggregate(before, (all, item) => all.Put(item, id));
    }

    /// <summary>The same of a list without ids: the n-th with a key is the n-th known with it.</summary>
    internal Items<T> OverInOrder<T, TKey>(Said<Items<T>> said, Items<T> before, string part, Func<T, TKey> key)
        where TKey : IEquatable<TKey>
    {
        if (!said.IsSaid) return before;
        var stated = said.Value ?? Items<T>.None;
        if (IsComplete(part)) return stated;
        var after = Numbered(before, key).ToList();
        foreach (var item in Numbered(stated, key))
        {
            var at = after.FindIndex(known => known.Key.Equals(item.Key));
            if (at < 0) after.Add(item);
            else after[at] = item;
        }

        return after.Select(item => item.Item).ToItems();
    }

    private static IEnumerable<((TKey, int) Key, T Item)> Numbered<T, TKey>(Items<T> items, Func<T, TKey> key)
        where TKey : IEquatable<TKey> =>
        items.Select((item, i) =>
            ((key(item), items.Take(i).Count(before => key(before).Equals(key(item)))), item));

    /// <summary>Whether a field that every state has some value in is left unsaid: what it begins with is nobody's
    /// word.</summary>
    internal virtual bool LeavesOpen(string field) => false;
}

/// <summary>What a record is, by one source's word.</summary>
public abstract record RecordState
{
    public string? Number { get; init; }

    public Ref? Entity { get; init; }

    public Items<Attachment>? Attachments { get; init; }

    public Ext? Ext { get; init; }
}

/// <summary>What an event knows beside its body; a fold sees no other clock.</summary>
/// <param name="Time">When the source says it happened.</param>
/// <param name="EffectiveOn">The date it counts from.</param>
/// <param name="Actor">Who did it at the source.</param>
/// <param name="Position">Its place in the ledger.</param>
public sealed record EventFacts(Instant Time, LocalDate EffectiveOn, string? Actor, long Position);
