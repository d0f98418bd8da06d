using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Findings;
using Ledger.Projections.Lineage;
using Ledger.Projections.Rating;
using NodaTime;

namespace Ledger.Projections.Proof;

/// <summary>Work in progress: what moves it is read from entries and from the lines of documents, each by its own date;
/// what there is, from what stands of each piece of work.</summary>
internal sealed class WorkBalance
{
    private readonly World world;
    private readonly Papers papers;
    private readonly Dictionary<string, Piece> pieces = [];
    private readonly Dictionary<string, ProofAccount> accounts = [];
    private readonly List<Moved> moved = [];
    private readonly Dictionary<ProofAccount, int> unmeasured = [];

    public WorkBalance(World world, Papers papers, Accounts of)
    {
        (this.world, this.papers) = (world, papers);
        var unknown = new HashSet<string>();
        var found = Pieces.Of(world, new(world), of, Unmeasured).ToArray();
        var bills = Bills().Where(b => !unknown.Contains(b.Item)).ToLookup(b => b.Item);
        foreach (var piece in found)
        {
            // Work without a price is of the currency it is billed in.
            var currency = piece.Account.Currency ?? bills[piece.Id].FirstOrDefault()?.Paper.Account.Currency;
            var account = piece.Account with { Currency = currency };
            pieces.Add(piece.Id, piece with { Account = account });
            accounts.Add(piece.Id, account);
        }

        foreach (var piece in pieces.Values.Where(p => p.Waits)) moved.AddRange(Moves(piece, [.. bills[piece.Id]]));
        foreach (var strange in bills.Where(b => !pieces.ContainsKey(b.Key))) moved.AddRange(Strange([.. strange]));

        void Unmeasured(string id, ProofAccount? account)
        {
            unknown.Add(id);
            if (account is not null) unmeasured[account] = unmeasured.GetValueOrDefault(account) + 1;
        }
    }

    public IReadOnlyDictionary<string, Piece> All => pieces;

    public IReadOnlyDictionary<ProofAccount, int> Unmeasured => unmeasured;

    /// <summary>What waits in a world, piece by piece.</summary>
    /// <param name="nameOf">What a record's entity is called here.</param>
    public static Dictionary<string, Worth> Standing(World world, Func<Entity, string> nameOf)
    {
        return Pieces.Of(world, new(world), new(world, new(world))).Where(p => !p.Standing.IsNothing)
            .ToDictionary(p => nameOf(p.Composed.Entity), p => p.Standing);
    }

    public Balance Between(Dictionary<string, Worth> opening, Dictionary<string, Worth> closing) =>
        new(accounts, moved, opening, closing);

    /// <summary>What breaks a piece of work, in a sentence.</summary>
    public ProofBreak Break(string item, Worth difference, IReadOnlyList<Moved> all)
    {
        var by = all.Where(m => m.Movement is Movement.Billed or Movement.Released).ToArray();
        var piece = pieces.GetValueOrDefault(item);
        var said = by.Select(m => m.By).Distinct().Select(LabelOf).ToArray();
        var much = difference.Minutes != 0m
            ? $"{ProofText.Hours(Math.Abs(difference.Minutes))} h"
            : ProofText.Amount(Math.Abs(difference.Amount), accounts[item].Currency);
        var (who, verb) = (Say.List(said), said.Length == 1 ? "bills" : "bill");
        var sentence = piece is null ? $"{Say.Capital(who)} {verb} {item}, which the ledger does not have."
            : said.Length == 0 ? $"{item} is {much} off what moved it."
            : piece.Never is { } never ? $"{Say.Capital(who)} {verb} {much} of {item}, which is {Words(never)}."
            : !piece.IsApproved && !piece.AccruesAsBilled
                ? $"{Say.Capital(who)} {verb} {much} of {item}, which nobody approved."
            : $"{Say.Capital(who)} {verb} {much} more of {item} than there is.";
        return new(
            item, sentence, difference,
            by.Select(m => m.By).Concat(Members(item)).Distinct().ToItems(),
            by.Select(m => m.Position).Append(piece is null ? 0L : PositionOf(piece.Composed)).Where(p => p > 0L)
                .Distinct().ToItems());
    }

    private static string Words(LeftOutReason never) => never switch
    {
        LeftOutReason.NotBillable => "not billable",
        LeftOutReason.WrittenOff => "written off",
        LeftOutReason.Absorbed => "borne by the firm",
        _ => throw new System.Diagnostics.UnreachableException($"{never} does not keep work from a balance"),
    };

    private IEnumerable<string> Members(string item) =>
        pieces.TryGetValue(item, out var piece) ? piece.Composed.Entity.Members.Select(m => m.Stream) : [item];

    private static long PositionOf(ComposedEntity work) => work.Changed(
        "quantity", "billableQuantity", "amount", "billableAmount", "approval", "billable", "writeDowns");

    private string LabelOf(string stream) =>
        world.Records.TryGetValue(stream, out var record) && record.Fold.State?.Number is { } number
            ? number
            : stream;

    /// <summary>A line of a document and a piece of work it asks money for.</summary>
    private sealed class Bill(string item, Paper paper, InvoiceLine line, Billed said, long position)
    {
        public string Item { get; } = item;

        public Paper Paper { get; } = paper;

        public InvoiceLine Line { get; } = line;

        public Billed Said { get; } = said;

        public long Position { get; } = position;

        /// <summary>What was taken of the piece.</summary>
        public decimal Taken { get; set; }

        public decimal? Worth(Rate? own, decimal minutes) => Said.Amount
            ?? (Line.Bills is { Count: 1 } ? Line.Net : null)
            ?? (Line.Price?.Currency == Paper.Account.Currency ? Piece.Extended(Line.Price, minutes) : null)
            ?? Piece.Extended(own, minutes);
    }

    private IEnumerable<Bill> Bills()
    {
        foreach (var paper in papers.All)
            foreach (var line in paper.Lines.AsEnumerable())
                foreach (var bill in (line.Bills ?? Items<Billed>.None).AsEnumerable())
                    if (IsOfWork(bill.Ref) && !GivesBack(paper, line, bill))
                        yield return new(
                            ItemOf(bill.Ref, paper.LinesBy), paper, line, bill, paper.PositionOf("lines"));
        foreach (var edge in world.Coverage.Where(c => c.Rel == Rels.Bills && IsOfWork(c.To)))
            if (world.Records[edge.StatedBy] is { Kind: var kind, Fold.State: Coverage { Withdrawn: false } }
                && kind == Kind.Coverage && papers.Find(edge.FromEntity) is { IsCreditNote: false } paper)
                yield return new(
                    edge.ToEntity ?? edge.To.ToString(), paper, new(edge.FromPart ?? ""),
                    new(edge.To, edge.Quantity, edge.Amount), edge.Position);
    }

    private static bool IsOfWork(Ref to) => to.Kind == Kind.Time.Name || to.Kind == Kind.Expense.Name;

    private static bool GivesBack(Paper paper, InvoiceLine line, Billed bill) =>
        paper.IsCreditNote || line.Net < 0m || bill.Amount < 0m || bill.Quantity?.Value < 0m;

    private string ItemOf(Ref to, string by) =>
        world.Resolve(to, by) is { } record ? world.EntityOf(record.Stream).Id : to.Stream(by) ?? to.ToString();

    /// <summary>Something that happens to a piece; on one day what gives comes before what takes, and what ends on the
    /// day it was billed after that.</summary>
    private sealed record Step(LocalDate On, Movement Movement, Bill? Bill = null, WriteDown? Down = null)
    {
        /// <summary>When what is released was billed.</summary>
        public LocalDate Since { get; init; }

        /// <summary>Whether it is released only for a while, and then all of it.</summary>
        public bool ForAWhile { get; init; }

        public int Turn => Movement switch
        {
            Movement.Accrued => 0,
            Movement.WrittenDown => 1,
            Movement.Released => On > Since ? 2 : 4,
            Movement.Billed => 3,
            _ => 5,
        };
    }

    private IEnumerable<Moved> Moves(Piece piece, Bill[] bills)
    {
        var standing = GivenBack(piece, bills);
        var steps = bills.SelectMany(b => Of(b, papers.Gone(b.Paper, b.Line.Line), standing)).ToList();
        if (piece.Accrues)
        {
            steps.Add(new(piece.On, Movement.Accrued));
            steps.AddRange(piece.Downs.Select(d => new Step(
                LocalDate.Max(d.On ?? piece.On, piece.On), Movement.WrittenDown, Down: d)));
            if (piece.Never is LeftOutReason.WrittenOff)
                steps.Add(new(LocalDate.Max(piece.OffOn ?? piece.On, piece.On), Movement.WrittenOff));
        }

        var (left, down, accrued) = (0m, 0m, 0m);
        foreach (var step in steps.OrderBy(s => s.On).ThenBy(s => s.Turn)
            .ThenBy(s => s.Bill?.Paper.Id, StringComparer.Ordinal))
        {
            if (piece.AccruesAsBilled && step.Movement is Movement.Billed)
            {
                var more = Math.Min(Asking(piece, step.Bill!, left) - left, piece.Size - accrued);
                if (more > 0m) yield return Accrue(step, more);
            }

            var before = piece.WorthOf(left, down);
            (left, down) = After(piece, step, left, down, standing);
            var change = piece.WorthOf(left, down) - before;
            var by = step.Bill?.Paper.Record.Stream ?? piece.Id;
            var position = step.Bill?.Position ?? PositionOf(piece.Composed);
            var asked = step.Bill is { } bill ? Asked(piece, bill, change) : change.Amount;
            if (!(change with { Amount = asked }).IsNothing)
                yield return new(
                    piece.Id, step.Movement, step.On, change with { Amount = asked }, by, position);
            if (asked != change.Amount)
                yield return new(
                    piece.Id, Movement.ReRated, step.On, new(0m, change.Amount - asked), by, position);
            if (piece.AccruesAsBilled && left > 0m) yield return Accrue(step, -left);
        }

        Moved Accrue(Step step, decimal more)
        {
            var before = piece.WorthOf(left, down);
            (left, accrued) = (left + more, accrued + more);
            return new(
                piece.Id, Movement.Accrued, step.On, piece.WorthOf(left, down) - before,
                step.Bill!.Paper.Record.Stream, step.Bill.Position);
        }
    }

    /// <summary>What stands of each line of a document that still stands itself, and since when; of a piece of which
    /// nothing was given back, none. What a credit note frees is <see cref="BilledWork"/>'s word.</summary>
    private Dictionary<Bill, (decimal Left, LocalDate Since)> GivenBack(Piece piece, Bill[] bills)
    {
        var standing = new Dictionary<Bill, (decimal, LocalDate)>();
        if (bills.Length == 0) return standing;
        var into = world.CoverageInto(piece.Id).Where(c => c is { Rel: Rels.Bills, ToPart: null }).ToArray();
        var notes = into.Where(c => c.Live).Select(c => papers.Find(c.FromEntity)).OfType<Paper>()
            .Where(p => p.IsCreditNote).ToArray();
        ILookup<(string, string?), decimal>? left = null;
        foreach (var bill in bills.Where(b => b.Paper.EndedOn is null))
        {
            var by = papers.Undoing(bill.Paper).Concat(notes).ToArray();
            if (by.Length == 0) continue;
            left ??= BilledWork.Standing(world, piece.Composed, into).ToLookup(
                s => (s.Bill.FromEntity, s.Bill.FromPart),
                s => piece.SizeOf(s.Quantity, s.Amount, piece.Account.Currency) ?? decimal.MaxValue);
            var parts = left[(bill.Paper.Id, bill.Line.Line)];
            standing.Add(bill, (
                parts.Any(p => p == decimal.MaxValue) ? decimal.MaxValue : parts.Sum(),
                by.Max(p => LocalDate.Max(p.IssuedOn, bill.Paper.IssuedOn))));
        }

        return standing;
    }

    private static IEnumerable<Step> Of(
        Bill bill, List<(LocalDate From, LocalDate? Until)> gone,
        Dictionary<Bill, (decimal, LocalDate Since)> standing)
    {
        var since = bill.Paper.IssuedOn;
        yield return new(since, Movement.Billed, bill);
        foreach (var (from, until) in gone)
        {
            yield return new(from, Movement.Released, bill) { Since = since, ForAWhile = until is not null };
            if (until is not { } again) yield break;
            since = again;
            yield return new(since, Movement.Billed, bill);
        }

        if (standing.TryGetValue(bill, out var known))
            yield return new(LocalDate.Max(known.Since, since), Movement.Released, bill) { Since = since };
    }

    private static (decimal Left, decimal Down) After(
        Piece piece, Step step, decimal left, decimal down, Dictionary<Bill, (decimal Left, LocalDate)> standing)
    {
        switch (step.Movement)
        {
            case Movement.Accrued:
                return (left + piece.Size, down);
            case Movement.WrittenDown:
                return piece.Less(left, down, step.Down!);
            case Movement.WrittenOff:
                return (Math.Min(0m, left), down);
            case Movement.Released:
                var stays = step.ForAWhile ? 0m : standing.GetValueOrDefault(step.Bill!).Left;
                var kept = Math.Min(step.Bill!.Taken, stays);
                return (left + step.Bill.Taken - kept, down);
            default:
                var size = Asking(piece, step.Bill!, left);
                step.Bill!.Taken = Math.Abs(size - left) <= piece.Tolerance ? left : size;
                return (left - step.Bill.Taken, down);
        }
    }

    /// <summary>How much of a piece a document asks for; all of it where it does not say.</summary>
    private static decimal Asking(Piece piece, Bill bill, decimal left) =>
        piece.SizeOf(bill.Said.Quantity, bill.Said.Amount, bill.Paper.Account.Currency)
        ?? (left > 0m ? left : piece.Size);

    /// <summary>Lines that bill what the ledger does not have.</summary>
    private IEnumerable<Moved> Strange(Bill[] bills)
    {
        foreach (var bill in bills)
        {
            var said = bill.Said.Quantity ?? (bill.Line.Bills is { Count: 1 } ? bill.Line.Quantity : null);
            var minutes = Piece.Minutes(said) ?? 0m;
            var worth = new Worth(minutes, bill.Worth(null, minutes) ?? 0m);
            if (worth.IsNothing) continue;
            accounts.TryAdd(bill.Item, bill.Paper.Account);
            var stream = bill.Paper.Record.Stream;
            yield return new(bill.Item, Movement.Billed, bill.Paper.IssuedOn, -worth, stream, bill.Position);
            if (bill.Paper.EndedOn is { } ended)
                yield return new(bill.Item, Movement.Released, ended, worth, stream, bill.Position);
        }
    }

    /// <summary>What a document asks, or gives back, for what it takes of a piece; signed as it moves the balance.
    /// </summary>
    private static decimal Asked(Piece piece, Bill bill, Worth change)
    {
        if (bill.Paper.Account.Currency != piece.Account.Currency || bill.Taken == 0m) return change.Amount;
        var whole = piece.IsTime ? bill.Worth(piece.Price, bill.Taken) : bill.Worth(null, 0m) ?? bill.Taken;
        if (whole is not { } worth) return change.Amount;
        var share = piece.IsTime ? change.Minutes / bill.Taken : change.Amount / bill.Taken;
        return Rounding.Round(
            worth * share, piece.Account.Currency?.MinorDigits ?? 2, RoundingMode.HalfAwayFromZero);
    }
}
