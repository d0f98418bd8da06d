using Ledger.Domain;

namespace Ledger.Projections.Tests;

public sealed class NeighbourhoodTests
{
    private static readonly Currency Pounds = Currency.Of("GBP");

    private static InvoiceIssued Invoice(string number, Items<InvoiceLine>? lines = null) =>
        new(new(2026, 3, 31), lines ?? [], Currency: Pounds, Totals: new(Gross: 100m)) { Number = number };

    [Fact]
    public async Task A_number_joins_until_more_than_sixteen_bear_it_and_again_when_they_are_fewer()
    {
        await using var ledger = await LedgerDatabase.Create();
        for (var n = 1; n <= 18; n++)
        {
            await ledger.Append(Telling.Event($"s{n}", "invoice/1", Invoice("X-1")));
            await ledger.Projector().CatchUp(null, CancellationToken.None);
            (await ledger.Rows("select count(*) from views.entity")).ShouldBe([n <= 16 ? "1" : $"{n}"]);
        }

        (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();
        await ledger.Append(
            Telling.Event("s3", "invoice/1", new RecordDeleted(), minute: 1),
            Telling.Event("s4", "invoice/1", Invoice("Y-7"), minute: 1));
        await ledger.Projector().CatchUp(null, CancellationToken.None);

        (await ledger.Rows("select array_length(members, 1) from views.entity order by 1 desc limit 1")).ShouldBe(["16"]);
        (await ledger.Rows("select held from views.record_key where stream = 'invoice/s3:1'")).ShouldBe(["False"]);
        (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task An_hour_on_two_documents_is_found_whichever_came_last_and_gone_with_one_of_them()
    {
        await using var ledger = await LedgerDatabase.Create();
        Items<InvoiceLine> line = [new("1", Bills: [new(new("time", "psa", "1"))], Net: 10m)];
        await ledger.Append(
            Telling.Event("billing", "invoice/1", Invoice("A-1", line)),
            Telling.Event("billing", "invoice/2", Invoice("A-2", line)));
        await ledger.Projector().CatchUp(null, CancellationToken.None);
        (await ledger.Rows("select code, entity from views.finding order by 2")).ShouldBe(
            ["dangling_reference|invoice/billing:1", "dangling_reference|invoice/billing:2"]);

        await ledger.Append(Telling.Event("psa", "time/1", new TimeEntryRecorded(
            new("resource", Id: "anna"), new(2026, 3, 2), new(60, Unit.Minute))));
        await ledger.Projector().CatchUp(null, CancellationToken.None);

        (await ledger.Rows("select code, entity from views.finding")).ShouldBe(["hour_billed_twice|time/psa:1"]);
        (await ledger.Rows("select count(*) from views.coverage where live and to_entity = 'time/psa:1'"))
            .ShouldBe(["2"]);
        await ledger.Append(Telling.Event("billing", "invoice/2", new InvoiceCancelled("twice"), minute: 1));
        await ledger.Projector().CatchUp(null, CancellationToken.None);
        (await ledger.Rows("select code from views.finding")).ShouldBeEmpty();
        (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task Who_went_by_whose_name_is_kept_with_when()
    {
        await using var ledger = await LedgerDatabase.Create();
        Ref one = new("client", "crm", "1"), other = new("client", "erp", "9");
        await ledger.Append(
            Telling.Event("crm", "client/1", new ClientStated(Name: "Ada")),
            Telling.Event("erp", "client/9", new ClientStated(Name: "Ada Ltd")),
            Telling.Event("ledger", "identity/1", new IdentityLinked(one, other)),
            Telling.Event("ledger", "identity/1", new IdentityUnlinked(one, other), minute: 1),
            Telling.Event("ledger", "identity/1", new IdentityLinked(one, other), minute: 2));

        await ledger.Projector().CatchUp(null, CancellationToken.None);

        (await ledger.Rows("select alias, entity, from_position, to_position from views.alias order by 3")).ShouldBe(
            ["client/erp:9|client/crm:1|3|4", "client/erp:9|client/crm:1|5|-"]);
        (await ledger.Rows("select stream, since from views.entity_member order by 1 desc limit 1"))
            .ShouldBe(["identity/ledger:1|-"]);
        (await ledger.Rows("select since from views.entity_member where stream = 'client/erp:9'")).ShouldBe(["5"]);
        (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();
    }
}
