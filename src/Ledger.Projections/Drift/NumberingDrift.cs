using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Drift;

/// <summary>Looks for numbers that a series has twice or leaves out, and for documents whose number order is not their
/// date order.</summary>
internal static class NumberingDrift
{
    public static IEnumerable<Finding> In(Books books)
    {
        var numbered = books.Documents.Where(d => d.Number is not null && d.State.Status
            is InvoiceStatus.Issued or InvoiceStatus.Cancelled or InvoiceStatus.Voided).ToArray();
        foreach (var same in numbered.GroupBy(d => (d.Record.Source, Issuer(books, d), d.State.Series, d.Number))
            .Where(g => g.Count() > 1))
            yield return Twice([.. same.OrderBy(d => d.IssuedOn).ThenBy(d => d.Record.Stream, StringComparer.Ordinal)]);

        foreach (var finding in Gaps(books)) yield return finding;
        var series = numbered.Where(d => d.IssuedOn is not null)
            .Select(d => (Document: d, Parts: DocumentNumber.Split(d.Number!))).Where(n => n.Parts is not null)
            .GroupBy(n => (
                n.Document.Record.Source, Issuer(books, n.Document), n.Document.State.Series, n.Parts!.Value.Prefix));
        foreach (var group in series)
            foreach (var finding in OutOfOrder([.. group.OrderBy(n => n.Parts!.Value.Ordinal)
                .ThenBy(n => n.Document.IssuedOn).ThenBy(n => n.Document.Record.Stream, StringComparer.Ordinal)
                .Select(n => n.Document)]))
                yield return finding;
    }

    /// <summary>Numbers that a stated series jumps over. Annulled and discarded documents keep theirs.</summary>
    private static IEnumerable<Finding> Gaps(Books books)
    {
        var series = books.Documents.Where(d => d.Number is not null && d.State.Series is not null)
            .Select(d => (Document: d, Parts: DocumentNumber.Split(d.Number!))).Where(n => n.Parts is not null)
            .GroupBy(n => (
                n.Document.Record.Source, Issuer(books, n.Document), n.Document.State.Series, n.Parts!.Value.Prefix));
        foreach (var group in series)
        {
            var inOrder = group.OrderBy(n => n.Parts!.Value.Ordinal).ThenBy(n => n.Document.IssuedOn)
                .ThenBy(n => n.Document.Record.Stream, StringComparer.Ordinal).ToArray();
            for (var i = 1; i < inOrder.Length; i++)
            {
                var (before, after) = (inOrder[i - 1], inOrder[i]);
                var left = after.Parts!.Value.Ordinal - before.Parts!.Value.Ordinal - 1;
                if (left > 0) yield return Gap(before.Document, after.Document, left);
            }
        }
    }

    private static Finding Gap(Document before, Document after, System.Numerics.BigInteger left) => new Evidence()
        .Says(after.Record, "number", after.Number, "number")
        .Says(before.Record, "number", before.Number, "number")
        .Lacks(after.Record.Source, Kind.Invoice, null, "number", $"between {before.Label} and {after.Label}")
        .Finds(
            DriftClass.Numbering, after,
            $"Series {after.State.Series} goes from {before.Label} to {after.Label}: "
            + $"{(left.IsOne ? "one number is" : $"{left} numbers are")} missing, and no annulled document bears "
            + $"{(left.IsOne ? "it" : "them")}.") with
        {
            Related = new[] { before.Number! }.ToItems(),
        };

    // Each company counts its own documents.
    private static string? Issuer(Books books, Document document) => books.World.Firm.EntityOf(document.Record);

    private static Finding Twice(Document[] same)
    {
        var last = same[^1];
        var evidence = new Evidence();
        foreach (var document in same.Reverse())
            evidence.Says(document.Record, "number", document.Number, "number")
                .Says(document.Record, "net", document.Net?.ToString(), "totals", "lines");
        // With the second it began; the others only add to it.
        evidence.Clashes(same[0].Record.Asserted("number"), same[1].Record.Asserted("number"));
        evidence.Mends(last.Record, "number", last.Number, null);
        var alike = same.Select(d => (d.State.Sign, d.Net, d.State.Client, d.IssuedOn)).Distinct().Count() == 1;
        var copies = same.Count(d => d.IsLive) - 1;
        var again = alike && last.Net is { } once ? once with { Amount = once.Amount * copies } : (Money?)null;
        var said = Say.List(same.Select(d => $"{Say.Date(d.IssuedOn)}{(d.Net is { } net ? $" ({net})" : "")}"));
        return evidence.Finds(
            alike ? DriftClass.Duplicate : DriftClass.Numbering, last,
            $"{Say.Capital(Say.Number(same.Length))} documents carry the number {last.Number}: {said}.",
            again) with
        {
            Related = same[..^1].Select(d => d.Number!).ToItems(),
        };
    }

    /// <summary>The fewest documents whose dates explain the disorder; of two that contradict each other, the one with
    /// the higher number.</summary>
    private static IEnumerable<Finding> OutOfOrder(Document[] byNumber)
    {
        var kept = InOrder([.. byNumber.Select(d => d.IssuedOn!.Value)]);
        for (var i = 0; i < byNumber.Length; i++)
        {
            if (kept[i]) continue;
            var (document, day) = (byNumber[i], byNumber[i].IssuedOn!.Value);
            var earlier = Enumerable.Range(0, i).Where(j => kept[j] && byNumber[j].IssuedOn > day).ToArray();
            if (earlier.Length > 0)
                yield return Before(document, byNumber[earlier[^1]], byNumber[earlier[0]], earlier.Length);
            else if (Enumerable.Range(i + 1, byNumber.Length - i - 1).Where(j => kept[j] && byNumber[j].IssuedOn < day)
                .Select(j => byNumber[j]).FirstOrDefault() is { } later)
                yield return After(document, later);
        }
    }

    private static Finding Before(Document document, Document nearest, Document first, int count)
    {
        var others = count == 1
            ? $"before {nearest.Label} of {Say.Date(nearest.IssuedOn)}, which has a lower number"
            : $"before {Say.Number(count)} documents with lower numbers, from {first.Label} of "
                + $"{Say.Date(first.IssuedOn)} to {nearest.Label} of {Say.Date(nearest.IssuedOn)}";
        return Pair(document, nearest, $"{document.Name} is dated {Say.Date(document.IssuedOn)}, {others}.");
    }

    private static Finding After(Document document, Document later) => Pair(
        document, later,
        $"{document.Name} is dated {Say.Date(document.IssuedOn)}, after {later.Label} of {Say.Date(later.IssuedOn)}, "
        + "which has a higher number.");

    private static Finding Pair(Document document, Document other, string sentence) => new Evidence()
        .Says(document.Record, "issuedOn", Say.DateOrNull(document.IssuedOn), "issuedOn")
        .Says(other.Record, "issuedOn", Say.DateOrNull(other.IssuedOn), "issuedOn")
        .Should(document.Record, "issuedOn", Say.DateOrNull(document.IssuedOn), Say.DateOrNull(other.IssuedOn))
        .Finds(DriftClass.Numbering, document, sentence) with
        {
            Related = new[] { other.Number }.OfType<string>().ToItems(),
        };

    /// <summary>Marks a longest run of dates that never falls; of several such runs, the one with the earliest places.
    /// </summary>
    private static bool[] InOrder(LocalDate[] days)
    {
        var (kept, length) = (new bool[days.Length], new int[days.Length]);
        // tails[k]: the latest first date of a run of k + 1 documents to the right of here.
        var tails = new List<LocalDate>();
        for (var i = days.Length - 1; i >= 0; i--)
        {
            var (low, high) = (0, tails.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (tails[middle] >= days[i]) low = middle + 1;
                else high = middle;
            }

            if (low == tails.Count) tails.Add(days[i]);
            else tails[low] = days[i];
            length[i] = low + 1;
        }

        var (need, last) = (tails.Count, LocalDate.MinIsoValue);
        for (var i = 0; i < days.Length && need > 0; i++)
        {
            if (length[i] != need || days[i] < last) continue;
            (kept[i], last) = (true, days[i]);
            need--;
        }

        return kept;
    }
}
