using NodaTime;

namespace Ledger.Connectors.Simulation;

/// <summary>What can go wrong on its way through the systems. Each is planted on a document of its own or together with
/// others.</summary>
internal enum Fault
{
    /// <summary>The ERP never posts an invoice.</summary>
    PostingMissing,

    /// <summary>The ERP never hears of an invoice at all.</summary>
    InvoiceMissing,

    /// <summary>The ERP posts an invoice long after its lag.</summary>
    PostingLate,

    /// <summary>The ERP posts a document that nobody else has.</summary>
    PostingOrphan,

    /// <summary>An hour is billed on two live invoices.</summary>
    HourTwice,

    /// <summary>An entry is corrected after it was billed.</summary>
    HoursCorrected,

    /// <summary>The ERP books other hours for a month's work than were worked.</summary>
    HoursPosted,

    /// <summary>A line is billed at a rate that no card states.</summary>
    RateOff,

    /// <summary>Rounded line by line where the contract rounds once per invoice.</summary>
    RoundingScope,

    /// <summary>The ERP posts another amount.</summary>
    PostingAmount,

    /// <summary>The ERP states an invoice in another currency.</summary>
    InvoiceCurrency,

    /// <summary>The ERP posts another tax.</summary>
    PostingTax,

    /// <summary>Cancelled and billed again, while the posting still stands.</summary>
    PostingStands,

    /// <summary>Billing says paid; the ERP has no payment.</summary>
    PaidUnpaid,

    /// <summary>The ERP posts in another period.</summary>
    PostingPeriod,

    /// <summary>An invoice goes to another client than its contract's.</summary>
    OtherClient,

    /// <summary>A number is left out of a series.</summary>
    NumberGap,

    /// <summary>A later number bears an earlier date.</summary>
    NumberOrder,

    /// <summary>An entry is billed that nobody approved.</summary>
    Unapproved,

    /// <summary>An entry is billed that is not billable.</summary>
    NotBillable,

    /// <summary>A line asks for money with nothing behind it.</summary>
    Unsourced,

    /// <summary>An invoice exceeds the contract's ceiling.</summary>
    OverCeiling,

    /// <summary>An amendment never reaches the PSA.</summary>
    AmendmentNotCopied,
}

/// <summary>A fault as it was planted: what a report must find.</summary>
/// <param name="Class">The class of drift it belongs to, snake_case.</param>
/// <param name="Record">Stream of the record it is about.</param>
/// <param name="Amount">What is at stake before tax (of a tax fault, the tax), in <paramref name="Currency"/>;
/// positive. Zero where no money depends on it.</param>
/// <param name="Source">Of the event that caused it.</param>
/// <param name="Event">Id of that event.</param>
internal sealed record Planted(
    Fault Fault, string Class, string Record, decimal Amount, string Currency, string Source, string Event)
{
    /// <summary>Other records that belong to it.</summary>
    public IReadOnlyList<string> Related { get; init; } = [];

    /// <summary>The invoice number it is found under, where it is about one.</summary>
    public string? Number { get; init; }

    /// <summary>What was planted on the same document beside it.</summary>
    public IReadOnlyList<Fault> Beside { get; init; } = [];

    /// <summary>Whether it has mended itself by the end: late, but there.</summary>
    public bool Closed { get; init; }
}

/// <summary>Which faults strike an engagement, and in which of its months.</summary>
internal static class FaultPlan
{
    // Every engagement of a small firm is struck, so that ten thousand events show every fault; of a large firm's, one
    // in ten.
    private const int StruckFirst = 60;
    private const int StruckOneIn = 10;
    private const int PerEngagement = 3;

    private static readonly Fault[] OfWork =
    [
        Fault.HourTwice, Fault.HoursCorrected, Fault.HoursPosted, Fault.RateOff, Fault.RoundingScope, Fault.Unapproved,
        Fault.NotBillable,
    ];

    private static readonly Fault[] All = Enum.GetValues<Fault>();

    public static readonly ILookup<int, Fault> None = Array.Empty<Fault>().ToLookup(_ => 0);

    /// <summary>Month of the engagement → what strikes the invoice over it.</summary>
    /// <param name="months">How many months are billed; at least 3.</param>
    /// <param name="bySheet">Whether it is billed by time sheet.</param>
    public static ILookup<int, Fault> For(int engagement, int months, bool bySheet, Dice dice)
    {
        if (engagement >= StruckFirst && engagement % StruckOneIn != 0) return None;
        // A round of its own, so that a stride does not leave some out.
        var round = engagement < StruckFirst ? engagement : engagement / StruckOneIn;
        var due = Enumerable.Range(0, PerEngagement).Select(i => All[(round * PerEngagement + i) % All.Length])
            .Where(f => bySheet || !OfWork.Contains(f)).ToList();
        var struck = new List<(int Month, Fault Fault)>();
        var free = Enumerable.Range(1, months - 2).ToList();
        foreach (var fault in due)
        {
            var month = fault switch
            {
                Fault.OverCeiling => months - 1,
                // The first month's amendment; an hour can only be billed again after it was billed.
                Fault.AmendmentNotCopied => 0,
                _ when free.Count > 0 => Taken(free, dice),
                _ => 1,
            };
            if (month > 0 && struck.Any(s => s.Month == month && Hides(s.Fault, fault))) continue;
            struck.Add((month, fault));
        }

        return struck.ToLookup(s => s.Month, s => s.Fault);
    }

    /// <summary>Whether one of the two could not be seen beside the other.</summary>
    private static bool Hides(Fault a, Fault b) => (a, b) switch
    {
        (Fault.PostingMissing, _) or (_, Fault.PostingMissing) => OfPosting(a) && OfPosting(b),
        (Fault.PostingStands, _) or (_, Fault.PostingStands) => true,
        (Fault.InvoiceMissing, Fault.InvoiceCurrency) or (Fault.InvoiceCurrency, Fault.InvoiceMissing) => true,
        _ => false,
    };

    private static bool OfPosting(Fault fault) => fault
        is Fault.PostingMissing or Fault.PostingLate or Fault.PostingAmount or Fault.PostingTax or Fault.PostingPeriod;

    private static int Taken(List<int> free, Dice dice)
    {
        // Every third is put where something is already, so that faults are seen together too.
        var at = dice.Below(free.Count);
        var month = free[at];
        if (!dice.Chance(330)) free.RemoveAt(at);
        return month;
    }
}
