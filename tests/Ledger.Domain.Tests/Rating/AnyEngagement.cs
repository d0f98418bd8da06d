using NodaTime;
using static Ledger.Domain.Tests.Rating.Engaged;

namespace Ledger.Domain.Tests.Rating;

/// <summary>Engagements of every billing model, drawn at random.</summary>
internal static class AnyEngagement
{
    public static Engagement Draw(Random random)
    {
        var model = (BillingModel)random.Next(6);
        var engagement = Model(model)
            .Rounded((RoundingScope)random.Next(6), (RoundingMode)random.Next(5))
            .Terms(new(
                Discounts: random.Next(3) == 0 ? [new(random.Next(0, 30) / 2m, Kind: "time")] : null,
                Expenses: random.Next(3) == 0 ? new(MarkupPercent: random.Next(20), ReceiptAbove: 80m) : null,
                Subcontractors: random.Next(3) == 0 ? new(random.Next(2) == 0, 7.5m) : null,
                Retainer: model is BillingModel.Retainer ? new((RetainerAvailability)random.Next(2)) : null,
                Subscriptions: model is BillingModel.Subscription
                    ? [new("hosting", 333.33m, random.Next(1, 4), random.Next(2) == 0)] : null,
                Usage: model is BillingModel.Usage ? [new("calls", Tiers)] : null,
                Tax: random.Next(2) == 0 ? new("S", 19m) : null))
            .With(c => c with
            {
                Lines = [new("1", "P1", null, 10_000m)],
                Schedule = model is BillingModel.FixedFee or BillingModel.Retainer ? Schedule(random) : c.Schedule,
                Usage = model is BillingModel.Usage ? Used(random) : c.Usage,
                Ceilings = random.Next(3) == 0 ? [new("cap", AnyScope(random), random.Next(100, 3_000))] : c.Ceilings,
            });
        return engagement with
        {
            Time = [.. Enumerable.Range(0, random.Next(0, 14)).Select(i => Time(random, i))],
            Expenses = [.. Enumerable.Range(0, random.Next(0, 4)).Select(i => Expense(
                $"{i}", random.Next(1, 20_000) / 100m, e => random.Next(5) == 0 ? e with { Approval = null } : e,
                random.Next(4) == 0))],
            Milestones = model is BillingModel.Milestone ? Milestones(random) : engagement.Milestones,
            Cards =
            [
                CardOf(
                    new("any", RateUse.Bill, new(), PerHour(random.Next(5_000, 20_000) / 100m), Begin),
                    new("lead", RateUse.Bill, new(Role: "lead"), PerHour(180m), Begin)),
                CardOf(new CardRate("other", RateUse.Bill, new(), PerHour(90m), Begin)) with
                {
                    Origin = CardOrigin.Client, Stream = "rate_card/clm:RC2",
                },
            ],
            Retainers = [.. Enumerable.Range(0, random.Next(0, 3)).Select(i => new Retainer(
                new("invoice", "billing", $"{i}"), Euros(500m), Euros(random.Next(0, 500)), Euros(random.Next(0, 600)),
                Begin.PlusDays(i)))],
        };
    }

    private static readonly Items<UsageTier> Tiers =
        [new(new(0.10m, Eur, Unit.Piece), 100m), new(new(0.075m, Eur, Unit.Piece))];

    private static WorkedTime Time(Random random, int i) => Minutes(
        $"{i:00}", random.Next(1, 500), random.Next(1, 5), random.Next(1, 28), random.Next(2) == 0 ? "ann" : "ben",
        random.Next(3) == 0 ? "lead" : null,
        e => random.Next(8) switch
        {
            0 => e with { Billable = false },
            1 => e with { Approval = new(ApprovalStatus.Submitted) },
            2 => e with { WriteDowns = [new(false, random.Next(1, 2_000) / 100m, Eur)] },
            3 => e with { BillableQuantity = new(0.5m, Unit.Hour) },
            4 => e with { Quantity = new(e.Quantity!.Value / 4m, Unit.Hour) },
            _ => e,
        });

    private static Items<ScheduleItem> Schedule(Random random) =>
    [
        .. new[] { 33.33m, 33.33m, 33.34m }.Select((percent, i) => new ScheduleItem(
            $"S{i}", Begin.PlusMonths(i), 0m, Percent: percent,
            ReleasedOn: random.Next(3) == 0 ? null : Begin.PlusMonths(i))),
        new("extra", Begin, 12.34m, ReleasedOn: Begin),
    ];

    private static Items<UsageRecord> Used(Random random) =>
    [
        .. Enumerable.Range(0, random.Next(0, 8)).Select(i => new UsageRecord(
            $"U{i}", "calls", new(random.Next(0, 200), Unit.Piece), Begin.PlusDays(random.Next(0, 100)), i)),
    ];

    private static Items<ReachedMilestone> Milestones(Random random) =>
    [
        .. Enumerable.Range(0, random.Next(0, 4)).Select(i => new ReachedMilestone(
            $"milestone/psa:{i}", new("milestone", "psa", $"{i}"), $"M{i}", "1",
            random.Next(2) == 0 ? Euros(1_234.56m) : null, 12.5m,
            random.Next(3) == 0 ? null : Begin.PlusMonths(random.Next(0, 5)), random.Next(4) > 0, random.Next(6) == 0,
            80 + i)),
    ];

    private static string AnyScope(Random random) =>
        new[] { "contract", "line", "role", "customer" }[random.Next(4)];
}
