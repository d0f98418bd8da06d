using System.Text;
using System.Text.Json.Nodes;

namespace Ledger.Api.Tests.Append;

/// <summary>Lines that come in numbers are looked up before they are read, a few are not: each is answered the same.
/// </summary>
public sealed class RepeatTests : IAsyncLifetime
{
    private const string Lines = "application/x-ndjson";

    /// <summary>So few are always read.</summary>
    private const int Few = 25;

    private const int Many = 250;

    private static readonly (string From, string To)[] Spellings =
    [
        ("\"90\"", "\"90.0\""), ("\"90\"", "\"+90\""), ("\"90\"", "\"91\""), ("\"90\"", "90"),
        ("\"90\"", "\"9\\u0030\""), ("\"90\"", "null"), ("\"R1\"", "\"R01\""), ("\"R1\"", "\"R1\",\"id\":\"R1\""),
        ("\"R1\"", "\"\\ud800\""),
        ("\"R1\"", "\"R1\\u0000\""), ("Z\"", ".000Z\""), ("Z\"", "+01:00\""), ("\"psa\"", "\"crm\""),
        ("\"psa\"", "\"PSA\""), ("time/", "client/"), ("recorded", "unheard_of"), ("\"data\"", "\"colour\":1,\"data\""),
        ("\"data\"", "\"expectedVersion\":9,\"data\""), ("\"data\"", "\"timeBasis\":\"guessed\",\"data\""),
        ("\"data\"", "\"actor\":\"anna\",\"data\""), ("\"data\":{", "\"data\":{\"note\":null,"),
        ("\"data\":{", "\"data\":{\"noise\":1,"), ("} }", "}, \"billable\":true}"), ("} }", "}"), ("MIN", "min"),
    ];

    private readonly Door _read = new();
    private readonly Door _asked = new();

    public async Task InitializeAsync()
    {
        await _read.InitializeAsync();
        await _asked.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await _read.DisposeAsync();
        await _asked.DisposeAsync();
    }

    [Fact]
    public async Task Whatever_was_done_to_lines_that_came_before_they_are_answered_as_if_they_were_read()
    {
        string[] originals = [.. Enumerable.Range(0, Many).Select(n => Sample.Time($"o-{n}", $"{n % 40}"))];
        (await Send(originals)).ShouldAllBe(answer => Verdict(answer) == "appended");
        (await Send(originals)).ShouldAllBe(answer => Verdict(answer) == "duplicate");
        originals =
        [
            .. originals,
            .. Enumerable.Range(0, 20).Select(n => Sample.Time($"u-{n}", type: "unheard_of")),
        ];
        var verdicts = new HashSet<string>();
        var random = new Random(5);
        for (var round = 0; round < 8; round++)
            foreach (var answer in await Send([.. originals.Select(line => Changed(line, random))]))
                verdicts.Add(Verdict(answer));
        verdicts.ShouldBe(["appended", "duplicate", "conflict", "parked", "rejected"], ignoreOrder: true);
        foreach (var table in new[] { "events.mt_events", "ledger.parked", "ledger.reject", "ledger.conflict" })
            (await _asked.Count(table)).ShouldBe(await _read.Count(table), table);
    }

    /// <summary>Sends lines to both, and compares what they answer.</summary>
    private async Task<JsonNode[]> Send(string[] lines)
    {
        var read = new List<string>();
        foreach (var few in lines.Chunk(Few))
            read.AddRange((await _read.Post(string.Join('\n', few), Lines)).Items.Select(item => item.ToString()));
        var asked = (await _asked.Post(string.Join('\n', lines), Lines)).Items;
        asked.Length.ShouldBe(lines.Length);
        foreach (var (n, item) in asked.Index())
            Comparable(item.ToString()).ShouldBe(Comparable(read[n]), lines[n]);
        return [.. asked.Select(item => JsonNode.Parse(item.ToString())!)];
    }

    /// <summary>Without what hangs on when it was sent, and with how many others.</summary>
    private static string Comparable(string answer)
    {
        var item = JsonNode.Parse(answer)!.AsObject();
        item.Remove("index");
        item.Remove("recordedAt");
        item.Remove("position");
        (item["problem"] as JsonObject)?.Remove("reject");
        if (item["problem"]?["existing"] is JsonObject existing)
            existing.Clear();
        return item.ToJsonString();
    }

    private static string Verdict(JsonNode answer) => answer["verdict"]!.GetValue<string>();

    private static string Changed(string line, Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                return line;
            case 1:
                var text = Encoding.ASCII.GetBytes(line);
                text[random.Next(text.Length)] = "{}[]\",:\\ 09.eEnul/TZ"u8[random.Next(20)];
                return Encoding.ASCII.GetString(text);
            default:
                var (from, to) = Spellings[random.Next(Spellings.Length)];
                return line.Replace(from, to, StringComparison.Ordinal);
        }
    }
}
