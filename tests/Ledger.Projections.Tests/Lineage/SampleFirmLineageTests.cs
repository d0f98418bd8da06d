using Ledger.Domain;
using Ledger.Projections.Lineage;
using Ledger.Projections.Rating;
using Ledger.Projections.Tests.Drift;

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
    public void No_line_of_a_sound_firm_has_a_remainder_however_it_is_billed()
    {
        var firm = SimulatedFirm.Of(6_000, 3, sound: true).World;
        var graph = new LineageGraph(firm);
        var invoices = firm.Live<Invoice>(Kind.Invoice).Where(i => i.State.IsLive).ToArray();
        invoices.SelectMany(i => i.State.Contracts).Distinct()
            .Select(c => ((Contract)firm.Records[c.Stream("billing")!].Fold.State!).Model).Distinct().Count()
            .ShouldBe(6);
        invoices.Select(i => LineageOf.Invoice(graph, i.Record.Stream)!)
            .SelectMany(l => l.Lines.Where(line => line.Remainder != 0m)
                .Select(line => $"{line.Stream} {line.Remainder}: {line.Reason}")
                .Concat(l.Unexplained == 0m ? [] : [$"{l.Stream} {l.Unexplained}"]))
            .ShouldBeEmpty();
    }

    [Fact]
    public void An_hour_has_the_price_that_rating_gives_it_also_where_only_the_project_says_in_which_role()
    {
        var told = SimulatedFirm.Of(6_000, 3, sound: true).Events;
        var later = told.Where(e => e.Body is ResourceOnboarded or RateCardRateSet).Select((e, i) => e with
        {
            Position = told.Length + 1 + i, Id = "later-" + e.Id, Time = NodaTime.Instant.FromUtc(2030, 1, 1, 0, 0),
            Sequence = e.Sequence is null ? null : long.MaxValue,
            Type = e.Body is RateCardRateSet ? e.Type : "resource_role_changed",
            Body = e.Body is RateCardRateSet set
                ? set with { Price = set.Price with { Amount = set.Price.Amount + 1m } }
                : new ResourceRoleChanged("Alumni"),
        });
        var firm = SampleFirm.World([.. told, .. later]);
        var graph = new LineageGraph(firm);
        var touched = firm.Live<RateCard>(Kind.RateCard).Take(2)
            .SelectMany(card => RatingOf.Touches(firm, card.Record.Stream, new(2000, 1, 1))!.Work)
            .Where(w => w.Billed is not null).ToArray();

        touched.Length.ShouldBeGreaterThan(50);
        foreach (var document in touched.GroupBy(w => w.Billed!.Document))
        {
            var rates = LineageOf.Invoice(graph, document.Key)!.Edges.Where(e => e.Rel == "rate")
                .ToDictionary(e => firm.EntityOf(e.From).Id, e => (e.To, e.Note));
            foreach (var work in document)
                rates[work.Id].ShouldBe(($"{work.Now!.Card}#{work.Now.CardRate}", work.Now.Path));
        }
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
