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
        await using var ledger = await Projected(Imported());
        (await ledger.Rows(
            $"select from_stream, rel, to_entity, live from views.coverage where to_entity = '{First}' order by 1"))
            .ShouldBe([$"{Negative}|credits|{First}|True", $"{Note}|credits|{First}|True"]);
        var codes = await ledger.Rows("select code, count(*) from views.finding group by 1 order by 1");
        codes.ShouldBe(["dangling_reference|3", "does_not_add_up|7", "over_covered|1", "stated_otherwise|6"]);
        (await ledger.Rows("select stream from views.finding where code = 'stated_otherwise' order by 1")).ShouldBe(
        [
            "client/ubl:1234512345", "client/ubl:987654321", "invoice/ubl:123456789/380/TOSL108/2013-06-30/801.78NOK",
            "invoice/ubl:5566556655/380/2018038/2005-02-11/2416SEK",
            "invoice/ubl:57151520/380/12115118/2015-01-09/250.33EUR", "legal_entity/ubl:DK16356706",
        ]);
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
    public async Task A_prepayment_that_its_settlement_does_not_name_is_proposed_and_once_confirmed_in_its_lineage()
    {
        const string Advance = "invoice/ubl:1234567890/380/20180112/2018-01-09/400000SEK";
        const string Settlement = "invoice/ubl:1234567890/380/20180112/2018-08-02/75000SEK";
        await using var ledger = await Projected(Imported());
        (await ledger.Rows(
            "select from_entity, rel, covers -> 0 ->> 'to', amount, confidence from views.coverage_proposal "
            + "where not disputed")).ShouldBe([$"{Advance}|prepays|{Settlement}|400000|0.85"]);
        await ledger.Append(Telling.Event("ledger", "coverage/1", new CoverageStated(
            CoverageRelation.Prepays, new("invoice", "ubl", StreamName.IdOf(Advance)),
            new("invoice", "ubl", StreamName.IdOf(Settlement)), Amount: 400_000m, Currency: Currency.Of("SEK"))));
        await ledger.Projector().CatchUp(null, CancellationToken.None);
        (await ledger.Rows("select count(*) from views.coverage_proposal")).ShouldBe(["0"]);
        (await ledger.Rows("select code from views.finding where stream like '%20180112%'")).ShouldBeEmpty();
        var reader = new LineageReader(ledger.Source, ledger.Store);
        (await reader.Invoice(Settlement, CancellationToken.None))!.Lineage.Edges
            .ShouldContain(e => e.Rel == "draws" && e.From == Settlement && e.To == Advance);
        (await new DriftReader(ledger.Source).Full(CancellationToken.None)).Findings
            .ShouldContain(f => f.Class == DriftClass.Numbering && f.Invoice == "20180112");
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

    [Fact]
    public async Task An_invoice_its_credit_its_payment_and_its_books_are_found_by_what_an_erp_says_of_them()
    {
        await using var ledger = await Projected(Ledger.Connectors.Tests.BusinessCentral.Written.Read(
            Ledger.Connectors.Tests.BusinessCentral.Written.All));
        const string Invoice = "invoice/erp:" + Ledger.Connectors.Tests.BusinessCentral.Written.Invoice;
        const string Memo = "invoice/erp:" + Ledger.Connectors.Tests.BusinessCentral.Written.Credit;
        (await ledger.Rows("select right(from_stream, 3), rel, to_entity, coalesce(amount::text, 'all'), live "
            + "from views.coverage order by 1")).ShouldBe(
        [
            $"008|credits|{Invoice}|all|True", $"009|settles|{Invoice}|540|True", $"0a1|posts|{Invoice}|all|True",
            $"0a2|posts|{Invoice}|all|True",
        ]);
        (await ledger.Rows("select code, words from views.finding")).ShouldBeEmpty();
        var lineage = (await new LineageReader(ledger.Source, ledger.Store).Invoice(Invoice, CancellationToken.None))!;
        lineage.Lineage.Edges.Where(e => e.To == Invoice && e.Rel is "credits" or "settles" or "posts")
            .Select(e => e.Rel).Order().ShouldBe(["credits", "posts", "posts", "settles"]);
        lineage.Lineage.Edges.ShouldContain(e => e.From == Memo && e.Rel == "credits");
    }

    [RealFact("vendor_bc")]
    public async Task The_vendors_own_examples_project_and_what_dangles_is_named()
    {
        await using var ledger = await Projected(ImportProfiles.Import("business-central", Files("vendor_bc")));
        (await ledger.Rows("select from_stream, rel, to_entity from views.coverage where to_entity is not null"))
            .ShouldBe(
            [
                "posting/erp:9dd7b4dc-44e3-ea11-bb43-000d3a2feca1|posts|"
                + "invoice/erp:9e0f5c9c-44e3-ea11-bb43-000d3a2feca1",
            ]);
        (await ledger.Rows("select code, words from views.finding order by 1, 2")).ShouldBe(
        [
            "dangling_reference|invoice/erp:id-value credits invoice number 100009, which the ledger does not have, or "
            + "not only once.",
            "dangling_reference|payment/erp:17cce948-c6a5-4861-8ff5-30428ed83207#17cce948-c6a5-4861-8ff5-30428ed83207 "
            + "settles invoice number 100000, which the ledger does not have, or not only once.",
            "stated_otherwise|invoice/erp:9e0f5c9c-44e3-ea11-bb43-000d3a2feca1 was stated twice for one moment, and "
            + "otherwise; nobody says which is the later, and the statement at 7 counts.",
        ]);
        var invoice = (await Worlds.Load(ledger.Source, CancellationToken.None)).Live<Invoice>(Kind.Invoice)
            .Single(i => i.State.Number == "PS-INV103001").State;
        (invoice.Status, invoice.Totals!.Gross, invoice.Totals.Open, invoice.Settlement)
            .ShouldBe((InvoiceStatus.Issued, 172.94m, 0m, new Settlement()), "of two statements the further one counts");
    }

    [Fact]
    public async Task A_credit_note_by_number_finds_its_invoice_and_gives_back_no_more_than_that_asked()
    {
        await using var ledger = await Projected(Ledger.Connectors.Tests.Ubl.Written.Read(
            Ledger.Connectors.Tests.Ubl.Written.Invoice, Ledger.Connectors.Tests.Ubl.Written.CreditNote));
        (await ledger.Rows("select rel, to_entity, live from views.coverage")).ShouldBe(
            ["credits|invoice/ubl:04441122/380/AF-2026-7/2026-03-31/1130GBP|True"]);
        (await ledger.Rows("select code, words from views.finding")).ShouldBeEmpty();
    }

    private static async Task<LedgerDatabase> Projected(Imported imported)
    {
        var ledger = await LedgerDatabase.Create();
        await ledger.Append([.. imported.Events.Select(Recorded.New)]);
        await ledger.Projector().CatchUp(null, CancellationToken.None);
        return ledger;
    }

    private static Imported Imported() => ImportProfiles.Import("ubl", Files(Folder));

    private static ImportFile[] Files(string folder) =>
    [
        .. Directory.GetFiles(RealData.Path(folder)!).Order(StringComparer.Ordinal)
            .Select(f => new ImportFile(Path.GetFileName(f), File.ReadAllBytes(f))),
    ];
}
