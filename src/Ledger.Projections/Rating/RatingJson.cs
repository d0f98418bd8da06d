using System.Text;
using System.Text.Json;
using Ledger.Domain;
using Ledger.Projections.Drift;
using NodaTime;

namespace Ledger.Projections.Rating;

/// <summary>Answers of rating as JSON; equal answers give equal text. Amounts are texts, as everywhere; an event is
/// told by its position, and by its source and id where the ledger can be asked.</summary>
public static class RatingJson
{
    /// <summary>What may be invoiced:
    /// <code>
    /// { "asKnownAt", "contract", "through", "rounding": { "scope", "mode", "digits"?, "agreed" },
    ///   "documents": [ { "event": "invoice_issued", "data": its body, ready but for date and number,
    ///                    "lines": [ { "line", "amendments": [], "sources": [ { "id", "on", "quantity"?, "price"?,
    ///                      "rate"?: { "path", "card", "cardRate", "event" }, "amount", "approvedBy"?,
    ///                      "event" } ] } ] } ],
    ///   "leftOut": [ { "id", "reason", "detail", "on"?, "quantity"?, "amount"?, "currency"? } ],
    ///   "ceilings": [ { "order", "id", "scope", "of"?, "limit", "unit"?, "billed", "unbilled", "committed",
    ///                   "proposed", "overage", "status", "event" } ] }
    /// </code></summary>
    public static string Write(Rated<InvoiceProposal> rated) => Written(rated, (json, events) =>
    {
        var proposal = rated.Answer;
        json.WriteString("contract", proposal.Contract);
        json.WriteString("through", Day(proposal.Through));
        json.WritePropertyName("rounding");
        Rule(json, proposal.Rounding, proposal.IsRoundingAgreed);
        Each(json, "documents", proposal.Documents, document =>
        {
            json.WriteString("event", "invoice_issued");
            json.WritePropertyName("data");
            var issued = document.Issued(proposal.Through);
            json.WriteRawValue(EventCatalog.Find(issued).Write(issued));
            Each(json, "lines", document.Sources, sources =>
            {
                json.WriteString("line", sources.Line);
                json.WriteStartArray("amendments");
                foreach (var amendment in sources.Amendments) json.WriteStringValue(amendment);
                json.WriteEndArray();
                Each(json, "sources", sources.Sources, source => Source(json, source, events));
            });
        });
        Each(json, "leftOut", proposal.LeftOut, left =>
        {
            json.WriteString("id", left.Id);
            json.WriteString("reason", Snake(left.Reason));
            json.WriteString("detail", left.Detail);
            On(json, left.On);
            if (left.Quantity is { } quantity) Measure(json, "quantity", quantity);
            if (left.Amount is { } amount) Amount(json, amount);
        });
        Each(json, "ceilings", proposal.Ceilings, state => Ceiling(json, state, events));
    });

    /// <summary>An invoice worked out again:
    /// <code>
    /// { "asKnownAt", "invoice", "stated", "recomputed", "difference", "currency", "equal",
    ///   "rounding": { "scope", "mode", "digits"?, "agreed" }, "reproducing": [ { "scope", "mode" } ],
    ///   "exchange": [ { "currency", "rate", "sentence", "events": [event] } ],
    ///   "parts": [ { "cause", "amount", "sentence", "of": [ids], "events": [event] } ], "unpriced": [ids] }
    /// </code>
    /// The parts sum to the difference.</summary>
    public static string Write(Rated<ReRating> rated) => Written(rated, (json, events) =>
    {
        var again = rated.Answer;
        json.WriteString("invoice", again.Id);
        json.WriteString("stated", again.Stated.Text);
        json.WriteString("recomputed", again.Recomputed.Text);
        json.WriteString("difference", again.Difference.Text);
        json.WriteString("currency", again.Stated.Currency.Code);
        json.WriteBoolean("equal", again.IsEqual);
        json.WritePropertyName("rounding");
        Rule(json, again.Rule, again.IsRuleAgreed);
        json.WriteStartArray("reproducing");
        foreach (var rule in again.Reproducing) Rule(json, rule, null);
        json.WriteEndArray();
        Each(json, "exchange", again.Exchange, exchange =>
        {
            json.WriteString("currency", exchange.From.Code);
            json.WriteString("rate", DecimalText.Write(PublishedRate.Shown(exchange.Rate)));
            json.WriteString("sentence", exchange.Words);
            Events(json, exchange.Events, events);
        });
        Each(json, "parts", again.Parts, part =>
        {
            json.WriteString("cause", Snake(part.Cause));
            json.WriteString("amount", part.Amount.Text);
            json.WriteString("sentence", part.Sentence);
            Texts(json, "of", part.Items);
            Events(json, part.Events, events);
        });
        Texts(json, "unpriced", again.Unpriced);
    });

    /// <summary>What a card, a contract, a resource or a project changes; its id is under the name of its kind, a
    /// card's under <c>card</c>:
    /// <code>
    /// { "asKnownAt", "card", "from", "unbilled": [ { "amount", "currency" } ], "billed": [ … ], "costs": [ … ],
    ///   "work": [ { "id", "on", "quantity", "was"?, "now"?, "path"?, "event"?, "difference", "currency", "remedy",
    ///               "invoice"?, "line"?, "postIn"?, "periodClosed" } ],
    ///   "ceilings": [ { "id", "was"?, "wasQuantity"?, "now"?, "nowQuantity"?, "billed"?, "over"?, "event" } ],
    ///   "adjustments": [ { "for", "label", "remedy", "postIn"?, "event": "invoice_drafted", "data": its body } ] }
    /// </code></summary>
    public static string Write(Rated<RateTouches> rated) => Written(rated, (json, events) =>
    {
        var touches = rated.Answer;
        var kind = StreamName.KindOf(touches.Subject);
        json.WriteString(kind == Kind.RateCard.Name ? "card" : kind, touches.Subject);
        json.WriteString("from", Day(touches.From));
        Each(json, "unbilled", touches.Unbilled, money => Amount(json, money));
        Each(json, "billed", touches.Billed, money => Amount(json, money));
        Each(json, "costs", touches.Costs, money => Amount(json, money));
        Each(json, "work", touches.Work, work =>
        {
            json.WriteString("id", work.Id);
            On(json, work.On);
            Measure(json, "quantity", work.Quantity);
            if (work.Was is { } was) json.WriteString("was", was.ToString());
            if (work.Price is { } price) json.WriteString("now", price.ToString());
            if (work.Now is { } rate)
            {
                json.WriteString("path", rate.Path);
                json.WritePropertyName("event");
                Event(json, rate.Position, events);
            }

            json.WriteString("difference", work.Difference.Text);
            json.WriteString("currency", work.Difference.Currency.Code);
            json.WriteString("remedy", Snake(work.Remedy));
            if (work.Billed is { } billed)
            {
                json.WriteString("invoice", billed.Document);
                json.WriteString("line", billed.Line);
            }

            if (work.PostIn is { } period) json.WriteString("postIn", period);
            json.WriteBoolean("periodClosed", work.IsPeriodClosed);
        });
        Each(json, "ceilings", touches.Ceilings, ceiling => Touched(json, ceiling, events));
        Each(json, "adjustments", touches.Adjustments, adjustment =>
        {
            json.WriteString("for", adjustment.For);
            json.WriteString("label", adjustment.Label);
            json.WriteString("remedy", Snake(adjustment.Remedy));
            if (adjustment.PostIn is { } period) json.WriteString("postIn", period);
            json.WriteString("event", "invoice_drafted");
            json.WritePropertyName("data");
            json.WriteRawValue(EventCatalog.Find(adjustment.Draft).Write(adjustment.Draft));
        });
    });

    private static void Touched(Utf8JsonWriter json, CeilingTouched ceiling, EventIndex events)
    {
        json.WriteString("id", ceiling.Id);
        foreach (var (name, limit) in new[] { ("was", ceiling.Was), ("now", ceiling.Now) })
        {
            if (limit?.Amount is { } amount) json.WriteString(name, DecimalText.Write(amount));
            if (limit?.Qty is { } quantity) Measure(json, name + "Quantity", quantity);
        }

        if (ceiling.Billed is { } billed) json.WriteString("billed", billed.Text);
        if (ceiling.Over is { } over) json.WriteString("over", over.Text);
        json.WritePropertyName("event");
        Event(json, ceiling.Position, events);
    }

    private static void Source(Utf8JsonWriter json, LineSource source, EventIndex events)
    {
        json.WriteString("id", source.Id);
        On(json, source.On);
        if (source.Quantity is { } quantity) Measure(json, "quantity", quantity);
        if (source.Price is { } price) json.WriteString("price", price.ToString());
        if (source.Rate is { } rate)
        {
            json.WriteStartObject("rate");
            json.WriteString("path", rate.Path);
            json.WriteString("card", rate.Card);
            json.WriteString("cardRate", rate.CardRate);
            json.WritePropertyName("event");
            Event(json, rate.Position, events);
            json.WriteEndObject();
        }

        json.WriteString("amount", source.Share.Text);
        if (source.ApprovedBy is { } by) json.WriteString("approvedBy", by);
        json.WritePropertyName("event");
        Event(json, source.Position, events);
    }

    private static void Ceiling(Utf8JsonWriter json, CeilingState state, EventIndex events)
    {
        json.WriteNumber("order", state.Order);
        json.WriteString("id", state.Ceiling.Id);
        json.WriteString("scope", state.Ceiling.Scope);
        if (state.Of is { } of) json.WriteString("of", of);
        json.WriteString("limit", DecimalText.Write(state.Limit));
        if (state.Ceiling.Qty is { Unit: var unit }) json.WriteString("unit", unit.Code);
        json.WriteString("billed", DecimalText.Write(state.Billed));
        json.WriteString("unbilled", DecimalText.Write(state.Unbilled));
        json.WriteString("committed", DecimalText.Write(state.Committed));
        json.WriteString("proposed", DecimalText.Write(state.Proposed));
        json.WriteString("overage", DecimalText.Write(state.Overage));
        json.WriteString("status", Snake(state.Status));
        json.WritePropertyName("event");
        Event(json, state.Position, events);
    }

    private static string Written<T>(Rated<T> rated, Action<Utf8JsonWriter, EventIndex> write)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("asKnownAt", rated.AsKnownAt);
            write(json, rated.Events);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static void Each<T>(Utf8JsonWriter json, string name, Items<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            write(item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Texts(Utf8JsonWriter json, string name, Items<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void Rule(Utf8JsonWriter json, Rounding rule, bool? agreed)
    {
        json.WriteStartObject();
        json.WriteString("scope", Snake(rule.Scope));
        json.WriteString("mode", Snake(rule.Mode));
        if (rule.Digits is { } digits) json.WriteNumber("digits", digits);
        if (agreed is { } stated) json.WriteBoolean("agreed", stated);
        json.WriteEndObject();
    }

    private static void Events(Utf8JsonWriter json, Items<long> positions, EventIndex events)
    {
        json.WriteStartArray("events");
        foreach (var position in positions) Event(json, position, events);
        json.WriteEndArray();
    }

    private static void Event(Utf8JsonWriter json, long position, EventIndex events)
    {
        if (position <= 0L)
        {
            json.WriteNullValue();
            return;
        }

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

    private static void Measure(Utf8JsonWriter json, string name, Quantity quantity)
    {
        json.WriteStartObject(name);
        json.WriteString("value", DecimalText.Write(quantity.Value));
        json.WriteString("unit", quantity.Unit.Code);
        json.WriteEndObject();
    }

    private static void Amount(Utf8JsonWriter json, Money money)
    {
        json.WriteString("amount", money.Text);
        json.WriteString("currency", money.Currency.Code);
    }

    private static void On(Utf8JsonWriter json, LocalDate? day)
    {
        if (day is { } on) json.WriteString("on", Day(on));
    }

    private static string Day(LocalDate day) => NodaTime.Text.LocalDatePattern.Iso.Format(day);

    internal static string Snake<T>(T value)
        where T : struct, Enum =>
        JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
