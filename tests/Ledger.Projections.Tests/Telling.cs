using Ledger.Domain;
using Ledger.Store;
using NodaTime;

namespace Ledger.Projections.Tests;

/// <summary>What sources say, made as the door makes it.</summary>
internal static class Telling
{
    public static readonly Instant Morning = Instant.FromUtc(2026, 3, 2, 9, 0);

    private static long _last;

    /// <summary>One envelope with a body, under a key nobody used yet unless one is given.</summary>
    /// <param name="subject"><c>{kind}/{id}</c>.</param>
    /// <param name="minute">Minutes after <see cref="Morning"/> at which the source says it happened.</param>
    public static Understood Understood(
        string source, string subject, Event body, int minute = 0, long? sequence = null, string? id = null)
    {
        var time = Morning + Duration.FromMinutes(minute);
        var (kind, record) = (subject.Split('/')[0], subject[(subject.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        var definition = EventCatalog.Find(body);
        var envelope = new Envelope(
            source, id ?? $"e-{Interlocked.Increment(ref _last)}", definition.Name, kind, record, time,
            time.InUtc().Date)
        {
            Sequence = sequence,
        };
        return new(envelope, definition, body, definition.Write(body));
    }

    /// <inheritdoc cref="Understood"/>
    public static NewEvent Event(
        string source, string subject, Event body, int minute = 0, long? sequence = null, string? id = null) =>
        Recorded.New(Understood(source, subject, body, minute, sequence, id));
}
