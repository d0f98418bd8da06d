using System.Text;
using System.Text.Json;

namespace Ledger.Domain.Tests;

/// <summary>The reader has two ways, and one answer.</summary>
public sealed class QuickReadingTests
{
    private static readonly string[] Twists =
    [
        "\"specversion\":\"1.0\",", "\"specversion\":\"0.3\",", "\"actor\":\"anna\",", "\"actor\":null,",
        "\"actor\":\"\",", "\"actor\":\"a\\u00e9\",", "\"actor\":\"a\u0085\",", "\"actor\":\"a\u007f\",",
        "\"actor\":\"\u00e9\ud83d\ude00\",", "\"actor\":\"\\ud800\",", "\"actor\":1,", "\"sequence\":7,",
        "\"sequence\":\"7\",", "\"sequence\":-1,", "\"sequence\":1.0,", "\"effectiveOn\":\"2026-02-28\",",
        "\"effectiveOn\":\"2026-02-30\",", "\"effectiveon\":\"2026-02-28\",", "\"timeBasis\":\"modified\",",
        "\"timeBasis\":\"guessed\",", "\"links\":[],", "\"links\":null,", "\"expectedVersion\":3,",
        "\"correlationId\":\"c\",", "\"causationId\":\"d\",", "\"traceparent\":\"t\",",
        "\"datacontenttype\":\"application/json\",", "\"datacontenttype\":\"text/plain\",", "\"colour\":\"red\",",
        "\"\\u0069d\":\"other\",", "\"id\":\"twice\",", "\"time\":\"2026-03-14T09:30:00.123456789Z\",",
    ];

    private static readonly string[] Times =
    [
        "2026-03-14T09:30:00Z", "2026-03-14T09:30:00.5Z", "2026-03-14T09:30:00.123456789Z",
        "2026-03-14T09:30:00.000Z", "2026-02-29T09:30:00Z", "2024-02-29T23:59:59Z", "2026-03-14T24:00:00Z",
        "2026-03-14T09:30:60Z", "0001-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z",
        "2026-03-14T09:30:00+01:00", "2026-03-14T09:30:00z", "2026-03-14T09:30Z", "2026-03-14T09:30:00.Z",
        "2026-03-14T09:30:00.1234567890Z", "-001-03-14T09:30:00Z", "2026-3-14T09:30:00Z", "+026-03-14T09:30:00Z",
        "2026-03-14 09:30:00Z",
    ];

    [Fact]
    public void Both_ways_read_every_golden_sample_alike()
    {
        foreach (var definition in EventCatalog.All)
            Alike(Document(definition, ""));
    }

    [Fact]
    public void Both_ways_read_twisted_envelopes_alike()
    {
        foreach (var definition in EventCatalog.All.Take(5))
            foreach (var twist in Twists)
                foreach (var second in Twists)
                    Alike(Document(definition, twist + second));
    }

    [Fact]
    public void Both_ways_read_times_alike()
    {
        foreach (var time in Times)
            Alike(Document(EventCatalog.All[0], "", time));
    }

    [Fact]
    public void Both_ways_read_damaged_documents_alike()
    {
        var random = new Random(11);
        byte[] likely = [.. "{}[]\",:\\ \n0-9.eEnul/"u8];
        for (var trial = 0; trial < 20_000; trial++)
        {
            var document = Document(EventCatalog.All[random.Next(EventCatalog.All.Count)], "");
            for (var hits = random.Next(1, 3); hits > 0; hits--)
            {
                var at = random.Next(document.Length);
                if (random.Next(2) == 0)
                    document[at] = likely[random.Next(likely.Length)];
                else
                    document = [.. document[..at], .. document[Math.Min(document.Length, at + random.Next(3))..]];
            }

            Alike(document);
        }
    }

    private static void Alike(byte[] document)
    {
        var text = Encoding.UTF8.GetString(document);
        Reading careful;
        try
        {
            using var parsed = JsonDocument.Parse(document, EnvelopeReader.Strict);
            careful = EnvelopeReader.Read(parsed.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            EnvelopeReader.Read(document).ShouldBeOfType<Malformed>(text);
            return;
        }

        var read = EnvelopeReader.Read(document);
        read.GetType().ShouldBe(careful.GetType(), text);
        if (read is not Understood understood)
            return;
        var expected = (Understood)careful;
        understood.Envelope.ShouldBe(expected.Envelope, text);
        understood.Body.ShouldBe(expected.Body, text);
        understood.Data.ShouldBe(expected.Data, text);
    }

    private static byte[] Document(EventDefinition definition, string twist, string time = "2026-03-14T09:30:00.25Z")
    {
        var body = File.ReadAllText(Path.Combine(Checkout.Root, "tests", "golden", definition.Name + ".json"));
        return Encoding.UTF8.GetBytes($$"""
            {"source":"psa","id":"e-1",{{twist}}"type":"{{definition.Name}}",
             "subject":"{{definition.Kind?.Name ?? "time"}}/1","time":"{{time}}","data":{{body}}}
            """);
    }
}
