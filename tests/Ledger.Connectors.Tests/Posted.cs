using System.Text.Json;
using Ledger.Domain;
using NodaTime.Text;

namespace Ledger.Connectors.Tests;

/// <summary>An event as a connector would post it.</summary>
internal static class Posted
{
    public static byte[] Json(Understood e)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("specversion", "1.0");
            json.WriteString("id", e.Envelope.Id);
            json.WriteString("source", e.Envelope.Source);
            json.WriteString("type", e.Envelope.Type);
            json.WriteString("subject", e.Envelope.Subject);
            json.WriteString("time", LedgerJson.WriteInstant(e.Envelope.Time));
            json.WriteString("timeBasis", JsonNamingPolicy.SnakeCaseLower.ConvertName(e.Envelope.TimeBasis.ToString()));
            if (e.Envelope.EffectiveOn is { } on) json.WriteString("effectiveOn", LocalDatePattern.Iso.Format(on));
            json.WritePropertyName("data");
            json.WriteRawValue(e.Data);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
