using Ledger.Domain;
using Ledger.Projections.Lineage;
using static Ledger.Projections.Tests.Lineage.Story;

namespace Ledger.Projections.Tests.Lineage;

/// <summary>Lineage as it was, read from a ledger that has gone on since.</summary>
public sealed class LineageTimesTests
{
    [Fact]
    public async Task As_known_then_it_is_what_a_ledger_stopped_there_tells()
    {
        var story = MuchHappenedSince();
        await using var ledger = await Ledger(story);
        var reader = new LineageReader(ledger.Source, ledger.Store);

        for (var position = 1L; position <= story.Position; position++)
        {
            var times = new Times(AsKnownAt: position);
            var whole = story.World(times);
            foreach (var invoice in new[] { "invoice/billing:7", "invoice/billing:8", "invoice/erp:77" })
            {
                var read = await reader.Invoice(invoice, times, CancellationToken.None);
                var told = LineageOf.Invoice(whole, invoice);
                (read is null ? null : LineageJson.Write(read.Lineage))
                    .ShouldBe(told is null ? null : LineageJson.Write(told), $"{invoice} at {position}");
                read?.AsKnownAt.ShouldBe(position);
            }
        }
    }

    [Fact]
    public async Task As_stated_then_it_counts_what_the_systems_had_said_however_late_it_was_learnt()
    {
        var story = MuchHappenedSince();
        await using var ledger = await Ledger(story);
        var reader = new LineageReader(ledger.Source, ledger.Store);

        foreach (var moment in story.Moments)
        {
            foreach (var times in new[] { new Times(AsStatedAt: moment), new Times(moment.InUtc().Date) })
            {
                var read = await reader.Invoice("invoice/billing:7", times, CancellationToken.None);
                var told = LineageOf.Invoice(story.World(times), "invoice/billing:7");
                (read is null ? null : LineageJson.Write(read.Lineage))
                    .ShouldBe(told is null ? null : LineageJson.Write(told), times.ToString());
            }
        }
    }

    [Fact]
    public async Task Since_it_was_issued_what_came_went_and_changed_is_told_with_the_money_of_each_line()
    {
        var story = new Story().Engagement().Time("1", 8m, 120m).Issued("7", 960m, Line("1", 960m, Bills("1")));
        var issued = story.Position;
        story.Says("psa", "time/1", new TimeEntryCorrected(Quantity: new(6.5m, Unit.Hour)))
            .Says("clm", "contract/K1", new ContractAmended("A1", new(2026, 2, 10), new(2026, 1, 1), []))
            .Says("bank", "payment/B1", new PaymentApplied(
                "a1", new("invoice", "billing", "7"), ApplicationKind.Cash, 960m, new(2026, 3, 1), Currency: Dollar));
        await using var ledger = await Ledger(story);

        var (_, comparison) = await new LineageReader(ledger.Source, ledger.Store)
            .SinceIssued("invoice/billing:7", CancellationToken.None);

        comparison.ShouldNotBeNull();
        (comparison.Issued.Position, comparison.Issued.Type).ShouldBe((issued, "invoice_issued"));
        comparison.AsKnown.Times.ShouldBe(new(AsKnownAt: issued));
        comparison.AsKnown.Difference.ShouldBe(LineageDifference.Between(
            story.Lineage("7", new(AsKnownAt: issued)), story.Lineage("7")));
        comparison.AsKnown.Difference.Nodes.Select(n => (n.Change, n.Node.Stream)).ShouldBe(
        [
            (Change.Came, "contract/clm:K1#A1"), (Change.Came, "payment/bank:B1"), (Change.Changed, "time/psa:1"),
        ]);
        comparison.AsKnown.Difference.Lines.ShouldHaveSingleItem().RemainderBy.ShouldBe(180m);
        comparison.AsStated.Difference.ShouldBe(comparison.AsKnown.Difference);
        var text = LineageText.Write(comparison);
        text.ShouldContain("line 1 changed: net 0.00 USD, explained -180.00 USD, unexplained +180.00 USD");
        text.ShouldContain("quantity: 8 h → 6.5 h");
        var json = System.Text.Json.JsonElement.Parse(LineageJson.Write(comparison));
        json.GetProperty("asKnown").GetProperty("asKnownAt").GetInt64().ShouldBe(issued);
        var line = json.GetProperty("asKnown").GetProperty("difference").GetProperty("lines")[0];
        line.GetProperty("remainderBy").GetString().ShouldBe("180.00");
        line.GetProperty("shares")[0].GetProperty("before").GetProperty("amount").GetString().ShouldBe("960.00");
    }

    [Fact]
    public async Task What_was_never_issued_has_nothing_to_be_compared_with()
    {
        await using var ledger = await Ledger(new Story().Says("billing", "invoice/7", new InvoiceDrafted()));
        var reader = new LineageReader(ledger.Source, ledger.Store);

        var (now, comparison) = await reader.SinceIssued("invoice/billing:7", CancellationToken.None);
        now.ShouldNotBeNull();
        comparison.ShouldBeNull();
        (await reader.SinceIssued("invoice/billing:8", CancellationToken.None)).ShouldBe((null, null));
        (await reader.Invoice("invoice/billing:7", new(AsKnownAt: 0), CancellationToken.None)).ShouldBeNull();
    }

    /// <summary>References that went elsewhere, links made and taken back, numbers that changed, coverage withdrawn, a
    /// rebill.</summary>
    private static Story MuchHappenedSince() => new Story().Engagement()
        .Time("1", 8m, 120m).Time("2", 2m, null)
        .Says("psa", "client/c-9", new ClientStated(Name: "NW Ltd"))
        .Issued("7", 1200m, Line("1", 960m, Bills("1")), Line("2", 240m, Bills("2")))
        .Says("erp", "invoice/77", new InvoiceIssued(
            new(2026, 2, 1), [], Currency: Dollar, Totals: new(Net: 1200m)) { Number = "E-77" })
        .Says("ledger", "identity/1", new IdentityLinked(
            new("invoice", "billing", "7"), new("invoice", "erp", "77")))
        .Says("ledger", "identity/2", new IdentityLinked(Psa("client", "c-9"), new("client", "erp", "C1")))
        .Says("psa", "project/P1", new ProjectStated(Client: new Ref("client", Id: "c-9")))
        .Says("psa", "project/P2", new ProjectCreated("Elsewhere"))
        .Says("psa", "time/1", new TimeEntryReclassified(new("project", Id: "P2")))
        .Says("erp", "posting/J1", new PostingRecorded(
            new(2026, 2, 1), "2026-02", Dollar, new(Net: 1200m), new("invoice", Number: "E-77")))
        .Says("bank", "payment/B1", new PaymentApplied(
            "a1", new("invoice", "billing", "7"), ApplicationKind.Cash, 700m, new(2026, 3, 1), Currency: Dollar))
        .Says("bank", "payment/B1", new PaymentStated(Applications: Items.Of<Application>([])))
        .Says("erp", "posting/J1", new PostingStated(Document: new Ref("invoice", Number: "E-78")))
        .Says("ledger", "identity/2", new IdentityUnlinked(Psa("client", "c-9"), new("client", "erp", "C1")))
        .Says("ledger", "coverage/c1", new CoverageStated(
            CoverageRelation.Bills, new("invoice", Number: "INV-8", Line: "1"), Psa("time", "2")))
        .Says("billing", "invoice/7", new InvoiceCancelled())
        .IssuedOn(new(2026, 3, 1), "8", 1200m, null, Line("1", 960m, Bills("1")))
        .Says("ledger", "coverage/c1", new CoverageWithdrawn())
        // A card for anybody prices what the contract's card does not any more; then it is made another client's.
        .Says("clm", "rate_card/D", new RateCardPublished(Dollar, "List"))
        .Says("clm", "rate_card/D", new RateCardRateSet(
            "any", RateUse.Bill, new(), new(90m, Dollar, Unit.Hour), new(2026, 1, 1)))
        .Says("clm", "rate_card/RC", new RateCardRetired(new(2025, 12, 31)))
        .Says("clm", "rate_card/D", new RateCardStated(Client: new Ref("client", "erp", "C9")))
        .Says("psa", "resource/R1", new ResourceRoleChanged("Lead", From: new(2026, 1, 2)))
        .Says("ledger", "identity/1", new IdentityUnlinked(
            new("invoice", "billing", "7"), new("invoice", "erp", "77")));

    private static async Task<LedgerDatabase> Ledger(Story story)
    {
        var ledger = await LedgerDatabase.Create();
        await ledger.Append(story.Events);
        await new Projector(ledger.Source, ledger.Store).CatchUp(null, CancellationToken.None);
        return ledger;
    }
}
