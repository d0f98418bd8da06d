using System.Text;
using Ledger.Domain;
using Ledger.Store;
using NodaTime;

namespace Ledger.Projections.Tests;

/// <summary>A record of the firm that no program could fold, and that one learns to fold while others run.</summary>
public sealed class CuringTests
{
    private const string Entities = "select id, legal_entity from views.entity where kind = 'time' order by id";

    private static readonly Instant Noon = Instant.FromUtc(2026, 6, 1, 12, 0);

    [Fact]
    public async Task Who_stands_at_the_same_position_hears_that_another_cured_what_all_hangs_on()
    {
        await using var ledger = await Poisoned();
        var old = ledger.Projector();
        await old.CatchUp(null, CancellationToken.None);
        await LearnToFold(ledger);
        (await ledger.Projector().CatchUp(null, CancellationToken.None)).ShouldBe(old.Position);

        await ledger.Append(Work(3));
        await old.CatchUp(null, CancellationToken.None);

        (await ledger.Rows(Entities)).ShouldBe(
        [
            "time/psa:1|legal_entity/erp:L", "time/psa:2|legal_entity/erp:L", "time/psa:3|legal_entity/erp:L",
        ]);
        (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();
    }

    [Theory]
    [InlineData(20_000)]
    [InlineData(0)]
    public async Task What_a_person_has_folded_again_is_written_with_all_that_hangs_on_it(long reachMax)
    {
        await using var ledger = await Poisoned();
        var projector = ledger.Projector(reachMax: reachMax);
        await projector.CatchUp(null, CancellationToken.None);
        (await projector.Refold(["source/ledger:psa", "time/psa:1"], CancellationToken.None)).ShouldBeEmpty();
        await LearnToFold(ledger);

        (await projector.Refold(["source/ledger:psa"], CancellationToken.None)).ShouldBe(["source/ledger:psa"]);

        (await ledger.Rows("select stream from views.poisoned")).ShouldBeEmpty();
        (await ledger.Rows(Entities)).ShouldBe(["time/psa:1|legal_entity/erp:L", "time/psa:2|legal_entity/erp:L"]);
        await ledger.Append(Work(3));
        await projector.CatchUp(null, CancellationToken.None);
        (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();
    }

    [Theory]
    [InlineData(20_000)]
    [InlineData(0)]
    public async Task Two_that_cure_it_at_once_come_to_what_the_events_do(long reachMax)
    {
        await using var ledger = await Poisoned();
        await ledger.Projector().CatchUp(null, CancellationToken.None);
        (await ledger.Rows(Entities)).ShouldBe(["time/psa:1|-", "time/psa:2|-"]);
        await LearnToFold(ledger);
        Projector[] two = [ledger.Projector(reachMax: reachMax), ledger.Projector(reachMax: reachMax)];

        await Task.WhenAll(two.Select(one => one.CatchUp(null, CancellationToken.None)));

        (await ledger.Rows("select stream from views.poisoned")).ShouldBeEmpty();
        await ledger.Append(Work(3), Work(4));
        await Task.WhenAll(two.Select(one => one.CatchUp(null, CancellationToken.None)));
        (await ledger.Rows(Entities)).Count(row => row.EndsWith("|legal_entity/erp:L", StringComparison.Ordinal))
            .ShouldBe(4);
        (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();
    }

    /// <summary>Of a system whose registration, the second event, says which company its hours belong to.</summary>
    private static async Task<LedgerDatabase> Poisoned()
    {
        var ledger = await LedgerDatabase.Create(Noon);
        var spoilt = Telling.Event("ledger", "source/psa", Registration) with
        {
            Snapshot = null, Data = CanonicalJson.Of(Encoding.UTF8.GetBytes("""{"spoilt":"yes"}""")),
        };
        await ledger.Append(
            Telling.Event("erp", "legal_entity/L", new LegalEntityRegistered("Uno")), spoilt, Work(1), Work(2));
        return ledger;
    }

    private static SourceRegistered Registration =>
        new([Role.Psa], Entities: (Items<Ref>)[new Ref("legal_entity", "erp", "L")]);

    private static NewEvent Work(int id) => Telling.Event("psa", $"time/{id}", new TimeEntryRecorded(
        new("resource", Id: "anna"), new(2026, 3, 2), new(60, Unit.Minute)));

    /// <summary>As if a later program had learnt to read it.</summary>
    private static async Task LearnToFold(LedgerDatabase ledger)
    {
        await using var command = ledger.Source.CreateCommand(
            "update events.mt_events set data = $1::jsonb where seq_id = 2");
        command.Parameters.Add(new()
        {
            Value = Encoding.UTF8.GetString(Telling.Event("ledger", "source/psa", Registration).Data.Span),
        });
        (await command.ExecuteNonQueryAsync()).ShouldBe(1);
    }
}
