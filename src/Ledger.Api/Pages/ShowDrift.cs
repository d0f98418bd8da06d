using Ledger.Domain;
using Ledger.Projections.Drift;
using Npgsql;

namespace Ledger.Api.Pages;

/// <summary><c>GET /drift</c>: every place where the systems do not agree, as a worklist.</summary>
internal static class ShowDrift
{
    public static async Task<IResult> Handle(
        HttpContext http, LiveDrift live, NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var look = await live.Look(cancellationToken);
        var at = new LedgerAt(look.World.Value, look.Report);
        var drift = Enum.GetValues<DriftClass>().Cast<DriftClass?>()
            .FirstOrDefault(c => Words.Name(c!.Value) == http.Request.Query["class"]);
        var system = http.Request.Query["source"].FirstOrDefault(s => !string.IsNullOrEmpty(s));
        var events = await EventIndex.Load(source, at.Drift.Positions, cancellationToken);
        return Page.Of<DriftPage>(new DriftModel(at, events, drift, system));
    }
}

/// <summary>The worklist, narrowed where it was asked to be.</summary>
/// <param name="Class">Null = all classes.</param>
/// <param name="Source">Null = all sources.</param>
public sealed record DriftModel(LedgerAt At, EventIndex Events, DriftClass? Class, string? Source)
{
    /// <summary>What is shown, in the report's order: differences before notices, the most money first.</summary>
    public IReadOnlyList<Finding> Shown { get; } =
    [
        .. At.Drift.Findings
            .Where(f => (Class is null || f.Class == Class) && (Source is null || Sources(f).Contains(Source))),
    ];

    public IEnumerable<Finding> Of(FindingWeight weight) => Shown.Where(f => f.Weight == weight);

    public IReadOnlyList<DriftTotal> Totals => DriftTotal.Of(Of(FindingWeight.Difference));

    /// <summary>Classes there are among the findings of the chosen source, with how many.</summary>
    public IEnumerable<(DriftClass Class, int Count)> Classes => At.Drift.Findings
        .Where(f => Source is null || Sources(f).Contains(Source))
        .GroupBy(f => f.Class).OrderBy(g => g.Key).Select(g => (g.Key, g.Count()));

    /// <summary>Sources there are among the findings of the chosen class, with how many.</summary>
    public IEnumerable<(string Source, int Count)> Systems => At.Drift.Findings
        .Where(f => Class is null || f.Class == Class)
        .SelectMany(Sources).GroupBy(s => s).OrderBy(g => g.Key, StringComparer.Ordinal)
        .Select(g => (g.Key, g.Count()));

    /// <summary>The systems that have a part in a finding.</summary>
    public static IEnumerable<string> Sources(Finding finding) =>
        finding.Streams.Select(StreamName.SourceOf).Concat(finding.Values.Select(v => v.Source))
            .Where(s => s != "ledger").Distinct();
}

/// <summary>The money of one class in one currency; what is too much is never netted with what is too little.</summary>
/// <param name="Currency">Null = findings that no money depends on.</param>
public sealed record DriftTotal(DriftClass Class, Currency? Currency, int Findings, decimal Over, decimal Under)
{
    public decimal Money => Over + Under;

    public static IReadOnlyList<DriftTotal> Of(IEnumerable<Finding> findings) =>
    [
        .. findings
            .GroupBy(f => (f.Class, Currency: f.Amount is { Amount: not 0m } money ? money.Currency : (Currency?)null))
            .OrderBy(g => g.Key.Class).ThenBy(g => g.Key.Currency?.Code, StringComparer.Ordinal)
            .Select(g => new DriftTotal(
                g.Key.Class, g.Key.Currency, g.Count(), g.Sum(f => Math.Max(f.Amount?.Amount ?? 0m, 0m)),
                -g.Sum(f => Math.Min(f.Amount?.Amount ?? 0m, 0m)))),
    ];

    /// <summary>The foot: all classes of one currency.</summary>
    public static IEnumerable<(Currency Currency, int Findings, decimal Over, decimal Under)> Foot(
        IEnumerable<DriftTotal> totals) => totals.Where(t => t.Currency is not null)
        .GroupBy(t => t.Currency!.Value).OrderBy(g => g.Key.Code, StringComparer.Ordinal)
        .Select(g => (g.Key, g.Sum(t => t.Findings), g.Sum(t => t.Over), g.Sum(t => t.Under)));
}
