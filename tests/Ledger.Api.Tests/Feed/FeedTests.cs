using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Ledger.Testing;
using Npgsql;

namespace Ledger.Api.Tests.Feed;

public sealed class FeedTests(Door door) : IClassFixture<Door>
{
    private const string Lines = "application/x-ndjson";

    [Theory]
    [InlineData(Lines)]
    [InlineData("text/event-stream")]
    public async Task Begins_anywhere_and_goes_on_with_what_is_appended_later(string media)
    {
        var first = await Append(5);
        await using var feed = await FeedReader.Open(door.Address, $"?after={first + 1}&follow=true", media);
        feed.Response.Content.Headers.ContentType!.ToString().ShouldBe(media);
        feed.Response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        feed.Response.Headers.GetValues("X-Accel-Buffering").ShouldBe(["no"]);
        for (var position = first + 2; position < first + 5; position++)
            (await feed.Next())!.Value.GetProperty("position").GetInt64().ShouldBe(position);
        var later = await Append(2);
        var next = (await feed.Next())!.Value;
        next.GetProperty("position").GetInt64().ShouldBe(later);
        feed.Position.ShouldBe(later);
        var page = (await door.Get($"/v1/events?after={later - 1}&limit=1")).Items[0];
        next.GetRawText().ShouldBe(page.GetRawText(), "a feed says of an event what a page says");
    }

    [Fact]
    public async Task Names_position_and_type_on_one_line_each_and_tells_when_to_come_back()
    {
        var first = await Append(1);
        using var socket = new TcpClient();
        await socket.ConnectAsync(door.Address.Host, door.Address.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            "GET /v1/events HTTP/1.0\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
            + $"Last-Event-ID: {first - 1}\r\n\r\n"));
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync() is { Length: > 0 })
        {
            // Headers.
        }

        (await reader.ReadLineAsync()).ShouldBe("retry: 2000");
        (await reader.ReadLineAsync()).ShouldBe("");
        (await reader.ReadLineAsync()).ShouldBe($"id: {first}");
        (await reader.ReadLineAsync()).ShouldBe("event: time_entry_recorded");
        (await reader.ReadLineAsync())!.ShouldStartWith("data: {");
        (await reader.ReadLineAsync()).ShouldBe("");
    }

    [Fact]
    public async Task Lines_end_with_how_far_they_go()
    {
        var first = await Append(3);
        await using (var feed = await FeedReader.Open(door.Address, $"?after={first - 1}", Lines))
        {
            var seen = 0;
            while (await feed.Next() is not null)
                seen++;
            seen.ShouldBeGreaterThanOrEqualTo(3);
            feed.Position.ShouldBe(long.Parse(
                feed.Response.Headers.GetValues("Ledger-Position").Single(), CultureInfo.InvariantCulture));
        }

        await using var limited = await FeedReader.Open(door.Address, $"?after={first - 1}&limit=2", Lines);
        (await limited.Next()).ShouldNotBeNull();
        (await limited.Next()).ShouldNotBeNull();
        (await limited.Next()).ShouldBeNull();
        limited.Position.ShouldBe(first + 1);
    }

    [Fact]
    public async Task Filters_and_still_says_how_far_it_looked()
    {
        var client = Sample.NewId();
        var posted = await door.Post(Sample.ClientStated(Sample.NewId(), client, "Acme"));
        var position = posted.Json.GetProperty("position").GetInt64();
        var last = await Append(3) + 2;
        foreach (var query in new[] { "type=client_stated", "source=crm", "kind=client", $"stream=client/crm:{client}" })
        {
            await using var feed = await FeedReader.Open(
                door.Address, $"?{query}&after={position - 1}&heartbeat=1");
            (await feed.Next())!.Value.GetProperty("position").GetInt64().ShouldBe(position, query);
            while (feed.Position < last)
                (await feed.Block()).ShouldNotBeNull();
            var page = await door.Get($"/v1/events?{query}&after={position - 1}&limit=1");
            page.Items[0].GetProperty("position").GetInt64().ShouldBe(position, query);
        }

        await using var lines = await FeedReader.Open(
            door.Address, $"?source=nobody&follow=true&after={last - 1}&heartbeat=1", Lines);
        var block = await lines.Block();
        block!.Value.Data.ShouldBeNull("a line that has only a position is no event");
        lines.Position.ShouldBe(last);
    }

    [Theory]
    [InlineData(Lines)]
    [InlineData("text/event-stream")]
    public async Task Resumed_again_and_again_while_others_append_it_skips_nothing_and_repeats_nothing(string media)
    {
        const int events = 400;
        var random = new Random(20261121);
        var after = await Append(1);
        var appending = Task.Run(async () =>
        {
            for (var sent = 0; sent < events;)
            {
                var count = Math.Min(random.Next(1, 20), events - sent);
                await Append(count);
                sent += count;
            }
        });
        var seen = new List<long>();
        for (var at = after; seen.Count < events;)
        {
            await using var feed = media == Lines
                ? await FeedReader.Open(door.Address, $"?follow=true&after={at}", media)
                : await FeedReader.Open(door.Address, "?after=0", media, lastEventId: at);
            for (var some = 1 + (seen.Count % 37); some > 0 && seen.Count < events; some--)
                seen.Add((await feed.Next())!.Value.GetProperty("position").GetInt64());
            at = feed.Position;
        }

        await appending;
        seen.ShouldBe(Enumerable.Range(0, events).Select(i => after + 1 + i));
    }

    [Fact]
    public async Task A_reader_that_reads_nothing_holds_nothing_in_the_database()
    {
        await Append(9, size: 200_000);
        var readers = new List<TcpClient>();
        for (var i = 0; i < 5; i++)
        {
            var socket = new TcpClient { ReceiveBufferSize = 4_096 };
            readers.Add(socket);
            await socket.ConnectAsync(door.Address.Host, door.Address.Port);
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                "GET /v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"));
            (await socket.GetStream().ReadAsync(new byte[1])).ShouldBe(1, "it has begun");
        }

        for (var i = 0; await Busy() > 0; i++)
        {
            i.ShouldBeLessThan(300, "a query stays open for a reader that does not read");
            await Task.Delay(50);
        }

        (await door.Post(Sample.Time(Sample.NewId()))).Status.ShouldBe(201);
        readers.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task There_are_so_many_feeds_and_no_more()
    {
        var open = new List<FeedReader>();
        FeedReader feed;
        while ((feed = await FeedReader.Open(door.Address, "?heartbeat=1")).Response.IsSuccessStatusCode)
        {
            open.Add(feed);
            open.Count.ShouldBeLessThan(100);
        }

        var refused = await Answer.Of(feed.Response);
        refused.Status.ShouldBe(503);
        refused.ProblemType.ShouldBe("busy");
        refused.Headers.RetryAfter.ShouldNotBeNull();
        foreach (var reader in open)
            await reader.DisposeAsync();
        for (var i = 0; !feed.Response.IsSuccessStatusCode; i++)
        {
            i.ShouldBeLessThan(200, "whoever leaves makes room");
            await Task.Delay(50);
            feed = await FeedReader.Open(door.Address, "?heartbeat=1");
        }

        await feed.DisposeAsync();
    }

    [Theory]
    [InlineData("?follow=maybe", null)]
    [InlineData("?heartbeat=0", null)]
    [InlineData("?after=-1", null)]
    [InlineData("?kind=", null)]
    [InlineData("", "soon")]
    [InlineData("", "-1")]
    public async Task Names_the_parameter_that_is_wrong(string query, string? lastEventId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(door.Address, "/v1/events" + query));
        request.Headers.Accept.ParseAdd(Lines);
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        using var response = await door.Client.SendAsync(request);
        (await Answer.Of(response)).ProblemType.ShouldBe("invalid-parameter");
    }

    [Fact]
    public async Task A_position_the_ledger_never_reached_is_said_to_be_so()
    {
        await using var feed = await FeedReader.Open(door.Address, "", lastEventId: 1_000_000);
        (await Answer.Of(feed.Response)).ProblemType.ShouldBe("position-not-reached");
    }

    [Fact]
    public async Task Ends_cleanly_when_the_server_stops()
    {
        await using var database = await TestDatabase.Create(CancellationToken.None);
        await using var ledger = await OpenLedger.Open(
            new(database.ConnectionString, null), false, _ => { }, CancellationToken.None);
        await using var app = Server.Build(ledger, ["http://127.0.0.1:0"]);
        await Server.Start(app, CancellationToken.None);
        var address = new Uri(app.Urls.First());
        using var content = new StringContent(Sample.Time("a"), null, "application/json");
        (await door.Client.PostAsync(new Uri(address, "/v1/events"), content)).EnsureSuccessStatusCode();
        await using var events = await FeedReader.Open(address, "");
        await using var lines = await FeedReader.Open(address, "?follow=true", Lines);
        (await events.Next()).ShouldNotBeNull();
        (await lines.Next()).ShouldNotBeNull();
        var stopping = app.StopAsync();
        (await events.Next()).ShouldBeNull();
        (await lines.Next()).ShouldBeNull();
        lines.Position.ShouldBe(1, "the last line says how far it came");
        await stopping;
    }

    /// <summary>Queries of the door's that are not done.</summary>
    private async Task<long> Busy()
    {
        await using var source = NpgsqlDataSource.Create(door.ConnectionString);
        await using var command = source.CreateCommand("""
            select count(*) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()
              and (state <> 'idle' or backend_xmin is not null)
            """);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>The first one's position.</summary>
    private async Task<long> Append(int count, int size = 0)
    {
        var more = size == 0 ? "" : $"\"links\":[],\"actor\":\"{new string('x', 190)}\",";
        var events = Enumerable.Range(0, count).Select(_ => Sample.Time(Sample.NewId(), more: more)
            .Replace("\"workedOn\"", size == 0 ? "\"workedOn\"" : $"\"note\":\"{new string('n', size)}\",\"workedOn\"",
                StringComparison.Ordinal));
        var answer = await door.Post($"[{string.Join(',', events)}]");
        answer.Verdicts.ShouldAllBe(verdict => verdict == "appended", answer.Body);
        return answer.Items[0].GetProperty("position").GetInt64();
    }
}
