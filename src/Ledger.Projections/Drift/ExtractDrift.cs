using Ledger.Domain;

namespace Ledger.Projections.Drift;

/// <summary>What a source's own extract says it holds, against what the ledger got. Absence from an extract deletes
/// nothing: it is a finding against that extract, since one of the two is wrong.</summary>
internal static class ExtractDrift
{
    public static IEnumerable<Finding> In(IReadOnlyList<ControlTotal> controls)
    {
        foreach (var control in controls.Where(c => c.Extracts.Count > 0))
        {
            if (Short(control) is { } less) yield return less;
            if (Unfinished(control) is { } unfinished) yield return unfinished;
            if (Undelivered(control) is { } undelivered) yield return undelivered;
            if (Absent(control) is { } absent) yield return absent;
            if (More(control) is { } more) yield return more;
        }
    }

    /// <summary>An extract that says it holds more than it brought, or sums that do not match.</summary>
    private static Finding? Short(ControlTotal control)
    {
        if (control.Count is not { } count) return null;
        var brought = control.Delivered ?? control.Present;
        var wrong = brought != control.InLedger
            ? []
            : control.Sums.Where(s => s.Stated is not null && s.Stated != s.InLedger).ToArray();
        if (brought == count && control.Present >= count && wrong.Length == 0) return null;
        return About(control).Finds(
            DriftClass.Missing,
            brought != count || control.Present < count
                ? $"The extract of {control.Source} says that there are {count} {control.Kind} records; it brought "
                    + $"{brought}{PageOf(control)}{Lost(control, count, brought)}."
                : $"The extract of {control.Source} says that its {control.Kind} records sum to "
                    + $"{Say.List(wrong.Select(w => $"{w.Stated} ({w.Field})"))}; the ledger's come to "
                    + $"{Say.List(wrong.Select(w => w.InLedger.ToString()))}.",
            wrong.Length > 0 ? wrong[0].Stated - wrong[0].InLedger : null);
    }

    /// <summary>Pages that never came, where no count tells of it.</summary>
    private static Finding? Unfinished(ControlTotal control) =>
        control.Count is not null || control.PagesMissing is not { Count: > 0 } missing
            ? null
            : About(control).Finds(
                DriftClass.Missing,
                $"The extract of {control.Source}'s {control.Kind} records has {control.Pages} pages; "
                + $"{(missing.Count == 1 ? "page" : "pages")} {Say.List(missing.Select(Text))} never came.");

    /// <summary>Records the extract names and nobody delivered.</summary>
    private static Finding? Undelivered(ControlTotal control) => control.Unknown.Count == 0
        ? null
        : About(control).Finds(
            DriftClass.Missing,
            $"The extract of {control.Source} lists {Say.Count(control.Unknown.Count, "record", "records")} the ledger "
            + $"never got: {Say.List(control.Unknown.Select(id => $"{control.Kind} {id}"))}.");

    /// <summary>Records the source stated and its complete extract does not name.</summary>
    private static Finding? Absent(ControlTotal control)
    {
        if (control.Absent.Count == 0) return null;
        var evidence = About(control);
        foreach (var record in control.Absent)
            evidence.SaysAt(record, "record", "stated, not deleted", record.Fold.First);
        return evidence.Finds(
            DriftClass.Missing,
            $"The complete extract of {control.Source} does not list "
            + $"{Say.Count(control.Absent.Count, "record", "records")} that it stated and never deleted: "
            + $"{Say.List(control.Absent.Select(record => $"{control.Kind} {record.Id}"))}.");
    }

    /// <summary>More in the ledger than a complete extract counts; it does not name what it lists.</summary>
    private static Finding? More(ControlTotal control) => control.AbsentUnnamed == 0
        ? null
        : About(control).Finds(
            DriftClass.Missing,
            $"The complete extract of {control.Source} counts {control.Count} {control.Kind} records; the ledger has "
            + $"{Say.Number(control.AbsentUnnamed)} more that {control.Source} stated before it and never deleted.")
            with { Weight = FindingWeight.Notice };

    private static Evidence About(ControlTotal control)
    {
        var evidence = new Evidence();
        foreach (var (record, extract) in control.Extracts.Select(x => (x.Record, x.State)))
        {
            var delivered = extract.Read.All(page => page.Delivered is not null)
                ? extract.Read.Sum(page => page.Delivered)
                : null;
            evidence.Says(record, "count", Text(extract.Count), "count")
                .Says(record, "delivered", Text(delivered), "read");
        }

        return evidence.Computes(control.Extracts[0].Record.Stream, "in the ledger", Text(control.InLedger));
    }

    private static string Lost(ControlTotal control, int count, int brought)
    {
        var (undelivered, unkept) = (count - brought, Math.Min(count, brought) - control.Present);
        return (undelivered > 0 ? $": {undelivered} {(undelivered == 1 ? "was" : "were")} not delivered" : "")
            + (undelivered < 0 ? $", {-undelivered} more than it says" : "")
            + (unkept > 0 ? $"; the ledger has only {control.Present}" : "");
    }

    private static string PageOf(ControlTotal control)
    {
        if (control.Pages is not { } pages || control.PagesRead >= pages) return "";
        var first = control.Extracts[0].State.Read[0].Page;
        var read = control.PagesRead == 1 ? $"page {first}" : $"{control.PagesRead} pages";
        return $" ({read} of {pages})";
    }

    private static string? Text(int? number) => number?.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
