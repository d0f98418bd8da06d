using System.Text;

namespace Ledger.Projections.Lineage;

/// <summary>A lineage as a picture for people: what the money rests on to the left, what became of it to the right.
/// Complete in itself: no script, no style sheet, no font of its own; legible in black and white.</summary>
public static class LineageSvg
{
    /// <summary>The whole document; large fans as one box with their count and total.</summary>
    /// <param name="link">The address a box leads to, by its node; null = nowhere.</param>
    public static string Invoice(LineageReading reading, Func<string, string?>? link = null) =>
        Write(PictureOf.Invoice(reading), link);

    /// <summary>One line of it.</summary>
    /// <param name="line">The line's node, or its id.</param>
    /// <param name="link">The address a box leads to, by its node; null = nowhere.</param>
    /// <returns>Null where the document has no such line.</returns>
    public static string? Line(LineageReading reading, string line, Func<string, string?>? link = null) =>
        reading.Lineage.Lines.FirstOrDefault(l => l.Stream == line || l.Line == line) is { } found
            ? Write(PictureOf.Line(reading, found), link)
            : null;

    /// <summary>The whole document now, with what is different since another time: what is new, what changed and from
    /// what, and what is gone, told in words and lines, not by colour alone.</summary>
    /// <param name="words">Since when, for the heading: "since it was issued, as the ledger knew it then".</param>
    /// <param name="link">The address a box leads to, by its node; null = nowhere.</param>
    public static string Since(
        LineageReading now, LineageThen then, string words, Func<string, string?>? link = null) =>
        Write(PictureSince.Of(now, then, words), link);

    /// <summary>Titles are 12 wide, and bold runs wider.</summary>
    private const decimal Bold = 12.9m;

    private const string Ink = "#1c2430";
    private const string Soft = "#5b6675";
    private const string Faint = "#8a94a2";
    private const string Rule = "#d5dae1";
    private const string Wire = "#9aa5b4";
    private const string Rust = "#8f3b12";

    private const string ByRule = "5 3";
    private const string Withdrawn = "1 4";
    private const string Gone = "8 3 1 3";

    private static string Write(Picture picture, Func<string, string?>? link)
    {
        var layout = new PictureLayout(picture);
        var footing = layout.Bottom + 16;
        var height = footing + 74;
        var svg = new StringBuilder();
        // To whoever does not see it, an image is one thing; what has links in it is not.
        var role = link is null ? "img" : "group";
        Put(svg, $"""<svg xmlns="http://www.w3.org/2000/svg" width="{layout.Width}" height="{height}" """);
        Put(svg, $"""viewBox="0 0 {layout.Width} {height}" role="{role}" font-size="12" fill="{Ink}" """);
        Put(svg, $"""font-family="'Helvetica Neue', Helvetica, Arial, sans-serif" """);
        Put(svg, $"""style="font-variant-numeric:tabular-nums"><title>{Escape(picture.Title)}</title>""");
        Put(svg, $"""<rect width="{layout.Width}" height="{height}" fill="#fff"/>""" + "\n");
        Heading(svg, picture, layout);
        svg.Append("<g fill=\"none\" stroke-linecap=\"round\">\n");
        foreach (var join in picture.Joins) Join(svg, picture, layout, join);
        svg.Append("</g>\n");
        foreach (var box in picture.Boxes)
        {
            var address = box.Node is { } node ? link?.Invoke(node) : null;
            if (address is not null) svg.Append("<a href=\"").Append(Escape(address)).Append("\">");
            Box(svg, layout, box);
            if (address is not null) svg.Append("</a>\n");
        }

        Footing(svg, picture, layout, footing);
        svg.Append("</svg>\n");
        return svg.ToString();
    }

    private static void Heading(StringBuilder svg, Picture picture, PictureLayout layout)
    {
        const int X = PictureLayout.Margin;
        Text(svg, X, 36, Fitted(picture.Title, layout.Width - 2 * X, 18m), "font-size=\"18\" font-weight=\"600\"");
        var subtitle = Fitted(picture.Subtitle, layout.Width - 2 * X, 12.5m);
        Text(svg, X, 57, subtitle, $"font-size=\"12.5\" fill=\"{Soft}\"");
        if (picture.Warning is { } warning)
        {
            Text(
                svg, layout.Width - X, 36, warning,
                $"font-size=\"14\" font-weight=\"600\" text-anchor=\"end\" fill=\"{Rust}\"");
        }

        foreach (var (column, name) in PictureLayout.Columns)
        {
            var (x, width) = layout.ColumnOf(column);
            Text(svg, x, 88, Fitted(name, width, 11m), $"font-size=\"11\" fill=\"{Soft}\"");
            Line(svg, x, 95, x + width, 95, Rule);
            if (picture.Boxes.All(b => b.Column != column))
                Text(svg, x, PictureLayout.Top + 14, "none stated", $"font-size=\"11\" fill=\"{Faint}\"");
        }
    }

    private static void Join(StringBuilder svg, Picture picture, PictureLayout layout, Join join)
    {
        var (from, to) = (picture.Boxes.First(b => b.Id == join.From), picture.Boxes.First(b => b.Id == join.To));
        var (a, b) = (layout.PlaceOf(from), layout.PlaceOf(to));
        var left = from.Look is BoxLook.Unexplained;
        var stroke = left ? Rust : Wire;
        var dash = Dashed(join.Mark is BoxMark.Went ? Gone : join.Withdrawn ? Withdrawn
            : join.Basis is EdgeBasis.Ruled ? ByRule : "");
        var width = join.Mark is BoxMark.Came ? "2.6" : "1.3";
        var tip = Escape(join.Mark is BoxMark.None ? join.Tip : $"{Named(join.Mark)}: {join.Tip}");
        var pen = $"""stroke="{stroke}" stroke-width="{width}"{dash}><title>{tip}</title></path>""" + "\n";
        if (from.Column == to.Column)
        {
            var (upper, lower) = a.Y <= b.Y ? (a, b) : (b, a);
            var x = upper.X + 16;
            Put(svg, $"""<path d="M{x} {upper.Y + upper.Height}V{lower.Y}" {pen}""");
            return;
        }

        var (x1, y1, x2, y2) = (a.X + a.Width, a.Y + a.Height / 2, b.X, b.Y + b.Height / 2);
        var middle = (x1 + x2) / 2;
        Put(svg, $"""<path d="M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}" {pen}""");
    }

    private static void Box(StringBuilder svg, PictureLayout layout, Box box)
    {
        var (x, y, width, height) = layout.PlaceOf(box);
        var (fill, stroke, pen, dash) = box.Look switch
        {
            BoxLook.Subject => ("#f3f6fa", "#3c4a5e", "1.6", ""),
            BoxLook.Unexplained => ("#fdf6f0", Rust, "1.3", "6 3"),
            BoxLook.Dangling => ("#fff", "#8a94a2", "1", "2 3"),
            BoxLook.Ended => ("#fafafa", "#b9c1cc", "1", ""),
            _ => ("#fff", "#b4bdc9", "1", ""),
        };
        if (box.Mark is BoxMark.Came or BoxMark.Changed) pen = "2.6";
        if (box.Mark is BoxMark.Went) dash = Gone;
        svg.Append("<g>").Append("<title>").Append(Escape(box.Tip)).Append("</title>");
        if (box.Look is BoxLook.Pile)
        {
            foreach (var off in new[] { 6, 3 })
                Rectangle(svg, x + off, y + off, width - 6, height - 6, "#fff", stroke, pen, "");
            (width, height) = (width - 6, height - 6);
        }

        Rectangle(svg, x, y, width, height, fill, stroke, pen, dash);
        var ended = box.Look is BoxLook.Ended ? $" text-decoration=\"line-through\" fill=\"{Soft}\"" : "";
        var weight = box.Look is BoxLook.Dangling ? "font-style=\"italic\"" : "font-weight=\"600\"";
        var ink = box.Look is BoxLook.Unexplained ? $" fill=\"{Rust}\"" : "";
        var amount = box.Amount is null ? 0 : TypeWidth.Of(box.Amount, Bold) + 8;
        Text(svg, x + 10, y + 18, Fitted(box.Title, width - 20 - amount, Bold), weight + ended + ink);
        if (box.Amount is { } figure)
            Text(svg, x + width - 10, y + 18, figure, $"text-anchor=\"end\" font-weight=\"600\"{ended}{ink}");
        var at = y + 18;
        if (box.More is { } more)
        {
            at += PictureLayout.LineHeight;
            Text(svg, x + 10, at, Fitted(more, width - 20, Bold), weight + ended + ink);
        }

        if (box.Mark is not BoxMark.None)
        {
            at += PictureLayout.LineHeight;
            Text(svg, x + 10, at, Named(box.Mark), "font-size=\"11\" font-weight=\"700\"");
        }

        foreach (var line in box.Text)
        {
            at += PictureLayout.LineHeight;
            Text(svg, x + 10, at, Fitted(line, width - 20, 11m), $"font-size=\"11\" fill=\"{Soft}\"");
        }

        if (box.Foot is { } foot)
            Text(svg, x + 10, at + 13, Fitted(foot, width - 20, 9.5m), $"font-size=\"9.5\" fill=\"{Faint}\"");
        svg.Append("</g>\n");
    }

    private static void Footing(StringBuilder svg, Picture picture, PictureLayout layout, int y)
    {
        foreach (var (column, total) in picture.Totals.OrderBy(t => t.Key))
        {
            var (x, width) = layout.ColumnOf(column);
            Line(svg, x, y, x + width, y, "#3c4a5e");
            Text(svg, x + 10, y + 17, "Total", $"font-size=\"11\" fill=\"{Soft}\"");
            Text(svg, x + width - 10, y + 17, total, "text-anchor=\"end\" font-weight=\"600\"");
        }

        var legend = y + 52;
        var at = PictureLayout.Margin;
        (string Dash, string Width, string Name)[] lines =
        [
            ("", "1.3", "stated by a source"), (ByRule, "1.3", "by rule"), (Withdrawn, "1.3", "withdrawn"),
        ];
        if (picture.IsCompared) lines = [.. lines, ("", "2.6", "new or changed"), (Gone, "1.3", "gone")];
        foreach (var (dash, width, name) in lines)
        {
            Put(svg, $"""<path d="M{at} {legend - 4}h28" stroke="{Wire}" stroke-width="{width}"{Dashed(dash)}/>""");
            Text(svg, at + 36, legend, name, $"font-size=\"10.5\" fill=\"{Soft}\"");
            at += 54 + (int)TypeWidth.Of(name, 10.5m);
        }

        var key = $"Struck through: cancelled or taken back{(picture.IsCompared ? ", or gone" : "")}.  Dotted frame: "
            + "referred to, not in the ledger.  #n: the event that says so.";
        Text(svg, at, legend, key, $"font-size=\"10.5\" fill=\"{Soft}\"");
    }

    private static string Named(BoxMark mark) => mark switch
    {
        BoxMark.Came => "+ NEW",
        BoxMark.Went => "− GONE",
        BoxMark.Changed => "~ CHANGED",
        _ => "",
    };

    private static void Rectangle(
        StringBuilder svg, int x, int y, int width, int height, string fill, string stroke, string pen, string dash)
    {
        Put(svg, $"""<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="4" fill="{fill}" """);
        Put(svg, $"""stroke="{stroke}" stroke-width="{pen}"{Dashed(dash)}/>""");
    }

    private static void Line(StringBuilder svg, int x1, int y1, int x2, int y2, string stroke) =>
        Put(svg, $"""<path d="M{x1} {y1}L{x2} {y2}" stroke="{stroke}"/>""" + "\n");

    private static void Put(StringBuilder svg, string text) => svg.Append(text);

    private static string Dashed(string dash) => dash.Length == 0 ? "" : $" stroke-dasharray=\"{dash}\"";

    private static void Text(StringBuilder svg, int x, int y, string text, string attributes)
    {
        if (text.Length == 0) return;
        Put(svg, $"""<text x="{x}" y="{y}" {attributes}>{Escape(text)}</text>""");
    }

    /// <summary>The text, cut where it would leave its box.</summary>
    private static string Fitted(string text, decimal width, decimal size)
    {
        if (TypeWidth.Of(text, size) <= width) return text;
        var room = width - TypeWidth.Of("…", size);
        var (used, cut) = (0m, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            used += TypeWidth.Of(rune, size);
            if (used > room) break;
            cut += rune.Utf16SequenceLength;
        }

        return text[..cut].TrimEnd() + "…";
    }

    /// <summary>Text as XML: markup escaped, and what XML 1.0 cannot hold left out.</summary>
    private static string Escape(string text)
    {
        var safe = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '<' => safe.Append("&lt;"),
                '>' => safe.Append("&gt;"),
                '&' => safe.Append("&amp;"),
                '"' => safe.Append("&quot;"),
                '\'' => safe.Append("&#39;"),
                '\n' => safe.Append("&#10;"),
                < 0x20 or 0xFFFE or 0xFFFF => safe,
                _ => safe.Append(rune.ToString()),
            };
        }

        return safe.ToString();
    }
}

/// <summary>About how wide a text is in a sans-serif face: wide enough that what is said to fit does.</summary>
internal static class TypeWidth
{
    public static decimal Of(string text, decimal size) => text.EnumerateRunes().Sum(r => Of(r, size));

    public static decimal Of(Rune rune, decimal size) => size * rune.Value switch
    {
        'i' or 'j' or 'l' or '\'' or '|' => 0.28m,
        ' ' or '.' or ',' or ':' or ';' or '!' or 'I' or '/' or '·' => 0.32m,
        'f' or 't' or 'r' or '(' or ')' or '-' => 0.40m,
        'm' or 'w' or 'M' or 'W' or '%' or '…' => 0.98m,
        >= 'A' and <= 'Z' or '#' or '&' or '+' or '=' or '×' => 0.72m,
        < 0x2000 => 0.59m,
        _ => 1.05m,
    };
}
