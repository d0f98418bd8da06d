using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Ledger.Testing;
using Microsoft.AspNetCore.Builder;
using Npgsql;

namespace Ledger.Api.Tests;

/// <summary>The real server on a free port, over a migrated database of a test class's own.</summary>
public sealed class Door : IAsyncLifetime
{
    private TestDatabase? _database;
    private OpenLedger? _ledger;
    private WebApplication? _app;

    public HttpClient Client { get; } = new() { Timeout = TimeSpan.FromMinutes(2) };

    public Uri Address => Client.BaseAddress!;

    public string ConnectionString => _database!.ConnectionString;

    internal OpenLedger Ledger => _ledger!;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.Create(CancellationToken.None);
        _ledger = await OpenLedger.Open(new(ConnectionString, null), false, _ => { }, CancellationToken.None);
        _app = Server.Build(_ledger, ["http://127.0.0.1:0"]);
        await Server.Start(_app, CancellationToken.None);
        Client.BaseAddress = new Uri(_app.Urls.First());
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        if (_app is not null)
            await _app.DisposeAsync();
        if (_ledger is not null)
            await _ledger.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
    }

    /// <summary>Posts a body as it is.</summary>
    public Task<Answer> Post(string body, string media = "application/json", string query = "") =>
        Post(Encoding.UTF8.GetBytes(body), media, query);

    public async Task<Answer> Post(byte[] body, string media = "application/json", string query = "")
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(media);
        using var response = await Client.PostAsync(new Uri("/v1/events" + query, UriKind.Relative), content);
        return await Answer.Of(response);
    }

    public async Task<Answer> Get(string path)
    {
        using var response = await Client.GetAsync(new Uri(path, UriKind.Relative));
        return await Answer.Of(response);
    }

    public async Task<long> Count(string table)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString);
        await using var command = source.CreateCommand($"select count(*) from {table}");
        return (long)(await command.ExecuteScalarAsync())!;
    }
}

/// <summary>What the door answered.</summary>
public sealed record Answer(int Status, string Media, string Body, HttpResponseHeaders Headers)
{
    public JsonElement Json => JsonElement.Parse(Body);

    /// <summary>The items of an answer to many, or the lines of a stream.</summary>
    public JsonElement[] Items => Media == "application/x-ndjson"
        ? [.. Body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))]
        : [.. Json.GetProperty("items").EnumerateArray()];

    public string Verdict => Json.GetProperty("verdict").GetString()!;

    public string[] Verdicts => [.. Items.Select(item => item.GetProperty("verdict").GetString()!)];

    /// <summary>The last part of a problem's type.</summary>
    public string ProblemType
    {
        get
        {
            Media.ShouldBe("application/problem+json", Body);
            Json.GetProperty("status").GetInt32().ShouldBe(Status);
            Json.GetProperty("title").GetString().ShouldNotBeNullOrEmpty();
            Json.GetProperty("detail").GetString().ShouldNotBeNullOrEmpty();
            return Json.GetProperty("type").GetString()!.Split(':')[^1];
        }
    }

    public static async Task<Answer> Of(HttpResponseMessage response) => new(
        (int)response.StatusCode, response.Content.Headers.ContentType?.MediaType ?? "",
        await response.Content.ReadAsStringAsync(), response.Headers);
}
