using Ledger.Domain;
using Ledger.Projections.Proof;
using Ledger.Projections.Tests.Drift;
using Ledger.Projections.Tests.Lineage;
using NodaTime;

namespace Ledger.Projections.Tests.SignOffs;

/// <summary>Each fact is of the period whose movements it changes.</summary>
public sealed class SignedDaysTests
{
    private static readonly YearMonth[] Months =
        [.. Enumerable.Range(0, 6).Select(n => new LocalDate(2025, 12, 1).PlusMonths(n).ToYearMonth())];

    /// <summary>What was told when it was signed, what is told then, and the months it is of.</summary>
    private static readonly Dictionary<string, (Action<Story> Before, Action<Story> Then, string Months)> Facts = new()
    {
        ["a document is voided later"] = (
            _ => { }, s => s.Says("billing", "invoice/7", new InvoiceVoided("twice", new(2026, 4, 20))), "2026-04"),
        ["a document is voided as of a day before its issue"] = (
            _ => { }, s => s.Says("billing", "invoice/7", new InvoiceVoided("twice", new(2026, 1, 2))), "2026-02"),
        ["the day on which a document was voided is another"] = (
            s => s.Says("billing", "invoice/7", new InvoiceVoided("twice", new(2026, 4, 20))),
            s => s.Says("billing", "invoice/7", new InvoiceVoided("twice", new(2026, 3, 20))), "2026-03 2026-04"),
        ["a document is written off later"] = (
            s => s.IssuedOn(new(2025, 12, 10), "8", 500m, null),
            s => s.Says("billing", "invoice/8", new InvoiceWrittenOff(200m)), "2026-01"),
        ["a payment is reversed later"] = (
            _ => { }, s => s.Says("erp", "payment/M1", new PaymentReversed(new(2026, 4, 3))), "2026-04"),
        // A row says no day: it was reversed on the day of the row, which is in January.
        ["a payment is told as reversed"] = (
            _ => { }, s => s.Says(
                "erp", "payment/M1", new PaymentStated(Status: (PaymentStatus?)PaymentStatus.Reversed)),
            "2026-01 2026-02"),
        ["money is taken from a document later"] = (
            _ => { }, s => s.Says("erp", "payment/M1", new PaymentUnapplied("a1", new(2026, 4, 3))), "2026-04"),
        ["money that was taken from a document was reversed before"] = (
            s => s.Says("erp", "payment/M1", new PaymentUnapplied("a1", new(2026, 4, 3))),
            s => s.Says("erp", "payment/M1", new PaymentReversed(new(2026, 3, 20))), "2026-03 2026-04"),
        ["a credit note's money is paid out later"] = (
            s => s.Says("billing", "invoice/9", new InvoiceIssued(
                new(2026, 2, 3), Items<InvoiceLine>.None, DocumentType: DocumentType.CreditNote,
                Currency: Story.Dollar, Totals: new(Net: 50m))),
            s => s.Says("erp", "payment/M1", new CreditRefunded(
                new("invoice", "billing", "9"), 50m, Story.Dollar, new(2026, 4, 3))), "2026-04"),
        ["a posting is reversed later"] = (
            s => s.Posted("J8", "7", 960m),
            s => s.Says("erp", "posting/J8", new PostingReversed(new(2026, 4, 3))), "2026-04"),
        ["work is approved later"] = (Work, s => s.Approved("8", 3m), "2026-01"),
        ["work is rejected"] = (Work, s => s.Says("psa", "time/8", new TimeEntryRejected("Bea")), ""),
        ["work that was approved later is corrected"] = (
            Approved, s => s.Says("psa", "time/8", new TimeEntryCorrected(Quantity: Told.Hours(2m))),
            "2025-12 2026-01"),
        ["work is written down later"] = (
            Approved, s => s.Says("psa", "time/8", new TimeEntryWrittenDown(Quantity: Told.Hours(1m))), "2026-01"),
        ["work is written off later"] = (
            Approved, s => s.Says("psa", "time/8", new TimeEntryWrittenOff("goodwill")), "2026-01"),
        ["an expense is approved later"] = (
            Spent, s => s.Says("psa", "expense/8", new ExpenseApproved("Bea")), "2026-01"),
        ["an expense is written off later"] = (
            s => { Spent(s); s.Says("psa", "expense/8", new ExpenseApproved("Bea")); },
            s => s.Says("psa", "expense/8", new ExpenseWrittenOff("goodwill")), "2026-01"),
    };

    public static TheoryData<string> Names => [.. Facts.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Suspends_the_months_whose_movements_a_fact_changes_and_no_other(string fact)
    {
        var (before, then, months) = Facts[fact];
        var story = Signed();
        var was = Months.Select(m => Movements(story, m)).ToArray();
        then(story);
        var moved = Months.Where((m, i) => Movements(story, m) != was[i]).Select(Name).ToArray();
        var suspended = Months.Where(m => SignOffKeepingTests.Suspended(Signed(), then, Of(m)).Length == 1)
            .Select(Name).ToArray();
        suspended.ShouldBe(months.Split(' ', StringSplitOptions.RemoveEmptyEntries), fact);
        moved.Except(suspended).ShouldBeEmpty(fact);

        Story Signed()
        {
            var told = SignOffKeepingTests.Signed();
            before(told);
            return told;
        }
    }

    [Fact]
    public void A_period_that_gets_other_days_suspends_what_was_signed_by_its_name()
    {
        static Story Opened() => Opens(SignOffKeepingTests.Signed(), "UK", new(2026, 1, 1), new(2026, 1, 31));
        SignOff Of(string? entity, string? period = "P1") => SignOffKeepingTests.January with
        {
            Period = period, Entity = entity is null ? null : Story.LegalEntity(entity),
        };
        static void Moves(Story s) => Opens(s, "UK", new(2025, 12, 29), new(2026, 1, 25));
        var step = SignOffKeepingTests.Suspended(Opened(), Moves, Of("UK")).ShouldHaveSingleItem();
        (step.Stream, step.Event).ShouldBe(("period/erp:UK", "period_opened"));
        step.Sentence.ShouldEndWith(
            "changed which days the period P1 has; it was signed as 2026-01-01 to 2026-01-31.");
        SignOffKeepingTests.Suspended(Opened(), Moves, Of(null)).ShouldHaveSingleItem();
        SignOffKeepingTests.Suspended(Opened(), Moves, Of("DE")).ShouldBeEmpty("it is the other's period");
        SignOffKeepingTests.Suspended(Opened(), Moves, Of("UK", null)).ShouldBeEmpty("it was signed by its days");
        SignOffKeepingTests.Suspended(
            Opened(), s => s.Says("erp", "period/UK", new PeriodClosed()), Of("UK")).ShouldBeEmpty();
    }

    [Fact]
    public void A_name_that_comes_to_mean_other_days_for_another_legal_entity_suspends_the_whole_firms()
    {
        static Story Opened() => Opens(SignOffKeepingTests.Signed(), "UK", new(2026, 1, 1), new(2026, 1, 31));
        var whole = SignOffKeepingTests.January with { Period = "P1" };
        SignOffKeepingTests.Suspended(
            Opened(), s => Opens(s, "DE", new(2026, 1, 1), new(2026, 1, 31)), whole).ShouldBeEmpty("as the UK's");
        SignOffKeepingTests.Suspended(
            Opened(), s => Opens(s, "DE", new(2026, 1, 1), new(2026, 1, 25)), whole).ShouldHaveSingleItem();
    }

    [Fact]
    public void A_month_that_turns_out_to_be_a_period_of_other_days_suspends_what_was_signed_as_the_month()
    {
        var month = SignOffKeepingTests.January with { Period = "2026-01" };
        SignOffKeepingTests.Suspended(
            SignOffKeepingTests.Signed(), s => Opens(s, "UK", new(2026, 1, 1), new(2026, 1, 31), "2026-01"), month)
            .ShouldBeEmpty();
        SignOffKeepingTests.Suspended(
            SignOffKeepingTests.Signed(), s => Opens(s, "UK", new(2026, 1, 1), new(2026, 1, 25), "2026-01"), month)
            .ShouldHaveSingleItem();
    }

    private static Story Opens(Story story, string entity, LocalDate first, LocalDate last, string name = "P1") =>
        story.Says("erp", $"period/{entity}", new PeriodOpened(name, first, last)
        {
            Entity = Story.LegalEntity(entity),
        });

    /// <summary>Work of December that is not approved yet.</summary>
    private static void Work(Story story) => story.Time("8", 3m, null, on: new(2025, 12, 15));

    private static void Approved(Story story)
    {
        Work(story);
        story.Approved("8", 3m);
    }

    private static void Spent(Story story) => story.Says("psa", "expense/8", new ExpenseRecorded(
        new(2025, 12, 15), "travel", 90m, Story.Dollar, Billable: true, Project: new("project", Id: "P1")));

    private static SignOff Of(YearMonth month) =>
        new() { From = month.OnDayOfMonth(1), To = month.ToDateInterval().End };

    private static string Name(YearMonth month) => NodaTime.Text.YearMonthPattern.Iso.Format(month);

    /// <summary>What moved work in progress and receivables in a month.</summary>
    private static string Movements(Story story, YearMonth month)
    {
        var signed = Of(month);
        return string.Join('|', ProofRun.Of(story.World(), new(signed.From, signed.To)).Accounts.SelectMany(
            a => a.Work.Movements.Concat(a.Receivables.Movements).Select(m => $"{a.Name} {m}")));
    }
}
