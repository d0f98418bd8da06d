using System.Security.Cryptography;
using System.Text;
using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Tests.Lineage;
using NodaTime;
using Npgsql;
using static Ledger.Projections.Tests.Drift.Told;

namespace Ledger.Projections.Tests.Drift;

public sealed class DriftRunsTests(LedgerDatabase database) : IClassFixture<LedgerDatabase>
{
    private static readonly Instant Asked = Instant.FromUtc(2026, 11, 20, 9, 30);

    private readonly DriftRuns _runs = new(database.Source);

    [Fact]
    public async Task A_report_is_kept_byte_for_byte()
    {
        var report = Duplicated().Report();
        var id = Guid.CreateVersion7();
        var saved = await _runs.Save(id, Asked, report, EventIndex.None, CancellationToken.None);
        var loaded = await _runs.Load(id, CancellationToken.None);
        Encoding.UTF8.GetString(loaded!).ShouldBe(report.Json());
        saved.Digest.ShouldBe(SHA256.HashData(loaded!));
        (await _runs.Load(Guid.CreateVersion7(), CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task Each_finding_is_a_row_for_queries()
    {
        var id = Guid.CreateVersion7();
        await _runs.Save(id, Asked, Duplicated().Report(), EventIndex.None, CancellationToken.None);
        (await database.Rows(
            "select rank, class, weight, invoice, array_to_string(related, ','), array_to_string(streams, ','), "
            + "amount, currency, direction, detail ->> 'sentence' = sentence from drift.finding "
            + $"where run = '{id}'")).ShouldBe(
            ["1|duplicate|difference|INV-8|INV-7|invoice/billing:8,invoice/billing:7,time/psa:1|960.00|USD|over|True"]);
    }

    [Fact]
    public async Task Runs_are_listed_the_newest_first()
    {
        var (first, second) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var later = Asked + Duration.FromDays(400);
        await _runs.Save(first, later, Agreeing().Report(), EventIndex.None, CancellationToken.None);
        var last = later + Duration.FromHours(1);
        await _runs.Save(second, last, Duplicated().Report(), EventIndex.None, CancellationToken.None);
        var listed = await _runs.List(2, CancellationToken.None);
        listed.Select(r => r.Id).ShouldBe([second, first]);
        listed[1].CreatedAt.ShouldBe(later);
        listed[0].Headline.ShouldContain("\"duplicate\"");
    }

    [Fact]
    public async Task An_id_is_given_once()
    {
        var id = Guid.CreateVersion7();
        await _runs.Save(id, Asked, Agreeing().Report(), EventIndex.None, CancellationToken.None);
        var again = await Should.ThrowAsync<PostgresException>(
            _runs.Save(id, Asked, Duplicated().Report(), EventIndex.None, CancellationToken.None));
        again.SqlState.ShouldBe(PostgresErrorCodes.UniqueViolation);
        (await database.Rows($"select 1 from drift.finding where run = '{id}'")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Events_are_named_as_their_sources_name_them()
    {
        await database.Append(
            Telling.Event("psa", "resource/R1", new ResourceOnboarded("Ada"), id: "named-1"),
            Telling.Event("psa", "resource/R1", new ResourceRoleChanged("Lead"), 1, id: "named-2"));
        var position = long.Parse((await database.Rows("select max(seq_id) from events.mt_events"))[0], null);
        var index = await EventIndex.Load(database.Source, [position, position - 1, 99_999], CancellationToken.None);
        var named = index.Find(position)!;
        named.ShouldBe(new(position, "psa", "named-2", "resource_role_changed", "resource/psa:R1", named.Time));
        (named.Time!.Value - index.Find(position - 1)!.Time!.Value).ShouldBeGreaterThan(NodaTime.Duration.Zero);
        index.Find(position - 1)!.Id.ShouldBe("named-1");
        index.Find(99_999).ShouldBeNull();
    }

    private static Story Duplicated() => Agreeing().Issued("8", 960m, Billing("1", 8m, 120m, 960m));
}
