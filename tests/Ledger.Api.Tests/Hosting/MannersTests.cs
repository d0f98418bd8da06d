using System.Net.Sockets;
using System.Text;

namespace Ledger.Api.Tests.Hosting;

public sealed class MannersTests(Door door) : IClassFixture<Door>
{
    [Theory]
    [InlineData("/v1/events", "application/json")]
    [InlineData("/v1/events", "application/x-ndjson")]
    [InlineData("/v1/events", "text/event-stream")]
    [InlineData("/v1/entities/time", "application/json")]
    [InlineData("/v1/drift/runs", "application/json")]
    [InlineData("/health/ready", "application/json")]
    [InlineData("/openapi/v1.json", "application/json")]
    [InlineData("/", "text/html")]
    public async Task Answers_head_where_it_answers_get(string path, string media)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, new Uri(door.Address, path));
        request.Headers.Accept.ParseAdd(media);
        using var response = await door.Client.SendAsync(request);
        ((int)response.StatusCode).ShouldBe(200);
        response.Content.Headers.ContentType!.MediaType.ShouldBe(media);
        (await response.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("HEAD", "/v1/receipts/psa/nobody", 404)]
    [InlineData("HEAD", "/v1/nothing", 404)]
    [InlineData("OPTIONS", "/v1/nothing", 404)]
    [InlineData("PUT", "/v1/drift/runs", 405)]
    public async Task Says_what_is_not_there_to_any_method(string method, string path, int status)
    {
        using var request = new HttpRequestMessage(new(method), new Uri(door.Address, path));
        using var response = await door.Client.SendAsync(request);
        ((int)response.StatusCode).ShouldBe(status);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
    }

    [Theory]
    [InlineData("/v1/events?sorce=psa", "sorce")]
    [InlineData("/v1/receipts/psa/1?prof=true", "prof")]
    [InlineData("/v1/drift/runs?limit=3&foo", "foo")]
    public async Task Tells_of_a_parameter_it_does_not_know(string path, string name)
    {
        var answer = await door.Get(path);
        answer.Status.ShouldBe(400);
        answer.Json.GetProperty("errors")[0].GetProperty("parameter").GetString().ShouldBe(name);
    }

    [Fact]
    public async Task Stores_nothing_of_a_request_whose_parameter_is_written_wrong()
    {
        var before = await door.Count("ledger.reject");
        (await door.Post("[{},{}]", query: "?atomc=true")).Status.ShouldBe(400);
        (await door.Count("ledger.reject")).ShouldBe(before, "it was not even looked at");
    }

    [Theory]
    [InlineData("/v1/events", "GET, HEAD, OPTIONS, POST")]
    [InlineData("/v1/receipts/psa/1", "GET, HEAD, OPTIONS")]
    public async Task Tells_what_an_address_takes(string path, string methods)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, new Uri(door.Address, path));
        using var response = await door.Client.SendAsync(request);
        ((int)response.StatusCode).ShouldBe(204);
        string.Join(", ", response.Content.Headers.Allow).ShouldBe(methods);
        response.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse("pages of elsewhere get nothing");
    }

    [Fact]
    public async Task Tells_what_it_takes_anywhere() =>
        (await Raw("OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).ShouldContain("Allow: GET, HEAD");

    [Fact]
    public async Task An_address_that_is_too_long_is_414_as_a_problem()
    {
        var answer = await door.Get("/v1/events?type=" + new string('x', Manners.TargetBytesMax));
        answer.Status.ShouldBe(414);
        answer.ProblemType.ShouldBe("target-too-long");
    }

    [Fact]
    public async Task Headers_that_are_too_large_are_431_as_a_problem()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(door.Address, "/v1/events"));
        request.Headers.Add("X-Much", new string('x', Manners.HeaderBytesMax));
        using var response = await door.Client.SendAsync(request);
        var answer = await Answer.Of(response);
        answer.Status.ShouldBe(431);
        answer.ProblemType.ShouldBe("headers-too-large");
    }

    [Fact]
    public async Task A_body_that_stops_coming_is_408_as_a_problem() =>
        (await Raw("POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Content-Length: 500\r\n\r\n{\"id\":")).ShouldSatisfyAllConditions(
                answer => answer.ShouldStartWith("HTTP/1.1 408"),
                answer => answer.ShouldContain("urn:proserv-ledger:problem:request-timeout"));

    private async Task<string> Raw(string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(door.Address.Host, door.Address.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }
}
