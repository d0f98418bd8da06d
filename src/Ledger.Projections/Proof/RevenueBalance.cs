using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Proof;

/// <summary>Revenue billed less revenue recognised, of contracts of which revenue is told: what moves it is read from
/// documents and from recognitions, each by its own date; what there is, from the records as they stand. Prepayments
/// are no revenue billed: what is drawn on them is billed by the documents that do.</summary>
internal sealed class RevenueBalance
{
    private readonly World world;
    private readonly Papers papers;
    private readonly Dictionary<string, ProofAccount> accounts = [];
    private readonly List<Moved> moved = [];

    public RevenueBalance(World world, Papers papers, Accounts of)
    {
        (this.world, this.papers) = (world, papers);
        foreach (var obligation in Obligations(world))
        {
            if (of.OfRevenue(obligation) is not { } account) continue;
            accounts.Add(obligation.Entity.Id, account);
            moved.AddRange(Of(obligation));
        }

        var told = accounts.Values.Select(a => (a.Contract, a.Currency)).ToHashSet();
        foreach (var paper in papers.All)
        {
            if (IsAhead(paper) || !told.Contains((paper.Account.Contract, paper.Account.Currency))) continue;
            accounts.Add(paper.Id, paper.Account);
            moved.AddRange(Of(paper));
        }
    }

    /// <summary>What is billed by each document, and recognised of each obligation, in a world.</summary>
    /// <param name="there">Its documents.</param>
    /// <param name="nameOf">What a record's entity is called here.</param>
    public Dictionary<string, Worth> Standing(World at, Papers there, Func<Entity, string> nameOf)
    {
        var standing = new Dictionary<string, Worth>();
        foreach (var paper in there.All)
            Add(nameOf(paper.Composed.Entity), (paper.Net ?? 0m) - there.NetLess(paper).LastOrDefault().Less);
        foreach (var obligation in Obligations(at))
            Add(
                nameOf(obligation.Entity),
                -Recognitions(obligation).Sum(r => r.Amount < 0m ? Math.Min(r.Left, 0m) : Math.Max(r.Left, 0m)));
        return standing;

        void Add(string item, decimal amount)
        {
            if (amount != 0m && accounts.ContainsKey(item)) standing.Add(item, new(0m, amount));
        }
    }

    public Balance Between(Dictionary<string, Worth> opening, Dictionary<string, Worth> closing) =>
        new(accounts, moved, opening, closing);

    /// <summary>What breaks a document or an obligation, in a sentence.</summary>
    public ProofBreak Break(string item, Worth difference, IReadOnlyList<Moved> all)
    {
        var much = ProofText.Amount(Math.Abs(difference.Amount), accounts[item].Currency);
        var paper = papers.Find(item);
        return new(
            item,
            paper is null
                ? $"Of {item} {much} more was taken back than recognised."
                : $"{paper.Label} is {much} off what moved it.",
            difference, (paper?.Streams ?? world.EntityOf(item).Members.Select(m => m.Stream)).ToItems(),
            all.Select(m => m.Position).Where(p => p > 0L).Distinct().ToItems());
    }

    private static IEnumerable<ComposedEntity> Obligations(World world) =>
        world.Entities(Kind.Revenue).Where(e => e.IsLive).Select(e => world.Compose(e));

    private static Items<Recognition> Recognitions(ComposedEntity obligation) =>
        obligation.Value<Items<Recognition>>("recognitions") ?? Items<Recognition>.None;

    private static bool IsAhead(Paper paper) =>
        paper.Composed.Value<DocumentType>("documentType") is DocumentType.Prepayment;

    private static IEnumerable<Moved> Of(ComposedEntity obligation)
    {
        var field = obligation.Field("recognitions");
        foreach (var recognition in Recognitions(obligation).AsEnumerable())
        {
            yield return One(Movement.Recognised, recognition.On, -recognition.Amount, recognition.Position);
            foreach (var taken in (recognition.Reversals ?? Items<Reversal>.None).AsEnumerable())
                yield return One(
                    Movement.TakenBack, LocalDate.Max(taken.On, recognition.On), taken.Amount, taken.Position);
        }

        Moved One(Movement movement, LocalDate on, decimal amount, long? position) => new(
            obligation.Entity.Id, movement, on, new(0m, amount), field!.By.Stream, position ?? field.Position);
    }

    private IEnumerable<Moved> Of(Paper paper)
    {
        if (paper.Net is not { } net || net == 0m) yield break;
        var (stream, issued) = (paper.Record.Stream, paper.IsCreditNote ? Movement.Credited : Movement.Invoiced);
        yield return new(paper.Id, issued, paper.IssuedOn, new(0m, net), stream, paper.PositionOf("totals"));
        var before = 0m;
        foreach (var (day, less) in papers.NetLess(paper))
        {
            if (less != before)
                yield return new(
                    paper.Id, paper.IsCreditNote ? issued : Movement.Cancelled, day, new(0m, before - less), stream,
                    paper.PositionOf("status"));
            before = less;
        }
    }
}
