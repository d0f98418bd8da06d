using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Findings;
using Ledger.Projections.Tests.Lineage;
using static Ledger.Projections.Tests.Drift.Told;

namespace Ledger.Projections.Tests.Drift;

/// <summary>Who may approve, who may ask for tax, and what companies of one firm book of each other.</summary>
public sealed class TradeDriftTests
{
    private static readonly TaxId Own = new("VAT", "GB", "GB1"), Other = new("VAT", "DE", "DE1");

    [Fact]
    public void Whoever_did_the_work_is_no_one_to_approve_it()
    {
        var story = new Story().Engagement().Time("1", 8m, 120m)
            .Says("psa", "time/1", new TimeEntryApproved("r1", Hours(8)));
        story.World().Findings.Where(f => f.Code == Codes.ApprovedByPreparer).Select(f => f.Words)
            .ShouldBe(["time/psa:1 was approved by r1, who did the work."]);
        story.Says("psa", "time/1", new TimeEntryApproved("Bea", Hours(8))).World().Findings
            .ShouldNotContain(f => f.Code == Codes.ApprovedByPreparer);
    }

    [Fact]
    public void Tax_that_is_left_to_a_client_of_whom_no_registration_is_known_is_named_once()
    {
        var story = Taxed("AE", 0m, 0m);
        var finding = story.Finding(DriftClass.Tax);
        finding.Sentence.ShouldBe(
            "Invoice INV-7 leaves the tax to its client, and no tax registration of the client 9 is known.");
        finding.Streams[0].ShouldBe("client/crm:9", "it stays one case, whichever documents come");
        story.Says("crm", "client/9", new ClientTaxRegistrationChanged([Other])).ShouldNotFind(DriftClass.Tax);
        Taxed("Z", 0m, 0m).ShouldNotFind(DriftClass.Tax);
    }

    [Fact]
    public void Tax_without_a_registration_of_ones_own_is_named_where_registrations_are_told()
    {
        var story = Taxed("S", 20m, 20m).Says("erp", "legal_entity/UK", new LegalEntityRegistered("UK Ltd"));
        story.ShouldNotFind(DriftClass.Tax);
        story.Says("erp", "legal_entity/DE", new LegalEntityRegistered("DE GmbH", TaxIds: [Other]))
            .Finding(DriftClass.Tax).Sentence.ShouldBe(
                "Invoice INV-7 asks for tax, and no tax registration of its company UK is known.");
        story.Says("erp", "legal_entity/UK", new LegalEntityDetailsChanged(TaxIds: [Own]))
            .ShouldNotFind(DriftClass.Tax);
    }

    [Fact]
    public void What_one_company_asks_of_another_is_booked_by_both()
    {
        Ref uk = new("legal_entity", "erp", "UK"), de = new("legal_entity", "erp", "DE");
        var story = Taxed("Z", 0m, 0m)
            .Says("erp", "legal_entity/UK", new LegalEntityRegistered("UK Ltd", TaxIds: [Own]))
            .Says("erp", "legal_entity/DE", new LegalEntityRegistered("DE GmbH", TaxIds: [Other]))
            .Says("crm", "client/9", new ClientTaxRegistrationChanged([Other]))
            .Says("ledger", "source/erp", new SourceRegistered([Role.Erp], ["posting"], Entities: [uk, de]))
            .Says("erp", "posting/1", Booking(uk)).Time("late", 1m, null, on: new(2026, 5, 6));
        var finding = story.Finding(DriftClass.Missing);
        (finding.Money(), finding.Streams[0]).ShouldBe((100m, "invoice/billing:7"));
        finding.Sentence.ShouldEndWith("kept in erp, have no entry that mirrors it.");
        story.Says("erp", "posting/2", Booking(de)).ShouldNotFind(DriftClass.Missing);
    }

    private static PostingRecorded Booking(Ref company) => new(
        February, "2026-02", Story.Dollar, new(Net: 100m), new("invoice", "billing", "7")) { Entity = company };

    /// <summary>An invoice of 100 with a tax, to a client of a system that tells of registrations.</summary>
    private static Story Taxed(string category, decimal rate, decimal tax) => new Story()
        .Says("crm", "client/8", new ClientRegistered("Registered", [new("VAT", "FR", "FR8")]))
        .Says("crm", "client/9", new ClientRegistered("Other"))
        .Says("billing", "invoice/7", new InvoiceIssued(
            February, [new("1", Net: 100m)], Client: new("client", "crm", "9"), Currency: Story.Dollar,
            Taxes: [new(tax, category, Rate: rate, Base: 100m)], Totals: new(Net: 100m, Tax: tax, Gross: 100m + tax))
        {
            Number = "INV-7", Entity = new("legal_entity", "erp", "UK"),
        });
}
