using Microsoft.AspNetCore.Http.Features;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Ledger.Api;

/// <summary>Traces, metrics and logs over OTLP, each where the standard <c>OTEL_*</c> variables name a receiver; else
/// nothing is collected. The exporters read protocol, headers and intervals from the same variables.</summary>
internal sealed class Telemetry : IDisposable
{
    private static readonly string[] Traced = ["Microsoft.AspNetCore", "Npgsql", "Ledger.Store", "Ledger.Projections"];

    private static readonly string[] Metered =
    [
        "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime", "Npgsql",
        "Ledger.Store", "Ledger.Projections",
    ];

    private readonly TracerProvider? _traces;
    private readonly MeterProvider? _metrics;

    private Telemetry(TracerProvider? traces, MeterProvider? metrics) => (_traces, _metrics) = (traces, metrics);

    /// <summary>Starts what is asked for; disposing sends what is left.</summary>
    public static Telemetry Start() => new(
        IsAskedFor("TRACES")
            ? Sdk.CreateTracerProviderBuilder().ConfigureResource(Name).AddSource(Traced).AddOtlpExporter().Build()
            : null,
        IsAskedFor("METRICS")
            ? Sdk.CreateMeterProviderBuilder().ConfigureResource(Name).AddMeter(Metered).AddOtlpExporter().Build()
            : null);

    /// <summary>Sends the host's log lines too.</summary>
    public static void AddTo(ILoggingBuilder logging)
    {
        if (!IsAskedFor("LOGS"))
            return;
        var resource = ResourceBuilder.CreateDefault();
        Name(resource);
        logging.AddOpenTelemetry(log => log.SetResourceBuilder(resource).AddOtlpExporter());
        logging.AddFilter<OpenTelemetryLoggerProvider>(null, LogLevel.Information);
    }

    /// <summary>Names each request's span by its route, as the HTTP conventions want.</summary>
    public static void NameSpans(WebApplication app) => app.Use((http, next) =>
    {
        if (http.Features.Get<IHttpActivityFeature>()?.Activity is { } activity
            && http.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } route })
            activity.DisplayName = $"{http.Request.Method} {route}";
        return next(http);
    });

    public void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
    }

    private static bool IsAskedFor(string signal) =>
        !string.Equals(Variable("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase)
        && !string.Equals(Variable($"OTEL_{signal}_EXPORTER"), "none", StringComparison.OrdinalIgnoreCase)
        && (Variable("OTEL_EXPORTER_OTLP_ENDPOINT") ?? Variable($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")) is not null;

    private static void Name(ResourceBuilder resource)
    {
        if (Variable("OTEL_SERVICE_NAME") is null
            && Variable("OTEL_RESOURCE_ATTRIBUTES")?.Contains("service.name=", StringComparison.Ordinal) != true)
            resource.AddService("ledger", serviceVersion: typeof(Telemetry).Assembly.GetName().Version?.ToString(3));
    }

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
