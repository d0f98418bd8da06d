using Ledger.Domain;

namespace Ledger.Projections.Tests;

/// <summary>Who named a record by a number learns that it is another's now, or nobody's.</summary>
public sealed class RenumberingTests
{
    private static readonly Currency Pounds = Currency.Of("GBP");

    private int minute;

    private static InvoiceIssued Invoice(string number, Ref? client = null) =>
        new(new(2026, 3, 31), [], Client: client, Currency: Pounds, Totals: new(Gross: 100m)) { Number = number };

    private async Task Tell(LedgerDatabase ledger, params (string Source, string Subject, Event Body)[] told)
    {
        foreach (var (source, subject, body) in told)
        {
            await ledger.Append(Telling.Event(source, subject, body, minute: minute++));
            await ledger.Projector().CatchUp(null, CancellationToken.None);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_payment_of_a_number_that_is_borne_no_more_pays_nothing(bool isRestated)
    {
        await using var ledger = await LedgerDatabase.Create();
        await Tell(
            ledger,
            ("billing", "invoice/1", Invoice("INV-1")),
            ("bank", "payment/1", new PaymentReceived(new(2026, 4, 1), 100m, Pounds)),
            ("bank", "payment/1", new PaymentApplied(
                "A", new("invoice", Number: "INV-1"), ApplicationKind.Cash, 100m, new(2026, 4, 1))));
        (await ledger.Rows("select to_entity from views.coverage")).ShouldBe(["invoice/billing:1"]);

        await Tell(ledger, ("billing", "invoice/1", isRestated ? Invoice("INV-2") : new RecordDeleted()));

        (await ledger.Rows("select to_entity from views.coverage")).ShouldBe(["-"]);
        (await ledger.Rows("select code, entity from views.finding")).ShouldBe(
            ["dangling_reference|payment/bank:1"]);
        (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_number_that_two_bear_finds_the_one_that_keeps_it()
    {
        await using var ledger = await LedgerDatabase.Create();
        await Tell(
            ledger,
            ("billing", "invoice/1", Invoice("INV-1")),
            ("bank", "payment/1", new PaymentReceived(new(2026, 4, 1), 100m, Pounds)),
            ("bank", "payment/1", new PaymentApplied(
                "A", new("invoice", Number: "INV-1"), ApplicationKind.Cash, 100m, new(2026, 4, 1))),
            ("ledger", "override/1", new TruthOverridden(
                new("invoice", Number: "INV-1"), "orderRef", JsonText.Of((object)"PO-7"), "asked for")),
            ("billing", "invoice/2", Invoice("INV-1")));
        (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();

        await Tell(ledger, ("billing", "invoice/1", Invoice("INV-2")));

        (await ledger.Rows("select to_entity from views.coverage")).ShouldBe(["invoice/billing:2"]);
        (await ledger.Rows("select entity from views.finding where code = 'dangling_reference'")).ShouldBe(
            ["override/ledger:1"]);
        (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_client_that_comes_derives_its_own_documents_and_not_those_of_who_is_like_it()
    {
        await using var ledger = await LedgerDatabase.Create();
        await Tell(
            ledger,
            ("crm", "client/1", new ClientStated(Name: "Ada Lovelace Ltd")),
            ("billing", "invoice/1", Invoice("INV-1", new("client", "crm", "1"))),
            ("billing", "invoice/2", Invoice("INV-2", new("client", "psa", "2"))));
        await ledger.Execute("update views.entity set amount = 7 where kind = 'invoice'");

        await Tell(ledger, ("psa", "client/2", new ClientStated(Name: "Ada Lovelace Limited")));

        (await ledger.Rows("select a, b from views.proposal")).ShouldBe(["client/crm:1|client/psa:2"]);
        (await ledger.Rows("select id, amount from views.entity where kind = 'invoice' order by id")).ShouldBe(
            ["invoice/billing:1|7", "invoice/billing:2|100"]);
    }

    [Fact]
    public async Task A_client_of_more_documents_than_a_batch_takes_has_the_views_made_anew()
    {
        await using var ledger = await LedgerDatabase.Create();
        for (var n = 1; n <= 4; n++)
            await Tell(ledger, ("billing", $"invoice/{n}", Invoice($"INV-{n}", new("client", Number: "C-1"))));
        await Tell(ledger, ("billing", "invoice/5", Invoice("INV-5")));
        await ledger.Execute("update views.entity set amount = 7 where id = 'invoice/billing:5'");

        await ledger.Append(Telling.Event("crm", "client/1", new ClientStated(Name: "Ada") { Number = "C-1" }));
        await ledger.Projector(reachMax: 3).CatchUp(null, CancellationToken.None);

        (await ledger.Rows("select amount from views.entity where id = 'invoice/billing:5'")).ShouldBe(["100"]);
        (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_proposal_has_the_id_by_which_it_is_asked_for()
    {
        await using var ledger = await LedgerDatabase.Create();
        await Tell(
            ledger,
            ("psa", "client/2", new ClientStated(Name: "Ada Lovelace Limited")),
            ("crm", "client/1", new ClientStated(Name: "Ada Lovelace Ltd")));
        var id = (await ledger.Rows(
            "select left(encode(sha256(convert_to(E'client/crm:1\\nclient/psa:2', 'UTF8')), 'hex'), 16)")).Single();

        (await Views.ProposalReader.Find(ledger.Source, id, CancellationToken.None))!.B.ShouldBe("client/psa:2");
        (await Views.ProposalReader.Find(ledger.Source, "0", CancellationToken.None)).ShouldBeNull();
    }
}
