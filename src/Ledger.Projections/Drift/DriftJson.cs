using System.Text.Encodings.Web;
using System.Text.Json;
using Ledger.Domain;
using NodaTime.Text;

namespace Ledger.Projections.Drift;

/// <summary>The report as a JSON document: stable order, amounts as strings with their currency's minor digits.
/// </summary>
public static class DriftJson
{
    private static readonly JsonWriterOptions Indented = new()
    {
        Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n",
    };

    /// <summary>Writes the whole document.</summary>
    /// <param name="events">Names of the events at the report's <see cref="DriftReport.Positions"/>.</param>
    public static void WriteJson(this DriftReport report, Stream to, EventIndex events)
    {
        using var json = new Utf8JsonWriter(to, Indented);
        report.WriteJson(json, events);
    }

    /// <inheritdoc cref="WriteJson(DriftReport, Stream, EventIndex)"/>
    public static void WriteJson(this DriftReport report, Utf8JsonWriter json, EventIndex events)
    {
        json.WriteStartObject();
        json.WriteNumber("position", report.Position);
        if (report.Times.AsOf is { } day) json.WriteString("asOf", LocalDatePattern.Iso.Format(day));
        if (report.Times.AsStatedAt is { } stated) json.WriteString("asStatedAt", LedgerJson.WriteInstant(stated));
        json.WritePropertyName("headline");
        Write(json, report.Headline);
        Array(json, "findings", report.Findings, finding => Write(json, finding, events));
        Array(json, "invoices", report.Invoices, invoice => Write(json, invoice));
        Array(json, "controls", report.Controls, control => Write(json, control));
        json.WriteEndObject();
        json.Flush();
    }

    internal static void Write(Utf8JsonWriter json, Headline headline)
    {
        json.WriteStartObject();
        json.WriteNumber("documents", headline.Documents);
        json.WriteNumber("agreeing", headline.Agreeing);
        json.WriteNumber("agreeingSameSystem", headline.AgreeingSameSystem);
        json.WriteNumber("differing", headline.Differing);
        json.WriteNumber("notLive", headline.NotLive);
        json.WriteNumber("differences", headline.Differences);
        json.WriteNumber("notices", headline.Notices);
        Array(json, "classes", headline.Classes, total =>
        {
            json.WriteStartObject();
            json.WriteString("class", Say.Snake(total.Class));
            json.WriteString("weight", Say.Snake(total.Weight));
            json.WriteString("currency", total.Currency?.Code);
            json.WriteNumber("findings", total.Findings);
            json.WriteString("over", total.Currency is { } over ? new Money(total.Over, over).Text : null);
            json.WriteString("under", total.Currency is { } under ? new Money(total.Under, under).Text : null);
            json.WriteEndObject();
        });
        Array(json, "engagements", headline.Engagements, total =>
        {
            json.WriteStartObject();
            json.WriteString("engagement", total.Engagement);
            json.WriteString("currency", total.Currency.Code);
            json.WriteNumber("documents", total.Documents);
            json.WriteNumber("explained", total.Explained);
            json.WriteNumber("reproduced", total.Reproduced);
            json.WritePropertyName("rounding");
            Write(json, total.InForce, total.ByContract);
            Array(json, "rules", total.Rules, rule => Write(json, rule, null));
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    internal static void Write(Utf8JsonWriter json, Finding finding, EventIndex events)
    {
        json.WriteStartObject();
        json.WriteString("class", Say.Snake(finding.Class));
        json.WriteString("weight", Say.Snake(finding.Weight));
        json.WriteString("invoice", finding.Invoice);
        Strings(json, "related", finding.Related);
        Strings(json, "streams", finding.Streams);
        json.WriteString("amount", finding.Amount is { } amount ? Say.Abs(amount).Text : null);
        json.WriteString("currency", finding.Amount?.Currency.Code);
        json.WriteString("direction", finding.Amount?.Amount switch { > 0m => "over", < 0m => "under", _ => null });
        json.WriteBoolean("sameSystem", finding.SameSystem);
        json.WriteString("sentence", finding.Sentence);
        if (finding.ToleratedBy is { } tolerance) json.WriteString("toleratedBy", tolerance);
        json.WritePropertyName("root");
        if (finding.Parting.Root(events) is { } root) Write(json, root.Position, events);
        else json.WriteNullValue();
        Write(json, finding.Counterpart);
        Array(json, "parts", finding.Parts, part =>
        {
            json.WriteStartObject();
            json.WriteString("cause", Say.Snake(part.Cause));
            json.WriteString("amount", part.Amount.Text);
            json.WriteEndObject();
        });
        Write(json, finding.Correction);
        Strings(json, "suggestions", finding.Suggestions);
        Array(json, "values", finding.Values, value =>
        {
            json.WriteStartObject();
            json.WriteString("source", value.Source);
            json.WriteString("stream", value.Stream);
            json.WriteString("field", value.Field);
            json.WriteString("value", value.Value);
            json.WritePropertyName("event");
            if (value.Position is { } position) Write(json, position, events);
            else json.WriteNullValue();
            json.WriteEndObject();
        });
        Array(json, "events", finding.Events, position => Write(json, position, events));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Counterpart? counterpart)
    {
        json.WritePropertyName("counterpart");
        if (counterpart is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        json.WriteString("source", counterpart.Source);
        json.WriteString("kind", counterpart.Kind);
        json.WriteString("stream", counterpart.Stream);
        json.WriteString("field", counterpart.Field);
        json.WriteString("value", counterpart.Value);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Correction? correction)
    {
        json.WritePropertyName("correction");
        if (correction is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        json.WriteString("source", correction.Source);
        json.WriteString("kind", correction.Kind);
        json.WriteString("stream", correction.Stream);
        json.WriteString("field", correction.Field);
        json.WriteString("from", correction.From);
        json.WriteString("to", correction.To);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, long position, EventIndex events)
    {
        json.WriteStartObject();
        json.WriteNumber("position", position);
        if (events.Find(position) is { } name)
        {
            json.WriteString("source", name.Source);
            json.WriteString("id", name.Id);
            json.WriteString("type", name.Type);
            json.WriteString("stream", name.Stream);
            if (name.Time is { } time) json.WriteString("time", LedgerJson.WriteInstant(time));
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, InvoiceCheck check)
    {
        json.WriteStartObject();
        json.WriteString("invoice", check.Number);
        json.WriteString("stream", check.Stream);
        json.WriteString("documentType", Say.Snake(check.DocumentType));
        json.WriteString("status", Say.Snake(check.Status));
        json.WriteString("issuedOn", check.IssuedOn is { } day ? LocalDatePattern.Iso.Format(day) : null);
        json.WriteString("verdict", Say.Snake(check.Verdict));
        json.WriteNumber("differences", check.Differences);
        json.WriteNumber("notices", check.Notices);
        json.WriteString("currency", check.Currency?.Code);
        json.WriteString("stated", check.Stated?.Text);
        json.WriteString("work", check.Work?.Text);
        json.WriteString("expenses", check.Expenses?.Text);
        json.WriteString("fees", check.Fees?.Text);
        json.WriteString("adjustments", check.Adjustments?.Text);
        json.WriteString("remainder", check.Remainder?.Text);
        json.WritePropertyName("rounding");
        if (check.InForce is { } rule) Write(json, rule, check.InForceByContract);
        else json.WriteNullValue();
        Array(json, "reproducedBy", check.Reproducing, other => Write(json, other, null));
        json.WriteNumber("lines", check.Lines);
        json.WriteNumber("timeEntries", check.TimeEntries);
        json.WriteNumber("expenseCount", check.ExpenseCount);
        json.WriteNumber("undelivered", check.Undelivered);
        Strings(json, "chain", check.Chain);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Rounding rule, bool? byContract)
    {
        json.WriteStartObject();
        json.WriteString("scope", Say.Snake(rule.Scope));
        json.WriteString("mode", Say.Snake(rule.Mode));
        if (rule.Digits is { } digits) json.WriteNumber("digits", digits);
        if (byContract is { } stated) json.WriteString("basis", stated ? "contract" : "reproduced");
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ControlTotal control)
    {
        json.WriteStartObject();
        json.WriteString("source", control.Source);
        json.WriteString("kind", control.Kind);
        json.WriteString("scope", control.Scope);
        Number(json, "count", control.Count);
        Number(json, "delivered", control.Delivered);
        json.WriteNumber("inLedger", control.InLedger);
        Number(json, "pages", control.Pages);
        json.WriteNumber("pagesRead", control.PagesRead);
        Array(json, "pagesMissing", control.PagesMissing, json.WriteNumberValue);
        Array(json, "sums", control.Sums, sum =>
        {
            json.WriteStartObject();
            json.WriteString("field", sum.Field);
            json.WriteString("currency", sum.InLedger.Currency.Code);
            json.WriteString("stated", sum.Stated?.Text);
            json.WriteString("inLedger", sum.InLedger.Text);
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    private static void Array<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items) write(item);
        json.WriteEndArray();
    }

    private static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> texts) =>
        Array(json, name, texts, json.WriteStringValue);

    private static void Number(Utf8JsonWriter json, string name, int? number)
    {
        if (number is { } value) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }
}
