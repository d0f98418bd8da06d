using Ledger.Domain;
using NodaTime;
using NodaTime.Text;

namespace Ledger.Projections.SignOffs;

/// <summary>What finance puts its name to: all that falls on some days, of one legal entity or of all. A record falls
/// on the day of the work, of its issue, its posting, its receipt, its acceptance; what it says of other days (what of
/// a payment was applied, withdrawn, reversed when, what was recognised when, when work was approved or written down,
/// when a document was settled, written off, cancelled) on those, as the roll-forward has it. What is said over a
/// record (that it covers another, is the same, goes on as another, has another value) falls where that record does.
/// </summary>
/// <param name="LegalEntity">As <see cref="Known.EntityOf"/> tells it; null = the whole firm.</param>
/// <param name="From">First day.</param>
/// <param name="To">Last day.</param>
public sealed record Scope(string? LegalEntity, LocalDate From, LocalDate To)
{
    private static readonly YearMonthPattern Month = YearMonthPattern.Iso;

    /// <summary>The scope of a sign-off, as the firm names its legal entities.</summary>
    public static Scope Of(SignOff signed, Firm firm) => new(
        signed.Entity is { } entity ? firm.EntityNamed(entity, Ties.LedgerSource) : null, signed.From, signed.To);

    /// <summary>Whether a record has a part in it.</summary>
    public bool Holds(SourceRecord record, Known known) => DatedParts(record, known).Any();

    /// <summary>The days that the name of a period means: of the accounting period so named, else of a month such as
    /// 2026-03; none where it is neither. Of the whole firm several, where its legal entities' differ.</summary>
    /// <param name="legalEntity">As <see cref="Known.EntityOf"/> tells it; null = the whole firm.</param>
    public static IReadOnlyList<(LocalDate From, LocalDate To)> Named(Firm firm, string? legalEntity, string period) =>
        firm.DaysOf(legalEntity, period) is { Count: > 0 } known ? known
        : Month.Parse(period) is { Success: true, Value: var month }
            ? [(month.OnDayOfMonth(1), month.ToDateInterval().End)]
            : [];

    /// <summary>Whether a record of this kind can have a part in any scope, or tell which one another has a part in, or
    /// which days one has.</summary>
    public static bool Concerns(string stream) => StreamName.KindOf(stream) is "time" or "expense" or "milestone"
        or "invoice" or "posting" or "payment" or "revenue" or "override" or "coverage" or "identity" or "succession"
        or "source" or "legal_entity" or "project" or "contract" or "period";

    /// <summary>All that a record has in it, in an order of its own: equal before and after an event, or that event
    /// changed something in it.</summary>
    public IReadOnlyList<object> Parts(SourceRecord? record, Known known)
    {
        if (record is not { IsLive: true }) return [];
        return Over(record) is { Count: > 0 } over
            ?
            [
                .. over.Select(r => r.Stream(record.Source)).OfType<string>().Select(known.Find).OfType<SourceRecord>()
                    .Where(r => Holds(r, known)).Select(r => (object)(r.Stream, record.Fold.State)),
            ]
            : [.. DatedParts(record, known).Select(p => (object)p)];
    }

    /// <summary>The days within it that a record's own parts fall on.</summary>
    public IEnumerable<LocalDate> Days(SourceRecord record, Known known) =>
        DatedParts(record, known).Select(p => p.On);

    private IEnumerable<(LocalDate On, object What)> DatedParts(SourceRecord record, Known known)
    {
        if (!record.IsLive || (LegalEntity is not null && known.EntityOf(record) != LegalEntity)) yield break;
        foreach (var part in Dated.Parts(record.Fold.State!))
            if (part.On is { } on && From <= on && on <= To) yield return (on, part.What);
    }

    /// <summary>The records that a record says something over; empty = none, or it does not stand.</summary>
    private static IReadOnlyList<Ref> Over(SourceRecord record) => record.Fold.State switch
    {
        TruthOverride { Withdrawn: false, Of: { } of } => [of],
        Coverage { Withdrawn: false, From: { } from, To: { } to } => [from, to],
        IdentityLink { Rejected: false, A: { } a, B: { } b } => [a, b],
        Succession { Withdrawn: false, Old: { } old, New: { } to } => [old, to],
        _ => [],
    };
}

/// <summary>What is known at one point.</summary>
/// <param name="Find">The record of a stream; null = there is none.</param>
public sealed record Known(Firm Firm, Func<string, SourceRecord?> Find)
{
    private const int StepsMax = 4;

    public static Known Of(World world) => new(world.Firm, stream => world.Records.GetValueOrDefault(stream));

    /// <summary>The legal entity a record belongs to: by its own word or its system's; else that of what it is under,
    /// where it names that by its id: work of its project, a project of its contract, a document of its contract or
    /// project, a posting of its document, a payment of the first it is for. Null = not known.</summary>
    public string? EntityOf(SourceRecord record)
    {
        for (var (at, steps) = (record, 0); ; steps++)
        {
            if (Firm.EntityOf(at) is { } entity) return entity;
            if (steps == StepsMax || Under(at) is not { } stream || Find(stream) is not { IsLive: true } above)
                return null;
            at = above;
        }
    }

    /// <summary>The stream of what a record is under; null where it names none by its id.</summary>
    public static string? Under(SourceRecord record) => (record.Fold.State switch
    {
        TimeEntry time => time.Project,
        Expense expense => expense.Project,
        Milestone milestone => milestone.Project ?? milestone.Contract,
        Revenue revenue => revenue.Contract ?? revenue.Project,
        Project project => project.Contract,
        Invoice { Contracts: [var contract, ..] } => contract,
        Invoice { Projects: [var project, ..] } => project,
        Posting posting => posting.Document,
        Payment payment => payment.Applications.FirstOrDefault(a => !a.Withdrawn)?.Target,
        _ => null,
    })?.Stream(record.Source);
}
