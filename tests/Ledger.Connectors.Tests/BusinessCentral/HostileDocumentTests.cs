using System.Text;
using System.Text.Json.Nodes;
using Ledger.Domain;

namespace Ledger.Connectors.Tests.BusinessCentral;

/// <summary>Whatever an answer holds, it comes to events the door would read, or to problems with a place.</summary>
public sealed class HostileDocumentTests
{
    [Theory]
    [InlineData("", "", "invalid_json")]
    [InlineData("not json", "", "invalid_json")]
    [InlineData("[]", "", "wrong_shape")]
    [InlineData("""{"error":{"code":"Unauthorized"}}""", "", "wrong_shape")]
    [InlineData("""{"id":"1","id":"2"}""", "", "invalid_json")]
    [InlineData("""{"value":[3]}""", "/value/0", "wrong_type")]
    [InlineData("""{"value":[{"number":"1"}]}""", "/value/0/id", "required")]
    [InlineData("""{"value":[{"id":"1"}]}""", "/value/0/lastModifiedDateTime", "required")]
    [InlineData("""{"value":[{"id":"1","lastModifiedDateTime":"soon"}]}""", "/value/0/lastModifiedDateTime", "invalid_time")]
    public void Names_the_place_of_what_it_cannot_read(string text, string pointer, string code)
    {
        var read = ImportProfiles.Import("business-central", [new("customers.json", Encoding.UTF8.GetBytes(text))]);
        read.Events.ShouldBeEmpty();
        read.Problems.ShouldContain(p => p.Pointer == pointer && p.Code == code, string.Join('\n', read.Problems));
    }

    [Fact]
    public void One_bad_record_is_refused_and_its_neighbours_stand()
    {
        var read = Written.Read(Written.Customers, Written.Invoices.Replace("950.00,", "\"much\","), Written.Credits);
        read.Problems.ShouldHaveSingleItem().Pointer.ShouldBe("/value/0/totalAmountExcludingTax");
        read.Events.Select(e => e.Envelope.Kind).ShouldBe(["source", "client", "invoice"], ignoreOrder: true);
    }

    [Fact]
    public void Any_value_in_any_place_gives_events_the_door_reads_or_problems()
    {
        string[] values =
        [
            "null", "true", "-1", "1.5", "1e400", "99999999999999999999", "\"\"", "\"x\"", "\"\\u0000\"", "\"2020-02-30\"",
            "\"0001-01-01T00:00:00Z\"", "{}", "[null]", $"\"{new string('9', 300)}\"",
        ];
        for (var n = 0; n < Written.All.Length; n++)
            foreach (var path in Paths(JsonNode.Parse(Written.All[n])!, []))
                foreach (var value in values)
                {
                    var read = Written.Read(With(Written.All[n], path, value), Written.Customers);
                    (read.Events.Count + read.Problems.Count).ShouldBePositive();
                    foreach (var made in read.Events)
                        EnvelopeReader.Read(Posted.Json(made))
                            .ShouldBeOfType<Understood>($"{string.Join('/', path)} = {value}").Data.ShouldBe(made.Data);
                }
    }

    private static IEnumerable<string[]> Paths(JsonNode? node, string[] at) => node switch
    {
        JsonObject o => o.SelectMany(m => Paths(m.Value, [.. at, m.Key]).Prepend([.. at, m.Key])),
        JsonArray a => a.SelectMany((item, i) => Paths(item, [.. at, $"{i}"]).Prepend([.. at, $"{i}"])),
        _ => [],
    };

    private static string With(string text, string[] path, string value)
    {
        var root = JsonNode.Parse(text)!;
        var parent = path[..^1].Aggregate(root, (node, step) => node is JsonArray a ? a[Index(step)]! : node[step]!);
        if (parent is JsonArray list) list[Index(path[^1])] = "@";
        else parent[path[^1]] = "@";
        return root.ToJsonString().Replace("\"@\"", value, StringComparison.Ordinal);
    }

    private static int Index(string step) => int.Parse(step, System.Globalization.CultureInfo.InvariantCulture);
}
