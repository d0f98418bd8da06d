using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Ledger.Api.Tests.Append;

public sealed class BadInputTests(Door door) : IClassFixture<Door>
{
    [Theory]
    [InlineData("")]
    [InlineData("{\"id\":\"e1\",\"sour")]
    [InlineData("[{},")]
    [InlineData("{} {}")]
    [InlineData("nonsense")]
    public async Task What_is_not_json_is_400_and_kept(string body)
    {
        var before = await door.Count("ledger.reject");
        var answer = await door.Post(body);
        answer.Status.ShouldBe(400);
        answer.ProblemType.ShouldBe("not-json");
        (await door.Count("ledger.reject")).ShouldBe(before + 1);
    }

    public static TheoryData<string, string> Rejected => new()
    {
        { "scalar", "7" },
        { "duplicate names", """{"id":"e1","id":"e2"}""" },
        { "duplicate names in the body", With("\"workedOn\"", "\"workedOn\":\"2026-03-13\",\"workedOn\"") },
        { "depth", string.Concat(Enumerable.Repeat("{\"a\":", 65)) + "1" + new string('}', 65) },
        { "great depth", new string('[', 40_000) + new string(']', 40_000) },
        { "NUL", Sample.Time("nul", more: "\"actor\":\"a\\u0000b\",") },
        { "NUL in the body", With("R1", "R\\u0000") },
        { "NUL in a body of unknown type", With("R1", "R\\u0000", "unheard_of") },
        { "half a surrogate pair", With("R1", "R\\ud800") },
        { "half a surrogate pair in the id", Sample.Time("\\udc00", "1") },
        { "half a surrogate pair in a body of unknown type", With("R1", "R\\ud800", "unheard_of") },
        { "half a surrogate pair in a name", Sample.Time("name", more: "\"\\ud800\":1,") },
        { "half a surrogate pair in a name of unknown type", With("\"workedOn\"", "\"\\ud800\"", "unheard_of") },
        { "a time before the calendar", With("2026-03-14T09:30:00Z", "-9998-01-01T00:00:00+18:00") },
        { "a time after the calendar", With("2026-03-14T09:30:00Z", "9999-12-31T23:59:59-18:00") },
        { "wrong types", """{"id":1,"source":[],"type":{},"subject":true,"time":7,"data":"x"}""" },
        { "wrong type of body", With("\"R1\"", "17") },
        { "number for a decimal", With("\"90\"", "90") },
        { "huge decimal", Sample.Time("huge", minutes: new string('9', 400)) },
        { "huge number", Sample.Time("huge", more: "\"sequence\":1e400,") },
        { "huge number in a body of unknown type", With("\"90\"", "1e400", "unheard_of") },
        { "a long name, cut in a pair", Sample.Time("cut", more: $"\"{new string('x', 63)}\\ud83d\\ude00\":1,") },
        { "long id", Sample.Time(new string('x', 201), "1") },
    };

    [Theory]
    [MemberData(nameof(Rejected))]
    public async Task What_is_wrong_is_rejected_alone_and_its_neighbours_are_stored(string what, string body)
    {
        var (before, after) = (Sample.NewId(), Sample.NewId());
        var answer = await door.Post($"[{Sample.Time(before)},{body},{Sample.Time(after)}]");
        answer.Status.ShouldBe(200, what);
        answer.Verdicts.ShouldBe(["appended", "rejected", "appended"], what);

        var lines = await door.Post(
            $"{Sample.Time(Sample.NewId())}\n{body}\n{Sample.Time(Sample.NewId())}", "application/x-ndjson");
        lines.Verdicts.ShouldBe(["appended", "rejected", "appended"], what);
    }

    [Fact]
    public async Task Whatever_comes_is_answered_and_never_as_a_defect()
    {
        var random = new Random(20261120);
        var events = Encoding.UTF8.GetBytes(
            $"[{Sample.Time("fuzz1")},{Sample.ClientStated("fuzz2", "1", "Ü")},{Sample.Invoice("fuzz3", "1", "2")}]");
        byte[] telling = [.. "{}[]\",:\\u0000dD8e+-.ntf"u8, 0, 0x80, 0xC3, 0xED, 0xFF];
        for (var i = 0; i < 1_500; i++)
        {
            var body = events.ToList();
            for (var edits = random.Next(1, 5); edits > 0; edits--)
            {
                var at = random.Next(body.Count);
                var piece = random.Next(4);
                if (piece == 0)
                    body[at] = telling[random.Next(telling.Length)];
                else if (piece == 1)
                    body.Insert(at, telling[random.Next(telling.Length)]);
                else if (piece == 2)
                    body.RemoveRange(at, Math.Min(random.Next(1, 9), body.Count - at));
                else
                    body.InsertRange(at, body.Slice(random.Next(at + 1), Math.Min(random.Next(12), body.Count - at)));
            }

            var media = random.Next(3) == 0 ? "application/x-ndjson" : "application/json";
            var answer = await door.Post([.. body], media);
            answer.Status.ShouldBeLessThan(500, $"{i}: {Encoding.UTF8.GetString([.. body])} {answer.Body}");
        }
    }

    [Fact]
    public async Task One_rejected_event_is_422_with_pointers()
    {
        var answer = await door.Post(With("\"id\":", "\"id\":17,\"actor\":"));
        answer.Status.ShouldBe(422);
        answer.Json.GetProperty("source").GetString().ShouldBe("psa");
        answer.Json.GetProperty("problem").GetProperty("errors")[0].GetProperty("pointer").GetString().ShouldBe("/id");
    }

    [Theory]
    [InlineData(65, "too_deep")]
    [InlineData(64, "unknown_member")]
    public async Task Says_that_an_event_is_too_deep(int levels, string code)
    {
        var nested = string.Concat(Enumerable.Repeat("{\"a\":", levels)) + "1" + new string('}', levels);
        var answer = await door.Post(nested);
        answer.Json.GetProperty("problem").GetProperty("errors")[0].GetProperty("code").GetString().ShouldBe(code);
    }

    [Fact]
    public async Task Invalid_utf8_is_400_alone_and_rejected_among_others()
    {
        var body = Encoding.UTF8.GetBytes(Sample.Time("utf8"));
        body[Array.IndexOf(body, (byte)'R')] = 0xFF;
        (await door.Post(body)).Status.ShouldBe(400);
        byte[] good = Encoding.UTF8.GetBytes(Sample.Time(Sample.NewId()));
        byte[] many = [(byte)'[', .. body, (byte)',', .. good, (byte)']'];
        (await door.Post(many)).Verdicts.ShouldBe(["rejected", "appended"]);
    }

    [Fact]
    public async Task Too_many_items_are_413()
    {
        var answer = await door.Post($"[{string.Join(',', Enumerable.Repeat("{}", AppendEvents.ItemsMax + 1))}]");
        answer.Status.ShouldBe(413);
        answer.ProblemType.ShouldBe("too-large");
        var half = $"[{string.Join(',', Enumerable.Repeat("{}", AppendEvents.AtomicItemsMax + 1))}]";
        (await door.Post(half, query: "?atomic=true")).Status.ShouldBe(413);
    }

    [Theory]
    [InlineData("maybe")]
    [InlineData("true&atomic=false")]
    public async Task A_parameter_that_is_wrong_is_named(string atomic)
    {
        var answer = await door.Post("[]", query: $"?atomic={atomic}");
        answer.ProblemType.ShouldBe("invalid-parameter");
        answer.Json.GetProperty("errors")[0].GetProperty("parameter").GetString().ShouldBe("atomic");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_sender_that_writes_before_it_listens_still_gets_to_read_413(bool chunked)
    {
        const int pieces = 40;
        var piece = new byte[1 << 20];
        Array.Fill(piece, (byte)' ');
        using var socket = new TcpClient();
        await socket.ConnectAsync(door.Address.Host, door.Address.Port);
        await using var stream = socket.GetStream();
        var length = chunked
            ? "Transfer-Encoding: chunked"
            : string.Create(CultureInfo.InvariantCulture, $"Content-Length: {pieces * piece.Length}");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{length}\r\n\r\n"));
        for (var i = 0; i < pieces; i++)
        {
            if (chunked)
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"{piece.Length:x}\r\n"));
            await stream.WriteAsync(piece);
            if (chunked)
                await stream.WriteAsync("\r\n"u8.ToArray());
        }

        if (chunked)
            await stream.WriteAsync("0\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync();
        answer.ShouldStartWith("HTTP/1.1 413");
        answer.ShouldContain("Connection: close");
        answer.ShouldContain("urn:proserv-ledger:problem:too-large");
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/x-ndjson")]
    public async Task A_body_whose_framing_is_wrong_is_400(string media)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(door.Address.Host, door.Address.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: {media}\r\nTransfer-Encoding: chunked\r\n"
            + "Connection: close\r\n\r\nno length\r\n{}\r\n"));
        using var reader = new StreamReader(stream);
        (await reader.ReadToEndAsync()).ShouldStartWith("HTTP/1.1 400");
    }

    [Fact]
    public async Task A_body_cut_off_stores_nothing_and_harms_nobody()
    {
        var before = await door.Count("events.mt_events");
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(door.Address.Host, door.Address.Port);
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + $"Content-Length: 5000\r\n\r\n[{Sample.Time("cut")},"));
        }

        (await door.Post(Sample.Time(Sample.NewId()))).Status.ShouldBe(201);
        (await door.Count("events.mt_events")).ShouldBe(before + 1);
    }

    private static string With(string part, string instead, string type = "time_entry_recorded") =>
        Sample.Time(Sample.NewId(), type: type).Replace(part, instead, StringComparison.Ordinal);
}
