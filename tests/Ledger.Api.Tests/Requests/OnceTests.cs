using System.Text;
using Ledger.Store;
using NodaTime;
using Npgsql;

namespace Ledger.Api.Tests.Requests;

public sealed class OnceTests(Door door) : IClassFixture<Door>
{
    private static readonly byte[] Request = new byte[32];

    [Fact]
    public async Task A_command_that_comes_again_is_answered_as_it_was_and_not_done_again()
    {
        await door.Post(Sample.Time(Sample.NewId()));
        var first = await Run("\"a1\"");
        first.Status.ShouldBe(201, first.Body);
        await door.Post(Sample.Time(Sample.NewId()));
        var again = await Run("\"a1\"");
        (again.Status, again.Body, again.Media).ShouldBe((first.Status, first.Body, first.Media));
        again.Headers.Location.ShouldBe(first.Headers.Location);
        again.Headers.GetValues("Ledger-Position").ShouldBe(first.Headers.GetValues("Ledger-Position"));
        again.Headers.GetValues(Once.Replayed).ShouldBe(["true"]);
        first.Headers.Contains(Once.Replayed).ShouldBeFalse();
        (await Run("a1")).Body.ShouldBe(first.Body, "clients send it without quotes");
        (await Run("\"a2\"")).Body.ShouldNotBe(first.Body);
        (await Run(null)).Body.ShouldNotBe(first.Body);
    }

    [Fact]
    public async Task A_key_that_comes_with_another_command_is_422()
    {
        (await Run("b", "{\"asOf\":0}")).Status.ShouldBe(201);
        var other = await Run("b", "{\"asOf\": 0}");
        other.Status.ShouldBe(422);
        other.ProblemType.ShouldBe("command-key-reused");
    }

    [Fact]
    public async Task A_reject_that_is_sent_again_twice_under_one_key_is_sent_once()
    {
        var id = Sample.NewId();
        var refused = await door.Post(Sample.Time(id, minutes: "ninety"));
        var reject = refused.Json.GetProperty("problem").GetProperty("reject").GetInt64();
        var first = await Run("g", Sample.Time(id), $"/v1/rejects/{reject}/resubmit");
        first.Verdict.ShouldBe("appended", first.Body);
        var again = await Run("g", Sample.Time(id), $"/v1/rejects/{reject}/resubmit");
        (again.Status, again.Body).ShouldBe((first.Status, first.Body), "not a duplicate: the first answer");
    }

    [Fact]
    public async Task What_was_refused_is_refused_again()
    {
        var refused = await Run("c", "{\"asOf\":1000000}");
        refused.Status.ShouldBe(400);
        var again = await Run("c", "{\"asOf\":1000000}");
        (again.Status, again.Body).ShouldBe((400, refused.Body));
        again.ProblemType.ShouldBe("invalid-parameter");
        again.Headers.Contains(Once.Replayed).ShouldBeTrue();
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"\"")]
    [InlineData("\"a")]
    [InlineData("\"a\\")]
    [InlineData("\"a\"b\"")]
    [InlineData("\"a\\n\"")]
    [InlineData("a\tb")]
    public async Task A_key_that_is_none_is_400(string key)
    {
        var answer = await Run(key);
        answer.Status.ShouldBe(400, answer.Body);
        answer.ProblemType.ShouldBe("invalid-parameter");
        (await Run(new string('x', 256))).Status.ShouldBe(400);
        (await Run(new string('x', 255))).Status.ShouldBe(201);
    }

    [Theory]
    [InlineData("\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", "8e03978e-40d5-43dd-bc93-6894a57f9324")]
    [InlineData("\"with \\\"quotes\\\" and \\\\\"", "with \"quotes\" and \\")]
    [InlineData(" plain ", "plain")]
    [InlineData("a\"b", "a\"b")]
    public void Reads_keys_in_quotes_and_without(string given, string key)
    {
        Once.TryKey(given, out var read).ShouldBeTrue();
        read.ShouldBe(key);
    }

    [Fact]
    public async Task A_command_under_way_is_409_for_others_and_free_again_when_its_process_dies()
    {
        await using var source = NpgsqlDataSource.Create(door.ConnectionString);
        var commands = new KeyedCommands(source);
        var begun = await Begun(commands, "ann", "d");
        (await commands.Begin("ann", "d", Request, default)).ShouldBeOfType<CommandInFlight>();
        (await commands.Begin("ann", "d", new byte[32].Select(_ => (byte)1).ToArray(), default))
            .ShouldBeOfType<CommandKeyReused>();
        await using (await Begun(commands, "ben", "d"))
        {
            // Another caller's keys are others.
        }

        await using (var kill = source.CreateCommand("""
            select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid in (select pid from pg_locks where locktype = 'advisory')
            """))
            await kill.ExecuteNonQueryAsync();
        NpgsqlConnection.ClearAllPools();
        var next = await Begun(commands, "ann", "d");
        await next.Answer(new(201, "{}", "done"u8.ToArray()), default);
        await next.DisposeAsync();
        await begun.DisposeAsync();
        var answered = (await commands.Begin("ann", "d", Request, default)).ShouldBeOfType<CommandAnswered>();
        Encoding.UTF8.GetString(answered.Answer.Body.Span).ShouldBe("done");
    }

    [Fact]
    public async Task Of_many_that_come_at_once_one_is_done_and_the_others_wait_or_repeat_it()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Run("e")));
        foreach (var answer in answers)
            answer.Status.ShouldBeOneOf(201, 409);
        answers.Where(answer => answer.Status == 201).Select(answer => answer.Body).Distinct().Count().ShouldBe(1);
        answers.Where(answer => answer.Status == 409).ShouldAllBe(answer => answer.ProblemType == "command-in-flight");
    }

    [Fact]
    public async Task Answers_are_kept_for_a_day_at_least_and_then_forgotten()
    {
        await using var source = NpgsqlDataSource.Create(door.ConnectionString);
        var then = Instant.FromUtc(2026, 1, 1, 0, 0);
        var now = then;
        var commands = new KeyedCommands(source, () => now);
        await using (var begun = await Begun(commands, "old", "f"))
            await begun.Answer(new(200, "{}", default), default);
        now = then + Duration.FromHours(25);
        (await commands.Begin("old", "f", Request, default)).ShouldBeOfType<CommandAnswered>();
        now = then + Duration.FromHours(49);
        await using var afresh = await Begun(commands, "old", "f");
    }

    private static async Task<CommandBegun> Begun(KeyedCommands commands, string caller, string key) =>
        (await commands.Begin(caller, key, Request, default)).ShouldBeOfType<CommandBegun>();

    private async Task<Answer> Run(string? key, string body = "", string path = "/v1/drift/runs")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(door.Address, path));
        if (body.Length > 0)
            request.Content = new StringContent(body, null, "application/json");
        if (key is not null)
            request.Headers.TryAddWithoutValidation(Once.Header, key);
        using var response = await door.Client.SendAsync(request);
        return await Answer.Of(response);
    }
}
