using Ledger.Domain;
using Ledger.Projections.Cases;
using Ledger.Projections.Drift;
using Ledger.Projections.Tests.Drift;
using Ledger.Projections.Tests.Lineage;
using NodaTime;
using Case = Ledger.Domain.Case;

namespace Ledger.Projections.Tests.Cases;

public sealed class CaseKeepingTests
{
    private static readonly LocalDate Day = new(2026, 3, 1);

    private static readonly Dictionary<string, long> None = [];

    private static readonly Dictionary<string, Case> NoCases = [];

    /// <summary>Posted 5.00 too little.</summary>
    private static Story Off(decimal posted = 955m) => Told.Agreeing().Posted("P1", "7", posted);

    [Fact]
    public void A_difference_opens_one_case_with_what_to_correct_where()
    {
        var step = Steps(Off(), NoCases).ShouldHaveSingleItem();
        var opened = step.Body.ShouldBeOfType<DriftCaseOpened>();
        (opened.Class, opened.Amount, opened.Currency, opened.Owner)
            .ShouldBe((DriftClass.Amount, 5m, Story.Dollar, "erp"));
        opened.Suggestion.ShouldBe("erp: posting P1, net: 955.00 USD → 960.00 USD");
        opened.Streams.ShouldContain("invoice/billing:7");
    }

    [Fact]
    public void Once_said_there_is_nothing_more_to_say_until_it_is_by_a_tenth_more_or_less()
    {
        var cases = Said(Steps(Off(), NoCases), NoCases);
        Steps(Off(), cases).ShouldBeEmpty();
        Steps(Off(954.5m), cases).ShouldBeEmpty("5.50 is no more than a tenth beyond 5.00");
        var changed = Steps(Off(900m), cases).ShouldHaveSingleItem("the same records, so the same case");
        changed.Body.ShouldBeOfType<DriftCaseChanged>().Amount.ShouldBe(60m);
        var state = Said([changed], cases).Values.Single();
        (state.Status, state.Amount, state.Reopened).ShouldBe((CaseStatus.Open, 60m, 0));
        state.Suggestion.ShouldBe("erp: posting P1, net: 900.00 USD → 960.00 USD");
    }

    [Fact]
    public void What_was_accepted_stays_so_while_its_cause_goes_and_comes_back_within_its_date()
    {
        var cases = Accepted(Off(), Day);
        cases = Said(Steps(Off(960m), cases), cases);
        cases.Values.Single().Status.ShouldBe(CaseStatus.Resolved);
        var again = Steps(Off(), cases, Day).ShouldHaveSingleItem();
        again.Body.ShouldBeOfType<DriftCaseReopened>().Reason.ShouldBe(CaseKeeping.StillAccepted);
        var back = Said([again], cases);
        (back.Values.Single().Status, back.Values.Single().Acceptance!.By)
            .ShouldBe((CaseStatus.Accepted, "finance"));
        Steps(Off(), back, Day).ShouldBeEmpty();
        Steps(Off(), back, Day.PlusDays(1)).ShouldHaveSingleItem("its date is past").Verb.ShouldBe("reopened");
        Said(Steps(Off(), cases, Day.PlusDays(1)), cases).Values.Single().Status
            .ShouldBe(CaseStatus.Open, "it came back after its date");
    }

    [Fact]
    public void What_was_accepted_is_looked_at_again_once_it_weighs_more()
    {
        var weighed = Off().Says("ledger", "materiality/m1", new MaterialitySet(50m, Story.Dollar));
        var cases = Accepted(weighed, null);
        var heavier = Off(900m).Says("ledger", "materiality/m1", new MaterialitySet(50m, Story.Dollar));
        var again = Steps(heavier, cases).ShouldHaveSingleItem();
        again.Body.ShouldBeOfType<DriftCaseReopened>().Reason.ShouldBe(CaseKeeping.Heavier);
        Said([again], cases).Values.Single().Status.ShouldBe(CaseStatus.Open);
    }

    [Fact]
    public void What_was_accepted_keeps_its_measure_while_it_weighs_less()
    {
        static Story Weighed(decimal posted) =>
            Off(posted).Says("ledger", "materiality/m1", new MaterialitySet(50m, Story.Dollar));
        var cases = Accepted(Weighed(900m), null);
        cases = Said(Steps(Weighed(955m), cases), cases);
        cases.Values.Single().Severity.ShouldBe(Severity.Low);
        cases = Said(Steps(Weighed(900m), cases), cases);
        cases.Values.Single().Status.ShouldBe(CaseStatus.Accepted, "no more than what was accepted");
        cases = Said(Steps(Weighed(955m), cases), cases);
        cases = Said(Steps(Weighed(960m), cases), cases);
        cases = Said(Steps(Weighed(900m), cases), cases);
        cases.Values.Single().Status.ShouldBe(CaseStatus.Accepted, "it went between");
    }

    [Fact]
    public void A_case_closes_by_itself_when_its_cause_goes_and_comes_back_with_it()
    {
        var cases = Said(Steps(Off(), NoCases), NoCases);
        var closing = Steps(Off(960m), cases).ShouldHaveSingleItem();
        closing.Body.ShouldBe(new DriftCaseResolved(CaseKeeping.Gone));
        cases = Said([closing], cases);
        cases.Values.Single().Status.ShouldBe(CaseStatus.Resolved);
        var again = Steps(Off(), cases).ShouldHaveSingleItem();
        again.Body.ShouldBeOfType<DriftCaseReopened>().Amount.ShouldBe(5m);
        cases = Said([again], cases);
        var state = cases.Values.Single();
        (state.Status, state.Reopened).ShouldBe((CaseStatus.Open, 1));
        state.Since.ShouldBe(new LocalDate(2026, 2, 14), "coming back does not turn the clock back");
    }

    [Fact]
    public void What_is_tolerated_opens_nothing() => Steps(
        Off().Tolerated(new(DriftClass.Amount, Amount: 5m, Currency: Story.Dollar)), NoCases).ShouldBeEmpty();

    [Fact]
    public void An_accepted_case_is_left_alone_until_its_day_is_past()
    {
        var cases = Accepted(Off(), Day);
        Steps(Off(), cases, Day).ShouldBeEmpty();
        var expired = Steps(Off(), cases, Day.PlusDays(1)).ShouldHaveSingleItem();
        expired.Body.ShouldBeOfType<DriftCaseReopened>().Reason.ShouldBe(CaseKeeping.Expired);
    }

    [Fact]
    public void What_a_person_called_settled_stays_so_until_the_records_say_something_else()
    {
        var cases = Said(Steps(Off(), NoCases), NoCases);
        cases = cases.ToDictionary(
            c => c.Key, c => Next(c.Value, new DriftCaseResolved("agreed with the client"), "finance"));
        Steps(Off(), cases).ShouldBeEmpty();
        Steps(Off(900m), cases).ShouldHaveSingleItem().Verb.ShouldBe("reopened");
        var gone = Steps(Off(960m), cases).ShouldHaveSingleItem();
        Steps(Off(), Said([gone], cases)).ShouldHaveSingleItem().Verb.ShouldBe("reopened", "it went, and came back");
    }

    [Fact]
    public void An_amount_that_no_event_may_state_opens_its_case_without_one()
    {
        var absurd = new Story().Engagement().Worked("1", 8m).Issued(
            "7", 99_999_999_999_999m, Told.Billing("1", 8m, 120m, 99_999_999_999_999m))
            .Posted("P1", "7", 99_999_999_999_999m).Posted("P2", "7", 99_999_999_999_999m)
            .Posted("P3", "7", 99_999_999_999_999m);
        var opened = Steps(absurd, NoCases).Select(s => s.Body).OfType<DriftCaseOpened>().ToArray();
        opened.ShouldContain(o => o.Amount == null && o.Sentence.Contains("posted", StringComparison.Ordinal));
        opened.ShouldAllBe(o => o.Amount == null || o.Amount < 100_000_000_000_000m);
    }

    [Fact]
    public void What_comes_back_says_anew_what_to_correct()
    {
        var cases = Said(Steps(Off(), NoCases), NoCases);
        cases = Said(Steps(Off(960m), cases), cases);
        var state = Said(Steps(Off(900m), cases), cases).Values.Single();
        state.Suggestion.ShouldBe("erp: posting P1, net: 900.00 USD → 960.00 USD");
    }

    [Fact]
    public void A_finding_opens_an_exception_and_a_reference_that_only_dangles_does_not()
    {
        var story = Told.Agreeing().Says(
            "psa", "time/8", new TimeEntryApproved("Bea", Told.Hours(1m)));
        var step = Steps(story, NoCases).ShouldHaveSingleItem();
        (step.Kind, step.Body.ShouldBeOfType<ExceptionOpened>().Code).ShouldBe((Kind.Exception, "pending_event"));
        Steps(Told.Agreeing().Says("psa", "time/8", new TimeEntryRecorded(
            new("resource", Id: "nobody"), Told.February, Told.Hours(1m))), NoCases).ShouldBeEmpty();
    }

    [Fact]
    public void A_tax_that_does_not_follow_from_its_rate_is_one_case_and_not_two()
    {
        var story = Told.Agreeing().Says("billing", "invoice/7", new InvoiceIssued(
            Told.February, [Told.Billing("1", 8m, 120m, 960m)], Currency: Story.Dollar,
            Taxes: [new(25m, "S", Rate: 2m, Base: 960m)], Totals: new(Net: 960m, Tax: 25m, Gross: 985m))
        { Number = "INV-7" });
        story.World().Findings.ShouldContain(f => f.Code == Findings.Codes.DoesNotAddUp, "it is told all the same");
        Steps(story, NoCases).ShouldHaveSingleItem().Body.ShouldBeOfType<DriftCaseOpened>().Class
            .ShouldBe(DriftClass.Tax);
        // Another system states another sum of it: that is another thing, and so is what the categories come to.
        var copied = Told.Agreeing().Says("billing", "invoice/7", Taxed(20m, 25m)).Says(
                "erp", "invoice/F7", Taxed(20m, 20m))
            .Says("ledger", "identity/1", new IdentityLinked(
                new("invoice", "billing", "7"), new("invoice", "erp", "F7")));
        copied.Finding(DriftClass.Tax);
        Steps(copied, NoCases).Select(s => s.Body).OfType<ExceptionOpened>()
            .ShouldContain(e => e.Code == Findings.Codes.DoesNotAddUp);

        static InvoiceIssued Taxed(decimal line, decimal sum) => new(
            Told.February, [Told.Billing("1", 8m, 120m, 960m) with { Tax = new(line, "S") }], Currency: Story.Dollar,
            Totals: new(Net: 960m, Tax: sum, Gross: 960m + sum)) { Number = "INV-7" };
    }

    [Fact]
    public void A_record_that_stands_still_is_of_the_highest_severity()
    {
        var world = Told.Agreeing().World();
        var breach = Breach.Of(world, DriftRun.Compute(world), new Dictionary<string, long> { ["time/psa:1"] = 3 })
            .ShouldHaveSingleItem();
        (breach.Opened.Severity, breach.Parting).ShouldBe((Severity.High, Parting.At(3)));
        breach.Opened.Streams.ShouldBe(["time/psa:1"]);
    }

    [Fact]
    public void Any_order_of_what_people_say_of_a_case_gives_one_state()
    {
        CaseEvent[] said =
        [
            new DriftCaseOpened(DriftClass.Amount, "x", ["invoice/billing:7"], Severity.Low),
            new DriftCaseExplained("credit note follows"), new DriftCaseAssigned("AR"),
            new DriftCaseAccepted("fine"), new DriftCaseResolved("done"),
        ];
        var events = said.Select((body, i) => new RecordedEvent(
            i + 1, "ledger", $"e{i}", "drift_case/ledger:1", EventCatalog.Find(body).Name,
            Instant.FromUtc(2026, 3, 1, 9, i), Day, i + 1, "a", Instant.FromUtc(2026, 3, 1, 9, i), body)).ToArray();
        var state = StreamFold.Fold(Kind.DriftCase, events).State.ShouldBeOfType<DriftCase>();
        (state.Status, state.Assignee, state.Words.Count, state.ResolvedBy).ShouldBe(
            (CaseStatus.Resolved, "AR", 1, "a"));
        StreamFold.Fold(Kind.DriftCase, events.Reverse()).State.ShouldBe(state);
    }

    [Fact]
    public void A_rule_says_who_looks_at_a_case_and_a_person_goes_before_it()
    {
        var cases = Said(Steps(Off(), NoCases), NoCases);
        Story Ruled(string to, string id = "r1", string? sort = "amount") =>
            Off().Says("ledger", $"routing/{id}", new RoutingSet(to, sort, "erp"));
        var given = Steps(Ruled("AR team"), cases).ShouldHaveSingleItem();
        given.Body.ShouldBe(new DriftCaseAssigned("AR team", CaseKeeping.ByRule, "r1"));
        cases = Said([given], cases);
        var state = cases.Values.Single();
        (state.Assignee, state.AssignedBy, state.Rule).ShouldBe(("AR team", "ledger", "r1"));
        Steps(Ruled("AR team"), cases).ShouldBeEmpty("once said there is nothing more to say");
        Steps(Ruled("GL team"), cases).Single().Body.ShouldBeOfType<DriftCaseAssigned>().To.ShouldBe("GL team");
        Steps(Off(), cases).Single().Body.ShouldBe(
            new DriftCaseAssigned(null, CaseKeeping.ByNoRule), "no rule names anybody any more");

        var byHand = cases.ToDictionary(c => c.Key, c => Next(c.Value, new DriftCaseAssigned("bea"), "cfo"));
        Steps(Ruled("GL team"), byHand).ShouldBeEmpty();
        byHand = Said(Steps(Off(960m), byHand), byHand);
        Said(Steps(Ruled("GL team"), byHand), byHand).Values.Single().Assignee.ShouldBe("bea", "also when it is back");
        Next(byHand.Values.Single(), new DriftCaseAssigned(), "cfo").Assignee.ShouldBeNull();
    }

    [Fact]
    public void The_rule_that_says_most_counts_and_a_case_is_opened_with_it()
    {
        var story = Off().Says("ledger", "routing/any", new RoutingSet("everybody"))
            .Says("ledger", "routing/erp", new RoutingSet("GL team", System: "erp", Of: "posting"))
            .Says("ledger", "routing/late", new RoutingSet("nobody yet", "amount", "erp", "posting", Day.PlusYears(9)))
            .Says("ledger", "routing/other", new RoutingSet("psa team", System: "psa"))
            .Says("erp", "routing/theirs", new RoutingSet("not theirs to say", "amount", "erp", "posting"));
        var opened = Steps(story, NoCases).ShouldHaveSingleItem().Body.ShouldBeOfType<DriftCaseOpened>();
        (opened.Assignee, opened.Rule).ShouldBe(("GL team", "erp"));
        Said(Steps(story, NoCases), NoCases).Values.Single().Rule.ShouldBe("erp");
    }

    [Fact]
    public void Every_code_of_a_finding_can_be_routed() => Findings.Codes.All.ShouldBe(
        typeof(Findings.Codes).GetFields().Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!),
        ignoreOrder: true);

    private static IReadOnlyList<CaseStep> Steps(
        Story story, IReadOnlyDictionary<string, Case> cases, LocalDate? day = null)
    {
        var world = story.World();
        return CaseKeeping.Steps(Breach.Of(world, DriftRun.Compute(world), None), cases, day ?? Day);
    }

    /// <summary>Its cases, each accepted.</summary>
    private static Dictionary<string, Case> Accepted(Story story, LocalDate? until) =>
        Said(Steps(story, NoCases), NoCases).ToDictionary(
            c => c.Key, c => Next(c.Value, new DriftCaseAccepted("too little to write about", until), "finance"));

    /// <summary>The cases after steps were said, each opened on 14 February.</summary>
    private static Dictionary<string, Case> Said(
        IReadOnlyList<CaseStep> steps, IReadOnlyDictionary<string, Case> before)
    {
        var cases = new Dictionary<string, Case>(before);
        foreach (var step in steps)
            cases[step.Id] = Next(
                before.GetValueOrDefault(step.Id),
                step.Body is CaseOpened opened ? opened with { Since = new(2026, 2, 14) } : step.Body, "ledger");
        return cases;
    }

    private static Case Next(Case? state, CaseEvent body, string actor)
    {
        var facts = new EventFacts(Instant.FromUtc(2026, 2, 14, 9, 0), Day, actor, 1);
        return body is DriftCaseOpened or DriftCaseResolved or DriftCaseReopened or DriftCaseAccepted
            or DriftCaseChanged or DriftCaseAssigned
            ? DriftCase.Evolve((DriftCase?)state, body, facts)!
            : ExceptionCase.Evolve((ExceptionCase?)state, body, facts)!;
    }
}
