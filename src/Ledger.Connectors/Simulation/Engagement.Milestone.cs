using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

/// <summary>Something to be reached each month, paid once the client accepts it.</summary>
internal sealed partial class Engagement
{
    private const decimal MilestoneOff = 400m;

    private static string Step(int month) => $"M{month + 1}";

    private string MilestoneId(int month) => $"MS-{20_000 + index}-{month + 1}";

    /// <summary>What it is worth, with what was agreed since.</summary>
    private decimal Worth(int month) => Fee(month) + (month == months - 1 && isAmended ? Extra : 0m);

    private void PlanMilestones(LocalDateTime at)
    {
        for (var month = 0; month < months; month++)
        {
            teller.Says(Firm.Psa, Kind.Milestone, MilestoneId(month), at.PlusMinutes(month), new MilestonePlanned(
                Project, $"Stage {month + 1}", DueOn(month), Fee(month), currency, Contract, Step(month))
            {
                Number = MilestoneId(month), Entity = company.Ref,
            });
            CopyMilestone(month, at.PlusHours(4).PlusMinutes(month));
        }
    }

    private LocalDate DueOn(int month) => first.PlusMonths(month + 1).PlusDays(-1);

    /// <summary>Done by the firm's word, and accepted by the client's; now and then only at the second time.</summary>
    private void Reach(int month, LocalDate next)
    {
        var (id, last) = (MilestoneId(month), next.PlusDays(-1));
        if (dice.Chance(200))
            teller.Says(Firm.Psa, Kind.Milestone, id, next.PlusDays(-12).At(new(9, 0)), new MilestoneRescheduled(
                last, "client on leave"));
        teller.Says(Firm.Psa, Kind.Milestone, id, next.PlusDays(-6).At(new(16, 0)), new MilestoneCompleted(
            next.PlusDays(-6), team[0].Id));
        if (dice.Chance(250))
        {
            teller.Says(Firm.Psa, Kind.Milestone, id, next.PlusDays(-4).At(new(9, 0)),
                new MilestoneAcceptanceRejected(next.PlusDays(-4), "client", "annex missing"));
            teller.Says(Firm.Psa, Kind.Milestone, id, next.PlusDays(-2).At(new(9, 0)), new MilestoneCompleted(
                next.PlusDays(-2), team[0].Id));
        }

        if (!Struck(month, Fault.MilestoneUnaccepted))
            teller.Says(Firm.Psa, Kind.Milestone, id, last.At(new(15, 0)), new MilestoneAccepted(
                Project, last, "client", [new($"{id}-protocol", $"{id}.pdf", "application/pdf")], Step(month)));
    }

    private Asked Milestone(int month, Fault[] struck)
    {
        var id = MilestoneId(month);
        var asked = Worth(month) + (struck.Contains(Fault.MilestoneAmount) ? MilestoneOff : 0m);
        return new(
            [
                new("M-" + id, Kind: "fee", Description: $"Stage {month + 1}", Net: asked,
                    Bills: [new(To(Kind.Milestone, Firm.Psa, id))]),
            ],
            asked);
    }
}
