using Ledger.Domain;
using Ledger.Projections.Views;

namespace Ledger.Projections.Drift;

/// <summary>Compares everything the systems said, as of a position: a pure function of the world.</summary>
public static class DriftRun
{
    public static DriftReport Compute(World world)
    {
        var drift = Of(world, null);
        return Report(drift, world.Position, drift.Findings, drift.Controls);
    }

    /// <summary>What a world says of all that is in it.</summary>
    /// <param name="aside">Hours and costs that are not; null = all are.</param>
    internal static BooksDrift Of(World world, WorkAside? aside)
    {
        var (sound, absurd) = Reckonable.Of(world);
        var books = new Books(sound, aside?.Latest);
        var money = MoneyDrift.Check(books);
        var chains = Chains.Of(books);
        var controls = Controls.Of(books);
        Func<Entity, bool>? isTold = aside is null ? null : entity => !WorkRows.Has(entity.Kind);
        var found = absurd
            .Concat(IdentityDrift.In(books, isTold))
            .Concat(IdentityDrift.Unlinked(books))
            .Concat(MoneyDrift.In(books, money))
            .Concat(WorkDrift.In(books))
            .Concat(RateDrift.In(books))
            .Concat(ReleaseDrift.In(books))
            .Concat(MappingDrift.In(books))
            .Concat(TaxDrift.In(books))
            .Concat(CeilingDrift.In(books))
            .Concat(RetainerDrift.In(books))
            .Concat(FxDrift.In(books))
            .Concat(NumberingDrift.In(books))
            .Concat(SettlementDrift.In(books))
            .Concat(BankDrift.In(books))
            .Concat(TaxRegistrationDrift.In(books))
            .Concat(IntercompanyDrift.In(books))
            .Concat(PostingDrift.In(books, chains))
            .Concat(MissingDrift.In(books, controls))
            .Concat(CopyDrift.In(books, isTold))
            .Concat(Chains.In(books, chains)).Select(new MoneyParts(books, money).Of);
        var findings = Ranked(found.Select(f => books.Policy.Judge(f, EntityOf(sound, f))), f => f).ToItems();
        return new(books, money, findings, Invoices(books, money, chains, findings), controls);
    }

    /// <summary>The report of what was found, with the hours and costs that were compared beside.</summary>
    internal static DriftReport Report(BooksDrift drift, long position, WorkAside aside) => Report(
        drift, position, Merged(drift.Findings, [.. aside.Findings.Ranked], f => f).ToItems(),
        Controls.With(drift.Controls, aside.Counts));

    private static DriftReport Report(
        BooksDrift drift, long position, Items<Finding> findings, IReadOnlyList<ControlTotal> controls) => new(
        position, HeadlineOf(findings, drift.Invoices, drift.Money), findings, drift.Invoices, controls.ToItems());

    /// <summary>Where systems tell some hours or costs differently.</summary>
    /// <param name="world">All that hangs together with them, and what they point at.</param>
    /// <param name="those">Streams of the hours and costs.</param>
    internal static IEnumerable<WorkFinding> OfWork(World world, IReadOnlySet<string> those)
    {
        var sound = Reckonable.Of(world).World;
        var books = new Books(sound);
        return IdentityDrift.In(books, IsOne).Concat(CopyDrift.In(books, IsOne))
            .Select(new MoneyParts(books, []).Of).Select(f => new WorkFinding(
                sound.EntityOf(f.Streams[0]).Members,
                world.EntityOf(f.Streams[0]).Members.Select(m => m.Stream).ToItems(), EntityOf(sound, f), f));

        bool IsOne(Entity entity) => WorkRows.Has(entity.Kind) && entity.Members.Any(m => those.Contains(m.Stream));
    }

    /// <summary>The legal entity of what a finding is about first; null where nobody says.</summary>
    private static string? EntityOf(World world, Finding finding) =>
        finding.Streams.Count > 0 && world.Records.TryGetValue(finding.Streams[0], out var record)
            ? world.Firm.EntityOf(record)
            : null;

    /// <summary>Differences before notices; within them the most money first; then by what stays the same in any order
    /// of reading.</summary>
    internal static IEnumerable<T> Ranked<T>(IEnumerable<T> found, Func<T, Finding> finding) =>
        found.Order(Comparer<T>.Create((a, b) => Compare(finding(a), finding(b))));

    /// <summary>Two lists that are ranked, as one.</summary>
    internal static List<T> Merged<T>(IReadOnlyList<T> first, IReadOnlyList<T> second, Func<T, Finding> finding)
    {
        var merged = new List<T>(first.Count + second.Count);
        var next = 0;
        foreach (var item in first)
        {
            while (next < second.Count && Compare(finding(second[next]), finding(item)) < 0) merged.Add(second[next++]);
            merged.Add(item);
        }

        for (; next < second.Count; next++) merged.Add(second[next]);
        return merged;
    }

    private static int Compare(Finding a, Finding b)
    {
        var order = a.Weight.CompareTo(b.Weight);
        if (order == 0) order = Math.Abs(b.Amount?.Amount ?? 0m).CompareTo(Math.Abs(a.Amount?.Amount ?? 0m));
        if (order == 0) order = a.Class.CompareTo(b.Class);
        if (order == 0) order = (a.Invoice?.Length ?? 0).CompareTo(b.Invoice?.Length ?? 0);
        if (order == 0) order = string.CompareOrdinal(a.Invoice, b.Invoice);
        if (order == 0) order = string.CompareOrdinal(About(a), About(b));
        return order != 0 ? order : string.CompareOrdinal(a.Sentence, b.Sentence);

        static string About(Finding finding) => finding.Streams.Count > 0 ? finding.Streams[0] : "";
    }

    private static Items<InvoiceCheck> Invoices(
        Books books, IReadOnlyList<CheckedMoney> money, IReadOnlyList<Chain> chains, Items<Finding> findings)
    {
        var checkedBy = money.ToDictionary(m => m.Document);
        var chainOf = chains.SelectMany(c => c.Void.Concat(c.Live).Select(d => (Document: d, Chain: c)))
            .ToLookup(x => x.Document, x => x.Chain);
        var about = findings.Where(f => f.Streams.Count > 0).ToLookup(f => f.Streams[0]);
        return books.Documents
            .InNumberOrder(d => d.Number).ThenBy(d => d.IssuedOn).ThenBy(d => d.Record.Stream, StringComparer.Ordinal)
            .Select(d => Check(
                books, d, checkedBy.GetValueOrDefault(d), [.. chainOf[d]],
                [.. d.Entity.Members.SelectMany(m => about[m.Stream])])).ToItems();
    }

    private static InvoiceCheck Check(
        Books books, Document document, CheckedMoney? money, Chain[] chains, Finding[] findings)
    {
        var differences = findings.Count(f => f.Weight is FindingWeight.Difference);
        var systems = document.Entity.Members.Where(m => m.IsLive).Select(m => m.Source)
            .Concat(document.Bills.Select(b => b.Record?.Source)).OfType<string>().Distinct().Count();
        return new(
            document.Number, document.Record.Stream, document.State.DocumentType, document.State.Status,
            document.IssuedOn, document.Currency, document.Net, money?.Work, money?.Money.Expenses, money?.Money.Fees,
            money?.Money.Adjusted, money?.Remainder, money?.Engagement.InForce, money?.Engagement.Stated is not null,
            money?.Consistent ?? Items<Rounding>.None, document.State.Lines.Count,
            document.Bills.Count(b => b.Ref.Kind == Kind.Time.Name),
            document.Bills.Count(b => b.Ref.Kind == Kind.Expense.Name),
            document.Bills.Count(b => b.Record is null), chains.SelectMany(c => c.Numbers).Distinct().ToItems(),
            !document.IsLive ? Verdict.NotLive
                : differences > 0 ? Verdict.Differs
                : systems > 1 || books.IsBookedElsewhere(document) ? Verdict.Agrees
                : Verdict.AgreesSameSystem,
            differences, findings.Length - differences);
    }

    private static Headline HeadlineOf(
        Items<Finding> findings, Items<InvoiceCheck> invoices, IReadOnlyList<CheckedMoney> money)
    {
        var classes = findings.GroupBy(f => (f.Weight, f.Class, f.Amount?.Currency))
            .OrderBy(g => g.Key.Weight).ThenBy(g => g.Key.Class)
            .ThenBy(g => g.Key.Currency?.Code, StringComparer.Ordinal)
            .Select(g => new ClassTotal(
                g.Key.Class, g.Key.Weight, g.Key.Currency, g.Count(),
                g.Sum(f => Math.Max(f.Amount?.Amount ?? 0m, 0m)), -g.Sum(f => Math.Min(f.Amount?.Amount ?? 0m, 0m))));
        var engagements = money.Select(m => m.Engagement).Where(e => e.Worked > 0).Distinct()
            .OrderBy(e => e.Engagement, StringComparer.Ordinal).ThenBy(e => e.Currency.Code, StringComparer.Ordinal)
            .Select(e => new EngagementTotal(
                e.Engagement, e.Currency, e.Stated is not null, e.InForce, e.Reproducing, e.Documents, e.Reproduced,
                e.Explained));
        var notLive = invoices.Count(i => i.Verdict is Verdict.NotLive);
        return new(
            invoices.Count - notLive, invoices.Count(i => i.Verdict is Verdict.Agrees),
            invoices.Count(i => i.Verdict is Verdict.AgreesSameSystem),
            invoices.Count(i => i.Verdict is Verdict.Differs), notLive,
            findings.Count(f => f.Weight is FindingWeight.Difference),
            findings.Count(f => f.Weight is FindingWeight.Notice), classes.ToItems(), engagements.ToItems());
    }
}

/// <summary>What was found in books.</summary>
internal sealed record BooksDrift(
    Books Books, IReadOnlyList<CheckedMoney> Money, Items<Finding> Findings, Items<InvoiceCheck> Invoices,
    IReadOnlyList<ControlTotal> Controls);
