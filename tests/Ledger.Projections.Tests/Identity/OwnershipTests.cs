using System.Text.Json;
using Ledger.Domain;
using Ledger.Projections.Tests.Lineage;
using NodaTime;

namespace Ledger.Projections.Tests.Identity;

public sealed class OwnershipTests
{
    private static readonly LocalDate April = new(2026, 4, 1);
    private static readonly Ref Uk = new("legal_entity", "erp", "UK");

    private static Story Told(Ref? entity = null) => new Story()
        .Tells("time/psa:1", new TimeEntryRecorded(
            new("resource", Id: "anna"), new(2026, 3, 2), new(8m, Unit.Hour), Activity: "psa's", Note: "psa's")
        {
            Entity = entity,
        })
        .Tells("time/erp:1", new TimeEntryRecorded(
            new("resource", Id: "anna"), new(2026, 3, 2), new(8m, Unit.Hour), Activity: "erp's", Note: "erp's"))
        .Linked("time/psa:1", "time/erp:1", "x");

    private static Story Assigned(Story story, string id, OwnershipAssigned assigned) =>
        story.Says("ledger", $"ownership/{id}", assigned);

    private static (string? Note, string? Activity) Owned(Story story, LocalDate day)
    {
        var composed = story.On(day).Compose(story.On(day).EntityOf("time/psa:1"));
        return (composed.Value<string>("note"), composed.Value<string>("activity"));
    }

    [Fact]
    public void An_assignment_counts_from_its_first_day_to_its_last()
    {
        var story = Assigned(Told(), "1", new("time", [Role.Erp], From: April, To: new(2026, 4, 30)));
        Owned(story, new(2026, 3, 31)).ShouldBe(("psa's", "psa's"));
        Owned(story, April).ShouldBe(("erp's", "erp's"));
        Owned(story, new(2026, 5, 1)).ShouldBe(("psa's", "psa's"));
    }

    [Fact]
    public void A_field_goes_before_its_kind_and_a_later_beginning_before_an_earlier()
    {
        var story = Assigned(Told(), "1", new("time", [Role.Erp]));
        Assigned(story, "2", new("time", [Role.Psa], "note"));
        Owned(story, April).ShouldBe(("psa's", "erp's"));
        Assigned(story, "3", new("time", [Role.Psa], From: April));
        Owned(story, new(2026, 3, 31)).ShouldBe(("psa's", "erp's"));
        Owned(story, April).ShouldBe(("psa's", "psa's"));
        story.Says("ledger", "ownership/3", new OwnershipWithdrawn());
        Owned(story, April).ShouldBe(("psa's", "erp's"));
    }

    [Fact]
    public void One_for_a_legal_entity_goes_before_one_for_all_and_counts_for_no_other()
    {
        var assigned = new OwnershipAssigned("time", [Role.Erp]) { Entity = Uk };
        Owned(Assigned(Told(Uk), "1", assigned), April).Note.ShouldBe("erp's");
        Owned(Assigned(Told(), "1", assigned), April).Note.ShouldBe("psa's");
        Owned(Assigned(Assigned(Told(Uk), "1", assigned), "2", new("time", [Role.Psa], From: April)), April)
            .Note.ShouldBe("erp's");
    }

    [Fact]
    public void Only_the_ledgers_own_word_assigns_and_overrides()
    {
        var story = Told().Says("erp", "ownership/1", new OwnershipAssigned("time", [Role.Erp]))
            .Says("erp", "override/1", new TruthOverridden(
                Speaking.Of("time/psa:1"), "note", Json("\"mine\""), "because"));
        Owned(story, April).ShouldBe(("psa's", "psa's"));
    }

    [Fact]
    public void A_system_registers_itself_and_only_the_ledger_registers_others()
    {
        var story = new Story().Says("erp", "source/psa", new SourceRegistered([Role.Billing]))
            .Says("crm-uk", "source/crm-uk", new SourceRegistered([Role.Km]));
        story.On(April).RolesOf("psa").ShouldBe([Role.Psa]);
        story.On(April).RolesOf("crm-uk").ShouldBe([Role.Km]);
        story.Says("ledger", "source/psa", new SourceRegistered([Role.Erp]));
        story.On(April).RolesOf("psa").ShouldBe([Role.Erp]);
    }

    [Fact]
    public void An_override_counts_for_a_record_told_by_id_and_never_for_a_number()
    {
        var story = new Story().Tells("project/psa:1", new ProjectCreated("Rollout") { Number = "P-100" })
            .Says("ledger", "override/1", new TruthOverridden(
                new("project", Number: "P-100"), "name", Json("\"mine\""), "because"));
        var world = story.On(April);
        world.Compose(world.EntityOf("project/psa:1")).Value<string>("name").ShouldBe("Rollout");
    }

    [Fact]
    public void Where_the_owner_has_no_record_the_next_speaks_and_the_field_says_so()
    {
        var story = Assigned(Told(), "1", new("time", [Role.Billing, Role.Erp]));
        var composed = story.On(April).Compose(story.On(April).EntityOf("time/psa:1"));
        composed.Field("note").ShouldNotBeNull().ShouldSatisfyAllConditions(
            f => f.Value.ShouldBe("erp's"), f => f.OwnerAbsent.ShouldBeTrue(), f => f.By.Source.ShouldBe("erp"));
    }

    [Fact]
    public void A_change_of_ownership_reaches_its_kind_and_one_of_a_registration_its_source()
    {
        var before = Told();
        var then = before.On(April).Firm;
        Assigned(before, "1", new("time", [Role.Erp], From: April));
        var change = before.On(April).Firm.ChangeSince(then, April, April);
        (change.All, change.Kinds.Single(), change.Sources.Count).ShouldBe((false, "time", 0));
        var now = before.On(April).Firm;
        now.ChangeSince(now, April.PlusDays(-1), April).Kinds.ShouldBe(["time"]);
        now.ChangeSince(now, April, April.PlusDays(1)).IsNothing.ShouldBeTrue();

        before.Says("ledger", "source/psa", new SourceRegistered([Role.Billing]));
        before.On(April).Firm.ChangeSince(now, April, April).Sources.ShouldBe(["psa"]);
        before.Tells("legal_entity/erp:UK", new LegalEntityRegistered("UK"));
        before.On(April).Firm.ChangeSince(now, April, April).All.ShouldBeTrue();
    }

    [Fact]
    public void An_override_goes_before_the_owner_and_keeps_what_the_owner_says()
    {
        var story = Told().Says("ledger", "override/1", new TruthOverridden(
            Speaking.Of("time/erp:1"), "note", Json("\"as agreed\""), "the client asked", Json("\"psa's\"")));
        var field = Note(story);
        (field.Value, field.By.Stream, field.Position).ShouldBe(("as agreed", "time/psa:1", 1));
        field.Override.ShouldBe(new("override/ledger:1", 4, "psa's", Changed: false));
        story.On(April).Findings.ShouldBeEmpty();
    }

    [Fact]
    public void When_what_it_overrode_changes_a_finding_says_so()
    {
        foreach (var overrode in new[] { Json("\"psa's\""), null })
        {
            var story = Told().Says("ledger", "override/1", new TruthOverridden(
                    Speaking.Of("time/erp:1"), "note", Json("\"as agreed\""), "the client asked", overrode))
                .Tells("time/psa:1", new TimeEntryCorrected(Note: "corrected"));
            Note(story).Override.ShouldBe(new("override/ledger:1", 4, "corrected", Changed: true));
            story.On(April).Findings.Select(f => (f.Code, f.Entity, f.Part, f.Position)).ShouldBe(
                [("overridden_value_changed", "time/psa:1", "note", 5)]);
        }
    }

    [Fact]
    public void An_override_ends_with_its_last_day_and_a_finding_says_so_until_it_is_withdrawn()
    {
        var story = Told().Says("ledger", "override/1", new TruthOverridden(
            Speaking.Of("time/erp:1"), "note", Json("\"as agreed\""), "because", Until: April.PlusDays(-1)));
        Note(story).Value.ShouldBe("psa's");
        story.On(April).Findings.Select(f => f.Code).ShouldBe(["override_expired"]);
        story.On(April.PlusDays(-1)).Findings.ShouldBeEmpty();
        story.Says("ledger", "override/1", new OverrideWithdrawn());
        story.On(April).Findings.ShouldBeEmpty();
    }

    [Fact]
    public void Of_two_overrides_the_later_counts_and_an_unreadable_one_is_a_finding()
    {
        var story = Told();
        foreach (var (id, field, value) in new[]
            {
                ("1", "note", "\"first\""), ("2", "note", "\"second\""), ("3", "quantity", "\"much\""),
                ("4", "colour", "\"red\""),
            })
            story.Says("ledger", $"override/{id}", new TruthOverridden(
                Speaking.Of("time/erp:1"), field, Json(value), "because"));
        Note(story).Value.ShouldBe("second");
        story.On(April).Findings.Select(f => (f.Code, f.Stream)).ShouldBe(
            [("override_unreadable", "override/ledger:3"), ("override_unreadable", "override/ledger:4")]);
    }

    [Fact]
    public void What_nobody_says_may_be_said_by_an_override()
    {
        var story = new Story().Worked("time/psa:1").Says("ledger", "override/1", new TruthOverridden(
            Speaking.Of("time/psa:1"), "note", Json("\"mine\""), "because"));
        var field = Note(story);
        (field.Value, field.By.Stream, field.Override!.Was).ShouldBe(("mine", "override/ledger:1", null));
    }

    private static EntityField Note(Story story)
    {
        var world = story.On(April);
        return world.Compose(world.EntityOf("time/psa:1")).Field("note").ShouldNotBeNull();
    }

    private static JsonText Json(string text) => JsonText.Of(JsonElement.Parse(text));

    [Fact]
    public void What_an_assignment_changes_of_money_reaches_what_its_documents_cover()
    {
        static InvoiceIssued Billed(decimal amount) => new(
            new(2026, 3, 31), [new("1", Bills: [new(new("time", "psa", "1"), Amount: amount)], Net: amount)],
            Currency: Speaking.Pound, Totals: new(Net: amount, Payable: amount));
        Story Story() => Told().Tells("invoice/billing:1", Billed(100m)).Tells("invoice/erp:1", Billed(60m))
            .Linked("invoice/billing:1", "invoice/erp:1", "y");

        var difference = MoneyBetween.Of(
            Story().On(April), Assigned(Story(), "1", new("invoice", [Role.Erp])).On(April));
        difference.Figures.Select(f => (f.Kind, f.Currency, f.Covered, f.Changed, f.Sum)).ShouldBe(
            [("invoice", "GBP", null, 1L, -40m), ("time", "GBP", "bills", 1L, -40m)]);
        MoneyDifferenceText.Lines(difference).ShouldBe(
            ["1 invoice changes: GBP -40.00", "1 time entry is billed otherwise: GBP -40.00"]);
        MoneyBetween.Of(Story().On(April), Assigned(Story(), "1", new("client", [Role.Crm])).On(April))
            .IsNothing.ShouldBeTrue();
    }
}
