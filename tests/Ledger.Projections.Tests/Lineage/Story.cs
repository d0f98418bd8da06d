using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Lineage;
using Ledger.Store;
using NodaTime;

namespace Ledger.Projections.Tests.Lineage;

/// <summary>What systems said, one event after the other, as a world.</summary>
internal sealed class Story
{
    private readonly List<RecordedEvent> _events = [];

    public static readonly Currency Dollar = Currency.Of("USD");

    public Story Says(string source, string subject, Event body)
    {
        var position = _events.Count + 1;
        var at = Instant.FromUtc(2026, 1, 1, 9, 0).Plus(Duration.FromHours(position));
        var slash = subject.IndexOf('/', StringComparison.Ordinal);
        _events.Add(new(
            position, source, $"e{position}", StreamName.Of(subject[..slash], source, subject[(slash + 1)..]),
            EventCatalog.Find(body).Name, at, at.InUtc().Date, null, null, at, body));
        return this;
    }

    /// <summary>The same events as the store takes them.</summary>
    public NewEvent[] Events => [.. _events.Select(e => Recorded.New(Understood.Of(
        new(e.Source, e.Id, e.Type, StreamName.KindOf(e.Stream), StreamName.IdOf(e.Stream), e.Time, e.EffectiveOn),
        e.Body)))];

    /// <summary>The events by their names.</summary>
    public EventIndex Index => EventIndex.Of(_events);

    /// <summary>When each event happened, as its source says.</summary>
    public IEnumerable<Instant> Moments => _events.Select(e => e.Time);

    /// <summary>Type of the event at a position.</summary>
    public string TypeAt(long position) => _events[(int)position - 1].Type;

    /// <summary>Position of the last event told.</summary>
    public long Position => _events.Count;

    /// <summary>The world as it is told by the events that lie by some times.</summary>
    public World World(Times times) => World(null, times);

    /// <param name="seed">Of another order of its records.</param>
    /// <param name="day">On which it is judged; null = by the times, else when the last event was told.</param>
    public World World(int? seed = null, Times? times = null, LocalDate? day = null)
    {
        var records = _events.Where((times ?? Times.Now).Includes).GroupBy(e => e.Stream).Select(g =>
        {
            var kind = Kind.Find(StreamName.KindOf(g.Key));
            return new SourceRecord(
                g.Key, kind, StreamName.SourceOf(g.Key), StreamName.IdOf(g.Key), StreamFold.Fold(kind, g));
        }).ToArray();
        if (seed is { } chance) new Random(chance).Shuffle(records);
        var told = _events.LastOrDefault(e => !(e.Position > times?.AsKnownAt))?.RecordedAt.InUtc().Date ?? default;
        return new(times?.AsKnownAt ?? Position, day ?? (times ?? Times.Now).Day(told), records);
    }

    /// <summary>Every record a document rests on, parts and the document's own lines among them.</summary>
    public string[] Ancestors(string invoice, Times? times = null)
    {
        var lineage = Lineage(invoice, times);
        return [.. lineage.RestsOn(lineage.Stream)];
    }

    public InvoiceLineage Lineage(string invoice, Times? times = null) =>
        LineageOf.Invoice(World(null, times), $"invoice/billing:{invoice}").ShouldNotBeNull();

    /// <summary>Nodes that rest on a document.</summary>
    public static string[] After(InvoiceLineage lineage) =>
        [.. lineage.Nodes.Select(n => n.Stream).Where(n => lineage.RestsOn(n).Contains(lineage.Stream))];

    public Story Time(
        string id, decimal hours, decimal? rate, string? project = "P1", LocalDate? on = null, string resource = "R1",
        string? task = null) =>
        Says("psa", $"time/{id}", new TimeEntryRecorded(
            new("resource", Id: resource), on ?? new LocalDate(2026, 1, 5), new(hours, Unit.Hour),
            project is null ? null : new Ref("project", Id: project), task, Billable: true,
            BillRate: rate is { } price ? new(price, Dollar, Unit.Hour) : null));

    public Story Issued(
        string id, decimal? net, params ReadOnlySpan<InvoiceLine> lines) =>
        IssuedOn(new(2026, 2, 1), id, net, null, lines);

    public Story IssuedOn(
        LocalDate on, string id, decimal? net, Items<Preceding>? preceding, params ReadOnlySpan<InvoiceLine> lines) =>
        Says("billing", $"invoice/{id}", new InvoiceIssued(
            on, lines.ToArray().ToItems(), Currency: Dollar, Totals: new(Net: net), Preceding: preceding)
        { Number = $"INV-{id}" });

    public static InvoiceLine Line(string line, decimal? net, params ReadOnlySpan<Billed> bills) =>
        new(line, Net: net, Bills: bills.ToArray().ToItems());

    public static Billed Bills(string time, decimal? hours = null, decimal? amount = null) =>
        new(Psa("time", time), hours is { } h ? new(h, Unit.Hour) : null, amount);

    public static Ref Psa(string kind, string id) => new(kind, "psa", id);

    public Story Approved(string time, decimal hours) =>
        Says("psa", $"time/{time}", new TimeEntryApproved("Bea", new(hours, Unit.Hour)));

    public static Ref LegalEntity(string id) => new("legal_entity", "erp", id);

    /// <summary>A client, a contract with a card, a project with a task, a person.</summary>
    public Story Engagement() => this
        .Says("erp", "client/C1", new ClientRegistered("Northwind"))
        .Says("clm", "contract/K1", new ContractSigned(
            new("client", "erp", "C1"), new(2025, 12, 1), new(2026, 1, 1), Dollar, BillingModel.TimeAndMaterials,
            RateCards: [new("rate_card", Id: "RC")]) { Number = "K-2025-1" })
        .Says("clm", "rate_card/RC", new RateCardPublished(Dollar, "Standard"))
        .Says("clm", "rate_card/RC", new RateCardRateSet(
            "senior", RateUse.Bill, new(Role: "Senior"), new(120m, Dollar, Unit.Hour), new(2026, 1, 1)))
        .Says("psa", "project/P1", new ProjectCreated(
            "Rollout", new("client", "erp", "C1"), new("contract", "clm", "K1")))
        .Says("psa", "project/P1", new ProjectTaskAdded("T1", "Build"))
        .Says("psa", "resource/R1", new ResourceOnboarded("Ada", Role: "Senior"));
}
