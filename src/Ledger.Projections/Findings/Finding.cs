using Ledger.Domain;

namespace Ledger.Projections.Findings;

/// <summary>Something about an entity that a person should know. It never blocks a fact.</summary>
/// <param name="Code">One of <see cref="Codes"/>.</param>
/// <param name="Entity">Id of the entity it is about.</param>
/// <param name="Stream">The record it shows on.</param>
/// <param name="Part">The line, application or field of it; null = the record as a whole.</param>
/// <param name="Position">Position of the event since which it holds.</param>
/// <param name="Words">One plain sentence.</param>
public sealed record Finding(
    string Code, string Entity, string Stream, string? Part, long Position, string Words, Items<Figure> Figures);

/// <summary>A number or a name that a finding rests on, as text: decimals plain, with their unit or currency.</summary>
public sealed record Figure(string Name, string Value);

/// <summary>What findings are about. Stored names.</summary>
public static class Codes
{
    /// <summary>An hour, or an expense, is on more than one live line of different documents.</summary>
    public const string HourBilledTwice = "hour_billed_twice";

    /// <summary>A milestone, or what a contract makes due once, is on live lines of different documents, and together
    /// they bill more than it is worth.</summary>
    public const string FeeBilledTwice = "fee_billed_twice";

    /// <summary>More is billed, posted, settled or credited than there is.</summary>
    public const string OverCovered = "over_covered";

    /// <summary>A reference points at nothing the ledger has.</summary>
    public const string DanglingReference = "dangling_reference";

    /// <summary>An event waits for another that has not come.</summary>
    public const string PendingEvent = "pending_event";

    /// <summary>A link would put two live records of one source into one entity.</summary>
    public const string LinkRefused = "link_refused";

    /// <summary>What a person overrode has changed since.</summary>
    public const string OverriddenValueChanged = "overridden_value_changed";

    /// <summary>An override's last day is past, and nobody withdrew it.</summary>
    public const string OverrideExpired = "override_expired";

    /// <summary>An override names no field of the kind, or a value that is not of the field's shape.</summary>
    public const string OverrideUnreadable = "override_unreadable";

    /// <summary>What falls into an accounting period changed after the period was closed.</summary>
    public const string ClosedPeriod = "closed_period";

    /// <summary>What was not there when an accounting period was closed to all but corrections falls into it, and is no
    /// entry of whoever keeps its books.</summary>
    public const string SoftClosedPeriod = "soft_closed_period";

    /// <summary>A document states a figure otherwise than its own parts come to.</summary>
    public const string DoesNotAddUp = "does_not_add_up";

    /// <summary>Whoever approved it did it, or prepared it.</summary>
    public const string ApprovedByPreparer = "approved_by_preparer";

    /// <summary>Two statements of one record and one moment differ.</summary>
    public const string StatedOtherwise = "stated_otherwise";

    /// <summary>One record is said to go on as two, and both are live.</summary>
    public const string TwoLiveSuccessors = "two_live_successors";

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> All =
    [
        HourBilledTwice, FeeBilledTwice, OverCovered, DanglingReference, PendingEvent, LinkRefused,
        OverriddenValueChanged, OverrideExpired, OverrideUnreadable, ClosedPeriod, SoftClosedPeriod, DoesNotAddUp,
        ApprovedByPreparer, StatedOtherwise, TwoLiveSuccessors,
    ];
}
