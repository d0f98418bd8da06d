using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using NodaTime;
using NodaTime.Text;

namespace Ledger.Domain;

/// <summary>How the ledger's types read and write JSON: strict, camelCase, decimals as strings, no nulls but those a
/// snapshot says.</summary>
public static partial class LedgerJson
{
    /// <summary>Deepest nesting accepted anywhere.</summary>
    public const int DepthMax = 64;

    /// <summary>For what sources state.</summary>
    public static readonly JsonSerializerOptions Options = Make(DecimalText.TryReadStated);

    /// <summary>The same, members written in the order of their names, as RFC 8785 has them.</summary>
    public static readonly JsonSerializerOptions Ordered = Make(DecimalText.TryReadStated, OrderByName);

    /// <summary>For what a fold made of it: a sum may have more digits than anything stated.</summary>
    public static readonly JsonSerializerOptions States = Make(DecimalText.TryRead, ours: true);

    /// <summary>For what sources stated and a database keeps.</summary>
    public static readonly JsonSerializerOptions Stored = Make(DecimalText.TryReadStated, ours: true);

    private delegate bool ReadDecimal(ReadOnlySpan<char> text, out decimal value);

    /// <param name="ours">Whether only the ledger wrote what is read, where a database keeps each name once.</param>
    private static JsonSerializerOptions Make(
        ReadDecimal readDecimal, Action<JsonTypeInfo>? change = null, bool ours = false)
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            AllowDuplicateProperties = ours,
            NumberHandling = JsonNumberHandling.Strict,
            MaxDepth = DepthMax,
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver
            {
                Modifiers = { SkipComputed, OmitUnsaid, change ?? (static _ => { }) },
            },
            Converters =
            {
                new DecimalConverter(readDecimal),
                new TextConverter<Currency>("a currency code of ISO 4217", Currency.TryOf, c => c.Code),
                new TextConverter<Unit>(
                    "a unit code of UN/ECE Recommendation 20, such as MIN or HUR", Unit.TryOf, u => u.Code),
                new TextConverter<Instant>("an instant such as 2026-03-14T09:30:00Z", TryInstant, WriteInstant),
                new TextConverter<LocalDate>("a date such as 2026-03-14", TryDate, LocalDatePattern.Iso.Format),
                new ExtConverter(),
                new JsonTextConverter(),
                new ListConverter(),
                new SaidConverter(),
                new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false),
            },
        };
        if (ours)
            foreach (var shape in Shapes(readDecimal)) options.Converters.Add(shape);
        options.MakeReadOnly();
        return options;
    }

    /// <summary>Writes an instant in UTC with as many fraction digits as it has, six at most.</summary>
    public static string WriteInstant(Instant instant) =>
        UtcText.Write(instant) ?? InstantPattern.ExtendedIso.Format(instant);

    /// <summary>Reads an instant with any offset; what is finer than a microsecond is cut off.</summary>
    public static bool TryInstant(string? text, out Instant instant)
    {
        instant = default;
        if (text is null) return false;
        Span<byte> bytes = stackalloc byte[UtcText.LengthMax];
        if (text.Length <= bytes.Length && Ascii.FromUtf16(text, bytes, out var length) is OperationStatus.Done
            && UtcText.Read(bytes[..length]) is { } usual)
        {
            instant = usual.Instant;
            return true;
        }

        var read = OffsetDateTimePattern.ExtendedIso.Parse(text);
        if (!read.Success || !IsInRange(read.Value)) return false;
        instant = Micros(read.Value.ToInstant());
        return true;
    }

    /// <summary>Whether it lies in the years 1 to 9999, here and in UTC.</summary>
    public static bool IsInRange(OffsetDateTime time) =>
        time.Year >= 1 && (time.Year > 1 || time.Offset <= Offset.Zero)
        && (time.Year < 9999 || time.Offset >= Offset.Zero);

    /// <summary>Reads a date of the years 1 to 9999, as databases and calendars have them.</summary>
    public static bool TryDate(string? text, out LocalDate date)
    {
        if (UtcText.ReadDate(text) is { } usual)
        {
            date = usual;
            return true;
        }

        var read = LocalDatePattern.Iso.Parse(text ?? "");
        date = read.Success ? read.Value : default;
        return read.Success && date.Year >= 1;
    }

    /// <summary>The instant without what is finer than a microsecond, which no store of the ledger keeps.</summary>
    public static Instant Micros(Instant instant) =>
        Instant.FromUnixTimeTicks(instant.ToUnixTimeTicks() - ((instant.ToUnixTimeTicks() % 10) + 10) % 10);

    /// <summary>What a reader with these options stopped at, for whoever wrote the text.</summary>
    public static Problem Problem(JsonException error) => JsonProblems.Of(error, "");

    // Properties worked out from others (no setter) are no part of a stored shape.
    private static void SkipComputed(JsonTypeInfo type)
    {
        for (var i = type.Properties.Count - 1; i >= 0; i--)
            if (type.Properties[i].Set is null && type.Properties[i].AssociatedParameter is null)
                type.Properties.RemoveAt(i);
    }

    private static void OrderByName(JsonTypeInfo type)
    {
        var ordered = type.Properties.OrderBy(property => property.Name, StringComparer.Ordinal).ToArray();
        for (var place = 0; place < ordered.Length; place++)
            ordered[place].Order = place;
    }

    private static void OmitUnsaid(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
            if (typeof(ISaid).IsAssignableFrom(property.PropertyType))
                property.ShouldSerialize = static (_, value) => ((ISaid)value!).IsSaid;
    }

    private sealed class DecimalConverter(ReadDecimal read) : JsonConverter<decimal>
    {
        public override decimal Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            Read(ref reader, read);

        internal static decimal Read(ref Utf8JsonReader reader, ReadDecimal read) =>
            reader.TokenType == JsonTokenType.String && TryRead(ref reader, read, out var value)
                ? value
                : throw new JsonException(FormattableString.Invariant(
                    $"expected a decimal as a string, such as \"8.5\": at most {DecimalText.WholeDigitsMax} digits ")
                    + FormattableString.Invariant($"and {DecimalText.FractionDigitsMax} after the point"));

        private static bool TryRead(ref Utf8JsonReader reader, ReadDecimal read, out decimal value)
        {
            if (reader.HasValueSequence || reader.ValueSpan.Length > DecimalText.LengthMax)
                return read(reader.GetString(), out value);
            Span<char> text = stackalloc char[DecimalText.LengthMax];
            return read(text[..reader.CopyString(text)], out value);
        }

        public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) =>
            writer.WriteStringValue(DecimalText.Write(value));
    }

    private delegate bool TryRead<T>(string? text, out T value);

    private sealed class TextConverter<T>(string expected, TryRead<T> read, Func<T, string> write) : JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && read(Recurring.Read(ref reader), out var value)
                ? value
                : throw new JsonException($"expected {expected}");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteStringValue(write(value));
    }

    private sealed class ExtConverter : JsonConverter<Ext>
    {
        public override Ext Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("expected an object of texts");
            var values = new List<KeyValuePair<string, string>>();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                reader.Read();
                if (reader.TokenType != JsonTokenType.String) throw new JsonException($"expected a text for '{name}'");
                values.Add(new(name, reader.GetString()!));
            }

            return new Ext(values);
        }

        public override void Write(Utf8JsonWriter writer, Ext value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            foreach (var (name, text) in value) writer.WriteString(name, text);
            writer.WriteEndObject();
        }
    }

    private sealed class JsonTextConverter : JsonConverter<JsonText>
    {
        public override JsonText Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            JsonText.Of(JsonElement.ParseValue(ref reader));

        public override void Write(Utf8JsonWriter writer, JsonText value, JsonSerializerOptions options) =>
            writer.WriteRawValue(value.Text, skipInputValidation: true);
    }

    private sealed class ListConverter : JsonConverterFactory
    {
        public override bool CanConvert(Type type) =>
            type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Items<>);

        public override JsonConverter CreateConverter(Type type, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(typeof(Of<>).MakeGenericType(type.GetGenericArguments()))!;

        private sealed class Of<T> : JsonConverter<Items<T>>
        {
            public override Items<T> Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
            {
                if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("expected a list");
                var ahead = reader;
                if (ahead.Read() && ahead.TokenType == JsonTokenType.EndArray)
                {
                    reader = ahead;
                    return Items<T>.None;
                }

                var items = WithinException.Read<T[]>(ref reader, options)!;
                if (Array.Exists(items, item => item is null)) throw new JsonException("a list has no null items");
                return Items.Of<T>(items);
            }

            public override void Write(Utf8JsonWriter writer, Items<T> value, JsonSerializerOptions options)
            {
                writer.WriteStartArray();
                foreach (var item in value) JsonSerializer.Serialize(writer, item, options);
                writer.WriteEndArray();
            }
        }
    }

    private sealed class SaidConverter : JsonConverterFactory
    {
        public override bool CanConvert(Type type) =>
            type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Said<>);

        public override JsonConverter CreateConverter(Type type, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(typeof(Of<>).MakeGenericType(type.GetGenericArguments()))!;

        private sealed class Of<T> : JsonConverter<Said<T>>
        {
            public override bool HandleNull => true;

            public override Said<T> Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
                new(true, WithinException.Read<T>(ref reader, options));

            public override void Write(Utf8JsonWriter writer, Said<T> value, JsonSerializerOptions options) =>
                JsonSerializer.Serialize(writer, value.Value, options);
        }
    }
}
