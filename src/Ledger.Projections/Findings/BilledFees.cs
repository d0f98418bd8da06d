using Ledger.Domain;
using Ledger.Projections.Lineage;

namespace Ledger.Projections.Findings;

/// <summary>Fees that are billed once: milestones, and what a contract makes due (an instalment, a period, a metered
/// use); and what bills them: pure.</summary>
internal static class BilledFees
{
    /// <param name="target">A milestone or a contract.</param>
    /// <param name="into">What covers it, of whichever standing.</param>
    public static IEnumerable<Finding> Findings(World world, ComposedEntity target, IReadOnlyList<CoverageEdge> into)
    {
        var bills = into.Where(c => c is { Live: true, Rel: Rels.Bills }).ToArray();
        if (bills.Length < 2) return [];
        var fees = target.Entity.Kind == Kind.Milestone
            ? new Fees(target.Value<decimal?>("amount"), target.Value<Currency?>("currency"))
            : OfContract(target);
        var documents = new BillingDocuments(world);
        return bills.Where(b => fees.IsOnce(b.ToPart)).GroupBy(b => b.ToPart).Where(fee => fee.Skip(1).Any())
            .OrderBy(fee => fee.Key, StringComparer.Ordinal).SelectMany(fee =>
            {
                var said = CoverFindings.InOrder(world, fee).ToArray();
                if (fees.HasWorth(fee.Key)) said = Array.ConvertAll(said, b => Said(documents, b));
                return BilledWork.OfFee(
                    world, target, fee.Key, said, documents, Measure.Of(fees.Worth(fee.Key), fees.Currency, said));
            });
    }

    /// <summary>By what a fee that is billed in parts is measured; null for what is not.</summary>
    /// <param name="bills">Of one part.</param>
    /// <param name="share">What a milestone told by percent is worth.</param>
    public static Measure? InParts(ComposedEntity target, CoverageEdge[] bills, Money? share)
    {
        if (!Array.TrueForAll(bills, b => b.Amount is not null)) return null;
        if (share is { } worth) return Measure.Of(worth.Amount, worth.Currency, bills);
        if (target.Entity.Kind != Kind.Contract) return null;
        var fees = OfContract(target);
        return bills[0].ToPart is { } part && fees.HasWorth(part)
            ? Measure.Of(fees.Worth(part), fees.Currency, bills)
            : null;
    }

    private static Fees OfContract(ComposedEntity contract) => new(
        contract.Value<Items<ContractLine>>("lines") ?? Items<ContractLine>.None,
        contract.Value<Items<ScheduleItem>>("schedule") ?? Items<ScheduleItem>.None,
        contract.Value<Currency?>("currency"));

    /// <summary>With what its line asks for, where the line bills nothing else and no amount is said beside it.
    /// </summary>
    private static CoverageEdge Said(BillingDocuments documents, CoverageEdge bill)
    {
        if (bill.Amount is not null || documents.Of(bill.FromEntity) is not { } document) return bill;
        return document.Line(bill.FromPart) is { Bills: null or { Count: <= 1 }, Net: { } net }
            ? bill with { Amount = net, Currency = document.Currency }
            : bill;
    }

    /// <summary>What may be billed once, and what it is worth.</summary>
    private sealed class Fees
    {
        private readonly HashSet<string> recurring = [];
        private readonly Dictionary<string, decimal?> worths = [];
        private readonly bool isMilestone;
        private readonly decimal? whole;

        public Fees(decimal? whole, Currency? currency) =>
            (isMilestone, this.whole, Currency) = (true, whole, currency);

        public Fees(Items<ContractLine> lines, Items<ScheduleItem> schedule, Currency? currency)
        {
            Currency = currency;
            // A line of a contract is billed month after month.
            recurring.UnionWith(lines.Select(l => l.Line));
            var shares = currency is { } known
                ? Worths.OfSchedule(new() { Lines = lines, Schedule = schedule }, known)
                : [];
            for (var i = 0; i < schedule.Count; i++)
                worths[schedule[i].Item] = shares.Count > i ? shares[i] : null;
        }

        /// <summary>Null = not known.</summary>
        public Currency? Currency { get; }

        public bool IsOnce(string? part) => isMilestone
            ? part is null
            : part is not null && (worths.ContainsKey(part) || !recurring.Contains(part));

        /// <summary>Whether it may be billed in parts; a period and a metered use are billed whole.</summary>
        public bool HasWorth(string? part) => isMilestone || worths.ContainsKey(part!);

        public decimal? Worth(string? part) => isMilestone ? whole : worths.GetValueOrDefault(part!);
    }
}
