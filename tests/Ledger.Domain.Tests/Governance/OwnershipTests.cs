using System.Text;
using System.Text.Json;
using NodaTime;
using static Ledger.Domain.Tests.Telling;

namespace Ledger.Domain.Tests;

public sealed class OwnershipTests
{
    private static readonly Ref Invoice = new("invoice", "billing", "7");

    [Fact]
    public void An_assignment_counts_from_its_first_day_to_its_last_and_until_it_is_withdrawn()
    {
        var assigned = new OwnershipAssigned("invoice", [Role.Erp], "taxes", new(2026, 2, 1), new(2026, 3, 31));
        var state = Of<OwnershipAssignment>(assigned);
        new[] { new LocalDate(2026, 1, 31), new(2026, 2, 1), new(2026, 3, 31), new(2026, 4, 1) }
            .Select(state.IsInForce).ShouldBe([false, true, true, false]);
        Of<OwnershipAssignment>(assigned, new OwnershipWithdrawn()).IsInForce(new(2026, 3, 1)).ShouldBeFalse();
        Pending<OwnershipAssignment>(new OwnershipWithdrawn()).ShouldBe([1]);
    }

    [Fact]
    public void An_assignment_says_all_of_it_anew()
    {
        var state = Of<OwnershipAssignment>(
            new OwnershipAssigned("invoice", [Role.Erp], "taxes") { Entity = new("legal_entity", Id: "UK") },
            new OwnershipWithdrawn(), new OwnershipAssigned("invoice", [Role.Billing]));
        (state.Field, state.Entity, state.Withdrawn).ShouldBe((null, null, false));
        state.Roles.ShouldBe([Role.Billing]);
    }

    [Theory]
    [InlineData("""{"of":"invoice","roles":[]}""")]
    [InlineData("""{"of":"invoice","roles":["erp"],"from":"2026-03-02","to":"2026-03-01"}""")]
    public void An_assignment_to_nobody_or_of_no_day_is_refused(string body) =>
        Should.Throw<JsonException>(
            () => EventCatalog.Find("ownership_assigned").Read(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void An_override_keeps_the_value_it_overrode_and_counts_to_its_last_day()
    {
        var state = Of<TruthOverride>(new TruthOverridden(
            Invoice, "dueOn", Json("\"2026-04-30\""), "agreed on the phone", Json("\"2026-03-31\""), new(2026, 6, 30)));
        state.Overrode.ShouldBe(Json("\"2026-03-31\""));
        state.IsInForce(new(2026, 6, 30)).ShouldBeTrue();
        state.IsInForce(new(2026, 7, 1)).ShouldBeFalse();
    }

    [Fact]
    public void An_override_must_say_a_value() => Should.Throw<JsonException>(() =>
        EventCatalog.Find("truth_overridden").Read(
            """{"of":{"kind":"invoice","id":"7"},"field":"dueOn","value":null,"reason":"x"}"""u8));

    [Fact]
    public void A_value_is_the_same_whatever_the_order_of_its_members()
    {
        Json("""{"per":"HUR","amount":"10"}""").ShouldBe(Json("""{ "amount": "10", "per": "HUR" }"""));
        Json("""[1, 2]""").ShouldNotBe(Json("""[2, 1]"""));
        Should.Throw<JsonException>(() => Json("""{"a":1,"a":2}"""));
    }

    [Fact]
    public void A_value_is_read_as_its_field_or_not_at_all()
    {
        Json("\"2026-04-30\"").As(typeof(LocalDate?)).ShouldBe(new LocalDate(2026, 4, 30));
        Json("\"soon\"").As(typeof(LocalDate?)).ShouldBeNull();
        JsonText.Of(new Rate(10.50m, Eur, Unit.Hour)).As(typeof(Rate)).ShouldBe(new Rate(10.5m, Eur, Unit.Hour));
    }

    [Fact]
    public void A_succession_holds_until_it_is_withdrawn()
    {
        var stated = new StreamSucceeded(new("time", "psa", "1"), new("time", "psa-two", "1"), new(2026, 7, 1));
        Of<Succession>(stated).From.ShouldBe(new LocalDate(2026, 7, 1));
        Of<Succession>(stated, new SuccessionWithdrawn()).Withdrawn.ShouldBeTrue();
        Of<Succession>(stated, new SuccessionWithdrawn(), stated).Withdrawn.ShouldBeFalse();
        Pending<Succession>(new SuccessionWithdrawn()).ShouldBe([1]);
    }

    [Fact]
    public void A_proposal_turned_down_is_no_link_until_it_is_linked_after_all()
    {
        Ref a = new("client", "crm", "1"), b = new("client", "erp", "7");
        var rejected = Of<IdentityLink>(new IdentityProposalRejected(a, b, "two firms"));
        (rejected.Linked, rejected.Rejected).ShouldBe((false, true));
        var linked = Of<IdentityLink>(new IdentityProposalRejected(a, b, "two firms"), new IdentityLinked(a, b));
        (linked.Linked, linked.Rejected).ShouldBe((true, false));
    }

    private static JsonText Json(string text) => JsonText.Of(JsonElement.Parse(text));
}
