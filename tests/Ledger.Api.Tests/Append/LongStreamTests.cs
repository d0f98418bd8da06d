using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Ledger.Testing;
using Xunit.Abstractions;

namespace Ledger.Api.Tests.Append;

/// <summary>Streams that do not fit into memory, to a server in a process of its own.</summary>
public sealed class LongStreamTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Lines = 200_000;
    private const int Piece = 1_000;

    /// <summary>What a garbage-collected process on a busy machine may swing by: up and down, whatever the number of
    /// lines. Held in memory, read and answered, they would be well beyond.</summary>
    private const long SwingBytes = 400L << 20;

    private TestDatabase? _database;
    private Running? _server;
    private Uri? _address;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.Create(CancellationToken.None);
        _server = Running.Start(["serve", "--urls", "http://127.0.0.1:0", "--database", _database.ConnectionString]);
        _address = new((await _server.Says("Listening at ")).Split(' ')[2].TrimEnd(';'));
    }

    public async Task DisposeAsync()
    {
        await _server!.DisposeAsync();
        await _database!.DisposeAsync();
    }

    [Fact]
    public async Task Lines_without_end_take_flat_memory_in_and_out_whether_or_not_their_sender_reads()
    {
        await Warm();
        var before = _server!.Memory;
        var peak = await Watched(Answered);
        Report("in, answers read as they come", peak - before);
        (await Position()).ShouldBe(Lines + Piece);

        var silent = await Watched(Unanswered);
        Report("in again, no answer ever read", silent - before);

        var read = await Watched(ReadBack);
        Report("out, as a feed", read - before);
        new[] { peak, silent, read }.Max().ShouldBeLessThan(before + SwingBytes);
    }

    private void Report(string what, long bytes) => output.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"{Lines} lines {what}: {bytes / 1048576.0:0.0} MiB above before"));

    /// <summary>The first lines bring code and pools into memory.</summary>
    private async Task Warm()
    {
        using var client = new HttpClient();
        using var content = new StringContent(Text(-Piece), null, "application/x-ndjson");
        (await client.PostAsync(new Uri(_address!, "/v1/events"), content)).EnsureSuccessStatusCode();
    }

    private async Task Answered()
    {
        using var socket = await Begin();
        await using var stream = socket.GetStream();
        var answers = new Answers(stream);
        for (var first = 0; first < Lines; first += Piece)
        {
            await Send(stream, Text(first));
            if (first == 0)
                await answers.Reach(Piece);
            if (first % (Lines / 4) == 0)
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"at line {first}: {_server!.Memory / 1048576.0:0.0} MiB"));
        }

        await stream.WriteAsync("0\r\n\r\n"u8.ToArray());
        await answers.Reach(Lines);
    }

    private async Task Unanswered()
    {
        using var socket = await Begin();
        await using var stream = socket.GetStream();
        for (var first = 0; first < Lines; first += Piece)
            await Send(stream, Text(first));
        // Whoever sends more is read no further than the server has come.
        await Send(stream, Sample.Time("last") + "\n");
        using var client = new HttpClient();
        while ((await client.GetAsync(new Uri(_address!, "/v1/receipts/psa/last"))).IsSuccessStatusCode == false)
            await Task.Delay(100);
    }

    private async Task ReadBack()
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromMinutes(5) };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_address!, "/v1/events"));
        request.Headers.Accept.ParseAdd("application/x-ndjson");
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var (lines, last) = (0, "");
        while (await reader.ReadLineAsync() is { } line)
            (lines, last) = (lines + 1, line);
        last.ShouldBe($"{{\"position\":{Lines + Piece + 1}}}");
        lines.ShouldBe(Lines + Piece + 2);
    }

    private async Task<long> Position()
    {
        using var client = new HttpClient();
        var answer = await Answer.Of(await client.GetAsync(new Uri(_address!, "/v1/events?limit=1")));
        return long.Parse(answer.Headers.GetValues("Ledger-Position").Single(), CultureInfo.InvariantCulture);
    }

    /// <summary>Most memory the server has while something goes on.</summary>
    private async Task<long> Watched(Func<Task> work)
    {
        var peak = 0L;
        var doing = work();
        do
            peak = Math.Max(peak, _server!.Memory);
        while (await Task.WhenAny(doing, Task.Delay(100)) != doing);
        await doing;
        return peak;
    }

    private async Task<TcpClient> Begin()
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(_address!.Host, _address.Port);
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n"));
        return socket;
    }

    private static async Task Send(NetworkStream stream, string text) => await stream.WriteAsync(
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{text.Length:x}\r\n{text}\r\n")));

    private static string Text(int first) => string.Concat(Enumerable.Range(first, Piece).Select(i =>
        Sample.Time(string.Create(CultureInfo.InvariantCulture, $"long{i}")) + "\n"));

    /// <summary>Counts answers as they come.</summary>
    private sealed class Answers
    {
        private readonly StreamReader _reader;
        private int _count;

        public Answers(Stream stream)
        {
            _reader = new StreamReader(stream);
            Reading = Read();
        }

        public Task Reading { get; }

        public async Task Reach(int count)
        {
            for (var i = 0; Volatile.Read(ref _count) < count; i++)
            {
                if (Reading.IsFaulted)
                    await Reading;
                i.ShouldBeLessThan(60_000, "answers do not come");
                await Task.Delay(10);
            }
        }

        private async Task Read()
        {
            while (await _reader.ReadLineAsync() is { Length: > 0 })
            {
                // Headers.
            }

            var rest = "";
            while (int.Parse((await _reader.ReadLineAsync())!, NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                is var length and > 0)
            {
                var chunk = new char[length];
                await _reader.ReadBlockAsync(chunk);
                await _reader.ReadLineAsync();
                var lines = (rest + new string(chunk)).Split('\n');
                rest = lines[^1];
                foreach (var line in lines[..^1])
                    line.ShouldContain("\"verdict\":\"appended\"");
                Interlocked.Add(ref _count, lines.Length - 1);
            }
        }
    }
}
