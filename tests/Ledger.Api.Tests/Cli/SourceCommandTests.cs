using System.Net.Http.Headers;
using Ledger.Testing;

namespace Ledger.Api.Tests.Cli;

public sealed class SourceCommandTests
{
    [Fact]
    public async Task A_source_is_registered_once_and_writes_with_the_token_it_was_told_once()
    {
        await using var database = await TestDatabase.Create(CancellationToken.None);
        string[] on = ["--database", database.ConnectionString];
        var added = await Running.ToEnd(
            ["source", "add", "psa", "--role", "psa", "--role", "billing", "--zone", "Europe/London", "--kind", "time",
                "--name", "Rota", .. on]);
        added.ExitCode.ShouldBe(0, added.Errors);
        var token = added.Lines.ShouldHaveSingleItem();
        added.Errors.ShouldNotContain(token);

        var again = await Running.ToEnd(["source", "add", "psa", "--role", "psa", "--role", "billing", .. on]);
        (again.ExitCode, again.Output).ShouldBe((1, ""));
        again.Errors.ShouldContain("rotate");
        var renamed = await Running.ToEnd(["source", "add", "psa", "--name", "Rota PSA", .. on]);
        renamed.Errors.ShouldContain("is registered");

        await using var server = Running.Start(["serve", "--urls", "http://127.0.0.1:0", .. on]);
        var address = (await server.Says("Listening at ")).Split(' ')[2].TrimEnd(';');
        using var client = new HttpClient { BaseAddress = new Uri(address) };
        var source = (await Get(client, "/v1/streams/source/ledger:psa")).Json;
        source.GetProperty("version").GetInt64().ShouldBe(2, "said twice, and once more differently");
        source.GetProperty("state").GetProperty("name").GetString().ShouldBe("Rota PSA");
        source.GetProperty("state").GetProperty("zone").GetString().ShouldBe("Europe/London", "what is not said stays");

        (await Post(client, Sample.Time("a"), null)).Status.ShouldBe(401);
        (await Post(client, Sample.Time("a"), token)).Status.ShouldBe(201);
        (await Running.ToEnd(["append", "-", .. on], Sample.ClientStated("b", "1", "Acme"))).ExitCode
            .ShouldBe(0, "the command line is the operator's");

        var rotated = (await Running.ToEnd(["source", "rotate", "psa", "--keep-old", "1h", .. on])).Lines.Single();
        await Eventually(client, rotated, 200);
        (await Post(client, "[]", token)).Status.ShouldBe(200);
        var limited = await Running.ToEnd(["source", "limit", "psa", "--items", "1", "--rate", "500/s", .. on]);
        limited.Lines.ShouldBe(["psa, at most 500 events in 1 s, 500 at once, 1 events an array"]);
        var listed = await Running.ToEnd(["source", "list", .. on]);
        listed.Lines.ShouldHaveSingleItem().ShouldContain("registered");
        listed.Output.ShouldNotContain(token);
        var suspended = await Running.ToEnd(["source", "suspend", "psa", "--reason", "it moves", .. on]);
        suspended.Lines.ShouldHaveSingleItem(suspended.Errors).ShouldEndWith(" psa: suspended");
        await Eventually(client, rotated, 403);
        var refused = await Post(client, Sample.Time("c"), rotated);
        refused.ProblemType.ShouldBe("source-suspended");
        refused.Body.ShouldContain("it moves. Nothing was taken.");
        (await Running.ToEnd(["source", "suspend", "psa", "--reason", "it moves", .. on])).Output
            .ShouldContain("decided so before");
        (await Running.ToEnd(["source", "resume", "psa", "--reason", "moved", .. on])).ExitCode.ShouldBe(0);
        await Eventually(client, rotated, 200);

        var deprecated = await Running.ToEnd(["schema", "deprecate", "time_entry_recorded", "--from", "2026-01-01",
            "--instead", "time_stated", "--reason", "rows say it all", .. on]);
        deprecated.ExitCode.ShouldBe(0, deprecated.Errors);
        const string words =
            "time_entry_recorded is deprecated since 2026-01-01; send time_stated instead: rows say it all";
        for (var i = 0; Warning(await Post(client, Sample.Time($"d{i}"), rotated)) != words; i++)
        {
            i.ShouldBeLessThan(300);
            await Task.Delay(100);
        }

        (await Running.ToEnd(["schema", "list", .. on])).Lines.ShouldBe([words]);
        (await Get(client, "/v1/schemas")).Items
            .Single(s => s.TryGetProperty("deprecated", out _)).GetProperty("type").GetString()
            .ShouldBe("time_entry_recorded");
        (await Running.ToEnd(["source", "revoke", "psa", .. on])).Lines.ShouldBe(["psa: 2 tokens revoked"]);
        await Eventually(client, rotated, 401);
        (await server.Stop()).Errors.ShouldNotContain(token);
    }

    [Fact]
    public async Task A_name_written_wrong_gets_no_token_and_does_not_close_the_ledger()
    {
        await using var database = await TestDatabase.Create(CancellationToken.None);
        string[] on = ["--database", database.ConnectionString];
        foreach (var verb in new[] { "rotate", "revoke" })
        {
            var refused = await Running.ToEnd(["source", verb, "pas", .. on]);
            (refused.ExitCode, refused.Output).ShouldBe((1, ""));
            refused.Errors.ShouldContain("source add pas");
        }

        (await Running.ToEnd(["source", "list", .. on])).Errors.ShouldContain("programs of this machine may state any");
    }

    private static string? Warning(Answer answer) =>
        answer.Json.TryGetProperty("warning", out var words) ? words.GetString() : null;

    private static async Task Eventually(HttpClient client, string token, int status)
    {
        for (var i = 0; (await Post(client, "[]", token)).Status != status; i++)
        {
            i.ShouldBeLessThan(300);
            await Task.Delay(100);
        }
    }

    private static async Task<Answer> Get(HttpClient client, string path)
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
        return await Answer.Of(response);
    }

    private static async Task<Answer> Post(HttpClient client, string body, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/events", UriKind.Relative))
        {
            Content = new StringContent(body, null, "application/json"),
        };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await client.SendAsync(request);
        return await Answer.Of(response);
    }
}
