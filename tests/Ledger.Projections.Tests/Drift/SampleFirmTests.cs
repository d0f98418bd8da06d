using Ledger.Domain;
using Ledger.Projections.Drift;

namespace Ledger.Projections.Tests.Drift;

public sealed class SampleFirmTests
{
    private static readonly RecordedEvent[] Events = SampleFirm.Events(SampleFirm.Files);

    private static readonly Finding[] Differences = Found(Events);

    [Fact]
    public void Every_planted_fault_is_found_with_its_class_its_invoice_and_its_money_and_nothing_else()
    {
        Differences.Select(Told).Order(StringComparer.Ordinal)
            .ShouldBe(SampleFirm.Faults.Select(Told).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Each_finding_names_the_event_that_started_it_and_the_records_that_disagree()
    {
        foreach (var fault in SampleFirm.Faults)
        {
            var finding = Differences.Single(f => Told(f) == Told(fault));
            var started = Events.Single(e => e.Source == fault.Event.Source && e.Id == fault.Event.Id);
            finding.Events.ShouldContain(started.Position, $"{finding.Sentence} began with {fault.Event}");
            fault.Streams.Except(finding.Streams).ShouldBeEmpty(finding.Sentence);
        }
    }

    [Fact]
    public void Whatever_source_delivers_first_the_report_is_the_same()
    {
        var backwards = Found(SampleFirm.Events(SampleFirm.Files.Reverse()));
        backwards.Select(f => f.Sentence).ShouldBe(Differences.Select(f => f.Sentence));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_event_is_delivered_first_the_report_is_the_same(int seed)
    {
        var shuffled = Events.ToArray();
        new Random(seed).Shuffle(shuffled);
        RecordedEvent[] delivered = [.. shuffled.Select((e, i) => e with { Position = i + 1 })];
        Found(delivered).Select(f => f.Sentence).ShouldBe(Differences.Select(f => f.Sentence));
    }

    private static Finding[] Found(RecordedEvent[] events) =>
        [.. DriftRun.Compute(SampleFirm.World(events)).Findings.Where(f => f.Weight is FindingWeight.Difference)];

    private static string Told(Finding finding) =>
        $"{Name(finding.Class)} {finding.Invoice} {Math.Abs(finding.Amount!.Value.Amount):0.00} {finding.Amount.Value.Currency}";

    private static string Told(SampleFirm.Planted fault) =>
        $"{fault.Class} {fault.Invoice} {fault.Amount} {fault.Currency}";

    private static string Name(DriftClass drift) =>
        System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(drift.ToString());
}
