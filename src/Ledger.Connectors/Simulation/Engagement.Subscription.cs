using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

/// <summary>A fee for each month; the last one is cut short and billed by its days.</summary>
internal sealed partial class Engagement
{
    private const int LastDay = 19;

    private BillingTerms Subscribed() => new(
        Expenses: new(PassedThrough: false),
        Subscriptions:
        [
            new("helpdesk", Fee(0), From: first, To: first.PlusMonths(months - 1).PlusDays(LastDay),
                Description: "Helpdesk"),
        ]);

    private Asked Subscription(int month)
    {
        var (from, last) = (first.PlusMonths(month), first.PlusMonths(month + 1).PlusDays(-1));
        var to = month == months - 1 ? from.PlusDays(LastDay) : last;
        var net = Rounding.Round(
            Fee(0) * to.Day / last.Day, 2, RoundingMode.HalfAwayFromZero);
        var part = $"helpdesk@{NodaTime.Text.LocalDatePattern.Iso.Format(from)}";
        return new([Line(part, "Helpdesk", net) with { Period = new(from, to) }], net);
    }
}
