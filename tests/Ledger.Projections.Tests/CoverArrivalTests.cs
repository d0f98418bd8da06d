using Ledger.Domain;
using Ledger.Projections.Findings;
using Ledger.Projections.Tests.Identity;
using Ledger.Projections.Tests.Lineage;
using Ledger.Store;
using NodaTime;

namespace Ledger.Projections.Tests;

/// <summary>Whatever comes last, the views say of what is covered what the whole ledger says.</summary>
public sealed class CoverArrivalTests
{
    private static readonly LocalDate April = new(2026, 4, 1);

    private static readonly Ref Seventh = new("invoice", Id: "7");

    private static InvoiceIssued Issued(DocumentType type, Items<Preceding>? preceding, InvoiceLine line) => new(
        April, [line], type, Currency: Story.Dollar, Totals: new(Net: line.Net, Gross: line.Net),
        Preceding: preceding);

    private static PostingRecorded Posted(Ref? document, Ref? reverses = null) => new(
        April, "2026-04", Story.Dollar, new(Gross: 800m), document, Reverses: reverses);

    private static NewEvent[] Told => new Story().Worked("time/psa:1")
        .Tells("invoice/billing:7", Issued(
            DocumentType.Invoice, null, Story.Line("L1", 800m, Story.Bills("1"))))
        .Tells("invoice/billing:8", Issued(
            DocumentType.Invoice, null, Story.Line("L1", 300m, Story.Bills("1", 3m))))
        .Tells("invoice/billing:C", Issued(
            DocumentType.CreditNote, null,
            new("1", Quantity: new(3m, Unit.Hour), Net: 300m, Credits: new(Seventh, "L1"))))
        .Tells("invoice/billing:D", Issued(
            DocumentType.CreditNote, [new(Seventh, PrecedingRelation.Credits, 500m)],
            Story.Line("1", 500m, Story.Bills("1", 5m))))
        .Tells("invoice/billing:C", new InvoiceVoided())
        .Tells("posting/erp:1", Posted(new("invoice", "billing", "7")))
        .Tells("posting/erp:2", Posted(new("invoice", "billing", "7")))
        .Tells("posting/erp:3", Posted(null, new("posting", Id: "1")))
        .Tells("posting/erp:3", new PostingReversed()).Events;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Credits_and_postings_may_come_in_any_order(int seed)
    {
        await using var ledger = await LedgerDatabase.Create();
        var told = Told;
        if (seed > 0) new Random(seed).Shuffle(told);
        var findings = new HashSet<string>();
        foreach (var one in told)
        {
            await ledger.Append(one);
            await ledger.Projector().CatchUp(null, CancellationToken.None);
            var world = await Worlds.Load(ledger.Source, CancellationToken.None);
            (await ViewState.Derived(ledger)).ShouldBe(ViewState.Derived(world));
            findings.UnionWith(world.Findings.Select(f => f.Code));
        }

        findings.ShouldContain(Codes.OverCovered, "the two postings at the end");
    }
}
