using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ledger.Store;
using NodaTime;

namespace Ledger.Torture;

/// <summary>Events to send and to append.</summary>
internal static class Sample
{
    /// <summary>Somebody's work, as a document for the door.</summary>
    /// <param name="record">Several events on one record make a stream.</param>
    /// <param name="more">Further members of the envelope, with a comma at their end.</param>
    public static string Time(string id, string? record = null, int minutes = 90, string more = "", string note = "")
    {
        var quantity = minutes.ToString(CultureInfo.InvariantCulture);
        return $$$"""
            {"id":"{{{id}}}","source":"psa","type":"time_entry_recorded","subject":"time/{{{record ?? id}}}",
            "time":"2026-03-14T09:30:00Z",{{{more}}}"data":{"resource":{"kind":"resource","id":"R1"},
            "workedOn":"2026-03-14","note":"{{{note}}}","quantity":{"value":"{{{quantity}}}","unit":"MIN"} } }
            """.ReplaceLineEndings("");
    }

    /// <summary>The same, for the store itself.</summary>
    public static NewEvent New(string id, string stream, string data = "{\"n\":1}", string source = "psa")
    {
        var body = CanonicalJson.Of(Encoding.UTF8.GetBytes(data));
        return new NewEvent(
            source, id, stream, "time_entry", "time_entry_recorded",
            "Ledger.Domain.Time.TimeEntryRecorded, Ledger.Domain", body, [new("time", "2026-11-02T09:00:00Z")],
            EventDigest.For("time_entry_recorded", stream, null, null, null, null, default, body))
        {
            Time = Instant.FromUtc(2026, 11, 2, 9, 0),
        };
    }

    /// <summary>A stated snapshot.</summary>
    public static NewEvent Stated(string id, string stream, string data)
    {
        var stated = New(id, stream, data) with { Type = "time_stated" };
        return stated with { Snapshot = SHA256.HashData(stated.Data.Span) };
    }
}
