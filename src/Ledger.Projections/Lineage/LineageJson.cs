using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ledger.Domain;

namespace Ledger.Projections.Lineage;

/// <summary>A lineage as JSON. Amounts are strings with the currency's minor digits; what nobody stated is left out;
/// the invoice's unexplained money is its lines' remainders and what it asks beyond its lines. Members always come in
/// this order:
/// <code>
/// { "asKnownAt": position,
///   "invoice": { "id", "stream", "members": [stream], "number", "documentType", "status", "issuedOn", "currency",
///                "net", "tax", "payable", "open", "linesTotal", "beyondLines", "explained", "unexplained",
///                "rounding" },
///   "lines": [ { "stream", "line", "description", "quantity": { "value", "unit" }, "price": { "amount", "currency",
///                "per" }, "net", "basis", "explained", "remainder", "reason", "rounding",
///                "shares": [ { "stream", "on", "quantity", "rate", "rateBasis", "cardRate", "amount",
///                              "approval", "approvalEvent": event } ],
///                "restsOn": [stream] } ],
///   "nodes": [ { "stream", "kind", "source", "label", "standing", "also": [stream],
///                "figures": [ { "name", "value", "position" } ] } ],
///   "edges": [ { "from", "rel", "to", "basis", "position", "event": event, "quantity", "amount", "currency",
///                "withdrawn", "note" } ],
///   "truncated": boolean, "cut": [stream] }
/// </code>
/// where event = <c>{ "position", "source", "id", "type", "time" }</c>. An edge leads from what came later to what it
/// rests on. A lineage that is truncated names the nodes that were not followed further.</summary>
public static partial class LineageJson
{
    /// <summary>The document, without events where only the lineage is at hand.</summary>
    public static string Write(InvoiceLineage lineage) => Write(LineageReading.Of(lineage, 0L));

    /// <summary>The document; equal lineages give equal bytes.</summary>
    public static string Write(LineageReading reading) => Written(json =>
    {
        json.WriteStartObject();
        new Writing(json, reading).Document();
        json.WriteEndObject();
    });

    private static string Written(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(
            buffer, new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            write(json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private sealed class Writing(
        Utf8JsonWriter json, Currency currency, IReadOnlyDictionary<long, EventRef> events, LineageReading? told = null)
    {
        private readonly Currency _currency = currency;
        private readonly ILookup<string, string> _outgoing =
            (told?.Lineage.Edges ?? []).ToLookup(e => e.From, e => e.To);

        public Writing(Utf8JsonWriter json, LineageReading reading)
            : this(json, reading.Lineage.Document.Currency, reading.Events, reading)
        {
        }

        /// <summary>The members of a lineage, within the object the caller has begun.</summary>
        public void Document()
        {
            var reading = told!;
            var lineage = reading.Lineage;
            if (reading.AsKnownAt > 0) json.WriteNumber("asKnownAt", reading.AsKnownAt);
            json.WritePropertyName("invoice");
            Invoice(lineage);
            Each("lines", lineage.Lines, Line);
            Each("nodes", lineage.Nodes, Node);
            Each("edges", lineage.Edges, Edge);
            json.WriteBoolean("truncated", lineage.Truncated);
            if (lineage.Truncated) Texts("cut", lineage.Cut);
        }

        private void Invoice(InvoiceLineage lineage)
        {
            var d = lineage.Document;
            json.WriteStartObject();
            json.WriteString("id", lineage.Entity);
            json.WriteString("stream", lineage.Stream);
            Texts("members", lineage.Members);
            Told(d);
            Money("explained", lineage.Explained, d.Currency);
            Money("unexplained", lineage.Unexplained, d.Currency);
            Rule(d.Rounding);
            json.WriteEndObject();
        }

        /// <summary>What a document says of itself.</summary>
        public void Told(DocumentFigures d)
        {
            Text("number", d.Number);
            Text("documentType", Name(d.Type));
            Text("status", Name(d.Status));
            Text("issuedOn", d.IssuedOn is { } on ? Describe.Date(on) : null);
            Text("currency", d.Currency.Code);
            Money("net", d.Net, d.Currency);
            Money("tax", d.Tax, d.Currency);
            Money("payable", d.Payable, d.Currency);
            Money("open", d.Open, d.Currency);
            Money("linesTotal", d.LinesTotal, d.Currency);
            Money("beyondLines", d.BeyondLines, d.Currency);
        }

        private void Line(LineLineage line)
        {
            json.WriteStartObject();
            json.WriteString("stream", line.Stream);
            json.WriteString("line", line.Line);
            Text("description", line.Description);
            Quantity(line.Quantity);
            Rate("price", line.Price);
            Money("net", line.Net, _currency);
            Text("basis", Name(line.Basis));
            Money("explained", line.Explained, _currency);
            Money("remainder", line.Remainder, _currency);
            Text("reason", line.Reason);
            Rule(line.Rounding);
            Each("shares", line.Shares, Share);
            Texts("restsOn", InvoiceLineage.RestsOn(line.Stream, _outgoing));
            json.WriteEndObject();
        }

        public void Share(Share share)
        {
            json.WriteStartObject();
            json.WriteString("stream", share.Stream);
            Text("on", share.On is { } on ? Describe.Date(on) : null);
            Quantity(share.Quantity);
            Rate("rate", share.Rate);
            if (share.RateBasis is not RateBasis.None) Text("rateBasis", Name(share.RateBasis));
            Rate("cardRate", share.CardRate);
            Amount("amount", share.Amount);

            Text("approval", share.Approval is { } approval ? Name(approval) : null);
            if (share.ApprovedAt is { } position) Event("approvalEvent", position);
            json.WriteEndObject();
        }

        public void Node(Node node)
        {
            json.WriteStartObject();
            json.WriteString("stream", node.Stream);
            json.WriteString("kind", node.Kind);
            Text("source", node.Source);
            json.WriteString("label", node.Label);
            Text("standing", Name(node.Standing));
            if (node.Also.Count > 0) Texts("also", node.Also);
            Each("figures", node.Figures, figure =>
            {
                json.WriteStartObject();
                json.WriteString("name", figure.Name);
                json.WriteString("value", figure.Value);
                if (figure.Position is { } position) json.WriteNumber("position", position);
                json.WriteEndObject();
            });
            json.WriteEndObject();
        }

        public void Edge(LineageEdge edge)
        {
            json.WriteStartObject();
            json.WriteString("from", edge.From);
            json.WriteString("rel", edge.Rel);
            json.WriteString("to", edge.To);
            Text("basis", Name(edge.Basis));
            json.WriteNumber("position", edge.Position);
            Event("event", edge.Position);
            Quantity(edge.Quantity);
            Money("amount", edge.Amount, edge.Currency ?? _currency);
            if (edge.Amount is not null) Text("currency", (edge.Currency ?? _currency).Code);
            if (edge.Withdrawn) json.WriteBoolean("withdrawn", true);
            Text("note", edge.Note);
            json.WriteEndObject();
        }

        public void Event(string name, long position)
        {
            if (!events.TryGetValue(position, out var e)) return;
            json.WriteStartObject(name);
            Told(e);
            json.WriteEndObject();
        }

        /// <summary>The members of an event.</summary>
        public void Told(EventRef e)
        {
            json.WriteNumber("position", e.Position);
            json.WriteString("source", e.Source);
            json.WriteString("id", e.Id);
            json.WriteString("type", e.Type);
            json.WriteString("time", LedgerJson.WriteInstant(e.Time));
        }

        private void Quantity(Quantity? quantity)
        {
            if (quantity is null) return;
            json.WriteStartObject("quantity");
            json.WriteString("value", DecimalText.Write(quantity.Value));
            json.WriteString("unit", quantity.Unit.Code);
            json.WriteEndObject();
        }

        private void Rate(string name, Rate? rate)
        {
            if (rate is null) return;
            json.WriteStartObject(name);
            Money("amount", rate.Amount, rate.Currency);
            json.WriteString("currency", rate.Currency.Code);
            json.WriteString("per", rate.Per.Code);
            json.WriteEndObject();
        }

        private void Rule(Rounding? rule)
        {
            if (rule is null) return;
            json.WriteStartObject("rounding");
            json.WriteString("scope", Name(rule.Scope));
            json.WriteString("mode", Name(rule.Mode));
            if (rule.Digits is { } digits) json.WriteNumber("digits", digits);
            json.WriteEndObject();
        }

        /// <summary>An amount that was not rounded yet, to the minor unit.</summary>
        public void Amount(string name, ExactMoney? exact)
        {
            if (exact?.Round(RoundingMode.HalfAwayFromZero) is { } amount) Money(name, amount.Amount, amount.Currency);
        }

        public void Money(string name, decimal? amount, Currency currency)
        {
            if (amount is { } known) json.WriteString(name, new Money(known, currency).Text);
        }

        public void Text(string name, string? value)
        {
            if (value is not null) json.WriteString(name, value);
        }

        public void Texts(string name, IEnumerable<string> values)
        {
            json.WriteStartArray(name);
            foreach (var value in values) json.WriteStringValue(value);
            json.WriteEndArray();
        }

        public void Each<T>(string name, Items<T> items, Action<T> write)
        {
            json.WriteStartArray(name);
            foreach (var item in items) write(item);
            json.WriteEndArray();
        }

        public static string Name(Enum value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
    }
}
