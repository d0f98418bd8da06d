using Ledger.Domain;

namespace Ledger.Projections.Drift;

/// <summary>What a document's money is made of, to the cent.</summary>
/// <param name="Work">Time, extended but not rounded.</param>
/// <param name="Expenses">What it asks for expenses.</param>
/// <param name="Fees">What it asks by reference to a fixed fee, a schedule, another document.</param>
/// <param name="Unsourced">Lines with money and nothing behind them.</param>
/// <param name="Adjusted">The document's own charges less its allowances, and its stated rounding.</param>
/// <param name="LineSum">Sum of the lines' stated nets and the adjustments; null where a line states none.</param>
internal sealed record DocumentMoney(
    Document Document, Money Stated, Items<ProbedWork> Work, Money Expenses, Money Fees,
    Items<DocumentLine> Unsourced, Money Adjusted, Money? LineSum)
{
    /// <summary>What the lines with nothing behind them ask for.</summary>
    public Money UnsourcedLines => Unsourced.Aggregate(
        Money.Zero(Stated.Currency), (sum, line) => sum + new Money(line.Asked(Stated.Currency), Stated.Currency));

    /// <summary>What stands in cents already.</summary>
    public Money Fixed => Expenses + Fees + UnsourcedLines + Adjusted;

    /// <summary>Every rounding rule, tried.</summary>
    public Items<ProbedRule> Probed { get; init; } = Items<ProbedRule>.None;

    /// <summary>Null where the document states no total, or its currency is not known.</summary>
    public static DocumentMoney? Of(Books books, Document document)
    {
        if (document.Net is not { } stated) return null;
        // An invoice over less than nothing may name the work it gives back without a sign of its own.
        var unsigned = stated.Amount < 0m && document.State.Lines.All(l => l.Quantity is null && l.Net is null);
        var parts = new Parts(books, document, stated.Currency, unsigned ? -1 : 1);
        var priced = books.Priced(document).ToLookup(p => p.Item.Line);
        foreach (var line in document.Lines) parts.Take(line, [.. priced[line.Id]]);
        var money = parts.Sum(stated);
        return money with { Probed = RoundingProbe.Try(money.Work, money.Fixed, stated) };
    }

    /// <summary>The rules whose scope the work can tell apart.</summary>
    public IEnumerable<ProbedRule> Told
    {
        get
        {
            var scopes = Enum.GetValues<RoundingScope>().Where(scope => RoundingProbe.CanTell(Work, scope)).ToHashSet();
            return Probed.Where(p => scopes.Contains(p.Rule.Scope));
        }
    }

    public ProbedRule Try(Rounding rule) => RoundingProbe.Try(Work, Fixed, Stated, rule);

    private sealed class Parts(Books books, Document document, Currency currency, int sign)
    {
        private readonly List<ProbedWork> work = [];
        private readonly List<DocumentLine> unsourced = [];
        private decimal expenses;
        private decimal fees;

        public void Take(DocumentLine line, PricedItem[] priced)
        {
            if (line.Bills.Count == 0)
            {
                TakeBare(line);
                return;
            }

            expenses += ExpensesOf(line);
            fees += FeesOf(line);
            if (priced.Length == 0) return;
            var probed = Time(line, priced).ToArray();
            if (probed.Length > 0) work.AddRange(probed);
            else fees += line.NetStated ?? 0m;
        }

        // Money asked for ahead of the work has none behind it yet; money given back names the document it is for.
        private bool NeedsSource => document.State.DocumentType is DocumentType.Invoice or DocumentType.Corrective;

        /// <summary>A line that names nothing it bills.</summary>
        private void TakeBare(DocumentLine line)
        {
            if (line.Stated is { Basis: LineBasis.Derived } item)
            {
                // The source made the line from an item of its own: the item is what stands behind it.
                fees += item.Net ?? 0m;
                return;
            }

            var asked = line.Asked(currency);
            if (asked > 0m && NeedsSource && line.Stated!.Credits is null && !IsScheduled(line)) unsourced.Add(line);
            else fees += asked;
        }

        public DocumentMoney Sum(Money stated)
        {
            var adjusted = document.State.Adjustments.Sum(a => a.Charge ? a.Amount : -a.Amount)
                + (document.State.Totals?.Rounding ?? 0m);
            if (document.State.Lines.Count == 0 && !NeedsSource)
                fees += document.State.Preceding.Sum(p => p.Amount) is { } named && named != 0m ? named : stated.Amount;
            var nets = document.State.Lines.Select(l => l.Basis is LineBasis.Stated ? l.Net : null).ToArray();
            var sum = nets.Length > 0 && nets.All(net => net is not null) ? nets.Sum() + adjusted : null;
            return new(
                document, stated, work.ToItems(), new(expenses, currency), new(fees, currency),
                unsourced.ToItems(), new(adjusted, currency), sum is { } all ? new Money(all, currency) : null);
        }

        /// <summary>The line's time, entry by entry; as one where the line's own quantity is another than theirs.
        /// </summary>
        private IEnumerable<ProbedWork> Time(DocumentLine line, PricedItem[] priced)
        {
            var own = OwnExtension(line);
            var exact = priced.Where(p => p.Value?.Currency == currency).ToArray();
            if (exact.Length < priced.Length || exact.Length == 0)
                return own is { } only ? [AsOne(line, only, priced)] : [];
            var total = exact.Aggregate(ExactMoney.Zero(currency), (sum, p) => sum + p.Value!.Value);
            if (own is { } asked && asked != total) return [AsOne(line, asked, priced)];
            return exact.Select(p => new ProbedWork(
                p.Item.Target, p.Value!.Value with { Sixtieths = sign * p.Value.Value.Sixtieths }, line.Id,
                books.PersonOf(p.Item), p.Entry.Task, Category(line)));
        }

        private ProbedWork AsOne(DocumentLine line, ExactMoney amount, PricedItem[] priced) =>
            new(line.Id, amount, line.Id, Person(priced), TaskOf(line, priced), Category(line));

        private ExactMoney? OwnExtension(DocumentLine line) =>
            line.Stated is { Quantity: { } quantity, Price: { } price } && price.Currency == currency
            && line.Bills.All(b => b.Entry is not null)
            && ExactMoney.Of(quantity, price) is { } extended
                ? extended + ExactMoney.Of(new Money(line.Adjusted, currency))
                : null;

        private string? Person(PricedItem[] priced) =>
            priced.Select(p => books.PersonOf(p.Item)).Distinct().Take(2).ToArray() is [var one] ? one : null;

        private static string? TaskOf(DocumentLine line, PricedItem[] priced) =>
            priced.Select(p => p.Entry.Task).Distinct().Take(2).ToArray() is [var one] ? one : line.Stated?.Work?.Task;

        private static string? Category(DocumentLine line) => line.Stated?.Tax?.Category;

        private decimal ExpensesOf(DocumentLine line)
        {
            var bills = line.Bills.Where(b => b.Expense is not null).ToArray();
            if (bills.Length == 0) return 0m;
            if (bills.Length == line.Bills.Count && line.NetStated is { } net) return net;
            return bills.Sum(b => b.Amount
                ?? (b.Expense!.Billing is { } money && money.Currency == currency ? sign * money.Amount : 0m));
        }

        /// <summary>What is asked by naming something that is neither time nor expense, or is not in the ledger.
        /// </summary>
        private static decimal FeesOf(DocumentLine line)
        {
            var others = line.Bills.Where(b => b.Entry is null && b.Expense is null).ToArray();
            if (others.Length == 0) return 0m;
            if (others.Length == line.Bills.Count && line.NetStated is { } net) return net;
            return others.Sum(b => b.Amount ?? BudgetOf(b) ?? 0m);
        }

        private static decimal? BudgetOf(BilledItem item) =>
            (item.Record?.Fold.State as Project)?.Tasks.FirstOrDefault(t => t.Task == item.Ref.Line)?.Budget;

        private bool IsScheduled(DocumentLine line) =>
            books.ContractsOf(document).Any(c => c.State.Schedule.Any(item => item.Amount == line.NetStated
                && item.ReleasedOn is { } on && (document.IssuedOn is null || on <= document.IssuedOn)));
    }
}
