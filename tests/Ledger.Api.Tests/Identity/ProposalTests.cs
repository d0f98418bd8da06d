using System.Text.Json;

namespace Ledger.Api.Tests.Identity;

public sealed class ProposalTests(Door door) : IClassFixture<Door>
{
    private static readonly object Sure = new { reason = "same company, asked them", actor = "i.halden" };

    [Fact]
    public async Task What_looks_like_one_thing_is_proposed_with_what_speaks_for_it()
    {
        var alike = await door.TwoAlike();
        var proposal = (await Proposals(alike, "&kind=client")).ShouldHaveSingleItem();
        proposal.Text("id").ShouldBe(alike.Proposal);
        proposal.Text("kind").ShouldBe("client");
        var confidence = decimal.Parse(proposal.Text("confidence"), System.Globalization.CultureInfo.InvariantCulture);
        confidence.ShouldBeInRange(0.01m, 1m);
        proposal.GetProperty("evidence").EnumerateArray().Select(e => e.Text("words")).ShouldAllBe(w => w.Length > 0);
        new[] { "a", "b" }.Select(side => proposal.GetProperty(side).Text("entity")).Order()
            .ShouldBe(new[] { alike.A, alike.B }.Order());
        (await Proposals(alike, "&kind=invoice")).ShouldBeEmpty();
        (await Proposals(alike, "&min-confidence=1")).Length.ShouldBe(confidence == 1m ? 1 : 0);
        (await door.Get($"/v1/identity/proposals/{alike.Proposal}")).Json.Text("id").ShouldBe(alike.Proposal);
    }

    [Fact]
    public async Task Proposals_come_a_page_at_a_time_the_likeliest_first_and_each_once()
    {
        for (var i = 0; i < 3; i++)
            await door.TwoAlike();
        var position = (await door.TwoAlike()).Position;
        var (seen, confidences) = (new List<string>(), new List<string>());
        var next = "";
        do
        {
            var page = await door.Get($"/v1/identity/proposals?limit=2&at-least={position}{next}");
            page.Items.Length.ShouldBeInRange(0, 2);
            seen.AddRange(page.Items.Select(p => p.Text("id")));
            confidences.AddRange(page.Items.Select(p => p.Text("confidence")));
            var more = page.Json.GetProperty("next");
            next = more.ValueKind == JsonValueKind.Null ? "" : $"&after={more.GetString()}";
        }
        while (next.Length > 0);

        seen.ShouldBeUnique();
        seen.Count.ShouldBeGreaterThanOrEqualTo(4);
        confidences.ShouldBe(confidences.OrderDescending(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_person_confirms_once_and_both_are_one_entity()
    {
        var alike = await Proposed();
        var first = await Decide(alike, "confirm", Sure);
        first.Status.ShouldBe(201, first.Body);
        first.Receipt().Text("verdict").ShouldBe("appended");
        first.Receipt().Text("stream").ShouldBe($"identity/ledger:{alike.Proposal}");
        first.Json.GetProperty("shown").GetBoolean().ShouldBeTrue();
        first.Json.GetProperty("entities").GetProperty("same").GetBoolean().ShouldBeTrue();

        var entity = await door.Entity(alike.B);
        entity.Json.GetProperty("members").EnumerateArray().Select(m => m.GetString()).ShouldBe([alike.A, alike.B]);
        (await Proposals(alike)).ShouldBeEmpty();

        var again = await Decide(alike, "confirm", new { reason = "clicked twice", actor = "i.halden" });
        again.Status.ShouldBe(200, again.Body);
        again.Receipt().Text("verdict").ShouldBe("duplicate");
        again.Receipt().GetProperty("position").GetInt64()
            .ShouldBe(first.Receipt().GetProperty("position").GetInt64());
        var said = (await Link(alike)).ShouldHaveSingleItem();
        (said.Text("type"), said.Text("actor"), said.Text("source")).ShouldBe(("identity_linked", "i.halden", "ledger"));
        said.GetProperty("data").Text("reason").ShouldBe("same company, asked them");
    }

    [Fact]
    public async Task Many_who_confirm_at_once_say_it_once()
    {
        var alike = await Proposed();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Decide(alike, "confirm", Sure)));
        answers.Select(a => a.Status).Order().ShouldBe([200, 200, 200, 200, 200, 200, 200, 201]);
        (await Link(alike)).Length.ShouldBe(1);
        (await door.Get("/v1/conflicts")).Items.ShouldBeEmpty("nobody is in conflict with themselves");
    }

    [Fact]
    public async Task A_person_rejects_and_nobody_is_asked_again_until_another_decides_otherwise()
    {
        var alike = await Proposed();
        var no = new { reason = "two companies of one family", actor = "i.halden", effectiveOn = "2026-01-01" };
        var rejected = await Decide(alike, "reject", no);
        rejected.Status.ShouldBe(201, rejected.Body);
        rejected.Json.GetProperty("entities").GetProperty("same").GetBoolean().ShouldBeFalse();
        (await Decide(alike, "reject", no)).Receipt().Text("verdict").ShouldBe("duplicate");
        (await Proposals(alike)).ShouldBeEmpty();
        (await door.Get($"/v1/identity/proposals/{alike.Proposal}")).ProblemType.ShouldBe("not-found");

        (await Decide(alike, "confirm", Sure)).Status.ShouldBe(201);
        var said = await Link(alike);
        said.Select(e => e.Text("type")).ShouldBe(["identity_proposal_rejected", "identity_linked"]);
        said[0].Text("effectiveOn").ShouldBe("2026-01-01");
        (await door.Entity(alike.B)).Json.GetProperty("members").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task Two_clients_of_one_system_are_to_be_merged_there_or_rejected_and_never_confirmed()
    {
        var alike = await door.TwoAlike("Sergeant Crag Timber");
        var twin = await door.Register("crm", alike.Id + "-b", "Sergeant Crag Timber Ltd");
        var b = $"client/crm:{alike.Id}-b";
        var id = Projections.Identity.Proposal.IdOf(alike.A, b);
        var position = twin.Json.GetProperty("position").GetInt64();
        var proposal = (await door.Get($"/v1/identity/proposals/{id}?at-least={position}")).Json;
        proposal.Text("remedy").ShouldContain("Merge the two in that system");
        (await door.Get($"/v1/identity/proposals/{alike.Proposal}")).Json.TryGetProperty("remedy", out _)
            .ShouldBeFalse("two systems may be joined");

        var refused = await door.Command($"/v1/identity/proposals/{id}/confirm", Sure);
        (refused.Status, refused.ProblemType).ShouldBe((422, "invalid-command"), refused.Body);
        refused.Json.GetProperty("errors")[0].Text("code").ShouldBe("two_live_records", refused.Body);
        (await door.Get($"/v1/streams/identity/ledger:{id}")).Status.ShouldBe(404);
        var merged = await door.Say(
            "crm", "client_merged", $"client/{alike.Id}-b", $"{alike.Id}-merged",
            new { into = new { kind = "client", source = "crm", id = alike.Id } });
        (await door.Entity(b, merged)).Json.GetProperty("members").GetArrayLength().ShouldBe(2);
        (await door.Get($"/v1/identity/proposals/{id}")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task What_was_joined_is_parted_again_and_both_histories_stay()
    {
        var alike = await Proposed();
        await Decide(alike, "confirm", Sure);
        var pair = new { a = alike.B, b = alike.A, reason = "joined by mistake", actor = "i.halden" };
        var parted = await door.Command("/v1/identity/unlink", pair);
        parted.Status.ShouldBe(201, parted.Body);
        parted.Json.GetProperty("entities").GetProperty("same").GetBoolean().ShouldBeFalse();
        (await door.Entity(alike.B)).Json.Text("id").ShouldBe(alike.B);
        (await door.Command("/v1/identity/unlink", pair)).Receipt().Text("verdict").ShouldBe("duplicate");
        (await Link(alike)).Select(e => e.Text("type")).ShouldBe(["identity_linked", "identity_unlinked"]);
    }

    [Fact]
    public async Task A_link_that_a_source_states_is_not_taken_back_for_it_and_the_answer_says_so()
    {
        var alike = await door.TwoAlike();
        var position = await door.Link("crm", alike.A, alike.B);
        (await door.Entity(alike.B, position)).Json.GetProperty("members").GetArrayLength().ShouldBe(2);
        var parted = await door.Command(
            "/v1/identity/unlink", new { a = alike.A, b = alike.B, reason = "not the same", actor = "i.halden" });
        var entities = parted.Json.GetProperty("entities");
        if (entities.GetProperty("same").GetBoolean())
            entities.Text("note").ShouldContain("takes them back");
    }

    [Theory]
    [InlineData("{}", 422, "invalid-command", "")]
    [InlineData("""{"reason":" ","actor":"x"}""", 422, "invalid-command", "/reason")]
    [InlineData("""{"reason":"a","actor":""}""", 422, "invalid-command", "/actor")]
    [InlineData("""{"reason":"a","actor":"x","because":1}""", 422, "invalid-command", "/because")]
    [InlineData("""{"reason":1,"actor":"x"}""", 422, "invalid-command", "/reason")]
    [InlineData("""{"reason":"a","actor":"x","effectiveOn":"soon"}""", 422, "invalid-command", "/effectiveOn")]
    [InlineData("""{"reason":"a\u0000","actor":"x"}""", 422, "invalid-command", null)]
    [InlineData("[]", 422, "invalid-command", "")]
    [InlineData("{", 400, "not-json", null)]
    public async Task A_command_that_is_not_as_it_should_be_says_where_and_decides_nothing(
        string body, int status, string type, string? pointer)
    {
        var alike = await Proposed();
        var answer = await Decide(alike, "confirm", body);
        answer.Status.ShouldBe(status, answer.Body);
        answer.ProblemType.ShouldBe(type);
        if (pointer is not null)
            answer.Json.GetProperty("errors")[0].Text("pointer").ShouldBe(pointer, answer.Body);
        (await door.Get($"/v1/streams/identity/ledger:{alike.Proposal}")).Status.ShouldBe(404);
        (await door.Get("/v1/rejects")).Items.ShouldBeEmpty("what a person types wrong is nobody's reject");
    }

    [Fact]
    public async Task Two_records_that_nobody_proposed_are_joined_and_parted_again()
    {
        var (one, other) = (await door.TwoAlike(), await door.TwoAlike());
        (await door.Entity(one.A, Math.Max(one.Position, other.Position))).Status.ShouldBe(200);
        var said = new { a = one.A, b = other.B, reason = "asked the client", actor = "i.halden" };
        var joined = await door.Command("/v1/identity/link", said);
        joined.Status.ShouldBe(201, joined.Body);
        joined.Json.GetProperty("entities").GetProperty("same").GetBoolean().ShouldBeTrue(joined.Body);
        (await door.Command("/v1/identity/link", said)).Receipt().Text("verdict").ShouldBe("duplicate");
        var parted = await door.Command("/v1/identity/unlink", said);
        parted.Json.GetProperty("entities").GetProperty("same").GetBoolean().ShouldBeFalse(parted.Body);
        foreach (var (a, b) in new[] { (one.A, one.A), (one.A, "client/erp:nobody"), ("client/erp:nobody", one.A) })
            (await door.Command("/v1/identity/link", new { a, b, reason = "x", actor = "x" })).Status.ShouldBe(422);
    }

    [Fact]
    public async Task What_is_not_proposed_or_not_joined_cannot_be_decided()
    {
        var none = await door.Command("/v1/identity/proposals/0123456789abcdef/confirm", Sure);
        (none.Status, none.ProblemType).ShouldBe((404, "not-found"));
        none.Json.Text("detail").ShouldContain("/v1/identity/proposals");
        var alike = await door.TwoAlike();
        (await door.Entity(alike.A, alike.Position)).Status.ShouldBe(200);
        var apart = await door.Command(
            "/v1/identity/unlink", new { a = alike.A, b = alike.B, reason = "x", actor = "x" });
        (apart.Status, apart.ProblemType).ShouldBe((422, "invalid-command"));
        foreach (var (a, b) in new[] { (alike.A, alike.A), (alike.A, "invoice/billing:1"), ("nothing", alike.A) })
            (await door.Command("/v1/identity/unlink", new { a, b, reason = "x", actor = "x" })).Status.ShouldBe(422);
    }

    [Theory]
    [InlineData("kind=nothing")]
    [InlineData("min-confidence=2")]
    [InlineData("min-confidence=-1")]
    [InlineData("after=zzz")]
    [InlineData("limit=0")]
    public async Task A_list_that_is_asked_for_wrong_is_refused(string query) =>
        (await door.Get("/v1/identity/proposals?" + query)).ProblemType.ShouldBe("invalid-parameter");

    [Fact]
    public async Task A_decision_sent_again_under_its_key_is_answered_as_it_was()
    {
        var alike = await Proposed();
        var path = $"/v1/identity/proposals/{alike.Proposal}/confirm";
        var first = await door.Command(path, Sure, $"\"{alike.Proposal}\"");
        var again = await door.Command(path, Sure, $"\"{alike.Proposal}\"");
        (again.Status, again.Body).ShouldBe((201, first.Body));
        again.Headers.GetValues(Once.Replayed).ShouldBe(["true"]);
    }

    /// <summary>Two alike, once they are proposed.</summary>
    private async Task<Alike> Proposed()
    {
        var alike = await door.TwoAlike();
        (await Proposals(alike)).Length.ShouldBe(1);
        return alike;
    }

    private async Task<JsonElement[]> Proposals(Alike alike, string more = "") =>
        (await door.Get(
            $"/v1/identity/proposals?entity={Uri.EscapeDataString(alike.A)}&at-least={alike.Position}{more}")).Items;

    private Task<Answer> Decide(Alike alike, string verdict, object body) =>
        door.Command($"/v1/identity/proposals/{alike.Proposal}/{verdict}", body);

    /// <summary>What people said of the pair.</summary>
    private async Task<JsonElement[]> Link(Alike alike) =>
        [.. (await door.Get($"/v1/streams/identity/ledger:{alike.Proposal}")).Json.GetProperty("events").EnumerateArray()];
}
