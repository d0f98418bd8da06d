using System.Globalization;
using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Tests.Lineage;
using NodaTime;

namespace Ledger.Projections.Tests.Drift;

/// <summary>The report that holds no hour in memory which nothing hangs on is the report over everything.</summary>
public sealed class DriftReaderTests
{
    private static readonly Instant Day = Instant.FromUtc(2026, 6, 1, 12, 0);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Hours_and_costs_of_three_systems_are_compared_as_if_all_were_in_memory(int seed)
    {
        await using var ledger = await LedgerDatabase.Create(Day);
        var (histories, differences) = (new WorkHistories(seed), 0);
        using var live = new LiveDrift(ledger.Source, ledger.Store);
        await ledger.Append(histories.Ground());
        for (var i = 0; i < 12; i++)
        {
            ledger.Now = Day + Duration.FromHours(12 * i);
            await ledger.Append(histories.Next(12));
            await ledger.Projector().CatchUp(null, CancellationToken.None);
            differences += await Compare(ledger, live);
        }

        differences.ShouldBeGreaterThan(100);
        (await ledger.Projector().VerifyViews(null, CancellationToken.None)).ShouldBeNull();
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    public async Task So_is_everything_that_systems_can_say(int seed)
    {
        await using var ledger = await LedgerDatabase.Create(Day);
        var histories = new Histories(seed, whole: true, sums: true);
        using var live = new LiveDrift(ledger.Source, ledger.Store);
        for (var i = 0; i < 14; i++)
        {
            ledger.Now = Day + Duration.FromHours(12 * i);
            await ledger.Append(histories.Next(30));
            await ledger.Projector().CatchUp(null, CancellationToken.None);
            await Compare(ledger, live);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public async Task So_is_a_firm_with_all_that_is_wrong_in_it(int seed)
    {
        await using var ledger = await LedgerDatabase.Create(Day);
        var said = SimulatedFirm.Said(3_000, (ulong)seed);
        using var live = new LiveDrift(ledger.Source, ledger.Store);
        foreach (var part in said.Chunk(600))
        {
            await ledger.Append([.. part.Select(Recorded.New)]);
            await ledger.Projector().CatchUp(null, CancellationToken.None);
            await Compare(ledger, live);
        }

        (await Compare(ledger, live)).ShouldBeGreaterThan(5);
    }

    [Fact]
    public async Task So_are_rates_of_exchange_published_after_they_were_used_and_milestones_told_twice()
    {
        await using var ledger = await LedgerDatabase.Create(Day);
        using var live = new LiveDrift(ledger.Source, ledger.Store);
        var story = new Story().Says("erp", "posting/J1", new PostingRecorded(
            new(2026, 3, 31), "2026-03", Story.Dollar, new(Net: 100m),
            Functional: new(75m, Currency.Of("GBP"), 0.75m)));
        story.Says("psa", "milestone/M1", new MilestonePlanned(Story.Psa("project", "P1"), Amount: 100m))
            .Says("clm", "milestone/1", new MilestonePlanned(Story.Psa("project", "P1"), Amount: 90m));
        await Tell(0);
        var before = await Compare(ledger, live);
        var told = story.Events.Length;
        story.Published(0.74m, new(2026, 3, 31)).Says("ledger", "identity/1", new IdentityLinked(
            new("milestone", "psa", "M1"), new("milestone", "clm", "1")));
        await Tell(told);
        (await Compare(ledger, live)).ShouldBe(before + 2);

        async Task Tell(int from)
        {
            await ledger.Append([.. story.Events.Skip(from)]);
            await ledger.Projector().CatchUp(null, CancellationToken.None);
        }
    }

    [Fact]
    public async Task So_is_work_whose_project_or_whose_owner_is_another_now()
    {
        await using var ledger = await LedgerDatabase.Create(Day);
        using var live = new LiveDrift(ledger.Source, ledger.Store);
        var (story, told) = (new Story(), 0);
        foreach (var (system, role, first, second) in
            new[] { ("psa", Role.Psa, "UK", "FR"), ("erp", Role.Erp, "FR", "UK") })
            story.Says("ledger", $"source/{system}", new SourceRegistered([role], ["time"]))
                .Says(system, "project/1", new ProjectCreated { Entity = Story.LegalEntity(first) })
                .Says(system, "project/2", new ProjectCreated { Entity = Story.LegalEntity(second) })
                .Says(system, "time/1", Worked(system, "1", system == "erp" ? 90m : 60m))
                .Says(system, "time/2", Worked(system, "2", 60m))
                .Says(system, "time/3", Worked(system, "2", system == "erp" ? 90m : 60m));
        foreach (var (kind, id) in new[] { ("time", "1"), ("time", "2"), ("time", "3"), ("project", "1"), ("project", "2") })
            story.Says("ledger", $"identity/{kind}-{id}", new IdentityLinked(
                new(kind, "psa", id), new(kind, "erp", id)));
        story.Says("ledger", "source/billing", new SourceRegistered(
            [Role.Billing], ["time"], From: new(2026, 1, 1), Entities: [Story.LegalEntity("UK")]));
        (await Tell()).ShouldBe(3, "the first and the last are told differently, and the first is not in billing");
        story.Says("psa", "project/1", new ProjectStated(Name: "Dock"));
        (await Tell()).ShouldBe(3);
        story.Says("ledger", "ownership/1", new OwnershipAssigned("time", [Role.Erp]));
        (await Tell()).ShouldBe(4, "by the word of the books billing should have the others, and not the first");
        story.Says("erp", "project/2", new ProjectStated { Entity = Story.LegalEntity("FR") });
        (await Tell()).ShouldBe(2);
        story.Says("erp", "project/2", new ProjectStated { Entity = Story.LegalEntity("UK") });
        (await Tell()).ShouldBe(4);

        TimeStated Worked(string system, string project, decimal minutes) => new(
            WorkedOn: (LocalDate?)new LocalDate(2026, 1, 1), Quantity: new Quantity(minutes, Unit.Minute),
            Project: new Ref("project", system, project));

        async Task<int> Tell()
        {
            await ledger.Append([.. story.Events.Skip(told)]);
            told = story.Events.Length;
            await ledger.Projector().CatchUp(null, CancellationToken.None);
            return await Compare(ledger, live);
        }
    }

    [Fact]
    public async Task Hours_are_told_once_each_however_many_differ()
    {
        await using var ledger = await LedgerDatabase.Create(Day);
        using var live = new LiveDrift(ledger.Source, ledger.Store);
        var story = new Story();
        for (var n = 0; n < 340; n++)
        {
            var id = n.ToString(CultureInfo.InvariantCulture);
            foreach (var (system, minutes) in new[] { ("psa", 60m), ("erp", 61m), ("billing", 60m) })
                story.Says(system, $"time/{id}", new TimeStated(
                    WorkedOn: (LocalDate?)new LocalDate(2026, 3, 2), Quantity: new Quantity(minutes, Unit.Minute)));
            foreach (var other in new[] { "erp", "billing" })
                story.Says("ledger", $"identity/{other}-{id}", new IdentityLinked(
                    new("time", "psa", id), new("time", other, id)));
        }

        await ledger.Append(story.Events);
        await ledger.Projector().CatchUp(null, CancellationToken.None);
        (await Compare(ledger, live)).ShouldBe(340);
    }

    /// <returns>How many findings there are.</returns>
    private static async Task<int> Compare(LedgerDatabase ledger, LiveDrift live)
    {
        var whole = DriftRun.Compute(await Ledger.Projections.Worlds.Load(ledger.Source, CancellationToken.None));
        (await new DriftReader(ledger.Source).Full(CancellationToken.None)).Json().ShouldBe(whole.Json());
        (await live.Look(CancellationToken.None)).Report.Json().ShouldBe(whole.Json());
        return whole.Findings.Count;
    }
}
