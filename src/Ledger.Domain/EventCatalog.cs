using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Ledger.Domain;

/// <summary>Stored event names ↔ types: the one list, explicit, because stored names are contracts.</summary>
public static class EventCatalog
{
    public static readonly IReadOnlyList<EventDefinition> All =
    [
        Of<ClientRegistered>("client_registered", Kind.Client),
        Of<ClientDetailsChanged>("client_details_changed", Kind.Client),
        Of<ClientHierarchyChanged>("client_hierarchy_changed", Kind.Client),
        Of<ClientTaxRegistrationChanged>("client_tax_registration_changed", Kind.Client),
        Of<ClientPaymentTermsChanged>("client_payment_terms_changed", Kind.Client),
        Of<ClientMerged>("client_merged", Kind.Client),
        Of<ClientMergeReversed>("client_merge_reversed", Kind.Client),
        Of<ClientDeactivated>("client_deactivated", Kind.Client),
        Of<ClientStated>("client_stated", Kind.Client),

        Of<OpportunityOpened>("opportunity_opened", Kind.Opportunity),
        Of<OpportunityStageChanged>("opportunity_stage_changed", Kind.Opportunity),
        Of<OpportunityWon>("opportunity_won", Kind.Opportunity),
        Of<OpportunityLost>("opportunity_lost", Kind.Opportunity),
        Of<OpportunityStated>("opportunity_stated", Kind.Opportunity),

        Of<ProposalVersionDrafted>("proposal_version_drafted", Kind.Proposal),
        Of<ProposalVersionSubmitted>("proposal_version_submitted", Kind.Proposal),
        Of<ProposalVersionApproved>("proposal_version_approved", Kind.Proposal),
        Of<ProposalVersionRejected>("proposal_version_rejected", Kind.Proposal),
        Of<ProposalVersionAccepted>("proposal_version_accepted", Kind.Proposal),
        Of<ProposalStated>("proposal_stated", Kind.Proposal),

        Of<ContractSigned>("contract_signed", Kind.Contract),
        Of<ContractAmended>("contract_amended", Kind.Contract),
        Of<ContractClauseSet>("contract_clause_set", Kind.Contract),
        Of<ContractCeilingChanged>("contract_ceiling_changed", Kind.Contract),
        Of<ContractRateCardAssigned>("contract_rate_card_assigned", Kind.Contract),
        Of<ContractRateSet>("contract_rate_set", Kind.Contract),
        Of<ContractRateWithdrawn>("contract_rate_withdrawn", Kind.Contract),
        Of<ContractBillingTermsSet>("contract_billing_terms_set", Kind.Contract),
        Of<ContractUsageRecorded>("contract_usage_recorded", Kind.Contract),
        Of<ContractBillingScheduleSet>("contract_billing_schedule_set", Kind.Contract),
        Of<ContractBillingScheduleReleased>("contract_billing_schedule_released", Kind.Contract),
        Of<ContractSuspended>("contract_suspended", Kind.Contract),
        Of<ContractResumed>("contract_resumed", Kind.Contract),
        Of<ContractTerminated>("contract_terminated", Kind.Contract),
        Of<ContractClosed>("contract_closed", Kind.Contract),
        Of<ContractStated>("contract_stated", Kind.Contract),

        Of<RateCardPublished>("rate_card_published", Kind.RateCard),
        Of<RateCardRateSet>("rate_card_rate_set", Kind.RateCard),
        Of<RateCardRateWithdrawn>("rate_card_rate_withdrawn", Kind.RateCard),
        Of<RateCardRetired>("rate_card_retired", Kind.RateCard),
        Of<RateCardStated>("rate_card_stated", Kind.RateCard),

        Of<ProjectCreated>("project_created", Kind.Project),
        Of<ProjectActivated>("project_activated", Kind.Project),
        Of<ProjectBudgetSet>("project_budget_set", Kind.Project),
        Of<ProjectTaskAdded>("project_task_added", Kind.Project),
        Of<ProjectTaskChanged>("project_task_changed", Kind.Project),
        Of<ProjectTaskClosed>("project_task_closed", Kind.Project),
        Of<ProjectResourceAssigned>("project_resource_assigned", Kind.Project),
        Of<ProjectResourceReleased>("project_resource_released", Kind.Project),
        Of<ProjectPutOnHold>("project_put_on_hold", Kind.Project),
        Of<ProjectResumed>("project_resumed", Kind.Project),
        Of<ProjectClosed>("project_closed", Kind.Project),
        Of<ProjectStated>("project_stated", Kind.Project),

        Of<ChangeRequestRaised>("change_request_raised", Kind.ChangeRequest),
        Of<ChangeRequestApproved>("change_request_approved", Kind.ChangeRequest),
        Of<ChangeRequestRejected>("change_request_rejected", Kind.ChangeRequest),
        Of<ChangeRequestImplemented>("change_request_implemented", Kind.ChangeRequest),
        Of<ChangeRequestStated>("change_request_stated", Kind.ChangeRequest),

        Of<ResourceOnboarded>("resource_onboarded", Kind.Resource),
        Of<ResourceRoleChanged>("resource_role_changed", Kind.Resource),
        Of<ResourceCostRateSet>("resource_cost_rate_set", Kind.Resource),
        Of<ResourceOffboarded>("resource_offboarded", Kind.Resource),
        Of<ResourceStated>("resource_stated", Kind.Resource),

        Of<MilestonePlanned>("milestone_planned", Kind.Milestone),
        Of<MilestoneRescheduled>("milestone_rescheduled", Kind.Milestone),
        Of<MilestoneAmountChanged>("milestone_amount_changed", Kind.Milestone),
        Of<MilestoneCompleted>("milestone_completed", Kind.Milestone),
        Of<MilestoneAccepted>("milestone_accepted", Kind.Milestone),
        Of<MilestoneAcceptanceRejected>("milestone_acceptance_rejected", Kind.Milestone),
        Of<MilestoneCancelled>("milestone_cancelled", Kind.Milestone),
        Of<MilestoneStated>("milestone_stated", Kind.Milestone),

        Of<TimeEntryRecorded>("time_entry_recorded", Kind.Time),
        Of<TimeEntryCorrected>("time_entry_corrected", Kind.Time),
        Of<TimeEntrySubmitted>("time_entry_submitted", Kind.Time),
        Of<TimeEntryApproved>("time_entry_approved", Kind.Time),
        Of<TimeEntryRejected>("time_entry_rejected", Kind.Time),
        Of<TimeEntryReclassified>("time_entry_reclassified", Kind.Time),
        Of<TimeEntryWrittenDown>("time_entry_written_down", Kind.Time),
        Of<TimeEntryWrittenOff>("time_entry_written_off", Kind.Time),
        Of<TimeStated>("time_stated", Kind.Time),

        Of<ExpenseRecorded>("expense_recorded", Kind.Expense),
        Of<ExpenseCorrected>("expense_corrected", Kind.Expense),
        Of<ExpenseSubmitted>("expense_submitted", Kind.Expense),
        Of<ExpenseApproved>("expense_approved", Kind.Expense),
        Of<ExpenseRejected>("expense_rejected", Kind.Expense),
        Of<ExpenseReimbursed>("expense_reimbursed", Kind.Expense),
        Of<ExpenseWrittenOff>("expense_written_off", Kind.Expense),
        Of<SubcontractorCostRecorded>("subcontractor_cost_recorded", Kind.Expense),
        Of<ExpenseStated>("expense_stated", Kind.Expense),

        Of<InvoiceDrafted>("invoice_drafted", Kind.Invoice),
        Of<InvoiceLineSet>("invoice_line_set", Kind.Invoice),
        Of<InvoiceLineRemoved>("invoice_line_removed", Kind.Invoice),
        Of<InvoiceTaxCalculated>("invoice_tax_calculated", Kind.Invoice),
        Of<InvoiceTaxCalculationFailed>("invoice_tax_calculation_failed", Kind.Invoice),
        Of<InvoiceApproved>("invoice_approved", Kind.Invoice),
        Of<InvoiceIssued>("invoice_issued", Kind.Invoice),
        Of<InvoiceDelivered>("invoice_delivered", Kind.Invoice),
        Of<InvoiceDisputed>("invoice_disputed", Kind.Invoice),
        Of<InvoiceDisputeResolved>("invoice_dispute_resolved", Kind.Invoice),
        Of<InvoiceDiscarded>("invoice_discarded", Kind.Invoice),
        Of<InvoiceCancelled>("invoice_cancelled", Kind.Invoice),
        Of<InvoiceVoided>("invoice_voided", Kind.Invoice),
        Of<InvoiceSettlementStated>("invoice_settlement_stated", Kind.Invoice),
        Of<InvoiceWrittenOff>("invoice_written_off", Kind.Invoice),
        Of<BillingHoldPlaced>("billing_hold_placed", Kind.Invoice),
        Of<BillingHoldReleased>("billing_hold_released", Kind.Invoice),
        Of<InvoiceStated>("invoice_stated", Kind.Invoice),

        Of<PostingRecorded>("posting_recorded", Kind.Posting),
        Of<PostingFailed>("posting_failed", Kind.Posting),
        Of<PostingReversed>("posting_reversed", Kind.Posting),
        Of<PostingStated>("posting_stated", Kind.Posting),

        Of<PaymentReceived>("payment_received", Kind.Payment),
        Of<PaymentApplied>("payment_applied", Kind.Payment),
        Of<PaymentUnapplied>("payment_unapplied", Kind.Payment),
        Of<PaymentReversed>("payment_reversed", Kind.Payment),
        Of<PaymentRefunded>("payment_refunded", Kind.Payment),
        Of<CreditApplied>("credit_applied", Kind.Payment),
        Of<CreditRefunded>("credit_refunded", Kind.Payment),
        Of<PaymentStated>("payment_stated", Kind.Payment),

        Of<BankStatementReceived>("bank_statement_received", Kind.BankStatement),
        Of<BankStatementStated>("bank_statement_stated", Kind.BankStatement),

        Of<RevenueScheduleSet>("revenue_schedule_set", Kind.Revenue),
        Of<RevenueRecognized>("revenue_recognized", Kind.Revenue),
        Of<RevenueReversed>("revenue_reversed", Kind.Revenue),
        Of<RevenueRecognitionClosed>("revenue_recognition_closed", Kind.Revenue),
        Of<RevenueStated>("revenue_stated", Kind.Revenue),

        Of<KnowledgeAssetLinked>("knowledge_asset_linked", Kind.KnowledgeAsset),
        Of<KnowledgeAssetPublished>("knowledge_asset_published", Kind.KnowledgeAsset),
        Of<KnowledgeAssetWithdrawn>("knowledge_asset_withdrawn", Kind.KnowledgeAsset),
        Of<KnowledgeAssetStated>("knowledge_asset_stated", Kind.KnowledgeAsset),

        Of<ExchangeRatePublished>("exchange_rate_published", Kind.ExchangeRate),
        Of<ExchangeRateStated>("exchange_rate_stated", Kind.ExchangeRate),

        Of<LegalEntityRegistered>("legal_entity_registered", Kind.LegalEntity),
        Of<LegalEntityDetailsChanged>("legal_entity_details_changed", Kind.LegalEntity),
        Of<LegalEntityStated>("legal_entity_stated", Kind.LegalEntity),

        Of<PeriodOpened>("period_opened", Kind.Period),
        Of<PeriodSoftClosed>("period_soft_closed", Kind.Period),
        Of<PeriodClosed>("period_closed", Kind.Period),
        Of<PeriodReopened>("period_reopened", Kind.Period),
        Of<PeriodStated>("period_stated", Kind.Period),

        Of<SourceRegistered>("source_registered", Kind.Source),
        Of<SourceSuspended>("source_suspended", Kind.Source),
        Of<SourceResumed>("source_resumed", Kind.Source),
        Of<IdentityLinked>("identity_linked", Kind.Identity),
        Of<IdentityUnlinked>("identity_unlinked", Kind.Identity),
        Of<IdentityProposalRejected>("identity_proposal_rejected", Kind.Identity),
        Of<CoverageStated>("coverage_stated", Kind.Coverage),
        Of<CoverageWithdrawn>("coverage_withdrawn", Kind.Coverage),
        Of<CoverageProposalRejected>("coverage_proposal_rejected", Kind.Coverage),
        Of<ExtractCompleted>("extract_completed", Kind.Extract),
        Of<OwnershipAssigned>("ownership_assigned", Kind.Ownership),
        Of<OwnershipWithdrawn>("ownership_withdrawn", Kind.Ownership),
        Of<TruthOverridden>("truth_overridden", Kind.Override),
        Of<OverrideWithdrawn>("override_withdrawn", Kind.Override),
        Of<StreamSucceeded>("stream_succeeded", Kind.Succession),
        Of<SuccessionWithdrawn>("succession_withdrawn", Kind.Succession),

        Of<ToleranceSet>("tolerance_set", Kind.Tolerance),
        Of<LagSet>("lag_set", Kind.Lag),
        Of<MaterialitySet>("materiality_set", Kind.Materiality),
        Of<StatusMapSet>("status_map_set", Kind.StatusMap),
        Of<RoutingSet>("routing_set", Kind.Routing),

        Of<DriftCaseOpened>("drift_case_opened", Kind.DriftCase),
        Of<DriftCaseExplained>("drift_case_explained", Kind.DriftCase),
        Of<DriftCaseAssigned>("drift_case_assigned", Kind.DriftCase),
        Of<DriftCaseAccepted>("drift_case_accepted", Kind.DriftCase),
        Of<DriftCaseResolved>("drift_case_resolved", Kind.DriftCase),
        Of<DriftCaseReopened>("drift_case_reopened", Kind.DriftCase),
        Of<DriftCaseChanged>("drift_case_changed", Kind.DriftCase),
        Of<DriftCaseReplayed>("drift_case_replayed", Kind.DriftCase),
        Of<ExceptionOpened>("exception_opened", Kind.Exception),
        Of<ExceptionExplained>("exception_explained", Kind.Exception),
        Of<ExceptionAssigned>("exception_assigned", Kind.Exception),
        Of<ExceptionAccepted>("exception_accepted", Kind.Exception),
        Of<ExceptionResolved>("exception_resolved", Kind.Exception),
        Of<ExceptionReplayed>("exception_replayed", Kind.Exception),

        Of<DriftRunCompleted>("drift_run_completed", Kind.DriftRun),
        Of<PeriodSignedOff>("period_signed_off", Kind.SignOff),
        Of<SignOffSuspended>("sign_off_suspended", Kind.SignOff),
        Of<SchemaDeprecated>("schema_deprecated", Kind.Schema),

        Of<RecordDeleted>("record_deleted", null),
        Of<RecordRestored>("record_restored", null),
    ];

    private static readonly FrozenDictionary<string, EventDefinition> ByName = All.ToFrozenDictionary(d => d.Name);

    private static readonly FrozenDictionary<Type, EventDefinition> ByType = All.ToFrozenDictionary(d => d.ClrType);

    public static bool TryFind(string name, out EventDefinition definition) =>
        ByName.TryGetValue(name, out definition!);

    /// <exception cref="ArgumentException">This catalogue has no such event.</exception>
    public static EventDefinition Find(string name) => TryFind(name, out var definition)
        ? definition
        : throw new ArgumentException($"the catalogue has no event '{name}'", nameof(name));

    public static EventDefinition Find(Event body) => ByType[body.GetType()];

    private static EventDefinition Of<TEvent>(string name, Kind? kind)
        where TEvent : Event =>
        new(name, kind, typeof(TEvent), LedgerJson.Options.GetTypeInfo(typeof(TEvent)));
}

/// <summary>One event of the vocabulary.</summary>
/// <param name="Name">As stored; <c>…_v2</c> for a new shape.</param>
/// <param name="Kind">The kind of record it tells of; null = any.</param>
public sealed record EventDefinition(string Name, Kind? Kind, Type ClrType, JsonTypeInfo Json)
{
    private readonly JsonTypeInfo ordered = LedgerJson.Ordered.GetTypeInfo(ClrType);
    private readonly Lazy<JsonTypeInfo> stored = new(() => LedgerJson.Stored.GetTypeInfo(ClrType));
    private readonly Lazy<DecimalPlaces?> decimals = new(() => DecimalPlaces.Of(ClrType));

    public bool IsSnapshot { get; } = typeof(Snapshot).IsAssignableFrom(ClrType);

    /// <summary>As Marten stores it: <c>Full.Type.Name, AssemblyName</c>.</summary>
    public string DotNetType { get; } = $"{ClrType.FullName}, {ClrType.Assembly.GetName().Name}";

    /// <summary>Whether its body has values of any shape, of which the text is kept.</summary>
    public bool HasJsonText { get; } = ClrType.GetProperties().Any(p => p.PropertyType == typeof(JsonText));

    /// <summary>Where its body has decimals; null = nowhere.</summary>
    internal DecimalPlaces? Decimals => decimals.Value;

    /// <summary>Reads a body, strictly.</summary>
    /// <exception cref="JsonException">The body is not of this event's shape.</exception>
    public Event Read(ReadOnlySpan<byte> data) => (Event)JsonSerializer.Deserialize(data, Json)!;

    /// <summary>The same of a body from a database, which keeps each name once.</summary>
    /// <exception cref="JsonException">The body is not of this event's shape.</exception>
    public Event ReadStored(ReadOnlySpan<byte> data) => (Event)JsonSerializer.Deserialize(data, stored.Value)!;

    /// <summary>The body as JSON, decimals and instants in canonical form; not yet in canonical key order.</summary>
    public byte[] Write(Event body) => JsonSerializer.SerializeToUtf8Bytes(body, Json);

    /// <summary>The same with members in the order of their names.</summary>
    public byte[] WriteOrdered(Event body) => JsonSerializer.SerializeToUtf8Bytes(body, ordered);
}

/// <summary>The events a reader knows. A ledger knows the whole catalogue; an older one knew less of it.</summary>
public sealed class Vocabulary(IEnumerable<EventDefinition> definitions)
{
    /// <summary>The whole catalogue.</summary>
    public static readonly Vocabulary Whole = new(EventCatalog.All);

    private readonly FrozenDictionary<string, EventDefinition> byName = definitions.ToFrozenDictionary(d => d.Name);

    public IReadOnlyCollection<string> Names => byName.Keys;

    public bool TryFind(string name, out EventDefinition definition) => byName.TryGetValue(name, out definition!);
}
