using Ledger.Domain;
using Ledger.Projections.Lineage;

namespace Ledger.Projections.Tests.Lineage;

public sealed class SampleFirmLineageTests
{
    private static readonly RecordedEvent[] Events = SampleFirm.Events(SampleFirm.Files);

    private static readonly World Firm = SampleFirm.World(Events);

    [Fact]
    public void Every_line_is_explained_to_the_cent_but_what_was_planted()
    {
        var graph = new LineageGraph(Firm);
        var remainders = from invoice in Firm.Live<Invoice>(Kind.Invoice)
                         let lineage = LineageOf.Invoice(graph, invoice.Record.Stream)!
                         where lineage.Unexplained != 0m
                         select $"{invoice.State.Number} {lineage.Unexplained:0.00}";
        // A price below the card leaves the difference, hours that were taken back are nobody's; a rounding that is not
        // the contract's is still a rounding.
        remainders.Order().ShouldBe(SampleFirm.Faults.Where(f => f.Class is "unsourced" or "rate" or "quantity")
            .Select(f => f.Class == "rate" ? $"{f.Invoice} -{f.Amount}" : $"{f.Invoice} {f.Amount}").Order());
    }

    [Fact]
    public void Every_line_walks_back_to_the_contract_and_the_client_of_its_work()
    {
        var graph = new LineageGraph(Firm);
        foreach (var invoice in Firm.Live<Invoice>(Kind.Invoice))
        {
            if (invoice.State.DocumentType is not DocumentType.Invoice) continue;
            var lineage = LineageOf.Invoice(graph, invoice.Record.Stream)!;
            lineage.Truncated.ShouldBeFalse();
            foreach (var line in lineage.Lines.Where(l => l.Shares.Count > 0))
            {
                var kinds = lineage.RestsOn(line.Stream).Select(s => s[..s.IndexOf('/', StringComparison.Ordinal)]);
                new[] { "project", "contract", "client" }.Except(kinds).ShouldBeEmpty(line.Stream);
            }
        }
    }
}
