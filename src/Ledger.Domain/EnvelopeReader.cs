using System.Globalization;
using System.Text;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;

namespace Ledger.Domain;

/// <summary>Reads one envelope, strictly: what it cannot understand it names, with a JSON Pointer.</summary>
public static partial class EnvelopeReader
{
    public const int IdLengthMax = 200;

    /// <summary>How documents that hold envelopes must be parsed: no duplicate names, no comments, bounded
    /// depth.</summary>
    public static readonly JsonDocumentOptions Strict = new()
    {
        AllowDuplicateProperties = false,
        CommentHandling = JsonCommentHandling.Disallow,
        MaxDepth = LedgerJson.DepthMax,
    };

    /// <summary>Reads a whole document.</summary>
    /// <param name="vocabulary">What is known; null = the whole catalogue.</param>
    public static Reading Read(ReadOnlyMemory<byte> json, Vocabulary? vocabulary = null)
    {
        if (!System.Text.Unicode.Utf8.IsValid(json.Span))
            return Fault("", "invalid_utf8", "the text is not valid UTF-8");
        return Quick(json.Span, vocabulary ?? Vocabulary.Whole) ?? ReadCarefully(json, vocabulary);
    }

    private static Reading ReadCarefully(ReadOnlyMemory<byte> json, Vocabulary? vocabulary)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            return Read(document.RootElement, vocabulary);
        }
        catch (JsonException e)
        {
            return IsDeeper(json.Span, LedgerJson.DepthMax)
                ? Fault("", "too_deep", $"an event nests {LedgerJson.DepthMax} levels at most")
                : Fault("", "invalid_json", JsonProblems.WithoutPath(e.Message));
        }
        catch (InvalidOperationException)
        {
            // The search for duplicate names reads every name.
            return Fault("", "invalid_text", "a name holds half of a surrogate pair");
        }
    }

    /// <summary>Whether a text, as far as it is JSON, nests more than so many levels.</summary>
    public static bool IsDeeper(ReadOnlySpan<byte> json, int depth)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = depth + 1 });
        try
        {
            while (reader.Read())
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray
                    && reader.CurrentDepth >= depth)
                    return true;
        }
        catch (JsonException)
        {
            // It ends here as JSON, and was not too deep until here.
        }

        return false;
    }

    /// <summary>Reads one element of a larger document, which was parsed <see cref="Strict"/> from valid
    /// UTF-8.</summary>
    public static Reading Read(JsonElement element, Vocabulary? vocabulary = null)
    {
        if (element.ValueKind != JsonValueKind.Object)
            return Fault("", "not_an_object", "an event is a JSON object");
        var fields = new Fields();
        try
        {
            foreach (var property in element.EnumerateObject()) fields.Take(property);
        }
        catch (InvalidOperationException)
        {
            fields.Problems.Add(new("", "invalid_text", "a text holds half of a surrogate pair"));
        }

        if (fields.Envelope() is not { } envelope)
            return new Malformed(fields.Problems.ToItems(), fields.Source, fields.Id);
        return ReadBody(envelope, fields.Data!.Value, vocabulary ?? Vocabulary.Whole);
    }

    private static Reading ReadBody(Envelope envelope, JsonElement data, Vocabulary vocabulary)
    {
        var raw = Encoding.UTF8.GetBytes(data.GetRawText());
        if (!vocabulary.TryFind(envelope.Type, out var definition)) return new UnknownType(envelope, raw);
        if (definition.Kind is { } kind && kind.Name != envelope.Kind)
            return NotOfKind(envelope, raw, kind.Name);
        if (!Kind.TryFind(envelope.Kind, out _))
            return new Invalid(envelope, raw,
                [
                    new("/subject", "unknown_kind",
                        $"there is no kind '{envelope.Kind}' for {definition.Name} to be of"),
                ]);
        try
        {
            var body = (Event)data.Deserialize(definition.Json)!;
            return new Understood(envelope, definition, body, definition.WriteOrdered(body));
        }
        catch (JsonException e)
        {
            return new Invalid(envelope, raw, BodyFaults.In(raw, definition, e));
        }
        catch (InvalidOperationException)
        {
            return new Invalid(envelope, raw, [new("/data", "invalid_text", "a text holds half of a surrogate pair")]);
        }
    }

    private static Invalid NotOfKind(Envelope envelope, byte[] raw, string kind) => new(envelope, raw,
        [new("/subject", "kind_mismatch", $"{envelope.Type} is an event of '{kind}', not of '{envelope.Kind}'")]);

    private static Malformed Fault(string pointer, string code, string message) => new([new(pointer, code, message)]);

    /// <summary>The members of one envelope while they are collected.</summary>
    private sealed class Fields
    {
        private string? type, subject, actor, correlationId, causationId, traceparent;
        private OffsetDateTime? time;
        private TimeBasis timeBasis;
        private long? sequence, expectedVersion;
        private LocalDate? effectiveOn;
        private Items<Link> links = Items<Link>.None;

        public List<Problem> Problems { get; } = [];

        public string? Source { get; private set; }

        public string? Id { get; private set; }

        public JsonElement? Data { get; private set; }

        public void Take(JsonProperty member)
        {
            var value = member.Value;
            if (value.ValueKind == JsonValueKind.Null) return;
            switch (member.Name)
            {
                case "specversion":
                    if (Text(member, 16) is { } version and not "1.0")
                        Add(member, "unsupported", $"CloudEvents {version} is not supported; 1.0 is");
                    break;
                case "id": Id = Text(member, IdLengthMax); break;
                case "source": Source = Text(member, 64); break;
                case "type": type = Text(member, 128); break;
                case "subject": subject = Text(member, 64 + IdLengthMax); break;
                case "time": time = Time(member); break;
                case "timeBasis" or "timebasis": timeBasis = Basis(member); break;
                case "sequence": sequence = Whole(member); break;
                case "expectedVersion" or "expectedversion": expectedVersion = Whole(member); break;
                case "effectiveOn" or "effectiveon": effectiveOn = Date(member); break;
                case "actor": actor = Text(member, IdLengthMax); break;
                case "correlationId" or "correlationid": correlationId = Text(member, IdLengthMax); break;
                case "causationId" or "causationid": causationId = Text(member, IdLengthMax); break;
                case "traceparent": traceparent = Text(member, 128); break;
                case "links": links = Links(member); break;
                case "data": Data = value; break;
                case "datacontenttype":
                    if (Text(member, 128) is { } content && !IsJson(content))
                        Add(member, "unsupported", $"data of type {content} is not supported; application/json is");
                    break;
                case "data_base64":
                    Add(member, "unsupported", "data in base64 is not supported; send it as JSON, in 'data'");
                    break;
                case "dataschema" or "tracestate" or "partitionkey" or "sequencetype" or "sampledrate": break;
                default: Add(member, "unknown_member", $"an envelope has no member '{Shown(member.Name)}'"); break;
            }
        }

        public Envelope? Envelope()
        {
            Require(Source, "source");
            Require(Id, "id");
            Require(type, "type");
            Require(subject, "subject");
            Require(time, "time");
            Require(Data, "data");
            if (Source is not null && !StreamName.IsSource(Source))
                Problems.Add(new("/source", "invalid_name", "a source is lower-case letters, digits and hyphens"));
            if (type is not null && !StreamName.IsName(type, '_'))
                Problems.Add(new("/type", "invalid_name", "a type is lower-case letters, digits and underscores"));
            var slash = subject?.IndexOf('/', StringComparison.Ordinal) ?? -1;
            var named = slash > 0 && slash < subject!.Length - 1 && StreamName.IsName(subject.AsSpan(0, slash), '_');
            if (subject is not null && !named)
                Problems.Add(new("/subject", "invalid_subject", "a subject is {kind}/{id}, such as time/1042"));
            if (subject?.Length - slash - 1 > IdLengthMax)
                Problems.Add(new("/subject", "too_long", $"a record's id has {IdLengthMax} characters at most"));
            if (Problems.Count > 0) return null;
            var at = time!.Value;
            return new(
                Source!, Id!, type!, subject![..slash], subject[(slash + 1)..], LedgerJson.Micros(at.ToInstant()),
                at.Date, timeBasis, sequence, effectiveOn)
            {
                ExpectedVersion = expectedVersion, Actor = actor, CorrelationId = correlationId,
                CausationId = causationId, Traceparent = traceparent, Links = links,
            };
        }

        private void Require(object? value, string name)
        {
            if (value is null && !Problems.Exists(p => p.Pointer == "/" + name))
                Problems.Add(new("/" + name, "required", $"'{name}' is required"));
        }

        private string? Text(JsonProperty member, int lengthMax)
        {
            if (member.Value.ValueKind != JsonValueKind.String)
                return Add<string>(member, "wrong_type", "expected a text");
            var text = member.Value.GetString()!;
            if (text.Length == 0) return Add<string>(member, "empty", "expected a text that is not empty");
            if (text.Length > lengthMax)
                return Add<string>(member, "too_long", $"at most {lengthMax} characters, this has {text.Length}");
            return text.Any(char.IsControl) ? Add<string>(member, "control_character", "no control characters") : text;
        }

        private OffsetDateTime? Time(JsonProperty member)
        {
            if (Text(member, 64) is not { } text) return null;
            var read = OffsetDateTimePattern.ExtendedIso.Parse(text);
            if (read.Success && LedgerJson.IsInRange(read.Value)) return read.Value;
            Add(member, "invalid_time", "expected an instant with its offset, such as 2026-03-14T09:30:00Z");
            return null;
        }

        private LocalDate? Date(JsonProperty member)
        {
            if (Text(member, 64) is not { } text) return null;
            if (LedgerJson.TryDate(text, out var date)) return date;
            Add(member, "invalid_date", "expected a date, such as 2026-03-14");
            return null;
        }

        private TimeBasis Basis(JsonProperty member)
        {
            switch (Text(member, 16))
            {
                case "stated" or null: return TimeBasis.Stated;
                case "modified": return TimeBasis.Modified;
                case "observed": return TimeBasis.Observed;
                case "date": return TimeBasis.Date;
                default:
                    Add(member, "unknown_value", "timeBasis is stated, modified, observed or date");
                    return default;
            }
        }

        private long? Whole(JsonProperty member)
        {
            var value = member.Value;
            if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0)
                return number;
            if (value.ValueKind == JsonValueKind.String
                && long.TryParse(value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out number))
                return number;
            Add(member, "wrong_type", "expected a whole number, 0 or more");
            return null;
        }

        /// <summary>An attribute of a CloudEvent is a text, so there links are their JSON as a text.</summary>
        private Items<Link> Links(JsonProperty member)
        {
            try
            {
                if (member.Value.ValueKind == JsonValueKind.String)
                    return JsonSerializer.Deserialize<Items<Link>>(member.Value.GetString()!, LedgerJson.Options)
                        ?? Items<Link>.None;
                return member.Value.Deserialize<Items<Link>>(LedgerJson.Options)!;
            }
            catch (JsonException e)
            {
                Problems.Add(JsonProblems.Of(e, "/links"));
                return Items<Link>.None;
            }
        }

        private void Add(JsonProperty member, string code, string message) =>
            Problems.Add(new("/" + JsonProblems.Escaped(Shown(member.Name)), code, message));

        private T? Add<T>(JsonProperty member, string code, string message)
            where T : class
        {
            Add(member, code, message);
            return null;
        }

        private static bool IsJson(string mediaType)
        {
            var parts = mediaType.Split(';', StringSplitOptions.TrimEntries);
            var isJson = parts[0].Equals("application/json", StringComparison.OrdinalIgnoreCase)
                || parts[0].EndsWith("+json", StringComparison.OrdinalIgnoreCase);
            return isJson && parts[1..].All(p => !p.StartsWith("charset=", StringComparison.OrdinalIgnoreCase)
                || p["charset=".Length..].Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase));
        }

        private static string Shown(string name) => name.Length <= 64 ? name : name[..64] + "…";
    }
}
