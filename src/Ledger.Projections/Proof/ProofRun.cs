using Ledger.Domain;
using Ledger.Projections.Drift;
using NodaTime;

namespace Ledger.Projections.Proof;

/// <summary>Proves that work in progress, receivables and revenue foot, that hours are in one place each, and that
/// money billed has a source: a pure function of the world.</summary>
public static class ProofRun
{
    private static readonly RollForward Still = new(
        default, Items<MovementSum>.None, default, Items<ProofBreak>.None);

    public static ProofReport Of(World world, ProofAsked asked)
    {
        world = Reckonable.Of(world).World;
        var books = new Books(world);
        var accounts = new Accounts(world, books);
        var papers = new Papers(world, books, accounts);
        var work = new WorkBalance(world, papers, accounts);
        var owed = new Receivables(world, papers);
        var revenue = new RevenueBalance(world, papers, accounts);
        var then = asked.From is { } from ? BooksAsAt.Of(world, from.PlusDays(-1)) : null;
        var now = asked.To is { } to ? BooksAsAt.Of(world, to) : world;
        var before = then is null ? null : PapersOf(then);
        var there = asked.To is null ? papers : PapersOf(now);
        var closing = WorkBalance.Standing(now, NameOf);
        var balance = work.Between(then is null ? [] : WorkBalance.Standing(then, NameOf), closing);
        var waiting = balance.Foot(asked, work.Break);
        var open = owed.Between(
            before is null ? [] : owed.Standing(then!, before, NameOf), owed.Standing(now, there, NameOf))
            .Foot(asked, owed.Break);
        var deferred = revenue.Between(
            before is null ? [] : revenue.Standing(then!, before, NameOf), revenue.Standing(now, there, NameOf))
            .Foot(asked, revenue.Break);
        var ever = asked.From is null
            ? waiting
            : work.Between([], closing).Foot(asked with { From = null }, work.Break);
        var hours = HoursSpread.Of(work, balance, ever, asked.To);
        var billed = BilledSource.Of(books, papers, asked);
        return new(world.Position, asked, waiting.Keys.Union(open.Keys).Union(deferred.Keys).Union(billed.Keys)
            .Union(hours.Keys)
            .Where(a => asked.LegalEntity is not { } words || accounts.Means(words, a.LegalEntity))
            .Select(a => new AccountProof(
                a, accounts.NameOf(a), accounts.LegalEntityName(a.LegalEntity), waiting.GetValueOrDefault(a, Still),
                open.GetValueOrDefault(a, Still), RevenueProof.Of(deferred.GetValueOrDefault(a, Still)),
                hours.GetValueOrDefault(a, HoursSpread.None), billed.GetValueOrDefault(a, BilledSource.None)))
            .Where(a => !IsEmpty(a))
            .OrderBy(a => a.LegalEntityName, StringComparer.Ordinal)
            .ThenBy(a => a.Account.Currency?.Code, StringComparer.Ordinal)
            .ThenBy(a => a.Name, StringComparer.Ordinal)
            .ThenBy(a => a.Account.Contract, StringComparer.Ordinal).ToItems());

        string NameOf(Entity entity) => world.EntityOf(entity.Members[0].Stream).Id;

        static Papers PapersOf(World at)
        {
            var books = new Books(at);
            return new(at, books, new(at, books));
        }
    }

    private static bool IsEmpty(AccountProof proof) =>
        proof.Foots && proof.Hours.Approved == 0m && proof.Hours.Unmeasured == 0 && proof.Billed.Documents == 0
        && new[] { proof.Work, proof.Receivables, proof.Revenue.Roll }.All(ProofText.IsStill);
}

/// <summary>Where approved minutes are.</summary>
internal static class HoursSpread
{
    public static readonly HoursKept None = new(0m, 0m, 0m, 0m, 0m, 0m, 0m, 0);

    /// <param name="ever">The balance from the beginning.</param>
    /// <param name="to">The last day that counts; null = whatever day.</param>
    public static Dictionary<ProofAccount, HoursKept> Of(
        WorkBalance work, Balance balance, Dictionary<ProofAccount, RollForward> ever, LocalDate? to)
    {
        var moved = balance.Moved.Where(m => !(m.On > to)).ToLookup(m => m.Item);
        var kept = new Dictionary<ProofAccount, HoursKept>();
        foreach (var piece in work.All.Values.Where(p => p.IsTime))
        {
            var before = kept.GetValueOrDefault(piece.Account, None);
            var (isThere, all) = (piece.IsApproved && !(piece.On > to), moved[piece.Id]);
            var approved = isThere ? piece.Approved : piece.AccruesAsBilled ? Sum(Movement.Accrued) : 0m;
            kept[piece.Account] = before with
            {
                Approved = before.Approved + approved,
                PaidByFee = before.PaidByFee + (piece.Waits ? 0m : approved),
                NotBillable = before.NotBillable + (!piece.Waits || !isThere ? 0m
                    : piece.Accrues ? approved - piece.Size : approved),
                WrittenDown = before.WrittenDown - Sum(Movement.WrittenDown),
                WrittenOff = before.WrittenOff - Sum(Movement.WrittenOff),
                Billed = before.Billed - Sum(Movement.Billed) - Sum(Movement.Released),
                Waiting = before.Waiting + balance.Closing.GetValueOrDefault(piece.Id).Minutes,
            };

            decimal Sum(Movement movement) => all.Where(m => m.Movement == movement).Sum(m => m.Worth.Minutes);
        }

        foreach (var (account, roll) in ever)
            if (roll.Breaks.Where(b => b.Difference.Minutes != 0m).ToItems() is { Count: > 0 } breaks)
                kept[account] = kept.GetValueOrDefault(account, None) with { Breaks = breaks };
        foreach (var (account, count) in work.Unmeasured)
            kept[account] = kept.GetValueOrDefault(account, None) with { Unmeasured = count };
        return kept;
    }
}

/// <summary>Whence the money comes that documents ask for.</summary>
internal static class BilledSource
{
    public static readonly BilledMoney None = new(0, 0m, 0m, 0m, 0m, 0m, 0m, Items<ProofBreak>.None);

    public static Dictionary<ProofAccount, BilledMoney> Of(Books books, Papers papers, ProofAsked asked)
    {
        var billed = new Dictionary<ProofAccount, BilledMoney>();
        foreach (var money in MoneyDrift.Check(books))
        {
            if (papers.Find(money.Document.Entity.Id) is not { } paper || paper.IssuedOn < asked.From
                || paper.IssuedOn > asked.To || !(paper.EndedOn is null || paper.EndedOn > asked.To)) continue;
            // Another record of the same document says what is billed.
            if (!money.Document.Bills.Any() && books.Same(money.Document).Skip(1).Any(t => t.Bills.Any())) continue;
            var sign = paper.IsCreditNote && money.Money.Stated.Amount > 0m ? -1m : 1m;
            var (adjusted, rest) = (sign * money.Money.Adjusted.Amount, sign * money.Remainder.Amount);
            var account = paper.Account with { Currency = money.Currency };
            var before = billed.GetValueOrDefault(account, None);
            billed[account] = new(
                before.Documents + 1, before.Stated + sign * money.Money.Stated.Amount,
                before.Work + sign * money.Work.Amount, before.Expenses + sign * money.Money.Expenses.Amount,
                before.Fees + sign * money.Money.Fees.Amount, before.Adjustments + adjusted, before.Remainder + rest,
                rest == 0m ? before.Breaks : before.Breaks.Plus(Break(paper, money, rest)));
        }

        return billed;
    }

    private static ProofBreak Break(Paper paper, CheckedMoney money, decimal rest) => new(
        paper.Id,
        $"{paper.Label} asks for {money.Money.Stated}, {ProofText.Amount(Math.Abs(rest), money.Currency)} "
            + $"{(rest > 0m ? "more" : "less")} than work, expenses, fees and adjustments come to.",
        new(0m, rest), paper.Streams.ToItems(),
        new[] { paper.PositionOf("totals"), paper.PositionOf("lines") }.Distinct().ToItems());
}
