using System.Text.Json;

namespace Ledger.Api.Tests.Coverage;

public sealed class CoverageProposalTests(Door door) : IClassFixture<Door>
{
    private static readonly object Sure = new { reason = "remittance advice of 20 April", actor = "i.halden" };

    [Fact]
    public async Task What_a_payment_may_settle_is_proposed_with_how_much_of_each()
    {
        var bill = await door.Paid([100m, 250m, 475m]);
        var proposal = (await Proposals(bill, "&kind=payment")).ShouldHaveSingleItem();
        (proposal.Text("rel"), proposal.Text("amount"), proposal.Text("currency")).ShouldBe(("settles", "350", "GBP"));
        proposal.GetProperty("from").Text("entity").ShouldBe(bill.Payment);
        Covers(proposal).ShouldBe([(bill.Invoices[0], "100"), (bill.Invoices[1], "250")]);
        proposal.GetProperty("evidence").EnumerateArray().Select(e => e.Text("words"))
            .ShouldBe(["350.00 GBP is what is left of the 2 together", "one client"]);
        (await Proposals(bill, "&kind=posting")).ShouldBeEmpty();
        (await Proposals(bill, "&min-confidence=0.99")).ShouldBeEmpty();
        var id = proposal.Text("id");
        (await door.Get($"/v1/coverage/proposals/{id}")).Json.Text("id").ShouldBe(id);
        (await door.Get($"/v1/coverage/proposals?entity={Uri.EscapeDataString(bill.Invoices[1])}")).Items
            .ShouldHaveSingleItem().Text("id").ShouldBe(id);
    }

    [Fact]
    public async Task A_person_confirms_and_each_document_is_settled_by_a_confirmed_word()
    {
        var bill = await door.Paid([100m, 250m, 475m]);
        var id = (await Proposals(bill)).ShouldHaveSingleItem().Text("id");
        var first = await Decide(id, "confirm", Sure);
        first.Status.ShouldBe(201, first.Body);
        first.Json.GetProperty("shown").GetBoolean().ShouldBeTrue();
        (await Proposals(bill)).ShouldBeEmpty();
        var said = await Said(id);
        (said[0].Text("type"), said[0].Text("actor"), said[0].Text("source"))
            .ShouldBe(("coverage_stated", "i.halden", "ledger"));
        said[0].GetProperty("data").Text("reason").ShouldBe("remittance advice of 20 April");
        (await Said(id + "-2"))[0].GetProperty("data").Text("amount").ShouldBe("250");
        (await door.Rows(
            $"""
             select to_entity, rel, amount, basis, live from views.coverage where from_entity = '{bill.Payment}' order by 1
             """)).ShouldBe([
                $"{bill.Invoices[0]}|settles|100|confirmed|True", $"{bill.Invoices[1]}|settles|250|confirmed|True",
            ]);

        var again = await Decide(id, "confirm", Sure);
        (again.Status, again.Receipt().Text("verdict")).ShouldBe((200, "duplicate"));
    }

    [Fact]
    public async Task A_person_rejects_and_nobody_is_asked_again_until_another_decides_otherwise()
    {
        var bill = await door.Paid([100m, 250m]);
        var id = (await Proposals(bill)).ShouldHaveSingleItem().Text("id");
        var no = new { reason = "a deposit for next year", actor = "i.halden" };
        (await Decide(id, "reject", no)).Status.ShouldBe(201);
        (await Proposals(bill)).ShouldBeEmpty();
        (await door.Get($"/v1/coverage/proposals/{id}")).ProblemType.ShouldBe("not-found");
        (await Decide(id, "reject", no)).Receipt().Text("verdict").ShouldBe("duplicate");

        (await Decide(id, "confirm", Sure)).Status.ShouldBe(201);
        (await Settled(bill)).ShouldBe(2);
        (await Decide(id, "reject", no)).Status.ShouldBe(201);
        (await Settled(bill)).ShouldBe(0, "what was confirmed is taken back");
        (await Said(id)).Select(e => e.Text("type")).ShouldBe(
            ["coverage_proposal_rejected", "coverage_stated", "coverage_proposal_rejected"]);
        (await Said(id + "-2")).Select(e => e.Text("type")).ShouldBe(["coverage_stated", "coverage_withdrawn"]);
        (await Proposals(bill)).ShouldBeEmpty("it stands rejected");
    }

    [Fact]
    public async Task Many_who_confirm_at_once_say_it_once()
    {
        var bill = await door.Paid([10m, 25m]);
        var id = (await Proposals(bill)).ShouldHaveSingleItem().Text("id");
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Decide(id, "confirm", Sure)));
        answers.Select(a => a.Status).Order().ShouldBe([200, 200, 200, 200, 200, 201]);
        (await Said(id)).Length.ShouldBe(1);
        (await door.Get("/v1/conflicts")).Items.ShouldBeEmpty("nobody is in conflict with themselves");
    }

    [Fact]
    public async Task Proposals_come_a_page_at_a_time_the_likeliest_first_and_each_once()
    {
        var position = 0L;
        for (var i = 0; i < 4; i++)
            position = (await door.Paid([100m + i])).Position;
        var (seen, confidences) = (new List<string>(), new List<string>());
        var next = "";
        do
        {
            var page = await door.Get($"/v1/coverage/proposals?limit=2&at-least={position}{next}");
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
    public async Task What_is_not_proposed_or_asked_for_wrong_is_refused()
    {
        var none = await Decide("0123456789abcdef", "confirm", Sure);
        (none.Status, none.ProblemType).ShouldBe((404, "not-found"));
        (await Decide("0123456789abcdef", "reject", Sure)).Status.ShouldBe(404);
        var bill = await door.Paid([77m]);
        var id = (await Proposals(bill)).ShouldHaveSingleItem().Text("id");
        (await Decide(id, "confirm", new { reason = " ", actor = "x" })).Status.ShouldBe(422);
        foreach (var query in new[] { "kind=client", "min-confidence=2", "after=zzz", "limit=0" })
            (await door.Get("/v1/coverage/proposals?" + query)).ProblemType.ShouldBe("invalid-parameter", query);
    }

    private async Task<JsonElement[]> Proposals(Bill bill, string more = "") => (await door.Get(
        $"/v1/coverage/proposals?entity={Uri.EscapeDataString(bill.Payment)}&at-least={bill.Position}{more}")).Items;

    private async Task<int> Settled(Bill bill) => (await door.Rows(
        $"select to_entity from views.coverage where from_entity = '{bill.Payment}' and live")).Count;

    private Task<Answer> Decide(string id, string verdict, object body) =>
        door.Command($"/v1/coverage/proposals/{id}/{verdict}", body);

    private async Task<JsonElement[]> Said(string id) =>
        [.. (await door.Get($"/v1/streams/coverage/ledger:{id}")).Json.GetProperty("events").EnumerateArray()];

    private static IEnumerable<(string, string)> Covers(JsonElement proposal) =>
        proposal.GetProperty("covers").EnumerateArray()
            .Select(c => (c.GetProperty("to").Text("entity"), c.Text("amount")));
}
