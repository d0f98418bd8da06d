using System.Text;
using System.Text.Json;
using NodaTime;

namespace Ledger.Domain;

public static partial class EnvelopeReader
{
    private static readonly JsonReaderOptions StrictTokens = new() { MaxDepth = LedgerJson.DepthMax };

    /// <summary>Reads, in one pass, what nearly every document is. Whatever is in any way unusual, wrong or only rare
    /// it leaves to the careful reading, whose word it is; what it does read, that one reads the same.</summary>
    /// <param name="json">Valid UTF-8.</param>
    private static Understood? Quick(ReadOnlySpan<byte> json, Vocabulary vocabulary)
    {
        try
        {
            var members = new QuickMembers();
            var reader = new Utf8JsonReader(json, StrictTokens);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                if (!members.Take(ref reader))
                    return null;
            if (reader.Read() || members.Envelope() is not { } envelope) return null;
            if (!vocabulary.TryFind(envelope.Type, out var definition)) return null;
            if (definition.Kind is { } kind ? kind.Name != envelope.Kind : !Kind.TryFind(envelope.Kind, out _))
                return null;
            var body = definition.Read(json[members.Data]);
            return body is null ? null : new(envelope, definition, body, definition.WriteOrdered(body));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The members of one envelope while they are collected: each at most once.</summary>
    private struct QuickMembers
    {
        private string? source, id, type, subject, actor, correlationId, causationId, traceparent;
        private (Instant Instant, LocalDate Date)? time;
        private long? sequence, expectedVersion;
        private LocalDate? effectiveOn;
        private TimeBasis timeBasis;
        private int seen;

        public Range Data { get; private set; }

        /// <summary>Takes the member whose name the reader stands on.</summary>
        /// <returns>False = it is not one for quick reading.</returns>
        public bool Take(ref Utf8JsonReader reader)
        {
            if (reader.ValueIsEscaped) return false;
            var name = reader.ValueSpan;
            if (name.SequenceEqual("source"u8)) return Text(ref reader, 0, 64, ref source);
            if (name.SequenceEqual("id"u8)) return Text(ref reader, 1, IdLengthMax, ref id);
            if (name.SequenceEqual("type"u8)) return Text(ref reader, 2, 128, ref type);
            if (name.SequenceEqual("subject"u8)) return Text(ref reader, 3, IdLengthMax, ref subject);
            if (name.SequenceEqual("time"u8)) return Time(ref reader);
            if (name.SequenceEqual("data"u8)) return TakeData(ref reader);
            if (name.SequenceEqual("actor"u8)) return Text(ref reader, 6, IdLengthMax, ref actor);
            if (name.SequenceEqual("sequence"u8)) return Whole(ref reader, 7, ref sequence);
            if (name.SequenceEqual("effectiveOn"u8)) return Date(ref reader);
            if (name.SequenceEqual("correlationId"u8)) return Text(ref reader, 9, IdLengthMax, ref correlationId);
            if (name.SequenceEqual("causationId"u8)) return Text(ref reader, 10, IdLengthMax, ref causationId);
            if (name.SequenceEqual("traceparent"u8)) return Text(ref reader, 11, 128, ref traceparent);
            if (name.SequenceEqual("timeBasis"u8)) return Basis(ref reader);
            if (name.SequenceEqual("expectedVersion"u8)) return Whole(ref reader, 13, ref expectedVersion);
            string? fixedText = null;
            if (name.SequenceEqual("specversion"u8))
                return Text(ref reader, 14, 3, ref fixedText) && fixedText == "1.0";
            return name.SequenceEqual("datacontenttype"u8)
                && Text(ref reader, 15, 16, ref fixedText) && fixedText == "application/json";
        }

        public readonly Envelope? Envelope()
        {
            var slash = subject?.IndexOf('/', StringComparison.Ordinal) ?? -1;
            if (source is null || id is null || type is null || time is not { } at || Data.Equals(default)
                || slash <= 0 || slash == subject!.Length - 1 || !StreamName.IsName(subject.AsSpan(0, slash), '_')
                || !StreamName.IsSource(source) || !StreamName.IsName(type, '_'))
                return null;
            return new(
                source, id, type, subject[..slash], subject[(slash + 1)..], at.Instant, at.Date, timeBasis, sequence,
                effectiveOn)
            {
                ExpectedVersion = expectedVersion, Actor = actor, CorrelationId = correlationId,
                CausationId = causationId, Traceparent = traceparent,
            };
        }

        private bool Once(ref Utf8JsonReader reader, int member, JsonTokenType token)
        {
            var isNew = (seen & 1 << member) == 0;
            seen |= 1 << member;
            return isNew && reader.Read() && reader.TokenType == token && !reader.ValueIsEscaped;
        }

        private bool Text(ref Utf8JsonReader reader, int member, int lengthMax, ref string? text)
        {
            if (!Once(ref reader, member, JsonTokenType.String)) return false;
            var value = reader.ValueSpan;
            // The control characters that may stand in a JSON text: U+007F, and U+0080 to U+009F, which begin with C2.
            if (value.Length == 0 || value.Length > lengthMax || value.ContainsAny((byte)0x7F, (byte)0xC2))
                return false;
            text = Encoding.UTF8.GetString(value);
            return true;
        }

        private bool Time(ref Utf8JsonReader reader)
        {
            if (!Once(ref reader, 4, JsonTokenType.String)) return false;
            time = UtcText.Read(reader.ValueSpan);
            return time is not null;
        }

        private bool TakeData(ref Utf8JsonReader reader)
        {
            if (!Once(ref reader, 5, JsonTokenType.StartObject)) return false;
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            Data = start..(int)reader.BytesConsumed;
            return true;
        }

        private bool Whole(ref Utf8JsonReader reader, int member, ref long? number)
        {
            if (!Once(ref reader, member, JsonTokenType.Number) || !reader.TryGetInt64(out var value) || value < 0)
                return false;
            number = value;
            return true;
        }

        private bool Date(ref Utf8JsonReader reader)
        {
            string? text = null;
            if (!Text(ref reader, 8, 10, ref text) || !LedgerJson.TryDate(text, out var date)) return false;
            effectiveOn = date;
            return true;
        }

        private bool Basis(ref Utf8JsonReader reader)
        {
            string? text = null;
            if (!Text(ref reader, 12, 16, ref text)) return false;
            (var known, timeBasis) = text switch
            {
                "stated" => (true, TimeBasis.Stated),
                "modified" => (true, TimeBasis.Modified),
                "observed" => (true, TimeBasis.Observed),
                "date" => (true, TimeBasis.Date),
                _ => (false, default),
            };
            return known;
        }
    }
}
