using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

/// <summary>Units that a meter counts week by week, by the tier they fall into within their month.</summary>
internal sealed partial class Engagement
{
    private const string Meter = "documents";
    private const decimal TierEnds = 400m;

    private Rate PriceBelow => new(4.5m + index % 5 * 0.25m, currency, Unit.Piece);

    private Rate PriceAbove => PriceBelow with { Amount = 3.2m };

    private BillingTerms Metered() => new(
        Expenses: new(PassedThrough: false),
        Usage: [new(Meter, [new(PriceBelow, TierEnds), new(PriceAbove)], "Documents reviewed")]);

    private readonly List<InvoiceLine> metered = [];

    /// <summary>What the meter tells of a month.</summary>
    private void Count(int month, LocalDate starts)
    {
        metered.Clear();
        var counted = 0m;
        for (var week = 0; week < 4; week++)
        {
            var day = starts.PlusDays(6 + week * 7);
            var (id, units) = ($"U{month + 1}-{week + 1}", (decimal)dice.Between(60, 260));
            teller.Says(Firm.Clm, Kind.Contract, contract, day.At(new(23, 0)), new ContractUsageRecorded(
                id, Meter, new(units, Unit.Piece), day));
            var below = Math.Clamp(TierEnds - counted, 0m, units);
            var net = Rounding.Round(
                below * PriceBelow.Amount + (units - below) * PriceAbove.Amount, 2, RoundingMode.HalfAwayFromZero);
            counted += units;
            metered.Add(Line(id, $"Documents of week {week + 1}", net) with
            {
                Kind = "usage", Quantity = new(units, Unit.Piece),
                Price = below == units ? PriceBelow : below == 0m ? PriceAbove : null,
            });
        }
    }

    private Asked Usage() => new(metered.ToItems(), metered.Sum(l => l.Net!.Value));
}
