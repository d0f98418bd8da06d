using Ledger.Domain;

namespace Ledger.Projections.Lineage;

/// <summary>A document's picture with what is different since another time: what came is marked, what changed says from
/// what to what, and what went is drawn once more beside it.</summary>
internal sealed class PictureSince
{
    /// <summary>So many differences are told within a box.</summary>
    private const int ToldMax = 3;

    private readonly Picture now, then;
    private readonly LineageThen since;
    private readonly Dictionary<string, NodeChange> nodes = [];
    private readonly Dictionary<string, LineChange> lines = [];
    private readonly Dictionary<(string Line, string Stream), ShareChange> shares = [];
    private readonly Dictionary<string, string> later = [];

    private PictureSince(LineageReading reading, LineageThen since)
    {
        this.since = since;
        (now, then) = (PictureOf.Invoice(reading), PictureOf.Invoice(since.Reading));
        var difference = since.Difference;
        foreach (var change in difference.Nodes)
        {
            nodes.TryAdd(change.Node.Stream, change);
            if (change is { Before: { } before, After: { } after } && before.Stream != after.Stream)
                later.TryAdd(before.Stream, after.Stream);
        }

        foreach (var line in difference.Lines)
        {
            if (line is { Before: { } before, After: { } after }) later.TryAdd(before.Stream, after.Stream);
            var node = (line.After ?? line.Before)!.Stream;
            lines.TryAdd(node, line);
            foreach (var share in line.Shares) shares.TryAdd((node, share.Stream), share);
        }
    }

    /// <param name="words">Since when, for the heading.</param>
    public static Picture Of(LineageReading now, LineageThen then, string words)
    {
        var drawing = new PictureSince(now, then);
        var boxes = drawing.now.Boxes.Select(drawing.Marked).ToList();
        var (ghosts, joins) = drawing.Gone(boxes);
        boxes.AddRange(ghosts);
        var counts = new[] { (BoxMark.Came, "new"), (BoxMark.Changed, "changed"), (BoxMark.Went, "gone") }
            .Select(m => (Count: boxes.Count(b => b.Mark == m.Item1), m.Item2)).Where(m => m.Count > 0)
            .Select(m => $"{DecimalText.Write(m.Count)} {m.Item2}").ToArray();
        return drawing.now with
        {
            Subtitle = counts.Length == 0 ? $"{words}: nothing is different" : $"{words}: {string.Join(", ", counts)}",
            Boxes = boxes,
            Joins = [.. drawing.now.Joins.Select(j => drawing.Marked(j, boxes)), .. joins],
            IsCompared = true,
        };
    }

    private Box Marked(Box box)
    {
        var (mark, told) = Change(box);
        if (mark is BoxMark.None) return box;
        var shown = told.Count > ToldMax
            ? [.. told.Take(ToldMax - 1), $"and {DecimalText.Write(told.Count - ToldMax + 1)} more"]
            : told;
        return box with
        {
            Mark = mark, Text = [.. box.Text, .. shown],
            Tip = told.Count == 0 ? box.Tip : $"{box.Tip}\n{string.Join("\n", told)}",
        };
    }

    private (BoxMark Mark, Items<string> Told) Change(Box box)
    {
        if (box.Node is not { } node) return (BoxMark.None, []);
        if (node == now.Subject)
            return since.Difference.Document.Count == 0
                ? (BoxMark.None, [])
                : (BoxMark.Changed, since.Difference.Document.Select(Told).ToItems());
        if (LineOf(box) is { } line && shares.TryGetValue((line, node), out var share))
            return (MarkOf(share.Change), Told(share));
        if (lines.TryGetValue(node, out var changed)) return (MarkOf(changed.Change), Told(changed));
        return nodes.TryGetValue(node, out var change)
            ? (MarkOf(change.Change), change.Figures.Select(Told).ToItems())
            : (BoxMark.None, []);
    }

    /// <summary>The line beside which a piece of work stands; null for any other box.</summary>
    private static string? LineOf(Box box) =>
        box.Column is PictureColumn.Work && box.Node is { } node && box.Id.Length > node.Length
            ? box.Id[..^(node.Length + 1)]
            : null;

    /// <summary>What stood in the other picture and stands in this one no more, with what joined it.</summary>
    private (List<Box> Boxes, List<Join> Joins) Gone(List<Box> drawn)
    {
        var ids = drawn.Select(b => b.Id).ToHashSet();
        var places = new Dictionary<string, string>();
        List<Box> ghosts = [];
        // A line that is gone stands below the others, with its work.
        var bands = drawn.Where(b => b.Band >= 0 && b.Column is PictureColumn.Line)
            .ToDictionary(b => b.Id, b => b.Band);
        var free = drawn.Select(b => b.Band).DefaultIfEmpty(-1).Max() + 1;
        foreach (var box in then.Boxes)
        {
            var id = Later(box);
            places[box.Id] = id;
            if (ids.Contains(id) || !IsGone(box)) continue;
            ghosts.Add(box with
            {
                Id = id, Mark = BoxMark.Went, Look = BoxLook.Ended, Text = box.Text.Take(ToldMax).ToItems(),
                Band = box.Band < 0 ? -1 : BandOf(box),
            });
            ids.Add(id);
        }

        var known = now.Joins.Select(j => (j.From, j.To)).ToHashSet();
        var joins = then.Joins.Where(j => places.ContainsKey(j.From) && places.ContainsKey(j.To))
            .Select(j => j with { From = places[j.From], To = places[j.To], Mark = BoxMark.Went })
            .Where(j => ids.Contains(j.From) && ids.Contains(j.To) && !known.Contains((j.From, j.To))).ToList();
        return (ghosts, joins);

        int BandOf(Box box)
        {
            var line = LineOf(box) ?? box.Id;
            var id = later.GetValueOrDefault(line, line);
            if (!bands.TryGetValue(id, out var band)) bands.Add(id, band = free++);
            return band;
        }
    }

    private bool IsGone(Box box)
    {
        if (box.Node is not { } node) return false;
        if (LineOf(box) is { } line && shares.TryGetValue(
            (later.GetValueOrDefault(line, line), later.GetValueOrDefault(node, node)), out var share))
            return share.Change is Lineage.Change.Went;
        return (lines.TryGetValue(node, out var changed) && changed.Change is Lineage.Change.Went)
            || (nodes.TryGetValue(node, out var change) && change.Change is Lineage.Change.Went);
    }

    private string Later(Box box) => LineOf(box) is { } line
        ? $"{later.GetValueOrDefault(line, line)}/{later.GetValueOrDefault(box.Node!, box.Node!)}"
        : later.GetValueOrDefault(box.Id, box.Id);

    private Join Marked(Join join, List<Box> drawn)
    {
        var (from, to) = (drawn.Find(b => b.Id == join.From)?.Node, drawn.Find(b => b.Id == join.To)?.Node);
        var came = since.Difference.Edges.Any(c => c.Change is Lineage.Change.Came
            && ((c.Edge.From == from && c.Edge.To == to) || (c.Edge.From == to && c.Edge.To == from)));
        return came ? join with { Mark = BoxMark.Came } : join;
    }

    private static BoxMark MarkOf(Change change) => change switch
    {
        Lineage.Change.Came => BoxMark.Came,
        Lineage.Change.Went => BoxMark.Went,
        Lineage.Change.Changed => BoxMark.Changed,
        _ => throw new System.Diagnostics.UnreachableException($"no mark for {change}"),
    };

    private static string Told(FigureChange figure) => Said(figure.Name, figure.Before, figure.After);

    private static Items<string> Told(LineChange line) => line is not { Before: { } before, After: { } after }
        ? []
        : new[]
        {
            Differs("net", before.Net, after.Net), Differs("explained", before.Explained, after.Explained),
            Differs("remainder", before.Remainder, after.Remainder),
        }.OfType<string>().ToItems();

    private static Items<string> Told(ShareChange share) => share is not { Before: { } before, After: { } after }
        ? []
        : new[]
        {
            Differs("", before.Quantity?.ToString(), after.Quantity?.ToString()),
            Differs("price", before.Rate?.ToString(), after.Rate?.ToString()),
            Differs(
                "worth", before.Amount?.Round(RoundingMode.HalfAwayFromZero).ToString(),
                after.Amount?.Round(RoundingMode.HalfAwayFromZero).ToString()),
            before.Approval == after.Approval ? null : Said("approval", Lower(before), Lower(after)),
        }.OfType<string>().ToItems();

    private static string? Lower(Share share) => share.Approval is { } approval ? Describe.Lower(approval) : null;

    private static string? Differs(string name, decimal? before, decimal? after) => before == after ? null
        : Said(name, Written(before), Written(after));

    private static string? Written(decimal? amount) => amount is { } known ? DecimalText.Write(known) : null;

    private static string? Differs(string name, string? before, string? after) =>
        before == after ? null : Said(name, before, after);

    private static string Said(string name, string? before, string? after) =>
        $"{name} {before ?? "none"} → {after ?? "none"}".TrimStart();
}
