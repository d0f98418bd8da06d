using Ledger.Domain;
using Ledger.Projections.Findings;
using Ledger.Projections.Tests.Lineage;
using NodaTime;

namespace Ledger.Projections.Tests.Identity;

public sealed class PostedTwiceTests
{
    private static readonly LocalDate April = new(2026, 4, 1);

    private static readonly Ref Document = new("invoice", "billing", "7");

    private static Story Asked(DocumentType type = DocumentType.Invoice) => new Story().Tells(
        "invoice/billing:7", new InvoiceIssued(
            April, [new("L1", Net: 100m)], type, Currency: Story.Dollar,
            Totals: new(Net: 100m, Gross: 120m, Payable: 20m, Prepaid: 100m)));

    private static Story Posted(
        Story story, string stream, decimal? gross, Currency? currency = null, string? entity = null,
        Currency? functional = null, Ref? reverses = null, decimal? net = null, bool named = true) =>
        story.Tells(stream, new PostingRecorded(
            April, "2026-04", currency ?? Story.Dollar, new(net, Gross: gross), named ? Document : null,
            functional is { } books ? new(gross ?? net ?? 0m, books, 1m) : null, Reverses: reverses)
        {
            Entity = entity is null ? null : Story.LegalEntity(entity),
        });

    [Fact]
    public void A_document_posted_for_more_than_it_asks_is_a_finding()
    {
        Posted(Asked(), "posting/erp:1", 120m).Now().Findings.ShouldBeEmpty();
        Posted(Posted(Asked(), "posting/erp:1", 70m), "posting/erp:2", 50m).Now().Findings.ShouldBeEmpty();
        var finding = Posted(Posted(Asked(), "posting/erp:1", 120m), "posting/erp:2", 120m).Now().Findings.Single();
        (finding.Code, finding.Entity, finding.Stream).ShouldBe(
            (Codes.OverCovered, "invoice/billing:7", "posting/erp:2"));
        finding.Words.ShouldBe("invoice/billing:7 asks for 120.00 USD; what posts it comes to 240.00 USD.");
        finding.Figures.ShouldBe([new("there", "120.00 USD"), new("posts", "240.00 USD")]);
    }

    [Fact]
    public void Net_is_held_to_net_and_a_credit_notes_postings_may_be_negative()
    {
        Posted(Posted(Asked(), "posting/erp:1", null, net: 50m), "posting/erp:2", null, net: 50m).Now().Findings
            .ShouldBeEmpty();
        Posted(Posted(Asked(), "posting/erp:1", null, net: 100m), "posting/erp:2", null, net: 1m).Now().Findings
            .Single().Words.ShouldBe(
                "invoice/billing:7 asks for 100.00 USD; what posts it comes to 101.00 USD.");
        Posted(Asked(DocumentType.CreditNote), "posting/erp:1", -120m).Now().Findings.ShouldBeEmpty();
        Posted(Posted(Asked(DocumentType.CreditNote), "posting/erp:1", -120m), "posting/erp:2", -120m).Now().Findings
            .Single().Code.ShouldBe(Codes.OverCovered);
        Posted(Posted(Asked(), "posting/erp:1", 140m), "posting/erp:2", -20m).Now().Findings
            .ShouldBeEmpty("put right by the second");
    }

    [Fact]
    public void Another_legal_entitys_books_and_another_currency_are_not_the_same_money()
    {
        Story First() => Posted(Asked(), "posting/erp:1", 120m, entity: "UK");
        Posted(First(), "posting/erp:2", 120m, entity: "DE").Now().Findings
            .Where(f => f.Code == Codes.OverCovered).ShouldBeEmpty();
        Posted(First(), "posting/erp:2", 120m, entity: "UK").Now().Findings
            .Where(f => f.Code == Codes.OverCovered).ShouldHaveSingleItem();
        Posted(First(), "posting/erp:2", 100m, Speaking.Pound, "UK").Now().Findings
            .Where(f => f.Code == Codes.OverCovered).ShouldBeEmpty();
        Posted(First(), "posting/erp:2", 120m, entity: "UK", functional: Speaking.Pound).Now().Findings
            .Where(f => f.Code == Codes.OverCovered).ShouldBeEmpty();
        Posted(Posted(Asked(), "posting/erp-uk:1", 120m), "posting/erp-de:1", 120m).Now().Findings
            .ShouldBeEmpty("two systems whose legal entities nobody told");
    }

    [Fact]
    public void A_reversed_posting_and_what_reverses_it_do_not_count()
    {
        Story Twice() => Posted(Posted(Asked(), "posting/erp:1", 120m), "posting/erp:2", 120m);
        Twice().Tells("posting/erp:1", new PostingReversed()).Now().Findings.ShouldBeEmpty();
        Posted(Twice(), "posting/erp:3", 120m, reverses: new("posting", Id: "1"), named: false).Now().Findings
            .ShouldBeEmpty();
        Posted(Twice(), "posting/erp:3", 120m, reverses: new("posting", Id: "1")).Now().Findings.ShouldBeEmpty();
        Posted(Twice(), "posting/erp:3", 120m, reverses: new("posting", Id: "1"))
            .Tells("posting/erp:3", new PostingReversed()).Now().Findings.Count().ShouldBe(1);
    }
}
