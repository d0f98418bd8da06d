using Ledger.Connectors;
using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Lineage;
using Ledger.Testing;
using TestWorlds = Ledger.Projections.Tests.Drift.Worlds;

namespace Ledger.Projections.Tests;

/// <summary>Electronic invoices as others wrote them, through the whole ledger: what belongs together is found, and what
/// they contradict is named.</summary>
public sealed class ImportedPapersTests
{
    private const string Folder = "en16931_cen";
    private const string First = "invoice/ubl:1234567890/380/2018133/2018-02-08/10000SEK";
    private const string Note = "invoice/ubl:1234567890/381/2018140/2018-02-10/10000SEK";
    private const string Negative = "invoice/ubl:1234567890/380/2018140/2018-02-10/-10000SEK";

    [RealFact(Folder)]
    public async Task Credit_chains_are_found_by_their_numbers_and_contradictions_are_findings()
    {
        await using var ledger = await LedgerDatabase.Create();
        var imported = Imported();
        await ledger.Append([.. imported.Events.Select(Recorded.New)]);
        await ledger.Projector().CatchUp(null, CancellationToken.None);

        (await ledger.Rows(
            $"select from_stream, rel, to_entity, live from views.coverage where to_entity = '{First}' order by 1"))
            .ShouldBe([$"{Negative}|credits|{First}|True", $"{Note}|credits|{First}|True"]);
        var codes = await ledger.Rows("select code, count(*) from views.finding group by 1 order by 1");
        codes.ShouldBe(["dangling_reference|3", "does_not_add_up|7", "over_covered|1"]);
        (await ledger.Rows("select words from views.finding where code = 'over_covered'")).ShouldBe(
            [$"{First} asks for 10835.00 SEK; what credits it comes to 21670.00 SEK."]);
        (await ledger.Rows("select words from views.finding where code = 'does_not_add_up' and stream like '%TOSL108%'"
            + " and stream like '%NOK' limit 1")).ShouldBe(
            ["invoice/ubl:123456789/380/TOSL108/2013-06-30/801.78NOK#1 states 1273.00 NOK as the line's net; its "
            + "quantity, price and adjustments come to 2546.00 NOK."]);

        var lineage = (await new LineageReader(ledger.Source, ledger.Store).Invoice(First, CancellationToken.None))!;
        lineage.Lineage.Edges.Where(e => e.Rel == "credits").Select(e => (e.From, e.To)).Order().ShouldBe(
            [(Negative, First), (Note, First)]);
    }

    [RealFact(Folder)]
    public void Each_company_counts_its_own_documents_and_a_number_used_twice_is_named()
    {
        var report = DriftRun.Compute(TestWorlds.Of(Imported().Events).World);
        report.Findings.ShouldNotContain(f => f.Class == DriftClass.Duplicate, "none is another's copy");
        report.Findings.Where(f => f.Class is DriftClass.Numbering && f.Related.Contains(f.Invoice!))
            .Select(f => f.Sentence).Order(StringComparer.Ordinal).ShouldBe(
            [
                "Four documents carry the number 2018210: 2018-02-08 (10000.00 SEK), 2018-02-08 (700.00 SEK), 2018-02-08 "
                + "(10000.00 SEK) and 2018-10-02 (179680.00 SEK).",
                "Two documents carry the number 12345: 2019-01-25 (-625743.54 DKK) and 2019-01-25 (625743.54 DKK).",
                "Two documents carry the number 2018-112: 2018-07-31 (400.00 SEK) and 2018-07-31 (400.00 SEK).",
                "Two documents carry the number 2018-112: 2018-07-31 (400.00 SEK) and 2018-07-31 (400.00 SEK).",
                "Two documents carry the number 20180112: 2018-01-09 (400000.00 SEK) and 2018-08-02 (380000.00 SEK).",
                "Two documents carry the number 2018140: 2018-02-10 (-8668.00 SEK) and 2018-02-10 (8668.00 SEK).",
                "Two documents carry the number TOSL108: 2013-04-10 (900.00 DKK) and 2013-04-10 (1700.00 DKK).",
            ]);
    }

    [RealFact(Folder)]
    public void Money_of_every_document_is_in_the_ledger_to_the_cent()
    {
        var world = TestWorlds.Of(Imported().Events).World;
        var sums = world.Live<Invoice>(Kind.Invoice).GroupBy(i => i.State.Currency!.Value.Code)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => $"{g.Key} {g.Count()} {DecimalText.Write(g.Sum(i => i.State.Sign * i.State.Totals!.Payable!.Value))}");
        sums.ShouldBe(["DKK 7 14817.5", "EUR 6 116443.02", "NOK 1 801.78", "SEK 27 919278", "USD 1 115000"]);
    }

    private static Imported Imported() => ImportProfiles.Import("ubl",
    [
        .. Directory.GetFiles(RealData.Path(Folder)!).Order(StringComparer.Ordinal)
            .Select(f => new ImportFile(Path.GetFileName(f), File.ReadAllBytes(f))),
    ]);
}
