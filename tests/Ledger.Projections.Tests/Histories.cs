using Ledger.Domain;
using Ledger.Store;
using NodaTime;

namespace Ledger.Projections.Tests;

/// <summary>Random histories of a few systems that talk of the same things: late, corrected, linked, unlinked, deleted
/// and restored.</summary>
/// <param name="whole">Whether with all that entities hang on: keys, successions, merges, owners, overrides, periods,
/// coverage and legal entities.</param>
/// <param name="sums">Also with payments and postings of which nobody says what they cover.</param>
internal sealed partial class Histories(int seed, bool whole = false, bool sums = false)
{
    private readonly Random _random = new(seed);
    private int _last;

    /// <summary>As the store takes them.</summary>
    public IReadOnlyList<NewEvent> Next(int count) =>
        // Whether a snapshot is unchanged hangs on what came before it: here each is kept.
        [.. Say(count).Select(said => Recorded.New(said) with { Snapshot = null })];

    /// <summary>As the door understood them.</summary>
    public IReadOnlyList<Understood> Say(int count)
    {
        var events = new List<Understood>();
        while (events.Count < count)
        {
            var minute = _random.Next(100_000);
            var (source, subject, body) = sums && _random.Next(5) == 0 ? Open() : whole ? Any() : Few();
            long? sequence = _random.Next(3) == 0 ? minute : null;
            events.Add(Telling.Understood(source, subject, body, minute, sequence, $"{seed}-{++_last}"));
        }

        return events;
    }

    private (string Source, string Subject, Event Body) Few()
    {
        var source = One("psa", "erp", "erp-de", "billing", "odd");
        var id = Id();
        return _random.Next(12) switch
        {
            0 or 1 => ("ledger", $"identity/{_random.Next(8)}", Link()),
            2 => ("ledger", $"source/{source}", new SourceRegistered([One(Role.Psa, Role.Erp, Role.Billing)])),
            3 or 4 => (source, $"time/{id}", Work()),
            5 => (source, $"time/{id}", new TimeEntryApproved("bob", new(_random.Next(90), Unit.Minute))),
            6 => (source, $"time/{id}", new TimeEntryCorrected(Note: One("a", "b", "c"))),
            7 => (source, $"client/{id}", new ClientStated(Name: One("Ada", "Bee"), Blocked: One<bool?>(true, null))),
            8 => (source, $"invoice/{id}", new InvoiceIssued(new(2026, 3, 31), [Line()]) 
            {
                Number = (source == "psa" ? "INV-" : source) + id,
            }),
            9 => (source, $"invoice/{id}", new InvoiceCancelled("wrong")),
            10 => (source, $"{One("time", "client", "invoice")}/{id}", new RecordDeleted()),
            _ => (source, $"{One("time", "client", "invoice")}/{id}", new RecordRestored()),
        };
    }

    private (string Source, string Subject, Event Body) Any()
    {
        var source = One("psa", "erp", "erp-de", "billing", "odd");
        var id = Id();
        return _random.Next(34) switch
        {
            0 or 1 => ("ledger", $"identity/{_random.Next(8)}", Link()),
            2 => ("ledger", $"source/{source}", Registered()),
            3 or 4 => (source, $"time/{id}", Work()),
            5 => (source, $"time/{id}", new TimeEntryApproved("bob", new(_random.Next(90), Unit.Minute))),
            6 => (source, $"time/{id}", new TimeEntryCorrected(Note: One("a", "b", "c"))),
            7 => (source, $"client/{id}", Client()),
            8 => (source, $"invoice/{id}", Invoice(id)),
            9 => (source, $"invoice/{id}", new InvoiceCancelled("wrong")),
            10 => (source, $"{One("time", "client", "invoice", "payment")}/{id}", new RecordDeleted()),
            11 => (source, $"{One("time", "client", "invoice", "payment")}/{id}", new RecordRestored()),
            12 => ("ledger", $"succession/{_random.Next(4)}", Succession()),
            13 => ("ledger", $"ownership/{_random.Next(4)}", Ownership()),
            14 or 15 => ("ledger", $"override/{_random.Next(5)}", Override()),
            16 => (source, $"client/{id}", new ClientMerged(new("client", One("psa", "erp", "billing"), Id()))),
            17 => (source, $"client/{id}", new ClientMergeReversed()),
            18 => ("erp", $"period/{_random.Next(2)}", Period()),
            19 => ("ledger", $"coverage/{_random.Next(4)}", Coverage()),
            20 => (source, $"payment/{id}", new PaymentStated(
                Amount: One<decimal?>(100m, 40m), Currency: (Currency?)Currency.Of("GBP"),
                ReceivedOn: new LocalDate(2026, 4, 2))
                { Number = One<string?>("P-1", "P-2", null) }),
            21 => ("erp", $"legal_entity/{_random.Next(2)}", new LegalEntityRegistered(One("Uno", "Due"))
            {
                Number = "L-1",
            }),
            22 => (One("erp", "erp-de"), $"posting/{id}", Posting()),
            23 => (One("erp", "erp-de"), $"posting/{id}", new PostingReversed()),
            24 => (source, $"payment/{id}", new PaymentApplied(
                One("a", "b"), Document(), ApplicationKind.Cash, One(40m, 100m), new(2026, 4, 3),
                Currency: Currency.Of("GBP"))),
            25 => (source, $"project/{id}", new ProjectCreated(
                One("Rollout", "Audit"), Contract: new("contract", "clm", "0"))
            {
                Number = One<string?>(null, "PR-" + id),
            }),
            26 => ("clm", $"rate_card/{_random.Next(2)}", Priced()),
            27 => ("clm", "contract/0", new ContractSigned(
                new("client", "erp", Id()), new(2026, 1, 1), new(2026, 1, 1), Currency.Of("GBP"),
                BillingModel.TimeAndMaterials, RateCards: [new("rate_card", Id: One("0", "1"))])),
            _ => Plan(source, id),
        };
    }

    private Ref Document() => One(
        new Ref("invoice", One("billing", "erp"), Id()), new Ref("invoice", Number: "INV-" + Id()),
        new Ref("invoice", One("billing", "psa"), Number: "INV-0"));

    private PostingRecorded Posting() => new(
        One<LocalDate>(new(2026, 3, 31), new(2026, 4, 1)), "2026-03", Currency.Of("GBP"), new(Gross: One(100m, 60m)),
        One<Ref?>(null, Document()), Reverses: _random.Next(6) == 0 ? new("posting", Id: Id()) : null)
    {
        Number = One<string?>(null, "INV-" + Id()),
    };

    private Event Priced() => _random.Next(3) == 0
        ? new RateCardPublished(Currency.Of("GBP"), "Standard")
        : new RateCardRateSet(
            One("junior", "senior"), RateUse.Bill, new(Role: One<string?>(null, "Senior")),
            new(One(100m, 120m), Currency.Of("GBP"), Unit.Hour), One<LocalDate>(new(2026, 1, 1), new(2026, 2, 1)));

    private SourceRegistered Registered() => new(
        [One(Role.Psa, Role.Erp, Role.Billing)],
        Entities: One<Items<Ref>?>(null, [LegalEntity()]));

    private ClientStated Client() => new(
        Name: One("Ada Lovelace", "Bee"), Blocked: One<bool?>(true, null),
        TaxIds: One<Items<TaxId>>([], [new("vat", "GB", One("123456789", "987654321"))]));

    private InvoiceIssued Invoice(string id) => new(
        new(2026, 3, 31), [Line()], Client: One<Ref?>(null, new("client", One("psa", "erp"), Id())),
        Currency: Currency.Of("GBP"), Totals: new(Gross: One(100m, 60m)),
        Preceding: _random.Next(4) == 0
            ? [new(new("invoice", null, Id()), PrecedingRelation.Credits, 10m)]
            : null, DocumentType: _random.Next(5) == 0 ? DocumentType.CreditNote : DocumentType.Invoice)
        {
            Number = One<string?>("INV-" + id, "INV-0", null), Entity = One<Ref?>(null, LegalEntity()),
        };

    private Event Succession()
    {
        if (_random.Next(4) == 0) return new SuccessionWithdrawn();
        var kind = One("time", "client", "invoice", "source");
        Ref Any() => kind == "source"
            ? new(kind, "ledger", One("psa", "erp-de", "odd"))
            : new(kind, One("psa", "erp", "erp-de", "billing", "odd"), Id());
        return new StreamSucceeded(Any(), Any(), One<LocalDate>(new(2026, 6, 2), new(2026, 6, 5)));
    }

    private Event Ownership() => _random.Next(4) == 0
        ? new OwnershipWithdrawn()
        : new OwnershipAssigned(
            One("invoice", "time", "client", "milestone", "exchange_rate"), [One(Role.Psa, Role.Erp, Role.Billing)],
            One<string?>(null, "note", "number"),
            One<LocalDate?>(null, new LocalDate(2026, 6, 2), new LocalDate(2026, 6, 5)))
        {
            Entity = One<Ref?>(null, LegalEntity()),
        };

    private Event Override() => _random.Next(5) == 0
        ? new OverrideWithdrawn()
        : new TruthOverridden(
            One(new Ref("time", "psa", Id()), new Ref("invoice", Number: "INV-" + Id())), One("note", "number"),
            JsonText.Of("put right"), "known better", One<JsonText?>(null, JsonText.Of("x")),
            Until: One<LocalDate?>(null, new LocalDate(2026, 6, 2), new LocalDate(2026, 6, 5)));

    private Event Period() => _random.Next(3) switch
    {
        0 => new PeriodOpened("2026-03", new(2026, 3, 1), new(2026, 3, 31)) { Entity = One<Ref?>(null, LegalEntity()) },
        1 => new PeriodClosed(),
        _ => One<Event>(new PeriodReopened("late work"), new PeriodSoftClosed()),
    };

    private Event Coverage() => _random.Next(4) == 0
        ? new CoverageWithdrawn()
        : new CoverageStated(
            One(CoverageRelation.Bills, CoverageRelation.Settles),
            One(new Ref("invoice", "billing", Id()), new Ref("invoice", Number: "INV-" + Id())),
            One(new Ref("time", "psa", Id()), new Ref("invoice", "erp", Id())), Amount: One<decimal?>(null, 70m));

    private (string Source, string Subject, Event Body) Open()
    {
        var (source, id) = (One("psa", "erp", "billing"), Id());
        Ref client = One<Ref>(new("client", "erp", Id()), new("client", "erp", "0"));
        return _random.Next(6) switch
        {
            0 or 1 => (source, $"invoice/{id}", new InvoiceIssued(
                new(2026, 3, 31), [Line()], Client: client, Currency: Currency.Of("GBP"),
                Totals: new(Gross: One(100m, 60m)))
            {
                Number = "INV-" + id,
            }),
            2 or 3 => (source, $"payment/{id}", new PaymentReceived(
                One<LocalDate>(new(2026, 3, 1), new(2026, 4, 2)), One(100m, 60m, 160m), Currency.Of("GBP"), client,
                Remittance: One<string?>(null, "INV-0 INV-1"))),
            4 => (source, $"posting/{id}", new PostingRecorded(
                One<LocalDate>(new(2026, 4, 1), new(2026, 5, 1)), "2026-04", Currency.Of("GBP"),
                One(new PostingTotals(Gross: One(100m, 60m)), new PostingTotals(Net: One(100m, 60m))))
            {
                Number = One<string?>(null, "INV-" + Id()),
            }),
            _ => ("ledger", $"coverage/{_random.Next(4)}", new CoverageProposalRejected(
                One(CoverageRelation.Settles, CoverageRelation.Posts),
                new(One("payment", "posting"), source, Id()),
                [
                    new(new("invoice", One("billing", "erp"), Id())),
                    .. One<Items<RejectedCover>>([], [new(new("invoice", One("psa", "erp"), Id()))]),
                ],
                "seen")),
        };
    }

    private Ref LegalEntity() =>
        One<Ref>(new("legal_entity", "erp", One("0", "1")), new("legal_entity", Number: "L-1"));

    private Event Link()
    {
        var kind = One("time", "client", "invoice");
        Ref Any() => new(kind, One("psa", "erp", "erp-de", "billing"), Id());
        return _random.Next(whole ? 6 : 3) switch
        {
            0 => new IdentityUnlinked(Any(), Any()),
            1 when whole => new IdentityUnlinked(Any(), Any()),
            2 when whole => new IdentityProposalRejected(Any(), Any(), "seen"),
            _ => new IdentityLinked(Any(), Any()),
        };
    }

    private Event Work() => _random.Next(2) == 0
        ? new TimeEntryRecorded(
            new("resource", Id: "anna"), new(2026, 3, 2), new(_random.Next(480), Unit.Minute),
            whole ? One<Ref?>(null, new("project", Number: "PR-" + Id())) : null)
        : new TimeStated(Quantity: new Quantity(_random.Next(480), Unit.Minute), Note: One("x", null));

    private InvoiceLine Line() => new(
        "1", Bills: [new(
            new("time", "psa", Id()), One<Quantity?>(null, new Quantity(_random.Next(300), Unit.Minute)))],
        Net: _random.Next(1000));

    private string Id() => _random.Next(6).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private T One<T>(params ReadOnlySpan<T> of) => of[_random.Next(of.Length)];
}
