using System.Text;

namespace Ledger.Store.Tests;

public sealed class AppendTests(StoreDatabase database) : IClassFixture<StoreDatabase>
{
    [Fact]
    public async Task Stores_an_event_once_and_answers_its_receipt_again()
    {
        await using var store = database.Store();
        var offered = Events.New("time/psa:1042") with { Actor = "anna", CorrelationId = "c-1", CausationId = "c-0" };

        var first = (await store.Append(offered, CancellationToken.None)).ShouldBeOfType<Appended>().Receipt;
        var second = (await store.Append(offered, CancellationToken.None)).ShouldBeOfType<Duplicate>().Receipt;

        second.ShouldBe(first);
        first.Version.ShouldBe(1);
        (await store.Receipt(offered.Source, offered.Id, CancellationToken.None)).ShouldBe(first);
        var stored = await store.ReadStream(offered.Stream, CancellationToken.None).SingleAsync();
        stored.Position.ShouldBe(first.Position);
        stored.RecordedAt.ShouldBe(first.RecordedAt);
        stored.Key.ShouldBe(EventKey.For(offered.Source, offered.Id));
        (stored.Source, stored.Id, stored.StreamType).ShouldBe((offered.Source, offered.Id, "time_entry"));
        (stored.Actor, stored.CorrelationId, stored.CausationId).ShouldBe(("anna", "c-1", "c-0"));
        Encoding.UTF8.GetString(stored.Data.Span).ShouldBe("{\"n\":1}");
        stored.Headers["time"].ShouldBe("2026-11-02T09:00:00Z");
    }
}
