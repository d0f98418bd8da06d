using NodaTime;

namespace Ledger.Domain.Tests;

/// <summary>Events of one record, told on successive days from 1 March 2026, and what they come to.</summary>
internal static class Telling
{
    public static readonly Currency Eur = Currency.Of("EUR");

    public static TState Of<TState>(params Event[] events)
        where TState : RecordState => Fold<TState>(events).State.ShouldBeOfType<TState>();

    public static Folded Fold<TState>(params Event[] events)
    {
        var kind = Kind.All.Single(k => k.StateType == typeof(TState));
        return StreamFold.Fold(kind, events.Select((e, i) => new RecordedEvent(
            i + 1, "psa", $"{i:000}", "stream", EventCatalog.Find(e).Name, Day(i + 1), On(i + 1), null, null, Day(99), e)));
    }

    /// <summary>The events that wait, by their number from 1.</summary>
    public static IEnumerable<long> Pending<TState>(params Event[] events) => Fold<TState>(events).Pending;

    public static Instant Day(int day) => Instant.FromUtc(2026, 3, 1, 9, 0) + Duration.FromDays(day - 1);

    public static LocalDate On(int day) => Day(day).InUtc().Date;

    public static Quantity Hours(decimal hours) => new(hours, Unit.Hour);

    public static Rate PerHour(decimal amount) => new(amount, Eur, Unit.Hour);
}
