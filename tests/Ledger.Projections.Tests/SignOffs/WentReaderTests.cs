using Ledger.Domain;
using Ledger.Projections.SignOffs;
using Ledger.Projections.Views;

namespace Ledger.Projections.Tests.SignOffs;

public sealed class WentReaderTests
{
    [Theory]
    [InlineData(51)]
    [InlineData(52)]
    public async Task Says_how_each_stream_went_event_by_event_and_what_that_suspends(int seed)
    {
        const int since = 60, upTo = 110;
        await using var ledger = await LedgerDatabase.Create();
        await ledger.Append(new Histories(seed, whole: true, sums: true).Next(130));
        await ledger.Projector().CatchUp(null, CancellationToken.None);
        var worlds = new Dictionary<long, World>();
        for (var position = since; position <= upTo; position++)
            worlds[position] = await Worlds.AsOf(ledger.Store, position, CancellationToken.None);

        var went = await WentReader.Since(ledger.Source, since, upTo, CancellationToken.None);

        var told = (await ledger.Rows(
            $"select seq_id, stream_id from events.mt_events where seq_id > {since} and seq_id <= {upTo} order by 1"))
            .Select(row => row.Split('|')).Where(row => Scope.Concerns(row[1]))
            .Select(row => (Position: long.Parse(row[0], null), Stream: row[1])).ToArray();
        went.SelectMany(w => w.Then.Select(t => (t.Position, w.Stream))).Order().ShouldBe(told);
        foreach (var w in went)
        {
            State(w.Before).ShouldBe(State(worlds[since].Records.GetValueOrDefault(w.Stream)), w.Stream);
            foreach (var then in w.Then)
                State(then.After).ShouldBe(
                    State(worlds[then.Position].Records.GetValueOrDefault(w.Stream)), $"{w.Stream} {then.Position}");
        }

        var signed = new SignOff { From = new(2026, 4, 1), To = new(2026, 4, 2) };
        var first = told.Select(e => e.Position).Where(p => !Held(worlds[p - 1]).SequenceEqual(Held(worlds[p]))).Take(1);
        SignOffKeeping.Steps(worlds[upTo], went, [new("sign_off/ledger:1", signed, since)])
            .Select(s => s.Body.Position).ShouldBe(first);

        IEnumerable<(string, object)> Held(World world) => world.Records.Values
            .OrderBy(r => r.Stream, StringComparer.Ordinal)
            .SelectMany(r => Scope.Of(signed, world.Firm).Parts(r, Known.Of(world)).Select(part => (r.Stream, part)));
    }

    [Fact]
    public async Task Of_what_did_not_change_nothing_is_read()
    {
        await using var ledger = await LedgerDatabase.Create();
        await ledger.Append(new Histories(53, whole: true).Next(20));
        (await WentReader.Since(ledger.Source, 20, 20, CancellationToken.None)).ShouldBeEmpty();
    }

    private static (RecordState?, bool) State(SourceRecord? record) =>
        (record?.Fold.State, record?.Fold.DeletedBy is not null);
}
