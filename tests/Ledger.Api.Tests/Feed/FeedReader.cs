using System.Globalization;
using System.Text.Json;

namespace Ledger.Api.Tests.Feed;

/// <summary>Reads a feed as a client does: what it was sent, and where it would resume.</summary>
internal sealed class FeedReader : IAsyncDisposable
{
    private readonly HttpClient _client;
    private StreamReader? _lines;

    private FeedReader(HttpClient client, HttpResponseMessage response) => (_client, Response) = (client, response);

    public HttpResponseMessage Response { get; }

    /// <summary>What a client remembers of the feed: everything up to here was seen.</summary>
    public long Position { get; private set; } = -1;

    public static async Task<FeedReader> Open(
        Uri address, string query, string media = "text/event-stream", long? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, "/v1/events" + query));
        request.Headers.Accept.ParseAdd(media);
        if (lastEventId is { } last)
            request.Headers.Add("Last-Event-ID", last.ToString(CultureInfo.InvariantCulture));
        var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        return new(client, await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead));
    }

    /// <summary>The next event; null = the feed ended.</summary>
    public async Task<JsonElement?> Next()
    {
        while (await Block() is { } block)
            if (block.Data is { } data)
                return data;
        return null;
    }

    /// <summary>What comes next, an event or a sign of life; null = the feed ended.</summary>
    public async Task<(string? Type, JsonElement? Data)?> Block() =>
        Response.Content.Headers.ContentType!.MediaType == "text/event-stream" ? await ServerSent() : await Line();

    public ValueTask DisposeAsync()
    {
        _lines?.Dispose();
        Response.Dispose();
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<string?> Read() =>
        await (_lines ??= new StreamReader(await Response.Content.ReadAsStreamAsync())).ReadLineAsync();

    private async Task<(string? Type, JsonElement? Data)?> Line()
    {
        if (await Read() is not { } line)
            return null;
        var json = JsonElement.Parse(line);
        Position = json.GetProperty("position").GetInt64();
        return json.TryGetProperty("type", out var type) ? (type.GetString(), json) : (null, null);
    }

    /// <summary>As a browser's EventSource reads it: an id counts once its block has ended.</summary>
    private async Task<(string? Type, JsonElement? Data)?> ServerSent()
    {
        var (id, type, data) = (Position, (string?)null, (string?)null);
        while (await Read() is { } line)
        {
            if (line.Length == 0)
            {
                Position = id;
                return (type, data is null ? null : JsonElement.Parse(data));
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var value = line[(colon + 1)..].TrimStart(' ');
            switch (line[..colon])
            {
                case "id": id = long.Parse(value, CultureInfo.InvariantCulture); break;
                case "event": type = value; break;
                case "data": data = data is null ? value : data + "\n" + value; break;
                case "" or "retry": break;
                default: throw new InvalidOperationException($"no field of an event stream: {line}");
            }
        }

        return null;
    }
}
