namespace Ledger.Api.Tests;

/// <summary>Events to send, each on one line.</summary>
internal static class Sample
{
    private static int _last;

    /// <summary>A key and record nobody used yet.</summary>
    public static string NewId() => $"e{Interlocked.Increment(ref _last)}";

    /// <summary>Ninety minutes of somebody's work.</summary>
    /// <param name="more">Further members of the envelope, with a comma at their end.</param>
    public static string Time(
        string id, string? record = null, string minutes = "90", string type = "time_entry_recorded",
        string more = "") =>
        OneLine($$"""
            {"id":"{{id}}","source":"psa","type":"{{type}}","subject":"time/{{record ?? id}}",
            "time":"2026-03-14T09:30:00Z",{{more}}"data":{"resource":{"kind":"resource","id":"R1"},
            "workedOn":"2026-03-14","quantity":{"value":"{{minutes}}","unit":"MIN"} } }
            """);

    /// <summary>A client as its source shows it.</summary>
    public static string ClientStated(
        string id, string record, string name, string observed = "2026-03-14T10:00:00Z") =>
        OneLine($$"""
            {"id":"{{id}}","source":"crm","type":"client_stated","subject":"client/{{record}}",
            "time":"2026-03-14T09:30:00Z","data":{"observedAt":"{{observed}}","name":"{{name}}"} }
            """);

    /// <summary>An invoice of one line that bills an entry of the PSA.</summary>
    public static string Invoice(string id, string record, string entry) =>
        OneLine($$"""
            {"id":"{{id}}","source":"billing","type":"invoice_issued","subject":"invoice/{{record}}",
            "time":"2026-04-01T09:30:00Z",
            "data":{"number":"{{record}}","issuedOn":"2026-04-01","currency":"GBP",
            "lines":[{"line":"1","kind":"time","description":"Work","net":"180.00",
            "bills":[{"ref":{"kind":"time","source":"psa","id":"{{entry}}"} }]}],"totals":{"net":"180.00"} } }
            """);

    public static string OneLine(string text) => text.ReplaceLineEndings("");
}
