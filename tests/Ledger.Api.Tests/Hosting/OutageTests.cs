using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Ledger.Api.Tests.Feed;
using Ledger.Store;
using Ledger.Store.Local;
using Ledger.Testing;
using Npgsql;

namespace Ledger.Api.Tests.Hosting;

/// <summary>The database goes away and comes back, under a server that stays.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromMinutes(2) };
    private LocalPostgres? _database;
    private LocalPostgres? _again;
    private OpenLedger? _ledger;
    private Microsoft.AspNetCore.Builder.WebApplication? _app;

    public async Task InitializeAsync()
    {
        _database = await StartDatabase();
        await Migrations.Apply(_database.ConnectionString, CancellationToken.None);
        _ledger = await OpenLedger.Open(
            new(_database.ConnectionString, null), migrate: false, _ => { }, CancellationToken.None);
        _app = Server.Build(_ledger, ["http://127.0.0.1:0"], patience: TimeSpan.FromSeconds(20));
        await Server.Start(_app, CancellationToken.None);
        _client.BaseAddress = new Uri(_app.Urls.First());
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _app!.DisposeAsync();
        await _ledger!.DisposeAsync();
        if (_again is not null)
            await _again.DisposeAsync();
        await _database!.DisposeAsync();
        await _folder.DisposeAsync();
    }

    [Fact]
    public async Task Says_503_while_the_database_is_away_and_loses_nothing()
    {
        var (before, during) = (Sample.NewId(), Sample.NewId());
        (await Post(Sample.Time(before))).Status.ShouldBe(201);
        await StopDatabase();
        foreach (var answer in new[]
        {
            await Post(Sample.Time(during)), await Post(Sample.Time(during), "application/x-ndjson"),
            await Post($"[{Sample.Time(during, type: "unheard_of")}]"), await Post(Sample.Time(during, minutes: "x")),
            await Post("not json"), await Get($"/v1/streams/time/psa:{before}"), await Get("/v1/events"),
            await Get("/v1/entities/time"), await Get("/v1/drift/runs"), await Get("/health/ready"),
        })
        {
            answer.Status.ShouldBe(503, answer.Body);
            answer.ProblemType.ShouldBe("database-unavailable");
            answer.Headers.RetryAfter.ShouldNotBeNull();
        }

        (await Get("/health/live")).Status.ShouldBe(200);
        _again = await StartDatabase();
        Answer settled;
        while ((settled = await Post(Sample.Time(during))).Status == 503)
            await Task.Delay(200);
        settled.Verdict.ShouldBeOneOf("appended", "duplicate");
        (await Get("/v1/events")).Items.Select(e => e.GetProperty("id").GetString()).ShouldBe([before, during]);
        (await Get("/v1/entities/time?at-least=2")).Items.Length.ShouldBe(2);
        (await _ledger!.Store.Verify(null, CancellationToken.None)).First.ShouldBeNull();
    }

    [Fact]
    public async Task A_stream_of_lines_says_of_every_line_whether_it_was_stored()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(_client.BaseAddress!.Host, _client.BaseAddress.Port);
        await using var stream = socket.GetStream();
        using var reader = new StreamReader(stream);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n"));
        await Send(stream, Sample.Time(Sample.NewId()) + "\n");
        (await NextVerdict(reader)).ShouldBe("appended", "lines are answered as they come");
        await StopDatabase();
        await Send(stream, $"{Sample.Time(Sample.NewId())}\n{Sample.Time(Sample.NewId())}\n");
        (await NextVerdict(reader)).ShouldBe("unavailable");
        (await NextVerdict(reader)).ShouldBe("unavailable");
        _again = await StartDatabase();
        await Send(stream, $"{Sample.Time(Sample.NewId())}\n");
        (await NextVerdict(reader)).ShouldBe("unavailable", "what follows a gap is not stored");
        await stream.WriteAsync("0\r\n\r\n"u8.ToArray());
    }

    [Fact]
    public async Task Says_503_where_the_database_does_not_come_round_and_stores_once_when_it_does()
    {
        var id = Sample.NewId();
        await using (var source = NpgsqlDataSource.Create(_database!.ConnectionString))
        await using (var connection = await source.OpenConnectionAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await using (var hold = new NpgsqlCommand("lock table ledger.head, ledger.key, ledger.reject", connection))
                await hold.ExecuteNonQueryAsync();
            foreach (var answer in await Task.WhenAll(
                Post(Sample.Time(id)), Post(Sample.Time(id, minutes: "x")), Post("not json"), Get("/v1/events")))
                (answer.Status, answer.ProblemType).ShouldBe((503, "database-unavailable"));
        }

        (await Post(Sample.Time(id))).Verdict.ShouldBeOneOf("appended", "duplicate");
        (await Get("/v1/events")).Items.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("application/x-ndjson")]
    [InlineData("text/event-stream")]
    public async Task A_feed_goes_on_where_it_was_when_the_database_is_back(string media)
    {
        (await Post(Sample.Time("a"))).Status.ShouldBe(201);
        await using var feed = await FeedReader.Open(_client.BaseAddress!, "?follow=true&heartbeat=1", media);
        (await feed.Next())!.Value.GetProperty("id").GetString().ShouldBe("a");
        await StopDatabase();
        (await feed.Block())!.Value.Data.ShouldBeNull("a sign of life");
        await using (var refused = await FeedReader.Open(_client.BaseAddress!, "", media))
            (await Answer.Of(refused.Response)).ProblemType.ShouldBe("database-unavailable");
        _again = await StartDatabase();
        while ((await Post(Sample.Time("b"))).Status == 503)
            await Task.Delay(200);
        (await feed.Next())!.Value.GetProperty("id").GetString().ShouldBe("b");
        feed.Position.ShouldBe(2);
    }

    private static async Task<string> NextVerdict(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
            if (line.StartsWith('{'))
                return System.Text.Json.JsonElement.Parse(line).GetProperty("verdict").GetString()!;
        throw new InvalidOperationException("no answer came");
    }

    private static async Task Send(NetworkStream stream, string lines) => await stream.WriteAsync(
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{lines.Length:x}\r\n{lines}\r\n")));

    private Task<LocalPostgres> StartDatabase() =>
        LocalPostgres.Start(_folder.Path, TestServer.Small, null, CancellationToken.None);

    /// <summary>Stops it at once, as a failing machine does: every connection breaks.</summary>
    private async Task StopDatabase()
    {
        var file = Path.Combine(_folder.Path, "cluster", "postmaster.pid");
        var pid = File.ReadLines(file).First();
        using var kill = Process.Start("kill", ["-QUIT", pid]);
        await kill.WaitForExitAsync();
        while (File.Exists(file) && Directory.Exists($"/proc/{pid}"))
            await Task.Delay(20);
    }

    private async Task<Answer> Post(string body, string media = "application/json")
    {
        using var content = new StringContent(body, null, media);
        using var response = await _client.PostAsync(new Uri("/v1/events", UriKind.Relative), content);
        return await Answer.Of(response);
    }

    private async Task<Answer> Get(string path)
    {
        using var response = await _client.GetAsync(new Uri(path, UriKind.Relative));
        return await Answer.Of(response);
    }
}
