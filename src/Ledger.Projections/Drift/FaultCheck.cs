using System.Globalization;
using System.Text.Json;

namespace Ledger.Projections.Drift;

/// <summary>How one class of drift, or one fault, fared against what was planted.</summary>
/// <param name="Name">snake_case.</param>
/// <param name="Planted">How many were.</param>
/// <param name="Found">How many of those a finding of their class is about, on one of their records; where several hide
/// each other there, of any of their classes.</param>
/// <param name="Caused">How many of those found begin with the event that caused them; where faults of one record are
/// one difference, with that of one of them.</param>
/// <param name="Exact">How many of those that do state the right money, exactly.</param>
/// <param name="False">Differences of the class that nothing was planted for.</param>
public sealed record FaultTotal(string Name, int Planted, int Found, int Caused, int Exact, int False);

/// <summary>A drift report against what was planted in a made-up firm.</summary>
/// <param name="Classes">By class of drift.</param>
/// <param name="Faults">By what was planted; a false alarm belongs to none.</param>
/// <param name="Missed">What was planted and is not found whole: with its event, and its money.</param>
/// <param name="Alarms">Differences that nothing was planted for.</param>
public sealed record FaultCheck(
    IReadOnlyList<FaultTotal> Classes, IReadOnlyList<FaultTotal> Faults, IReadOnlyList<PlantedFault> Missed,
    IReadOnlyList<Finding> Alarms)
{
    /// <summary>Whether everything planted was found, with its event and its money, and nothing else.</summary>
    public bool IsWhole => Missed.Count == 0 && Alarms.Count == 0;

    public static FaultCheck Of(DriftReport report, IReadOnlyList<PlantedFault> planted, EventIndex events)
    {
        var findings = report.Findings.Select(finding => new Named(finding, events)).ToArray();
        var (claimed, checks) = (new HashSet<Finding>(), new List<Check>());
        foreach (var fault in planted)
        {
            var about = findings.Where(f => f.IsAbout(fault)).ToArray();
            var kin = planted.Where(p => IsOneWith(p, fault)).ToArray();
            var caused = fault.Masked is null ? [.. about.Where(f => f.Root == fault.Event)] : Array.Empty<Named>();
            if (caused.Length == 0)
                caused = [.. about.Where(f => Array.Exists(kin, k => f.Root == k.Event))];
            var exact = fault.Masked is { } masked
                ? caused.Length > 0 && Math.Abs(caused.Sum(f => f.Signed)) == masked.Sum
                : caused.Any(f => Math.Abs(f.Signed) == fault.Money || Math.Abs(f.Signed) == kin.Sum(k => k.Money));
            claimed.UnionWith(caused.Select(f => f.Finding));
            checks.Add(new(fault, about.Length > 0, caused.Length > 0, exact));
        }

        Finding[] alarms =
            [.. report.Findings.Where(f => f.Weight is FindingWeight.Difference && !claimed.Contains(f))];
        var classes = checks.Select(c => c.Fault.Class).Concat(alarms.Select(Class)).Distinct()
            .Order(StringComparer.Ordinal)
            .Select(name => Total(
                name, checks.Where(c => c.Fault.Class == name), alarms.Count(a => Class(a) == name)));
        var faults = checks.GroupBy(c => c.Fault.Fault).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => Total(g.Key, g, 0));
        return new(
            [.. classes], [.. faults], [.. checks.Where(c => !c.Exact).Select(c => c.Fault)], alarms);
    }

    /// <summary>Whether two faults of one record may be told as one difference: those of one class, whose money adds
    /// up, and those that hide each other.</summary>
    private static bool IsOneWith(PlantedFault a, PlantedFault b) => a.Record == b.Record
        && (a.Class == b.Class || (a.Masked is not null && b.Masked is not null));

    /// <summary>The classes as a table, and what went wrong.</summary>
    public void WriteText(TextWriter to)
    {
        to.WriteLine($"{"class",-20}{"planted",9}{"found",9}{"root event",12}{"money",9}{"false alarms",14}");
        foreach (var row in Classes.Append(Sum())) to.WriteLine(Row(row));
        foreach (var fault in Missed)
            to.WriteLine($"missed: {fault.Class} {fault.Fault} of {fault.Record}, {fault.Amount} {fault.Currency}, "
                + $"by {fault.Event.Source}/{fault.Event.Id}");
        foreach (var alarm in Alarms) to.WriteLine($"false alarm: {Class(alarm)}: {alarm.Sentence}");
    }

    private FaultTotal Sum() => new(
        "all", Classes.Sum(c => c.Planted), Classes.Sum(c => c.Found), Classes.Sum(c => c.Caused),
        Classes.Sum(c => c.Exact), Classes.Sum(c => c.False));

    private static string Row(FaultTotal row) => string.Create(
        CultureInfo.InvariantCulture,
        $"{row.Name,-20}{row.Planted,9:N0}{row.Found,9:N0}{row.Caused,12:N0}{row.Exact,9:N0}{row.False,14:N0}");

    private static FaultTotal Total(string name, IEnumerable<Check> checks, int alarms)
    {
        var all = checks.ToArray();
        return new(
            name, all.Length, all.Count(c => c.IsFound), all.Count(c => c.IsCaused), all.Count(c => c.Exact), alarms);
    }

    private static string Class(Finding finding) =>
        JsonNamingPolicy.SnakeCaseLower.ConvertName(finding.Class.ToString());

    private sealed record Check(PlantedFault Fault, bool IsFound, bool IsCaused, bool Exact);

    private sealed record Named(Finding Finding, EventIndex Index)
    {
        private readonly string drift = Class(Finding);
        private readonly HashSet<string> streams = [.. Finding.Streams];

        public PlantedEvent? Root { get; } =
            Finding.Parting.Root(Index) is { } root ? new PlantedEvent(root.Source, root.Id) : null;

        public decimal Signed { get; } = Finding.Amount?.Amount ?? 0m;

        public bool IsAbout(PlantedFault fault) => fault.IsToldIn(drift)
            && Finding.Weight is FindingWeight.Notice == fault.Closed
            && (streams.Contains(fault.Record)
                || (fault.Masked is null && Array.Exists(fault.Related, streams.Contains)));
    }
}
