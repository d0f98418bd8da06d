using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Tests.Lineage;
using static Ledger.Projections.Tests.Drift.Told;

namespace Ledger.Projections.Tests.Drift;

public sealed class ExtractDriftTests
{
    [Fact]
    public void An_extract_that_brought_less_than_it_holds_is_missing_the_rest()
    {
        var story = Agreeing().Says("billing", "extract/x", new ExtractCompleted(
            "x", "invoice", Page: 1, Pages: 2, Count: 3, Delivered: 1, Sums: [new("net", 960m, Story.Dollar)]));
        var finding = story.Finding(DriftClass.Missing);
        finding.Events.ShouldBe([story.Position]);
        finding.Sentence.ShouldBe(
            "The extract of billing says that there are 3 invoice records; it brought 1 (page 1 of 2): 2 were not "
            + "delivered.");
        var control = story.Report().Controls.Single(c => c is { Source: "billing", Kind: "invoice" });
        (control.Count, control.Delivered, control.InLedger, control.Pages).ShouldBe((3, 1, 1, 2));
        control.Sums[0].ShouldBe(new("net", new(960m, Story.Dollar), new(960m, Story.Dollar)));
        story.Issued("8", 0m).Issued("9", 0m)
            .Says("billing", "extract/y", new ExtractCompleted(
                "y", "invoice", Page: 2, Pages: 2, Count: 3, Delivered: 2))
            .ShouldNotFind(DriftClass.Missing);
    }

    [Fact]
    public void An_extract_of_which_the_ledger_kept_less_is_missing_that()
    {
        var finding = Agreeing().Says("billing", "extract/x", new ExtractCompleted(
            "x", "invoice", Count: 2, Delivered: 2)).Finding(DriftClass.Missing);
        finding.Sentence.ShouldBe(
            "The extract of billing says that there are 2 invoice records; it brought 2; the ledger has only 1.");
    }

    [Fact]
    public void Control_sums_that_do_not_match_are_named()
    {
        var finding = Agreeing().Says("billing", "extract/x", new ExtractCompleted(
            "x", "invoice", Count: 1, Delivered: 1, Sums: [new("net", 1_000m, Story.Dollar)]))
            .Finding(DriftClass.Missing);
        finding.Money().ShouldBe(40m);
        finding.Sentence.ShouldBe(
            "The extract of billing says that its invoice records sum to 1000.00 USD (net); the ledger's come to "
            + "960.00 USD.");
    }

    [Fact]
    public void Pages_of_one_extract_count_together_in_whatever_order_they_come()
    {
        foreach (var pages in new[] { new[] { 1, 2, 3 }, [3, 1, 2], [2, 2, 3, 1] })
        {
            var story = Agreeing();
            foreach (var page in pages)
                story = story.Says("billing", "extract/x", new ExtractCompleted(
                    "x", "invoice", Page: page, Pages: 3, Count: 1, Delivered: page == 2 ? 1 : 0,
                    Sums: page == 2 ? [new("net", 960m, Story.Dollar)] : null));
            story.ShouldNotFind(DriftClass.Missing);
            var control = story.Report().Controls.Single(c => c is { Source: "billing", Kind: "invoice" });
            (control.Delivered, control.PagesRead, control.PagesMissing.Count).ShouldBe((1, 3, 0));
        }
    }

    [Fact]
    public void A_page_that_never_came_is_named()
    {
        var story = Agreeing().Says("billing", "extract/x", new ExtractCompleted("x", "invoice", Page: 1, Pages: 4))
            .Says("billing", "extract/x", new ExtractCompleted("x", "invoice", Page: 3, Pages: 4));
        story.Report().Controls.Single(c => c is { Source: "billing", Kind: "invoice" }).PagesMissing.ShouldBe([2, 4]);
        story.Finding(DriftClass.Missing).Sentence.ShouldBe(
            "The extract of billing's invoice records has 4 pages; pages 2 and 4 never came.");
    }

    [Fact]
    public void What_a_complete_extract_does_not_list_is_a_finding_against_it_and_stays_in_the_ledger()
    {
        var story = Agreeing().Worked("2", 1m).Says("psa", "extract/x", Listing("x", "1"));
        var finding = story.Finding(DriftClass.Missing);
        finding.Sentence.ShouldBe(
            "The complete extract of psa does not list one record that it stated and never deleted: time 2.");
        finding.Streams.ShouldBe(["extract/psa:x", "time/psa:2"]);
        story.Report().Controls.Single(c => c is { Source: "psa", Kind: "time" }).InLedger
            .ShouldBe(2, "absence deletes nothing");

        story.Says("psa", "extract/y", Listing("y", "1", "2")).ShouldNotFind(DriftClass.Missing);
    }

    [Fact]
    public void A_record_that_came_or_was_deleted_after_the_extract_is_no_fault_of_it()
    {
        Agreeing().Says("psa", "extract/x", Listing("x", "1")).Worked("2", 1m).ShouldNotFind(DriftClass.Missing);
        Agreeing().Worked("2", 1m).Says("psa", "time/2", new RecordDeleted())
            .Says("psa", "extract/x", Listing("x", "1")).ShouldNotFind(DriftClass.Missing);
        Agreeing().Worked("2", 1m)
            .Says("psa", "extract/x", new ExtractCompleted("x", "time", Count: 2, Delivered: 2))
            .Says("psa", "time/2", new RecordDeleted()).ShouldNotFind(DriftClass.Missing);
    }

    [Fact]
    public void An_extract_that_is_not_complete_or_of_a_part_says_nothing_of_what_it_lacks()
    {
        Agreeing().Worked("2", 1m).Says("psa", "extract/x", Listing("x", "1") with { Scope = "January" })
            .ShouldNotFind(DriftClass.Missing);
        Agreeing().Worked("2", 1m).Says("psa", "extract/x", Listing("x", "1") with { Page = 1, Pages = 2, Count = 2 })
            .Finding(DriftClass.Missing).Sentence.ShouldContain("(page 1 of 2)");
    }

    [Fact]
    public void A_record_the_extract_lists_and_nobody_delivered_is_named()
    {
        Agreeing().Says("psa", "extract/x", Listing("x", "1", "17")).Finding(DriftClass.Missing).Sentence
            .ShouldBe("The extract of psa lists one record the ledger never got: time 17.");
    }

    [Fact]
    public void More_in_the_ledger_than_a_complete_extract_counts_is_worth_knowing()
    {
        var finding = Agreeing().Worked("2", 1m).Worked("3", 1m)
            .Says("psa", "extract/x", new ExtractCompleted("x", "time", Count: 1, Delivered: 1))
            .Finding(DriftClass.Missing);
        finding.Weight.ShouldBe(FindingWeight.Notice);
        finding.Sentence.ShouldBe(
            "The complete extract of psa counts 1 time records; the ledger has two more that psa stated before it and "
            + "never deleted.");
    }

    private static ExtractCompleted Listing(string extract, params ReadOnlySpan<string> ids) =>
        new(extract, "time", Delivered: ids.Length, Records: ids.ToArray().ToItems());
}
