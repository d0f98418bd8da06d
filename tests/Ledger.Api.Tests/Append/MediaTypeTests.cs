using System.IO.Compression;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Ledger.Api.Tests.Append;

public sealed class MediaTypeTests(Door door) : IClassFixture<Door>
{
    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json; charset=\"utf-8\"")]
    [InlineData("application/cloudevents+json")]
    [InlineData("Application/CloudEvents+JSON; charset=UTF-8")]
    public async Task Takes_one_event(string media) =>
        (await door.Post(Sample.Time(Sample.NewId(), more: "\"specversion\":\"1.0\","), media)).Status.ShouldBe(201);

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/cloudevents-batch+json")]
    public async Task Takes_an_array(string media)
    {
        (await door.Post($"[{Sample.Time(Sample.NewId())}]", media)).Verdicts.ShouldBe(["appended"]);
        (await door.Post("[]", media)).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cloudevent_is_one_and_a_batch_is_an_array()
    {
        var one = Sample.Time(Sample.NewId());
        (await door.Post($"[{one}]", "application/cloudevents+json")).ProblemType.ShouldBe("not-json");
        (await door.Post(one, "application/cloudevents-batch+json")).ProblemType.ShouldBe("not-json");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    public async Task Refuses_other_media(string media)
    {
        var answer = await door.Post(Sample.Time(Sample.NewId()), media);
        answer.Status.ShouldBe(415);
        answer.ProblemType.ShouldBe("unsupported-media-type");
    }

    [Fact]
    public async Task Answers_a_stream_of_lines_line_by_line()
    {
        var lines = Enumerable.Range(0, 5_000).Select(_ => Sample.NewId()).ToArray();
        var body = string.Join('\n', lines.Select(id => Sample.Time(id)));
        var answer = await door.Post(body, "application/x-ndjson");
        answer.Status.ShouldBe(200);
        answer.Media.ShouldBe("application/x-ndjson");
        answer.Items.Select(item => item.GetProperty("id").GetString()).ShouldBe(lines);
        answer.Items.Select(item => item.GetProperty("index").GetInt32()).ShouldBe(Enumerable.Range(0, 5_000));
        answer.Verdicts.ShouldAllBe(verdict => verdict == "appended");
        (await door.Post(body, "application/x-ndjson")).Verdicts.ShouldAllBe(verdict => verdict == "duplicate");
    }

    [Fact]
    public async Task A_bad_line_fails_alone()
    {
        var good = Sample.Time(Sample.NewId());
        var tooLong = Sample.Time(Sample.NewId(), more: $"\"actor\":\"{new string('x', AppendEvents.LineBytesMax)}\",");
        byte[] invalidUtf8 = [(byte)'"', 0xC3, 0x28, (byte)'"'];
        byte[] body =
        [
            .. Encoding.UTF8.GetBytes($"{{\"id\":\r\n{tooLong}\n\n   \n{good}\r\n"), .. invalidUtf8,
            .. Encoding.UTF8.GetBytes($"\n{Sample.Time(Sample.NewId())}\n"),
        ];
        var answer = await door.Post(body, "application/x-ndjson");
        answer.Verdicts.ShouldBe(["rejected", "rejected", "appended", "rejected", "appended"]);
        answer.Items[1].GetProperty("problem").GetProperty("errors")[0].GetProperty("code").GetString()
            .ShouldBe("line_too_long");
    }

    [Fact]
    public async Task Takes_all_lines_of_a_sender_that_reads_no_answer_until_it_has_written_everything()
    {
        const int lines = 60_000;
        using var socket = new TcpClient();
        await socket.ConnectAsync(door.Address.Host, door.Address.Port);
        await using var stream = socket.GetStream();
        var line = Encoding.ASCII.GetBytes(Sample.Time(Sample.NewId()) + "\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/x-ndjson\r\n"
            + FormattableString.Invariant($"Content-Length: {line.Length * lines}\r\n\r\n")));
        for (var i = 0; i < lines; i++)
            await stream.WriteAsync(line);
        using var reader = new StreamReader(stream);
        var text = Regex.Replace(await reader.ReadToEndAsync(), "\r\n[0-9a-f]+\r\n", "");
        (text.Split("\"verdict\":").Length - 1).ShouldBe(lines);
    }

    [Fact]
    public async Task Lines_cannot_be_all_or_nothing() =>
        (await door.Post("", "application/x-ndjson", "?atomic=true")).ProblemType.ShouldBe("invalid-parameter");

    [Fact]
    public async Task Unpacks_gzip_within_the_same_limits()
    {
        var one = Encoding.UTF8.GetBytes(Sample.Time(Sample.NewId()));
        (await Packed(one, "gzip", "application/json")).Status.ShouldBe(201);
        (await Packed(Encoding.UTF8.GetBytes(Sample.Time(Sample.NewId()) + "\n"), "gzip", "application/x-ndjson"))
            .Verdicts.ShouldBe(["appended"]);
        (await Packed(new byte[200 << 20], "gzip", "application/json")).ProblemType.ShouldBe("too-large");
        (await Packed([1, 2, 3], "br", "application/json")).ProblemType.ShouldBe("unsupported-media-type");
        using var broken = new ByteArrayContent([1, 2, 3]);
        broken.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json");
        broken.Headers.ContentEncoding.Add("gzip");
        (await Send(broken)).ProblemType.ShouldBe("not-json");
    }

    private async Task<Answer> Packed(byte[] body, string encoding, string media)
    {
        using var packed = new MemoryStream();
        await using (var zip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            await zip.WriteAsync(body);
        using var content = new ByteArrayContent(packed.ToArray());
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(media);
        content.Headers.ContentEncoding.Add(encoding);
        return await Send(content);
    }

    private async Task<Answer> Send(HttpContent content)
    {
        using var response = await door.Client.PostAsync(new Uri("/v1/events", UriKind.Relative), content);
        return await Answer.Of(response);
    }
}
