using System.Diagnostics;
using Ledger.Domain;
using Ledger.Store;

namespace Ledger.Projections.Tests;

public sealed class TraceTests
{
    private const string First = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string Second = "0af7651916cd43dd8448eb211c80319c";

    [Fact]
    public async Task A_batch_belongs_to_the_trace_that_appended_it_and_is_linked_to_all_it_came_from()
    {
        await using var ledger = await LedgerDatabase.Create();
        var batches = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Ledger.Projections",
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (activity.Links.All(l => $"{l.Context.TraceId}" is First or Second)) batches.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);

        await ledger.Append(Told("1", First), Told("2", First));
        await ledger.Projector().CatchUp(null, CancellationToken.None);
        await ledger.Append(Told("3", First), Told("4", Second));
        await ledger.Projector().CatchUp(null, CancellationToken.None);

        batches.RemoveAll(b => !b.Links.Any());
        batches.Count.ShouldBe(2);
        $"{batches[0].TraceId}".ShouldBe(First);
        $"{batches[1].TraceId}".ShouldNotBeOneOf(First, Second);
        batches[1].Links.Select(l => $"{l.Context.TraceId}").ShouldBe([First, Second], ignoreOrder: true);
        batches[1].GetTagItem("ledger.position").ShouldBe(4L);
    }

    private static NewEvent Told(string id, string trace)
    {
        var understood = Telling.Understood("psa", "time/" + id, new TimeStated(Note: id));
        return Recorded.New(understood with
        {
            Envelope = understood.Envelope with { Traceparent = $"00-{trace}-00f067aa0ba902b7-01" },
        });
    }
}
