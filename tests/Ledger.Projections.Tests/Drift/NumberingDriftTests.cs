using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Tests.Lineage;
using NodaTime;

namespace Ledger.Projections.Tests.Drift;

public sealed class NumberingDriftTests
{
    [Fact]
    public void A_document_dated_before_a_lower_number_is_named_with_it()
    {
        var finding = Numbered(("A-1", 1), ("A-2", 20), ("A-3", 10), ("A-4", 25)).ShouldHaveSingleItem();
        (finding.Invoice, string.Join(' ', finding.Related), finding.Money()).ShouldBe(("A-3", "A-2", 0m));
        finding.Sentence.ShouldBe(
            "Invoice A-3 is dated 2026-03-10, before A-2 of 2026-03-20, which has a lower number.");
    }

    [Fact]
    public void One_late_date_is_one_finding_however_many_follow()
    {
        var finding = Numbered(("1", 1), ("2", 31), ("3", 2), ("4", 3), ("5", 4), ("6", 5)).ShouldHaveSingleItem();
        finding.Sentence.ShouldBe("Invoice 2 is dated 2026-03-31, after 3 of 2026-03-02, which has a higher number.");
    }

    [Fact]
    public void One_early_date_is_one_finding_however_many_precede()
    {
        var finding = Numbered(("1", 5), ("2", 6), ("3", 7), ("4", 1), ("5", 8)).ShouldHaveSingleItem();
        finding.Sentence.ShouldBe(
            "Invoice 4 is dated 2026-03-01, before three documents with lower numbers, from 1 of 2026-03-05 to 3 of "
            + "2026-03-07.");
    }

    [Fact]
    public void Equal_dates_and_numbers_of_other_series_are_in_order()
    {
        Numbered(("1", 5), ("2", 5), ("10", 6), ("9", 5)).ShouldBeEmpty("10 comes after 9");
        Numbered(("A-1", 5), ("B-2", 1), ("A-3", 5)).ShouldBeEmpty();
    }

    [Fact]
    public void A_number_twice_is_numbering_and_the_same_document_twice_a_duplicate()
    {
        var twice = Numbered(("7", 1, 100m), ("7", 3, 250m)).ShouldHaveSingleItem();
        (twice.Class, twice.Money()).ShouldBe((DriftClass.Numbering, 0m));
        twice.Sentence.ShouldBe(
            "Two documents carry the number 7: 2026-03-01 (100.00 USD) and 2026-03-03 (250.00 USD).");
        var same = Numbered(("7", 1, 100m), ("7", 1, 100m)).ShouldHaveSingleItem();
        (same.Class, same.Money()).ShouldBe((DriftClass.Duplicate, 100m));
        var often = Numbered([.. Enumerable.Repeat(("N/A", 1, 100m), 12)])
            .Single(f => f.Class is DriftClass.Duplicate);
        often.Parting.Positions.ShouldBe([1L, 2L], "it began with the second");
    }

    [Fact]
    public void Linked_records_of_two_systems_are_one_document()
    {
        var story = new Story().Issued("7", 100m)
            .Says("erp", "invoice/F7", new InvoiceIssued(
                new(2026, 2, 1), [], Currency: Story.Dollar, Totals: new(Net: 100m)) { Number = "INV-7" })
            .Says("ledger", "identity/1", new IdentityLinked(
                new("invoice", "billing", "7"), new("invoice", "erp", "F7")));
        story.ShouldNotFind(DriftClass.Numbering);
        story.ShouldNotFind(DriftClass.Duplicate);
    }

    private static Finding[] Numbered(params (string Number, int Day)[] documents) =>
        Numbered([.. documents.Select(d => (d.Number, d.Day, 100m))]);

    private static Finding[] Numbered(params (string Number, int Day, decimal Net)[] documents)
    {
        var story = new Story();
        foreach (var ((number, day, net), i) in documents.Select((d, i) => (d, i)))
            story.Says("billing", $"invoice/{i}", new InvoiceIssued(
                new LocalDate(2026, 3, day), [], DocumentType.Prepayment, Currency: Story.Dollar, Totals: new(Net: net))
            { Number = number });
        return [.. story.Findings()];
    }
}
