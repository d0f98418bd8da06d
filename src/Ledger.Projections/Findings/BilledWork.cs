using Ledger.Domain;
using Ledger.Projections.Lineage;

namespace Ledger.Projections.Findings;

/// <summary>A piece of work, what bills it, and what of that was given back: pure.</summary>
internal sealed class BilledWork
{
    private readonly World world;
    private readonly string id;
    private readonly string? part;
    private readonly Measure measure;
    private readonly Ask[] asks;
    private readonly BillingDocuments documents;
    private (CoverageEdge By, Ask[] Of, decimal Excess)? overGiven;

    /// <param name="alone">Whether what was credited matters of a thing that is billed once, too.</param>
    /// <param name="of">Of what there is; null = as the work says it.</param>
    private BilledWork(
        World world, ComposedEntity target, CoverageEdge[] bills, BillingDocuments documents, bool alone = false,
        string? part = null, Measure? of = null)
    {
        (this.world, this.documents, id, this.part) = (world, documents, target.Entity.Id, part);
        var given = Array.FindAll(bills, GivesBack);
        var asking = bills.Except(given).ToArray();
        measure = of ?? Measure.Of(target, asking);
        asks = measure.IsReckoned ? Array.ConvertAll(asking, bill => new Ask(bill, measure)) : [];
        if (asks.Length == 0 || (bills.Length == 1 && !alone)) return;
        foreach (var (back, tied) in given.Select(g => (g, TiedTo(g))).OrderBy(g => g.Item2.Length == 0))
            Give(back, tied);
        foreach (var ask in asks) Release(ask);
    }

    /// <param name="into">What covers it, of whichever standing.</param>
    public static IEnumerable<Finding> Findings(World world, ComposedEntity target, IReadOnlyList<CoverageEdge> into)
    {
        var bills = CoverFindings.InOrder(world, into.Where(c => c is { Live: true, Rel: Rels.Bills })).ToArray();
        // Nearly all is billed once; only where it is not, does it matter what was credited.
        if (bills.Length == 0 || (bills.Length == 1 && !Measure.Of(target, bills).IsExceededBy(bills[0]))) return [];
        return new BilledWork(world, target, bills, new(world)).Findings(Codes.HourBilledTwice);
    }

    /// <summary>The same of a fee.</summary>
    /// <param name="part">Of the contract; null of a milestone.</param>
    /// <param name="bills">Live ones.</param>
    public static IEnumerable<Finding> OfFee(
        World world, ComposedEntity target, string? part, CoverageEdge[] bills, BillingDocuments documents,
        Measure measure) =>
        new BilledWork(world, target, bills, documents, part: part, of: measure).Findings(Codes.FeeBilledTwice);

    /// <summary>What live documents bill of it, as far as nobody gave it back: in its own unit or in money; neither
    /// where it is told of the whole.</summary>
    /// <param name="into">What covers it, of whichever standing.</param>
    /// <param name="share">What it is worth, where it is a share of something else; null = as it says itself.</param>
    public static IEnumerable<(CoverageEdge Bill, Quantity? Quantity, decimal? Amount)> Standing(
        World world, ComposedEntity target, IEnumerable<CoverageEdge> into, Money? share = null) =>
        Parts(world, target, into, new(world), share).Where(p => p.Share > 0m)
            .Select(p => (p.Bill, p.Quantity, p.Amount));

    /// <summary>How much stands of each bill of it by a live document, those that give it back among them.</summary>
    /// <param name="into">What covers it, of whichever standing.</param>
    public static IReadOnlyList<StandingBill> Parts(
        World world, ComposedEntity target, IEnumerable<CoverageEdge> into, BillingDocuments documents,
        Money? share = null)
    {
        var bills = into.Where(c => c is { Live: true, Rel: Rels.Bills }).OrderBy(c => c.Position)
            .ThenBy(c => c.FromStream, StringComparer.Ordinal).ThenBy(c => c.FromPart, StringComparer.Ordinal)
            .ToArray();
        if (bills.Length == 0) return [];
        var inParts = BilledFees.InParts(target, bills, share);
        var work = new BilledWork(world, target, bills, documents, alone: true, of: inParts);
        return Array.ConvertAll(bills, work.PartOf);
    }

    private StandingBill PartOf(CoverageEdge bill)
    {
        if (GivesBack(bill)) return new(bill, 0m, null, null);
        if (!measure.IsReckoned) return new(bill, 1m, null, null);
        // A line that names it twice bills it once.
        if (Array.Find(asks, a => ReferenceEquals(a.Bill, bill)) is not { } ask) return new(bill, 0m, null, null);
        if (ask.Left <= measure.Tolerance && ask.Left != ask.Size) return new(bill, 0m, null, null);
        return new(
            bill, ask.Left == ask.Size ? 1m : ask.Left / ask.Size,
            measure.Unit is { } unit ? new Quantity(ask.Left, unit) : null, measure.IsMoney ? ask.Left : null);
    }

    private string Name => Describe.Address(id, part);

    private IEnumerable<Finding> Findings(string twice) =>
        new[] { Excess(twice), OverCredited() }.OfType<Finding>();

    private Finding? Excess(string twice)
    {
        var left = Array.FindAll(asks, a => a.Left > measure.Tolerance || a.Left == a.Size);
        if (left.Length == 0) return null;
        var billedOn = left.Select(a => a.Bill.FromEntity).Distinct().Count();
        var over = Array.TrueForAll(left, a => a.IsSaid || a.Left < a.Size)
            ? left.Sum(a => a.Left) - measure.Whole
            : null;
        // The same part of a document twice is one line that names it twice; two lines may be two prices of one hour.
        if (over is { } by ? by <= measure.Tolerance : billedOn < 2) return null;
        var words = over is { } more ? $", {measure.Words(more)} too much" : "";
        var last = left[^1].Bill;
        return new(
            billedOn > 1 ? twice : Codes.OverCovered, id, last.FromStream, last.FromPart,
            last.Position,
            billedOn > 1
                ? $"{Name} is billed on {Joined(" and on ", left.Select(a => a.Bill))}{words}."
                : $"{Joined(" and ", left.Select(a => a.Bill))} bill more of {Name} than there is{words}.",
            over is { } excess
                ? [
                    new("there", measure.Words(measure.Whole!.Value)),
                    new("billed", measure.Words(measure.Whole.Value + excess)),
                ]
                : []);
    }

    private Finding? OverCredited()
    {
        if (overGiven is not (var by, var of, var excess)) return null;
        var givers = CoverFindings.InOrder(world, of.SelectMany(a => a.Givers).Append(by).Distinct());
        var there = of.Sum(a => a.Size);
        return new(
            Codes.OverCovered, id, by.FromStream, by.FromPart, by.Position,
            $"{Name} is credited by {Joined(" and ", givers)}, "
                + (measure.Whole is null ? "" : $"{measure.Words(excess)} ") + "more than was billed.",
            measure.Whole is null
                ? [new(Rels.Credits, Joined(", ", givers))]
                : [new("there", measure.Words(there)), new(Rels.Credits, measure.Words(there + excess))]);
    }

    /// <summary>Gives back what a credit note's line names: of what it credits, else of what was billed first.
    /// </summary>
    private void Give(CoverageEdge back, Ask[] tied)
    {
        var of = tied.Length > 0 ? tied : asks;
        var open = Array.FindAll(of, a => a.Left > 0m);
        var rest = measure.Size(back) is { } said ? Math.Abs(said) : (decimal?)null;
        foreach (var ask in open)
        {
            var taken = Math.Min(ask.Left, rest ?? ask.Left);
            if (taken == 0m) continue;
            ask.Left -= taken;
            ask.Givers.Add(back);
            rest -= taken;
            if (rest is null && tied.Length == 0) break;
        }

        // All of it a second time; two lines of one note may each give back one price of it.
        if (rest is null && open.Length == 0
            && of.Any(a => a.Givers.Exists(g => g.FromEntity != back.FromEntity))) rest = of.Sum(a => a.Size);
        if (rest > measure.Tolerance) overGiven = (back, of, (overGiven?.Excess ?? 0m) + rest.Value);
    }

    /// <summary>What was given back of its line or document without a word of the work.</summary>
    private void Release(Ask ask)
    {
        if (ask.Left == 0m || documents.Credited(ask.Bill.FromEntity) is not { } document) return;
        if (document.IsGone(ask.Bill.FromPart)) ask.Left = 0m;
        else if (measure.IsMoney) ask.Left = Math.Max(0m, ask.Left - document.AmountOf(ask.Bill.FromPart));
        else if (measure.Unit is { } unit)
            foreach (var quantity in document.QuantitiesOf(ask.Bill.FromPart, new(ask.Size, unit)))
                if (Measure.In(unit, quantity) is { } back) ask.Left = Math.Max(0m, ask.Left - back);
    }

    private Ask[] TiedTo(CoverageEdge back) =>
        Array.FindAll(asks, a => documents.Credited(a.Bill.FromEntity)?.IsBy(back, a.Bill.FromPart) ?? false);

    private bool GivesBack(CoverageEdge bill)
    {
        if (bill.Quantity?.Value < 0m || bill.Amount < 0m) return true;
        return documents.Of(bill.FromEntity) is { } document
            && (document.GivesBack || document.Line(bill.FromPart)?.Net < 0m);
    }

    private static string Joined(string with, IEnumerable<CoverageEdge> edges) =>
        string.Join(with, edges.Select(b => Describe.Address(b.FromStream, b.FromPart)).Distinct());

    /// <summary>A line that bills it, and how much of that stands.</summary>
    private sealed class Ask(CoverageEdge bill, Measure measure)
    {
        public CoverageEdge Bill => bill;

        /// <summary>As stated; what says nothing bills all there is.</summary>
        public decimal Size { get; } = measure.Size(bill) ?? measure.Whole ?? 1m;

        public bool IsSaid { get; } = measure.Size(bill) is not null;

        public decimal Left { get; set; } = measure.Size(bill) ?? measure.Whole ?? 1m;

        public List<CoverageEdge> Givers { get; } = [];
    }
}

/// <summary>A bill of a piece of work, and how much of it nobody gave back.</summary>
/// <param name="Share">From 0 to 1; a bill that gives back itself stands for nothing.</param>
/// <param name="Quantity">What stands, in the work's own unit; null where it is told in money or of the whole.</param>
/// <param name="Amount">What stands, where all that bill it say money.</param>
internal sealed record StandingBill(CoverageEdge Bill, decimal Share, Quantity? Quantity, decimal? Amount);

/// <summary>Documents as they ask for money and as it was given back, each looked at once: pure.</summary>
internal sealed class BillingDocuments(World world)
{
    private readonly Dictionary<string, AskingDocument?> documents = [];
    private readonly Dictionary<string, CreditedDocument> credited = [];

    /// <summary>What an entity asks for; null for what is no document.</summary>
    public AskingDocument? Of(string entity)
    {
        if (documents.TryGetValue(entity, out var known)) return known;
        var of = world.EntityOf(entity);
        return documents[entity] = of.Kind == Kind.Invoice ? new(world.Compose(of)) : null;
    }

    /// <summary>What was given back of it; null for what is no document.</summary>
    public CreditedDocument? Credited(string entity)
    {
        if (Of(entity) is null) return null;
        if (!credited.TryGetValue(entity, out var known))
            credited.Add(entity, known = new(world, entity, Of));
        return known;
    }
}
