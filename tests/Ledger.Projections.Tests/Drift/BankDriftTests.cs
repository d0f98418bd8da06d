using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Tests.Lineage;
using NodaTime;
using static Ledger.Projections.Tests.Drift.Told;

namespace Ledger.Projections.Tests.Drift;

/// <summary>Only what a bank booked is cash.</summary>
public sealed class BankDriftTests
{
    private static readonly LocalDate Day = new(2026, 3, 2);

    [Fact]
    public void A_payment_that_no_statement_books_is_missing_there_once_the_bank_had_its_time()
    {
        var story = Banking().Received("1", 960m);
        story.ShouldNotFind(DriftClass.Missing);
        var finding = story.Said("9", Day.PlusDays(9)).Finding(DriftClass.Missing);
        (finding.Money(), finding.Streams[0]).ShouldBe((960m, "payment/erp:1"));
        finding.Sentence.ShouldBe(
            "Payment 1 of 2026-03-02, 960.00 USD, is booked on no statement of bank: it is no cash.");
        story.Said("1", Day.PlusDays(2), new BankEntry("7", Day.PlusDays(2), 960m)).ShouldNotFind(DriftClass.Missing);
    }

    [Fact]
    public void What_is_only_announced_is_no_cash_yet()
    {
        var story = Banking().Received("1", 960m, "REF 1")
            .Said("1", Day, new BankEntry("7", Day, 960m, BankEntryStatus.Pending, "ref 1"));
        story.Finding(DriftClass.Missing).Sentence.ShouldBe(
            "Payment 1 of 2026-03-02, 960.00 USD, is only announced by bank, not booked: it is no cash yet.");
        story.Said("2", Day.PlusDays(1), new BankEntry("7", Day, 960m, BankRef: "ref 1"))
            .ShouldNotFind(DriftClass.Missing);
    }

    [Fact]
    public void One_entry_is_the_cash_of_one_payment_and_the_banks_reference_goes_first()
    {
        var story = Banking().Received("1", 960m).Received("2", 960m, "R2")
            .Said("1", Day, new BankEntry("7", Day, 960m, BankRef: "R2")).Said("9", Day.PlusDays(9));
        story.Finding(DriftClass.Missing).Streams[0].ShouldBe("payment/erp:1");
        Banking().Received("1", 960m, "R1").Said("1", Day, new BankEntry("7", Day, 948m, BankRef: "R1"))
            .Finding(DriftClass.Amount).Sentence
            .ShouldBe("Payment 1 is told as 960.00 USD; bank booked 948.00 USD: 12.00 USD too much.");
    }

    [Fact]
    public void A_reference_that_comes_again_each_month_pairs_like_amounts_and_near_days_whatever_came_first()
    {
        var story = Banking().Received("2", 110m, "R", Day.PlusMonths(1)).Received("1", 100m, "R")
            .Said("2", Day.PlusMonths(1), new BankEntry("8", Day.PlusMonths(1), 105m, BankRef: "R"))
            .Said("1", Day, new BankEntry("7", Day, 100m, BankRef: "R")).Said("9", Day.PlusMonths(2));
        story.ShouldNotFind(DriftClass.Missing);
        var amount = story.Finding(DriftClass.Amount);
        (amount.Money(), amount.Streams[0]).ShouldBe((5m, "payment/erp:2"));
        Banking().Received("2", 110m, "NOTPROVIDED", Day.PlusDays(3)).Received("1", 100m, "NotProvided")
            .Said("1", Day, new BankEntry("7", Day, 100m, BankRef: "NOTPROVIDED")).Said("9", Day.PlusDays(12))
            .Finding(DriftClass.Missing).Streams[0].ShouldBe("payment/erp:2");
    }

    [Fact]
    public void What_is_booked_as_one_for_several_payments_of_its_reference_is_held_to_their_sum()
    {
        static Story Batch(decimal booked) => Banking().Received("1", 100m, "B").Received("2", 210m, "B")
            .Said("1", Day, new BankEntry("7", Day, booked, BankRef: "B")).Said("9", Day.PlusDays(9));
        Batch(310m).ShouldNotFind(DriftClass.Missing);
        Batch(310m).ShouldNotFind(DriftClass.Amount);
        Batch(300m).ShouldNotFind(DriftClass.Missing);
        Batch(300m).Finding(DriftClass.Amount).Sentence.ShouldBe(
            "Payments 1 and 2 are told as 310.00 USD together; bank booked 300.00 USD: 10.00 USD too much.");
    }

    [Fact]
    public void Nothing_is_missing_from_a_bank_while_it_is_suspended()
    {
        var story = Banking().Received("1", 960m).Said("9", Day.PlusDays(9));
        story.Finding(DriftClass.Missing);
        story.Says("ledger", "source/bank", new SourceSuspended("new host", new(2030, 1, 1)))
            .Finding(DriftClass.Missing);
        story.Says("ledger", "source/bank", new SourceSuspended("new host")).ShouldNotFind(DriftClass.Missing);
        story.Says("ledger", "source/bank", new SourceResumed()).Finding(DriftClass.Missing);
    }

    [Fact]
    public void A_statement_that_does_not_add_up_says_so_and_stays_as_stated()
    {
        var story = new Story().Says("bank", "bank_statement/1", new BankStatementReceived(
            "DE02", Day, Day, Story.Dollar, [new("1", Day, 40m)], 100m, 150m));
        var world = story.World();
        world.Findings.ShouldHaveSingleItem().Words.ShouldBe(
            "bank_statement/bank:1 states a closing balance of 150.00 USD; opening balance and booked entries come to "
            + "140.00 USD.");
    }

    private static Story Banking() => new Story().Registered("bank", Role.Bank, "bank_statement");
}

internal static class BankStories
{
    public static Story Received(
        this Story story, string id, decimal amount, string? bankRef = null, LocalDate? on = null) => story.Says(
        "erp", $"payment/{id}", new PaymentReceived(
            on ?? new(2026, 3, 2), amount, Story.Dollar, BankRef: bankRef));

    public static Story Said(this Story story, string id, LocalDate day, params BankEntry[] entries) => story.Says(
        "bank", $"bank_statement/{id}", new BankStatementReceived("DE02", day, day, Story.Dollar, entries.ToItems()));
}
