using System.Text.Json;
using Ledger.Domain;
using NodaTime.Text;

namespace Ledger.Connectors.Simulation;

/// <summary>One file of events a system, a line an event.</summary>
internal sealed class SourceFiles(string folder) : IDisposable
{
    private const int BufferBytes = 1 << 16;

    private static readonly byte[] NewLine = "\n"u8.ToArray();

    private readonly Dictionary<string, (Stream File, Utf8JsonWriter Json)> open = [];
    private readonly SortedDictionary<string, long> counts = new(StringComparer.Ordinal);

    public long Written { get; private set; }

    public IReadOnlyDictionary<string, long> Counts => counts;

    /// <param name="name">Of the file, without its ending.</param>
    public void Write(string name, Told told)
    {
        var (file, json) = Of(name);
        var (envelope, definition) = (told.Envelope, EventCatalog.Find(told.Body));
        json.Reset(file);
        json.WriteStartObject();
        json.WriteString("id", envelope.Id);
        json.WriteString("source", envelope.Source);
        json.WriteString("type", envelope.Type);
        json.WriteString("subject", envelope.Subject);
        json.WriteString("time", InstantPattern.ExtendedIso.Format(envelope.Time));
        if (envelope.TimeBasis != TimeBasis.Stated)
            json.WriteString("timeBasis", JsonNamingPolicy.SnakeCaseLower.ConvertName(envelope.TimeBasis.ToString()));
        if (envelope.Actor is { } actor) json.WriteString("actor", actor);
        json.WritePropertyName("data");
        json.WriteRawValue(definition.Write(told.Body), skipInputValidation: true);
        json.WriteEndObject();
        json.Flush();
        file.Write(NewLine);
        Written++;
        counts[name + ".ndjson"]++;
    }

    public void Dispose()
    {
        foreach (var (file, json) in open.Values)
        {
            json.Dispose();
            file.Dispose();
        }
    }

    private (Stream File, Utf8JsonWriter Json) Of(string name)
    {
        if (open.TryGetValue(name, out var known)) return known;
        var file = new BufferedStream(File.Create(Path.Combine(folder, name + ".ndjson")), BufferBytes);
        counts.Add(name + ".ndjson", 0);
        return open[name] = (file, new(file));
    }
}

/// <summary>The faults that were planted: <c>{"faults":[…],"absent":[…]}</c>, written as they are planted; last the
/// kinds of which there is none.</summary>
internal sealed class TruthFile : IDisposable
{
    private readonly SortedSet<Fault> absent;
    private readonly FileStream file;
    private readonly Utf8JsonWriter json;

    /// <param name="all">The kinds that there could be.</param>
    public TruthFile(string path, IEnumerable<Fault> all)
    {
        absent = new(all);
        file = File.Create(path);
        json = new(file, new() { Indented = true });
        json.WriteStartObject();
        json.WriteStartArray("faults");
    }

    public int Count { get; private set; }

    /// <summary>Kinds of which none was planted so far.</summary>
    public IReadOnlyCollection<Fault> Absent => absent;

    public void Add(Planted planted)
    {
        Count++;
        absent.Remove(planted.Fault);
        json.WriteStartObject();
        json.WriteString("fault", Snake(planted.Fault));
        json.WriteString("class", planted.Class);
        json.WriteString("record", planted.Record);
        if (planted.Number is { } number) json.WriteString("number", number);
        json.WriteString("amount", DecimalText.Write(planted.Amount));
        json.WriteString("currency", planted.Currency);
        json.WriteStartObject("event");
        json.WriteString("source", planted.Source);
        json.WriteString("id", planted.Event);
        json.WriteEndObject();
        Texts("related", planted.Related);
        Texts("beside", planted.Beside.Select(Snake));
        json.WriteBoolean("closed", planted.Closed);
        if (planted.Masked is { } masked)
        {
            json.WriteStartObject("masked");
            Texts("classes", masked.Classes);
            json.WriteString("amount", DecimalText.Write(masked.Amount));
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.Flush();
    }

    public void Dispose()
    {
        json.WriteEndArray();
        Texts("absent", absent.Select(Snake));
        json.WriteEndObject();
        json.Dispose();
        file.Dispose();
    }

    private void Texts(string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static string Snake(Fault fault) => JsonNamingPolicy.SnakeCaseLower.ConvertName(fault.ToString());
}
