using System.Text.Json;
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
        var kept = await new SignOffKeeper(decisions, new(world), door.Ledger.Source)
            .Keep(false, CancellationToken.None);
        await door.Ledger.Projector.WaitFor(
            await door.Ledger.Store.Position(CancellationToken.None), CancellationToken.None);
        return kept.Suspended;
    }
}
