using System.Globalization;
using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

/// <summary>One event as its system would tell it, and when it reaches the ledger.</summary>
internal sealed record Told(Envelope Envelope, Event Body, Instant Arrives);

/// <summary>Lets the systems speak about one engagement, or about the firm: makes the envelopes, with ids that no
/// other teller uses, and decides how late each delivery is.</summary>
/// <param name="name">What all ids of its events begin with.</param>
internal sealed class Teller(string name, Dice dice)
{
    // Of a thousand deliveries: how many come hours late, days late, or twice.
    private const int HoursLate = 30;
    private const int DaysLate = 6;
    private const int Twice = 8;

    private readonly List<Told> told = [];
    private int said;

    /// <summary>What is said of one record at one time.</summary>
    /// <returns>The event's id.</returns>
    public string Says(
        string source, Kind kind, string record, LocalDateTime at, Event body, string? actor = null,
        TimeBasis basis = TimeBasis.Stated)
    {
        said++;
        var id = $"{name}-{said.ToString(CultureInfo.InvariantCulture)}";
        var time = at.InUtc().ToInstant();
        var envelope = new Envelope(source, id, EventCatalog.Find(body).Name, kind.Name, record, time, at.Date, basis)
        {
            Actor = actor,
        };
        told.Add(new(envelope, body, time + Lag()));
        if (dice.Chance(Twice)) told.Add(new(envelope, body, time + Lag() + Duration.FromMinutes(dice.Between(5, 90))));
        return id;
    }

    /// <summary>A record as its system showed it.</summary>
    public string Shows(string source, Kind kind, string record, LocalDateTime at, Snapshot body) => Says(
        source, kind, record, at, body with { ObservedAt = at.InUtc().ToInstant() }, basis: TimeBasis.Modified);

    /// <summary>What has reached the ledger before a time, in the order it did; the rest waits.</summary>
    public List<Told> Arrived(Instant before)
    {
        var now = told.Where(t => t.Arrives < before).ToList();
        told.RemoveAll(t => t.Arrives < before);
        now.Sort(static (a, b) =>
        {
            var by = a.Arrives.CompareTo(b.Arrives);
            return by != 0 ? by : string.CompareOrdinal(a.Envelope.Id, b.Envelope.Id);
        });
        return now;
    }

    private Duration Lag() => dice.Chance(DaysLate) ? Duration.FromHours(dice.Between(24, 150))
        : dice.Chance(HoursLate) ? Duration.FromMinutes(dice.Between(60, 900))
        : Duration.FromSeconds(dice.Between(20, 600));
}
