using System.Text.Json;
using Ledger.Domain;
using Ledger.Projections.Drift;
using NodaTime;

namespace Ledger.Projections.Proof;

/// <summary>The proof as JSON; equal reports give equal bytes. Amounts and minutes are texts; an event is told by its
/// position, and by its source and id where the ledger can be asked.</summary>
public static class ProofJson
{
    /// <summary><code>
    /// { "asKnownAt", "from"?, "to"?, "foots",
    ///   "accounts": [ { "contract"?, "name", "legalEntity"?, "currency"?, "foots",
    ///     "work": { "opening": { "minutes", "amount" }, "movements": [ { "movement", "minutes", "amount" } ],
    ///               "closing", "difference", "breaks": [ { "item", "sentence", "minutes", "amount", "streams": [],
    ///               "events": [ { "position", "source", "id", "type" } ] } ] },
    ///     "receivables": the same,
    ///     "revenue": the same, and { "deferred", "contractAsset" }: which of the two its closing is,
    ///     "hours": minutes { "approved", "waiting", "billed", "writtenDown", "writtenOff", "notBillable", "paidByFee",
    ///                        "astray", "unmeasured": entries, "breaks" },
    ///     "billed": { "documents", "stated", "work", "expenses", "fees", "adjustments", "remainder", "breaks" } } ] }
    /// </code></summary>
    public static void WriteJson(this ProofReport report, Stream to, EventIndex events)
    {
        using var json = new Utf8JsonWriter(to, new() { Indented = true });
        json.WriteStartObject();
        json.WriteNumber("asKnownAt", report.Position);
        if (report.Times.AsOf is { } asOf) json.WriteString("asOf", Say.Date(asOf));
        if (report.Times.AsStatedAt is { } stated) json.WriteString("asStatedAt", LedgerJson.WriteInstant(stated));
        if (report.Asked.From is { } from) json.WriteString("from", Say.Date(from));
        if (report.Asked.To is { } last) json.WriteString("to", Say.Date(last));
        json.WriteBoolean("foots", report.Foots);
        json.WriteStartArray("accounts");
        foreach (var account in report.Accounts) Write(json, account, events);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, AccountProof proof, EventIndex events)
    {
        json.WriteStartObject();
        if (proof.Account.Contract is { } contract) json.WriteString("contract", contract);
        json.WriteString("name", proof.Name);
        if (proof.Account.LegalEntity is { } entity) json.WriteString("legalEntity", entity);
        if (proof.Account.Currency is { } currency) json.WriteString("currency", currency.Code);
        json.WriteBoolean("foots", proof.Foots);
        Write(json, "work", proof.Work, events);
        Write(json, "receivables", proof.Receivables, events);
        Write(json, "revenue", proof.Revenue.Roll, events, proof.Revenue);
        json.WriteStartObject("hours");
        Figure(json, "approved", proof.Hours.Approved);
        Figure(json, "waiting", proof.Hours.Waiting);
        Figure(json, "billed", proof.Hours.Billed);
        Figure(json, "writtenDown", proof.Hours.WrittenDown);
        Figure(json, "writtenOff", proof.Hours.WrittenOff);
        Figure(json, "notBillable", proof.Hours.NotBillable);
        Figure(json, "paidByFee", proof.Hours.PaidByFee);
        Figure(json, "astray", proof.Hours.Astray);
        json.WriteNumber("unmeasured", proof.Hours.Unmeasured);
        Write(json, proof.Hours.Breaks, events);
        json.WriteEndObject();
        json.WriteStartObject("billed");
        json.WriteNumber("documents", proof.Billed.Documents);
        Figure(json, "stated", proof.Billed.Stated);
        Figure(json, "work", proof.Billed.Work);
        Figure(json, "expenses", proof.Billed.Expenses);
        Figure(json, "fees", proof.Billed.Fees);
        Figure(json, "adjustments", proof.Billed.Adjustments);
        Figure(json, "remainder", proof.Billed.Remainder);
        Write(json, proof.Billed.Breaks, events);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(
        Utf8JsonWriter json, string name, RollForward roll, EventIndex events, RevenueProof? revenue = null)
    {
        json.WriteStartObject(name);
        Write(json, "opening", roll.Opening);
        json.WriteStartArray("movements");
        foreach (var (movement, sum) in roll.Movements)
        {
            json.WriteStartObject();
            json.WriteString("movement", Say.Snake(movement));
            Write(json, sum);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        Write(json, "closing", roll.Closing);
        Write(json, "difference", roll.Difference);
        if (revenue is not null)
        {
            Figure(json, "deferred", revenue.Deferred);
            Figure(json, "contractAsset", revenue.Asset);
        }

        Write(json, roll.Breaks, events);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Items<ProofBreak> breaks, EventIndex events)
    {
        json.WriteStartArray("breaks");
        foreach (var at in breaks)
        {
            json.WriteStartObject();
            json.WriteString("item", at.Item);
            json.WriteString("sentence", at.Sentence);
            Write(json, at.Difference);
            json.WriteStartArray("streams");
            foreach (var stream in at.Streams) json.WriteStringValue(stream);
            json.WriteEndArray();
            json.WriteStartArray("events");
            foreach (var position in at.Events)
            {
                json.WriteStartObject();
                json.WriteNumber("position", position);
                if (events.Find(position) is { } name)
                {
                    json.WriteString("source", name.Source);
                    json.WriteString("id", name.Id);
                    json.WriteString("type", name.Type);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, Worth worth)
    {
        json.WriteStartObject(name);
        Write(json, worth);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Worth worth)
    {
        Figure(json, "minutes", worth.Minutes);
        Figure(json, "amount", worth.Amount);
    }

    private static void Figure(Utf8JsonWriter json, string name, decimal value) =>
        json.WriteString(name, DecimalText.Write(value));
}
