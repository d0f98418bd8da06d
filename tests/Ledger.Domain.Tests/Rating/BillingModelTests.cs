using NodaTime;
using static Ledger.Domain.Tests.Rating.Engaged;

namespace Ledger.Domain.Tests.Rating;

/// <summary>The six ways in which contracts bill.</summary>
public sealed class BillingModelTests
{
    [Fact]
    public void A_fixed_fee_is_billed_by_its_schedule_as_it_is_released_and_never_by_the_hour()
    {
        var engagement = Model(BillingModel.FixedFee).With(c => c with
        {
            Lines = [new("1", "P1", null, 10_000m)],
            Schedule =
            [
                new("start", Begin, 0m, "On signing", Begin, 33.33m), new("half", Begin, 0m, null, Begin, 33.33m),
                new("end", Through, 0m, null, null, 33.34m), new("later", Begin, 500m, null, Through.PlusDays(1)),
            ],
        }).Worked(Minutes("1", 60));
        var draft = engagement.Document().Draft;
        draft.Lines!.Select(l => (l.Description, l.Net)).ShouldBe([("Fee half", 3_333m), ("On signing", 3_333m)]);
        draft.Lines![1].Bills.ShouldBe([new(ContractRef with { Line = "start" }, Amount: 3_333m)]);
        engagement.WhyNot("#end").ShouldBe(LeftOutReason.NotReleased);
        engagement.WhyNot("#later").ShouldBe(LeftOutReason.AfterDate);
        engagement.WhyNot("time/psa:1").ShouldBe(LeftOutReason.PaidByFee);
    }

    [Fact]
    public void Percentages_of_a_fee_sum_to_the_fee()
    {
        var thirds = Enumerable.Range(1, 3)
            .Select(i => new ScheduleItem($"{i}", Begin, 0m, null, Begin, i == 3 ? 33.34m : 33.33m)).ToItems();
        Model(BillingModel.FixedFee).With(c => c with { Lines = [new("1", Amount: 100.01m)], Schedule = thirds })
            .Document().Draft.Lines!.Select(l => l.Net).ShouldBe([33.33m, 33.33m, 33.35m]);
    }

    [Fact]
    public void A_fixed_fee_in_tasks_is_billed_as_they_are_closed()
    {
        var engagement = Model(BillingModel.FixedFee);
        var project = engagement.Projects[0].Project with
        {
            Tasks =
            [
                new("A", "Survey", FixedFee: true, Budget: 900m, ClosedOn: Begin),
                new("B", "Design", FixedFee: true, Budget: 700m),
            ],
        };
        engagement = engagement with { Projects = [engagement.Projects[0] with { Project = project }] };
        var line = engagement.Document().Draft.Lines!.ShouldHaveSingleItem();
        (line.Description, line.Net, line.Bills![0].Ref).ShouldBe(("Survey", 900m, ProjectRef with { Line = "A" }));
        engagement.WhyNot("#B").ShouldBe(LeftOutReason.NotReleased);
    }

    [Fact]
    public void A_milestone_is_billed_once_the_client_accepted_it_with_a_document()
    {
        var engagement = Model(BillingModel.Milestone).With(c => c with { Lines = [new("1", null, null, 8_000m)] }) with
        {
            Milestones =
            [
                Milestone("agreed", Euros(1_000m), Begin), Milestone("share", null, Begin) with { Percent = 12.5m },
                Milestone("completed", Euros(1m), null), Milestone("later", Euros(1m), Through.PlusDays(1)),
                Milestone("bare", Euros(1m), Begin) with { HasEvidence = false },
                Milestone("off", Euros(1m), Begin) with { IsCancelled = true }, Milestone("free", null, Begin),
            ],
        };
        engagement.Document().Draft.Lines!.Select(l => (l.Description, l.Net))
            .ShouldBe([("agreed", 1_000m), ("share", 1_000m)]);
        engagement.WhyNot("completed").ShouldBe(LeftOutReason.NotAccepted);
        engagement.WhyNot("later").ShouldBe(LeftOutReason.AfterDate);
        engagement.WhyNot("bare").ShouldBe(LeftOutReason.MissingDocument);
        engagement.WhyNot("off").ShouldBe(LeftOutReason.Cancelled);
        engagement.WhyNot("free").ShouldBe(LeftOutReason.NoRate);
    }

    [Theory]
    [InlineData(RetainerAvailability.Invoiced, false, 300, 0)]
    [InlineData(RetainerAvailability.Paid, false, 150, 150)]
    [InlineData(RetainerAvailability.Invoiced, true, 150, 150)]
    public void A_retainer_is_drawn_on_when_it_is_invoiced_or_paid_as_agreed(
        RetainerAvailability when, bool isClientMoney, int drawn, int payable)
    {
        var engagement = Model(BillingModel.Retainer).Terms(new(Retainer: new(when, isClientMoney))).Worked(Minutes("1", 150)) with
        {
            Retainers = [new(new("invoice", "billing", "R1"), Euros(400m), Euros(200m), Euros(50m))],
        };
        var draft = engagement.Document().Draft;
        (draft.Totals!.Prepaid, draft.Totals.Payable).ShouldBe((drawn, payable));
        draft.Preceding.ShouldBe(
            [new(new("invoice", "billing", "R1"), PrecedingRelation.Settles, drawn)]);
    }

    [Fact]
    public void A_draw_down_is_never_negative_and_the_oldest_retainer_goes_first()
    {
        var engagement = Model(BillingModel.Retainer).Terms(new(Retainer: new(RetainerAvailability.Invoiced)))
            .Worked(Minutes("1", 60)) with
        {
            Retainers =
            [
                new(new("invoice", "billing", "new"), Euros(500m), Euros(0m), Euros(0m), Begin.PlusDays(9)),
                new(new("invoice", "billing", "old"), Euros(100m), Euros(0m), Euros(30m), Begin),
                new(new("invoice", "billing", "over"), Euros(100m), Euros(0m), Euros(140m), Begin),
            ],
        };
        engagement.Document().Draft.Preceding!.Select(p => (p.Ref.Id, p.Amount)).ShouldBe([("old", 70m), ("new", 50m)]);
        var credit = engagement with { Time = [Minutes("back", -60)] };
        credit.WhyNot("back").ShouldBe(LeftOutReason.NoQuantity);
    }

    [Fact]
    public void What_a_retainer_asks_for_ahead_is_a_document_of_its_own()
    {
        var proposal = Model(BillingModel.Retainer).Terms(new(Retainer: new(RetainerAvailability.Paid)))
            .With(c => c with { Schedule = [new("Q2", Begin, 900m, "Second quarter", Begin)] })
            .Worked(Minutes("1", 60)).Propose();
        proposal.Documents.Select(d => (d.Draft.DocumentType, d.Draft.Totals!.Payable))
            .ShouldBe([(DocumentType.Invoice, 120m), (DocumentType.Prepayment, 900m)]);
    }

    [Fact]
    public void A_subscription_is_billed_period_by_period_and_a_last_part_by_its_days()
    {
        var arrears = Subscribed(new("hosting", 310m, From: new LocalDate(2026, 1, 15)));
        arrears.Document().Draft.Lines!.Select(l => (l.Period, l.Net)).ShouldBe(
        [
            (new Period(new(2026, 1, 15), new(2026, 2, 14)), 310m),
            (new Period(new(2026, 2, 15), new(2026, 3, 14)), 310m),
        ]);
        Subscribed(new("hosting", 310m, InAdvance: true)).Document().Draft.Lines!.Count.ShouldBe(3);
        Subscribed(new("hosting", 900m, 3, To: new LocalDate(2026, 1, 31))).Document().Draft.Lines!
            .Select(l => (l.Period, l.Net)).ShouldBe([(new Period(Begin, new(2026, 1, 31)), 310m)]);
        arrears.Document().Draft.Lines![0].Bills![0].Ref.Line.ShouldBe("hosting@2026-01-15");

        static Engagement Subscribed(SubscriptionTerms terms) =>
            Model(BillingModel.Subscription).Terms(new(Subscriptions: [terms]));
    }

    [Fact]
    public void Usage_is_priced_by_the_tier_each_unit_falls_into_month_by_month()
    {
        var engagement = Used(("a", 2, 80), ("b", 2, 50), ("c", 3, 30));
        engagement.Document().Draft.Lines!.Select(l => (l.Net, l.Price?.Amount, l.Quantity!.Value)).ShouldBe(
            [(8.00m, 0.10m, 80m), (3.50m, (decimal?)null, 50m), (3.00m, 0.10m, 30m)]);
        Used(("d", 2, 5_000)).WhyNot("#d").ShouldBe(LeftOutReason.NoRate);
        Used(("e", 4, 5)).WhyNot("#e").ShouldBe(LeftOutReason.AfterDate);

        static Engagement Used(params (string Id, int Month, decimal Units)[] usage) => Model(BillingModel.Usage)
            .Terms(new(Usage: [new("calls", [Tier(0.10m, 100m), Tier(0.05m, 1_000m)])]))
            .With(c => c with
            {
                Usage = [.. usage.Select(u => new UsageRecord(
                    u.Id, "calls", new(u.Units, Unit.Piece), new(2026, u.Month, 5)))],
            });

        static UsageTier Tier(decimal price, decimal upTo) => new(new(price, Eur, Unit.Piece), upTo);
    }

    [Fact]
    public void A_contract_line_says_how_its_projects_work_is_billed() =>
        Model(BillingModel.FixedFee).With(c => c with { Lines = [new("1", "P1", BillingModel.TimeAndMaterials)] })
            .Worked(Minutes("1", 60)).Document().Draft.Totals!.Net.ShouldBe(120m);

    private static ReachedMilestone Milestone(string name, Money? amount, LocalDate? accepted) => new(
        $"milestone/psa:{name}", new("milestone", "psa", name), name, null, amount, null, accepted, true, false, 5);
}
