using Ledger.Domain;

namespace Ledger.Connectors.Simulation;

/// <summary>What a fault spoils; two that spoil one thing could not be told apart.</summary>
internal enum Spoils
{
    /// <summary>Something that stands before the first invoice.</summary>
    Setup,

    /// <summary>The last thing a system says of an engagement.</summary>
    Extract,
    Number,
    Client,

    /// <summary>The ERP's record of the invoice.</summary>
    Mirror,
    Posting,
    Payment,

    /// <summary>The chain from an invoice to the one that takes its place.</summary>
    Chain,

    /// <summary>The posting of the month's work.</summary>
    WorkPosting,

    /// <summary>A milestone.</summary>
    Milestone,

    /// <summary>Nothing but a piece of work, a line or an amount of its own.</summary>
    Own,
}

/// <summary>Which faults strike an engagement, and in which of its months.</summary>
internal static class FaultPlan
{
    // Every engagement of a small firm is struck, so that ten thousand events show nearly every fault; of a large
    // firm's, one in ten.
    private const int StruckFirst = 60;
    private const int StruckOneIn = 10;
    private const int PerEngagement = 4;

    private static readonly Fault[] All =
        [.. Enum.GetValues<Fault>().Where(f => f is not (Fault.CostRate or Fault.IntercompanyAmount))];

    public static readonly ILookup<int, Fault> None = Array.Empty<Fault>().ToLookup(_ => 0);

    /// <summary>Month of the engagement → what strikes the invoice over it.</summary>
    /// <param name="months">How many months are billed; at least 3.</param>
    /// <param name="like">How many engagements before it are billed alike: by the sheet, or by fees.</param>
    public static ILookup<int, Fault> For(int engagement, int like, BillingModel model, int months, Dice dice)
    {
        var late = engagement >= StruckFirst;
        if (late && engagement % StruckOneIn != engagement / StruckOneIn % StruckOneIn) return None;
        var fitting = All.Where(f => Fits(f, model)
            && (f is not Fault.ClientCurrency || engagement % Firm.EngagementsPerClient == 0)).ToArray();
        var from = late ? dice.Below(fitting.Length) : like * PerEngagement;
        var struck = new List<(int Month, Fault Fault)>();
        var free = Enumerable.Range(1, months - 2).ToList();
        foreach (var fault in Enumerable.Range(from, PerEngagement).Select(i => fitting[i % fitting.Length]))
        {
            var month = fault is Fault.OverCeiling ? months - 1
                : Of(fault) is Spoils.Setup or Spoils.Extract ? 0
                : free.Count > 0 ? Taken(free, dice) : 1;
            if (struck.Any(s => (s.Month == month && Hide(s.Fault, fault)) || Follow(s, (month, fault)))) continue;
            struck.Add((month, fault));
        }

        return struck.ToLookup(s => s.Month, s => s.Fault);
    }

    public static Spoils Of(Fault fault) => fault switch
    {
        Fault.AmendmentNotCopied or Fault.ContractEnd or Fault.ContractRounding or Fault.ProjectBudget
            or Fault.ClientCurrency => Spoils.Setup,
        Fault.ExtractShort or Fault.ExtractUnknown => Spoils.Extract,
        Fault.NumberGap or Fault.NumberOrder or Fault.NumberTwice => Spoils.Number,
        Fault.OtherClient => Spoils.Client,
        Fault.InvoiceMissing or Fault.InvoiceCurrency or Fault.InvoiceAmount or Fault.InvoiceTax or Fault.InvoiceDate
            or Fault.InvoiceClient => Spoils.Mirror,
        Fault.PostingMissing or Fault.PostingLate or Fault.PostingTwice or Fault.PostingAmount or Fault.PostingCurrency
            or Fault.PostingTax or Fault.PostingFailed or Fault.PostingTakenBack or Fault.PostingPeriod
            => Spoils.Posting,
        Fault.Overpaid or Fault.PaidUnpaid or Fault.PaidLess => Spoils.Payment,
        Fault.PostingStands or Fault.InvoiceStands or Fault.PaidCancelled => Spoils.Chain,
        Fault.HoursPosted or Fault.WorkDeleted => Spoils.WorkPosting,
        Fault.MilestoneAmount or Fault.MilestoneUnaccepted => Spoils.Milestone,
        _ => Spoils.Own,
    };

    private static bool Fits(Fault fault, BillingModel model) => fault switch
    {
        Fault.WorkNotDelivered or Fault.WorkDeleted or Fault.ExpenseDeleted or Fault.HourTwice or Fault.HoursCorrected
            or Fault.WrittenDownLater or Fault.RateOff or Fault.RateMissing or Fault.RoundingScope
            or Fault.ExpenseCorrected or Fault.FlaggedOpen or Fault.OtherProject or Fault.Unapproved
            or Fault.ApprovedInPart or Fault.ExpenseUnapproved or Fault.NotBillable or Fault.WrittenOffLater
            or Fault.ExpenseNotBillable => model is BillingModel.TimeAndMaterials or BillingModel.Retainer,
        Fault.MilestoneAmount or Fault.MilestoneUnaccepted => model is BillingModel.Milestone,
        // What is paid ahead leaves nothing to be paid, and two documents a month no single number before.
        Fault.Overpaid or Fault.PaidUnpaid or Fault.PaidLess or Fault.PaidCancelled or Fault.PostingStands
            or Fault.InvoiceStands or Fault.NumberTwice => model is not BillingModel.Retainer,
        _ => true,
    };

    /// <summary>Whether one of the two could not be seen beside the other.</summary>
    private static bool Hide(Fault a, Fault b) => a == b || (Of(a), Of(b)) switch
    {
        (Spoils.Own, Spoils.Own) => false,
        (Spoils.Setup, Spoils.Setup) => true,
        (Spoils.Chain, _) or (_, Spoils.Chain) => Of(a) is not Spoils.Setup && Of(b) is not Spoils.Setup,
        // Systems that disagree on a number do not see one document.
        (Spoils.Number, Spoils.Mirror) or (Spoils.Mirror, Spoils.Number) => true,
        (Spoils.Client, Spoils.Mirror) or (Spoils.Mirror, Spoils.Client) => true,
        (Spoils.WorkPosting, _) when b is Fault.HoursCorrected => a is Fault.WorkDeleted,
        (_, Spoils.WorkPosting) when a is Fault.HoursCorrected => b is Fault.WorkDeleted,
        var (of, other) => of == other,
    };

    /// <summary>Whether what strikes one month shows in the next.</summary>
    private static bool Follow((int Month, Fault Fault) a, (int Month, Fault Fault) b) =>
        (b.Month == a.Month + 1 && b.Fault is Fault.NumberTwice && !Harmless(a.Fault))
        || (a.Month == b.Month + 1 && a.Fault is Fault.NumberTwice && !Harmless(b.Fault));

    private static bool Harmless(Fault fault) => Of(fault) is Spoils.Own or Spoils.Setup or Spoils.Posting;

    private static int Taken(List<int> free, Dice dice)
    {
        // Every third is put where something is already, so that faults are seen together too.
        var at = dice.Below(free.Count);
        var month = free[at];
        if (!dice.Chance(330)) free.RemoveAt(at);
        return month;
    }
}
