using Ledger.Connectors;
using Ledger.Projections.Proof;
using Ledger.Projections.Tests.Drift;
using Ledger.Testing;

namespace Ledger.Projections.Tests.Proof;

/// <summary>A recorded engagement of a PSA that also bills: all of it foots, but for money with no source
/// and a quarter of an hour that was not billable.</summary>
public sealed class RecordedProofTests
{
    private const string File = "vendor_kantata_mavenlink/workspace_27254285_invoices_with_time_and_expenses.json";

    [RecordedFact]
    public void Only_money_with_no_source_and_work_not_billable_do_not_foot()
    {
        var path = RealData.Path(File)!;
        var read = ImportProfiles.Import("kantata", [new(path, System.IO.File.ReadAllBytes(path))]);
        var report = ProofRun.Of(Drift.Worlds.Of(read.Events).World, new());
        var account = report.Accounts.ShouldHaveSingleItem();
        account.Breaks.Select(b => $"{b.Sentence.Split(' ')[0]} {b.Difference.Amount:0.00}").Order().ShouldBe(
            ["11836 0.00", "12537 500.00", "13812 140.00", "15726 500.00", "16948 500.00",
             "17965 500.00"]);
        account.Work.Breaks.ShouldHaveSingleItem().Sentence
            .ShouldBe("11836 bills 0.25 h of time/kantata:1308976495, which is not billable.");
        (account.Receivables.Foots, account.Hours.Astray).ShouldBe((true, -15m));
    }
}
