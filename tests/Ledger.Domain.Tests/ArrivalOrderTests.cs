using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Ledger.Domain.Tests;

/// <summary>Whatever order the events of a record arrive in, they come to one state: every order of short histories of
/// every kind, and many of long ones.</summary>
public sealed partial class ArrivalOrderTests
{
    private const int ShortEvents = 5, ShortHistories = 6, LongEvents = 40;

    /// <summary>Positions begin far from whatever other numbers a body has.</summary>
    private const int FirstPosition = 1_000_000;

    /// <summary>How many orders of long histories are tried in all.</summary>
    private static readonly int Shuffles = int.Parse(
        Environment.GetEnvironmentVariable("LEDGER_SHUFFLES") is { Length: > 0 } more ? more : "100000",
        CultureInfo.InvariantCulture);

    public static readonly TheoryData<string> Kinds = [.. Kind.All.Select(kind => kind.Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_order_of_arrival_of_a_short_history_gives_one_state(string name)
    {
        var kind = Kind.Find(name);
        var random = new Random(kind.Name.Length);
        var (orders, waiting) = (Permutations(ShortEvents), 0);
        foreach (var ordering in Enum.GetValues<GoldenStream.Ordering>())
            for (var history = 0; history < ShortHistories; history++)
            {
                var told = GoldenStream.Draw(kind, ShortEvents, ordering, random);
                var expected = Seen(StreamFold.Fold(kind, Arrived(told)), told);
                waiting += StreamFold.History(kind, Arrived(told)).Count(step => step.Waits);
                foreach (var order in orders)
                {
                    Happening[] arrived = [.. order.Select(i => told[i])];
                    var events = Arrived(arrived);
                    Seen(StreamFold.Fold(kind, events), arrived).ShouldBe(expected);
                    Seen(OneByOne(kind, events), arrived).ShouldBe(expected, "one by one");
                }
            }

        waiting.ShouldBeGreaterThan(0, "in some histories an event cannot apply yet");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Many_orders_of_arrival_of_a_long_history_give_one_state(string name)
    {
        var kind = Kind.Find(name);
        var orderings = Enum.GetValues<GoldenStream.Ordering>();
        var each = Math.Max(1, Shuffles / Kind.All.Count / orderings.Length);
        Parallel.ForEach(orderings, ordering =>
        {
            var random = new Random((int)ordering);
            var told = GoldenStream.Draw(kind, LongEvents, ordering, random);
            var expected = Seen(StreamFold.Fold(kind, Arrived(told)), told);
            for (var i = 0; i < each; i++)
            {
                random.Shuffle(told);
                Seen(StreamFold.Fold(kind, Arrived(told)), told).ShouldBe(expected);
            }
        });
    }

    private static RecordedEvent[] Arrived(Happening[] told) =>
        [.. told.Select((happening, i) => happening.Recorded("stream", FirstPosition + i))];

    private static Folded OneByOne(Kind kind, RecordedEvent[] events)
    {
        var fold = Folded.Nothing;
        for (var i = 0; i < events.Length; i++)
            fold = StreamFold.Append(kind, fold, [events[i]]) ?? StreamFold.Fold(kind, events[..(i + 1)]);
        return fold;
    }

    /// <summary>A fold as text, each position as the event that stands there: what must not depend on arrival.
    /// </summary>
    private static string Seen(Folded fold, Happening[] arrived)
    {
        string Name(long position) => position == 0 ? "-" : arrived[(int)(position - FirstPosition)].Id;
        var state = fold.State is null
            ? "nothing"
            : JsonSerializer.Serialize(fold.State, fold.State.GetType(), LedgerJson.Options);
        state = Position().Replace(
            state, found => $"\"position\":{Name(long.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture))}");
        var asserted = fold.Asserted.OrderBy(a => a.Key, StringComparer.Ordinal)
            .Select(a => $"{a.Key} by {Name(a.Value)}");
        return $"{state}\n{string.Join(", ", asserted)}\ndeleted by {Name(fold.DeletedBy ?? 0)}, "
            + $"pending {string.Join(", ", fold.Pending.Select(Name))}\nbegun by {Name(fold.First)}, {fold.Events} "
            + $"events to {fold.Last - FirstPosition}, {fold.Order}, {fold.Sequenced}";
    }

    private static List<int[]> Permutations(int count)
    {
        List<int[]> orders = [[]];
        for (var i = 0; i < count; i++)
            orders = [.. orders.SelectMany(order => Enumerable.Range(0, order.Length + 1).Select(
                at => (int[])[.. order[..at], order.Length, .. order[at..]]))];
        return orders;
    }

    [GeneratedRegex(@"""position"":(1\d{6})\b")]
    private static partial Regex Position();
}
