using System.Security.Cryptography;
using System.Text;
using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Views;

namespace Ledger.Projections.Cases;

/// <summary>Something that has to be looked at, as the records stand: what a case is opened for, and stays open for.
/// </summary>
/// <param name="Id">Of its case: the same for as long as it is about the same records, whatever the amount.</param>
/// <param name="Parting">By what it began.</param>
/// <param name="Opened">What is said when its case is opened.</param>
public sealed record Breach(string Id, Kind Kind, Parting Parting, CaseOpened Opened)
{
    /// <summary>Code of a record that stands still.</summary>
    public const string Poisoned = "poisoned";

    private const int IdBytes = 8;

    /// <summary>Every difference beyond what is tolerated, every finding and every record that stands still; each case
    /// once. A reference that dangles is none by itself: where somebody should have delivered what it points at, the
    /// report says so.</summary>
    /// <param name="poisoned">Streams before an event that cannot be folded, and its position.</param>
    public static IReadOnlyList<Breach> Of(
        World world, DriftReport report, IReadOnlyDictionary<string, long> poisoned)
    {
        var policy = Policy.Of(world);
        return Of(new DriftLook(
            report, world.Day, new(world), [.. world.Findings.Select(FindingView.Of)], poisoned, f => policy.SeverityOf(
                f.Amount,
                world.Records.TryGetValue(f.Streams[0], out var about) ? world.Firm.EntityOf(about) : null)));
    }

    /// <summary>The same of what was looked at.</summary>
    public static IReadOnlyList<Breach> Of(DriftLook look)
    {
        var drift = look.Report.Findings.Where(f => f.Weight is FindingWeight.Difference && f.Streams.Count > 0)
            .Select(f => Of(f, look.SeverityOf(f)));
        var taxed = look.Report.Findings.Where(f => f.Class is DriftClass.Tax && f.Streams.Count > 0)
            .Select(f => f.Streams[0]).ToHashSet();
        var findings = look.Findings.Where(f => f.Code != Findings.Codes.DanglingReference && !IsTold(f, taxed))
            .Select(Of);
        var still = look.Poisoned.Select(p => new Breach(
            IdOf([Poisoned, p.Key]), Kind.Exception, Parting.At(p.Value), new ExceptionOpened(
                Poisoned, $"{p.Key} stands still before an event that this version cannot fold.", [p.Key],
                Severity.High)));
        // What cannot be told apart by its records is one case: the weightier of the two speaks for it.
        return [.. drift.Concat(findings).Concat(still).GroupBy(b => b.Id)
            .Select(g => g.OrderByDescending(b => b.Opened.Severity).ThenByDescending(b => b.Opened.Amount)
                .ThenBy(b => b.Opened.Sentence, StringComparer.Ordinal).First())];
    }

    /// <summary>A tax that does not follow from its own base and rate is a difference, and told as one.</summary>
    private static bool IsTold(FindingView finding, HashSet<string> taxed) =>
        finding.Code == Findings.Codes.DoesNotAddUp && taxed.Contains(finding.Stream)
        && Findings.SelfContradiction.IsOfTax(finding.Part);

    private static Breach Of(Drift.Finding finding, Severity severity)
    {
        var owner = Owner(finding);
        return new(
            IdOf(finding), Kind.DriftCase,
            finding.Parting,
            new DriftCaseOpened(
                finding.Class, finding.Sentence, finding.Streams, severity,
                Stated(finding.Amount), Stated(finding.Amount) is null ? null : finding.Amount?.Currency, owner,
                Suggestion: finding.Correction?.ToString()));
    }

    private static Breach Of(FindingView finding)
    {
        var severity = finding.Code is Findings.Codes.HourBilledTwice or Findings.Codes.FeeBilledTwice
            or Findings.Codes.OverCovered
            ? Severity.Medium
            : Severity.Low;
        return new(
            IdOf([finding.Code, finding.Stream, finding.Part ?? ""]), Kind.Exception, Parting.At(finding.Position),
            new ExceptionOpened(finding.Code, finding.Words, [finding.Stream], severity,
                Owner: StreamName.SourceOf(finding.Stream)));
    }

    /// <summary>As an event may state it; null where there is none, or it is more than any event may state: the
    /// sentence has it all the same.</summary>
    private static decimal? Stated(Money? amount) => amount is { } money
        && DecimalText.TryReadStated(DecimalText.Write(Math.Abs(money.Amount)), out var stated)
            ? stated
            : null;

    /// <summary>The system that is asked first: the one that should have what is missing; else whoever books, whoever
    /// settles, whoever bills; else the one of the last record named.</summary>
    private static string? Owner(Drift.Finding finding)
    {
        if (finding.Class is DriftClass.Missing
            && finding.Values.FirstOrDefault(v => v.Field == "kinds") is { } carrying)
            return StreamName.IdOf(carrying.Stream);
        if (finding.Class is DriftClass.Unsynchronised)
            return finding.Streams.Select(StreamName.SourceOf).LastOrDefault();
        foreach (var kind in (Kind[])[Kind.Posting, Kind.Payment, Kind.Invoice])
            if (finding.Streams.FirstOrDefault(s => StreamName.KindOf(s) == kind.Name) is { } stream)
                return StreamName.SourceOf(stream);
        return StreamName.SourceOf(finding.Streams[^1]);
    }

    /// <summary>Of the case of a difference.</summary>
    public static string IdOf(Drift.Finding finding) =>
        IdOf([Say.Snake(finding.Class), .. finding.Streams.Take(2)]);

    /// <summary>Sixteen hex digits, the same for ever for the same words.</summary>
    private static string IdOf(IEnumerable<string> words) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', words))).AsSpan(0, IdBytes));
}
