using Ledger.Domain;
using Ledger.Projections.Findings;
using Ledger.Projections.Tests.Lineage;
using NodaTime;

namespace Ledger.Projections.Tests.Identity;

public sealed class CoverageTests
{
    private static readonly LocalDate April = new(2026, 4, 1);

    private static Story Billed(Story story, string stream, params ReadOnlySpan<InvoiceLine> lines) =>
        story.Tells(stream, new InvoiceIssued(April, lines.ToArray().ToItems(), Currency: Story.Dollar));

    private static Story Work() => new Story().Worked("time/psa:1").Worked("time/psa:2");

    [Fact]
    public void A_line_bills_an_entry_with_what_it_says_of_it()
    {
        var world = Billed(Work(), "invoice/billing:7", Story.Line("L1", 300m, Story.Bills("1", 3m, 300m))).Now();
        var edge = world.Coverage.Single();
        (edge.FromEntity, edge.FromPart, edge.Rel, edge.ToEntity, edge.Amount, edge.Live)
            .ShouldBe(("invoice/billing:7", "L1", "bills", "time/psa:1", 300m, true));
        edge.Quantity.ShouldBe(new(3m, Unit.Hour));
        world.CoverageInto("time/psa:1").ShouldBe([edge]);
    }

    [Fact]
    public void A_reference_dangles_until_what_it_names_comes_and_says_so()
    {
        var story = Billed(new Story(), "invoice/billing:7", Story.Line("L1", 300m, Story.Bills("1")));
        var edge = story.Now().Coverage.Single();
        (edge.ToEntity, edge.ToStream).ShouldBe((null, "time/psa:1"));
        story.Now().Findings.Select(f => (f.Code, f.Stream, f.Part)).ShouldBe(
            [(Codes.DanglingReference, "invoice/billing:7", "L1")]);
        story.Worked("time/psa:1").Now().Coverage.Single().ToEntity.ShouldBe("time/psa:1");
        story.Now().Findings.ShouldBeEmpty();
    }

    [Fact]
    public void It_resolves_through_links_and_successions_too()
    {
        var story = Billed(
                new Story().Worked("time/erp:9"), "invoice/billing:7", Story.Line("L1", 1m, Story.Bills("1")))
            .Succeeded("time/psa:1", "time/psa-two:1", new(2026, 3, 1), "x");
        story.Now().Coverage.Single().ToEntity.ShouldBeNull();
        story.Worked("time/psa-two:1").Now().Coverage.Single().ToStream.ShouldBe("time/psa-two:1");
        story.Linked("time/psa-two:1", "time/erp:9", "y").Now().Coverage.Single().ToEntity.ShouldBe("time/erp:9");
    }

    [Fact]
    public void Of_two_copies_of_one_document_only_the_owners_lines_count()
    {
        var story = Billed(Work(), "invoice/billing:7", Story.Line("L1", 300m, Story.Bills("1")));
        Billed(story, "invoice/erp:7", Story.Line("A", 300m, Story.Bills("1")));
        story.Now().Findings.Select(f => f.Code).ShouldBe([Codes.HourBilledTwice]);
        story.Linked("invoice/billing:7", "invoice/erp:7", "x");
        story.Now().Coverage.Select(c => (c.FromStream, c.Live)).ShouldBe(
            [("invoice/billing:7", true), ("invoice/erp:7", false)]);
        story.Now().Findings.ShouldBeEmpty();
    }

    [Fact]
    public void An_hour_on_two_live_documents_is_a_finding()
    {
        var story = Billed(Work(), "invoice/billing:7", Story.Line("L1", 300m, Story.Bills("1")));
        Billed(story, "invoice/billing:8", Story.Line("L1", 300m, Story.Bills("1"), Story.Bills("2")));
        var finding = story.Now().Findings.Single();
        (finding.Code, finding.Entity, finding.Stream, finding.Part, finding.Position)
            .ShouldBe((Codes.HourBilledTwice, "time/psa:1", "invoice/billing:8", "L1", 4));
        finding.Words.ShouldBe("time/psa:1 is billed on invoice/billing:7#L1 and on invoice/billing:8#L1.");
    }

    [Fact]
    public void Not_while_one_is_a_draft_cancelled_credited_or_replaced()
    {
        Story Twice(InvoiceIssued? second = null)
        {
            var story = Billed(Work(), "invoice/billing:7", Story.Line("L1", 300m, Story.Bills("1")));
            return second is null
                ? Billed(story, "invoice/billing:8", Story.Line("L1", 300m, Story.Bills("1")))
                : story.Tells("invoice/billing:8", second);
        }

        Ref first = new("invoice", Id: "7");
        Twice().Now().Findings.Count().ShouldBe(1);
        Twice().Tells("invoice/billing:7", new InvoiceCancelled()).Now().Findings.ShouldBeEmpty();
        Twice().Tells("invoice/billing:8", new RecordDeleted()).Now().Findings.ShouldBeEmpty();
        Twice().Tells("invoice/billing:C", new InvoiceIssued(
                April, [new("1", Net: 300m, Credits: new(first, "L1"))], DocumentType.CreditNote))
            .Now().Findings.ShouldBeEmpty();
        Twice().Tells("invoice/billing:C", new InvoiceIssued(
                April, [new("1", Net: 300m, Credits: new(first, "another"))], DocumentType.CreditNote))
            .Now().Findings.Count().ShouldBe(1);
        Twice(new InvoiceIssued(
                April, [Story.Line("L1", 300m, Story.Bills("1"))],
                Preceding: [new(first, PrecedingRelation.Replaces)]))
            .Now().Findings.ShouldBeEmpty();
    }

    [Fact]
    public void Parts_of_an_entry_may_be_billed_apart_as_long_as_they_are_no_more_than_all()
    {
        Story Parts(decimal first, decimal second)
        {
            var story = Billed(Work(), "invoice/billing:7", Story.Line("L1", 1m, Story.Bills("1", first)));
            return Billed(story, "invoice/billing:8", Story.Line("L1", 1m, Story.Bills("1", second)));
        }

        Parts(3m, 5m).Now().Findings.ShouldBeEmpty();
        var finding = Parts(4m, 5m).Now().Findings.Single();
        (finding.Code, finding.Words).ShouldBe((
            Codes.HourBilledTwice,
            "time/psa:1 is billed on invoice/billing:7#L1 and on invoice/billing:8#L1, 1 h too much."));
        finding.Figures.ShouldBe([new("there", "8 h"), new("billed", "9 h")]);
        Billed(Work(), "invoice/billing:7", Story.Line("L1", 1m, Story.Bills("1", 9m))).Now().Findings.Single()
            .Code.ShouldBe(Codes.OverCovered);
    }

    [Fact]
    public void Both_copies_of_a_migrated_entry_are_one_hour()
    {
        var story = Billed(
            Work().Worked("time/psa-two:1").Succeeded("time/psa:1", "time/psa-two:1", new(2026, 3, 1), "x"),
            "invoice/billing:7", Story.Line("L1", 300m, Story.Bills("1")));
        Billed(story, "invoice/billing:8", Story.Line(
            "L1", 300m, new Billed(new("time", "psa-two", "1"))));
        story.Now().Findings.Select(f => (f.Code, f.Entity)).ShouldBe([(Codes.HourBilledTwice, "time/psa:1")]);
    }

    [Fact]
    public void More_settled_or_credited_than_asked_for_is_a_finding()
    {
        var asked = new InvoiceIssued(
            April, [new("L1", Net: 100m)], Currency: Story.Dollar, Totals: new(Net: 100m, Payable: 120m));
        Story Paid(params ReadOnlySpan<decimal> amounts)
        {
            var story = new Story().Tells("invoice/billing:7", asked);
            foreach (var amount in amounts)
                story.Tells($"payment/erp:{amount}", new PaymentApplied(
                    "a", new("invoice", "billing", "7"), ApplicationKind.Cash, amount, April, Currency: Story.Dollar));
            return story;
        }

        Paid(70m, 50m).Now().Findings.ShouldBeEmpty();
        Paid(70m, 51m).Now().Findings.Single().Words.ShouldBe(
            "invoice/billing:7 asks for 120.00 USD; what settles it comes to 121.00 USD.");
        Paid(70m, 51m).Tells("payment/erp:51", new PaymentUnapplied("a")).Now().Findings.ShouldBeEmpty();
        Paid(120m).Tells("invoice/billing:8", new InvoiceIssued(
                April, [new("L1", Net: 100m)], Currency: Story.Dollar, Totals: new(Net: 100m),
                Preceding: [new(new("invoice", Id: "7"), PrecedingRelation.Settles, 120m)]))
            .Now().Findings.Single().Words.ShouldBe(
                "invoice/billing:7 asks for 120.00 USD; what settles it comes to 240.00 USD.");
        new Story().Tells("invoice/billing:7", asked).Tells("invoice/billing:C", new InvoiceIssued(
                April, [new("1", Net: 101m, Credits: new(new("invoice", Id: "7"), "L1"))], DocumentType.CreditNote,
                Currency: Story.Dollar))
            .Now().Findings.Single().Code.ShouldBe(Codes.OverCovered);
    }

    [Fact]
    public void A_coverage_that_is_told_apart_counts_until_it_is_withdrawn()
    {
        var story = Billed(Work(), "invoice/billing:7", Story.Line("L1", 300m)).Says("ledger", "coverage/1",
            new CoverageStated(
                CoverageRelation.Bills, new("invoice", "billing", "7", Line: "L1"), new("time", "psa", "1"),
                new(8m, Unit.Hour), 300m, Story.Dollar));
        var edge = story.Now().Coverage.Single();
        (edge.FromEntity, edge.FromPart, edge.ToEntity, edge.StatedBy, edge.Live).ShouldBe(
            ("invoice/billing:7", "L1", "time/psa:1", "coverage/ledger:1", true));
        story.Says("ledger", "coverage/1", new CoverageWithdrawn()).Now().Coverage.Single().Live.ShouldBeFalse();
    }

    [Fact]
    public void What_changes_after_its_period_was_closed_is_a_finding_until_it_is_opened_again()
    {
        Ref uk = new("legal_entity", "erp", "UK");
        var story = new Story()
            .Says("erp", "period/2026-03", new PeriodOpened("2026-03", new(2026, 3, 1), new(2026, 3, 31))
            {
                Entity = uk,
            })
            .Says("ledger", "source/psa", new SourceRegistered([Role.Psa], Entities: [uk]))
            .Worked("time/psa:1").Says("erp", "period/2026-03", new PeriodClosed()).Worked("time/psa:2")
            .Worked("time/other:3");
        story.Now().Findings.Select(f => (f.Code, f.Stream, f.Position)).ShouldBe(
            [(Codes.ClosedPeriod, "time/psa:2", 5)]);
        story.Tells("time/psa:1", new TimeEntryCorrected(Quantity: new(7m, Unit.Hour)));
        story.Now().Findings.Select(f => f.Stream).ShouldBe(["time/psa:1", "time/psa:2"]);
        story.Tells("time/psa:1", new TimeEntryApproved("bob", new(7m, Unit.Hour))).Now().Findings.Count().ShouldBe(2);
        story.Says("erp", "period/2026-03", new PeriodReopened("late entries")).Now().Findings.ShouldBeEmpty();
    }

    [Fact]
    public void What_comes_into_a_period_closed_to_all_but_corrections_is_a_finding_and_a_correction_is_none()
    {
        var story = new Story()
            .Tells("period/erp:03", new PeriodOpened("2026-03", new(2026, 3, 1), new(2026, 3, 31)))
            .Worked("time/psa:1").Tells("period/erp:03", new PeriodSoftClosed())
            .Tells("time/psa:1", new TimeEntryCorrected(Quantity: new(7m, Unit.Hour))).Worked("time/psa:2");
        story.Now().Findings.Select(f => (f.Code, f.Stream, f.Position)).ShouldBe(
            [(Codes.SoftClosedPeriod, "time/psa:2", 5)]);
        story.Tells("period/erp:03", new PeriodClosed());
        story.Now().Findings.Single().Code.ShouldBe(Codes.SoftClosedPeriod, "closing it changes nothing of that");
        story.Tells("time/psa:1", new TimeEntryCorrected(Quantity: new(6m, Unit.Hour)));
        story.Now().Findings.Select(f => (f.Code, f.Stream, f.Part)).ShouldBe(
            [(Codes.ClosedPeriod, "time/psa:1", null), (Codes.SoftClosedPeriod, "time/psa:2", null)]);
        story.Tells("period/erp:03", new PeriodReopened("late entries")).Now().Findings.ShouldBeEmpty();
    }

    [Fact]
    public void Closing_entries_may_come_into_a_soft_closed_period_and_a_reversal_has_its_own_day()
    {
        var story = new Story()
            .Tells("period/erp:03", new PeriodOpened("2026-03", new(2026, 3, 1), new(2026, 3, 31)))
            .Tells("posting/erp:1", Posted()).Tells("period/erp:03", new PeriodSoftClosed())
            .Tells("posting/erp:2", Posted());
        story.Now().Findings.ShouldBeEmpty("who keeps the books posts into them until they are closed");
        story.Tells("posting/other:3", Posted());
        story.Now().Findings.Single().Stream.ShouldBe("posting/other:3");
        story.Tells("period/erp:03", new PeriodClosed())
            .Tells("posting/erp:1", new PostingReversed(On: new(2026, 4, 2)))
            .Tells("posting/erp:2", new PostingReversed(On: new(2026, 3, 31)));
        story.Now().Findings.Select(f => (f.Code, f.Stream, f.Part)).ShouldBe(
        [
            (Codes.ClosedPeriod, "posting/erp:2", "reversedOn"), (Codes.SoftClosedPeriod, "posting/other:3", null),
        ]);

        static PostingRecorded Posted() =>
            new(new(2026, 3, 20), "2026-03", Story.Dollar, new PostingTotals(Net: 10m));
    }

    [Fact]
    public void An_event_that_waits_is_a_finding_until_what_it_waits_for_comes()
    {
        var story = new Story().Tells("time/psa:1", new TimeEntrySubmitted());
        story.Now().Findings.Select(f => (f.Code, f.Position)).ShouldBe([(Codes.PendingEvent, 1)]);
    }
}
