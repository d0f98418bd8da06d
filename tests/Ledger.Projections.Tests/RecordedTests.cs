using Ledger.Domain;
using Ledger.Store;
using NodaTime;

namespace Ledger.Projections.Tests;

public sealed class RecordedTests(LedgerDatabase ledger) : IClassFixture<LedgerDatabase>
{
    private static readonly TimeEntryRecorded Work = new(
        new("resource", Id: "anna"), new(2026, 3, 2), new(90m, Unit.Minute), Note: "Grüße \u2028 \"x\"",
        BillRate: new(150.5m, Currency.Of("GBP"), Unit.Hour))
    {
        Ext = new([new("zone", "b"), new("area", "a")]),
    };

    [Fact]
    public async Task An_event_comes_back_from_the_store_as_it_was_understood()
    {
        var understood = Telling.Understood("psa", "time/1042", Work, minute: 3, sequence: 7);
        var envelope = understood.Envelope with
        {
            EffectiveOn = new LocalDate(2026, 2, 1), Actor = "anna", CorrelationId = "c", CausationId = "d",
            Traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            TimeBasis = TimeBasis.Modified, Links = [new("invoice", new("invoice", "billing", "77"))],
        };

        await ledger.Append(Recorded.New(understood with { Envelope = envelope }));

        var stored = await ledger.Store.ReadStream("time/psa:1042", CancellationToken.None).SingleAsync();
        Recorded.Event(stored).ShouldBe(new(
            stored.Position, "psa", envelope.Id, "time/psa:1042", "time_entry_recorded",
            Telling.Morning + Duration.FromMinutes(3), new(2026, 2, 1), 7, "anna", stored.RecordedAt, Work));
        stored.StreamType.ShouldBe("time_entry");
        stored.Headers[HeaderNames.TimeBasis].ShouldBe("modified");
        stored.Headers[HeaderNames.Traceparent].ShouldBe(envelope.Traceparent);
        stored.Headers[HeaderNames.Links].ShouldBe(
            """[{"ref":{"id":"77","kind":"invoice","source":"billing"},"rel":"invoice"}]""");
    }

    [Fact]
    public async Task An_event_read_for_folding_is_the_same_also_where_PostgreSQL_writes_its_numbers_otherwise()
    {
        var value = JsonText.Of(System.Text.Json.JsonElement.Parse("""{"small":1e-7,"large":1e+21,"plain":100}"""));
        await ledger.Append(Telling.Event("psa", "time/1043", Work));
        await ledger.Append(Telling.Event(
            "ledger", "override/1043", new TruthOverridden(new("time", "psa", "1043"), "note", value, "as agreed")));
        string[] streams = ["time/psa:1043", "override/ledger:1043"];

        var folded = await ledger.Store.ReadStreams(streams, long.MaxValue, CancellationToken.None);

        foreach (var stream in streams)
            Recorded.Event(folded[stream].Single()).ShouldBe(
                Recorded.Event(await ledger.Store.ReadStream(stream, CancellationToken.None).SingleAsync()));
        folded[streams[1]].Single().Data.Span.IndexOf("1e-7"u8).ShouldBe(-1, "PostgreSQL writes it otherwise");
        ((TruthOverridden)Recorded.Event(folded[streams[1]].Single()).Body).Value.ShouldBe(value);
    }

    [Fact]
    public void An_unstated_effective_date_is_resolved_in_the_headers_and_no_part_of_the_digest()
    {
        var understood = Telling.Understood("psa", "time/1", Work);
        var otherZone = understood with
        {
            Envelope = understood.Envelope with { LocalDate = understood.Envelope.LocalDate.PlusDays(1) },
        };
        var stated = understood with
        {
            Envelope = understood.Envelope with { EffectiveOn = understood.Envelope.LocalDate },
        };

        Recorded.New(understood).Headers.ShouldContain(new KeyValuePair<string, string>("effective_on", "2026-03-02"));
        Recorded.New(otherZone).Headers.ShouldContain(new KeyValuePair<string, string>("effective_on", "2026-03-03"));
        Recorded.New(otherZone).Digest.ToArray().ShouldBe(Recorded.New(understood).Digest.ToArray());
        Recorded.New(stated).Digest.ToArray().ShouldNotBe(Recorded.New(understood).Digest.ToArray());
    }

    [Fact]
    public async Task A_snapshot_that_only_was_looked_at_again_is_unchanged()
    {
        TimeStated Seen(int minute, string note) => new(Note: note)
        {
            ObservedAt = Telling.Morning + Duration.FromMinutes(minute),
        };

        await ledger.Append(Telling.Event("psa", "time/7", Seen(1, "a"), minute: 1));
        var again = await ledger.Store.Append(
            Telling.Event("psa", "time/7", Seen(2, "a"), minute: 2), CancellationToken.None);
        var other = await ledger.Store.Append(
            Telling.Event("psa", "time/7", Seen(3, "b"), minute: 3), CancellationToken.None);

        again.ShouldBeOfType<Unchanged>();
        other.ShouldBeOfType<Appended>();
    }
}
