using Ledger.Domain;
using static Ledger.Projections.Drift.StatedFact;

namespace Ledger.Projections.Drift;

/// <summary>Compares what different systems say of one and the same thing, field by field.</summary>
internal static class IdentityDrift
{
    /// <param name="those">Of which entities; null = of all.</param>
    public static IEnumerable<Finding> In(Books books, Func<Entity, bool>? those = null) =>
        from kind in Kind.All
        where !kind.IsGovernance
        from entity in books.World.Entities(kind)
        where entity.Members.Count > 1 && those?.Invoke(entity) != false
        let order = books.World.Firm.OrderOf(kind, "", null, books.World.Day)
        let members = entity.Members.Where(m => m.IsLive)
            .OrderBy(m => Ownership.Rank(order, books.World.RolesOf(m.Source)))
            .ThenBy(m => m.Stream, StringComparer.Ordinal).ToArray()
        where members.Select(m => m.Source).Distinct().Skip(1).Any()
        from finding in Differences(books, members)
        select finding;

    /// <summary>What an hour or a cost is compared by, always in the same places; null = it does not say.</summary>
    /// <param name="named">What a reference means.</param>
    public static StatedFact?[] FactsOf(SourceRecord work, Func<Ref, string, string> named) => work.Fold.State switch
    {
        TimeEntry t => OfTime(named, work, t),
        Expense e => OfExpense(named, work, e),
        _ => [],
    };

    /// <summary>Invoices of several systems that carry one number and that nothing links: they are not compared field
    /// by field until somebody says that they are one.</summary>
    public static IEnumerable<Finding> Unlinked(Books books)
    {
        foreach (var document in books.Documents)
        {
            var same = books.Same(document);
            if (same.Count < 2 || same.Any(d => string.CompareOrdinal(d.Record.Stream, document.Record.Stream) < 0))
                continue;
            var evidence = new Evidence();
            foreach (var twin in same) evidence.Says(twin.Record, "number", twin.Number, "number");
            yield return evidence.Finds(
                DriftClass.Mapping, document,
                $"{document.Name} is told by {Say.List(same.Select(d => d.Record.Source))} under one number, and "
                + "nothing links the two: they are compared once somebody does.") with
            {
                Weight = FindingWeight.Notice,
            };
        }
    }

    /// <summary>Each member against the owner's: the fields that differ, one finding a class, the owner of each field
    /// first.</summary>
    private static IEnumerable<Finding> Differences(Books books, SourceRecord[] members)
    {
        var facts = members
            .Select(m => (Record: m, Facts: Facts(books, m).DistinctBy(f => f.Field).ToDictionary(f => f.Field)))
            .ToArray();
        PartFacts.Fill(books, facts);
        var untold = Untold(members);
        if (untold is not null)
        {
            var known = facts.Where(f => untold.Copies.All(c => c.Record != f.Record)).ToArray();
            if (Unsynchronised(untold, [.. facts]) is { } finding) yield return finding;
            facts = known;
        }

        var told = facts.SelectMany(f => f.Facts.Keys).Distinct().Select(field => new Saying(
                field,
                [.. facts.Where(f => f.Facts.ContainsKey(field)).Select(f => (f.Record, Fact: f.Facts[field]))]))
            .Where(saying => saying.All.Length > 1).ToArray();
        var differing =
            from saying in PartFacts.Particular(members[0].Kind, told)
            where !StandingDrift.IsAlike(books, saying) && !StandingDrift.IsWaiting(books, saying)
            let order = books.World.Firm.OrderOf(members[0].Kind, saying.Field.Split('/')[0], null, books.World.Day)
            group saying with
            {
                All = [.. saying.All.OrderBy(s => Ownership.Rank(order, books.World.RolesOf(s.Record.Source)))],
            }
            by saying.All[0].Fact.Class;
        foreach (var drift in differing)
        {
            var evidence = new Evidence();
            foreach (var (record, fact) in drift.SelectMany(saying => saying.All))
                evidence.Says(record, fact.Field, fact.Text, AssertedBy(fact.Field));
            foreach (var (one, other) in drift.SelectMany(s => Contradictions(s.All))) evidence.Clashes(one, other);
            foreach (var saying in drift)
                if (Array.Find(saying.All, s => !s.Fact.Agrees(saying.All[0].Fact)) is
                    { Record: { } copy, Fact: var wrong })
                    evidence.Should(copy, wrong.Field, wrong.Text, saying.All[0].Fact.Text);
            var what = $"{Say.Capital(Words(members[0].Kind.Name))} {Books.LabelOf(members[0])}";
            var said = Say.Capital(string.Join("; ", drift.Select(Told)));
            yield return evidence.Finds(drift.Key, $"{what} is told differently. {said}.", Difference(drift)) with
            {
                Invoice = members[0].Kind == Kind.Invoice ? members[0].Fold.State!.Number : null,
                Of = drift.First().All[0].Fact.Money?.Amount, Off = Off([.. drift]),
            };
        }

        if (told.FirstOrDefault(t => t.Field == "status") is { } status
            && StandingDrift.Late(books, status) is { } late) yield return late;
    }

    /// <summary>Amendments that a system's copy of a contract was never told of.</summary>
    private sealed record Unaware(
        Stated<Contract> Amended, IReadOnlyList<(SourceRecord Record, Amendment Since)> Copies);

    /// <summary>Copies whose source has said nothing of the contract since it was amended at another; null where there
    /// is none.</summary>
    private static Unaware? Untold(SourceRecord[] members)
    {
        var amended = members.Where(m => m.Fold.State is Contract { Amendments.Count: > 0 })
            .Select(m => new Stated<Contract>(m, (Contract)m.Fold.State!)).FirstOrDefault();
        if (amended.Record is null) return null;
        var copies = members.Where(m => m != amended.Record && m.Fold.State is Contract { Amendments.Count: 0 })
            .Select(m => (Record: m, Since: amended.State.Amendments
                .Where(a => a.SignedOn > m.Fold.Order!.Time.InUtc().Date).MinBy(a => a.SignedOn)))
            .Where(c => c.Since is not null).Select(c => (c.Record, c.Since!)).ToArray();
        return copies.Length == 0 ? null : new(amended, copies);
    }

    /// <summary>One finding for all that such copies say otherwise; null where they say the same all the same.
    /// </summary>
    private static Finding? Unsynchronised(
        Unaware untold, (SourceRecord Record, Dictionary<string, StatedFact> Facts)[] facts)
    {
        var mine = facts.First(f => f.Record == untold.Amended.Record).Facts;
        var evidence = new Evidence();
        List<string> said = [];
        foreach (var (copy, since) in untold.Copies)
        {
            var theirs = facts.First(f => f.Record == copy).Facts;
            var other = mine.Values.Where(f => theirs.TryGetValue(f.Field, out var t) && !t.Value.Equals(f.Value))
                .ToArray();
            if (other.Length == 0) continue;
            evidence.SaysAt(untold.Amended.Record, "amendments", since.Id, since.Position).Clashes(since.Position);
            foreach (var fact in other)
                evidence.Says(untold.Amended.Record, fact.Field, fact.Text, AssertedBy(fact.Field))
                    .Says(copy, fact.Field, theirs[fact.Field].Text, AssertedBy(fact.Field))
                    .Should(copy, fact.Field, theirs[fact.Field].Text, fact.Text);
            var contract = Books.LabelOf(untold.Amended.Record);
            said.Add(
                $"Amendment {since.Id} of {Say.Date(since.SignedOn)} to contract {contract} never reached "
                + $"{copy.Source}: " + string.Join("; ", other.Select(f =>
                    $"{Words(f.Field)} is {f.Text}, {copy.Source} says {theirs[f.Field].Text}")) + ".");
        }

        return said.Count == 0 ? null : evidence.Finds(DriftClass.Unsynchronised, string.Join(" ", said));
    }

    /// <summary>Each two statements of a field that disagree.</summary>
    private static IEnumerable<(long One, long Other)> Contradictions(
        (SourceRecord Record, StatedFact Fact)[] saying) =>
        from one in Enumerable.Range(0, saying.Length)
        from other in Enumerable.Range(one + 1, saying.Length - one - 1)
        where !saying[one].Fact.Agrees(saying[other].Fact)
        select (By(saying[one]), By(saying[other]));

    private static long By((SourceRecord Record, StatedFact Fact) said) =>
        said.Record.Asserted(AssertedBy(said.Fact.Field));

    /// <summary><c>net: billing says 100.00 GBP, erp says 90.00 GBP</c>.</summary>
    private static string Told(Saying saying) => $"{Words(saying.Field)}: "
        + string.Join(", ", saying.All.GroupBy(s => s.Fact.Text).Select(same =>
            $"{Say.List(same.Select(s => s.Record.Source))} {(same.Count() == 1 ? "says" : "say")} {same.Key}"));

    /// <summary>The money of the whole, else of all its parts together.</summary>
    private static Money? Difference(IEnumerable<Saying> differing)
    {
        Money? sum = null;
        foreach (var saying in differing)
        {
            if (saying.Between is not { } by) continue;
            if (!saying.Field.Contains('/', StringComparison.Ordinal)) return by;
            sum = sum is { } parts && parts.Currency == by.Currency ? parts + by : sum ?? by;
        }

        return sum;
    }

    /// <summary>By how much a quantity differs; null where that is not one figure.</summary>
    private static Quantity? Off(Saying[] differing) => differing is [{ All: [var first, var other] } only]
        && first.Fact.Value is ValueTuple<decimal, Unit> mine && other.Fact.Value is ValueTuple<decimal, Unit> theirs
        && mine.Item2 == theirs.Item2
            ? new(only.Off(other.Record, first.Record)!.Value, mine.Item2)
            : null;

    private static string[] AssertedBy(string field) =>
        field is "net" or "gross" or "tax" ? ["totals", "lines"] : [field.Split('/')[0]];

    private static IEnumerable<StatedFact> Facts(Books books, SourceRecord record) =>
        Told(books, record).OfType<StatedFact>();

    private static IEnumerable<StatedFact?> Told(Books books, SourceRecord record) => record.Fold.State switch
    {
        TimeEntry t => OfTime(books.EntityOrName, record, t),
        Expense e => OfExpense(books.EntityOrName, record, e),
        Invoice i => OfInvoice(books, record, i),
        Posting p =>
        [
            Dated("postedOn", p.PostedOn), Said("period", DriftClass.Period, p.Period), Coded("currency", p.Currency),
            Priced("net", p.Totals?.Net, p.Currency), Priced("tax", p.Totals?.Tax, p.Currency, DriftClass.Tax),
            Priced("gross", p.Totals?.Gross, p.Currency), Standing(books, record, Say.Snake(p.Status)),
            .. PartFacts.Of(p),
        ],
        Payment p =>
        [
            Dated("receivedOn", p.ReceivedOn), Coded("currency", p.Currency), Priced("amount", p.Amount, p.Currency),
            Pointed(books, record, "client", p.Client), Standing(books, record, Say.Snake(p.Status)),
            .. PartFacts.Of(books, record, p),
        ],
        Client c => [.. StatedFact.Of(books, record), .. OfTaxIds(c)],
        Contract c => [.. StatedFact.Of(books, record), .. PartFacts.Of(books, record, c)],
        RateCard c => [.. StatedFact.Of(books, record), .. PartFacts.OfPrices(c.Rates)],
        ClientProposal p =>
        [
            .. StatedFact.Of(books, record), Priced("net", p.Totals?.Net, p.Currency),
            Priced("tax", p.Totals?.Tax, p.Currency, DriftClass.Tax), Priced("gross", p.Totals?.Gross, p.Currency),
        ],
        _ => StatedFact.Of(books, record),
    };

    private static IEnumerable<StatedFact?> OfTaxIds(Client c) => (c.TaxIds ?? Items<TaxId>.None)
        .GroupBy(t => (t.Scheme, t.Country)).Where(g => g.Count() == 1).Select(g =>
            Said($"taxIds/{g.Key.Scheme} {g.Key.Country}", DriftClass.Mapping, Packed(g.First().Value)));

    private static string Packed(string number) => number.Replace(" ", "", StringComparison.Ordinal);

    private static StatedFact?[] OfTime(Func<Ref, string, string> named, SourceRecord record, TimeEntry t) =>
    [
        Dated("workedOn", t.WorkedOn), Pointed(named, record, "project", t.Project),
        Pointed(named, record, "resource", t.Resource), Said("task", DriftClass.Mapping, t.Task),
        t.Quantity is { } q ? Amounting("quantity", q) : null,
        t.BillableQuantity is { } b ? Amounting("billableQuantity", b) : null, Priced("billRate", t.BillRate),
        Priced("costRate", t.CostRate), Billable(t.Billable), Approving(record, t.Approval),
    ];

    private static StatedFact?[] OfExpense(Func<Ref, string, string> named, SourceRecord record, Expense e) =>
    [
        Dated("incurredOn", e.IncurredOn), Pointed(named, record, "project", e.Project),
        Pointed(named, record, "resource", e.Resource), Said("task", DriftClass.Mapping, e.Task),
        Coded("currency", e.Currency), Priced("amount", e.Amount, e.Currency),
        Priced("billableAmount", e.BillableAmount, e.Currency), PartFacts.OfTaxes(e), Billable(e.Billable),
        Approving(record, e.Approval),
    ];

    private static StatedFact? Billable(bool? billable) => Said(
        "billable", DriftClass.Status, billable switch { true => "billable", false => "not billable", null => null });

    private static StatedFact?[] OfInvoice(Books books, SourceRecord record, Invoice i) =>
    [
        Pointed(books, record, "client", i.Client), Coded("currency", i.Currency), Dated("issuedOn", i.IssuedOn),
        Dated("dueOn", i.DueOn), Priced("net", Signed(i, i.NetStated), i.Currency),
        Priced("tax", Signed(i, i.Totals?.Tax), i.Currency, DriftClass.Tax) is { } tax
            ? tax with { Slack = i.Taxes.Count * DefaultTolerances.TaxOfCategory }
            : null,
        // Of three figures that belong together two are enough.
        i.Totals is { Net: not null, Tax: not null }
            ? null
            : Priced("gross", Signed(i, i.Totals?.Gross), i.Currency),
        Standing(books, record, StandingOf(i.Status)), .. PartFacts.Of(books, record, i),
    ];

    /// <summary>A credit note's +100 and a negative invoice's −100 are one amount.</summary>
    private static decimal? Signed(Invoice i, decimal? amount) => i.Sign * amount;

    /// <summary>draft &lt; issued; void. What is posted or paid is compared with postings and payments.</summary>
    private static string StandingOf(InvoiceStatus status) => status switch
    {
        InvoiceStatus.Draft or InvoiceStatus.Approved => "draft",
        InvoiceStatus.Issued => "issued",
        InvoiceStatus.Cancelled or InvoiceStatus.Voided => "void",
        InvoiceStatus.Discarded => "discarded",
        _ => throw new System.Diagnostics.UnreachableException($"no status {status}"),
    };

    /// <summary>A field's name in words; what its parts are called stays as it is.</summary>
    private static string Words(string name) => name.Split('/', 2) is [var field, var part]
        ? $"{Words(field)}/{part}"
        : string.Concat(name.Select(c =>
            c == '_' ? " " : char.IsUpper(c) ? " " + char.ToLowerInvariant(c) : c.ToString()));
}
