using System.Globalization;
using Ledger.Domain;

namespace Ledger.Projections.Lineage;

/// <summary>What boxes and headings say.</summary>
internal sealed partial class PictureOf
{
    private static BoxLook LookOf(Node node) => node.Standing switch
    {
        Standing.Ended => BoxLook.Ended,
        Standing.Dangling => BoxLook.Dangling,
        Standing.Unexplained => BoxLook.Unexplained,
        _ => BoxLook.Plain,
    };

    private static string Foot(Node node, LineageEdge? edge) => edge is null
        ? node.Stream
        : $"#{DecimalText.Write(edge.Position)} · {node.Stream}";

    private string Tip(Node node, LineageEdge? edge) => string.Join("\n", new[]
    {
        node.Label, node.Stream,
        edge is null ? null : $"{edge.Rel}, {Describe.Lower(edge.Basis)}, {Event(edge.Position)}",
        edge?.Note,
    }.Concat(node.Figures.Select(f => $"{f.Name} {f.Value}")).OfType<string>());

    private string Event(long position) => reading.Events.TryGetValue(position, out var e)
        ? $"event {DecimalText.Write(position)}: {e.Type} of {e.Source}, {e.Id}"
        : $"event {DecimalText.Write(position)}";

    /// <summary>A label's first words; the rest stands below them.</summary>
    private static string Headline(Node node)
    {
        var first = node.Label[..EndOfHeadline(node)];
        var said = node.Kind is "project" or "invoice" or "posting" or "payment" ? Describe.Noun(node.Kind) + " " : "";
        return said.Length > 0 && first.StartsWith(said, StringComparison.OrdinalIgnoreCase)
            ? first[said.Length..]
            : first;
    }

    private static string? Tail(Node node) =>
        EndOfHeadline(node) is var end && end < node.Label.Length
            ? node.Label[end..].TrimStart(' ', '·', ':', ',')
            : null;

    /// <summary>Where the first part of a label ends. Names of people, clients and projects are never cut.</summary>
    private static int EndOfHeadline(Node node)
    {
        string[] marks = node.Standing is Standing.Dangling ? [] : node.Kind switch
        {
            "invoice" or "posting" or "payment" => [" of ", " · "],
            "contract" or "amendment" => [", "],
            "rate" => [": "],
            "settlement" => [" by "],
            "line" or "clause" or "cancellation" or "write_off" or "adjustment" or "time" or "expense" => [" · "],
            "unexplained" => [": "],
            _ => [],
        };
        return marks.Select(mark => node.Label.IndexOf(mark, StringComparison.Ordinal)).Where(at => at > 0)
            .DefaultIfEmpty(node.Label.Length).Min();
    }

    /// <summary>What a box of a kind says below its title.</summary>
    private static Items<string?> Kinds(Node node) => node.Kind switch
    {
        "client" => ["client"],
        "contract" => [Tail(node), Value(node, "model")],
        "invoice" => [Describe.Joined(Value(node, "issuedOn"), Value(node, "status"))],
        "project" => [],
        "rate" => [Tail(node)?.Split(", ")[0]],
        "posting" or "payment" => Tail(node)?.Split(" · ").ToItems<string?>() ?? [],
        _ => Wrapped(Tail(node) ?? "", 27, 3).ToItems<string?>(),
    };

    private static string? Category(Node node) => node.Kind == "expense" ? node.Label.Split(" · ")[0] : null;

    private static string? Value(Node node, string figure) => node.Figures.FirstOrDefault(f => f.Name == figure)?.Value;

    private string Names(string stream, string rel) => string.Join(
        ", ", outgoing[stream].Where(e => e.Rel == rel).Select(e => nodes[e.To]).Select(n =>
            n.Kind == "task" && n.Label.StartsWith("Task ", StringComparison.Ordinal) ? n.Label[5..]
                : n.Standing is Standing.Dangling ? Named(n) : n.Label));

    private static string Named(Node dangling) => StreamName.TryParse(dangling.Stream, out var kind, out _, out var id)
        ? $"{Describe.Noun(kind)} {id}"
        : dangling.Stream;

    /// <summary>What lines come to: their amounts, and the work of those that have none, rounded once.</summary>
    private decimal Sum(Items<LineLineage> lines)
    {
        var currency = lineage.Document.Currency;
        var exact = lines.Where(l => l.Net is null).SelectMany(l => l.Shares).Where(s => s.Amount?.Currency == currency)
            .Aggregate(ExactMoney.Zero(currency), (sum, s) => sum + s.Amount!.Value);
        return lines.Sum(l => l.Net ?? 0m) + exact.Round(RoundingMode.HalfAwayFromZero).Amount;
    }

    private static decimal? AmountOf(LineLineage line) => line.Net ?? (line.Shares.Count > 0 ? line.Explained : null);

    private static string? Quantities(Items<Share> shares)
    {
        var sums = shares.Select(s => s.Quantity).OfType<Quantity>().GroupBy(q => q.Unit)
            .OrderBy(g => g.Key.Code, StringComparer.Ordinal)
            .Select(g => new Quantity(g.Sum(q => Figures.Of(q.Value) ?? 0m), g.Key).ToString()).ToArray();
        return sums.Length == 0 ? null : string.Join(" + ", sums);
    }

    private string Title()
    {
        var label = nodes[lineage.Stream].Label;
        var client = outgoing[lineage.Stream].Where(e => e.Rel == Rels.Client).Select(e => nodes[e.To])
            .FirstOrDefault(n => n.Standing is not Standing.Dangling);
        return client is null ? label : $"{label}, to {client.Label}";
    }

    private string Subtitle(Items<LineLineage> lines, bool whole)
    {
        if (whole)
        {
            return lineage.Explained is { } explained
                ? Explained(explained, lineage.Document.Net, lineage.Document.Rounding)
                : "";
        }

        var line = lines[0];
        return $"{nodes[line.Stream].Label}: {Explained(line.Explained, AmountOf(line), line.Rounding)}";
    }

    private string Explained(decimal explained, decimal? of, Rounding? rule) =>
        (of is { } net && Math.Abs(explained) > Math.Abs(net)
            ? $"asks {Amount(net)}, what it bills comes to {Amount(explained)} {lineage.Document.Currency}"
            : $"{Amount(explained)} of {Amount(of ?? 0m)} {lineage.Document.Currency} explained")
        + (rule is null ? "" : $", {Describe.Rule(rule)}");

    private string? Warning(Items<LineLineage> lines, bool whole)
    {
        var left = whole ? lineage.Unexplained : lines.Sum(l => l.Remainder);
        var currency = lineage.Document.Currency;
        var unexplained = left == 0m ? null
            : left > 0m ? $"{Amount(left)} {currency} unexplained"
            : $"{Amount(-left)} {currency} less than it bills";
        if (!lineage.Truncated) return unexplained;
        return Describe.Joined(unexplained, $"cut: {DecimalText.Write(cut.Count)} records not followed further");
    }

    private Dictionary<PictureColumn, string> Totals(Items<LineLineage> lines, bool whole)
    {
        var totals = new Dictionary<PictureColumn, string>();
        var work = Sum(lines);
        totals[PictureColumn.Work] = Amount(work);
        if (whole && lineage.Document.Net is { } net)
            totals[PictureColumn.Line] = totals[PictureColumn.Invoice] = Amount(net);
        else
            totals[PictureColumn.Line] = Amount(work);
        return totals;
    }

    private string Amount(decimal amount) => Amount(new Money(amount, lineage.Document.Currency));

    /// <summary>With thousands parted, and the currency where it is not the document's.</summary>
    private string Amount(Money money)
    {
        var text = money.Text;
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var digits = point < 0 ? 0 : text.Length - point - 1;
        var parted = money.Amount.ToString("N" + DecimalText.Write(digits), CultureInfo.InvariantCulture);
        parted = parted.Replace('-', '−');
        return money.Currency == lineage.Document.Currency ? parted : $"{parted} {money.Currency}";
    }

    /// <summary>A figure of a node as an amount.</summary>
    private string? Figure(Node node, string name)
    {
        if (Value(node, name)?.Split(' ') is not [var digits, var code]) return null;
        return DecimalText.TryRead(digits, out var amount) && Currency.TryOf(code.Split('/')[0], out var currency)
            ? Amount(new Money(amount, currency))
            : null;
    }

    private static string Listed(IEnumerable<string> labels)
    {
        var first = labels.Take(21).ToArray();
        return string.Join("\n", first.Length > 20 ? first[..20].Append("…") : first);
    }

    /// <summary>A text in lines of about so many characters.</summary>
    private static Items<string> Wrapped(string text, int width, int max = 4)
    {
        if (text.Length == 0) return [];
        var lines = new List<string> { "" };
        foreach (var word in text.Split(' '))
        {
            if (lines[^1].Length > 0 && lines[^1].Length + word.Length >= width) lines.Add("");
            lines[^1] = lines[^1].Length == 0 ? word : $"{lines[^1]} {word}";
        }

        return lines.Count <= max ? lines.ToItems() : [.. lines.Take(max - 1), lines[max - 1] + " …"];
    }
}
