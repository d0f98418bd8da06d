using Ledger.Connectors;
using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Testing;

namespace Ledger.Projections.Tests.Drift;

/// <summary>A recorded engagement of a PSA that also bills: what a careful person finds in it, to the cent.</summary>
public sealed class RecordedEngagementTests
{
    private const string File = "vendor_kantata_mavenlink/workspace_27254285_invoices_with_time_and_expenses.json";

    private static readonly Lazy<DriftReport> Read = new(() =>
    {
        var path = RealData.Path(File)!;
        var read = ImportProfiles.Import("kantata", [new(path, System.IO.File.ReadAllBytes(path))]);
        return DriftRun.Compute(Worlds.Of(read.Events).World);
    });

    private static DriftReport Report => Read.Value;

    [RecordedFact]
    public void Money_with_no_source_is_found_to_the_cent() =>
        Found(DriftClass.Unsourced).ShouldBe(
            ["12537 500.00", "13812 140.00", "15726 500.00", "16948 500.00", "17965 500.00"]);

    [RecordedFact]
    public void Remainders_are_told_what_they_could_be()
    {
        var recurring = Find(DriftClass.Unsourced, "12537");
        recurring.Sentence.ShouldBe(
            "Invoice 12537 is 500.00 USD above the work it bills: no time, expense or fee explains it. Three other "
            + "invoices (15726, 16948 and 17965) carry the same 500.00 USD: it looks like a recurring fixed fee.");
        recurring.Related.ShouldBe(["15726", "16948", "17965"]);
        Find(DriftClass.Unsourced, "13812").Suggestions.ShouldBe(
            ["It equals 1 h at 140.00 USD/h, a rate used on this invoice."]);
    }

    [RecordedFact]
    public void One_rule_reproduces_every_invoice_and_rounding_each_entry_does_not()
    {
        var engagement = Report.Headline.Engagements.ShouldHaveSingleItem();
        engagement.InForce.ShouldBe(new Rounding(RoundingScope.Invoice, RoundingMode.HalfAwayFromZero));
        (engagement.Documents, engagement.Explained, engagement.Reproduced).ShouldBe((20, 15, 15));
        engagement.ByContract.ShouldBeFalse();
        Report.Invoices.ShouldAllBe(i => i.Reproducing.Contains(engagement.InForce));
        var byEntry = new Rounding(RoundingScope.Entry, RoundingMode.HalfAwayFromZero);
        Report.Invoices.Where(i => !i.Reproducing.Contains(byEntry)).Select(i => i.Number).ShouldBe(
            ["11264", "12833", "13301", "13362", "13812", "15726", "16145", "16948", "17965"]);
        Report.Findings.ShouldNotContain(f => f.Class == DriftClass.Rounding);
    }

    [RecordedFact]
    public void Every_invoice_is_its_work_its_expenses_and_a_remainder()
    {
        foreach (var i in Report.Invoices)
            new[] { i.Work, i.Expenses, i.Fees, i.Adjustments, i.Remainder }.Sum(part => part!.Value.Amount)
                .ShouldBe(i.Stated!.Value.Amount, i.Number);
        Report.Invoices.Sum(i => i.Expenses!.Value.Amount).ShouldBe(299.69m);
        Report.Invoices.Sum(i => i.Remainder!.Value.Amount).ShouldBe(2_140.00m);
        Report.Invoices.Sum(i => i.TimeEntries).ShouldBe(254);
    }

    [RecordedFact]
    public void Cancellations_and_rebills_are_told_as_chains_with_every_entry()
    {
        var chains = Report.Findings.Where(f => f.Class is DriftClass.Rebill).OrderBy(f => f.Invoice).ToArray();
        chains.Select(c => c.Sentence).ShouldBe(
        [
            "Invoices 10447 (210.67 USD) and 10450 (210.67 USD) were cancelled and billed again on 10451: the same "
            + "six time entries.",
            "Invoice 12420 (1085.00 USD) was cancelled; 15 time entries were billed again: 13 on 12537 and two on "
            + "13301.",
        ]);
        chains.Select(c => string.Join(' ', c.Related)).ShouldBe(["10450 10451", "12537 13301"]);
        chains.Select(Entries).ShouldBe([6, 15]);
        Report.Findings.ShouldNotContain(f => f.Class == DriftClass.Duplicate, "cancelling releases the entries");
    }

    [RecordedFact]
    public void Dates_are_held_against_number_order() =>
        Report.Findings.Where(f => f.Class is DriftClass.Numbering).Select(f => f.Sentence).Order().ShouldBe(
        [
            "Invoice 10451 is dated 2019-09-30, before 10450 of 2019-10-02, which has a lower number.",
            "Invoice 13301 is dated 2019-08-31, before 9 documents with lower numbers, from 10447 of 2019-09-30 to "
            + "12833 of 2020-03-31.",
        ]);

    [RecordedFact]
    public void Work_that_is_not_billable_or_not_approved_is_named_where_it_was_billed()
    {
        Find(DriftClass.NonBillable, "11836").Sentence.ShouldBe(
            "Invoice 11836 bills time entry 1308976495 (15 min) that is not billable, at no charge.");
        var unapproved = Report.Findings.Where(f => f.Class is DriftClass.Unapproved).ToArray();
        unapproved.Length.ShouldBe(17);
        unapproved.ShouldAllBe(f => f.Weight == FindingWeight.Notice, "nothing here says that approval is required");
        unapproved.Sum(Entries).ShouldBe(227);
    }

    [RecordedFact]
    public void Payments_are_stated_without_a_payment_on_every_live_invoice()
    {
        var paid = Report.Findings.Where(f => f.Class is DriftClass.Status).ToArray();
        paid.Length.ShouldBe(17);
        paid.Sum(f => f.Amount!.Value.Amount).ShouldBe(11_825.43m);
        Find(DriftClass.Status, "17965").Sentence.ShouldBe(
            "kantata says that invoice 17965 is paid, 798.67 USD, but the ledger has no payment for it.");
    }

    [RecordedFact]
    public void Control_totals_say_what_was_not_delivered()
    {
        Report.Findings.Single(f => f.Class is DriftClass.Missing).Sentence.ShouldBe(
            "The extract of kantata says that there are 22 invoice records; it brought 20 (page 1 of 2): 2 were not "
            + "delivered.");
        var control = Report.Controls.Single(c => c.Kind == "invoice");
        (control.Count, control.InLedger).ShouldBe((22, 20));
        control.Sums.First(s => s.Field == "gross").ShouldBe(
            new("gross", new(13_331.77m, Currency.Of("USD")), new(13_331.77m, Currency.Of("USD"))));
    }

    [RecordedFact]
    public void A_price_that_hardly_occurs_is_shown() =>
        Report.Findings.Where(f => f.Class is DriftClass.Rate).Select(f => f.Invoice).Order()
            .ShouldBe(["13812", "15063"]);

    [RecordedFact]
    public void One_system_is_never_said_to_agree_with_itself()
    {
        Report.Headline.Agreeing.ShouldBe(0);
        Report.Findings.ShouldAllBe(f => f.SameSystem);
    }

    private static string[] Found(DriftClass drift) =>
        [.. Report.Findings.Where(f => f.Class == drift).Select(f => $"{f.Invoice} {f.Amount!.Value.Text}").Order()];

    private static int Entries(Finding finding) =>
        finding.Streams.Count(s => s.StartsWith("time/", StringComparison.Ordinal));

    private static Finding Find(DriftClass drift, string invoice) =>
        Report.Findings.Single(f => f.Class == drift && f.Invoice == invoice);
}

/// <summary>A fact about recorded documents; skipped, with a message, where they are absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RecordedFactAttribute : FactAttribute
{
    public RecordedFactAttribute() =>
        Skip = RealData.Path("vendor_kantata_mavenlink") is null ? "no shared/data is beside this checkout" : null;
}
