using Ledger.Domain;
using Ledger.Projections.Findings;
using Ledger.Projections.Tests.Lineage;
using NodaTime;

namespace Ledger.Projections.Tests.Identity;

/// <summary>A fee is billed once: a milestone, an instalment, a period, a metered use.</summary>
public sealed class FeeTests
{
    private static readonly LocalDate April = new(2026, 4, 1);

    private static readonly Ref Milestone = new("milestone", "psa", "M-1");

    private static Story Agreed() => new Story()
        .Tells("milestone/psa:M-1", new MilestonePlanned(
            new("project", Id: "P"), "Stage 1", April, 900m, Story.Dollar))
        .Tells("contract/clm:C", new ContractSigned(
            new("client", "crm", "A"), April, April, Story.Dollar, BillingModel.FixedFee,
            Lines: [new("F", "Everything", BillingModel.FixedFee, Amount: 800m)]))
        .Tells("contract/clm:C", new ContractBillingScheduleSet(
            [new("I1", April, 500m), new("I2", April, 0m, Percent: 25m, Line: "F")]));

    private static Ref Part(string part) => new("contract", "clm", "C", Line: part);

    private static Story Billed(Story story, string id, Ref fee, decimal net, decimal? said = null) =>
        story.Tells($"invoice/billing:{id}", new InvoiceIssued(
            April, [Story.Line("L1", net, new Billed(fee, Amount: said))], Currency: Story.Dollar));

    private static string[] Found(Story story) =>
    [
        .. story.Now().Findings.Where(f => f.Code != Codes.DanglingReference).Select(f => $"{f.Code} {f.Entity}"),
    ];

    private static string[] Twice(Ref fee, decimal first, decimal second) =>
        Found(Billed(Billed(Agreed(), "7", fee, first), "8", fee, second));

    [Fact]
    public void A_milestone_on_two_live_documents_is_a_finding()
    {
        var story = Billed(Billed(Agreed(), "7", Milestone, 900m), "8", Milestone, 900m);
        var finding = story.Now().Findings.Single(f => f.Code == Codes.FeeBilledTwice);
        (finding.Entity, finding.Stream, finding.Part).ShouldBe(("milestone/psa:M-1", "invoice/billing:8", "L1"));
        finding.Words.ShouldBe(
            "milestone/psa:M-1 is billed on invoice/billing:7#L1 and on invoice/billing:8#L1, 900 too much.");
        Found(story.Tells("invoice/billing:7", new InvoiceCancelled())).ShouldBeEmpty();
    }

    [Fact]
    public void An_instalment_or_a_share_of_a_fee_is_billed_once_and_a_line_of_a_contract_month_after_month()
    {
        Twice(Part("I1"), 500m, 500m).ShouldBe(["fee_billed_twice contract/clm:C"]);
        Twice(Part("I2"), 200m, 0.01m).ShouldBe(["fee_billed_twice contract/clm:C"]);
        Twice(Part("F"), 800m, 800m).ShouldBeEmpty();
        Billed(Billed(Agreed(), "7", Part("I1"), 500m), "8", Part("I2"), 200m).Now().Findings.Select(f => f.Code)
            .ShouldNotContain(Codes.FeeBilledTwice);
    }

    [Fact]
    public void A_period_and_a_metered_use_are_billed_whole()
    {
        Twice(Part("S@2026-04-01"), 10m, 20m).ShouldBe(["fee_billed_twice contract/clm:C"]);
        Found(Billed(Billed(Agreed(), "7", Part("S@2026-04-01"), 10m), "8", Part("S@2026-05-01"), 10m)).ShouldBeEmpty();
    }

    [Fact]
    public void Parts_of_a_fee_may_be_billed_apart_as_long_as_they_are_no_more_than_all()
    {
        Twice(Milestone, 300m, 600m).ShouldBeEmpty();
        Twice(Milestone, 300m, 600.01m).Length.ShouldBe(1);
        Found(Billed(Billed(Agreed(), "7", Milestone, 1m, 450m), "8", Milestone, 1m, 450m)).ShouldBeEmpty();
    }

    [Fact]
    public void Money_of_another_currency_says_nothing_of_how_much_of_a_fee_it_is()
    {
        var story = Agreed();
        foreach (var id in new[] { "7", "8" })
            story.Tells($"invoice/billing:{id}", new InvoiceIssued(
                April, [Story.Line("L1", 80_000m, new Billed(Milestone))], Currency: Currency.Of("JPY")));
        Found(story).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("900", "900", 0)]
    [InlineData("400", "400", 0)]
    [InlineData("400", "400.01", 1)]
    public void What_was_credited_may_be_billed_again(string credited, string again, int findings)
    {
        var story = Billed(Agreed(), "7", Milestone, 900m).Tells("invoice/billing:C", new InvoiceIssued(
            April, [new("1", Net: Amount(credited), Credits: new(new("invoice", Id: "7"), "L1"))],
            DocumentType.CreditNote, Currency: Story.Dollar));
        Found(Billed(story, "8", Milestone, Amount(again))).Length.ShouldBe(findings);
    }

    private static decimal Amount(string text) =>
        decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
