namespace Ledger.Projections.Lineage;

/// <summary>Where each box stands, in units of one at the natural size.</summary>
internal sealed class PictureLayout
{
    public const int Margin = 28;
    public const int Top = 112;
    public const int LineHeight = 14;

    private const int Gap = 30;
    private const int BoxGap = 10;
    private const int BandGap = 18;

    private static readonly (PictureColumn Column, string Name, int Width)[] All =
    [
        (PictureColumn.Terms, "Client and terms", 186), (PictureColumn.Project, "Project", 172),
        (PictureColumn.Work, "Work and cost", 216), (PictureColumn.Line, "Line", 208),
        (PictureColumn.Invoice, "Invoice", 200), (PictureColumn.Posting, "Posting", 192),
        (PictureColumn.Payment, "Payment and credit", 186),
    ];

    private const int EmptyWidth = 108;

    private readonly Dictionary<string, (int Y, int Height)> places = [];
    private readonly Dictionary<PictureColumn, (int X, int Width)> columns = [];
    private readonly Picture picture;

    public PictureLayout(Picture picture)
    {
        this.picture = picture;
        var x = Margin;
        foreach (var (column, _, full) in All)
        {
            var width = picture.Boxes.Any(b => b.Column == column) ? full : EmptyWidth;
            columns[column] = (x, width);
            x += width + Gap;
        }

        Width = x - Gap + Margin;
        Bands();
        Sides();
        Settle();
    }

    public int Width { get; }

    /// <summary>Lowest edge of any box.</summary>
    public int Bottom { get; private set; }

    public static IEnumerable<(PictureColumn Column, string Name)> Columns => All.Select(c => (c.Column, c.Name));

    public (int X, int Width) ColumnOf(PictureColumn column) => columns[column];

    public (int X, int Y, int Width, int Height) PlaceOf(Box box)
    {
        var (x, width) = columns[box.Column];
        var (y, height) = places[box.Id];
        return (x, y, width, height);
    }

    private static int HeightOf(Box box) =>
        26 + LineHeight * (box.Text.Count + (box.More is null ? 0 : 1)) + (box.Foot is null ? 0 : 13)
        + (box.Look is BoxLook.Pile ? 8 : 0) + (box.Mark is BoxMark.None ? 0 : LineHeight);

    /// <summary>Each line beside what it bills, one band under the other.</summary>
    private void Bands()
    {
        var y = 0;
        foreach (var band in picture.Boxes.Where(b => b.Band >= 0).GroupBy(b => b.Band).OrderBy(g => g.Key))
        {
            var work = band.Where(b => b.Column is PictureColumn.Work).ToArray();
            var line = band.Where(b => b.Column is PictureColumn.Line).ToArray();
            var height = Math.Max(Stacked(work), Stacked(line));
            Stack(work, y + height / 2);
            Stack(line, y + height / 2);
            y += height + BandGap;
        }

        Bottom = Math.Max(0, y - BandGap);
    }

    private void Sides()
    {
        var middle = Bottom / 2;
        Stack(In(PictureColumn.Invoice), middle);
        var centre = Middle(picture.Subject);
        var (postings, payments) = (In(PictureColumn.Posting), In(PictureColumn.Payment));
        if (payments.Length == 0) Stack(postings, centre);
        else Stack(postings, centre - BoxGap - Stacked(postings) / 2);
        if (postings.Length == 0) Stack(payments, centre);
        else Stack(payments, centre + BoxGap + Stacked(payments) / 2);
        Near(PictureColumn.Project, middle);
        var projects = In(PictureColumn.Project).Select(p => Middle(p.Id)).DefaultIfEmpty(middle);
        Stack(In(PictureColumn.Terms), (int)projects.Average());
    }

    /// <summary>Each box level with the middle of what it is joined to, pushed down where two would overlap.</summary>
    private void Near(PictureColumn column, int otherwise)
    {
        var wanted = In(column).Select(box => (Box: box, Middle: MiddleOf(box, otherwise))).OrderBy(w => w.Middle)
            .ToArray();
        var free = int.MinValue;
        foreach (var (box, middle) in wanted)
        {
            var height = HeightOf(box);
            var y = Math.Max(free, middle - height / 2);
            places[box.Id] = (y, height);
            free = y + height + BoxGap;
        }
    }

    private int MiddleOf(Box box, int otherwise)
    {
        var joined = picture.Joins.Where(j => j.From == box.Id && places.ContainsKey(j.To)).Select(j => Middle(j.To));
        return (int)joined.DefaultIfEmpty(otherwise).Average();
    }

    private int Middle(string box) => places[box].Y + places[box].Height / 2;

    private Box[] In(PictureColumn column) => picture.Boxes.Where(b => b.Column == column && b.Band < 0).ToArray();

    private static int Stacked(Box[] boxes) => boxes.Sum(HeightOf) + BoxGap * Math.Max(0, boxes.Length - 1);

    private void Stack(Box[] boxes, int middle)
    {
        var y = middle - Stacked(boxes) / 2;
        foreach (var box in boxes)
        {
            places[box.Id] = (y, HeightOf(box));
            y += HeightOf(box) + BoxGap;
        }
    }

    /// <summary>Moves all so that the highest begins below the headings.</summary>
    private void Settle()
    {
        if (places.Count == 0) return;
        var up = Top - places.Values.Min(p => p.Y);
        foreach (var id in places.Keys.ToArray()) places[id] = (places[id].Y + up, places[id].Height);
        Bottom = places.Values.Max(p => p.Y + p.Height);
    }
}
