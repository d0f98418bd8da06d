using System.Security.Cryptography;
using System.Text;

namespace Ledger.Store.Tests;

/// <summary>Events to append.</summary>
internal static class Events
{
    private static long _last;

    /// <summary>One event under a key nobody used yet, unless one is given.</summary>
    public static NewEvent New(string stream, string? id = null, string data = "{\"n\":1}", string source = "psa")
    {
        id ??= $"e-{Interlocked.Increment(ref _last)}";
        var body = CanonicalJson.Of(Encoding.UTF8.GetBytes(data));
        return new NewEvent(
            source, id, stream, "time_entry", "time_entry_recorded",
            "Ledger.Domain.Time.TimeEntryRecorded, Ledger.Domain", body, [new("time", "2026-11-02T09:00:00Z")],
            EventDigest.For("time_entry_recorded", stream, null, null, null, null, default, body));
    }

    /// <summary>A stated snapshot.</summary>
    public static NewEvent Stated(string stream, string data, string? id = null)
    {
        var stated = New(stream, id, data) with { Type = "time_entry_stated" };
        return stated with { Snapshot = SHA256.HashData(stated.Data.Span) };
    }
}
