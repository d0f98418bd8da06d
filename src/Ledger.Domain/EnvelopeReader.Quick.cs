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
            if (!members.TakeAll(json)) return null;
            var envelope = members.Envelope();
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
    /// <param name="skims">Whether the body is looked at for what reading it would change.</param>
    private ref struct QuickMembers(bool skims = false)
    {
        // An empty one is not there: no text of an envelope is empty.
        private ReadOnlySpan<byte> source, id, type, subject, actor, correlationId, causationId, traceparent;
        private ReadOnlySpan<byte> timeText, effectiveText;
        private (Instant Instant, LocalDate Date)? time;
        private long? sequence, expectedVersion;
        private LocalDate? effectiveOn;
        private TimeBasis timeBasis;
        private int seen, slash;
        private bool looksDecimal;

        public Range Data { get; private set; }

        /// <returns>False = the document is not one for quick reading.</returns>
        public bool TakeAll(ReadOnlySpan<byte> json)
        {
            var reader = new Utf8JsonReader(json, StrictTokens);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                if (!Take(ref reader))
                    return false;
            return !reader.Read() && IsWhole();
        }

        /// <summary>Takes the member whose name the reader stands on.</summary>
        /// <returns>False = it is not one for quick reading.</returns>
        private bool Take(ref Utf8JsonReader reader)
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
            ReadOnlySpan<byte> fixedText = default;
            if (name.SequenceEqual("specversion"u8))
                return Text(ref reader, 14, 3, ref fixedText) && fixedText.SequenceEqual("1.0"u8);
            return name.SequenceEqual("datacontenttype"u8)
                && Text(ref reader, 15, 16, ref fixedText) && fixedText.SequenceEqual("application/json"u8);
        }

        public readonly Envelope Envelope() => new(
            Said(source)!, Said(id)!, Said(type)!, Said(subject[..slash])!, Said(subject[(slash + 1)..])!,
            time!.Value.Instant, time.Value.Date, timeBasis, sequence, effectiveOn)
        {
            ExpectedVersion = expectedVersion, Actor = Said(actor), CorrelationId = Said(correlationId),
            CausationId = Said(causationId), Traceparent = Said(traceparent),
        };

        /// <returns>False where an instant or a date is not in the form in which it is written, or it is not known
        /// where the body has decimals.</returns>
        public readonly bool TrySkim(ReadOnlySpan<byte> json, out Skimmed skimmed)
        {
            ReadOnlySpan<byte> body = json[Data];
            if (looksDecimal && !TryCanonical(ref body))
            {
                skimmed = default;
                return false;
            }

            skimmed = new()
            {
                Source = source, Id = id, Type = type, Subject = subject, Time = timeText, EffectiveOn = effectiveText,
                Actor = actor, Sequence = sequence, Data = body,
            };
            return UtcText.IsCanonical(timeText)
                && (effectiveOn is not { } date || effectiveText.SequenceEqual(
                    Encoding.UTF8.GetBytes(NodaTime.Text.LocalDatePattern.Iso.Format(date))));
        }

        private readonly bool TryCanonical(ref ReadOnlySpan<byte> body)
        {
            if (!EventCatalog.TryFind(Said(type)!, out var definition)) return false;
            if (definition.Decimals is not { } places) return true;
            if (places.Canonical(body) is not { } canonical) return false;
            body = canonical;
            return true;
        }

        private static string? Said(ReadOnlySpan<byte> text) => text.IsEmpty ? null : Encoding.UTF8.GetString(text);

        private bool IsWhole()
        {
            slash = subject.IndexOf((byte)'/');
            return !source.IsEmpty && !id.IsEmpty && !type.IsEmpty && time is not null && !Data.Equals(default)
                && slash > 0 && slash < subject.Length - 1 && StreamName.IsName(subject[..slash], '_')
                && StreamName.IsName(source, '-') && StreamName.IsName(type, '_');
        }

        private bool Once(ref Utf8JsonReader reader, int member, JsonTokenType token)
        {
            var isNew = (seen & 1 << member) == 0;
            seen |= 1 << member;
            return isNew && reader.Read() && reader.TokenType == token && !reader.ValueIsEscaped;
        }

        private bool Text(ref Utf8JsonReader reader, int member, int lengthMax, ref ReadOnlySpan<byte> text)
        {
            if (!Once(ref reader, member, JsonTokenType.String)) return false;
            var value = reader.ValueSpan;
            // The control characters that may stand in a JSON text: U+007F, and U+0080 to U+009F, which begin with C2.
            if (value.Length == 0 || value.Length > lengthMax || value.ContainsAny((byte)0x7F, (byte)0xC2))
                return false;
            text = value;
            return true;
        }

        private bool Time(ref Utf8JsonReader reader)
        {
            if (!Once(ref reader, 4, JsonTokenType.String)) return false;
            timeText = reader.ValueSpan;
            time = UtcText.Read(timeText);
            return time is not null;
        }

        private bool TakeData(ref Utf8JsonReader reader)
        {
            if (!Once(ref reader, 5, JsonTokenType.StartObject)) return false;
            var start = (int)reader.TokenStartIndex;
            if (!skims)
                reader.Skip();
            else
                while (reader.Read() && reader.CurrentDepth > 1)
                    if (!StaysAsItIs(ref reader, ref looksDecimal))
                        return false;
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
            if (!Text(ref reader, 8, 10, ref effectiveText)
                || !LedgerJson.TryDate(Encoding.UTF8.GetString(effectiveText), out var date))
                return false;
            effectiveOn = date;
            return true;
        }

        private bool Basis(ref Utf8JsonReader reader)
        {
            ReadOnlySpan<byte> text = default;
            if (!Text(ref reader, 12, 16, ref text)) return false;
            (var known, timeBasis) = Encoding.UTF8.GetString(text) switch
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
