using Ledger.Api.Tests.Exceptions;
using Ledger.Api.Tests.SignOffs;
using Microsoft.Playwright;

namespace Ledger.Api.Tests.Pages;

/// <summary>A person of finance signs a month in a browser.</summary>
[Collection(nameof(Site))]
public sealed class SignOffPageTests(Site site) : IAsyncLifetime
{
    private readonly Door door = new();

    public Task InitializeAsync() => door.InitializeAsync();

    public Task DisposeAsync() => door.DisposeAsync();

    public static TheoryData<string> Sentences =>
        ["A person sees what is open, signs the month, and sees what suspended it"];

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
        await page.GotoAsync("/");
        await page.GetByRole(AriaRole.Link, new() { Name = "nothing yet" }).ClickAsync();
        await page.FillAsync("#period", "2026-03");
        await page.GetByRole(AriaRole.Button, new() { Name = "Look at it" }).ClickAsync();
        (await page.Locator("#seen").InnerTextAsync()).ShouldBe("2 records, 1 exception open, 0 accepted.");
        (await page.Locator("#open").InnerTextAsync()).ShouldContain("40.00 GBP");
        await page.FillAsync("#sign-reason", "March closed");
        await page.FillAsync("#sign-actor", "cfo@haldenmarsh.example");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign", Exact = true }).ClickAsync();
        (await page.Locator("#signed tbody").InnerTextAsync()).ShouldContain("signed");

        await door.PostedRight("77");
        await door.KeepSignOffs();
        await page.GotoAsync("/exceptions");
        await page.GetByRole(AriaRole.Link, new() { Name = "signed off" }).ClickAsync();
        var row = await page.Locator("#signed tbody").InnerTextAsync();
        row.ShouldContain("suspended");
        row.ShouldContain("posting/erp:P-77: posting_recorded");
    }
}
