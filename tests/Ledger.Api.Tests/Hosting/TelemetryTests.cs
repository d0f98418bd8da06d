using System.Collections.Concurrent;
using Ledger.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Ledger.Api.Tests.Hosting;

public sealed class TelemetryTests
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";

    [Fact]
    public async Task One_trace_leads_from_the_request_to_the_view()
    {
        await using var collector = await Collector.Start();
        await using var database = await TestDatabase.Create(CancellationToken.None);
        await using var server = Running.Start(
            ["serve", "--urls", "http://127.0.0.1:0", "--database", database.ConnectionString],
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_BSP_SCHEDULE_DELAY", "100"), ("OTEL_METRIC_EXPORT_INTERVAL", "500"));
        var address = (await server.Says("Listening at ")).Split(' ')[2].TrimEnd(';');
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address + "/v1/events"))
        {
            Content = new StringContent(Sample.Time("traced"), null, "application/json"),
        };
        request.Headers.Add("traceparent", $"00-{TraceId}-b7ad6b7169203331-01");
        (await client.SendAsync(request)).EnsureSuccessStatusCode();
        (await client.GetAsync(new Uri(address + "/v1/entities/time?at-least=1"))).EnsureSuccessStatusCode();
        (await server.Stop()).ExitCode.ShouldBe(0);

        var spans = collector.Spans.Where(span => span.TraceId == TraceId).Select(span => span.Name).ToArray();
        spans.ShouldContain("POST /v1/events", "the request");
        spans.ShouldContain("append", "the store");
        spans.ShouldContain("project", "the view");
        collector.Paths.ShouldContain("/v1/metrics");
        collector.Paths.ShouldContain("/v1/logs");
    }

    [Fact]
    public async Task Nothing_is_sent_where_nobody_asks()
    {
        await using var collector = await Collector.Start();
        await using var database = await TestDatabase.Create(CancellationToken.None);
        await using var server = Running.Start(
            ["serve", "--urls", "http://127.0.0.1:0", "--database", database.ConnectionString],
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address), ("OTEL_SDK_DISABLED", "true"));
        await server.Says("Listening at ");
        (await server.Stop()).ExitCode.ShouldBe(0);
        collector.Paths.ShouldBeEmpty();
    }

    /// <summary>Takes OTLP over HTTP on a free port and keeps the spans it is sent.</summary>
    private sealed class Collector : IAsyncDisposable
    {
        private readonly WebApplication _app;

        private Collector(WebApplication app) => _app = app;

        public string Address => _app.Urls.First();

        public ConcurrentBag<(string TraceId, string Name)> Spans { get; } = [];

        public ConcurrentBag<string> Paths { get; } = [];

        public static async Task<Collector> Start()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            var app = builder.Build();
            app.Urls.Add("http://127.0.0.1:0");
            var collector = new Collector(app);
            app.Run(collector.Take);
            await app.StartAsync();
            return collector;
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private async Task Take(HttpContext http)
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            Paths.Add(http.Request.Path);
            if (http.Request.Path == "/v1/traces")
                // ExportTraceServiceRequest → resource_spans 1 → scope_spans 2 → spans 2 → trace_id 1, name 5.
                foreach (var resource in Protobuf.Fields(body.ToArray(), 1))
                    foreach (var scope in Protobuf.Fields(resource, 2))
                        foreach (var span in Protobuf.Fields(scope, 2))
                            Spans.Add((
                                Convert.ToHexStringLower(Protobuf.Fields(span, 1).Single()),
                                System.Text.Encoding.UTF8.GetString(Protobuf.Fields(span, 5).Single())));
        }
    }

    /// <summary>As much of protobuf as it takes to find what is inside what.</summary>
    private static class Protobuf
    {
        /// <summary>The length-delimited fields of one number.</summary>
        public static IEnumerable<byte[]> Fields(byte[] message, ulong number)
        {
            for (var at = 0; at < message.Length;)
            {
                var tag = Varint(message, ref at);
                switch (tag & 7)
                {
                    case 0: Varint(message, ref at); break;
                    case 1: at += 8; break;
                    case 5: at += 4; break;
                    default:
                        var length = (int)Varint(message, ref at);
                        if (tag >> 3 == number)
                            yield return message[at..(at + length)];
                        at += length;
                        break;
                }
            }
        }

        private static ulong Varint(byte[] message, ref int at)
        {
            var value = 0UL;
            for (var shift = 0; ; shift += 7)
            {
                var part = message[at++];
                value |= (ulong)(part & 0x7F) << shift;
                if (part < 0x80)
                    return value;
            }
        }
    }
}
