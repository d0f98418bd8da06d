namespace Ledger.Connectors.Simulation;

/// <summary>What can go wrong on its way through the systems. Each is planted on a document of its own or together with
/// others.</summary>
internal enum Fault
{
    /// <summary>The ERP never posts an invoice.</summary>
    PostingMissing,

    /// <summary>The ERP never hears of an invoice at all.</summary>
    InvoiceMissing,

    /// <summary>An invoice exceeds the contract's ceiling.</summary>
    OverCeiling,

    /// <summary>An invoice draws more on a retainer than was asked for.</summary>
    RetainerOverdrawn,

    /// <summary>An amendment never reaches the PSA.</summary>
    AmendmentNotCopied,

    /// <summary>The ERP has an invoice that billing never issued.</summary>
    InvoiceUnknown,

    /// <summary>An invoice bills an entry that the PSA never delivered.</summary>
    WorkNotDelivered,

    /// <summary>The PSA deletes an entry that was billed.</summary>
    WorkDeleted,

    /// <summary>The PSA deletes an expense that was billed.</summary>
    ExpenseDeleted,

    /// <summary>An extract says that there is more than it brought.</summary>
    ExtractShort,

    /// <summary>An extract lists an entry that never came.</summary>
    ExtractUnknown,

    /// <summary>The ERP posts an invoice long after its lag.</summary>
    PostingLate,

    /// <summary>The ERP posts a document that nobody else has.</summary>
    PostingOrphan,

    /// <summary>A payment settles a document that nobody has.</summary>
    PaymentOrphan,

    /// <summary>An hour is billed on two live invoices.</summary>
    HourTwice,

    /// <summary>The ERP posts an invoice two times.</summary>
    PostingTwice,

    /// <summary>An entry is corrected after it was billed.</summary>
    HoursCorrected,

    /// <summary>An entry is written down after it was billed.</summary>
    WrittenDownLater,

    /// <summary>The ERP books other hours for a month's work than were worked.</summary>
    HoursPosted,

    /// <summary>A line is billed at a rate that no card states.</summary>
    RateOff,

    /// <summary>Work is billed at the price of the role that its person had before that day.</summary>
    RoleBefore,

    /// <summary>Work is billed for which no card has a price.</summary>
    RateMissing,

    /// <summary>The payroll has another cost of a person than the PSA.</summary>
    CostRate,

    /// <summary>The payroll never hears of a person's new cost.</summary>
    CostNotCopied,

    /// <summary>Rounded line by line where the contract rounds once per invoice, or the other way round.</summary>
    RoundingScope,

    /// <summary>The PSA's copy of a contract says that it is rounded otherwise.</summary>
    ContractRounding,

    /// <summary>The ERP posts another amount.</summary>
    PostingAmount,

    /// <summary>The ERP states another amount for an invoice.</summary>
    InvoiceAmount,

    /// <summary>More is paid on an invoice than it asks.</summary>
    Overpaid,

    /// <summary>An expense is corrected after it was billed.</summary>
    ExpenseCorrected,

    /// <summary>A milestone is billed at another amount than agreed.</summary>
    MilestoneAmount,

    /// <summary>The ERP has another budget for a project than the PSA.</summary>
    ProjectBudget,

    /// <summary>The ERP states an invoice in another currency.</summary>
    InvoiceCurrency,

    /// <summary>The ERP posts an invoice in another currency.</summary>
    PostingCurrency,

    /// <summary>The ERP has another currency for a client than the CRM.</summary>
    ClientCurrency,

    /// <summary>The ERP posts another tax.</summary>
    PostingTax,

    /// <summary>The ERP states another tax for an invoice.</summary>
    InvoiceTax,

    /// <summary>The tax on an invoice does not follow from its own base and rate.</summary>
    TaxOff,

    /// <summary>Cancelled and billed again, while the posting still stands.</summary>
    PostingStands,

    /// <summary>Cancelled and billed again, while the ERP still calls the first one issued.</summary>
    InvoiceStands,

    /// <summary>Cancelled and billed again, and the client pays the first one.</summary>
    PaidCancelled,

    /// <summary>A posting fails, and nobody posts again.</summary>
    PostingFailed,

    /// <summary>A posting is reversed though its invoice stands.</summary>
    PostingTakenBack,

    /// <summary>Billing says paid; the ERP has no payment.</summary>
    PaidUnpaid,

    /// <summary>Billing says paid in full; the ERP has less.</summary>
    PaidLess,

    /// <summary>The PSA calls an entry billed that nobody billed.</summary>
    FlaggedBilled,

    /// <summary>The PSA calls an entry unbilled that was billed.</summary>
    FlaggedOpen,

    /// <summary>The ERP posts in another period.</summary>
    PostingPeriod,

    /// <summary>The ERP states another date for an invoice.</summary>
    InvoiceDate,

    /// <summary>The PSA's copy of a contract ends on another day.</summary>
    ContractEnd,

    /// <summary>An invoice goes to another client than its contract's.</summary>
    OtherClient,

    /// <summary>The ERP books an invoice for another client.</summary>
    InvoiceClient,

    /// <summary>An entry is moved to another project after it was billed.</summary>
    OtherProject,

    /// <summary>A number is left out of a series.</summary>
    NumberGap,

    /// <summary>A later number bears an earlier date.</summary>
    NumberOrder,

    /// <summary>Two invoices bear one number.</summary>
    NumberTwice,

    /// <summary>An entry is billed that nobody approved.</summary>
    Unapproved,

    /// <summary>An entry is billed in full that was approved in part.</summary>
    ApprovedInPart,

    /// <summary>An expense is billed that nobody approved.</summary>
    ExpenseUnapproved,

    /// <summary>A milestone is billed that the client never accepted.</summary>
    MilestoneUnaccepted,

    /// <summary>An entry is billed that is not billable.</summary>
    NotBillable,

    /// <summary>An entry is written off after it was billed.</summary>
    WrittenOffLater,

    /// <summary>An expense is billed that is not billable.</summary>
    ExpenseNotBillable,

    /// <summary>A line asks for money with nothing behind it.</summary>
    Unsourced,

    /// <summary>What one company of the firm asks another for, the other books at another amount.</summary>
    IntercompanyAmount,

    /// <summary>The quote desk has another amount for an opportunity than the CRM.</summary>
    OpportunityAmount,

    /// <summary>The quote desk expects a decision on another day.</summary>
    OpportunityDate,

    /// <summary>The quote desk calls an opportunity lost that was won.</summary>
    OpportunityLost,

    /// <summary>The quote desk has an opportunity for another client.</summary>
    OpportunityClient,

    /// <summary>The CRM's copy of a proposal asks another amount.</summary>
    ProposalAmount,

    /// <summary>The CRM's copy of a proposal is in another currency.</summary>
    ProposalCurrency,

    /// <summary>The CRM calls a proposal rejected that was accepted.</summary>
    ProposalRejected,

    /// <summary>The contract system has another amount for a change request than the PSA.</summary>
    ChangeAmount,

    /// <summary>The contract system moves the end by other days for a change request.</summary>
    ChangeDays,

    /// <summary>The contract system calls a change request rejected that took effect.</summary>
    ChangeRejected,

    /// <summary>The contract system has another amount for a milestone than the PSA.</summary>
    MilestoneWorth,

    /// <summary>The contract system has a milestone due on another day.</summary>
    MilestoneDue,

    /// <summary>The PSA's copy of a revenue schedule comes to another amount.</summary>
    ScheduleAmount,

    /// <summary>The PSA's copy of a revenue schedule ends on another day.</summary>
    ScheduleEnd,

    /// <summary>The PSA's copy of a revenue schedule is in another currency.</summary>
    ScheduleCurrency,

    /// <summary>The PSA's copy of a rate card has another price.</summary>
    CardPrice,

    /// <summary>The ERP has a project for another client.</summary>
    ProjectClient,

    /// <summary>The PSA has a company of the firm in another currency than its ERP.</summary>
    CompanyCurrency,

    /// <summary>The PSA has an accounting period end on another day.</summary>
    PeriodEnd,

    /// <summary>The PSA calls a piece of knowledge withdrawn that is published.</summary>
    KnowledgeWithdrawn,

    /// <summary>The ERP has another amount for an expense than the PSA.</summary>
    ExpenseAmount,

    /// <summary>The payroll has other hours of an entry than the PSA.</summary>
    PayrollHours,

    /// <summary>Billing has another rate of exchange for a day than the ERP, of one publisher.</summary>
    ExchangeRate,

    /// <summary>The ERP converts a posting at another rate than published.</summary>
    PostingRate,

    /// <summary>The ERP converts a payment at another rate than published.</summary>
    PaymentRate,

    /// <summary>What one company of the firm asks another for, the other never books.</summary>
    IntercompanyUnmirrored,

    /// <summary>A company asks for tax, and no registration of it is known.</summary>
    TaxRegistrationMissing,

    /// <summary>The ERP tells of a payment that the bank never booked.</summary>
    PaymentUnbanked,

    /// <summary>The ERP tells of a payment that the bank only announced.</summary>
    PaymentPending,

    /// <summary>The bank booked less of a payment than the ERP tells.</summary>
    PaymentBankedLess,

    /// <summary>The ERP's copy of an invoice has other hours on a line.</summary>
    LineHours,

    /// <summary>The ERP's copy of an invoice has another price on a line.</summary>
    LinePrice,

    /// <summary>The ERP's copy of an invoice has another amount on a line, and so in all.</summary>
    LineAmount,

    /// <summary>The ERP's copy of an invoice has its tax in another category.</summary>
    TaxCategory,

    /// <summary>The ERP's copy of an invoice has another day on which its tax falls due.</summary>
    TaxPoint,

    /// <summary>The ERP's copy of an invoice is under another contract.</summary>
    InvoiceContract,

    /// <summary>The ERP hears of a cancellation long after its lag.</summary>
    CancelledLate,

    /// <summary>The payroll has an entry on another task.</summary>
    HoursTask,

    /// <summary>The payroll has an entry billable otherwise.</summary>
    HoursBillable,

    /// <summary>The payroll has an entry as rejected that is approved.</summary>
    HoursRejected,

    /// <summary>The PSA's copy of a contract has other payment terms.</summary>
    ContractTerms,

    /// <summary>The PSA's copy of a contract has another amount for a line.</summary>
    ContractLine,

    /// <summary>The ERP never closes a project that is closed.</summary>
    ProjectOpen,

    /// <summary>The CRM never gets the proposal that the quote desk made.</summary>
    ProposalMissing,

    /// <summary>The ERP never hears of a project.</summary>
    ProjectMissing,

    /// <summary>The ERP has a project that nobody else has.</summary>
    ProjectUnknown,

    /// <summary>The PSA never gets a revenue schedule.</summary>
    ScheduleMissing,

    /// <summary>The ERP never hears of an expense.</summary>
    ExpenseMissing,
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

    /// <summary>What it is told as where it and another hide each other on one record; null = each by itself.</summary>
    public Masked? Masked { get; init; }
}

/// <summary>Faults that hide each other on one record: nobody can tell them apart, but what is told is of one of their
/// classes and comes to what they come to together.</summary>
internal sealed record Masked(IReadOnlyList<string> Classes, decimal Amount);
