using Ledger.Domain;
using Ledger.Projections.Drift;

namespace Ledger.Projections.Tests.Drift;

/// <summary>Worlds made of events as the door understood them, in the order given.</summary>
internal static class Worlds
{
    public static (World World, EventIndex Events) Of(IEnumerable<Understood> understood, Random? shuffled = null)
    {
        var events = understood.DistinctBy(u => (u.Envelope.Source, u.Envelope.Id)).Select((u, i) => new RecordedEvent(
            i + 1, u.Envelope.Source, u.Envelope.Id, u.Envelope.Stream, u.Envelope.Type, u.Envelope.Time,
            u.Envelope.CountsFrom, u.Envelope.Sequence, u.Envelope.Actor, u.Envelope.Time, u.Body)).ToArray();
        var index = EventIndex.Of(events);
        var position = events.Length;
        shuffled?.Shuffle(events);
        return (new(position, new(2026, 10, 1), events.GroupBy(e => e.Stream).Select(Record)), index);
    }

    /// <summary>The report as it is written.</summary>
    public static string Json(this DriftReport report, EventIndex? events = null)
    {
        using var bytes = new MemoryStream();
        report.WriteJson(bytes, events ?? EventIndex.None);
        return System.Text.Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static SourceRecord Record(IGrouping<string, RecordedEvent> events)
    {
        var (stream, kind) = (events.Key, Kind.Find(StreamName.KindOf(events.Key)));
        return new(stream, kind, StreamName.SourceOf(stream), StreamName.IdOf(stream), StreamFold.Fold(kind, events));
    }
}
