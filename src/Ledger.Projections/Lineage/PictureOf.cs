using Ledger.Domain;

namespace Ledger.Projections.Lineage;

/// <summary>What of a lineage is drawn: every box a person needs, large fans as one.</summary>
internal sealed partial class PictureOf
{
    /// <summary>Lines shown one by one; of more, the largest, the rest as one.</summary>
    private const int LinesMax = 8;

    /// <summary>Records shown beside one line, or beside all of a document's.</summary>
    private const int WorkMax = 8;
    private const int WorkMaxInAll = 20;

    /// <summary>Boxes of one column that is no line's.</summary>
    private const int ColumnMax = 9;

    private readonly LineageReading reading;
    private readonly InvoiceLineage lineage;
    private readonly Dictionary<string, Node> nodes;
    private readonly ILookup<string, LineageEdge> outgoing;
    private readonly ILookup<string, LineageEdge> incoming;
    private readonly List<Box> boxes = [];
    private readonly List<Join> joins = [];
    private readonly HashSet<string> placed = [];
    private readonly HashSet<string> billed = [];
    private readonly HashSet<string> cut;

    private PictureOf(LineageReading reading)
    {
        this.reading = reading;
        lineage = reading.Lineage;
        nodes = lineage.Nodes.ToDictionary(n => n.Stream);
        outgoing = lineage.Edges.ToLookup(e => e.From);
        incoming = lineage.Edges.ToLookup(e => e.To);
        cut = [.. lineage.Cut];
    }

    /// <summary>The whole document.</summary>
    public static Picture Invoice(LineageReading reading)
    {
        var picture = new PictureOf(reading);
        return picture.Draw(reading.Lineage.Lines, whole: true);
    }

    /// <summary>One line of it.</summary>
    public static Picture Line(LineageReading reading, LineLineage line)
    {
        var picture = new PictureOf(reading);
        return picture.Draw([line], whole: false);
    }

    private Picture Draw(Items<LineLineage> lines, bool whole)
    {
        Subject();
        var shown = Largest(lines, LinesMax, l => (l.Remainder != 0m, Math.Abs(AmountOf(l) ?? 0m)));
        var room = Math.Max(2, Math.Min(WorkMax, WorkMaxInAll / Math.Max(1, shown.Count)));
        foreach (var (line, band) in shown.Select((line, band) => (line, band))) Band(line, band, room);
        if (shown.Count < lines.Count) Rest(lines.Except(shown).ToItems(), shown.Count);
        if (whole) Unexplained(shown.Count + 1);
        Projects();
        Terms();
        Documents();
        After();
        return new(
            Title(), Subtitle(lines, whole), Warning(lines, whole), lineage.Stream, boxes, joins, Totals(lines, whole));
    }

    private void Subject()
    {
        var d = lineage.Document;
        var node = nodes[lineage.Stream];
        Put(Box(node, PictureColumn.Invoice, null) with
        {
            Title = Headline(node),
            Amount = d.Net is { } net ? Amount(net) : null,
            Text = new[]
            {
                Describe.Joined(d.IssuedOn is { } on ? $"of {Describe.Date(on)}" : null, Describe.Lower(d.Status)),
                d.Tax is { } tax and not 0m ? $"tax {Amount(tax)}" : null,
                d.Open is { } open and not 0m ? $"open {Amount(open)}" : null,
            }.OfType<string>().ToItems(),
            Look = node.Standing is Standing.Ended ? BoxLook.Ended : BoxLook.Subject,
        });
    }

    private void Band(LineLineage line, int band, int room)
    {
        var node = nodes[line.Stream];
        var edge = incoming[line.Stream].FirstOrDefault(e => e.Rel == "line");
        Put(Box(node, PictureColumn.Line, edge) with
        {
            Title = line.Basis is LineBasis.Derived && line.Description is null ? "Derived line" : Headline(node),
            Amount = AmountOf(line) is { } amount ? Amount(amount) : null,
            Text = Wrapped(line.Description ?? "", 32, 2).Concat(new[]
            {
                line.Quantity is null || line.Price is null
                    ? line.Quantity?.ToString()
                    : $"{line.Quantity} × {line.Price}",
            }.OfType<string>()).Concat(Wrapped(line.Rounding is { } rule ? Describe.Rule(rule) : "", 32, 2)).ToItems(),
            Band = band,
        });
        Join(line.Stream, lineage.Stream, edge);
        var shares = line.Shares;
        var shown = Largest(shares, room, s => (nodes[s.Stream].Standing is Standing.Dangling, Worth(s)));
        var mode = (line.Rounding ?? lineage.Document.Rounding)?.Mode ?? RoundingMode.HalfAwayFromZero;
        foreach (var share in shown) Work(share, line.Stream, band, mode);
        if (shown.Count < shares.Count) Pile(shares.Except(shown).ToItems(), line.Stream, $"{line.Stream}/more", band);
        if (line.Remainder == 0m) return;
        var remainder = $"{line.Stream}/unexplained";
        Put(new(
            remainder, PictureColumn.Work, "Unexplained", Amount(line.Remainder), Wrapped(line.Reason ?? "", 34), null,
            BoxLook.Unexplained, line.Reason ?? "", band));
        joins.Add(new(remainder, line.Stream, EdgeBasis.Ruled, false, line.Reason ?? ""));
    }

    private void Work(Share share, string line, int band, RoundingMode mode)
    {
        var node = nodes[share.Stream];
        billed.Add(share.Stream);
        var edge = outgoing[line].FirstOrDefault(e => e.To == share.Stream);
        var rate = share.Rate is null ? null : share.RateBasis switch
        {
            RateBasis.Card => $"× {share.Rate}, by the card",
            RateBasis.Line => $"× {share.Rate}, by the line",
            _ => share.CardRate is { } card && card != share.Rate ? $"× {share.Rate}, card {card}" : $"× {share.Rate}",
        };
        var who = Describe.Joined(
            Names(share.Stream, Rels.Resource), Names(share.Stream, Rels.Supplier), Names(share.Stream, Rels.Task));
        var what = Describe.Joined(
            share.On is { } on ? Describe.Date(on) : null, share.Quantity?.ToString() ?? Category(node));
        var approval = share.Approval is { } status
            ? Describe.Lower(status) + (share.ApprovedAt is { } at ? $" (#{DecimalText.Write(at)})" : "")
            : node.Standing is Standing.Dangling ? null : "approval not stated";
        if (node.Kind is not ("time" or "expense"))
        {
            what = "";
            approval = Figure(node, "budget") is { } fee ? $"fee {fee}"
                : share.On is { } given ? $"of {Describe.Date(given)}" : null;
        }

        if (Value(node, "billable") == "no") approval = Describe.Joined(approval, "not billable");
        Put(Box(node, PictureColumn.Work, edge) with
        {
            Id = $"{line}/{share.Stream}",
            Title = what.Length == 0 ? Headline(node) : what,
            Amount = share.Amount is { } exact ? Amount(exact.Round(mode)) : null,
            Text = new[] { rate, who, approval }.Where(t => !string.IsNullOrEmpty(t)).OfType<string>().ToItems(),
            Band = band,
        });
        Join($"{line}/{share.Stream}", line, edge);
    }

    /// <summary>The rest of a fan.</summary>
    private void Pile(Items<Share> shares, string line, string id, int band)
    {
        foreach (var share in shares) billed.Add(share.Stream);
        var total = shares.Where(s => s.Amount is not null).Select(s => s.Amount!.Value)
            .Where(a => a.Currency == lineage.Document.Currency)
            .Aggregate(ExactMoney.Zero(lineage.Document.Currency), (sum, a) => sum + a);
        var days = shares.Select(s => s.On).OfType<NodaTime.LocalDate>().Order().ToArray();
        Put(new(
            id, PictureColumn.Work, $"{DecimalText.Write(shares.Count)} more",
            Amount(total.Round(RoundingMode.HalfAwayFromZero)),
            new[]
            {
                Quantities(shares),
                days.Length == 0 ? null : $"{Describe.Date(days[0])} to {Describe.Date(days[^1])}",
                shares.Count(s => cut.Contains(s.Stream)) is var ends and > 0
                    ? $"{DecimalText.Write(ends)} not followed further"
                    : null,
            }.OfType<string>().ToItems(),
            null, BoxLook.Pile, Listed(shares.Select(s => nodes[s.Stream].Label)), band));
        joins.Add(new(id, line, EdgeBasis.Stated, false, $"bills {DecimalText.Write(shares.Count)} more"));
    }

    /// <summary>The lines that are not shown, as one.</summary>
    private void Rest(Items<LineLineage> lines, int band)
    {
        const string Id = "more lines";
        Put(new(
            Id, PictureColumn.Line, $"{DecimalText.Write(lines.Count)} more lines",
            Amount(Sum(lines)),
            lines.Sum(l => l.Remainder) is var left and not 0m ? [$"of it unexplained {Amount(left)}"] : [], null,
            BoxLook.Pile, Listed(lines.Select(l => nodes[l.Stream].Label)), band));
        joins.Add(new(Id, lineage.Stream, EdgeBasis.Stated, false, $"{DecimalText.Write(lines.Count)} more lines"));
        var shares = lines.SelectMany(l => l.Shares).ToItems();
        if (shares.Count > 0) Pile(shares, Id, "more work", band);
    }

    private void Unexplained(int band)
    {
        foreach (var edge in outgoing[lineage.Stream].Where(e => e.Rel is "unexplained" or "adjustment"))
        {
            var node = nodes[edge.To];
            var look = edge.Rel == "unexplained" ? BoxLook.Unexplained : BoxLook.Plain;
            Put(Box(node, PictureColumn.Line, edge) with
            {
                Title = look is BoxLook.Unexplained ? "No line explains" : Headline(node),
                Amount = edge.Amount is { } amount ? Amount(amount) : null,
                Text = look is BoxLook.Unexplained ? Wrapped(Tail(node) ?? "", 32) : Tail(node) is { } why ? [why] : [],
                Look = look,
                Band = band,
            });
            Join(edge.To, lineage.Stream, edge);
        }
    }

    private Box Box(Node node, PictureColumn column, LineageEdge? edge) => new(
        node.Stream, column, node.Label, null, [], Foot(node, edge), LookOf(node), Tip(node, edge))
    {
        Node = node.Stream,
    };

    private void Put(Box box)
    {
        if (placed.Add(box.Id)) boxes.Add(Ending(box));
    }

    /// <summary>A box that says so where the walk went no further.</summary>
    private Box Ending(Box box) => box.Node is { } node && cut.Contains(node)
        ? box with { Text = [.. box.Text, "not followed further"] }
        : box;

    private void Join(string from, string to, LineageEdge? edge)
    {
        if (edge is null || !placed.Contains(from) || !placed.Contains(to)) return;
        if (joins.Any(j => j.From == from && j.To == to)) return;
        joins.Add(new(from, to, edge.Basis, edge.Withdrawn, $"{edge.Rel} · {Event(edge.Position)}"));
    }

    private static decimal Worth(Share share) => Math.Abs(share.Amount?.Sixtieths ?? 0m);

    /// <summary>The largest, in the order they were given.</summary>
    private static Items<T> Largest<T, TKey>(Items<T> items, int max, Func<T, TKey> size)
    {
        if (items.Count <= max) return items;
        var kept = items.Select((item, i) => (item, i)).OrderByDescending(x => size(x.item)).ThenBy(x => x.i)
            .Take(max - 1).OrderBy(x => x.i);
        return kept.Select(x => x.item).ToItems();
    }
}
