using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;
using NodaTime.Text;

namespace Ledger.Domain;

/// <summary>The small shapes of which states hold more than of anything else, read in one pass: the framework makes
/// several objects to read one record by its constructor, and a world is a million of them.</summary>
public static partial class LedgerJson
{
    private static JsonConverter[] Shapes(ReadDecimal exact) =>
    [
        new RefConverter(), new QuantityConverter(exact), new RateConverter(exact), new ApprovalConverter(exact),
        new BilledConverter(exact),
    ];

    private static void Begin(ref Utf8JsonReader reader, string shape)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException($"expected {shape}");
    }

    /// <summary>Whether the reader stands on this name; then it goes on to the value.</summary>
    private static bool Next(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) =>
        reader.ValueTextEquals(name) && reader.Read();

    private static JsonException Unknown(ref Utf8JsonReader reader, string shape) =>
        new($"{shape} has no '{reader.GetString()}'");

    private static Unit UnitOf(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String && Unit.TryOf(Recurring.Read(ref reader), out var unit)
            ? unit
            : throw new JsonException("expected a unit code");

    private static Currency CurrencyOf(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String && Currency.TryOf(Recurring.Read(ref reader), out var currency)
            ? currency
            : throw new JsonException("expected a currency code of ISO 4217");

    private static void Put(Utf8JsonWriter writer, string name, string? text)
    {
        if (text is not null) writer.WriteString(name, text);
    }

    private static void Put<T>(Utf8JsonWriter writer, string name, T? value, JsonSerializerOptions options)
    {
        if (value is null) return;
        writer.WritePropertyName(name);
        JsonSerializer.Serialize(writer, value, options);
    }

    private sealed class RefConverter : JsonConverter<Ref>
    {
        public override Ref Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            Read(ref reader, options);

        internal static Ref Read(ref Utf8JsonReader reader, JsonSerializerOptions options)
        {
            Begin(ref reader, "a reference");
            string? kind = null, source = null, id = null, number = null, entity = null, line = null;
            LocalDate? date = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (Next(ref reader, "kind"u8)) kind = Recurring.Read(ref reader);
                else if (Next(ref reader, "id"u8)) id = reader.GetString();
                else if (Next(ref reader, "source"u8)) source = Recurring.Read(ref reader);
                else if (Next(ref reader, "line"u8)) line = Recurring.Read(ref reader);
                else if (Next(ref reader, "number"u8)) number = reader.GetString();
                else if (Next(ref reader, "entity"u8)) entity = Recurring.Read(ref reader);
                else if (Next(ref reader, "date"u8)) date = JsonSerializer.Deserialize<LocalDate?>(ref reader, options);
                else throw Unknown(ref reader, "a reference");
            }

            if (kind is null || id is null == number is null)
                throw new JsonException("a reference has a kind, and either an id or a number");
            return new(kind, source, id, number, date, entity, line);
        }

        public override void Write(Utf8JsonWriter writer, Ref value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            Put(writer, "kind", value.Kind);
            Put(writer, "source", value.Source);
            Put(writer, "id", value.Id);
            Put(writer, "number", value.Number);
            Put(writer, "date", value.Date is { } date ? LocalDatePattern.Iso.Format(date) : null);
            Put(writer, "entity", value.Entity);
            Put(writer, "line", value.Line);
            writer.WriteEndObject();
        }
    }

    private sealed class QuantityConverter(ReadDecimal exact) : JsonConverter<Quantity>
    {
        public override Quantity Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            Read(ref reader, exact);

        internal static Quantity Read(ref Utf8JsonReader reader, ReadDecimal exact)
        {
            Begin(ref reader, "a quantity");
            decimal? value = null;
            Unit? unit = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (Next(ref reader, "value"u8)) value = DecimalConverter.Read(ref reader, exact);
                else if (Next(ref reader, "unit"u8)) unit = UnitOf(ref reader);
                else throw Unknown(ref reader, "a quantity");
            }

            return value is { } of && unit is { } per
                ? new(of, per)
                : throw new JsonException("a quantity has a value and a unit");
        }

        public override void Write(Utf8JsonWriter writer, Quantity value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            writer.WriteString("value", DecimalText.Write(value.Value));
            writer.WriteString("unit", value.Unit.Code);
            writer.WriteEndObject();
        }
    }

    private sealed class RateConverter(ReadDecimal exact) : JsonConverter<Rate>
    {
        public override Rate Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
        {
            Begin(ref reader, "a rate");
            decimal? amount = null;
            Currency? currency = null;
            Unit? unit = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (Next(ref reader, "amount"u8)) amount = DecimalConverter.Read(ref reader, exact);
                else if (Next(ref reader, "currency"u8)) currency = CurrencyOf(ref reader);
                else if (Next(ref reader, "per"u8)) unit = UnitOf(ref reader);
                else throw Unknown(ref reader, "a rate");
            }

            return amount is { } of && currency is { } known && unit is { } per
                ? new(of, known, per)
                : throw new JsonException("a rate has an amount, a currency and a unit");
        }

        public override void Write(Utf8JsonWriter writer, Rate value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            writer.WriteString("amount", DecimalText.Write(value.Amount));
            writer.WriteString("currency", value.Currency.Code);
            writer.WriteString("per", value.Per.Code);
            writer.WriteEndObject();
        }
    }

    private sealed class ApprovalConverter(ReadDecimal exact) : JsonConverter<Approval>
    {
        public override Approval Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
        {
            Begin(ref reader, "an approval");
            ApprovalStatus? status = null;
            string? by = null, reason = null;
            Instant? at = null;
            Quantity? quantity = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (Next(ref reader, "status"u8))
                    status = JsonSerializer.Deserialize<ApprovalStatus>(ref reader, options);
                else if (Next(ref reader, "by"u8)) by = Recurring.Read(ref reader);
                else if (Next(ref reader, "at"u8)) at = JsonSerializer.Deserialize<Instant?>(ref reader, options);
                else if (Next(ref reader, "quantity"u8))
                    quantity = reader.TokenType == JsonTokenType.Null
                        ? null
                        : QuantityConverter.Read(ref reader, exact);
                else if (Next(ref reader, "reason"u8)) reason = reader.GetString();
                else throw Unknown(ref reader, "an approval");
            }

            return status is { } known
                ? new(known, by, at, quantity, reason)
                : throw new JsonException("an approval has a status");
        }

        public override void Write(Utf8JsonWriter writer, Approval value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            Put<ApprovalStatus?>(writer, "status", value.Status, options);
            Put(writer, "by", value.By);
            Put(writer, "at", value.At, options);
            Put(writer, "quantity", value.Quantity, options);
            Put(writer, "reason", value.Reason);
            writer.WriteEndObject();
        }
    }

    private sealed class BilledConverter(ReadDecimal exact) : JsonConverter<Billed>
    {
        public override Billed Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
        {
            Begin(ref reader, "what is billed");
            Ref? billed = null;
            Quantity? quantity = null;
            decimal? amount = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (Next(ref reader, "ref"u8)) billed = RefConverter.Read(ref reader, options);
                else if (Next(ref reader, "quantity"u8))
                    quantity = reader.TokenType == JsonTokenType.Null
                        ? null
                        : QuantityConverter.Read(ref reader, exact);
                else if (Next(ref reader, "amount"u8))
                    amount = reader.TokenType == JsonTokenType.Null
                        ? null
                        : DecimalConverter.Read(ref reader, exact);
                else throw Unknown(ref reader, "what is billed");
            }

            return new(billed ?? throw new JsonException("what is billed has a reference"), quantity, amount);
        }

        public override void Write(Utf8JsonWriter writer, Billed value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            Put(writer, "ref", value.Ref, options);
            Put(writer, "quantity", value.Quantity, options);
            Put(writer, "amount", value.Amount is { } amount ? DecimalText.Write(amount) : null);
            writer.WriteEndObject();
        }
    }
}
