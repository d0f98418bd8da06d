using System.Globalization;
using System.Text;
using Ledger.Domain;
using Ledger.Projections;
using Ledger.Store;

namespace Ledger.Benchmarks;

/// <summary>Events as a PSA's connector sends them: ten to a stream, seeded by their number.</summary>
internal static class Payloads
{
    public const int EventsPerStream = 10;

    /// <summary>The document of event number <paramref name="n"/>; the first of a stream records, the rest
    /// correct.</summary>
    public static byte[] Json(long n, string run, long eventsPerStream = EventsPerStream)
    {
        var stream = n / eventsPerStream;
        var turn = n % eventsPerStream;
        var day = $"2026-{1 + stream % 9:00}-{1 + stream % 28:00}";
        var body = turn == 0
            ? $$"""
              {"resource":{"kind":"resource","id":"R{{stream % 97}}"},"workedOn":"{{day}}","quantity":{"value":"{{30 + stream % 450}}","unit":"MIN"},"project":{"kind":"project","id":"P{{stream % 211}}"},"task":"T{{stream % 13}}","billable":true,"billRate":{"amount":"{{90 + stream % 8 * 15}}","currency":"USD","per":"HUR"},"note":"Review of drawings, sheet {{stream % 1000}}"}
              """
            : $$"""
              {"quantity":{"value":"{{30 + (stream + turn) % 450}}","unit":"MIN"},"note":"Corrected the {{turn}}. time","reason":"timesheet review"}
              """;
        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $$"""
            {"source":"psa","id":"{{run}}-{{n}}","type":"{{(turn == 0 ? "time_entry_recorded" : "time_entry_corrected")}}","subject":"time/{{run}}{{stream}}","time":"{{day}}T{{8 + turn % 16:00}}:{{(15 + turn / 16) % 60:00}}:00Z","actor":"sync","data":{{body}}}
            """));
    }

    /// <summary>The whole way of a document at the door: read strictly, put in canonical form, hashed.</summary>
    public static NewEvent Read(byte[] json) => Recorded.New((Understood)EnvelopeReader.Read(json));
}
