using Ledger.Domain;
using Ledger.Projections.Rating;

namespace Ledger.Projections.Drift;

/// <summary>What the money of a finding is made of, from the particular to the general: its parts sum to it to the last
/// digit, and none is nothing.</summary>
internal sealed class MoneyParts(Books books, IReadOnlyList<CheckedMoney> all)
{
    // So often a document may be booked or billed; what is more often a multiple of a few coins is so by chance.
    private const decimal TimesMax = 12m;

    private readonly Lazy<Dictionary<Document, CheckedMoney>> money = new(() => all.ToDictionary(m => m.Document));
    private readonly Lazy<IssuedDocuments> issued = new(() => new(books));

    /// <summary>With its parts, where they are not known yet.</summary>
    public Finding Of(Finding finding)
    {
        if (finding.Amount is not { Amount: not 0m } amount || finding.Parts.Count > 0) return finding;
        var document = finding.Streams.Select(books.DocumentOf).FirstOrDefault(d => d is not null);
        var shares = (finding.Class, document) switch
        {
            (DriftClass.Quantity, _) => [(DifferenceCause.Quantity, amount.Amount)],
            (DriftClass.Rate, _) => [(DifferenceCause.Rate, amount.Amount)],
            (DriftClass.Rounding, _) => [(DifferenceCause.Rounding, amount.Amount)],
            (DriftClass.Tax, _) => [(DifferenceCause.Tax, amount.Amount)],
            (DriftClass.OverCeiling, _) => [(DifferenceCause.Amount, amount.Amount)],
            (DriftClass.Unsourced, _) => [(DifferenceCause.Unexplained, amount.Amount)],
            (_, { } of) => OfItems(finding, of, amount) ?? OfDocument(finding, of, amount),
            _ => [(CauseOf(finding), amount.Amount)],
        };
        return finding with
        {
            Parts = shares.Where(s => s.Amount != 0m)
                .Select(s => new MoneyPart(s.Cause, amount with { Amount = s.Amount })).ToItems(),
        };
    }

    /// <summary>What is stated as an amount is another amount; what should follow from a document that nobody has is
    /// not explained.</summary>
    private static DifferenceCause CauseOf(Finding finding) => finding.Class is DriftClass.Amount
        && StreamName.KindOf(finding.Streams[0]) is var kind && kind != Kind.Posting.Name && kind != Kind.Payment.Name
            ? DifferenceCause.Amount
            : DifferenceCause.Unexplained;

    /// <summary>Of some of what a document bills: hours at their price, and amounts of their own; null where it is
    /// about the document as a whole.</summary>
    private static (DifferenceCause Cause, decimal Amount)[]? OfItems(Finding finding, Document document, Money amount)
    {
        if (finding.Class is DriftClass.Rebill or DriftClass.Amount) return null;
        var named = finding.Streams.ToHashSet(StringComparer.Ordinal);
        var bills = document.Bills.Where(b => named.Contains(b.Record?.Stream ?? b.Target)).ToArray();
        if (bills.Length == 0) return null;
        var amounts = bills.Where(b => b.Ref.Kind != Kind.Time.Name).ToArray();
        if (amounts.Length == bills.Length) return [(DifferenceCause.Amount, amount.Amount)];
        var stated = amounts.Sum(b => b.Amount ?? b.Expense?.Billing?.Amount ?? b.Milestone?.Billing?.Amount ?? 0m);
        return [(DifferenceCause.Quantity, amount.Amount - stated), (DifferenceCause.Amount, stated)];
    }

    private (DifferenceCause Cause, decimal Amount)[] OfDocument(Finding finding, Document document, Money amount)
    {
        if (money.Value.GetValueOrDefault(document) is not { } known || known.Currency != amount.Currency)
            return [(DifferenceCause.Unexplained, amount.Amount)];
        return Whole(known, amount) ?? (finding.Class is DriftClass.Amount ? Again(document, amount) : null)
            ?? ByOne(known, amount)
            ?? [(DifferenceCause.Unexplained, amount.Amount)];
    }

    /// <summary>All that a document asks for, once or several times, with its tax or without.</summary>
    private static (DifferenceCause Cause, decimal Amount)[]? Whole(CheckedMoney known, Money amount)
    {
        var (net, tax) = (known.Money.Stated.Amount, known.Document.State.Totals?.Tax ?? 0m);
        var made = known.Parts.Select(p => (p.Cause, p.Amount.Amount)).ToArray();
        if (IsTimes(amount, net)) return Times(made, amount.Amount / net);
        return IsTimes(amount, net + tax)
            ? Times([.. made, (DifferenceCause.Tax, tax)], amount.Amount / (net + tax))
            : null;
    }

    private static bool IsTimes(Money amount, decimal of) =>
        of != 0m && amount.Amount % of == 0m && Math.Abs(amount.Amount / of) <= TimesMax;

    private static (DifferenceCause Cause, decimal Amount)[] Times(
        (DifferenceCause Cause, decimal Amount)[] made, decimal times) =>
        [.. made.Select(m => (m.Cause, m.Amount * times))];

    /// <summary>What the document comes to when worked out again, where that is what the other side says.</summary>
    private (DifferenceCause Cause, decimal Amount)[]? Again(Document document, Money amount)
    {
        if (ReRating.Of(issued.Value.Of(document)!) is not { } again) return null;
        var net = again.Parts.Where(p => p.Cause is not DifferenceCause.Tax).ToArray();
        var parts = net.Sum(p => p.Amount.Amount) == amount.Amount ? net
            : again.Difference == amount ? [.. again.Parts] : null;
        return parts?.GroupBy(p => p.Cause).Select(g => (g.Key, g.Sum(p => p.Amount.Amount))).ToArray();
    }

    /// <summary>What one thing explains by itself.</summary>
    private static (DifferenceCause Cause, decimal Amount)[]? ByOne(CheckedMoney known, Money amount) =>
        known.Money.Probed.Any(p => p.Remainder == amount) ? [(DifferenceCause.Rounding, amount.Amount)]
        : known.Document.State.Totals?.Tax is { } tax && Math.Abs(tax) == Math.Abs(amount.Amount)
            ? [(DifferenceCause.Tax, amount.Amount)]
        : known.Document.State.Adjustments.Any(a => a.Amount == Math.Abs(amount.Amount))
            ? [(DifferenceCause.Adjustment, amount.Amount)]
        : null;
}
