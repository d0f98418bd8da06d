using NodaTime;

namespace Ledger.Domain;

/// <summary>Why something is on no invoice proposed. The first of them that holds is told.</summary>
public enum LeftOutReason
{
    /// <summary>A live document bills it.</summary>
    AlreadyBilled,

    /// <summary>A draft bills it.</summary>
    OnDraft,

    /// <summary>It is not billable, by the word of who recorded it.</summary>
    NotBillable,

    /// <summary>It was written off.</summary>
    WrittenOff,

    /// <summary>A fee agreed beforehand pays for it.</summary>
    PaidByFee,

    /// <summary>The firm bears it, by the contract's terms.</summary>
    Absorbed,

    /// <summary>Its milestone was cancelled.</summary>
    Cancelled,

    /// <summary>It is of a day after the one billed through, or falls due later.</summary>
    AfterDate,

    /// <summary>It is of a day on which the contract was not in force.</summary>
    OutsideContract,

    /// <summary>The contract, the project or the draft is held.</summary>
    Hold,

    /// <summary>Nobody approved it, or somebody rejected it.</summary>
    NotApproved,

    /// <summary>The client has not accepted it.</summary>
    NotAccepted,

    /// <summary>Nobody released it for billing.</summary>
    NotReleased,

    /// <summary>A document that must stand behind it is not there.</summary>
    MissingDocument,

    /// <summary>Nothing says how much it is, or when.</summary>
    NoQuantity,

    /// <summary>No card, price or amount is known for it.</summary>
    NoRate,

    /// <summary>It is in another currency than the contract, and no rate is agreed.</summary>
    OtherCurrency,

    /// <summary>A ceiling leaves no room for it.</summary>
    Ceiling,
}

/// <summary>Something, or a part of it, that no proposed line bills.</summary>
/// <param name="Id">Its entity, with <c>#part</c> for a part of the contract or a project.</param>
/// <param name="Detail">The reason in one sentence.</param>
/// <param name="Quantity">How much of it; null = all, or not measured.</param>
/// <param name="Amount">What it would be worth, rounded on its own, half away from zero; null = not known.</param>
public sealed record LeftOut(
    string Id, Ref Ref, LeftOutReason Reason, string Detail, LocalDate? On = null, Quantity? Quantity = null,
    Money? Amount = null);

/// <summary>The reasons that work, money spent and fees share.</summary>
internal static class Reasons
{
    public static (LeftOutReason, string) OfBilled(BilledPart part) => part switch
    {
        { IsDraft: true, Hold: { } hold } => (LeftOutReason.Hold, $"{part.Document} bills it, a draft on hold: {hold}"),
        { IsDraft: true } => (LeftOutReason.OnDraft, $"{part.Document} bills it, a draft"),
        _ => (LeftOutReason.AlreadyBilled, $"{part.Document} bills it"),
    };

    /// <summary>Null = approved.</summary>
    public static (LeftOutReason, string)? OfApproval(Approval? approval) => approval?.Status switch
    {
        ApprovalStatus.Approved => null,
        ApprovalStatus.Rejected => (LeftOutReason.NotApproved, Said("it was rejected", approval.By, approval.Reason)),
        ApprovalStatus.Submitted => (LeftOutReason.NotApproved, "it was submitted and nobody approved it"),
        null or ApprovalStatus.Open => (LeftOutReason.NotApproved, "nobody approved it"),
        var other => throw new System.Diagnostics.UnreachableException($"no status {other}"),
    };

    /// <summary>What the record says itself, then its day, then what holds the contract or the project.</summary>
    public static (LeftOutReason, string)? OfContract(
        Engagement engagement, EngagedProject? project, LocalDate? on, LocalDate through,
        (LeftOutReason, string)? ownReason) =>
        ownReason ?? OfDay(engagement.Contract, on, through) ?? OfHold(engagement.Contract, project);

    public static (LeftOutReason, string)? OfDay(Contract contract, LocalDate? on, LocalDate through)
    {
        if (on is not { } day) return null;
        if (day > through) return (LeftOutReason.AfterDate, $"it is of {Day(day)}");
        if (day < contract.From)
            return (LeftOutReason.OutsideContract, $"it is of {Day(day)}; the contract begins on {Day(contract.From)}");
        return day > contract.To
            ? (LeftOutReason.OutsideContract, $"it is of {Day(day)}; the contract ended on {Day(contract.To)}")
            : null;
    }

    public static (LeftOutReason, string)? OfHold(Contract contract, EngagedProject? project)
    {
        if (contract.Status is ContractStatus.Suspended) return (LeftOutReason.Hold, "the contract is suspended");
        return project?.Project.Status is ProjectStatus.OnHold
            ? (LeftOutReason.Hold, "the project is on hold")
            : null;
    }

    public static string Said(string what, string? by, string? why) =>
        what + (by is null ? "" : $" by {by}") + (why is null ? "" : $": {why}");

    public static string Day(LocalDate? day) =>
        day is { } on ? NodaTime.Text.LocalDatePattern.Iso.Format(on) : "a day nobody states";
}
