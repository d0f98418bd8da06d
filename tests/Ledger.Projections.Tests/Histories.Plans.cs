using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Tests;

/// <summary>What is offered, planned, recognised, published.</summary>
internal sealed partial class Histories
{
    private (string Source, string Subject, Event Body) Plan(string source, string id) => _random.Next(8) switch
    {
        0 => (source, $"milestone/{id}", Milestone()),
        1 => (source, $"proposal/{id}", Proposal()),
        2 => (source, $"opportunity/{id}", Opportunity()),
        3 => (source, $"change_request/{id}", ChangeRequest()),
        4 => (source, $"revenue/{id}", Revenue()),
        5 => (source, $"exchange_rate/{id}", Rate()),
        6 => (source, $"knowledge_asset/{id}", new KnowledgeAssetLinked([Any("project")], One("Guide", "Lesson"))),
        _ => (source, $"{One("milestone", "proposal", "revenue", "exchange_rate", "change_request")}/{id}",
            One<Event>(new RecordDeleted(), new RecordRestored())),
    };

    private Event Milestone() => _random.Next(4) switch
    {
        0 => new MilestonePlanned(
            Any("project"), One("Design agreed", "Go-live"), new(2026, 4, 2), One(100m, 40m), Currency.Of("GBP"),
            One<Ref?>(null, Any("contract"))) { Number = One<string?>("M-1", "M-2", null) },
        1 => new MilestoneCompleted(),
        2 => new MilestoneAccepted(Any("project"), new(2026, 4, 2), "Ada", [new("signed")]),
        _ => new MilestoneAmountChanged(60m),
    };

    private Event Proposal() => _random.Next(3) switch
    {
        0 => new ProposalVersionDrafted(
            One("1", "2"), "Dock", One<Ref?>(null, Any("client")), One<Ref?>(null, Any("opportunity")),
            Currency.Of("GBP"), RateCards: [Any("rate_card")], Totals: new(One(100m, 60m)))
        {
            Number = One<string?>("Q-1001", "Q-1002", null),
        },
        1 => new ProposalVersionAccepted(One("1", "2")),
        _ => new ProposalVersionRejected(One("1", "2")),
    };

    private Event Opportunity() => _random.Next(3) switch
    {
        0 => new OpportunityOpened(
            One("Dock", "Quay"), One<Ref?>(null, Any("client")), One(100m, 60m), Currency.Of("GBP"))
        {
            Number = One<string?>("O-1001", "O-1002", null),
        },
        1 => new OpportunityWon(Proposal: Any("proposal")),
        _ => new OpportunityStageChanged("shortlist"),
    };

    private Event ChangeRequest() => _random.Next(3) switch
    {
        0 => new ChangeRequestRaised(
            Any("project"), One("More hours", "Less scope"), RaisedOn: new(2026, 3, 9), Amount: One(100m, 40m),
            Currency: Currency.Of("GBP")),
        1 => new ChangeRequestApproved("Ada", One<decimal?>(null, 50m)),
        _ => new ChangeRequestImplemented(),
    };

    private Event Revenue() => _random.Next(4) switch
    {
        0 => new RevenueScheduleSet(100m, Currency.Of("GBP"), new(RevenueTiming.OverTime), Any("contract"))
        {
            Number = One<string?>("R-1001", "R-1002", null), Entity = One<Ref?>(null, LegalEntity()),
        },
        1 or 2 => new RevenueRecognized(
            One("1", "2"), One<LocalDate>(new(2026, 3, 31), new(2026, 4, 30)), One(40m, 60m),
            Posting: One<Ref?>(null, Any("posting"))),
        _ => new RevenueReversed(One("1", "2"), new(2026, 3, 31), One<decimal?>(null, 10m)),
    };

    private Event Rate() => _random.Next(2) == 0
        ? new ExchangeRatePublished(
            Currency.Of("GBP"), Currency.Of(One("EUR", "USD")), One(1.17m, 1.18m),
            One<LocalDate>(new(2026, 3, 30), new(2026, 3, 31)), One<string?>("ECB", "BoE", null))
        : new ExchangeRateStated(Type: One<string?>("spot", null), Publisher: One("ECB", "BoE"));

    private Ref Any(string kind) => new(kind, One("psa", "erp", "billing"), Id());
}
