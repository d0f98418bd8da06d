using Ledger.Api.Tests.Exceptions;
using Microsoft.Playwright;

namespace Ledger.Api.Tests.Pages;

/// <summary>A person of finance works through an exception in a browser.</summary>
[Collection(nameof(Site))]
public sealed class ExceptionPageTests(Site site) : IAsyncLifetime
{
    private readonly Door door = new();

    public Task InitializeAsync() => door.InitializeAsync();

    public Task DisposeAsync() => door.DisposeAsync();

    public static TheoryData<string> Sentences =>
        ["A person says who looks at it, the record is corrected at its source, and the case closes"];

    [BrowserTheory]
    [MemberData(nameof(Sentences))]
    public async Task In_a_browser(string sentence)
    {
        sentence.ShouldNotBeEmpty();
        await door.PostedOff("77");
        await door.KeepExceptions();
        await using var context = await site.Browser!.NewContextAsync(new() { BaseURL = door.Address.ToString() });
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(15_000);
        await page.GotoAsync("/exceptions");
        var row = page.Locator("#exceptions tbody tr").Filter(new() { HasText = "P-77" });
        (await row.InnerTextAsync()).ShouldContain("40.00 GBP");
        await row.GetByRole(AriaRole.Link, new() { Name = "amount" }).ClickAsync();
        (await page.Locator("#suggestion").InnerTextAsync()).ShouldContain("460.00 GBP → 500.00 GBP");
        (await page.Locator(".explained .root").InnerTextAsync()).ShouldContain("erp: posting recorded");
        await page.FillAsync("#reason", "They keep the general ledger");
        await page.FillAsync("#actor", "i.halden@haldenmarsh.example");
        await page.FillAsync("#to", "GL team");
        await page.GetByRole(AriaRole.Button, new() { Name = "Assign" }).ClickAsync();
        (await page.Locator("#assignee").InnerTextAsync()).ShouldBe("GL team");
        (await page.Locator("#status").InnerTextAsync()).ShouldBe("open");

        await page.FillAsync("#actor", "i.halden@haldenmarsh.example");
        await page.GetByRole(AriaRole.Button, new() { Name = "Look again" }).ClickAsync();
        (await page.Locator("#replayed").InnerTextAsync()).ShouldContain("It still stands: ");
        await page.GotoAsync("/exceptions?text=P-77&source=erp&class=&group=engagement&sort=amount");
        (await page.Locator("#sums").InnerTextAsync()).ShouldContain("40.00 GBP");
        await page.Locator("#exceptions tbody tr").First.GetByRole(AriaRole.Link).ClickAsync();

        await door.PostedRight("77");
        await door.KeepExceptions();
        await page.ReloadAsync();
        (await page.Locator("#status").InnerTextAsync()).ShouldContain("resolved by itself: The records agree now.");
        await page.GotoAsync("/exceptions");
        (await page.Locator("main").InnerTextAsync()).ShouldNotContain("P-77");
        await page.GetByRole(AriaRole.Link, new() { Name = "resolved" }).ClickAsync();
        (await page.Locator("#exceptions").InnerTextAsync()).ShouldContain("P-77");
    }
}
