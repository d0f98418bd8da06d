using System.Text;
using Ledger.Store;
using Npgsql;

namespace Ledger.Api.Tests.Aside;

/// <summary>Whose rejects and conflicts a request with a source's token sees.</summary>
public sealed class OwnerTests(Door door) : IClassFixture<Door>
{
    [Fact]
    public async Task A_source_with_its_token_sees_and_sends_again_only_what_is_its_own()
    {
        var time = Sample.NewId();
        var psa = await Refused(Sample.Time(time, minutes: "ninety"));
        var crm = await Refused(Sample.ClientStated(Sample.NewId(), Sample.NewId(), "A").Replace("\"A\"", "7", default));
        await door.Post(Sample.Time(Sample.NewId() + "-c"));
        var twice = Sample.NewId();
        await door.Post(Sample.Time(twice));
        await door.Post(Sample.Time(twice, minutes: "1"));
        await using var source = NpgsqlDataSource.Create(door.ConnectionString);
        var token = (await new Writers(source).Admit("psa", CancellationToken.None))!;
        var other = (await new Writers(source).Admit("crm", CancellationToken.None))!;

        var mine = await Eventually(() => Send(HttpMethod.Get, "/v1/rejects", token), answer => answer.Items.Length == 1);
        mine.Items.Single().GetProperty("number").GetInt64().ShouldBe(psa);
        (await Send(HttpMethod.Get, "/v1/rejects?source=crm", token)).Items.ShouldBeEmpty();
        (await Send(HttpMethod.Get, $"/v1/rejects/{crm}", token)).Status.ShouldBe(404);
        (await Send(HttpMethod.Get, "/v1/conflicts", token)).Items.Single().GetProperty("id").GetString().ShouldBe(twice);
        (await Send(HttpMethod.Get, "/v1/conflicts", other)).Items.ShouldBeEmpty();

        (await Send(HttpMethod.Post, $"/v1/rejects/{psa}/resubmit", null)).Status.ShouldBe(401);
        (await Send(HttpMethod.Post, $"/v1/rejects/{psa}/resubmit", other, Sample.Time(time))).Status.ShouldBe(404);
        var stolen = Sample.ClientStated(Sample.NewId(), Sample.NewId(), "Acme");
        (await Send(HttpMethod.Post, $"/v1/rejects/{psa}/resubmit", token, stolen)).Status.ShouldBe(403);
        (await Send(HttpMethod.Get, $"/v1/rejects/{psa}", token)).Json.GetProperty("settled").ValueKind
            .ShouldBe(System.Text.Json.JsonValueKind.Null);
        (await Send(HttpMethod.Post, $"/v1/rejects/{psa}/resubmit", token, Sample.Time(time))).Status.ShouldBe(201);
    }

    private async Task<long> Refused(string body) =>
        (await door.Post(body)).Json.GetProperty("problem").GetProperty("reject").GetInt64();

    /// <summary>What another process changes is known shortly after.</summary>
    private static async Task<Answer> Eventually(Func<Task<Answer>> ask, Func<Answer, bool> isSo)
    {
        for (var i = 0; ; i++)
        {
            if (await ask() is var answer && isSo(answer))
                return answer;
            i.ShouldBeLessThan(300, "it never came to be so");
            await Task.Delay(100);
        }
    }

    private async Task<Answer> Send(HttpMethod method, string path, string? token, string body = "")
    {
        using var request = new HttpRequestMessage(method, new Uri(door.Address, path));
        if (method == HttpMethod.Post)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        using var response = await door.Client.SendAsync(request);
        return await Answer.Of(response);
    }
}
