using Ledger.Domain;

namespace Ledger.Connectors.Simulation;

/// <summary>What of an engagement decides which faults it can show.</summary>
/// <param name="Months">How many months are billed; at least 3.</param>
/// <param name="IsClientsFirst">Whether its client is introduced with it.</param>
/// <param name="HasNeighbour">Whether there is another client that one could be taken for.</param>
/// <param name="IsForeign">Whether it is billed in another currency than its company keeps its books in.</param>
internal sealed record Carrier(
    int Index, BillingModel Model, int Months, bool IsClientsFirst, bool HasNeighbour, bool IsForeign)
{
    /// <summary>Whether something to know is left of it.</summary>
    public bool HasKnowledge => Index % 2 == 0;

    public bool IsBySheet => Model is BillingModel.TimeAndMaterials or BillingModel.Retainer;
}

/// <summary>Which faults strike a firm's engagements, and in which of their months. Among the first engagements each
/// kind strikes once alone, and some in pairs, wherever there is a record that can carry it; of the others one in so
/// many is struck, by some.</summary>
internal sealed class FaultPlan
{
    private const int FirstMax = 60;
    private const int StruckOneIn = 10;
    private const int PerEngagement = 4;

    public static readonly ILookup<int, Fault> None = Array.Empty<Fault>().ToLookup(_ => 0);

    /// <summary>What is planted once or more wherever there are records for it.</summary>
    public static readonly Fault[] All = Enum.GetValues<Fault>();

    // Not of an engagement: they have a place of their own.
    private static readonly Fault[] OfEngagements =
        [
            .. All.Except([
                Fault.CostRate, Fault.CostNotCopied, Fault.IntercompanyAmount, Fault.ExchangeRate,
                Fault.CompanyCurrency, Fault.PeriodEnd,
                Fault.IntercompanyUnmirrored, Fault.TaxRegistrationMissing,
            ]),
        ];

    private readonly Firm firm;
    private readonly StruckMonths[] first;

    public FaultPlan(Firm firm)
    {
        this.firm = firm;
        first = [.. Enumerable.Range(0, Math.Min(FirstMax, firm.Engagements))
            .Select(i => new StruckMonths(Engagement.CarrierOf(firm, i), firm.DiceFor("faults", i)))];
        // What few engagements can carry is placed first.
        foreach (var fault in OfEngagements.OrderBy(f => first.Count(s => Faults.Fit(f, s.Carrier))))
            Place(s => s.StrikeAlone(fault), fault);
        foreach (var struck in first) struck.Keep();
        foreach (var pair in Faults.Together) Place(s => s.StrikeAlone(pair), pair);
        foreach (var struck in first) struck.Fill(OfEngagements, PerEngagement);
    }

    /// <summary>Month of the engagement → what strikes the invoice over it.</summary>
    public ILookup<int, Fault> For(int engagement)
    {
        if (engagement < first.Length) return first[engagement].Struck;
        if (engagement % StruckOneIn != engagement / StruckOneIn % StruckOneIn) return None;
        var struck = new StruckMonths(Engagement.CarrierOf(firm, engagement), firm.DiceFor("faults", engagement));
        struck.Fill(OfEngagements, PerEngagement);
        return struck.Struck;
    }

    /// <summary>The one with the fewest takes it; where none can, the firm is too small for it.</summary>
    private void Place(Func<StruckMonths, bool> strike, params Fault[] faults)
    {
        foreach (var struck in first.OrderBy(s => s.Count))
            if (faults.All(f => Faults.Fit(f, struck.Carrier)) && strike(struck)) return;
    }
}

/// <summary>What strikes one engagement.</summary>
internal sealed class StruckMonths(Carrier carrier, Dice dice)
{
    private readonly List<(int Month, Fault Fault)> all = [];
    private readonly HashSet<int> kept = [];

    public Carrier Carrier => carrier;

    public int Count => all.Count;

    public ILookup<int, Fault> Struck => all.ToLookup(s => s.Month, s => s.Fault);

    // Nothing strikes the first invoice: it is what others are compared with. The last is the ceiling's.
    private IEnumerable<int> Months => Enumerable.Range(1, carrier.Months - 2);

    /// <summary>Where no other fault strikes the document.</summary>
    public bool StrikeAlone(params Fault[] faults) => Strike(faults, Months.Where(m => !IsStruck(m)));

    /// <summary>Where another strikes it too, and need not be alone.</summary>
    public bool StrikeBeside(Fault fault) => Strike([fault], Months.Where(m => IsStruck(m) && !kept.Contains(m)));

    /// <summary>What strikes it by now stays alone.</summary>
    public void Keep() => kept.UnionWith(all.Select(s => s.Month));

    /// <summary>Until it has so many, as far as they go together.</summary>
    public void Fill(Fault[] among, int count)
    {
        var fitting = Array.FindAll(among, f => Faults.Fit(f, carrier));
        var from = dice.Below(fitting.Length);
        for (var i = 0; all.Count < count && i < fitting.Length; i++)
        {
            var fault = fitting[(from + i) % fitting.Length];
            // Every third is put where something is already, so that faults are seen together too.
            if (all.TrueForAll(s => s.Fault != fault))
                _ = dice.Chance(330) ? StrikeBeside(fault) : StrikeAlone(fault);
        }
    }

    private bool IsStruck(int month) => all.Exists(s => s.Month == month);

    private bool Strike(Fault[] faults, IEnumerable<int> months)
    {
        var from = dice.Below(carrier.Months);
        var open = !Faults.IsOfDocument(faults[0]) ? [0]
            : faults.Contains(Fault.OverCeiling) ? [carrier.Months - 1]
            : months.OrderBy(m => (m + from) % carrier.Months).ToArray();
        return Array.Exists(open, m => Add(m, faults));
    }

    private bool Add(int month, Fault[] faults)
    {
        if (Array.Exists(faults, f => all.Exists(s =>
            (s.Month == month && Faults.Hide(s.Fault, f)) || Faults.Follow(s, (month, f))))) return false;
        all.AddRange(faults.Select(f => (month, f)));
        return true;
    }
}
