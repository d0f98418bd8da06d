using Ledger.Domain;

namespace Ledger.Projections.Drift;

/// <summary>The findings of a report, a row each and parted by commas, for whoever sorts them in a sheet.</summary>
public static class DriftCsv
{
    private static readonly string[] Columns =
    [
        "class", "weight", "invoice", "amount", "currency", "sentence", "root_source", "root_id", "root_type",
        "root_time", "root_position", "never_came", "to_correct",
        .. Enum.GetValues<DifferenceCause>().Select(Say.Snake),
    ];

    /// <param name="events">Names of the events at the report's positions.</param>
    public static void WriteCsv(this DriftReport report, TextWriter to, EventIndex events)
    {
        to.Write(string.Join(',', Columns) + "\r\n");
        foreach (var finding in report.Findings) to.Write(string.Join(',', Row(finding, events).Select(Cell)) + "\r\n");
    }

    private static IEnumerable<string?> Row(Finding finding, EventIndex events)
    {
        var root = finding.Parting.Root(events);
        return
        [
            Say.Snake(finding.Class), Say.Snake(finding.Weight), finding.Invoice, finding.Amount?.Text,
            finding.Amount?.Currency.Code, finding.Sentence, root?.Source, root?.Id, root?.Type,
            root?.Time is { } time ? LedgerJson.WriteInstant(time) : null,
            root?.Position.ToString(System.Globalization.CultureInfo.InvariantCulture),
            finding.Counterpart?.ToString(), finding.Correction?.ToString(),
            .. Enum.GetValues<DifferenceCause>()
                .Select(cause => finding.Parts.FirstOrDefault(p => p.Cause == cause)?.Amount.Text),
        ];
    }

    /// <summary>In quotes where it has to be. What a sheet would take for a formula gets a quote before it: texts come
    /// from other systems.</summary>
    private static string Cell(string? text)
    {
        if (text is null or "") return "";
        if (text[0] is '=' or '+' or '@' or '\t'
            || (text[0] == '-' && !DecimalText.TryReadStated(text.AsSpan(1), out _)))
            text = "'" + text;
        return text.AsSpan().IndexOfAny(",\"\r\n") < 0
            ? text
            : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
