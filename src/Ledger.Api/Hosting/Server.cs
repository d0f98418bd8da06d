using System.Net;
using System.Net.Sockets;
using Ledger.Api.Pages;
using Ledger.Projections;
using Ledger.Projections.Drift;
using Ledger.Store;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.Logging.Console;

namespace Ledger.Api;

/// <summary>The HTTP server of an open ledger.</summary>
internal static class Server
{
    public const string UrlDefault = "http://127.0.0.1:5080";

    private static readonly TimeSpan RequestTime = TimeSpan.FromSeconds(30);

    /// <summary>Builds it, not yet listening.</summary>
    /// <param name="urls">Where to listen; port 0 = any that is free.</param>
    /// <param name="patience">Longest wait for an answer; null = half a minute.</param>
    /// <param name="projects">False = the views stand still, for measuring the door alone.</param>
    /// <param name="keepsExceptions">Whether it opens and closes exceptions by itself.</param>
    public static WebApplication Build(
        OpenLedger ledger, IReadOnlyList<string> urls, TimeSpan? patience = null, bool projects = true,
        bool keepsExceptions = false)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.WebHost.UseUrls([.. urls]).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = AppendEvents.BodyBytesMax;
            kestrel.Limits.MaxConcurrentConnections = 1_000;
            Manners.LeaveRoom(kestrel.Limits);
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));
        builder.Logging.ClearProviders().AddSimpleConsole(line => line.SingleLine = true)
            .AddFilter<ConsoleLoggerProvider>(null, LogLevel.Warning)
            // That it cannot listen is told in one sentence, and a request that took too long is answered.
            .AddFilter<ConsoleLoggerProvider>("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical)
            .AddFilter<ConsoleLoggerProvider>("Microsoft.AspNetCore.Http.Timeouts", LogLevel.Error);
        Telemetry.AddTo(builder.Logging);
        builder.Services.Configure<ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSingleton(ledger.Source).AddSingleton(ledger.Store).AddSingleton(ledger.Intake)
            .AddSingleton(ledger.Projector).AddSingleton<ProjectorLoop>().AddHostedService<ParkedLoop>();
        if (projects)
            builder.Services.AddHostedService(services => services.GetRequiredService<ProjectorLoop>());
        builder.Services.AddSingleton(_ => new Admission(new Writers(ledger.Source), ledger.Source))
            .AddSingleton<Crowding>().AddSingleton(new KeyedCommands(ledger.Source)).AddSingleton<Once>();
        builder.Services.AddSingleton(new Patience(patience ?? RequestTime));
        builder.Services.AddRequestTimeouts(timeouts => timeouts.DefaultPolicy = new RequestTimeoutPolicy
        {
            Timeout = patience ?? RequestTime,
            WriteTimeoutResponse = http => Problems.Unavailable().ExecuteAsync(http),
        });
        builder.Services.AddSingleton<Decisions>().AddSingleton<Deciding>().AddSingleton<DryRun>()
            .AddSingleton<IdentityDecisions>().AddSingleton<OwnershipDecisions>().AddSingleton<OverrideDecisions>()
            .AddSingleton<CoverageDecisions>().AddSingleton<Pages.DecideEntity>()
            .AddSingleton<CaseDecisions>().AddSingleton<CaseKeeper>().AddSingleton<CaseReplay>()
            .AddSingleton<SignOffDecisions>().AddSingleton<SignOffKeeper>()
            .AddSingleton<PolicyDecisions>().AddSingleton<PolicyEffect>();
        builder.Services.AddSingleton<LiveWorld>().AddSingleton<DriftNow>().AddSingleton<LiveDrift>()
            .AddSingleton<QuestionsNow>();
        if (keepsExceptions)
            builder.Services.AddHostedService<CaseLoop>();
        builder.Services.AddLedgerDescription();

        var app = builder.Build();
        app.UseProblems();
        if (urls.All(IsLoopback))
            app.UseLoopbackNamesOnly();
        app.UseHeadAsGet();
        app.UseRouting();
        app.UseHeadAsHead();
        app.UseKnownParametersOnly();
        Telemetry.NameSpans(app);
        app.UseRequestTimeouts();
        Program.Routes(app);
        return app;
    }

    /// <summary>Starts listening.</summary>
    /// <exception cref="NotReadyException">Another process has the port, or the address is not this machine's.
    /// </exception>
    public static async Task Start(WebApplication app, CancellationToken cancellationToken)
    {
        var urls = app.Configuration[WebHostDefaults.ServerUrlsKey]?.Replace(";", ", ", StringComparison.Ordinal);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException error) when (error.InnerException is AddressInUseException)
        {
            throw new NotReadyException(
                $"Another process listens at {urls} already: stop it, or choose another address with --urls.");
        }
        catch (Exception error) when (error is SocketException || error.InnerException is SocketException)
        {
            throw new NotReadyException($"This machine cannot listen at {urls}: choose another with --urls.");
        }
    }

    public static bool IsLoopback(string url) => Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && (uri.IsLoopback || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip)));

    /// <summary>A page elsewhere may point a name of its own at this machine; it gets no answer.</summary>
    private static void UseLoopbackNamesOnly(this WebApplication app) => app.Use((http, next) =>
        http.Request.Host.Host is "" || IsLoopback($"http://{http.Request.Host.Host}")
            ? next(http)
            : Problems.BadRequest("This ledger answers to localhost only.").ExecuteAsync(http));
}
