using System.Text.Json;
using Ledger.Api.Pages;
using Ledger.Api.Tests.Exceptions;

namespace Ledger.Api.Tests.SignOffs;

public sealed class SignOffTests(Door door) : IClassFixture<Door>
{
    [Fact]
    public async Task Finance_signs_a_period_a_late_word_suspends_it_and_it_is_signed_again()
    {
        await door.PostedOff("77");
        await door.KeepExceptions();
        var tried = await Sign("2026-03", dryRun: true);
        tried.Status.ShouldBe(200, tried.Body);
        (tried.Json.GetProperty("records").GetInt32(), tried.Json.GetProperty("open").GetInt32()).ShouldBe((2, 1));
        var open = tried.Json.GetProperty("classes").EnumerateArray().ShouldHaveSingleItem();
        (open.Text("class"), open.Text("amount"), open.Text("currency")).ShouldBe(("amount", "40", "GBP"));
        tried.Json.GetProperty("items").EnumerateArray().Single().Text("sentence").ShouldContain("N-77");
        (await door.Get("/v1/sign-offs/" + tried.Json.Text("id"))).Status.ShouldBe(404, "nothing was signed yet");

        var signed = await Sign("2026-03", tried.Json.GetProperty("position").GetInt64());
        signed.Receipt().Text("verdict").ShouldBe("appended");
        (await Sign("2026-03")).Receipt().Text("verdict").ShouldBe("duplicate", "it stands");
        (await door.KeepSignOffs()).ShouldBe(0);
        var path = "/v1/sign-offs/" + tried.Json.Text("id");
        var now = (await door.Get(path)).Json;
        (now.Text("status"), now.Text("from"), now.Text("to"), now.Text("by"))
            .ShouldBe(("signed", "2026-03-01", "2026-03-31", "cfo"));
        now.GetProperty("open").EnumerateArray().Single().GetProperty("exceptions").GetInt32().ShouldBe(1);
        Convert.FromBase64String(now.Text("root")).Length.ShouldBe(32);
        now.GetProperty("breaks").GetInt32().ShouldBe(tried.Json.GetProperty("breaks").GetInt32());

        await door.PostedRight("77");
        (await Task.WhenAll(door.KeepSignOffs(), door.KeepSignOffs())).Max().ShouldBe(1);
        now = (await door.Get(path)).Json;
        now.Text("status").ShouldBe("suspended");
        now.GetProperty("suspension").Text("stream").ShouldBe("posting/erp:P-77");
        now.GetProperty("suspension").Text("event").ShouldBe("posting_recorded");
        (await Events(now)).ShouldBe(2, "two at once say it once");
        (await door.KeepSignOffs()).ShouldBe(0);

        (await Sign("2026-03")).Receipt().Text("verdict").ShouldBe("appended");
        now = (await door.Get(path)).Json;
        (now.Text("status"), now.GetProperty("signed").GetInt32()).ShouldBe(("signed", 2));
        now.TryGetProperty("suspension", out _).ShouldBeFalse();
        (await door.Get("/v1/sign-offs?status=suspended")).Items.ShouldAllBe(s => s.Text("from") != "2026-03-01");
    }

    [Fact]
    public async Task What_changed_since_it_was_looked_at_is_not_signed()
    {
        await door.PostedOff("67", 2025);
        await door.KeepSignOffs();
        var seen = (await Sign("2025-03", dryRun: true)).Json.GetProperty("position").GetInt64();
        await door.PostedRight("67", 2025);
        await door.KeepSignOffs();
        var refused = await Sign("2025-03", seen);
        (refused.Status, refused.ProblemType).ShouldBe((422, "invalid-command"));
        var why = refused.Json.GetProperty("errors")[0];
        (why.Text("pointer"), why.Text("code")).ShouldBe(("/position", "changed_since"));
        why.Text("detail").ShouldContain("posting/erp:P-67");
        (await Sign("2024-03", seen)).Status.ShouldBe(201, "another scope is as it was");
    }

    [Fact]
    public async Task What_was_signed_before_something_came_is_suspended_after_a_restart_too()
    {
        await door.PostedOff("57", 2023);
        await door.KeepSignOffs();
        (await Sign("2023-03")).Status.ShouldBe(201);
        await door.PostedRight("57", 2023);
        (await door.KeepSignOffs()).ShouldBeGreaterThan(0, "whoever begins anew looks from where it was signed");
    }

    [Fact]
    public async Task Says_up_to_which_event_the_server_looked()
    {
        await door.PostedOff("47", 2022);
        await door.KeepSignOffs();
        var seen = (await Sign("2022-03", dryRun: true)).Json.GetProperty("position").GetInt64();
        (await Sign("2022-03")).Status.ShouldBe(201);
        (await door.Get("/v1/sign-offs")).Json.GetProperty("lookedAt").GetInt64().ShouldBeGreaterThanOrEqualTo(seen);
    }

    [Fact]
    public void A_sign_off_is_shown_as_behind_where_something_came_that_nobody_looked_at()
    {
        var signed = new SignOffAnswer(
            "1", "signed", null, null, "2026-03-01", "2026-03-31", "closed", "cfo", null, 3, 0, [], 0, 0, null, 1, null,
            "sign_off/ledger:1", 4, 4);
        IsBehind(signed, 9, 9).ShouldBeFalse();
        IsBehind(signed, 8, 9).ShouldBeTrue();
        IsBehind(signed, null, 9).ShouldBeTrue();
        IsBehind(signed with { Suspension = new(5, "time/psa:1", "x", "y") }, 8, 9).ShouldBeFalse("it says so itself");
    }

    [Fact]
    public async Task A_period_that_means_other_days_for_another_legal_entity_is_not_signed_for_the_whole_firm()
    {
        await Opened("UK", "2021-01-01", "2021-01-31");
        await Opened("DE", "2021-01-01", "2021-01-24");
        await door.KeepSignOffs();
        var refused = await Sign("P1");
        (refused.Status, refused.Json.GetProperty("errors")[0].Text("code")).ShouldBe((422, "ambiguous"));
        var ofOne = await door.Command(
            "/v1/sign-offs?dry-run=true",
            new
            {
                reason = "closed", actor = "cfo", period = "P1",
                entity = new { kind = "legal_entity", source = "erp", id = "DE" },
            });
        ofOne.Status.ShouldBe(200, ofOne.Body);
        (ofOne.Json.Text("from"), ofOne.Json.Text("to")).ShouldBe(("2021-01-01", "2021-01-24"));
    }

    [Theory]
    [InlineData("""{"reason":"x","actor":"a"}""", "/period")]
    [InlineData("""{"reason":"x","actor":"a","period":"March"}""", "/period")]
    [InlineData("""{"reason":"x","actor":"a","period":"2026-03","from":"2026-03-01"}""", "/period")]
    [InlineData("""{"reason":"x","actor":"a","from":"2026-03-02","to":"2026-03-01"}""", "/to")]
    [InlineData("""{"reason":" ","actor":"a","period":"2026-03"}""", "/reason")]
    [InlineData("""{"reason":"x","actor":"a","period":"2026-03","position":999999}""", "/position")]
    [InlineData("""{"reason":"x","actor":"a","period":"2026-03","entity":{"kind":"client","source":"erp","id":"1"}}""",
        "/entity")]
    [InlineData("""{"reason":"x","actor":"a","period":"2026-03","entity":{"kind":"legal_entity","source":"erp","id":"?"}}""",
        "/entity")]
    public async Task What_cannot_be_signed_is_told(string body, string pointer)
    {
        var answer = await door.Send(HttpMethod.Post, "/v1/sign-offs", body);
        (answer.Status, answer.Json.GetProperty("errors")[0].Text("pointer")).ShouldBe((422, pointer));
    }

    [Fact]
    public async Task What_is_not_there_is_told()
    {
        (await door.Get("/v1/sign-offs/0123456789abcdef")).Status.ShouldBe(404);
        (await door.Get("/v1/sign-offs?status=open")).ProblemType.ShouldBe("invalid-parameter");
    }

    private static bool IsBehind(SignOffAnswer signed, long? lookedAt, long position) => new SignOffsModel(
        new(new Projections.World(position, new(2026, 4, 1), [])), [signed], null, Typed.Nothing, null, false, lookedAt)
        .IsBehind;

    private async Task Opened(string entity, string from, string to)
    {
        var opened = await door.Post(JsonSerializer.Serialize(new
        {
            id = "opened-" + entity, source = "erp", type = "period_opened", subject = "period/" + entity,
            time = "2021-01-01T00:00:00Z",
            data = new { period = "P1", from, to, entity = new { kind = "legal_entity", source = "erp", id = entity } },
        }));
        opened.Verdict.ShouldBe("appended", opened.Body);
    }

    private async Task<int> Events(JsonElement signOff)
    {
        var id = Uri.EscapeDataString("ledger:" + signOff.Text("id"));
        return (await door.Get($"/v1/streams/sign_off/{id}")).Json.GetProperty("events").GetArrayLength();
    }

    private Task<Answer> Sign(string period, long? position = null, bool dryRun = false) => door.Command(
        "/v1/sign-offs" + (dryRun ? "?dry-run=true" : ""),
        position is null
            ? new { reason = "closed", actor = "cfo", period }
            : new { reason = "closed", actor = "cfo", period, position });
}

internal static class Keeping
{
    /// <summary>What the server does by itself, now, as one that has just begun.</summary>
    /// <returns>How many it would have suspended.</returns>
    public static async Task<int> KeepSignOffs(this Door door)
    {
        await door.Ledger.Projector.WaitFor(
            await door.Ledger.Store.Position(CancellationToken.None), CancellationToken.None);
        using var decisions = new Decisions(door.Ledger.Store, door.Ledger.Intake);
        using var world = new Projections.LiveWorld(door.Ledger.Source);
        using var drift = new Projections.Drift.LiveDrift(door.Ledger.Source, door.Ledger.Store);
        var kept = await new SignOffKeeper(decisions, new(world, drift), door.Ledger.Source)
            .Keep(false, CancellationToken.None);
        await door.Ledger.Projector.WaitFor(
            await door.Ledger.Store.Position(CancellationToken.None), CancellationToken.None);
        return kept.Suspended;
    }
}
