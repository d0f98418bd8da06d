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

    /// <summary>What a case may be about: the classes of drift, and the codes of findings.</summary>
    public static readonly IReadOnlySet<string> Sorts = new HashSet<string>(
        [.. Enum.GetValues<DriftClass>().Select(c => Say.Snake(c)), .. Findings.Codes.All, Poisoned]);

    /// <summary>Its class of drift, or its finding's code.</summary>
    public string Sort => Opened switch
    {
        DriftCaseOpened drift => Say.Snake(drift.Class),
        ExceptionOpened exception => exception.Code,
        _ => throw new System.Diagnostics.UnreachableException($"no case opens with {Opened.GetType().Name}"),
    };

    /// <summary>Every difference beyond what is tolerated, every finding and every record that stands still; each case
    /// once. A reference that dangles is none by itself: where somebody should have delivered what it points at, the
    /// report says so.</summary>
    /// <param name="poisoned">Streams before an event that cannot be folded, and its position.</param>
    public static IReadOnlyList<Breach> Of(
        World world, DriftReport report, IReadOnlyDictionary<string, long> poisoned)
    {
        return Of(new DriftLook(
            report, world.Day, new(world), [.. world.Findings.Select(f => FindingView.Of(world, f))], poisoned,
            Policy.Of(world),
            stream => world.Records.TryGetValue(stream, out var about) ? world.Firm.EntityOf(about) : null));
    }

    /// <summary>The same of what was looked at.</summary>
    public static IReadOnlyList<Breach> Of(DriftLook look)
    {
        var drift = look.Report.Findings.Where(f => f.Weight is FindingWeight.Difference && f.Streams.Count > 0)
            .Select(f => Of(look, f));
        // What a document says of its tax by itself; what another says of it, or who is registered, is another thing.
        var taxed = look.Report.Findings.Where(f => f is { Class: DriftClass.Tax, Streams.Count: 1 })
            .SelectMany(f => f.Values).Select(v => (v.Stream, v.Field)).ToHashSet();
        var findings = look.Findings.Where(f => f.Code != Findings.Codes.DanglingReference && !IsTold(f, taxed))
            .Select(f => Of(look, f));
        var still = look.Poisoned.Select(p => Still(look, p.Key, p.Value));
        // What cannot be told apart by its records is one case: the weightier of the two speaks for it.
        return [.. drift.Concat(findings).Concat(still).GroupBy(b => b.Id)
            .Select(g => g.OrderByDescending(b => b.Opened.Severity).ThenByDescending(b => b.Opened.Amount)
                .ThenBy(b => b.Opened.Sentence, StringComparer.Ordinal).First())];
    }

    /// <summary>A tax that does not follow from its own base and rate is a difference, and told as one.</summary>
    private static bool IsTold(FindingView finding, HashSet<(string Stream, string Field)> taxed) =>
        finding.Code == Findings.Codes.DoesNotAddUp
        && Findings.SelfContradiction.TaxFieldOf(finding.Part) is { } field && taxed.Contains((finding.Stream, field));

    private static Breach Of(DriftLook look, Drift.Finding finding)
    {
        var (sort, owner) = (Say.Snake(finding.Class), Owner(finding));
        var legalEntity = look.LegalEntityOf(finding.Streams[0]);
        var route = look.Policy.RouteOf(sort, owner, finding.Streams, legalEntity);
        return new(
            IdOf(finding), Kind.DriftCase,
            finding.Parting,
            new DriftCaseOpened(
                finding.Class, finding.Sentence, finding.Streams, look.Policy.SeverityOf(finding.Amount, legalEntity),
                Stated(finding.Amount), Stated(finding.Amount) is null ? null : finding.Amount?.Currency, owner,
                Suggestion: finding.Correction?.ToString(), Assignee: route?.Assignee, Rule: route?.Rule));
    }

    private static Breach Of(DriftLook look, FindingView finding)
    {
        var severity = finding.Code is Findings.Codes.HourBilledTwice or Findings.Codes.FeeBilledTwice
            or Findings.Codes.OverCovered
            ? Severity.Medium
            : Severity.Low;
        var owner = StreamName.SourceOf(finding.Stream);
        var route = look.Policy.RouteOf(finding.Code, owner, [finding.Stream], finding.LegalEntity);
        return new(
            IdOf([finding.Code, finding.Stream, finding.Part ?? ""]), Kind.Exception, Parting.At(finding.Position),
            new ExceptionOpened(
                finding.Code, finding.Words, [finding.Stream], severity, Owner: owner, Assignee: route?.Assignee,
                Rule: route?.Rule));
    }

    private static Breach Still(DriftLook look, string stream, long position)
    {
        var owner = StreamName.SourceOf(stream);
        var route = look.Policy.RouteOf(Poisoned, owner, [stream], look.LegalEntityOf(stream));
        return new(
            IdOf([Poisoned, stream]), Kind.Exception, Parting.At(position), new ExceptionOpened(
                Poisoned, $"{stream} stands still before an event that this version cannot fold.", [stream],
                Severity.High, Owner: owner, Assignee: route?.Assignee, Rule: route?.Rule));
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
        return StreamName.SourceOf(
            finding.Streams.LastOrDefault(s => StreamName.KindOf(s) != Kind.Source.Name) ?? finding.Streams[0]);
    }

    /// <summary>Of the case of a difference.</summary>
    public static string IdOf(Drift.Finding finding) =>
        IdOf([Say.Snake(finding.Class), .. finding.Streams.Take(IsOfOne(finding) ? 1 : 2)]);

    /// <summary>Whether it is about one record, whatever others come to it: money asked for ahead with what draws on
    /// it, who is not registered with his documents.</summary>
    private static bool IsOfOne(Drift.Finding finding) => finding.Class is DriftClass.RetainerOverdrawn
        || (finding.Class is DriftClass.Tax && StreamName.KindOf(finding.Streams[0]) is var kind
            && (kind == Kind.Client.Name || kind == Kind.LegalEntity.Name));

    /// <summary>Sixteen hex digits, the same for ever for the same words.</summary>
    private static string IdOf(IEnumerable<string> words) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', words))).AsSpan(0, IdBytes));
}
