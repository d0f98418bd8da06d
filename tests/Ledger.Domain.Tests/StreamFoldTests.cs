using System.Globalization;
using System.Text.RegularExpressions;
using NodaTime;

namespace Ledger.Domain.Tests;

/// <summary>Any arrival order of one set of events gives one state: the source's own order decides.</summary>
public sealed class StreamFoldTests
{
    private static readonly Currency Eur = Currency.Of("EUR");

    /// <summary>Small histories, told in the source's order; each is tried in every order of arrival.</summary>
    private static readonly Dictionary<string, (Kind Kind, Told[] Events)> Small = new()
    {
        ["time: approved, by its source's clock, before it was recorded"] = (Kind.Time,
        [
            new("approve", 1, new TimeEntryApproved("mia", Hours(8))), new("record", 2, Recorded(8)),
            new("correct", 3, new TimeEntryCorrected(Quantity: Hours(7.5m))), new("delete", 4, new RecordDeleted()),
            new("restore", 5, new RecordRestored()), new("write down", 6, new TimeEntryWrittenDown(10m, Eur)),
            new("reclassify", 7, new TimeEntryReclassified(Task: "T2")),
        ]),
        ["time: snapshots go from A to B and back to A, between events"] = (Kind.Time,
        [
            new("a", 1, Shown(8)), new("b", 2, Shown(6)), new("approve", 3, new TimeEntryApproved("mia", Hours(6))),
            new("a again", 4, Shown(8)), new("note", 5, new TimeStated(Note: "late")), new("c", 6, Shown(8)),
        ]),
        ["time: deleted before it was there"] = (Kind.Time,
        [
            new("delete", 1, new RecordDeleted()), new("submit", 2, new TimeEntrySubmitted()),
            new("record", 3, Recorded(8)), new("restore", 4, new RecordRestored()),
            new("delete again", 5, new RecordDeleted()),
        ]),
        ["time: never begun"] = (Kind.Time,
        [
            new("submit", 1, new TimeEntrySubmitted()), new("approve", 2, new TimeEntryApproved("mia", Hours(8))),
            new("restore", 3, new RecordRestored()), new("write off", 4, new TimeEntryWrittenOff()),
        ]),
        ["time: the source's sequence contradicts its clock"] = (Kind.Time,
        [
            new("record", 9, Recorded(8), 1), new("submit", 2, new TimeEntrySubmitted(), 2),
            new("reject", 7, new TimeEntryRejected("mia"), 3),
            new("approve", 1, new TimeEntryApproved("mia", Hours(8)), 4),
            new("correct", 1, new TimeEntryCorrected(Note: "same sequence"), 4),
        ]),
        ["time: only some events state a sequence"] = (Kind.Time,
        [
            new("record", 1, Recorded(8)), new("correct to 7", 2, new TimeEntryCorrected(Quantity: Hours(7)), 9),
            new("correct to 6", 3, new TimeEntryCorrected(Quantity: Hours(6)), 2),
            new("correct to 5", 3, new TimeEntryCorrected(Quantity: Hours(5))),
            new("correct to 4", 3, new TimeEntryCorrected(Quantity: Hours(4)), 3),
            new("approve", 4, new TimeEntryApproved("mia", Hours(4)), 1),
        ]),
        ["project: a task changed and closed before it was added"] = (Kind.Project,
        [
            new("change", 1, new ProjectTaskChanged("T1", Budget: 500m)), new("close", 2, new ProjectTaskClosed("T1")),
            new("create", 3, new ProjectCreated("Migration")), new("add", 4, new ProjectTaskAdded("T1", Budget: 400m)),
            new("assign", 5, new ProjectResourceAssigned(new("resource", Id: "R1"))),
            new("release", 6, new ProjectResourceReleased(new("resource", Id: "R1"))),
            new("hold", 7, new ProjectPutOnHold()),
        ]),
        ["project: its tasks and fields are shown one by one"] = (Kind.Project,
        [
            new("t1", 1, Part(new("T1", Budget: 1m), "t1")), new("t2", 2, Part(new("T2"), "t2")),
            new("t1 again", 3, Part(new("T1", Budget: 2m), "t1")),
            new("all", 4, new ProjectStated(Name: "P") { Covers = Items<string>.None, Ext = new([new("p", "1")]) }),
            new("closed", 5, new ProjectClosed()),
        ]),
        ["invoice: cancelled before its lines are known"] = (Kind.Invoice,
        [
            new("cancel", 1, new InvoiceCancelled("wrong client")), new("draft", 2, new InvoiceDrafted(Currency: Eur)),
            new("line", 3, new InvoiceLineSet(new("L1", Net: 100m))),
            new("line 2", 4, new InvoiceLineSet(new("L2", Net: 50m))), new("remove", 5, new InvoiceLineRemoved("L1")),
            new("issue", 6, new InvoiceIssued(new(2026, 3, 31), [new("L2", Net: 50m)])),
            new("paid", 7, new InvoiceSettlementStated(50m, Eur)),
        ]),
        ["payment: taken back before it was applied"] = (Kind.Payment,
        [
            new("unapply", 1, new PaymentUnapplied("A1")),
            new("receive", 2, new PaymentReceived(new(2026, 4, 2), 90m, Eur)),
            new("apply", 3, Applied("A1", 60m)), new("apply 2", 4, Applied("A2", 30m)),
            new("unapply 2", 5, new PaymentUnapplied("A2")), new("refund", 6, new PaymentRefunded(10m, Eur)),
        ]),
        ["identity: linked, unlinked and linked again"] = (Kind.Identity,
        [
            new("link", 1, new IdentityLinked(Client("1"), Client("2"))),
            new("unlink", 2, new IdentityUnlinked(Client("1"), Client("2"))),
            new("link again", 3, new IdentityLinked(Client("1"), Client("2"), "tax id")),
            new("delete", 4, new RecordDeleted()),
        ]),
    };

    public static TheoryData<string> Histories => [.. Small.Keys];

    [Theory]
    [MemberData(nameof(Histories))]
    public void Every_order_of_arrival_gives_one_state(string history)
    {
        var (kind, told) = Small[history];
        var expected = Seen(StreamFold.Fold(kind, Arrived(told)), told);
        foreach (var order in Permutations([.. Enumerable.Range(0, told.Length)]))
        {
            var arriving = order.Select(i => told[i]).ToArray();
            Seen(OneByOne(kind, Arrived(arriving)), arriving).ShouldBe(expected);
        }
    }

    [Theory]
    [MemberData(nameof(Histories))]
    public void Folding_what_came_and_then_the_rest_is_folding_it_all(string history)
    {
        var (kind, told) = Small[history];
        var random = new Random(history.Length);
        for (var trial = 0; trial < 200; trial++)
        {
            var arriving = told.ToArray();
            random.Shuffle(arriving);
            var events = Arrived(arriving);
            var cut = random.Next(events.Length + 1);
            var first = StreamFold.Fold(kind, events[..cut]);
            if (StreamFold.Append(kind, first, events[cut..]) is { } grown)
                Seen(grown, arriving).ShouldBe(Seen(StreamFold.Fold(kind, events), arriving));
        }
    }

    [Fact]
    public void A_long_history_grows_by_appending_and_is_folded_anew_only_for_latecomers()
    {
        var random = new Random(20260314);
        Told[] told = [.. Enumerable.Range(0, 300).Select(i => new Told($"{i:0000}", 1 + i / 2, Shown(i % 3)))];
        var expected = Seen(StreamFold.Fold(Kind.Time, Arrived(told)), told);
        for (var trial = 0; trial < 20; trial++)
        {
            var arriving = told.ToArray();
            for (var swap = 0; swap < trial * 3; swap++)
            {
                var at = random.Next(arriving.Length - 1);
                (arriving[at], arriving[at + 1]) = (arriving[at + 1], arriving[at]);
            }

            Seen(OneByOne(Kind.Time, Arrived(arriving)), arriving).ShouldBe(expected);
        }
    }

    [Fact]
    public void An_event_that_came_too_early_waits_and_is_named_until_it_applies()
    {
        Told[] told = [new("approve", 1, new TimeEntryApproved("mia", Hours(8)))];
        var waiting = StreamFold.Fold(Kind.Time, Arrived(told));
        (waiting.State, waiting.Pending).ShouldBe((null, Items.Of<long>([1])));

        var done = StreamFold.Fold(Kind.Time, Arrived([.. told, new("record", 2, Recorded(8))]));
        done.Pending.ShouldBeEmpty();
        done.First.ShouldBe(2, "the recording began it");
        ((TimeEntry)done.State!).Approval.ShouldBe(new Approval(ApprovalStatus.Approved, "mia", At(1), Hours(8)));
    }

    [Fact]
    public void A_history_tells_what_each_event_did_in_the_sources_order()
    {
        var steps = StreamFold.History(Kind.Time, Arrived([
            new("delete", 4, new RecordDeleted()), new("approve", 1, new TimeEntryApproved("mia", Hours(8))),
            new("correct", 3, new TimeEntryCorrected(Quantity: Hours(7))), new("record", 2, Recorded(8)),
        ]));
        steps.Select(s => (s.Event.Id, s.Waits, s.Deleted)).ShouldBe(
            [("approve", true, false), ("record", false, false), ("correct", false, false), ("delete", false, true)]);
        steps.Select(s => s.Applied).ShouldBe([[], [4, 2], [3], [1]]);
        steps.Select(s => ((TimeEntry?)s.Before)?.Quantity).ShouldBe([null, null, Hours(8), Hours(7)]);
        steps.Select(s => ((TimeEntry?)s.After)?.Quantity).ShouldBe([null, Hours(8), Hours(7), Hours(7)]);
        ((TimeEntry)steps[1].After!).Approval!.By.ShouldBe("mia", "what waited applies with what it waited for");
    }

    [Theory]
    [MemberData(nameof(Histories))]
    public void A_history_ends_where_the_fold_ends(string history)
    {
        var (kind, told) = Small[history];
        var fold = StreamFold.Fold(kind, Arrived(told));
        var steps = StreamFold.History(kind, Arrived(told));
        (steps[^1].After, steps[^1].Deleted).ShouldBe((fold.State, fold.DeletedBy is not null));
        steps.Select(s => s.Event.Position).Except(steps.SelectMany(s => s.Applied))
            .ShouldBe(fold.Pending, ignoreOrder: true);
    }

    [Fact]
    public void Each_field_names_the_event_that_last_changed_it()
    {
        var fold = StreamFold.Fold(Kind.Time, Arrived([
            new("record", 1, Recorded(8)), new("correct", 2, new TimeEntryCorrected(Quantity: Hours(7))),
            new("same", 3, new TimeEntryCorrected(Quantity: Hours(7))),
            new("approve", 4, new TimeEntryApproved("mia", Hours(7))),
        ]));
        fold.Asserted.OrderBy(a => a.Value).ThenBy(a => a.Key).Select(a => (a.Key, a.Value)).ShouldBe(
            [("resource", 1), ("workedOn", 1), ("writeDowns", 1), ("quantity", 2), ("approval", 4)]);
    }

    [Fact]
    public void A_value_that_came_back_is_asserted_by_the_event_that_brought_it_back()
    {
        var fold = StreamFold.Fold(
            Kind.Time, Arrived([new("c", 3, Shown(8)), new("a", 1, Shown(8)), new("b", 2, Shown(6))]));
        ((TimeEntry)fold.State!).Quantity.ShouldBe(Hours(8));
        fold.Asserted["quantity"].ShouldBe(1, "the third in the source's order came first");
    }

    [Fact]
    public void A_late_snapshot_changes_only_what_no_newer_one_said()
    {
        var fold = StreamFold.Fold(Kind.Time, Arrived([
            new("newer", 2, new TimeStated(Task: "T2")), new("older", 1, new TimeStated(Task: "T1", Note: "n")),
        ]));
        var state = (TimeEntry)fold.State!;
        (state.Task, state.Note).ShouldBe(("T2", "n"));
    }

    [Fact]
    public void A_status_that_no_row_said_is_asserted_by_whoever_says_it_first()
    {
        var silent = new Told("silent", 1, new PostingStated(Period: "2026-03"));
        var silentAgain = new Told("silent again", 2, new PostingStated(Period: "2026-04"));
        Told[] said =
        [
            new("row", 3, new PostingStated(Status: PostingStatus.Posted)),
            new("event", 3, new PostingRecorded(new(2026, 3, 31), "2026-03", Eur, new(Net: 1m))),
        ];
        Asserted(silent, silentAgain).ShouldBeNull();
        foreach (var one in said) Asserted(silent, silentAgain, one).ShouldBe(3, one.Id);

        static long? Asserted(params Told[] told) =>
            StreamFold.Fold(Kind.Posting, Arrived(told)).Asserted.TryGetValue("status", out var at) ? at : null;
    }

    [Fact]
    public void Two_rows_of_one_moment_that_differ_say_so_until_a_later_one_speaks()
    {
        Told first = new("a", 1, Shown(8)), other = new("b", 1, Shown(6));
        Otherwise(first, other).ShouldBe(2);
        Otherwise(other, first).ShouldBe(1, "by its id the later of the two");
        Otherwise(first, other, new("c", 2, Shown(7))).ShouldBeNull();
        Otherwise(first, new("b", 1, new TimeStated(Note: "beside"))).ShouldBeNull("they say different fields");
        Otherwise(first, new("b", 2, Shown(6))).ShouldBeNull();
        var arrived = Arrived([first, other]);
        StreamFold.Append(Kind.Time, StreamFold.Fold(Kind.Time, [arrived[0]]), [arrived[1]]).ShouldBeNull("anew");

        static long? Otherwise(params Told[] told) => StreamFold.Fold(Kind.Time, Arrived(told)).Asserted
            .TryGetValue(Folded.StatedOtherwise, out var at) ? at : null;
    }

    [Fact]
    public void What_a_snapshot_leaves_out_stays_and_what_it_says_is_empty_goes()
    {
        var fold = StreamFold.Fold(Kind.Time, Arrived([
            new("a", 1, new TimeStated(Task: "T1", Note: "n")),
            new("b", 2, new TimeStated(Task: new Said<string>(true, null))),
        ]));
        var state = (TimeEntry)fold.State!;
        (state.Task, state.Note).ShouldBe((null, "n"));
    }

    [Fact]
    public void A_deleted_record_keeps_its_state_and_comes_back_as_it_was()
    {
        Told[] told = [new("a", 1, Shown(8)), new("delete", 2, new RecordDeleted())];
        var gone = StreamFold.Fold(Kind.Time, Arrived(told));
        gone.DeletedBy.ShouldBe(2);
        var back = StreamFold.Fold(Kind.Time, Arrived([.. told, new("restore", 3, new RecordRestored())]));
        (back.DeletedBy, back.State).ShouldBe((null, gone.State));
    }

    [Fact]
    public void Lines_of_a_kind_that_a_snapshot_covers_are_replaced_and_the_others_stay()
    {
        static InvoiceStated Lines(Items<string>? covers, params InvoiceLine[] lines) =>
            new(Lines: lines.ToItems()) { Covers = covers };
        var fold = StreamFold.Fold(Kind.Invoice, Arrived([
            new("a", 1, Lines(null, new("time/1", Kind: "time"), new("fee/1", Kind: "fixed_fee"), new("other"))),
            new("b", 2, Lines(["lines.time"], new InvoiceLine("time/2", Kind: "time"))),
        ]));
        ((Invoice)fold.State!).Lines.Select(l => l.Line).ShouldBe(["fee/1", "other", "time/2"]);
    }

    [Fact]
    public void Custom_fields_add_up_where_a_snapshot_does_not_cover_them()
    {
        static TimeStated Fields(Items<string>? covers, string name, string value) =>
            new() { Covers = covers, Ext = new([new(name, value)]) };
        var parts = StreamFold.Fold(Kind.Time, Arrived([
            new("a", 1, Fields(null, "x", "1")), new("b", 2, Fields(["lines"], "y", "1")),
            new("c", 3, Fields(["lines"], "x", "2")),
        ]));
        parts.State!.Ext.ShouldBe(new Ext([new("x", "2"), new("y", "1")]));
        var whole = StreamFold.Fold(
            Kind.Time, Arrived([new("a", 1, Fields(null, "x", "1")), new("b", 2, Fields(["ext"], "y", "1"))]));
        whole.State!.Ext.ShouldBe(new Ext([new("y", "1")]));
    }

    private static Folded OneByOne(Kind kind, RecordedEvent[] events)
    {
        var fold = Folded.Nothing;
        for (var i = 0; i < events.Length; i++)
            fold = StreamFold.Append(kind, fold, [events[i]]) ?? StreamFold.Fold(kind, events[..(i + 1)]);
        return fold;
    }

    /// <summary>A fold as text, events by name instead of position: what must not depend on arrival.</summary>
    private static string Seen(Folded fold, Told[] arrived)
    {
        string Name(long position) => position == 0 ? "-" : arrived[position - 1].Id;
        var state = fold.State is null
            ? "nothing"
            : System.Text.Json.JsonSerializer.Serialize(fold.State, fold.State.GetType(), LedgerJson.Options);
        // A position in a state names the event that made the part, whenever it arrived.
        state = Regex.Replace(state, "\"position\":(\\d+)", made =>
            $"\"position\":{Name(long.Parse(made.Groups[1].ValueSpan, CultureInfo.InvariantCulture))}");
        var asserted = fold.Asserted.OrderBy(a => a.Key, StringComparer.Ordinal)
            .Select(a => $"{a.Key} by {Name(a.Value)}");
        return $"""
            {state}
            {string.Join(", ", asserted)}
            deleted by {Name(fold.DeletedBy ?? 0)}, pending {string.Join(", ", fold.Pending.Select(Name))}
            begun by {Name(fold.First)}, {fold.Events} events to {fold.Last}, {fold.Order}, {fold.Sequenced}
            """;
    }

    private static RecordedEvent[] Arrived(Told[] told) =>
    [
        .. told.Select((t, i) => new RecordedEvent(
            i + 1, "psa", t.Id, "stream", "type", At(t.Day), At(t.Day).InUtc().Date, t.Sequence, null, At(99), t.Body)),
    ];

    private static IEnumerable<int[]> Permutations(int[] items)
    {
        if (items.Length <= 1) return [items];
        return items.SelectMany(
            first => Permutations([.. items.Where(i => i != first)]), (first, rest) => (int[])[first, .. rest]);
    }

    private static Instant At(int day) => Instant.FromUtc(2026, 3, 1, 9, 0).Plus(Duration.FromDays(day));

    private static Quantity Hours(decimal hours) => new(hours, Unit.Hour);

    private static Ref Client(string id) => new("client", "crm", id);

    private static TimeEntryRecorded Recorded(decimal hours) =>
        new(new Ref("resource", Id: "R1"), new LocalDate(2026, 3, 1), Hours(hours));

    private static TimeStated Shown(decimal hours) => new(Quantity: Hours(hours));

    private static ProjectStated Part(ProjectTask task, string name) =>
        new(Tasks: Items.Of<ProjectTask>([task]))
        {
            Covers = Items<string>.None, Ext = new([new(name, $"{task.Budget}")]),
        };

    private static PaymentApplied Applied(string id, decimal amount) =>
        new(id, new Ref("invoice", Id: "I1"), ApplicationKind.Cash, amount, new LocalDate(2026, 4, 2));
}

/// <summary>An event as its source tells it.</summary>
internal sealed record Told(string Id, int Day, Event Body, long? Sequence = null);
