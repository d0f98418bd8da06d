using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Ledger.Api.Tests.Pages;

/// <summary>What pages say to any client, without a browser.</summary>
[Collection(nameof(Site))]
public sealed class PageTests(Site site)
{
    [Fact]
    public async Task Every_page_forbids_scripts_and_everything_from_elsewhere()
    {
        string[] paths =
            ["/", "/drift", "/unbilled", "/proof", "/invoices", "/entities/time", "/proposals", "/nothing"];
        foreach (var path in paths)
        {
            using var response = await Ask(path, "text/html");
            response.Content.Headers.ContentType!.ToString().ShouldBe("text/html; charset=utf-8", path);
            var policy = response.Headers.GetValues("Content-Security-Policy").Single();
            policy.ShouldStartWith("default-src 'none'; style-src 'self'");
            policy.ShouldNotContain("script-src");
            response.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
            var html = await response.Content.ReadAsStringAsync();
            html.ShouldNotContain("<script", customMessage: path);
            html.ShouldNotContain("http://", customMessage: path);
        }
    }

    [Fact]
    public async Task Every_page_has_one_heading_and_names_itself()
    {
        string[] paths =
        [
            "/", "/drift", "/unbilled", "/proof", "/invoices", "/entities/client",
            "/entities/invoice/invoice%2Fbilling:7704", "/proposals", "/streams/time/psa:TE-48214", "/nothing",
        ];
        foreach (var path in paths)
        {
            var html = await (await Ask(path, "text/html")).Content.ReadAsStringAsync();
            html.Split("<h1").Length.ShouldBe(2, path);
            html.ShouldContain("ProServ.Ledger</title>");
        }
    }

    [Fact]
    public async Task A_program_that_asks_for_what_is_not_there_gets_a_problem_and_a_person_a_page()
    {
        foreach (var path in new[] { "/nothing", "/invoices/none", "/streams/time/psa:none", "/entities/none" })
        {
            var answer = await site.Door.Get(path);
            (answer.Status, answer.ProblemType).ShouldBe((404, "not-found"), path);
            using var page = await Ask(path, "text/html,application/xhtml+xml,*/*;q=0.8");
            page.StatusCode.ShouldBe(HttpStatusCode.NotFound, path);
            page.Content.Headers.ContentType!.MediaType.ShouldBe("text/html", path);
        }
    }

    [Fact]
    public async Task The_proof_names_what_does_not_foot_and_the_first_page_leads_to_it()
    {
        var home = await (await Ask("/", "text/html")).Content.ReadAsStringAsync();
        home.ShouldContain("<a href=\"/proof\">");
        var html = await (await Ask("/proof", "text/html")).Content.ReadAsStringAsync();
        html.ShouldContain("id=\"breaks\"");
        var json = (await site.Door.Get("/v1/proof?to=2026-08-31")).Json;
        json.GetProperty("accounts").GetArrayLength().ShouldBeGreaterThan(0);
        json.GetProperty("to").GetString().ShouldBe("2026-08-31");
        (await site.Door.Get("/v1/proof?asKnownAt=0")).Json.GetProperty("foots").GetBoolean().ShouldBeTrue();
        (await site.Door.Get("/v1/proof?from=2026-03-01&to=2026-02-01")).ProblemType.ShouldBe("invalid-parameter");
    }

    [Fact]
    public async Task An_invoice_tells_what_is_different_since_it_was_issued_where_that_is_asked()
    {
        const string Path = "/invoices/invoice%2Fbilling%3A7704";
        (await (await Ask(Path, "text/html")).Content.ReadAsStringAsync()).ShouldContain("compare=issued#since");
        var html = await (await Ask(Path + "?compare=issued", "text/html")).Content.ReadAsStringAsync();
        html.ShouldContain("<h2 id=\"since\">Since it was issued</h2>");
        html.ShouldContain("What the systems have stated since");
    }

    [Fact]
    public async Task An_invoice_is_found_by_its_entity_however_it_is_encoded_and_by_its_number()
    {
        foreach (var id in new[] { "invoice%2Fbilling%3A7704", "invoice/billing:7704", "HM-2026-0103" })
        {
            using var response = await Ask("/invoices/" + id, "text/html");
            (await response.Content.ReadAsStringAsync()).ShouldContain(
                "<h1>Invoice HM-2026-0103</h1>", customMessage: id);
        }

        using var twice = await Ask("/invoices/HMD-2026-0018", "text/html");
        twice.StatusCode.ShouldBe(HttpStatusCode.NotFound, "two invoices bear that number");
    }

    [Fact]
    public async Task A_line_that_the_invoice_does_not_have_has_no_picture()
    {
        using var response = await Ask("/invoices/invoice%2Fbilling:7704?line=none", "text/html");
        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_home_page_tells_what_questions_come_to()
    {
        var html = await (await Ask("/", "text/html")).Content.ReadAsStringAsync();
        var row = html[html.IndexOf("/v1/bi/unbilled_work?format=csv", StringComparison.Ordinal)..];
        row[..row.IndexOf("</tr>", StringComparison.Ordinal)].ShouldContain("1,312.50");
    }

    [Fact]
    public async Task Every_link_on_the_pages_leads_somewhere()
    {
        var seen = new HashSet<string>();
        var open = new Queue<string>(["/", "/drift", "/invoices", "/unbilled", "/entities/client"]);
        while (open.TryDequeue(out var path) && seen.Count < 400)
        {
            if (!seen.Add(path)) continue;
            using var response = await Ask(path, "text/html");
            response.StatusCode.ShouldBe(HttpStatusCode.OK, path);
            var html = await response.Content.ReadAsStringAsync();
            foreach (var part in html.Split("href=\"")[1..])
            {
                var link = WebUtility.HtmlDecode(part[..part.IndexOf('"', StringComparison.Ordinal)]);
                if (link.StartsWith('/')) open.Enqueue(link.Split('#')[0]);
            }
        }

        seen.Count.ShouldBeGreaterThan(200);
    }

    [Fact]
    public async Task The_style_sheet_is_kept_by_browsers_as_long_as_it_is_the_same()
    {
        var html = await (await Ask("/", "text/html")).Content.ReadAsStringAsync();
        var at = html.IndexOf("/ledger.css?v=", StringComparison.Ordinal);
        using var response = await Ask(html[at..html.IndexOf('"', at)], "text/css");
        response.Headers.CacheControl!.ToString().ShouldContain("immutable");
        using var again = new HttpRequestMessage(HttpMethod.Get, "/ledger.css");
        again.Headers.IfNoneMatch.Add(response.Headers.ETag!);
        using var unchanged = await site.Door.Client.SendAsync(again);
        unchanged.StatusCode.ShouldBe(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task A_database_that_does_not_answer_is_a_page_to_a_person_with_the_same_status()
    {
        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        using var body = new MemoryStream();
        var http = new DefaultHttpContext { RequestServices = services };
        (http.Request.Method, http.Request.Headers.Accept, http.Response.Body) = ("GET", "text/html", body);

        await Problems.Unavailable().ExecuteAsync(http);

        (http.Response.StatusCode, http.Response.ContentType).ShouldBe((503, "text/html; charset=utf-8"));
        http.Response.Headers.RetryAfter.ToString().ShouldNotBeEmpty();
        System.Text.Encoding.UTF8.GetString(body.ToArray()).ShouldContain("load this page again");
    }

    [Fact]
    public async Task A_ledger_that_knows_nothing_says_how_to_begin()
    {
        var empty = new Door();
        await empty.InitializeAsync();
        try
        {
            foreach (var path in new[] { "/", "/drift", "/invoices", "/unbilled", "/proposals", "/entities/client" })
            {
                using var response = await empty.Client.GetAsync(new Uri(path, UriKind.Relative));
                response.StatusCode.ShouldBe(HttpStatusCode.OK, path);
            }

            (await empty.Get("/")).Body.ShouldContain("ledger import kantata FILE");
        }
        finally
        {
            await empty.DisposeAsync();
        }
    }

    private async Task<HttpResponseMessage> Ask(string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        return await site.Door.Client.SendAsync(request);
    }
}
