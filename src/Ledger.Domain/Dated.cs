using NodaTime;

namespace Ledger.Domain;

/// <summary>A value that counts from a day on, until another of the same does.</summary>
/// <param name="Position">Position of the event that says it.</param>
/// <param name="Value">Null = there is none from that day on.</param>
/// <param name="From">The first day; null = from the beginning.</param>
/// <param name="Of">What it is the value of, where several are kept in one list.</param>
public sealed record Dated<T>(long Position, T? Value = null, LocalDate? From = null, string? Of = null)
    where T : class;

/// <summary>Values with the days they count from: each in the order of its days, so that the last counts now. What is
/// said of a day takes the place of what was said of that day before, and of no other.</summary>
public static class Dated
{
    /// <summary>What counts on a day, by whose word; null where nothing was said of that day or before.</summary>
    public static Dated<T>? InForce<T>(this Items<Dated<T>> said, LocalDate day, string? of = null)
        where T : class
    {
        Dated<T>? last = null;
        foreach (var one in said)
            if (one.Of == of && (one.From is null || one.From <= day)) last = one;
        return last;
    }

    /// <summary>The value that counts on a day; null where there is none.</summary>
    public static T? On<T>(this Items<Dated<T>> said, LocalDate day, string? of = null)
        where T : class => said.InForce(day, of)?.Value;

    /// <summary>The value that begins last; null where there is none.</summary>
    public static T? Last<T>(this Items<Dated<T>> said, string? of = null)
        where T : class => said.On(LocalDate.MaxIsoValue, of);

    /// <summary>The value that counts on a day, where the record itself says what counts now; that where it is another
    /// than the last of these: then a person, or another system, put it over them.</summary>
    public static T? At<T>(this Items<Dated<T>> said, LocalDate day, T? now)
        where T : class => said.Count > 0 && Equals(said[^1].Value, now) ? said.On(day) : now;

    /// <summary>With a value said to count from a day.</summary>
    /// <param name="from">Null = from the beginning.</param>
    internal static Items<Dated<T>> Saying<T>(
        this Items<Dated<T>> said, T? value, LocalDate? from, long position, string? of = null)
        where T : class
    {
        var all = said.Where(other => other.Of != of || other.From != from).ToList();
        var next = all.FindIndex(other => other.Of == of && (from is null || other.From > from));
        all.Insert(next < 0 ? all.Count : next, new(position, value, from, of));
        return all.ToItems();
    }

    /// <summary>With a value that an event says: from the day it states, else from its own; the first, where it states
    /// none, from the beginning.</summary>
    internal static Items<Dated<T>> Told<T>(this Items<Dated<T>> said, T? value, LocalDate? from, EventFacts facts)
        where T : class => value is null && said.Count == 0
        ? said
        : said.Saying(value, from ?? (said.Count == 0 ? null : facts.EffectiveOn), facts.Position);

    /// <summary>With a value that a system shows: from that day on, where it is another than the one that counts on it.
    /// </summary>
    internal static Items<Dated<T>> Shown<T>(this Items<Dated<T>> said, Said<T> value, EventFacts facts)
        where T : class => !value.IsSaid || Equals(said.On(facts.EffectiveOn), value.Value)
        ? said
        : said.Told(value.Value, null, facts);
}
