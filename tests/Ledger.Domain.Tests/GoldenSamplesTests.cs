using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using NodaTime;

namespace Ledger.Domain.Tests;

/// <summary>What was stored once is read for ever: one canonical body of each event, with every field it had when the
/// sample was written. A sample is never edited; a field that came later gets a sample of its own,
/// <c>{event}.2.json</c>.</summary>
public sealed class GoldenSamplesTests
{
    private static readonly string Folder = Path.Combine(Checkout.Root, "tests", "golden");

    public static readonly TheoryData<string> Names = [.. EventCatalog.All.Select(d => d.Name)];

    /// <summary>Run with LEDGER_WRITE_SAMPLES=1 to write the samples that are missing; none is ever written over.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Every_event_has_samples_that_fill_every_field(string name)
    {
        var definition = EventCatalog.Find(name);
        if (Environment.GetEnvironmentVariable("LEDGER_WRITE_SAMPLES") == "1") WriteMissing(definition);
        Unfilled(definition).ShouldBeEmpty("run with LEDGER_WRITE_SAMPLES=1");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_sample_reads_and_writes_back_to_the_same_bytes(string name)
    {
        var definition = EventCatalog.Find(name);
        foreach (var file in Files(name))
        {
            var stored = Stored(file);
            definition.Write(definition.Read(stored)).ShouldBe(stored, file);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_sample_folds_into_its_kind(string name)
    {
        var definition = EventCatalog.Find(name);
        if (definition.Kind is not { } kind) return;
        var begin = EventCatalog.All.Where(d => d.Kind == kind && d.Name != name)
            .Select(d => Recorded(d, 1)).Append(Recorded(definition, 2)).ToArray();
        var fold = StreamFold.Fold(kind, begin);
        fold.State.ShouldNotBeNull();
        fold.State.ShouldBeOfType(kind.StateType);
    }

    [Fact]
    public void Every_sample_is_of_an_event()
    {
        var names = EventCatalog.All.Select(d => d.Name).ToHashSet();
        Directory.GetFiles(Folder).Select(Event).Where(name => !names.Contains(name)).ShouldBeEmpty();
    }

    private static string[] Files(string name) => Directory.Exists(Folder)
        ? [.. Directory.GetFiles(Folder, name + ".*").Where(f => Event(f) == name).Order(StringComparer.Ordinal)]
        : [];

    private static string Event(string file) => Path.GetFileName(file).Split('.')[0];

    private static byte[] Stored(string file) => Encoding.UTF8.GetBytes(File.ReadAllText(file).TrimEnd('\n'));

    private static RecordedEvent Recorded(EventDefinition definition, int day)
    {
        var at = Instant.FromUtc(2026, 3, day, 9, 0);
        return new(
            day, "psa", definition.Name, "stream", definition.Name, at, at.InUtc().Date, null, null, at,
            definition.Read(Stored(Files(definition.Name)[0])));
    }

    private static string[] Unfilled(EventDefinition definition)
    {
        var filled = Files(definition.Name).SelectMany(file => Paths(JsonNode.Parse(Stored(file)), "")).ToHashSet();
        return [.. Paths(Sample(definition.ClrType), "").Where(path => !filled.Contains(path))];
    }

    private static void WriteMissing(EventDefinition definition)
    {
        if (Unfilled(definition).Length == 0) return;
        Directory.CreateDirectory(Folder);
        var count = Files(definition.Name).Length;
        var file = Path.Combine(Folder, definition.Name + (count == 0 ? ".json" : $".{count + 1}.json"));
        var body = definition.Read(Encoding.UTF8.GetBytes(Sample(definition.ClrType)!.ToJsonString()));
        File.WriteAllText(file, Encoding.UTF8.GetString(definition.Write(body)) + "\n");
    }

    private static IEnumerable<string> Paths(JsonNode? node, string at) => node switch
    {
        JsonObject o => o.SelectMany(m => Paths(m.Value, $"{at}/{m.Key}").Prepend($"{at}/{m.Key}")),
        JsonArray a => a.SelectMany(item => Paths(item, at + "/*")),
        _ => [],
    };

    /// <summary>A body of the type with every field filled, made from the metadata that reads it.</summary>
    private static JsonNode? Sample(Type type, string name = "")
    {
        if (Nullable.GetUnderlyingType(type) is { } inner) return Sample(inner, name);
        var of = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        if (of == typeof(Said<>)) return Sample(type.GetGenericArguments()[0], name);
        if (of == typeof(Items<>)) return List(type.GetGenericArguments()[0], name);
        if (type == typeof(string)) return Text(name);
        if (type == typeof(bool)) return true;
        if (type == typeof(int) || type == typeof(long)) return name == "digits" ? 3 : 30;
        if (type == typeof(decimal)) return "1234.5678";
        if (type == typeof(Currency)) return "KWD";
        if (type == typeof(Unit)) return "MIN";
        if (type == typeof(Instant)) return "2026-03-14T09:30:00.123456Z";
        if (type == typeof(LocalDate)) return "2026-03-14";
        if (type == typeof(Ext)) return new JsonObject { ["Custom field ü"] = "text \"1\"" };
        if (type == typeof(JsonText)) return new JsonObject { ["amount"] = "12.5", ["per"] = "HUR" };
        if (type == typeof(Ref))
            return JsonNode.Parse("""{"kind":"client","source":"erp-uk","id":"a:b/c#1","line":"7"}""");
        if (type.IsEnum) return JsonNamingPolicy.SnakeCaseLower.ConvertName(Enum.GetNames(type)[^1]);
        var made = new JsonObject();
        foreach (var member in LedgerJson.Options.GetTypeInfo(type).Properties)
            made[member.Name] = Sample(member.PropertyType, member.Name);
        return made;
    }

    // Plausible enough that a rule which comes later need not refuse it.
    private static string Text(string name) => name switch
    {
        "covers" => "lines", "kinds" => "time", "country" => "GB", "mime" => "application/pdf",
        "uri" => "https://example.org/1", "sha256" => new('a', 64), "zone" => "Europe/London", "of" => "invoice",
        "emails" => "a@example.org", _ => $"{name} 1",
    };

    private static JsonArray List(Type item, string name) => item == typeof(Ref)
        ? [Sample(item), JsonNode.Parse("""{"kind":"client","number":"2026/7","date":"2026-03-14","entity":"UK"}""")]
        : [Sample(item, name)];
}
