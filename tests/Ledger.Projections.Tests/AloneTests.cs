using System.Globalization;
using Ledger.Domain;
using Ledger.Store;
using NodaTime;

namespace Ledger.Projections.Tests;

/// <summary>Hours and costs of which nobody speaks are derived by themselves; somebody may begin or cease to speak of
/// them at any time, and many come at once.</summary>
public sealed class AloneTests
{
    private const int Ids = 150;

    private static readonly Instant Morning = Instant.FromUtc(2026, 6, 1, 6, 0);
    private static readonly Currency Pounds = Currency.Of("GBP");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Many_at_once_and_a_few_at_a_time_come_to_what_the_events_do(int seed)
    {
        await using var ledger = await LedgerDatabase.Create(Morning);
        var random = new Random(seed);
        await ledger.Append(Telling.Event("ledger", "source/psa", new SourceRegistered([Role.Psa]), id: "first"));
        await ledger.Projector().CatchUp(null, CancellationToken.None);
        for (var round = 0; round < 8; round++)
        {
            // Another day has come, and a period may have been closed since.
            if (round == 5) ledger.Now = Morning + Duration.FromDays(1);
            var speaks = round % 2 == 0 ? 0 : 40;
            await ledger.Append([.. Enumerable.Range(0, 400).Select(n => Next(random, round * 1_000 + n, speaks))]);
            await ledger.Projector(new[] { 7, 90, 2_000 }[random.Next(3)]).CatchUp(null, CancellationToken.None);
        }

        (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();
        var world = await Worlds.Load(ledger.Source, CancellationToken.None);
        (await ViewState.Derived(ledger)).ShouldBe(ViewState.Derived(world));
    }

    [Fact]
    public async Task One_that_is_spoken_of_in_the_batch_that_brings_it_is_not_alone()
    {
        await using var ledger = await LedgerDatabase.Create(Morning);
        await ledger.Append(Telling.Event("psa", "time/0", Work(1)));
        await ledger.Projector().CatchUp(null, CancellationToken.None);
        NewEvent[] told =
        [
            .. Enumerable.Range(1, 80).Select(n => Telling.Event("psa", $"time/{n}", Work(n))),
            Telling.Event("erp", "time/x", Work(5)),
            Telling.Event("ledger", "identity/1", new IdentityLinked(Of(5), new("time", "erp", "x"))),
            Telling.Event("billing", "invoice/1", Invoice(6, 6)), Telling.Event("billing", "invoice/2", Invoice(6, 7)),
            Telling.Event("ledger", "override/1", new TruthOverridden(
                Of(8), "note", JsonText.Of("put right"), "known better")),
        ];
        await ledger.Append(told);

        await ledger.Projector().CatchUp(null, CancellationToken.None);

        (await ledger.Rows("select entity from views.entity_member where stream = 'time/erp:x'"))
            .ShouldBe(["time/psa:5"]);
        (await ledger.Rows("select entity from views.finding where code = 'hour_billed_twice'"))
            .ShouldBe(["time/psa:6"]);
        (await ledger.Rows("select note from views.time where id = 'time/psa:8'")).ShouldBe(["put right"]);
        (await ledger.Rows("select count(*) from views.entity where kind = 'time'")).ShouldBe(["81"]);
        (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();
    }

    private static NewEvent Next(Random random, int minute, int speaks)
    {
        var id = random.Next(Ids);
        var source = random.Next(4) == 0 ? "erp" : "psa";
        if (random.Next(100) < speaks) return Spoken(random, minute, id);
        var (subject, body) = random.Next(8) switch
        {
            0 => ($"expense/{id}", (Event)new ExpenseRecorded(new(2026, 3, 3), "travel", id, Pounds, Billable: true)),
            1 => ($"time/{id}", new TimeEntryApproved("bob", new(id, Unit.Minute))),
            2 => ($"time/{id}", new TimeEntryCorrected(Note: $"again {minute}")),
            3 => ($"time/{id}", new RecordDeleted()),
            4 => ($"time/{id}", new RecordRestored()),
            5 => ($"time/{id}", new TimeStated(Quantity: new Quantity(minute, Unit.Minute))
            {
                Number = id % 9 == 0 ? "T-1" : null,
            }),
            _ => ($"time/{id}", Work(id)),
        };
        return Told(source, subject, body, random.Next(10) == 0 ? 0 : minute);
    }

    private static NewEvent Spoken(Random random, int minute, int id) => random.Next(7) switch
    {
        0 => Told("ledger", $"identity/{id % 20}", new IdentityLinked(Of(id), new("time", "erp", Text(id))), minute),
        1 => Told("ledger", $"identity/{id % 20}", new IdentityUnlinked(Of(id), new("time", "erp", Text(id))), minute),
        2 => Told("ledger", $"coverage/{id % 20}", new CoverageStated(
            CoverageRelation.Bills, new("invoice", "billing", "1"), Of(id)), minute),
        3 => Told("ledger", $"coverage/{id % 20}", new CoverageWithdrawn(), minute),
        4 => Told("ledger", $"override/{id % 20}", new TruthOverridden(
            Of(id), "note", JsonText.Of("put right"), "known better"), minute),
        5 => Told("erp", "period/1", random.Next(2) == 0
            ? new PeriodOpened("2026-03", new(2026, 3, 1), new(2026, 3, 31))
            : new PeriodClosed(), minute),
        _ => Told("billing", $"invoice/{id % 30}", Invoice(id, random.Next(Ids)), minute),
    };

    private static NewEvent Told(string source, string subject, Event body, int minute) =>
        Telling.Event(source, subject, body, minute) with { Snapshot = null };

    private static TimeEntryRecorded Work(decimal minutes) =>
        new(new("resource", Id: "anna"), new(2026, 3, 2), new(minutes, Unit.Minute), Project: new("project", Id: "p"));

    private static InvoiceIssued Invoice(int one, int other) => new(
        new(2026, 3, 31), [new("1", Bills: [new(Of(one)), new(Of(other))], Net: 10m)], Currency: Pounds,
        Totals: new(Gross: 10m));

    private static Ref Of(int id) => new("time", "psa", Text(id));

    private static string Text(int id) => id.ToString(CultureInfo.InvariantCulture);
}
