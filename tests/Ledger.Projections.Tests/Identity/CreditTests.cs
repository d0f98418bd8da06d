using Ledger.Domain;
using Ledger.Projections.Findings;
using Ledger.Projections.Tests.Lineage;
using NodaTime;

namespace Ledger.Projections.Tests.Identity;

/// <summary>A credit releases what was billed, once, and as much of it as it gives back.</summary>
public sealed class CreditTests
{
    private static readonly LocalDate April = new(2026, 4, 1);

    private static readonly Ref Seventh = new("invoice", Id: "7");

    /// <summary>Two entries of 8 hours, and the first of them on invoice 7 for 800.00.</summary>
    private static Story Billed() => Bill(
        new Story().Worked("time/psa:1").Worked("time/psa:2"), "7", Story.Line("L1", 800m, Story.Bills("1")));

    private static Story Bill(Story story, string id, params ReadOnlySpan<InvoiceLine> lines) =>
        Issue(story, id, DocumentType.Invoice, null, lines);

    private static Story Credit(Story story, string id, params ReadOnlySpan<InvoiceLine> lines) =>
        Issue(story, id, DocumentType.CreditNote, null, lines);

    private static Story Issue(
        Story story, string id, DocumentType type, Preceding? of, params ReadOnlySpan<InvoiceLine> lines) =>
        story.Tells($"invoice/billing:{id}", new InvoiceIssued(
            April, lines.ToArray().ToItems(), type, Currency: Story.Dollar,
            Totals: new(Net: lines.ToArray().Sum(l => l.Net)), Preceding: of is null ? null : [of]));

    private static Story Rebilled(Story story) =>
        Bill(story, "8", Story.Line("L1", 800m, Story.Bills("1")));

    private static InvoiceLine Back(
        decimal? net, string? line = "L1", decimal? hours = null, params ReadOnlySpan<Billed> bills) => new(
        "1", Net: net, Quantity: hours is { } h ? new(h, Unit.Hour) : null, Bills: bills.ToArray().ToItems(),
        Credits: new(Seventh, line));

    private static string[] Found(Story story)
    {
        var found = story.Now().Findings.Where(f => f.Entity.StartsWith("time/", StringComparison.Ordinal))
            .Select(f => f.Code).ToArray();
        story.Now(seed: 7).Findings.Where(f => f.Entity.StartsWith("time/", StringComparison.Ordinal))
            .Select(f => f.Code).ShouldBe(found);
        return found;
    }

    [Fact]
    public void A_credit_note_that_names_an_hour_does_not_bill_it_again()
    {
        Found(Credit(Billed(), "C", Back(800m, bills: Story.Bills("1")))).ShouldBeEmpty();
        Found(Credit(Billed(), "C", new InvoiceLine("1", Net: 800m, Bills: [Story.Bills("1")]))).ShouldBeEmpty();
        Found(Issue(
            Billed(), "C", DocumentType.CreditNote, new(Seventh, PrecedingRelation.Credits),
            Story.Line("1", 800m, Story.Bills("1", 8m, 800m)))).ShouldBeEmpty();
    }

    [Fact]
    public void An_hour_that_a_credit_names_is_free_to_be_billed_again()
    {
        Found(Rebilled(Billed())).ShouldBe([Codes.HourBilledTwice]);
        Found(Rebilled(Credit(Billed(), "C", Back(800m, bills: Story.Bills("1"))))).ShouldBeEmpty();
        Found(Rebilled(Credit(Billed(), "C", Back(300m, bills: Story.Bills("1"))))).ShouldBeEmpty();
        Found(Rebilled(Credit(Billed(), "C", Back(300m, bills: Story.Bills("2"))))).ShouldBe([Codes.HourBilledTwice]);
    }

    [Fact]
    public void As_much_of_it_as_the_credit_says()
    {
        Story Rebill(decimal hours) => Bill(
            Credit(Billed(), "C", Back(300m, bills: Story.Bills("1", 3m))), "8",
            Story.Line("L1", 100m * hours, Story.Bills("1", hours)));

        Found(Rebill(3m)).ShouldBeEmpty();
        Found(Rebill(4m)).ShouldBe([Codes.HourBilledTwice]);
        Rebill(4m).Now().Findings.Single().Figures.ShouldBe([new("there", "8 h"), new("billed", "9 h")]);
    }

    [Fact]
    public void A_line_or_a_document_credited_in_full_releases_all_it_bills()
    {
        Found(Rebilled(Credit(Billed(), "C", Back(800m)))).ShouldBeEmpty();
        Found(Rebilled(Credit(Billed(), "C", Back(null)))).ShouldBeEmpty();
        Found(Rebilled(Credit(Billed(), "C", Back(800m, line: null)))).ShouldBeEmpty();
        Found(Rebilled(Credit(Credit(Billed(), "C", Back(300m)), "D", Back(500m)))).ShouldBeEmpty();
        Found(Rebilled(Issue(
                Billed(), "C", DocumentType.CreditNote, new(Seventh, PrecedingRelation.Credits),
                Story.Line("1", 800m))))
            .ShouldBeEmpty();
        Found(Rebilled(Issue(
                Billed(), "C", DocumentType.CreditNote, new(Seventh, PrecedingRelation.Credits, 800m),
                Story.Line("1", 800m))))
            .ShouldBeEmpty();
    }

    [Fact]
    public void A_credit_of_a_part_keeps_the_hours_billed()
    {
        string[] still = [Codes.HourBilledTwice];
        Found(Rebilled(Credit(Billed(), "C", Back(799.99m)))).ShouldBe(still);
        Found(Rebilled(Credit(Billed(), "C", Back(100m, line: null)))).ShouldBe(still);
        Found(Rebilled(Credit(Billed(), "C", Back(800m, line: "another")))).ShouldBe(still);
        Found(Rebilled(Credit(Billed(), "C", Back(80m, hours: 8m)))).ShouldBe(still, "a lower price for all of it");
        Found(Rebilled(Issue(
                Billed(), "C", DocumentType.CreditNote, new(Seventh, PrecedingRelation.Credits, 100m),
                Story.Line("1", 100m))))
            .ShouldBe(still);
        Found(Rebilled(Issue(
                Billed(), "C", DocumentType.CreditNote, new(Seventh, PrecedingRelation.Credits),
                Story.Line("1", 100m))))
            .ShouldBe(still);
    }

    [Fact]
    public void A_part_told_in_hours_releases_those_hours()
    {
        Story Rebill(decimal hours) => Bill(
            Credit(Billed(), "C", Back(300m, hours: 3m)), "8", Story.Line("L1", 1m, Story.Bills("1", hours)));

        Found(Rebill(3m)).ShouldBeEmpty();
        Found(Rebill(4m)).ShouldBe([Codes.HourBilledTwice]);
    }

    [Fact]
    public void Of_a_line_that_bills_two_hours_such_a_part_may_be_of_either()
    {
        var story = Bill(
            new Story().Worked("time/psa:1").Worked("time/psa:2"), "7",
            Story.Line("L1", 1600m, Story.Bills("1"), Story.Bills("2")));
        Found(Rebilled(Credit(story, "C", Back(800m, hours: 8m)))).ShouldBe([Codes.HourBilledTwice]);
    }

    [Fact]
    public void Cancelled_credited_replaced_and_split_work_is_billed_once()
    {
        Found(Rebilled(Billed().Tells("invoice/billing:7", new InvoiceCancelled()))).ShouldBeEmpty();
        Found(Rebilled(Billed().Tells("invoice/billing:7", new InvoiceVoided()))).ShouldBeEmpty();
        Found(Bill(
            Bill(Credit(Billed(), "C", Back(800m)), "8", Story.Line("L1", 300m, Story.Bills("1", 3m))), "9",
            Story.Line("L1", 500m, Story.Bills("1", 5m)))).ShouldBeEmpty();
        var again = Rebilled(Credit(Billed(), "C", Back(800m, bills: Story.Bills("1"))));
        Credit(again, "D", new InvoiceLine(
            "1", Net: 800m, Bills: [Story.Bills("1")], Credits: new(new("invoice", Id: "8"), "L1")));
        Found(Bill(again, "9", Story.Line("L1", 800m, Story.Bills("1")))).ShouldBeEmpty();
    }

    [Fact]
    public void A_credit_note_that_does_not_stand_releases_nothing()
    {
        var story = Rebilled(Credit(Billed(), "C", Back(800m, bills: Story.Bills("1"))));
        Found(story.Tells("invoice/billing:C", new InvoiceVoided())).ShouldBe([Codes.HourBilledTwice]);
    }

    [Fact]
    public void An_hour_credited_twice_is_a_finding()
    {
        var story = Credit(
            Credit(Billed(), "C", Back(800m, bills: Story.Bills("1"))), "D", Back(800m, bills: Story.Bills("1")));
        Found(story).ShouldBe([Codes.OverCovered]);
        var finding = story.Now().Findings.Single(f => f.Entity == "time/psa:1");
        (finding.Stream, finding.Part).ShouldBe(("invoice/billing:D", "1"));
        finding.Words.ShouldBe("time/psa:1 is credited by invoice/billing:C#1 and invoice/billing:D#1, 8 h more than "
            + "was billed.");
        finding.Figures.ShouldBe([new("there", "8 h"), new("credits", "16 h")]);
        Found(Rebilled(story)).ShouldBe([Codes.OverCovered], "billed again, and still credited twice");
        Found(Credit(
            Credit(Billed(), "C", Back(300m, bills: Story.Bills("1", 3m))), "D",
            Back(500m, bills: Story.Bills("1", 5m)))).ShouldBeEmpty();
        Found(Credit(
            Credit(Billed(), "C", Back(300m, bills: Story.Bills("1", 3m))), "D",
            Back(600m, bills: Story.Bills("1", 6m)))).ShouldBe([Codes.OverCovered]);
    }

    [Fact]
    public void A_credit_note_that_says_its_money_once_of_the_document_and_once_of_its_lines_credits_it_once()
    {
        var story = Issue(
            Billed(), "C", DocumentType.CreditNote, new(Seventh, PrecedingRelation.Credits, 800m),
            Back(800m, line: null));
        story.Now().Findings.ShouldBeEmpty();
    }
}
