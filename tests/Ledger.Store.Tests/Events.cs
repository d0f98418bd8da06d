using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NodaTime;
using NodaTime.Text;

namespace Ledger.Store.Tests;

/// <summary>Events to append.</summary>
internal static class Events
{
    private static long _last;

    /// <summary>One event under a key nobody used yet, unless one is given.</summary>
    /// <param name="time">When the source says it happened; one and the same unless one is given.</param>
    /// <param name="sequence">The source's own order.</param>
    public static NewEvent New(
        string stream, string? id = null, string data = "{\"n\":1}", string source = "psa", Instant? time = null,
        long? sequence = null)
    {
        id ??= $"e-{Interlocked.Increment(ref _last)}";
        var body = CanonicalJson.Of(Encoding.UTF8.GetBytes(data));
        var at = time ?? Instant.FromUtc(2026, 11, 2, 9, 0);
        List<KeyValuePair<string, string>> headers = [new("time", InstantPattern.ExtendedIso.Format(at))];
        if (sequence is { } number)
            headers.Add(new("sequence", number.ToString(CultureInfo.InvariantCulture)));
        return new NewEvent(
            source, id, stream, "time_entry", "time_entry_recorded",
            "Ledger.Domain.Time.TimeEntryRecorded, Ledger.Domain", body, headers,
            EventDigest.For("time_entry_recorded", stream, null, null, null, null, default, body))
        {
            Time = at, Sequence = sequence,
        };
    }

    /// <summary>Offers it as an event of a type that is not known.</summary>
    public static async Task<Verdict> Park(EventStore store, NewEvent unknown) => (await store.TakeAside(
        [new(unknown.Source, unknown.Id, "orbit_reached", "{}"u8.ToArray(), unknown.Digest)], None))[0]!;

    /// <summary>A stated snapshot.</summary>
    public static NewEvent Stated(
        string stream, string data, string? id = null, Instant? time = null, long? sequence = null)
    {
        var stated = New(stream, id, data, time: time, sequence: sequence) with { Type = "time_entry_stated" };
        return stated with { Snapshot = SHA256.HashData(stated.Data.Span) };
    }
}
