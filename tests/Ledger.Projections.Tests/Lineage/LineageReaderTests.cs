using Ledger.Connectors;
using Ledger.Domain;
using Ledger.Projections.Lineage;
using Ledger.Store;
using Ledger.Testing;
using static Ledger.Projections.Tests.Lineage.Story;

namespace Ledger.Projections.Tests.Lineage;

public sealed class LineageReaderTests
{
    private const string Engagement = "vendor_kantata_mavenlink";

    [Fact]
    public async Task What_it_reads_around_an_invoice_is_what_the_whole_world_tells_of_it() =>
        await AgreesWithTheWhole(SampleFirm.Read(SampleFirm.Files).Select(Recorded.New).ToArray(), invoices: 32);

    [RealFact(Engagement)]
    public async Task A_recorded_engagement_reads_as_the_whole_world_tells_it()
    {
        var files = Directory.GetFiles(RealData.Path(Engagement)!, "*.json").Order(StringComparer.Ordinal)
            .Select(f => new ImportFile(Path.GetFileName(f), File.ReadAllBytes(f))).ToArray();
        var imported = ImportProfiles.Import("kantata", files);
        await AgreesWithTheWhole(imported.Events.Select(Recorded.New).ToArray(), invoices: 20);
    }

    [Fact]
    public async Task References_by_number_links_and_coverage_are_followed()
    {
        var story = new Story().Engagement()
            .Says("psa", "client/c-9", new ClientStated(Name: "NW Ltd"))
            .Says("ledger", "identity/1", new IdentityLinked(Psa("client", "c-9"), new("client", "erp", "C1")))
            .Says("psa", "project/P1", new ProjectStated(Client: new Ref("client", Id: "c-9")))
            .Says("crm", "rate_card/ours", new RateCardStated(
                Client: new Ref("client", "psa", "c-9"),
                Rates: Items.Of<CardRate>([new(
                    "any", RateUse.Bill, new(), new(80m, Dollar, Unit.Hour), new(2025, 1, 1))])))
            .Time("1", 1m, null).Time("2", 1m, null, on: new(2025, 6, 1))
            .Issued("7", 200m, Line("1", 200m, Bills("1")))
            .Says("ledger", "coverage/c1", new CoverageStated(
                CoverageRelation.Bills, new("invoice", Number: "INV-7", Line: "1"), Psa("time", "2")))
            .Says("billing", "invoice/7", new InvoiceCancelled())
            .IssuedOn(new(2026, 3, 1), "8", 200m, null, Line("1", 200m, Bills("2"), Bills("1")))
            .Says("erp", "posting/J1", new PostingRecorded(
                new(2026, 2, 1), "2026-02", Dollar, new(Net: 200m), new("invoice", Number: "INV-7")))
            .Says("erp", "posting/J2", new PostingRecorded(
                new(2026, 2, 1), "2026-02", Dollar, new(Net: -200m), Reverses: new("posting", Id: "J1")));

        var read = await AgreesWithTheWhole(story.Events, invoices: 2);

        var lineage = read.First(r => r.Lineage.Stream == "invoice/billing:7").Lineage;
        lineage.Unexplained.ShouldBe(0m);
        lineage.Edges.ShouldContain(e => e.To == "time/psa:2" && e.Rel == "bills" && e.Basis == EdgeBasis.Confirmed);
        lineage.Edges.ShouldContain(e => e.From == "posting/erp:J2" && e.Rel == "reverses");
        lineage.Edges.ShouldContain(e => e.From == "invoice/billing:8" && e.Rel == "replaces");
        lineage.Nodes.ShouldContain(n => n.Stream == "rate_card/crm:ours#any");
    }

    [Fact]
    public async Task A_card_for_nobody_in_particular_prices_what_no_other_does_and_one_of_a_contract_only_its_own()
    {
        RateCardStated Card(string role, decimal price) => new(Rates: Items.Of<CardRate>(
            [new("only", RateUse.Bill, new(Role: role), new(price, Dollar, Unit.Hour), new(2025, 1, 1))]));
        var story = new Story().Engagement()
            .Says("psa", "resource/R2", new ResourceOnboarded("Bo", Role: "Tester"))
            .Says("psa", "resource/R3", new ResourceOnboarded("Cy", Role: "Writer"))
            .Says("clm", "rate_card/list", Card("Tester", 70m))
            .Says("clm", "rate_card/other", Card("Writer", 60m))
            .Says("clm", "contract/K2", new ContractSigned(
                new("client", "erp", "C9"), new(2025, 12, 1), new(2026, 1, 1), Dollar, BillingModel.TimeAndMaterials,
                RateCards: [new("rate_card", Id: "other")]))
            .Time("1", 1m, null).Time("2", 1m, null, resource: "R2").Time("3", 1m, null, resource: "R3")
            .Issued("7", 250m, Line("1", 250m, Bills("1"), Bills("2"), Bills("3")));

        var read = await AgreesWithTheWhole(story.Events, invoices: 1);

        var priced = read[0].Lineage.Edges.Where(e => e.Rel == "rate").Select(e => (e.From, e.To, e.Note));
        priced.ShouldBe(
        [
            ("time/psa:1", "rate_card/clm:RC#senior", "the contract's card, by role"),
            ("time/psa:2", "rate_card/clm:list#only", "the default card, by role"),
        ]);
    }

    [Fact]
    public async Task Each_edge_comes_with_its_event_and_what_is_no_invoice_with_nothing()
    {
        await using var ledger = await Ledger(new Story().Time("1", 1m, 100m)
            .Issued("7", 100m, Line("1", 100m, Bills("1"))).Events);
        var reader = new LineageReader(ledger.Source, ledger.Store);

        var reading = (await reader.Invoice("invoice/billing:7", CancellationToken.None)).ShouldNotBeNull();

        reading.AsKnownAt.ShouldBe(2);
        var edge = reading.Lineage.Edges.Single(e => e.Rel == "bills");
        reading.Events[edge.Position].ShouldBe(
            new(2, "billing", "e2", "invoice_issued", NodaTime.Instant.FromUtc(2026, 1, 1, 11, 0)));
        (await reader.Invoice("time/psa:1", CancellationToken.None)).ShouldBeNull();
        (await reader.Invoice("invoice/billing:8", CancellationToken.None)).ShouldBeNull();
        (await reader.Invoice("no stream at all", CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task Which_lines_a_record_touches_is_read_as_the_whole_world_tells_it()
    {
        await using var ledger = await Ledger(SampleFirm.Read(SampleFirm.Files).Select(Recorded.New).ToArray());
        var world = await Worlds.Load(ledger.Source, CancellationToken.None);
        var graph = new LineageGraph(world);
        var reader = new LineageReader(ledger.Source, ledger.Store);
        var some = world.Records.Values.Where(r => !r.Kind.IsGovernance).GroupBy(r => r.Kind)
            .SelectMany(kind => kind.OrderBy(r => r.Stream, StringComparer.Ordinal).Take(2)).Select(r => r.Stream);

        var touched = 0;
        foreach (var stream in some.Append("rate_card/clm:RC-NMW-26#senior-0526"))
        {
            var lines = await AllTouched(reader, stream);
            lines.ShouldBe(LineageOf.Touching(graph, stream), stream);
            touched += lines.Count;
        }

        touched.ShouldBeGreaterThan(100);
        (await AllTouched(reader, "rate_card/clm:RC-NMW-26#senior-0526"))
            .ShouldContain(new Touched("invoice/billing:7711", "invoice/billing:7711#7711-1"));
        (await reader.Touching("client/crm:nobody", 0, 10, CancellationToken.None)).ShouldBeNull();
    }

    /// <summary>Page by page, three invoices at a time.</summary>
    private static async Task<Items<Touched>> AllTouched(LineageReader reader, string stream)
    {
        var touched = new List<Touched>();
        long? after = 0L;
        while (after is { } from)
        {
            var page = (await reader.Touching(stream, from, 3, CancellationToken.None)).ShouldNotBeNull(stream);
            page.Truncated.ShouldBeFalse(stream);
            foreach (var invoice in page.Invoices)
            {
                if (invoice.Lines.Count == 0) touched.Add(new(invoice.Stream, null));
                touched.AddRange(invoice.Lines.Select(line => new Touched(invoice.Stream, line.Stream)));
                foreach (var edge in invoice.Lines.SelectMany(l => l.Way).Concat(invoice.Way))
                    page.Events.Keys.ShouldContain(edge.Position);
            }

            after = page.Next;
        }

        return touched.ToItems();
    }

    private static async Task<LedgerDatabase> Ledger(NewEvent[] events)
    {
        var ledger = await LedgerDatabase.Create();
        await ledger.Store.Append(events, atomic: false, CancellationToken.None);
        await new Projector(ledger.Source, ledger.Store).CatchUp(null, CancellationToken.None);
        return ledger;
    }

    /// <summary>Reads every invoice on its own and compares it with what the whole world gives.</summary>
    private static async Task<List<LineageReading>> AgreesWithTheWhole(NewEvent[] events, int invoices)
    {
        await using var ledger = await Ledger(events);
        var world = await Worlds.Load(ledger.Source, CancellationToken.None);
        var graph = new LineageGraph(world);
        var reader = new LineageReader(ledger.Source, ledger.Store);
        var readings = new List<LineageReading>();
        foreach (var invoice in world.Entities(Kind.Invoice))
        {
            var reading = (await reader.Invoice(invoice.Id, CancellationToken.None)).ShouldNotBeNull(invoice.Id);
            LineageJson.Write(reading.Lineage).ShouldBe(LineageJson.Write(LineageOf.Invoice(graph, invoice.Id)!));
            LineageReading.Positions(reading.Lineage).Order().ShouldBe(reading.Events.Keys.Order());
            readings.Add(reading);
        }

        readings.Count.ShouldBeGreaterThanOrEqualTo(invoices);
        return readings;
    }
}
