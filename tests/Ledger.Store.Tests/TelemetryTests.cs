using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Ledger.Store.Tests;

public sealed class TelemetryTests(StoreDatabase database) : IClassFixture<StoreDatabase>
{
    [Fact]
    public async Task Tells_of_appends_groups_and_verdicts()
    {
        var activities = new ConcurrentBag<Activity>();
        using var tracing = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Ledger.Store",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activities.Add,
        };
        ActivitySource.AddActivityListener(tracing);
        var duplicates = 0L;
        using var measuring = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Ledger.Store" && instrument.Name == "ledger.store.verdicts")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        measuring.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            if (tags[0].Value is nameof(Duplicate))
                Interlocked.Add(ref duplicates, count);
        });
        measuring.Start();

        using var request = new Activity("request").Start();
        await using (var store = database.Store())
        {
            var offered = Events.New("time/psa:told");
            await store.Append([offered, offered], atomic: false, None);
        }

        var append = activities.Single(activity => activity.OperationName == "append" && activity.ParentId == request.Id);
        activities.ShouldContain(group => group.OperationName == "commit group" && group.ParentId == append.Id);
        duplicates.ShouldBeGreaterThan(0);
    }
}
