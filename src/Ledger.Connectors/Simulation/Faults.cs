using Ledger.Domain;

namespace Ledger.Connectors.Simulation;

/// <summary>What a fault spoils; two that spoil one thing can often not be told apart.</summary>
internal enum Spoils
{
    Client,
    Opportunity,
    Proposal,
    Card,

    /// <summary>The PSA's copy of the contract.</summary>
    Contract,
    Project,
    Change,

    /// <summary>The contract system's copy of a milestone.</summary>
    Plan,
    Schedule,
    Knowledge,

    /// <summary>The ERP's copies of hours and costs.</summary>
    WorkCopy,

    /// <summary>The last thing a system says of an engagement.</summary>
    Extract,

    /// <summary>From here on: of one document.</summary>
    Number,

    /// <summary>To whom an invoice goes.</summary>
    Addressee,

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

/// <summary>Which faults an engagement can show, and which of them side by side.</summary>
internal static class Faults
{
    /// <summary>What is seen together on one document at least once: beside each other, on one record, or so that one
    /// makes up for the other.</summary>
    public static readonly Fault[][] Together =
    [
        [Fault.PostingAmount, Fault.PostingTwice], [Fault.PostingTax, Fault.PostingTwice],
        [Fault.InvoiceAmount, Fault.InvoiceTax], [Fault.RateOff, Fault.HoursCorrected],
        [Fault.HoursCorrected, Fault.WrittenDownLater], [Fault.HoursPosted, Fault.HoursCorrected],
        [Fault.RateOff, Fault.Unsourced], [Fault.PostingAmount, Fault.PostingPeriod],
        [Fault.PostingTax, Fault.PostingLate], [Fault.PostingRate, Fault.PostingAmount],
        [Fault.InvoiceDate, Fault.InvoiceClient], [Fault.PostingStands, Fault.InvoiceStands],
        [Fault.PostingStands, Fault.PaidCancelled], [Fault.MilestoneAmount, Fault.MilestoneUnaccepted],
        [Fault.OpportunityAmount, Fault.OpportunityDate, Fault.ProposalAmount], [Fault.ChangeAmount, Fault.ChangeDays],
        [Fault.ContractEnd, Fault.ContractRounding], [Fault.ScheduleAmount, Fault.ScheduleEnd],
    ];

    public static bool IsOfDocument(Fault fault) => Of(fault) >= Spoils.Number;

    public static Spoils Of(Fault fault) => fault switch
    {
        Fault.ClientCurrency => Spoils.Client,
        Fault.OpportunityAmount or Fault.OpportunityDate or Fault.OpportunityLost or Fault.OpportunityClient
            => Spoils.Opportunity,
        Fault.ProposalAmount or Fault.ProposalCurrency or Fault.ProposalRejected or Fault.ProposalMissing
            => Spoils.Proposal,
        Fault.CardPrice => Spoils.Card,
        Fault.AmendmentNotCopied or Fault.ContractEnd or Fault.ContractRounding or Fault.ContractTerms
            or Fault.ContractLine => Spoils.Contract,
        Fault.ProjectBudget or Fault.ProjectClient or Fault.ProjectOpen or Fault.ProjectMissing
            or Fault.ProjectUnknown => Spoils.Project,
        Fault.ChangeAmount or Fault.ChangeDays or Fault.ChangeRejected => Spoils.Change,
        Fault.MilestoneWorth or Fault.MilestoneDue => Spoils.Plan,
        Fault.ScheduleAmount or Fault.ScheduleEnd or Fault.ScheduleCurrency or Fault.ScheduleMissing
            => Spoils.Schedule,
        Fault.KnowledgeWithdrawn => Spoils.Knowledge,
        Fault.ExpenseAmount or Fault.ExpenseMissing or Fault.PayrollHours or Fault.HoursTask or Fault.HoursBillable
            or Fault.HoursRejected => Spoils.WorkCopy,
        Fault.ExtractShort or Fault.ExtractUnknown => Spoils.Extract,
        Fault.NumberGap or Fault.NumberOrder or Fault.NumberTwice => Spoils.Number,
        Fault.OtherClient => Spoils.Addressee,
        Fault.InvoiceMissing or Fault.InvoiceCurrency or Fault.InvoiceAmount or Fault.InvoiceTax or Fault.InvoiceDate
            or Fault.InvoiceClient or Fault.LineHours or Fault.LinePrice or Fault.LineAmount or Fault.TaxCategory
            or Fault.TaxPoint or Fault.InvoiceContract => Spoils.Mirror,
        Fault.PostingMissing or Fault.PostingLate or Fault.PostingTwice or Fault.PostingAmount or Fault.PostingCurrency
            or Fault.PostingTax or Fault.PostingFailed or Fault.PostingTakenBack or Fault.PostingPeriod
            or Fault.PostingRate => Spoils.Posting,
        Fault.Overpaid or Fault.PaidUnpaid or Fault.PaidLess or Fault.PaymentRate or Fault.PaymentUnbanked
            or Fault.PaymentPending or Fault.PaymentBankedLess => Spoils.Payment,
        Fault.PostingStands or Fault.InvoiceStands or Fault.PaidCancelled or Fault.CancelledLate => Spoils.Chain,
        Fault.HoursPosted or Fault.WorkDeleted => Spoils.WorkPosting,
        Fault.MilestoneAmount or Fault.MilestoneUnaccepted => Spoils.Milestone,
        _ => Spoils.Own,
    };

    /// <summary>Whether the engagement has a record that can carry it.</summary>
    public static bool Fit(Fault fault, Carrier by) => fault switch
    {
        Fault.WorkNotDelivered or Fault.WorkDeleted or Fault.ExpenseDeleted or Fault.HourTwice or Fault.HoursCorrected
            or Fault.WrittenDownLater or Fault.RateOff or Fault.RoleBefore or Fault.RateMissing or Fault.RoundingScope
            or Fault.ExpenseCorrected or Fault.FlaggedOpen or Fault.OtherProject or Fault.Unapproved
            or Fault.ApprovedInPart or Fault.ExpenseUnapproved or Fault.NotBillable or Fault.WrittenOffLater
            or Fault.ExpenseNotBillable or Fault.LineHours or Fault.LinePrice => by.IsBySheet,
        Fault.LineAmount => !by.IsBySheet,
        Fault.RetainerOverdrawn => by.Model is BillingModel.Retainer,
        Fault.MilestoneAmount or Fault.MilestoneUnaccepted or Fault.MilestoneWorth or Fault.MilestoneDue
            or Fault.ContractLine => by.Model is BillingModel.Milestone,
        Fault.InvoiceContract => by.Index > 0,
        // What is paid ahead leaves nothing to be paid, and two documents a month no single number before.
        Fault.Overpaid or Fault.PaidUnpaid or Fault.PaidLess or Fault.PaidCancelled or Fault.PaymentUnbanked
            or Fault.PaymentPending or Fault.PaymentBankedLess or Fault.PostingStands or Fault.InvoiceStands
            or Fault.CancelledLate or Fault.NumberTwice => by.Model is not BillingModel.Retainer,
        Fault.PaymentRate => by.IsForeign && by.Model is not BillingModel.Retainer,
        Fault.PostingRate => by.IsForeign,
        Fault.KnowledgeWithdrawn => by.HasKnowledge,
        Fault.ClientCurrency or Fault.CardPrice => by.IsClientsFirst,
        Fault.OtherClient or Fault.InvoiceClient or Fault.OpportunityClient or Fault.ProjectClient => by.HasNeighbour,
        _ => true,
    };

    /// <summary>Whether one of the two could not be seen beside the other.</summary>
    public static bool Hide(Fault a, Fault b) => a == b || Hides(a, b) || Hides(b, a) || (Of(a), Of(b)) switch
    {
        (Spoils.Chain, var other) => other is not Spoils.Chain,
        (var other, Spoils.Chain) => other is not Spoils.Chain,
        // Systems that disagree on a number, or on whom it is for, do not see one document.
        (Spoils.Number or Spoils.Addressee, Spoils.Mirror) => true,
        (Spoils.Mirror, Spoils.Number or Spoils.Addressee) => true,
        (Spoils.Extract or Spoils.Number or Spoils.Payment, var other) => other == Of(a),
        _ => false,
    };

    /// <summary>Whether what strikes one month shows in the next.</summary>
    public static bool Follow((int Month, Fault Fault) a, (int Month, Fault Fault) b) =>
        IsOfDocument(a.Fault) && IsOfDocument(b.Fault)
        && ((b.Month == a.Month + 1 && b.Fault is Fault.NumberTwice && !IsHarmless(a.Fault))
            || (a.Month == b.Month + 1 && a.Fault is Fault.NumberTwice && !IsHarmless(b.Fault)));

    private static bool IsHarmless(Fault fault) => Of(fault) is Spoils.Own or Spoils.Posting;

    /// <summary>Whether the first leaves nothing, or no money, to see the second by.</summary>
    private static bool Hides(Fault a, Fault b) => a switch
    {
        Fault.AmendmentNotCopied => Of(b) is Spoils.Contract,
        Fault.ProposalCurrency => b is Fault.ProposalAmount,
        Fault.ProposalMissing => Of(b) is Spoils.Proposal,
        Fault.ProjectMissing => Of(b) is Spoils.Project && b is not Fault.ProjectUnknown,
        Fault.ScheduleCurrency => b is Fault.ScheduleAmount,
        Fault.ScheduleMissing => Of(b) is Spoils.Schedule,
        Fault.ExpenseMissing => b is Fault.ExpenseAmount,
        Fault.CancelledLate => b is Fault.InvoiceStands,
        Fault.InvoiceMissing => Of(b) is Spoils.Mirror,
        Fault.InvoiceCurrency => b is Fault.InvoiceAmount or Fault.InvoiceTax or Fault.LineAmount,
        Fault.TaxCategory => b is Fault.InvoiceTax,
        Fault.PostingMissing or Fault.PostingFailed or Fault.PostingTakenBack => Of(b) is Spoils.Posting,
        Fault.PostingCurrency =>
            b is Fault.PostingAmount or Fault.PostingTax or Fault.PostingTwice or Fault.PostingRate,
        Fault.PostingAmount => b is Fault.PostingTax,
        Fault.PostingTwice => b is Fault.PostingRate,
        Fault.WorkDeleted => b is Fault.HoursPosted or Fault.HoursCorrected,
        Fault.RoundingScope => b is Fault.RateOff or Fault.RoleBefore or Fault.NotBillable or Fault.HourTwice,
        _ => false,
    };
}
