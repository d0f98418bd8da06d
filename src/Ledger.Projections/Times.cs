using Ledger.Domain;
using Ledger.Store;
using NodaTime;

namespace Ledger.Projections;

/// <summary>The points in time a question is asked at, alone or together: only events that lie by all of them count.
/// Links, owners, overrides, successions and registrations are told by events too, so they are as at that point.
/// </summary>
/// <param name="AsOf">What counts from this date or before; null = whatever date it counts from.</param>
/// <param name="AsStatedAt">What the systems had said by then, also where it was imported later; null = whenever.
/// </param>
/// <param name="AsKnownAt">What the ledger had at this position, from 0; null = all it has.</param>
public sealed record Times(LocalDate? AsOf = null, Instant? AsStatedAt = null, long? AsKnownAt = null)
{
    public static readonly Times Now = new();

    /// <summary>Whether every event counts.</summary>
    public bool IsNow => this == Now;

    /// <summary>Whether an event lies by all of them.</summary>
    public bool Includes(RecordedEvent e) => Includes(e.Position, e.Time, e.EffectiveOn);

    /// <summary>The day to judge dates at.</summary>
    /// <param name="recorded">The UTC date on which the last event by <see cref="AsKnownAt"/> was recorded.</param>
    public LocalDate Day(LocalDate recorded)
    {
        if (AsOf is { } day) return day;
        return AsStatedAt?.InUtc().Date is { } stated && stated < recorded ? stated : recorded;
    }

    /// <summary>The same before the event's body is read. One that does not say its times is not passed over: its
    /// stream stands still before it.</summary>
    internal bool Includes(StoredEvent e)
    {
        Instant? time = AsStatedAt is not null && LedgerJson.TryInstant(e.Headers.GetValueOrDefault(HeaderNames.Time),
            out var said) ? said : null;
        LocalDate? effectiveOn = AsOf is not null && LedgerJson.TryDate(
            e.Headers.GetValueOrDefault(HeaderNames.EffectiveOn), out var date) ? date : null;
        return Includes(e.Position, time, effectiveOn);
    }

    /// <summary>Whether only positions tell what counts.</summary>
    internal bool IsByPosition => AsOf is null && AsStatedAt is null;

    // What is not asked or not known excludes nothing.
    private bool Includes(long position, Instant? time, LocalDate? effectiveOn) =>
        !(position > AsKnownAt) && !(time > AsStatedAt) && !(effectiveOn > AsOf);
}
