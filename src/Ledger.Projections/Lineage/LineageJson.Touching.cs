namespace Ledger.Projections.Lineage;

public static partial class LineageJson
{
    /// <summary>Which invoices a record has to do with:
    /// <code>
    /// { "asKnownAt": position,
    ///   "record": node,
    ///   "invoices": [ { "id", "stream", "number", "documentType", "status", "issuedOn", "currency", "net", "tax",
    ///                   "payable", "open", "linesTotal", "beyondLines",
    ///                   "lines": [ { "stream", "line", "net", "amount", "way": [edge] } ], "way": [edge] } ],
    ///   "next": what to ask for as "after" to go on, null = there is no more,
    ///   "truncated": boolean }
    /// </code>
    /// with nodes and edges as in a lineage. A line's <c>amount</c> is what the record itself contributes to it; a way
    /// is the shortest there is.</summary>
    public static string Write(TouchedInvoices touched) => Written(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("asKnownAt", touched.AsKnownAt);
        json.WritePropertyName("record");
        new Writing(json, default, touched.Events).Node(touched.Record);
        json.WriteStartArray("invoices");
        foreach (var invoice in touched.Invoices)
        {
            var writing = new Writing(json, invoice.Document.Currency, touched.Events);
            json.WriteStartObject();
            json.WriteString("id", invoice.Entity);
            json.WriteString("stream", invoice.Stream);
            writing.Told(invoice.Document);
            writing.Each("lines", invoice.Lines, line =>
            {
                json.WriteStartObject();
                json.WriteString("stream", line.Stream);
                json.WriteString("line", line.Line);
                writing.Money("net", line.Net, invoice.Document.Currency);
                writing.Amount("amount", line.Amount);
                writing.Each("way", line.Way, writing.Edge);
                json.WriteEndObject();
            });
            if (invoice.Way.Count > 0) writing.Each("way", invoice.Way, writing.Edge);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (touched.Next is { } next) json.WriteNumber("next", next);
        else json.WriteNull("next");
        json.WriteBoolean("truncated", touched.Truncated);
        json.WriteEndObject();
    });
}
