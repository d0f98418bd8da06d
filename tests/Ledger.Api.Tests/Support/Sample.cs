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

    public static string OneLine(string text) => text.ReplaceLineEndings("");
}
