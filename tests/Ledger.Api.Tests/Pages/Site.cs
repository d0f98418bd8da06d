using Ledger.Testing;
using Microsoft.Playwright;

namespace Ledger.Api.Tests.Pages;

/// <summary>The sample firm and one hostile client behind the real server, and a browser where there is one.</summary>
public sealed class Site : IAsyncLifetime
{
    /// <summary>What somebody might call a client to run a script on these pages.</summary>
    public const string HostileName = "Bobby <script>document.title='owned'</script> \"&'</title> & Söhne";

    /// <summary>An id that holds all that has a meaning in an address.</summary>
    public const string HostileId = "A/1:2#3?x=%2F&y=ü \"<b>";

    /// <summary>What two systems call one client, more or less.</summary>
    public const string AlikeName = "Harter Fell Quarries";

    /// <summary>A client that two systems know, and a person joined.</summary>
    public const string JoinedName = "Great Gable Slate";

    private IPlaywright? _playwright;

    public Door Door { get; } = new();

    /// <summary>Null where this machine has none.</summary>
    public IBrowser? Browser { get; private set; }

    /// <summary>The browser's program; null where this machine has none.</summary>
    public static string? Chromium { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/bin")
        .SelectMany(folder => new[] { "chromium", "chromium-browser", "google-chrome" }, Path.Combine)
        .FirstOrDefault(File.Exists);

    public async Task InitializeAsync()
    {
        await Door.InitializeAsync();
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "samples", "firm"), "*.ndjson")
            .Order(StringComparer.Ordinal))
        {
            var answer = await Door.Post(await File.ReadAllBytesAsync(file), "application/x-ndjson");
            answer.Verdicts.ShouldNotContain("rejected", file);
        }

        var hostile = await Door.Post(System.Text.Json.JsonSerializer.Serialize(new
        {
            id = "hostile-1",
            source = "crm",
            type = "client_registered",
            subject = $"client/{HostileId}",
            time = "2026-09-30T09:00:00Z",
            data = new { name = HostileName },
        }));
        hostile.Verdict.ShouldBe("appended", hostile.Body);
        var joined = await Door.TwoAlike(JoinedName);
        await Door.Ledger.Projector.WaitFor(joined.Position, CancellationToken.None);
        await Door.Command(
            $"/v1/identity/proposals/{joined.Proposal}/confirm", new { reason = "asked them", actor = "i.halden" });
        var position = (await Door.TwoAlike(AlikeName)).Position;
        await Door.Ledger.Projector.WaitFor(position, CancellationToken.None);
        if (Chromium is null) return;
        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Chromium,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
                "--disable-dev-shm-usage", "--disable-sync", "--no-first-run",
            ],
        });
    }

    public async Task DisposeAsync()
    {
        if (Browser is not null) await Browser.DisposeAsync();
        _playwright?.Dispose();
        await Door.DisposeAsync();
    }
}

/// <summary>Tests that read the same pages share one server.</summary>
[CollectionDefinition(nameof(Site))]
public sealed class SharedSite : ICollectionFixture<Site>;

/// <summary>Walks through a browser: as many tests as there are walks, or one that says why there are none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute()
    {
        if (Site.Chromium is null)
            Skip = "there is no chromium on this machine to walk through the pages with";
    }
}
