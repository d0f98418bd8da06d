using Ledger.Domain;
using Ledger.Projections.Tests.Lineage;
using NodaTime;
using static Ledger.Projections.Tests.Drift.Told;

namespace Ledger.Projections.Tests.Drift;

public sealed class RetainerDriftTests
{
    [Fact]
    public void What_is_drawn_on_a_retainer_beyond_what_was_asked_for_is_named_with_the_document_that_does()
    {
        Drawn(300m, 200m).ShouldNotFind(DriftClass.RetainerOverdrawn);
        var over = Drawn(300m, 250m).Finding(DriftClass.RetainerOverdrawn);
        over.Money().ShouldBe(50m);
        over.Sentence.ShouldBe(
            "Invoice INV-9 draws more on INV-5 than there is: 550.00 USD are drawn, 500.00 USD were asked for: 50.00 USD "
            + "too much.");
        over.Streams.ShouldContain("invoice/billing:9");
    }

    [Fact]
    public void Where_only_what_was_paid_is_there_or_it_is_client_money_no_more_than_that_is_drawn()
    {
        var story = Drawn(300m, 100m).Paid("1", "5", 350m);
        story.ShouldNotFind(DriftClass.RetainerOverdrawn);
        Agreed(new(RetainerAvailability.Paid)).Money().ShouldBe(50m);
        var client = Agreed(new(RetainerAvailability.Invoiced, ClientMoney: true));
        client.Money().ShouldBe(50m);
        client.Sentence.ShouldContain("client money");

        Projections.Drift.Finding Agreed(RetainerTerms terms) => Drawn(300m, 100m).Paid("1", "5", 350m)
            .Says("clm", "contract/K1", new ContractBillingTermsSet(new(Retainer: terms)))
            .Finding(DriftClass.RetainerOverdrawn);
    }

    /// <summary>500.00 asked for ahead, and two invoices that draw on it.</summary>
    private static Story Drawn(decimal first, decimal second) => new Story().Engagement()
        .Worked("1", 8m).Worked("2", 8m).Says("billing", "invoice/5", Asked(500m, DocumentType.Prepayment, 5))
        .Says("billing", "invoice/8", Asked(960m, DocumentType.Invoice, 8, first))
        .Says("billing", "invoice/9", Asked(960m, DocumentType.Invoice, 9, second));

    private static InvoiceIssued Asked(decimal net, DocumentType type, int day, decimal? drawn = null) => new(
        new(2026, 2, day), [.. drawn is null ? [] : new[] { Billing(day == 8 ? "1" : "2", 8m, 120m, net) }], type,
        Contracts: [new("contract", "clm", "K1")], Currency: Story.Dollar,
        Totals: new(net, 0m, net, drawn, Payable: net - (drawn ?? 0m)),
        Preceding: drawn is null
            ? null
            : [new(new("invoice", "billing", "5"), PrecedingRelation.Settles, drawn)])
    {
        Number = $"INV-{day}",
    };
}
