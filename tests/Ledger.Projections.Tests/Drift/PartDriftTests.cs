using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Tests.Lineage;
using NodaTime;
using static Ledger.Projections.Tests.Drift.Told;

namespace Ledger.Projections.Tests.Drift;

/// <summary>What two systems say of the parts of one thing, and how far they may be behind each other.</summary>
public sealed class PartDriftTests
{
    [Fact]
    public void Lines_are_compared_by_what_they_bill_and_never_by_their_place()
    {
        var told = Two(Line("9", "2", 1m, 120m), Line("8", "1", 8m, 120m));
        told.Findings().ShouldBeEmpty();
    }

    [Fact]
    public void A_line_that_makes_the_total_another_is_told_and_not_the_total()
    {
        var amount = Two(Line("8", "1", 8m, 120m) with { Net = 900m }, Line("9", "2", 1m, 120m))
            .Finding(DriftClass.Amount);
        amount.Money().ShouldBe(60m);
        amount.Sentence.ShouldBe(
            "Invoice INV-7 is told differently. Lines/time/psa:1/net: billing says 960.00 USD, erp says 900.00 USD.");
    }

    [Fact]
    public void A_quantity_or_a_price_that_makes_the_line_another_is_told_and_not_the_line()
    {
        var hours = Two(Line("8", "1", 7.5m, 120m), Line("9", "2", 1m, 120m)).Findings().ShouldHaveSingleItem();
        (hours.Class, hours.Money()).ShouldBe((DriftClass.Quantity, 60m));
        hours.Sentence.ShouldEndWith("Lines/time/psa:1/quantity: billing says 8 h, erp says 7.5 h.");
        var price = Two(Line("8", "1", 8m, 125m), Line("9", "2", 1m, 120m)).Findings().ShouldHaveSingleItem();
        (price.Class, price.Money()).ShouldBe((DriftClass.Rate, -40m));
        var both = Two(Line("8", "1", 7m, 125m), Line("9", "2", 1m, 120m)).Findings();
        both.Select(f => (f.Class, f.Money())).ShouldBe(
            [(DriftClass.Amount, 85m), (DriftClass.Quantity, null), (DriftClass.Rate, null)], ignoreOrder: true);
    }

    [Fact]
    public void A_line_that_only_one_of_two_has_is_told_as_all_of_it()
    {
        var missing = Two(Line("8", "1", 8m, 120m)).Findings().ShouldHaveSingleItem();
        (missing.Class, missing.Money()).ShouldBe((DriftClass.Amount, 120m));
        missing.Sentence.ShouldEndWith("Lines/time/psa:2/net: billing says 120.00 USD, erp says nothing.");
    }

    [Fact]
    public void Lines_that_two_systems_cut_otherwise_are_compared_by_what_they_come_to_together()
    {
        InvoiceLine Both(decimal net) => new(
            "1", Net: net, Bills: [new(Story.Psa("time", "1")), new(Story.Psa("time", "2"))]);
        Two(Both(1_080m)).Findings().ShouldBeEmpty();
        var amount = Two(Both(1_000m)).Findings().ShouldHaveSingleItem();
        (amount.Class, amount.Money()).ShouldBe((DriftClass.Amount, 80m));
        amount.Sentence.ShouldEndWith(
            "Lines/time/psa:1 and time/psa:2/net: billing says 1080.00 USD, erp says 1000.00 USD.");
    }

    [Fact]
    public void What_nobody_delivered_may_be_anything_and_is_no_part_that_another_lacks()
    {
        var unknown = new InvoiceLine("8", Net: 960m, Bills: [new(new("time", "erp", "T1"))]);
        Two(unknown, Line("9", "2", 1m, 120m)).Findings().ShouldBeEmpty();
    }

    [Fact]
    public void Tax_is_compared_by_its_category_and_lines_without_work_by_theirs()
    {
        static InvoiceIssued Taxed(
            decimal net, string category, decimal rate, decimal tax, params InvoiceLine[] lines) => new(
                February, lines.ToItems(), Currency: Story.Dollar, Taxes: [new(tax, category, Rate: rate, Base: net)],
                Totals: new(net, tax)) { Number = "INV-7" };
        static Story Both(InvoiceIssued copy, params InvoiceLine[] lines) => new Story()
            .Says("billing", "invoice/7", Taxed(1_000m, "S", 20m, 200m, lines)).Says("erp", "invoice/F7", copy)
            .Says("ledger", "identity/1", Link("invoice", "billing", "7", "erp", "F7"));
        // What follows from another base is no difference of its own.
        var follows = Both(Taxed(900m, "S", 20m, 180m));
        follows.ShouldNotFind(DriftClass.Tax);
        follows.Finding(DriftClass.Amount).Money().ShouldBe(100m);
        Both(Taxed(900m, "S", 20m, 200m)).Finding(DriftClass.Amount).Money().ShouldBe(100m);
        var category = Both(Taxed(1_000m, "Z", 20m, 200m)).Finding(DriftClass.Tax);
        category.Money().ShouldBe(0m);
        category.Sentence.ShouldContain("Taxes/S/amount: erp says nothing, billing says 200.00 USD");
        Both(Taxed(1_000m, "S", 20m, 200.01m)).ShouldNotFind(DriftClass.Tax);
        var fee = new InvoiceLine("1", Net: 1_000m, Tax: new(Category: "S"));
        Both(
                Taxed(1_000m, "S", 20m, 200m, fee with { Net = 400m }, fee with { Line = "2", Net = 500m }), fee)
            .Finding(DriftClass.Amount).Sentence.ShouldEndWith(
                "Lines/tax S/net: billing says 1000.00 USD, erp says 900.00 USD.");
    }

    [Fact]
    public void Work_is_compared_on_approval_flags_task_and_cost()
    {
        TimeStated Shown(decimal cost) => new(
            Story.Psa("resource", "R1"), (LocalDate?)February, Hours(8m), Task: "T1", Billable: (bool?)true,
            BillableQuantity: Hours(6m), CostRate: PerHour(cost), Approval: new Approval(ApprovalStatus.Approved));
        Story Copied(TimeStated copy) => new Story().Says("psa", "time/1", Shown(50m)).Says("erp", "time/T1", copy)
            .Says("ledger", "identity/1", Link("time", "psa", "1", "erp", "T1"));
        Copied(Shown(50m)).Findings().ShouldBeEmpty();
        var all = Copied(Shown(51m) with
        {
            Task = "T2", BillableQuantity = Hours(7m), Approval = new Approval(ApprovalStatus.Rejected),
        }).Findings();
        all.Select(f => f.Sentence[(f.Sentence.IndexOf('.', StringComparison.Ordinal) + 2)..]).ShouldBe(
            [
                "Approval: psa says approved, erp says rejected.", "Task: psa says T1, erp says T2.",
                "Billable quantity: psa says 6 h, erp says 7 h.",
                "Cost rate: psa says 50.00 USD/h, erp says 51.00 USD/h.",
            ], ignoreOrder: true);
        var mapped = Copied(Shown(50m) with { Approval = new Approval(ApprovalStatus.Submitted) });
        mapped.Finding(DriftClass.Status);
        mapped.Says("ledger", "status_map/1", new StatusMapSet("erp", "time", new([new("submitted", "approved")])))
            .ShouldNotFind(DriftClass.Status);
    }

    [Fact]
    public void An_expense_is_compared_on_its_tax_by_category_task_and_approval()
    {
        static ExpenseRecorded Spent(string task, params Tax[] taxes) => new(
            February, "rail", 120m, Story.Dollar, true, Task: task, Taxes: taxes.ToItems());
        Story Copied(ExpenseRecorded copy) => new Story()
            .Says("psa", "expense/1", Spent("T1", new(20m, "S"), new(0m, "Z"))).Says("erp", "expense/E1", copy)
            .Says("ledger", "identity/1", Link("expense", "psa", "1", "erp", "E1"));
        Copied(Spent("T1", new(0m, "Z"), new(20m, "S"))).Findings().ShouldBeEmpty();
        var tax = Copied(Spent("T1", new(15m, "S"), new(0m, "Z"))).Finding(DriftClass.Tax);
        (tax.Money(), tax.Sentence).ShouldBe((
            5m, "Expense 1 is told differently. Taxes: psa says S 20; Z 0, erp says S 15; Z 0."));
        Copied(Spent("T2", new(20m, "S"), new(0m, "Z"))).Finding(DriftClass.Mapping);
        Copied(Spent("T1")).Says("psa", "expense/1", new ExpenseApproved("Bea"))
            .Says("erp", "expense/E1", new ExpenseRejected("Bea")).Finding(DriftClass.Status).Sentence
            .ShouldEndWith("Approval: psa says approved, erp says rejected.");
    }

    [Fact]
    public void A_payment_is_compared_by_what_it_settles_and_a_posting_by_account()
    {
        PaymentStated Paid(params (string Invoice, decimal Amount)[] parts) => new(
            (LocalDate?)February, (decimal?)100m, (Currency?)Story.Dollar,
            Applications: parts.Select((p, i) => new Application(
                $"{i}", new("invoice", "billing", p.Invoice), ApplicationKind.Cash, p.Amount)).ToItems());
        var payment = new Story().Issued("7", null).Issued("8", null)
            .Says("erp", "payment/1", Paid(("7", 60m), ("8", 40m)))
            .Says("bank", "payment/B1", Paid(("8", 100m)))
            .Says("ledger", "identity/1", Link("payment", "erp", "1", "bank", "B1")).Finding(DriftClass.Amount);
        payment.Money().ShouldBe(0m);
        payment.Sentence.ShouldContain("Applications/invoice/billing:7: erp says 60.00 USD, bank says nothing");
        PostingRecorded Posted(decimal tax, params PostingEntry[] entries) => new(
            February, "2026-02", Story.Dollar, new(100m, tax, 100m + tax), Entries: entries.ToItems());
        Story Booked(PostingRecorded copy) => new Story()
            .Says("erp", "posting/1", Posted(20m, new("1100", Debit: 120m), new("4000", Credit: 120m)))
            .Says("billing", "posting/P1", copy)
            .Says("ledger", "identity/1", Link("posting", "erp", "1", "billing", "P1"));
        Booked(Posted(20m, new("1100", Debit: 120m), new("4010", Credit: 120m))).Findings().ShouldHaveSingleItem()
            .Sentence.ShouldContain("Entries/4010: erp says nothing, billing says -120.00 USD");
        Booked(Posted(19m, new("1100", Debit: 119m), new("4000", Credit: 119m))).Findings()
            .Select(f => (f.Class, f.Money())).ShouldBe([(DriftClass.Amount, 1m), (DriftClass.Tax, 1m)], true);
    }

    [Fact]
    public void A_contract_is_compared_on_lines_instalments_and_terms_and_on_whether_it_is_over()
    {
        ContractStated Said(decimal line, LocalDate due, int days) => new(
            Currency: (Currency?)Story.Dollar, Terms: new Terms(TermsKind.Net, days),
            Lines: Items.Of([new ContractLine("A", Amount: line)]),
            Schedule: Items.Of([new ScheduleItem("1", due, 50m)]));
        Story Copied(ContractStated copy) => new Story().Says("clm", "contract/K", Said(100m, February, 30))
            .Says("psa", "contract/C", copy).Says("ledger", "identity/1", Link("contract", "clm", "K", "psa", "C"));
        var all = Copied(Said(90m, February.PlusDays(1), 45)).Findings();
        all.Select(f => (f.Class, f.Money())).ShouldBe([(DriftClass.Amount, 10m), (DriftClass.Period, null)], true);
        all[^1].Sentence.ShouldEndWith(
            "Terms: clm says net 30, psa says net 45; schedule/1/due: clm says 2026-02-01, psa says 2026-02-02.");
        var over = Copied(Said(100m, February, 30)).Says("psa", "contract/C", new ContractSuspended())
            .Says("clm", "contract/K", new ContractTerminated());
        over.Finding(DriftClass.Status).Sentence.ShouldEndWith("Status: clm says terminated, psa says suspended.");
        over.Says("psa", "contract/C", new ContractClosed()).Findings().ShouldBeEmpty();
    }

    [Fact]
    public void A_status_differs_once_the_lag_of_what_is_behind_has_passed_and_later_it_came_late()
    {
        var story = new Story().Registered("erp", Role.Erp, "client").Registered("billing", Role.Billing, "client")
            .Says("billing", "invoice/7", new InvoiceIssued(February, []) { Number = "INV-7" })
            .Says("erp", "invoice/F7", new InvoiceIssued(February, []))
            .Says("ledger", "identity/1", Link("invoice", "billing", "7", "erp", "F7"))
            .Says("billing", "invoice/7", new InvoiceCancelled(On: new(2026, 3, 1)));
        Status(story, 5).ShouldBe([]);
        Status(story, 6).ShouldBe([DriftClass.Status]);
        Status(story.Says("ledger", "lag/1", new LagSet("erp", 20)), 6).ShouldBe([]);
        Status(story, 21).ShouldBe([DriftClass.Status]);
        var late = DriftRun.Compute(story.Says("erp", "invoice/F7", new InvoiceCancelled(On: new(2026, 3, 25)))
            .World(day: new(2026, 3, 26))).Findings.Single(f => f.Class is not DriftClass.Rebill);
        (late.Class, late.Weight).ShouldBe((DriftClass.Late, FindingWeight.Notice));
        late.Sentence.ShouldBe(
            "Invoice INV-7 is void since 2026-03-01 in billing, and in erp only since 2026-03-25: 24 days later, where "
            + "it is allowed 20.");

        static DriftClass[] Status(Story story, int day) =>
            [.. DriftRun.Compute(story.World(day: new(2026, 3, day))).Findings.Select(f => f.Class)
                .Where(c => c is not DriftClass.Rebill)];
    }

    [Fact]
    public void Of_approved_and_rejected_the_last_decision_counts_and_the_first_who_made_it_is_followed()
    {
        static TimeStated Decided(ApprovalStatus status, int day) => new(
            WorkedOn: (LocalDate?)February, Approval: new Approval(status, At: Instant.FromUtc(2026, 3, day, 9, 0)));
        var story = new Story().Registered("erp", Role.Erp, "client")
            .Says("psa", "time/1", Decided(ApprovalStatus.Rejected, 5))
            .Says("erp", "time/T1", Decided(ApprovalStatus.Rejected, 5))
            .Says("ledger", "identity/1", Link("time", "psa", "1", "erp", "T1"))
            .Says("psa", "time/1", Decided(ApprovalStatus.Approved, 10));
        Differs(story, 14).ShouldBeFalse("within its five days");
        Differs(story, 15).ShouldBeTrue();
        Differs(story.Says("billing", "time/B1", Decided(ApprovalStatus.Approved, 13))
            .Says("ledger", "identity/2", Link("time", "psa", "1", "billing", "B1")), 15).ShouldBeTrue();

        static bool Differs(Story story, int day) => DriftRun.Compute(story.World(day: new(2026, 3, day))).Findings
            .Any(f => f.Class is DriftClass.Status);
    }

    private static IdentityLinked Link(string kind, string source, string id, string other, string copy) =>
        new(new(kind, source, id), new(kind, other, copy));

    private static InvoiceLine Line(string id, string entry, decimal hours, decimal price) =>
        Billing(entry, hours, price, hours * price) with { Line = id };

    /// <summary>An invoice over 8 h and 1 h at 120.00, and the ERP's copy with these lines.</summary>
    private static Story Two(params InvoiceLine[] copied) => new Story().Engagement().Worked("1", 8m).Worked("2", 1m)
        .Issued("7", 1_080m, Billing("1", 8m, 120m, 960m), Billing("2", 1m, 120m, 120m))
        .Says("erp", "invoice/F7", new InvoiceIssued(
            February, copied.ToItems(), Currency: Story.Dollar, Totals: new(copied.Sum(l => l.Net)))
        {
            Number = "INV-7",
        })
        .Says("ledger", "identity/1", Link("invoice", "billing", "7", "erp", "F7"));
}
