using Ledger.Domain;
using Ledger.Projections.Tests.Identity;
using NodaTime;
using static Ledger.Projections.Tests.Identity.Speaking;

namespace Ledger.Projections.Tests;

/// <summary>Histories small enough to let them arrive in every order there is, each about words that compete.</summary>
internal static class SmallHistories
{
    private static readonly LocalDate June = new(2026, 6, 1);

    private static readonly Ref Billed = new("invoice", "billing", "7"), Worked = new("time", "psa", "1");

    public static readonly IReadOnlyDictionary<string, Understood[]> All = new Dictionary<string, Understood[]>
    {
        ["three links of which two fit"] = Told(
            Client("crm", "1", "Acme"), Client("psa", "1", "ACME Ltd"), Client("erp", "1", "Acme"),
            Client("erp", "2", "Acme Limited"), Linked("1", "client/crm:1", "client/erp:1"),
            Linked("2", "client/psa:1", "client/erp:2"), Linked("3", "client/crm:1", "client/psa:1")),
        ["linked, unlinked and ruled"] = Told(
            Invoice("billing", "7", "A-1", 100m), Invoice("erp", "8", "A-1", 100m), Invoice("psa", "9", "A-1", 90m),
            Linked("1", "invoice/billing:7", "invoice/erp:8"), Linked("1", "invoice/psa:9", "invoice/erp:8"),
            Unlinked("2", "invoice/billing:7", "invoice/psa:9"),
            ("erp", "payment/1", new PaymentApplied(
                "a", new("invoice", Number: "A-1"), ApplicationKind.Cash, 150m, June, Currency: Pound))),
        ["merged in a circle"] = Told(
            Client("crm", "1", "Ada"), Client("crm", "2", "Bea"), Client("crm", "3", "Cleo"),
            ("crm", "client/1", new ClientMerged(new("client", Id: "2"))),
            ("crm", "client/2", new ClientMerged(new("client", Id: "3"))),
            ("crm", "client/3", new ClientMerged(new("client", Id: "1"))),
            ("crm", "client/1", new ClientDetailsChanged("Ada Ltd"))),
        ["two successors on one day"] = Told(
            Work("psa", 60), Work("psa-two", 70), Work("erp", 80),
            Succeeded("x", "time/psa:1", "time/psa-two:1"), Succeeded("y", "time/psa:1", "time/erp:1"),
            ("ledger", "succession/x", new SuccessionWithdrawn()), Succeeded("x", "time/psa:1", "time/psa-two:1")),
        ["owners who began on one day"] = Told(
            ("ledger", "source/psa", new SourceRegistered([Role.Psa])), Work("psa", 60), Work("erp", 70),
            Linked("1", "time/psa:1", "time/erp:1"),
            ("ledger", "ownership/1", new OwnershipAssigned("time", [Role.Erp], null, June)),
            ("ledger", "ownership/2", new OwnershipAssigned("time", [Role.Psa], null, June)),
            ("ledger", "ownership/1", new OwnershipWithdrawn())),
        ["two systems of one role, and two overrides"] = Told(
            Work("psa-b", 60), Work("psa-a", 70), Linked("1", "time/psa-b:1", "time/psa-a:1"),
            Overridden("1", "one"), Overridden("2", "two"), ("ledger", "override/1", new OverrideWithdrawn()),
            ("psa-a", "time/1", new TimeEntryCorrected(Note: "said late"))),
        ["billed twice and credited once"] = Told(
            Work("psa", 60), Bills("7", 60), Bills("8", 60), Bills("9", 30, DocumentType.CreditNote),
            ("erp", "posting/1", new PostingRecorded(June, "2026-06", Pound, new(Gross: 60m), Billed)),
            ("erp", "posting/2", new PostingRecorded(June, "2026-06", Pound, new(Gross: 60m), Billed)),
            ("billing", "invoice/8", new InvoiceCancelled("twice"))),
        ["a number of two, and one of them deleted"] = Told(
            Invoice("billing", "7", "A-1", 100m, "one"), Invoice("erp", "8", "A-1", 100m, "two"),
            ("erp", "invoice/8", new RecordDeleted()),
            ("bank", "payment/1", new PaymentApplied(
                "a", new("invoice", Number: "A-1"), ApplicationKind.Cash, 150m, June, Currency: Pound)),
            ("ledger", "coverage/1", new CoverageStated(
                CoverageRelation.Settles, new("payment", "bank", "1"), new("invoice", "erp", Number: "A-1"))),
            ("erp", "invoice/8", new RecordRestored())),
        ["a rate set twice"] = Told(
            ("clm", "rate_card/1", new RateCardPublished(Pound, "Standard")), Rate("a", 100m), Rate("b", 120m),
            Rate("a", 90m), ("psa", "project/1", new ProjectCreated("Rollout")), Work("psa", 60), Bills("7", 60)),
        ["replaced systems"] = Told(
            Work("psa", 60), Work("psa-two", 70), Work("psa-three", 80), Bills("7", 60),
            ("ledger", "succession/1", new StreamSucceeded(System("psa"), System("psa-two"), June)),
            ("ledger", "succession/2", new StreamSucceeded(System("psa"), System("psa-three"), June)),
            ("psa", "time/1", new RecordDeleted())),
    };

    private static Understood[] Told(params (string Source, string Subject, Event Body)[] said) =>
        [.. said.Select((s, i) => Telling.Understood(s.Source, s.Subject, s.Body, minute: 10 * i, id: $"e{i}"))];

    private static (string, string, Event) Client(string source, string id, string name) =>
        (source, $"client/{id}", new ClientRegistered(name));

    private static (string, string, Event) Work(string source, int minutes) => (source, "time/1", new TimeEntryRecorded(
        new("resource", Id: "anna"), new(2026, 5, 4), new(minutes, Unit.Minute), new("project", "psa", "1")));

    private static (string, string, Event) Invoice(
        string source, string id, string number, decimal gross, string? entity = null) =>
        (source, $"invoice/{id}", new InvoiceIssued(June, [], Currency: Pound, Totals: new(Gross: gross))
        {
            Number = number, Entity = entity is null ? null : new("legal_entity", Number: entity),
        });

    private static (string, string, Event) Bills(
        string id, int minutes, DocumentType type = DocumentType.Invoice) =>
        ("billing", $"invoice/{id}", new InvoiceIssued(
            June, [new("1", Net: minutes, Bills: [new(Worked, new(minutes, Unit.Minute))])], type, Currency: Pound,
            Totals: new(Net: minutes, Gross: minutes)));

    private static (string, string, Event) Rate(string rate, decimal price) =>
        ("clm", "rate_card/1", new RateCardRateSet(
            rate, RateUse.Bill, new(), new(price, Pound, Unit.Hour), new(2026, 1, 1)));

    private static (string, string, Event) Linked(string id, string a, string b) =>
        ("ledger", $"identity/{id}", new IdentityLinked(Of(a), Of(b)));

    private static (string, string, Event) Unlinked(string id, string a, string b) =>
        ("ledger", $"identity/{id}", new IdentityUnlinked(Of(a), Of(b)));

    private static (string, string, Event) Succeeded(string id, string old, string by) =>
        ("ledger", $"succession/{id}", new StreamSucceeded(Of(old), Of(by), June));

    private static (string, string, Event) Overridden(string id, string value) =>
        ("ledger", $"override/{id}", new TruthOverridden(
            new("time", "psa-a", "1"), "note", JsonText.Of(value), "seen", JsonText.Of("x")));

    private static Ref System(string id) => new("source", "ledger", id);
}
