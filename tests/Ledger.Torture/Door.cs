using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Ledger.Torture;

/// <summary>Sends to a ledger over HTTP.</summary>
internal sealed class Door : IDisposable
{
    public const string Json = "application/json";
    public const string Lines = "application/x-ndjson";

    private readonly HttpClient _client;

    /// <param name="connections">At most so many at once.</param>
    public Door(Uri address, int connections = 64, TimeSpan? patience = null)
    {
        _client = new HttpClient(new SocketsHttpHandler
        {
            MaxConnectionsPerServer = connections,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            UseProxy = false,
        })
        {
            BaseAddress = address,
            Timeout = patience ?? TimeSpan.FromMinutes(1),
        };
    }

    /// <summary>Posts a body to the events.</summary>
    /// <returns>Null where no answer came: what became of it is not known.</returns>
    public Task<Answer?> Post(string body, string media, CancellationToken cancellationToken) =>
        Post(Encoding.UTF8.GetBytes(body), media, cancellationToken);

    /// <inheritdoc cref="Post(string, string, CancellationToken)"/>
    public async Task<Answer?> Post(
        byte[] body, string media, CancellationToken cancellationToken, string query = "",
        params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/events" + query, UriKind.Relative));
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(media);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await Send(request, cancellationToken);
    }

    public async Task<Answer?> Get(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        return await Send(request, cancellationToken);
    }

    public void Dispose() => _client.Dispose();

    private async Task<Answer?> Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _client.SendAsync(request, cancellationToken);
            return new(
                (int)response.StatusCode, response.Content.Headers.ContentType?.MediaType ?? "",
                await response.Content.ReadAsByteArrayAsync(cancellationToken),
                response.Headers.RetryAfter is not null);
        }
        catch (Exception error) when (error is HttpRequestException or IOException
            || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }
}

/// <summary>What the door answered.</summary>
internal sealed record Answer(int Status, string Media, byte[] Body, bool SaysWhenToRetry)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonElement Json => JsonElement.Parse(Body);

    /// <summary>A verdict for each item: the one, those of an array, or the lines of a stream.</summary>
    public IReadOnlyList<JsonElement> Items
    {
        get
        {
            if (Media == Door.Lines)
                return
                [
                    .. Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                        .Select(line => JsonElement.Parse(line)),
                ];
            var whole = Json;
            return whole.TryGetProperty("items", out var items) ? [.. items.EnumerateArray()]
                : whole.TryGetProperty("verdict", out _) ? [whole]
                : [];
        }
    }
}
