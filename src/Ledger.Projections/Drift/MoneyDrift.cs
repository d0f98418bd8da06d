using Ledger.Domain;

namespace Ledger.Projections.Drift;

/// <summary>How an engagement's documents are rounded.</summary>
/// <param name="Stated">By the contract; null where no term says.</param>
/// <param name="Contract">Who states it.</param>
/// <param name="InForce">The stated rule, else the one that reproduces most documents, the usual ones first.</param>
/// <param name="Reproducing">Every rule that reproduces as many documents as any does.</param>
/// <param name="Reproduced">How many documents <paramref name="InForce"/> reproduces.</param>
/// <param name="Explained">How many documents some rule reproduces.</param>
/// <param name="Worked">How many documents bill time: the others have nothing to round.</param>
internal sealed record EngagementRounding(
    string Engagement, Currency Currency, Rounding? Stated, Stated<Contract>? Contract, Rounding InForce,
    Items<Rounding> Reproducing, int Documents, int Reproduced, int Explained, int Worked)
{
    /// <summary>Whether more is known of it than the system that tells it.</summary>
    public bool IsKnown => Engagement.Contains('/', StringComparison.Ordinal)
        || Engagement.Contains('#', StringComparison.Ordinal);

    /// <summary>Whether one rule is in force beyond doubt: by contract, or because most documents follow it.</summary>
    public bool IsSettled => Stated is not null || (Explained >= 2 && Reproduced * 2 > Explained);
}

/// <summary>What a document's money comes to under its engagement's rounding.</summary>
internal sealed record CheckedMoney(DocumentMoney Money, EngagementRounding Engagement)
{
    public Document Document => Money.Document;

    public Currency Currency => Money.Stated.Currency;

    private readonly ILookup<string?, ProbedWork> byLine = Money.Work.ToLookup(w => w.Line);

    public IReadOnlyCollection<ProbedWork> WorkOf(DocumentLine line) => [.. byLine[line.Id]];

    /// <summary>The document by the rule in force.</summary>
    public ProbedRule InForce { get; } = Money.Try(Engagement.InForce);

    /// <summary>Rules that lead to the stated total with nothing left over.</summary>
    public Items<Rounding> Reproducing { get; } = Money.Told.Where(p => p.Reproduces).Select(p => p.Rule).ToItems();

    /// <summary>Rules under which as much is left over as under the one in force.</summary>
    public Items<Rounding> Consistent => Reproducing.Count > 0
        ? Reproducing
        : Money.Told.Where(p => p.Remainder == InForce.Remainder).Select(p => p.Rule).ToItems();

    /// <summary>Work, rounded by the rule in force.</summary>
    public Money Work => InForce.Computed - Money.Fixed;

    /// <summary>The stated total less everything that is explained: work, expenses, fees, adjustments.</summary>
    public Money Remainder => InForce.Remainder + Money.UnsourcedLines;

    /// <summary>What is left over on the document itself, outside all lines; zero where any rounding explains it.
    /// </summary>
    public Money Outside => InForce.Reproduces || Reproducing.Count > 0
        ? Domain.Money.Zero(Currency)
        : Money.LineSum is { } sum ? Money.Stated - sum : InForce.Remainder;

    /// <summary>The stated total, by what makes it.</summary>
    public Items<MoneyPart> Parts
    {
        get
        {
            var (work, amounts) = (Work.Amount, (Money.Expenses + Money.Fees).Amount);
            var rounded = Reproducing.Count > 0 ? InForce.Remainder.Amount : 0m;
            var parts = new (DifferenceCause Cause, decimal Amount)[]
            {
                (DifferenceCause.Quantity, work), (DifferenceCause.Amount, amounts),
                (DifferenceCause.Adjustment, Money.Adjusted.Amount), (DifferenceCause.Rounding, rounded),
                (DifferenceCause.Unexplained,
                    Money.Stated.Amount - work - amounts - Money.Adjusted.Amount - rounded),
            };
            return parts.Where(p => p.Amount != 0m).Select(p => new MoneyPart(p.Cause, new(p.Amount, Currency)))
                .ToItems();
        }
    }

    /// <summary>Money asked for with nothing behind it.</summary>
    public Money Unsourced => Outside.Amount > 0m && AsksFor ? Outside + Money.UnsourcedLines : Money.UnsourcedLines;

    public bool AsksFor => !Document.GivesBack && Document.State.DocumentType is not DocumentType.Prepayment;
}

/// <summary>Compares each document's total with what it bills: unsourced money, rounding, and what is left.</summary>
internal static class MoneyDrift
{
    /// <summary>How most lines are rounded.</summary>
    private static readonly Rounding Line = new(RoundingScope.Line, RoundingMode.HalfAwayFromZero);

    /// <summary>Every document whose total and currency are known, with its engagement's rounding worked out.</summary>
    public static IReadOnlyList<CheckedMoney> Check(Books books)
    {
        var money = books.Documents.Select(d => DocumentMoney.Of(books, d)).OfType<DocumentMoney>()
            .GroupBy(m => (Engagement: books.EngagementOf(m.Document), m.Stated.Currency)).ToArray();
        return [.. money.SelectMany(group =>
        {
            var rounding = RoundingOf(books, group.Key.Engagement, group.Key.Currency, [.. group]);
            return group.Select(m => new CheckedMoney(m, rounding));
        })];
    }

    public static IEnumerable<Finding> In(Books books, IReadOnlyList<CheckedMoney> all)
    {
        var suggest = new Remainders(books, all);
        foreach (var money in all.Where(m => m.Document.IsLive))
        {
            if (money.Unsourced.Amount > 0m && !IsCopy(books, money.Document)) yield return Unsourced(money, suggest);
            if (Rounding(money) is { } rounding) yield return rounding;
            if (Amount(money) is { } amount) yield return amount;
        }
    }

    // The other record says what is billed; this one repeats the total.
    private static bool IsCopy(Books books, Document document) =>
        !document.Bills.Any() && books.Same(document).Skip(1).Any(twin => twin.Bills.Any());

    private static EngagementRounding RoundingOf(
        Books books, string engagement, Currency currency, DocumentMoney[] documents)
    {
        var contract = documents.SelectMany(d => books.ContractsOf(d.Document))
            .Where(c => c.State.Rounding is not null).Select(c => (Stated<Contract>?)c).FirstOrDefault();
        var stated = contract?.State.Rounding;
        var counts = RoundingProbe.Rules
            .Select((rule, i) => (Rule: rule, Count: documents.Count(d => d.Probed[i].Reproduces))).ToArray();
        var most = counts.Max(c => c.Count);
        var reproducing = counts.Where(c => c.Count == most && most > 0).Select(c => c.Rule)
            .Where(rule => documents.Any(d => RoundingProbe.CanTell(d.Work, rule.Scope)));
        var inForce = stated ?? counts.First(c => c.Count == most).Rule;
        return new(
            engagement, currency, stated, contract, inForce, reproducing.ToItems(), documents.Length,
            documents.Count(d => d.Try(inForce).Reproduces), documents.Count(d => d.Probed.Any(p => p.Reproduces)),
            documents.Count(d => d.Work.Count > 0));
    }

    private static Finding Unsourced(CheckedMoney money, Remainders suggest)
    {
        var document = money.Document;
        var (suggestions, related) = suggest.For(money);
        var evidence = new Evidence().Says(document.Record, "net", money.Money.Stated.ToString(), "totals", "lines")
            .Computes(document.Record.Stream, "work", money.Work.ToString())
            .Computes(document.Record.Stream, "expenses", money.Money.Expenses.ToString())
            .Computes(document.Record.Stream, "fees", money.Money.Fees.ToString());
        foreach (var line in money.Money.Unsourced)
            evidence.Says(document.Record, NetOf(line), Text(line.Asked(money.Currency), money), "lines");
        evidence.Mends(
            document.Record, "net", money.Money.Stated.ToString(), (money.Money.Stated - money.Unsourced).ToString());
        var said = string.Join(" ", suggestions.Take(2).Prepend(UnsourcedSentence(money)));
        return evidence.Finds(DriftClass.Unsourced, document, said, money.Unsourced) with
        {
            Suggestions = suggestions, Related = related,
        };
    }

    private static string UnsourcedSentence(CheckedMoney money)
    {
        if (money.Document.Lines.Count == 0)
            return $"{money.Document.Name} asks {money.Unsourced} and nothing in the ledger says for what: it has no "
                + "lines, and no time, expense or fee is linked to it.";
        if (money.Unsourced != money.Money.UnsourcedLines)
            return $"{money.Document.Name} is {money.Unsourced} above the work it bills: "
                + "no time, expense or fee explains it.";
        var named = Say.List(money.Money.Unsourced.Select(NameOf));
        return $"{money.Document.Name} asks {money.Unsourced} for {named} that nothing stands behind: "
            + "no time, expense or fee is named.";
    }

    private static string NameOf(DocumentLine line) =>
        line.Stated?.Description is { Length: > 0 } text ? $"\"{text}\"" : $"line {line.Id}";

    private static string NetOf(DocumentLine line) => $"lines/{line.Id}/net";

    private static string Text(decimal amount, CheckedMoney money) => new Money(amount, money.Currency).ToString();

    private static Finding? Rounding(CheckedMoney money)
    {
        var (document, engagement) = (money.Document, money.Engagement);
        if (money.InForce.Reproduces || money.Reproducing.Count == 0 || !engagement.IsSettled) return null;
        var difference = money.InForce.Remainder;
        var evidence = new Evidence().Says(document.Record, "net", money.Money.Stated.ToString(), "totals", "lines")
            .Computes(document.Record.Stream, "net by the rule in force", money.InForce.Computed.ToString())
            .Should(document.Record, "net", money.Money.Stated.ToString(), money.InForce.Computed.ToString());
        var rule = $"the engagement's other documents are rounded {Say.Rule(engagement.InForce)}";
        if (engagement.Contract is { } contract)
        {
            evidence.Says(contract.Record, "rounding", Say.Rule(engagement.InForce), "rounding");
            rule = $"its contract rounds {Say.Rule(engagement.InForce)}";
        }

        return evidence.Finds(
            DriftClass.Rounding, document,
            $"{document.Name} comes to its total only when rounded {Say.Rule(money.Reproducing[0])}; {rule}: "
            + $"{Say.Abs(difference)} {Say.TooMuch(difference)}.", difference);
    }

    /// <summary>Lines whose net is not what they bill, and what is left of the total in the client's favour.</summary>
    private static Finding? Amount(CheckedMoney money)
    {
        var document = money.Document;
        var wrong = document.Lines.Select(line => (Line: line, Difference: LineDifference(money, line)))
            .Where(l => l.Difference != 0m).ToArray();
        var outside = money.AsksFor && money.Outside.Amount > 0m ? Money.Zero(money.Currency) : money.Outside;
        var difference = new Money(wrong.Sum(l => l.Difference), money.Currency) + outside;
        if (wrong.Length == 0 && outside.Amount == 0m) return null;
        var evidence = new Evidence().Says(document.Record, "net", money.Money.Stated.ToString(), "totals", "lines")
            .Computes(document.Record.Stream, "net by what it bills", (money.Money.Stated - difference).ToString())
            .Should(
                document.Record, "net", money.Money.Stated.ToString(), (money.Money.Stated - difference).ToString());
        foreach (var (line, by) in wrong)
        {
            var net = line.NetStated!.Value;
            evidence.Says(document.Record, NetOf(line), Text(net, money), "lines")
                .Computes(document.Record.Stream, NetOf(line), Text(net - by, money));
            SourceRecord[] billed = [.. line.Bills.Select(b => b.Record).OfType<SourceRecord>()];
            foreach (var record in billed) evidence.Names(record, "amount", "quantity");
            evidence.Clashes([
                .. billed.SelectMany(r => r.ChangesOf("amount", "billableAmount", "quantity", "billableQuantity")),
                document.Record.Asserted("lines"),
            ]);
        }

        if (outside.Amount != 0m) evidence.Clashes(document.Record.Asserted("totals", "lines"));

        var where = wrong.Length switch
        {
            0 => "its total does",
            1 => $"line {wrong[0].Line.Id} does",
            _ => $"lines {Say.List(wrong.Select(l => l.Line.Id))} do",
        };
        return evidence.Finds(
            DriftClass.Amount, document,
            $"{document.Name} states {Say.Abs(difference)} {(difference.Amount < 0m ? "less" : "more")} than it bills: "
            + $"{where} not come to the quantities, prices and expenses named.",
            difference);
    }

    /// <summary>How far a line's stated net is from what it bills; zero where any rounding explains it.</summary>
    private static decimal LineDifference(CheckedMoney money, DocumentLine line)
    {
        if (line.NetStated is not { } net || line.Bills.Count == 0) return 0m;
        var currency = money.Currency;
        if (line.Bills.All(b => b.Expense is not null || b.Milestone is not null))
        {
            var worth = line.Bills
                .Select(b => b.Amount ?? InCurrency(b.Expense?.Billing ?? b.Milestone?.Billing, currency)).ToArray();
            return worth.All(w => w is not null) ? net - worth.Sum()!.Value : 0m;
        }

        var work = money.WorkOf(line);
        if (work.Count == 0 || line.Bills.Any(b => b.Entry is null)) return 0m;
        if (RoundingProbe.Total(work, Line, currency).Amount == net) return 0m;
        var probed = RoundingProbe.Try(work, Money.Zero(currency), new Money(net, currency));
        return probed.Any(p => p.Reproduces) ? 0m : probed[0].Remainder.Amount;
    }

    private static decimal? InCurrency(Money? money, Currency currency) =>
        money is { } known && known.Currency == currency ? known.Amount : null;
}
