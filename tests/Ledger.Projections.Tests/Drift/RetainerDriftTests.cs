using Ledger.Domain;
using Ledger.Projections.Cases;
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

    [Fact]
    public void What_somebody_says_a_prepayment_was_for_is_drawn_on_it_once_and_what_was_credited_is_not_there()
    {
        static Story Prepaid(Story story, string later, decimal amount) => story.Says(
            "ledger", $"coverage/{later}", new CoverageStated(
                CoverageRelation.Prepays, new("invoice", "billing", "5"), new("invoice", "billing", later),
                Amount: amount, Currency: Story.Dollar));
        Prepaid(Drawn(300m, 200m), "9", 200m).ShouldNotFind(DriftClass.RetainerOverdrawn);
        var other = Prepaid(
            Drawn(300m, 200m).Says("billing", "invoice/7", Asked(200m, DocumentType.Invoice, 7)), "7", 200m);
        other.Finding(DriftClass.RetainerOverdrawn).Money().ShouldBe(200m);
        other.Says("billing", "invoice/7", new InvoiceVoided()).ShouldNotFind(DriftClass.RetainerOverdrawn);
        Drawn(300m, 200m).Says("billing", "invoice/6", new InvoiceIssued(
                new(2026, 2, 6), [], DocumentType.CreditNote, Currency: Story.Dollar, Totals: new(100m, 0m, 100m),
                Preceding: [new(new("invoice", "billing", "5"), PrecedingRelation.Credits, 100m)]))
            .Finding(DriftClass.RetainerOverdrawn).Money().ShouldBe(100m);
    }

    [Fact]
    public void It_stays_one_case_whatever_draws_on_it_next()
    {
        var over = Drawn(300m, 250m);
        var before = over.Finding(DriftClass.RetainerOverdrawn);
        var after = over.Says("billing", "invoice/7", Asked(960m, DocumentType.Invoice, 7, 20m))
            .Finding(DriftClass.RetainerOverdrawn);
        (before.Streams[0], after.Money()).ShouldBe(("invoice/billing:5", 70m));
        Breach.IdOf(after).ShouldBe(Breach.IdOf(before));
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
