using Ledger.Domain;

namespace Ledger.Projections.Tests;

public sealed class MoneyDifferenceTests
{
    private static readonly Currency Pounds = Currency.Of("GBP");

    private static InvoiceIssued Invoice(decimal gross, DocumentType type = DocumentType.Invoice) =>
        new(new(2026, 3, 31), [], type, Currency: Pounds, Totals: new(Gross: gross));

    [Fact]
    public async Task A_rebuild_shows_what_it_changes_in_money_and_waits_for_a_yes()
    {
        await using var ledger = await LedgerDatabase.Create();
        await ledger.Append(
            Telling.Event("billing", "invoice/1", Invoice(100m)), Telling.Event("billing", "invoice/2", Invoice(60m)),
            Telling.Event("billing", "invoice/3", Invoice(20m, DocumentType.CreditNote)));
        await ledger.Projector().CatchUp(null, CancellationToken.None);
        (await ledger.Rows("select sum(amount), min(currency) from views.entity")).ShouldBe(["140|GBP"]);
        // As if an older program had owned or folded it otherwise.
        await ledger.Execute("update views.entity set amount = 90 where id = 'invoice/billing:1'");
        await ledger.Execute("delete from views.entity where id = 'invoice/billing:2'");
        MoneyDifference? shown = null;

        var refused = await ledger.Projector().Rebuild(null, Approve(false), CancellationToken.None);

        refused.ShouldBeNull();
        shown!.Position.ShouldBe(3);
        shown.Figures.ShouldBe([new("invoice", "GBP", 1, 1, 0, 70m, 70m)]);
        MoneyDifferenceText.Lines(shown).ShouldBe(["1 invoice changes, 1 invoice comes in: GBP 70.00"]);
        (await ledger.Rows("select amount from views.entity where id = 'invoice/billing:1'")).ShouldBe(["90"]);
        (await ledger.Rows("select nspname from pg_namespace where nspname like 'views%'")).ShouldBe(["views"]);

        (await ledger.Projector().Rebuild(null, Approve(true), CancellationToken.None)).ShouldBe(3);

        (await ledger.Rows("select amount from views.entity where id = 'invoice/billing:1'")).ShouldBe(["100"]);
        await ledger.Projector().Rebuild(null, Approve(true), CancellationToken.None);
        shown.IsNothing.ShouldBeTrue();

        Func<MoneyDifference, CancellationToken, Task<bool>> Approve(bool yes) => (difference, _) =>
        {
            shown = difference;
            return Task.FromResult(yes);
        };
    }

    [Fact]
    public async Task Views_say_whether_they_were_verified()
    {
        await using var ledger = await LedgerDatabase.Create();
        await ledger.Append(Telling.Event("billing", "invoice/1", Invoice(100m)));
        await ledger.Projector().CatchUp(null, CancellationToken.None);
        (await ledger.Rows("select certified from views.position")).ShouldBe(["-"]);

        (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();

        (await ledger.Rows("select certified, certified_position from views.position")).ShouldBe(["True|1"]);
        var certificate = await Certificate.Of(ledger.Source, CancellationToken.None);
        await ledger.Projector().VerifyViews(null, CancellationToken.None);
        (await Certificate.Of(ledger.Source, CancellationToken.None))!.Digest.ToArray()
            .ShouldBe(certificate!.Digest.ToArray());
        await ledger.Append(Telling.Event("billing", "invoice/2", Invoice(1m)));
        await ledger.Projector().CatchUp(null, CancellationToken.None);
        (await ledger.Rows("select certified, certified_position from views.position")).ShouldBe(["False|1"]);
    }
}
