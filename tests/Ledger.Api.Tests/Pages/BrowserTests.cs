using Microsoft.Playwright;

namespace Ledger.Api.Tests.Pages;

/// <summary>Walks a person of finance takes. Each is one sentence and fails on any error the browser reports.</summary>
[Collection(nameof(Site))]
public sealed class BrowserTests(Site site)
{
    private static readonly Dictionary<string, Func<IPage, Task>> Walks = new()
    {
        ["The home page shows the money that is unbilled, differs, and is unexplained"] = Home,
        ["A finding leads to its invoice, its line's picture, and the work behind it"] = FromFindingToWork,
        ["The worklist narrows by class and by source, and its totals foot"] = Narrowed,
        ["A record's history says what each event changed"] = History,
        ["Names that hold markup are text wherever they stand"] = Hostile,
        ["A person decides that two records are one thing, and the page of it says whose word counts"] = Decided,
        ["A person says which invoices a payment settles, and takes it back"] = Settled,
        ["A person decides of a thing on its page, without a script"] = DecidedOf,
        ["A page that is not there says so"] = NotThere,
        ["The keyboard reaches the page before the navigation"] = Keyboard,
        ["A page prints without its navigation, on as many sheets as it needs"] = Printed,
    };

    public static TheoryData<string> Sentences => [.. Walks.Keys];

    [BrowserTheory]
    [MemberData(nameof(Sentences))]
    public async Task In_a_browser(string sentence)
    {
        await using var context = await site.Browser!.NewContextAsync(new()
        {
            BaseURL = site.Door.Address.ToString(),
            ViewportSize = new() { Width = 1280, Height = 1000 },
        });
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(15_000);
        var errors = new List<string>();
        page.Console += (_, message) =>
        {
            // A page that says 404 is a failed load to the browser as well.
            if (message.Type is "error" or "warning" && !message.Text.Contains("404 (", StringComparison.Ordinal))
                errors.Add(message.Text);
        };
        page.PageError += (_, error) => errors.Add(error);
        page.RequestFailed += (_, request) => errors.Add($"{request.Url} {request.Failure}");
        await Walks[sentence](page);
        errors.ShouldBeEmpty();
    }

    private static async Task Home(IPage page)
    {
        await page.GotoAsync("/");
        (await page.Locator("h1").AllInnerTextsAsync()).ShouldBe(["Where the money stands"]);
        var unbilled = await page.Locator("#unbilled").InnerTextAsync();
        unbilled.ShouldContain("1,312.50 GBP");
        unbilled.ShouldContain("11.50 h");
        unbilled.ShouldContain("oldest 2026-09-08");
        // A client of one system alone is missing too, without money.
        (await Row(page, "#totals", "Missing", "GBP")).ShouldContain("3,573.25");
        (await Row(page, "#totals", "Duplicate")).ShouldContain("544.00");
        (await Row(page, "#totals", "Unsourced")).ShouldContain("950.00");
        var invoice = page.GetByRole(AriaRole.Link, new() { Name = "HMD-2026-0015" });
        var row = page.GetByRole(AriaRole.Row).Filter(new() { Has = invoice });
        (await row.InnerTextAsync()).ShouldContain("950.00");
        await invoice.ClickAsync();
        (await page.Locator("h1").InnerTextAsync()).ShouldContain("HMD-2026-0015");
    }

    private static async Task FromFindingToWork(IPage page)
    {
        await page.GotoAsync("/drift");
        var finding = page.Locator("table.findings > tbody > tr").Filter(new() { HasText = "TE-48214" });
        (await finding.InnerTextAsync()).ShouldContain("186.00");
        (await finding.Locator(".statements").InnerTextAsync()).ShouldContain("7.5 h");
        await finding.GetByRole(AriaRole.Link, new() { Name = "HM-2026-0103", Exact = true }).ClickAsync();
        (await page.Locator("h1").InnerTextAsync()).ShouldBe("Invoice HM-2026-0103");
        var line = page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Rising main layout" });
        (await line.InnerTextAsync()).ShouldContain("930.00");
        await line.GetByRole(AriaRole.Link, new() { Name = "Picture of line" }).ClickAsync();
        var picture = page.Locator(".picture svg");
        (await picture.TextContentAsync())!.ShouldContain("186.00 GBP unexplained");
        (await page.EvaluateAsync<bool>("document.querySelector('.picture svg').getBoundingClientRect().width > 600"))
            .ShouldBeTrue();
        await picture.Locator("a[href$='TE-48214']").ClickAsync();
        (await page.Locator("h1").InnerTextAsync()).ShouldContain("TE-48214");
        (await page.Locator("ol.history > li").AllInnerTextsAsync()).Count.ShouldBe(4);
        await page.GetByRole(AriaRole.Link, new() { Name = "HM-2026-0103" }).ClickAsync();
        (await page.Locator("h1").InnerTextAsync()).ShouldBe("Invoice HM-2026-0103");
    }

    private static async Task Narrowed(IPage page)
    {
        await page.GotoAsync("/drift");
        (await Row(page, "#totals", "All GBP")).ShouldContain("10,417.39");
        var classes = page.GetByRole(AriaRole.Navigation, new() { Name = "Class" });
        await classes.GetByRole(AriaRole.Link, new() { Name = "status" }).ClickAsync();
        var shown = page.Locator("table.findings > tbody > tr .class");
        (await shown.AllInnerTextsAsync()).ShouldBe(["status", "status"]);
        (await Row(page, "#totals", "All GBP")).ShouldContain("3,476.87");
        (await classes.Locator("[aria-current]").InnerTextAsync()).ShouldStartWith("status");
        var systems = page.GetByRole(AriaRole.Navigation, new() { Name = "Source" });
        await systems.GetByRole(AriaRole.Link, new() { Name = "erp" }).ClickAsync();
        page.Url.ShouldEndWith("/drift?class=status&source=erp");
        (await shown.AllInnerTextsAsync()).ShouldBe(["status"]);
        await systems.GetByRole(AriaRole.Link, new() { Name = "all" }).ClickAsync();
        await classes.GetByRole(AriaRole.Link, new() { Name = "all" }).ClickAsync();
        (await shown.CountAsync()).ShouldBeGreaterThan(13);
    }

    private static async Task History(IPage page)
    {
        await page.GotoAsync("/streams/time/psa:TE-48214");
        var corrected = page.Locator("ol.history > li").Filter(new() { HasText = "Time entry corrected" });
        (await corrected.Locator(".before").InnerTextAsync()).ShouldBe("7.5 h");
        (await corrected.Locator(".after").InnerTextAsync()).ShouldContain("6 h");
        (await corrected.InnerTextAsync()).ShouldContain("c.reid@haldenmarsh.example");
        await corrected.GetByText("As it was sent").ClickAsync();
        (await corrected.Locator("pre").InnerTextAsync()).ShouldContain("\"quantity\"");
    }

    private static async Task Hostile(IPage page)
    {
        var stream = "/streams/client/" + Uri.EscapeDataString("crm:" + Site.HostileId);
        foreach (var address in new[] { "/entities/client", "/", stream })
        {
            await page.GotoAsync(address);
            (await page.TitleAsync()).ShouldEndWith("ProServ.Ledger");
            (await page.ContentAsync()).ShouldNotContain("<script");
            (await page.Locator("main").InnerTextAsync()).ShouldContain(Site.HostileName);
        }

        await page.GotoAsync("/entities/client");
        await page.GetByRole(AriaRole.Link, new() { Name = "Bobby" }).ClickAsync();
        (await page.Locator("h1").InnerTextAsync()).ShouldBe(Site.HostileName);
        await page.GetByRole(AriaRole.Link, new() { Name = "crm" }).First.ClickAsync();
        (await page.Locator("h1").InnerTextAsync()).ShouldContain(Site.HostileName);
    }

    private static async Task Decided(IPage page)
    {
        await page.GotoAsync("/");
        await page.Locator("#waiting a").ClickAsync();
        (await page.Locator("h1").InnerTextAsync()).ShouldBe("Proposals");
        var row = page.Locator("#proposals tbody tr").Filter(new() { HasText = Site.AlikeName });
        (await row.InnerTextAsync()).ShouldContain("%");
        await row.GetByRole(AriaRole.Link, new() { Name = "side by side" }).ClickAsync();
        (await page.Locator("#sides").InnerTextAsync()).ShouldContain("differs");
        (await page.Locator("#evidence li").CountAsync()).ShouldBeGreaterThan(0);

        await page.GetByLabel("Why, for whoever asks later").FillAsync("asked them");
        await page.GetByRole(AriaRole.Button, new() { Name = "They are one thing" }).ClickAsync();
        (await page.Locator("#decided").CountAsync()).ShouldBe(0, "nobody decides without saying who it is");
        await page.GetByLabel("Who decides").FillAsync("i.halden@haldenmarsh.example");
        await page.GetByRole(AriaRole.Button, new() { Name = "They are one thing" }).ClickAsync();
        (await page.Locator("#decided").InnerTextAsync()).ShouldContain("one thing: asked them");

        await page.Locator("p.lead a").First.ClickAsync();
        (await page.Locator("#members").InnerTextAsync()).ShouldContain("confirmed by a person");
        var name = page.Locator("#fields tbody tr").Filter(new()
        {
            Has = page.GetByRole(AriaRole.Rowheader, new() { Name = "name", Exact = true }),
        });
        (await name.InnerTextAsync()).ShouldContain("ERP");
        (await name.InnerTextAsync()).ShouldContain(Site.AlikeName + " Ltd");
        (await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth")).ShouldBeTrue();
    }

    private static async Task Settled(IPage shared)
    {
        // A payment of its own firm, so that the other walks find their figures.
        var door = new Door();
        try
        {
            await door.InitializeAsync();
            var bill = await door.Paid([12_000m, 345.67m]);
            await door.Ledger.Projector.WaitFor(bill.Position, CancellationToken.None);
            await using var context = await shared.Context.Browser!.NewContextAsync(
                new() { BaseURL = door.Address.ToString(), JavaScriptEnabled = false });
            await Settled(await context.NewPageAsync(), "12,345.67");
        }
        finally
        {
            await door.DisposeAsync();
        }
    }

    private static async Task Settled(IPage page, string amount)
    {
        page.SetDefaultTimeout(15_000);
        await page.GotoAsync("/proposals");
        var row = page.Locator("#covers tbody tr").Filter(new() { HasText = amount });
        await row.GetByRole(AriaRole.Link, new() { Name = "decide" }).ClickAsync();
        (await page.Locator("#documents tbody tr").CountAsync()).ShouldBe(2);
        (await page.Locator("#evidence").InnerTextAsync()).ShouldContain("is what is left of the 2 together");
        await Sent(page, "decide", "remittance advice", "It covers just these");
        (await page.Locator("#decided").InnerTextAsync()).ShouldContain("that it does: remittance advice");
        await Sent(page, "decide", "another client's", "It does not");
        (await page.Locator("#decided").InnerTextAsync()).ShouldContain("that it does not: another client's");
        await page.GotoAsync("/proposals");
        (await page.Locator("main").InnerTextAsync()).ShouldNotContain(amount);
    }

    private static async Task DecidedOf(IPage shared)
    {
        await shared.GotoAsync("/entities/client");
        await using var plain = await shared.Context.Browser!.NewContextAsync(
            new() { BaseURL = shared.Url, JavaScriptEnabled = false });
        var page = await plain.NewPageAsync();
        page.SetDefaultTimeout(15_000);
        await page.GotoAsync("/entities/client");
        await page.GetByRole(AriaRole.Link, new() { Name = Site.JoinedName }).First.ClickAsync();
        await page.Locator("#fields").GetByRole(AriaRole.Link, new() { Name = "name", Exact = true }).ClickAsync();
        await page.Locator("#override").GetByLabel("Value").FillAsync("Gable <b>Group</b>");
        await Sent(page, "override", "renamed", "Put it over");
        (await FieldOf(page, "name")).ShouldContain("Gable <b>Group</b>");
        (await FieldOf(page, "name")).ShouldContain("a person");

        await page.GetByText("Take an override back").ClickAsync();
        await Sent(page, "withdraw", "not yet", "Take it back");
        (await FieldOf(page, "name")).ShouldContain(Site.JoinedName);

        (await FieldOf(page, "emails")).ShouldContain("ERP");
        await page.GetByText("Say whose word counts").ClickAsync();
        await page.Locator("#own").GetByLabel("the field").SelectOptionAsync("emails");
        await page.Locator("#own").GetByLabel("Whose word counts").SelectOptionAsync("crm");
        await Sent(page, "own", "sales keeps them", "Show what it changes");
        (await page.Locator("#money").InnerTextAsync()).ShouldBe("no money changes");
        (await FieldOf(page, "emails")).ShouldContain("ERP", customMessage: "nothing is decided yet");
        await page.GetByRole(AriaRole.Button, new() { Name = "Assign it so" }).ClickAsync();
        (await FieldOf(page, "emails")).ShouldContain("CRM");

        (await page.Locator("#members tbody tr").CountAsync()).ShouldBe(2);
        await page.GetByText("Part two of its records").ClickAsync();
        await Sent(page, "unlink", "two quarries", "Part them");
        (await page.Locator("#members tbody tr").CountAsync()).ShouldBe(1);
    }

    private static async Task Sent(IPage page, string form, string reason, string button)
    {
        var asked = page.Locator($"form#{form}");
        await asked.GetByLabel("Why, for whoever asks later").FillAsync(reason);
        await asked.GetByLabel("Who decides").FillAsync("i.halden@haldenmarsh.example");
        await asked.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();
        (await page.Locator("#refused").CountAsync()).ShouldBe(0);
    }

    private static Task<string> FieldOf(IPage page, string field) => page.Locator("#fields tbody tr").Filter(new()
    {
        Has = page.GetByRole(AriaRole.Rowheader, new() { Name = field, Exact = true }),
    }).InnerTextAsync();

    private static async Task NotThere(IPage page)
    {
        var answer = await page.GotoAsync("/invoices/none");
        answer!.Status.ShouldBe(404);
        (await page.Locator("main").InnerTextAsync()).ShouldContain("The ledger has no invoice 'none'.");
        await page.GetByRole(AriaRole.Link, new() { Name = "Where the money stands" }).ClickAsync();
        (await page.Locator("h1").InnerTextAsync()).ShouldBe("Where the money stands");
    }

    private static async Task Keyboard(IPage page)
    {
        await page.GotoAsync("/invoices");
        await page.Keyboard.PressAsync("Tab");
        (await page.EvaluateAsync<string>("document.activeElement.textContent")).ShouldBe("Skip to the page");
        (await page.EvaluateAsync<bool>("document.activeElement.getBoundingClientRect().left >= 0")).ShouldBeTrue();
        (await page.Locator("nav [aria-current=page]").AllInnerTextsAsync()).ShouldBe(["Invoices"]);
        (await page.Locator("thead th:not([scope])").CountAsync()).ShouldBe(0);
        (await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth")).ShouldBeTrue();
    }

    private static async Task Printed(IPage page)
    {
        await page.GotoAsync("/drift");
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        (await page.Locator("header nav").IsVisibleAsync()).ShouldBeFalse();
        (await page.Locator(".filters").First.IsVisibleAsync()).ShouldBeFalse();
        (await page.Locator("table.findings").First.IsVisibleAsync()).ShouldBeTrue();
        (await page.PdfAsync(new() { PreferCSSPageSize = true })).Length.ShouldBeGreaterThan(10_000);
    }

    private static Task<string> Row(IPage page, string table, string name, string says = "") =>
        page.Locator($"{table} tr").Filter(new() { HasText = says })
            .Filter(new() { Has = page.GetByRole(AriaRole.Rowheader, new() { Name = name, Exact = true }) }).First
            .InnerTextAsync();
}
