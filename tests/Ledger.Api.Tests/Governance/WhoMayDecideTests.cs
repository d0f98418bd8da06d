using Ledger.Store;

namespace Ledger.Api.Tests.Governance;

/// <summary>Of a door of its own: once it has a token it is closed for ever.</summary>
public sealed class WhoMayDecideTests(Door door) : IClassFixture<Door>
{
    private static readonly object Body = new { of = "client", roles = new[] { "crm" }, actor = "x", reason = "x" };

    [Fact]
    public async Task Only_the_ledgers_own_token_decides_in_its_name()
    {
        (await door.Command("/v1/ownership?dry-run=true", Body)).Status.ShouldBe(200, "no token was ever made");
        var writers = new Writers(door.Ledger.Source);
        var psa = (await writers.Admit("psa", CancellationToken.None))!;
        var own = (await writers.Admit("ledger", CancellationToken.None))!;
        var commands = new (HttpMethod Method, string Path)[]
        {
            (HttpMethod.Post, "/v1/ownership"), (HttpMethod.Post, "/v1/overrides"),
            (HttpMethod.Post, "/v1/identity/unlink"), (HttpMethod.Post, "/v1/identity/proposals/0/confirm"),
            (HttpMethod.Post, "/v1/identity/proposals/0/reject"), (HttpMethod.Delete, "/v1/ownership/client"),
            (HttpMethod.Delete, "/v1/overrides/0"),
        };
        for (var i = 0; (await door.Command("/v1/ownership?dry-run=true", Body)).Status != 401; i++)
        {
            i.ShouldBeLessThan(300);
            await Task.Delay(100);
        }

        foreach (var (method, path) in commands)
        {
            var body = method == HttpMethod.Post ? Body : null;
            (await door.Send(method, path, body)).ProblemType.ShouldBe("unauthenticated", path);
            (await door.Send(method, path, body, psa)).ProblemType.ShouldBe("not-your-source", path);
        }

        (await door.Send(HttpMethod.Post, "/v1/ownership", Body, own)).Status.ShouldBe(201);
        (await door.Get("/v1/ownership")).Items.Length.ShouldBe(1, "reading needs no token");
    }
}
