using System.Globalization;
using Ledger.Domain;
using NodaTime.Text;

namespace Ledger.Projections.Drift;

/// <summary>The report for a terminal of 100 columns: what matters first, figures aligned.</summary>
public static class DriftText
{
    private const int Width = 100;
    private const int NameWidth = 14;
    private const int SumsAt = 64;
    private const int ExplainedAt = 21;

    /// <param name="events">Names of the events at the report's positions.</param>
    public static void WriteText(this DriftReport report, TextWriter to, EventIndex events)
    {
        WriteHeadline(report, to);
        WriteClasses(report, to);
        WriteInvoices(report, to);
        WriteRoundings(report, to);
        WriteFindings(report, to, events);
        WriteControls(report, to);
    }

    /// <summary>What a first look needs: how many, of which class, and the differences with the most money.</summary>
    /// <param name="most">So many of them.</param>
    public static void WriteSummary(this DriftReport report, TextWriter to, int most)
    {
        WriteCounts(report, to);
        WriteClasses(report, to);
        var first = report.Findings.Where(f => f.Weight is FindingWeight.Difference).Take(most).ToArray();
        if (first.Length == 0) return;
        Title(to, "The differences with the most money");
        foreach (var finding in first) WriteFinding(finding, to, EventIndex.None);
    }

    private static void WriteHeadline(DriftReport report, TextWriter to)
    {
        WriteCounts(report, to);
        foreach (var engagement in report.Headline.Engagements)
        {
            var left = engagement.Documents - engagement.Explained;
            Wrapped(
                to, "  ",
                $"{engagement.Engagement}: rounded {Say.Rule(engagement.InForce)} "
                + $"({(engagement.ByContract ? "the contract's rule" : "no contract says; worked out")}); it "
                + $"reproduces {engagement.Reproduced} of {engagement.Documents} documents"
                + $"{(left > 0 ? $", {left} carry money no rounding explains" : "")}.");
        }
    }

    private static void WriteCounts(DriftReport report, TextWriter to)
    {
        var headline = report.Headline;
        Title(to, $"Drift as of position {report.Position}");
        Wrapped(
            to, "",
            $"{Say.Capital(Say.Count(headline.Documents, "live document", "live documents"))} compared: "
            + $"{headline.Differing} differ, {headline.Agreeing} agree across systems, "
            + $"{headline.AgreeingSameSystem} agree only with the system that issued them. {headline.NotLive} are "
            + $"cancelled or drafts. {headline.Differences} differences, {headline.Notices} notices.");
    }

    private static void WriteClasses(DriftReport report, TextWriter to)
    {
        if (report.Headline.Classes.Count == 0) return;
        Title(to, "By class");
        to.WriteLine($"  {"class",-16}{"",-12}{"findings",9}{"too much",18}{"too little",18}");
        foreach (var total in report.Headline.Classes)
        {
            var (over, under) = total.Currency is { } currency
                ? (Figure(new(total.Over, currency)), Figure(new(total.Under, currency)))
                : ("", "");
            var row = $"  {Say.Snake(total.Class),-16}{Say.Snake(total.Weight),-12}{total.Findings,9}"
                + $"{over,18}{under,18}";
            to.WriteLine($"{row} {total.Currency?.Code}".TrimEnd());
        }
    }

    private static void WriteInvoices(DriftReport report, TextWriter to)
    {
        if (report.Invoices.Count == 0) return;
        Title(to, "By invoice (before tax)");
        to.WriteLine(
            $"  {"invoice",-NameWidth} {"date",-10} {"status",-9} {"stated",12} {"work",12} {"expenses",10} "
            + $"{"fees",10} {"remainder",10}");
        foreach (var check in report.Invoices)
        {
            var name = Cut(check.Number ?? check.Stream, NameWidth);
            var day = check.IssuedOn is { } on ? LocalDatePattern.Iso.Format(on) : "";
            var row = $"  {name,-NameWidth} {day,-10} {Say.Snake(check.Status),-9} {Figure(check.Stated),12} "
                + $"{Figure(check.Work),12} {Figure(check.Expenses),10} {Figure(check.Fees),10} "
                + $"{Figure(check.Remainder),10} {check.Currency?.Code}";
            to.WriteLine(row.TrimEnd());
        }
    }

    private static void WriteRoundings(DriftReport report, TextWriter to)
    {
        var told = report.Invoices.Where(i => i.Stated is not null && i.TimeEntries > 0).ToArray();
        if (told.Length == 0) return;
        Title(to, "Rounding that leads from the work to the total");
        foreach (var check in told)
        {
            var kept = check.Reproducing.Any(r => (r.Scope, r.Mode) == (check.InForce?.Scope, check.InForce?.Mode));
            var left = kept && check.Remainder is { Amount: not 0m } remainder ? $" ({remainder} left over)" : "";
            Wrapped(
                to, "  ", $"{Cut(check.Number ?? check.Stream, NameWidth),-NameWidth} {Rules(check.Reproducing)}{left}",
                new string(' ', NameWidth + 3));
        }
    }

    /// <summary><c>invoice, person: any half; entry: always up</c>.</summary>
    private static string Rules(Items<Rounding> rules)
    {
        if (rules.Count == 0) return "none";
        var byScope = rules.GroupBy(r => r.Scope)
            .Select(g => (Scope: Say.Snake(g.Key), Modes: Modes([.. g.Select(r => r.Mode)])));
        return string.Join("; ", byScope.GroupBy(s => s.Modes)
            .Select(g => $"{string.Join(", ", g.Select(s => s.Scope))}: {g.Key}"));
    }

    private static string Modes(RoundingMode[] modes)
    {
        RoundingMode[] halves = [RoundingMode.HalfAwayFromZero, RoundingMode.HalfEven, RoundingMode.HalfTowardsZero];
        if (modes.Length == Enum.GetValues<RoundingMode>().Length) return "any mode";
        var half = halves.All(modes.Contains);
        var named = modes.Where(m => !half || !halves.Contains(m)).Select(m => Say.Snake(m).Replace('_', ' '));
        return string.Join(" or ", half ? named.Prepend("half any way") : named);
    }

    private static void WriteFindings(DriftReport report, TextWriter to, EventIndex events)
    {
        if (report.Findings.Count == 0)
        {
            Title(to, "Nothing differs");
            return;
        }

        Title(to, "Findings");
        var order = report.Invoices.Where(i => i.Number is not null).Select((i, at) => (i.Number, at))
            .DistinctBy(x => x.Number).ToDictionary(x => x.Number!, x => x.at);
        var groups = report.Findings.GroupBy(f => f.Invoice)
            .OrderBy(g => g.Key is null ? 1 : 0)
            .ThenBy(g => g.Key is null ? 0 : order.GetValueOrDefault(g.Key, int.MaxValue))
            .ThenBy(g => g.Key, StringComparer.Ordinal);
        foreach (var group in groups)
        {
            to.WriteLine();
            to.WriteLine(group.Key is null ? "Without an invoice" : $"Invoice {group.Key}");
            foreach (var finding in group) WriteFinding(finding, to, events);
        }
    }

    private static void WriteFinding(Finding finding, TextWriter to, EventIndex events)
    {
        var amount = finding.Amount is { Amount: not 0m } money ? Say.Abs(money).ToString() : "";
        var mark = finding.Weight is FindingWeight.Notice ? "·" : "!";
        to.WriteLine($"  {mark} {Say.Snake(finding.Class),-14}{amount,18}".TrimEnd());
        Wrapped(to, "      ", finding.Sentence);
        if (finding.Parting.Root(events) is { } root)
            Explained("began with", $"{root.Source}/{root.Id}, {root.Type} of {Say.Date(root.Time?.InUtc().Date)}");
        if (finding.Counterpart is { } counterpart) Explained("never came", counterpart.ToString());
        if (finding.Parts.Count > 0)
            Explained("made of", string.Join(", ", finding.Parts.Select(p => $"{p.Name} {p.Amount}")));
        if (finding.Correction is { } correction) Explained("to correct", correction.ToString());

        void Explained(string what, string words) =>
            Wrapped(to, "        ", $"{what + ":",-13}{words}", new string(' ', ExplainedAt));
    }

    private static void WriteControls(DriftReport report, TextWriter to)
    {
        if (report.Controls.Count == 0) return;
        Title(to, "Control totals");
        to.WriteLine(
            $"  {"source",-14}{"kind",-12}{"source says",12}{"delivered",11}{"in ledger",11}  "
            + "sums (the source's, the ledger's)");
        foreach (var control in report.Controls)
        {
            var sums = control.Sums.Where(s => s.Stated is not null || control.Count is null).Select(Text).ToArray();
            var row = $"  {Cut(control.Source, 13),-14}{control.Kind,-12}{Count(control.Count),12}"
                + $"{Count(control.Delivered),11}{control.InLedger,11}  {sums.FirstOrDefault()}";
            to.WriteLine(row.TrimEnd());
            foreach (var sum in sums.Skip(1)) to.WriteLine($"{"",SumsAt}{sum}");
        }
    }

    private static string Text(ControlledSum sum) =>
        $"{sum.Field} {(sum.Stated is { } stated ? $"{Figure(stated)} / " : "")}{Figure(sum.InLedger)} "
        + sum.InLedger.Currency;

    private static void Title(TextWriter to, string text)
    {
        to.WriteLine();
        to.WriteLine(text);
        to.WriteLine(new string('─', Math.Min(text.Length, Width)));
    }

    /// <summary>Breaks a text between words, every line under the indent.</summary>
    private static void Wrapped(TextWriter to, string indent, string text, string? under = null)
    {
        var (line, first) = (indent, true);
        foreach (var word in text.Split(' '))
        {
            if (!first && line.Length + 1 + word.Length > Width)
            {
                to.WriteLine(line);
                (line, first) = (under ?? indent, true);
            }

            line += first ? word : " " + word;
            first = false;
        }

        to.WriteLine(line);
    }

    private static string Figure(Money? money) => money is { } m ? Figure(m) : "";

    /// <summary>Grouped by thousands, with the currency's minor digits: <c>11,825.43</c>.</summary>
    private static string Figure(Money money)
    {
        var text = money.Text;
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? text : text[..point];
        return decimal.Parse(whole, CultureInfo.InvariantCulture) is var number && number == 0m && text[0] == '-'
            ? text
            : number.ToString("#,##0", CultureInfo.InvariantCulture) + (point < 0 ? "" : text[point..]);
    }

    private static string Count(int? count) => count?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static string Cut(string text, int width) => text.Length <= width ? text : text[..(width - 1)] + "…";
}
