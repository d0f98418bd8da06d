using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Ledger.Api.Tests.Append;

/// <summary>CloudEvents 1.0 over HTTP, as producers really send them.</summary>
public sealed class CloudEventTests(Door door) : IClassFixture<Door>
{
    private const string Data = """
        {"resource":{"kind":"resource","id":"R1"},"workedOn":"2026-03-14","quantity":{"value":"90","unit":"MIN"} }
        """;

    [Fact]
    public async Task Takes_an_event_whose_envelope_is_in_headers()
    {
        var id = Sample.NewId();
        var answer = await Send(
            Data, "application/json", ("ce-specversion", "1.0"), ("CE-ID", id), ("ce-source", "psa"),
            ("ce-type", "time_entry_recorded"), ("ce-subject", $"time/{id}"), ("ce-time", "2026-03-14T09:30:00Z"),
            ("ce-timebasis", "modified"), ("ce-effectiveon", "2026-03-15"), ("ce-sequence", "7"),
            ("ce-expectedversion", "0"), ("ce-actor", "ann"), ("ce-correlationid", "c"), ("ce-causationid", "d"),
            ("ce-traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
            ("ce-links", "[%7B%22rel%22:%22approves%22,%22ref%22:%7B%22kind%22:%22time%22,%22id%22:%22x%22%7D%7D]"));
        answer.Status.ShouldBe(201, answer.Body);
        var stored = await Stored(id);
        (string Name, string Value)[] said =
        [
            ("source", "psa"), ("subject", $"time/{id}"), ("timeBasis", "modified"), ("effectiveOn", "2026-03-15"),
            ("actor", "ann"), ("correlationId", "c"), ("causationId", "d"),
            ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ];
        foreach (var (name, value) in said)
            stored.GetProperty(name).GetString().ShouldBe(value);
        stored.GetProperty("sequence").GetInt64().ShouldBe(7);
        stored.GetProperty("links")[0].GetProperty("rel").GetString().ShouldBe("approves");

        var whole = Sample.Time(
            id, more: """
                "effectiveOn":"2026-03-15","sequence":7,"actor":"ann",
                "links":[{"rel":"approves","ref":{"kind":"time","id":"x"} }],
                """);
        (await door.Post(Sample.OneLine(whole))).Verdict.ShouldBe("duplicate", "the mode is not part of what is said");
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=UTF-8")]
    [InlineData("application/vnd.psa.entry+json")]
    [InlineData(null)]
    public async Task The_content_type_is_the_datas(string? media)
    {
        var id = Sample.NewId();
        (await Send(Data, media, Headers(id))).Status.ShouldBe(201);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("application/octet-stream")]
    [InlineData("application/x-ndjson")]
    [InlineData("application/json; charset=latin1")]
    [InlineData("application/cloudevents+avro")]
    [InlineData("application/cloudevents")]
    public async Task Other_data_is_415(string media) =>
        (await Send(Data, media, Headers(Sample.NewId()))).ProblemType.ShouldBe("unsupported-media-type");

    [Fact]
    public async Task Headers_beside_a_whole_event_are_passed_over()
    {
        var id = Sample.NewId();
        var answer = await Send(Sample.Time(id), "application/cloudevents+json; charset=utf-8", Headers("another"));
        answer.Json.GetProperty("id").GetString().ShouldBe(id);
    }

    [Theory]
    [InlineData("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀")]
    [InlineData("%c3%a9", "é")]
    [InlineData("unn%65cessary", "unnecessary")]
    [InlineData("50%25", "50%")]
    [InlineData("50%2525", "50%25")]
    [InlineData("\"in quotes\"", "in quotes")]
    [InlineData("\"a \\\"b\\\" \\\\ c%20d\"", "a \"b\" \\ c d")]
    [InlineData("5\" pipe", "5\" pipe")]
    [InlineData("10/4/2", "10/4/2")]
    [InlineData("10%2F4", "10/4")]
    [InlineData("a+b", "a+b")]
    public async Task Reads_header_values_as_the_binding_says(string sent, string read)
    {
        var id = Sample.NewId();
        var record = Sample.NewId() + "/";
        var isQuoted = sent.StartsWith('"');
        var subject = isQuoted ? $"\"time/{record}{sent[1..]}" : $"time/{record}{sent}";
        var answer = await Send(Data, "application/json", Headers(id, subject));
        answer.Status.ShouldBe(201, answer.Body);
        answer.Json.GetProperty("stream").GetString().ShouldBe($"time/psa:{record}{read}");
    }

    [Theory]
    [InlineData("ce-actor", "%C0%A0", "/actor")]
    [InlineData("ce-actor", "%ED%A0%80", "/actor")]
    [InlineData("ce-actor", "%E2%82", "/actor")]
    [InlineData("ce-actor", "50%", "/actor")]
    [InlineData("ce-actor", "50%zz", "/actor")]
    [InlineData("ce-actor", "\"never closed", "/actor")]
    [InlineData("ce-actor", "a%00b", "/actor")]
    [InlineData("ce-datacontenttype", "application/json", "/datacontenttype")]
    [InlineData("ce-data", "1", "/data")]
    [InlineData("ce-specversion", "0.3", "/specversion")]
    [InlineData("ce-nonsense", "1", "/nonsense")]
    [InlineData("ce-links", "approves x", "/links")]
    [InlineData("ce-links", "7", "/links")]
    [InlineData("ce-sequence", "7.5", "/sequence")]
    [InlineData("ce-time", "yesterday", "/time")]
    public async Task Names_the_attribute_that_is_wrong(string header, string value, string pointer)
    {
        var id = Sample.NewId();
        var headers = Headers(id).Where(h => h.Name != header).Append((header, value)).ToArray();
        var answer = await Send(Data, "application/json", headers);
        answer.Status.ShouldBe(422, answer.Body);
        answer.Json.GetProperty("source").GetString().ShouldBe("psa");
        var problem = answer.Json.GetProperty("problem");
        problem.GetProperty("errors")[0].GetProperty("pointer").GetString().ShouldBe(pointer);
        problem.GetProperty("reject").GetInt64().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_header_that_comes_twice_is_refused()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(door.Address.Host, door.Address.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
            + "ce-specversion: 1.0\r\nce-id: twice1\r\nce-id: twice2\r\nce-source: psa\r\n"
            + "ce-type: time_entry_recorded\r\nce-subject: time/twice\r\nce-time: 2026-03-14T09:30:00Z\r\n"
            + string.Create(CultureInfo.InvariantCulture, $"Content-Length: {Data.Length}\r\n\r\n{Data}")));
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync();
        answer.ShouldStartWith("HTTP/1.1 422");
        answer.ShouldContain("'id'");
        (await door.Get("/v1/streams/time/psa:twice")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_header_in_plain_utf8_is_read_as_such()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(door.Address.Host, door.Address.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(
            "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
            + "ce-specversion: 1.0\r\nce-id: plain\r\nce-source: psa\r\nce-actor: Zoë\r\n"
            + "ce-type: time_entry_recorded\r\nce-subject: time/plain\r\nce-time: 2026-03-14T09:30:00Z\r\n"
            + string.Create(CultureInfo.InvariantCulture, $"Content-Length: {Data.Length}\r\n\r\n{Data}")));
        using var reader = new StreamReader(stream);
        (await reader.ReadToEndAsync()).ShouldStartWith("HTTP/1.1 201");
        (await Stored("plain")).GetProperty("actor").GetString().ShouldBe("Zoë");
    }

    [Fact]
    public async Task Data_that_is_not_there_or_not_json_is_said_to_be_so()
    {
        var missing = await Send("", "application/json", Headers(Sample.NewId()));
        missing.Status.ShouldBe(422);
        missing.Json.GetProperty("problem").GetProperty("errors")[0].GetProperty("pointer").GetString()
            .ShouldBe("/data");
        (await Send("{\"cut", "application/json", Headers(Sample.NewId()))).ProblemType.ShouldBe("not-json");
        (await Send("{},\"id\":\"x\"", "application/json", Headers(Sample.NewId()))).ProblemType.ShouldBe("not-json");
        (await Send(Data + Data, "application/json", Headers(Sample.NewId()))).ProblemType.ShouldBe("not-json");
    }

    [Theory]
    [InlineData("\"data_base64\":\"e30=\",", "/data_base64")]
    [InlineData("\"datacontenttype\":\"application/xml\",", "/datacontenttype")]
    [InlineData("\"datacontenttype\":\"application/json; charset=utf-16\",", "/datacontenttype")]
    public async Task Data_that_is_no_json_is_refused_in_a_whole_event_too(string more, string pointer)
    {
        var answer = await door.Post(Sample.Time(Sample.NewId(), more: more), "application/cloudevents+json");
        answer.Status.ShouldBe(422);
        answer.Json.GetProperty("problem").GetProperty("errors")[0].GetProperty("pointer").GetString()
            .ShouldBe(pointer);
    }

    [Theory]
    [InlineData("\"specversion\":\"1.0\",\"datacontenttype\":\"application/json\",")]
    [InlineData("\"specversion\":\"1.0\",\"datacontenttype\":\"Application/JSON;charset=utf-8\",")]
    [InlineData("\"specversion\":\"1.0\",\"dataschema\":\"urn:x\",\"timebasis\":\"modified\",\"expectedversion\":0,")]
    [InlineData("\"links\":\"[{\\\"rel\\\":\\\"approves\\\",\\\"ref\\\":{\\\"kind\\\":\\\"time\\\",\\\"id\\\":\\\"x\\\"}}]\",")]
    public async Task Takes_a_whole_event_with_the_attributes_producers_add(string more) =>
        (await door.Post(Sample.Time(Sample.NewId(), more: more), "application/cloudevents+json"))
            .Status.ShouldBe(201);

    private static (string Name, string Value)[] Headers(string id, string? subject = null) =>
    [
        ("ce-specversion", "1.0"), ("ce-id", id), ("ce-source", "psa"), ("ce-type", "time_entry_recorded"),
        ("ce-subject", subject ?? $"time/{id}"), ("ce-time", "2026-03-14T09:30:00Z"),
    ];

    private async Task<System.Text.Json.JsonElement> Stored(string record) =>
        (await door.Get($"/v1/streams/time/psa:{record}")).Json.GetProperty("events")[0];

    private async Task<Answer> Send(string data, string? media, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(door.Address, "/v1/events"))
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(data)),
        };
        if (media is not null)
            request.Content.Headers.TryAddWithoutValidation("Content-Type", media);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value).ShouldBeTrue();
        using var response = await door.Client.SendAsync(request);
        return await Answer.Of(response);
    }
}
