using Ledger.Domain;
using Ledger.Projections.Rating;
using Ledger.Projections.Views;
using NodaTime;

namespace Ledger.Projections.Tests.Bi;

/// <summary>Questions over firms small enough to reckon by hand.</summary>
public sealed class SmallFirmTests
{
    private static readonly Currency Pounds = Currency.Of("GBP"), Euros = Currency.Of("EUR");

    private static readonly Understood[] Engagement =
    [
        Said("crm", "client/C", new ClientRegistered("Acme")),
        Said("clm", "contract/K", new ContractSigned(
            new("client", "crm", "C"), new(2026, 1, 1), new(2026, 1, 1), Pounds, BillingModel.TimeAndMaterials,
            Ceilings: [new("all", "contract", 1_000m)], RateCards: [new("rate_card", Id: "R")])),
        Said("clm", "rate_card/R", new RateCardPublished(Pounds)),
        Said("clm", "rate_card/R", new RateCardRateSet(
            "any", RateUse.Bill, new(), new(100m, Pounds, Unit.Hour), new(2026, 1, 1)), 1),
        Said("clm", "rate_card/R", new RateCardRateSet(
            "lead", RateUse.Bill, new(Role: "Lead"), new(150m, Pounds, Unit.Hour), new(2026, 1, 1)), 2),
        Said("psa", "resource/anna", new ResourceOnboarded(
            "Anna", "Lead", CostRate: new(60m, Pounds, Unit.Hour))),
        Said("psa", "resource/ben", new ResourceOnboarded("Ben", CostRate: new(40m, Pounds, Unit.Hour))),
        Said("psa", "project/P", new ProjectCreated("Survey", Contract: new("contract", "clm", "K"))),
    ];

    [Fact]
    public async Task Unbilled_work_has_its_price_and_its_age_and_says_what_it_waits_for()
    {
        await using var ledger = await Told(
            Work("1", "anna", new(2026, 3, 2), 90), Approved("1", 90),
            Work("2", "ben", new(2026, 2, 1), 20), Approved("2", 20),
            Work("3", "ben", new(2026, 3, 3), 60),
            Work("4", "ben", new(2026, 3, 4), 60, billable: false), Approved("4", 60),
            Said("psa", "expense/9", new ExpenseRecorded(
                new(2026, 3, 5), "rail", 30.5m, Pounds, true, Project: new("project", Id: "P"))),
            Said("psa", "expense/9", new ExpenseApproved("bob"), 1));

        (await ledger.Rows("select age_days, items, hours, value, oldest::text from bi.unbilled_work order by 1"))
            .ShouldBe(["0-30|2|1.50|255.50|2026-03-02", "31-60|1|0.33|33.33|2026-02-01"]);
        (await ledger.Rows(
            "select record, coalesce(reason, 'ready'), value from bi.billing_readiness order by 1")).ShouldBe(
            [
                "expense/psa:9|ready|30.50", "time/psa:1|ready|225.00", "time/psa:2|ready|33.33",
                "time/psa:3|not_approved|100.00", "time/psa:4|not_billable|100.00",
            ]);
        (await ledger.Rows("select agreed, billed, unbilled, committed_percent, status from bi.contract_burn"))
            .ShouldBe(["1000|0|258.33|25.8|within"]);
        (await ledger.Rows("select kind, record, hours, cost from bi.approved_not_posted order by 2")).ShouldBe(
            [
                "expense|expense/psa:9|-|30.5", "time|time/psa:1|1.5000|90.00", "time|time/psa:2|0.3333|13.33",
                "time|time/psa:4|1.0000|40.00",
            ]);
    }

    [Fact]
    public async Task Work_has_the_role_and_the_cost_of_its_day_and_the_ledgers_day_its_ceiling()
    {
        await using var ledger = await Told(
            Work("1", "anna", new(2026, 3, 2), 60), Approved("1", 60),
            Work("2", "anna", new(2026, 3, 3), 60), Approved("2", 60),
            Said("psa", "resource/anna", new ResourceCostRateSet(new(90m, Pounds, Unit.Hour), new(2026, 3, 4)), 1),
            Said("psa", "resource/anna", new ResourceRoleChanged("Partner", "G1", new(2026, 3, 3)), 2),
            Said("psa", "resource/anna", new ResourceCostRateSet(new(80m, Pounds, Unit.Hour), new(2026, 3, 3)), 3),
            Said("clm", "contract/K", new ContractCeilingChanged(
                new("all", "contract", 2_000m), new(2026, 3, 10)), 5),
            Said("clm", "contract/K", new ContractCeilingChanged(
                new("all", "contract", 5_000m), new(2026, 3, 20)), 6),
            Said("psa", "expense/9", new ExpenseRecorded(
                new(2026, 3, 5), "refund", -30m, Pounds, true, Project: new("project", Id: "P"))),
            Said("psa", "expense/9", new ExpenseApproved("bob"), 1), Issued("7", 10m, new(2026, 3, 6), []));

        (await ledger.Rows("select time, role, price, cost_sixtieths / 60 from bi.time order by 1")).ShouldBe(
            ["time/psa:1|Lead|150|60.0000000000000000", "time/psa:2|Partner|100|80.0000000000000000"]);
        (await ledger.Rows(
            """
            select begins_on::text, ends_on::text, role, grade, cost_rate from bi.resource_term
            where resource = 'resource/psa:anna' order by begins_on nulls first
            """)).ShouldBe(
            [
                "-|2026-03-02|Lead|-|60", "2026-03-03|2026-03-03|Partner|G1|80", "2026-03-04|-|Partner|G1|90",
            ]);
        (await ledger.Rows("select time_cost, expense_cost, unbilled from bi.engagement_margin"))
            .ShouldBe(["140.00|-30|220.00"]);
        (await ledger.Rows("select agreed, unbilled from bi.contract_burn")).ShouldBe(["2000|250.00"]);
        (await ledger.Rows("select items, value from bi.unbilled_work")).ShouldBe(["3|220.00"]);
        (await ledger.Rows("select figure from bi.headline where question in ('unbilled_work', 'engagement_margin')"))
            .ShouldBe(["220.00", "120.00"], ignoreOrder: true);
        var world = await Worlds.Load(ledger.Source, CancellationToken.None);
        UnbilledWork.Of(world).Totals.ShouldBe([new Money(220m, Pounds)]);
        await RollForwards.ShouldBeTheProofs(ledger, world, months: 0);
    }

    [Fact]
    public async Task A_line_bills_its_part_of_an_hour_and_a_credit_gives_back_its_part_of_that()
    {
        Understood[] billed =
        [
            Work("1", "anna", new(2026, 3, 2), 120), Approved("1", 120),
            Work("2", "ben", new(2026, 3, 2), 60), Approved("2", 60),
            Issued("77", 190m, new(2026, 3, 31), [
                new("a", Quantity: new(1m, Unit.Hour), Price: new(150m, Pounds, Unit.Hour), Net: 150m,
                    Bills: [new(new("time", "psa", "1"), new(1m, Unit.Hour))]),
                new("b", Net: 40m, Bills: [new(new("time", "psa", "2"))])]),
        ];
        await using var ledger = await Told(billed);

        (await ledger.Rows("select time, hours_billed, hours_left, billed_value, left_value from bi.time order by 1"))
            .ShouldBe(["time/psa:1|1.0000|1.0000|150.00|150.00", "time/psa:2|1.0000|0.0000|40.00|0.00"]);
        (await ledger.Rows("select hours_billed, standard_value, billed_value, realization_percent from bi.realization"))
            .ShouldBe(["2.00|250.00|190.00|76.0"]);
        (await ledger.Rows("select work_unbilled, billed_below_card, leakage from bi.leakage"))
            .ShouldBe(["0|60.00|60.00"]);
        (await ledger.Rows("select billed, unbilled, time_cost, margin, margin_percent from bi.engagement_margin"))
            .ShouldBe(["190|150.00|160.00|180.00|52.9"]);
        (await ledger.Rows("select billed, unbilled from bi.contract_burn")).ShouldBe(["190.00|150.00"]);

        await using var credited = await Told([.. billed, Said("billing", "invoice/78", new InvoiceIssued(
            new(2026, 4, 1), [new("c", Quantity: new(30m, Unit.Minute), Net: 75m,
                Bills: [new(new("time", "psa", "1"), new(30m, Unit.Minute))],
                Credits: new(new("invoice", Id: "77"), "a"))],
            DocumentType.CreditNote, Client: new("client", "crm", "C"), Contracts: [new("contract", "clm", "K")],
            Currency: Pounds, Totals: new(75m, 0m, 75m)))]);

        (await credited.Rows("select hours_billed, hours_left, billed_value from bi.time where time = 'time/psa:1'"))
            .ShouldBe(["0.5000|1.5000|75.00"]);
        (await credited.Rows("select invoice, open from bi.receivable order by 1"))
            .ShouldBe(["invoice/billing:77|115", "invoice/billing:78|0"]);
        (await credited.Rows("select billed from bi.engagement_margin")).ShouldBe(["115"]);

        await using var replaced = await Told([
            .. billed,
            Said("billing", "invoice/79", new InvoiceIssued(
                new(2026, 4, 1), [new("1", Net: 30m, Bills: [new(new("time", "psa", "2"))])],
                Contracts: [new("contract", "clm", "K")], Currency: Pounds, Totals: new(30m, 0m, 30m),
                Preceding: [new(new("invoice", "billing", "77", Line: "b"), PrecedingRelation.Replaces)])),
            Said("erp", "payment/1", new PaymentApplied(
                "1", new("invoice", "billing", "77"), ApplicationKind.Cash, 100m, new(2026, 4, 3), Currency: Pounds,
                Discount: 5m))]);
        (await replaced.Rows("select invoice, paid, discounts, replaced, open from bi.receivable order by 1"))
            .ShouldBe(["invoice/billing:77|100|5|40.00|45.00", "invoice/billing:79|0|0|0|30"]);
        (await replaced.Rows("select billed from bi.engagement_margin")).ShouldBe(["180"]);
        (await replaced.Rows("select billed from bi.contract_burn")).ShouldBe(["180.00"]);
        (await replaced.Rows("select sum(cancelled) from bi.ar_roll_forward")).ShouldBe(["-40.00"]);
        await RollForwards.ShouldBeTheProofs(
            replaced, await Worlds.Load(replaced.Source, CancellationToken.None), months: 0);

        await using var voided = await Told([.. billed, Said("billing", "invoice/77", new InvoiceVoided(), 1)]);
        (await voided.Rows("select time, hours_left, reason from bi.time order by 1"))
            .ShouldBe(["time/psa:1|2.0000|-", "time/psa:2|1.0000|-"]);
        (await voided.Rows("select * from bi.receivable")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Lines_that_are_all_replaced_leave_nothing_owed_and_take_no_more_than_was()
    {
        static Understood Asking(
            string id, InvoiceTotals totals, Items<InvoiceLine> lines, Items<Preceding>? of = null) =>
            Said("billing", "invoice/" + id, new InvoiceIssued(
                new(2026, 3, of is null ? 1 : 5), lines, Contracts: [new("contract", "clm", "K")], Currency: Pounds,
                Totals: totals, Preceding: of));
        static Preceding Instead(string id, string line) =>
            new(new("invoice", "billing", id, Line: line), PrecedingRelation.Replaces);
        Items<InvoiceLine> thirds = [new("a", Net: 33.33m), new("b", Net: 33.33m), new("c", Net: 33.34m)];
        await using var ledger = await Told(
            Work("1", "anna", new(2026, 3, 2), 90), Approved("1", 90),
            Asking("1", new(100m, 19m, 119m), thirds), Asking("2", new(100m, 19m, 119m), thirds),
            Asking("3", new(1_000m, 190m, 1_190m, 690m, Payable: 500m), [new("a", Net: 1_000m)]),
            Asking("4", new(10m, 0m, 10m), [new("a", Net: 10m)], [
                Instead("1", "a"), Instead("1", "b"), Instead("1", "c"), Instead("2", "a"), Instead("3", "a")]));

        (await ledger.Rows("select invoice, replaced, trim_scale(open)::text from bi.receivable order by 1")).ShouldBe(
            [
                "invoice/billing:1|119|0", "invoice/billing:2|39.66|79.34", "invoice/billing:3|500|0",
                "invoice/billing:4|0|10",
            ]);
        (await ledger.Rows("select sum(trim_scale(net)), sum(trim_scale(tax)) from bi.document_asking"))
            .ShouldBe(["76.67|12.67"]);
        await RollForwards.ShouldBeTheProofs(
            ledger, await Worlds.Load(ledger.Source, CancellationToken.None), months: 0);
    }

    [Fact]
    public async Task What_is_owed_ages_from_its_due_date_and_currencies_stay_apart()
    {
        await using var ledger = await Told(
            Issued("1", 100m, new(2026, 1, 5), [], due: new(2026, 1, 31)),
            Issued("2", 200m, new(2026, 3, 1), [], due: new(2026, 3, 31)),
            Issued("3", 50m, new(2026, 1, 5), [], due: new(2026, 1, 31), currency: Euros),
            Issued("4", 70m, new(2026, 1, 5), [], due: new(2026, 1, 31)),
            Said("erp", "payment/1", new PaymentApplied(
                "1", new("invoice", "billing", "1"), ApplicationKind.Cash, 40m, new(2026, 2, 3), Currency: Pounds)),
            Said("billing", "invoice/4", new InvoiceSettlementStated(70m, Pounds, new(2026, 2, 1)), 1),
            Said("erp", "posting/1", new PostingRecorded(
                new(2026, 1, 6), "2026-01", Pounds, new(100m, 0m, 100m), new("invoice", "billing", "1"))));

        (await ledger.Rows("select client, currency, days_overdue, documents, open from bi.receivable_ageing order by 2, 3"))
            .ShouldBe(
            [
                "client/crm:C|EUR|31-60|1|50", "client/crm:C|GBP|31-60|1|60", "client/crm:C|GBP|not_due|1|200",
            ]);
        (await ledger.Rows("select invoice, days_since_issue from bi.invoices_not_posted order by 1")).ShouldBe(
            ["invoice/billing:2|14", "invoice/billing:3|69", "invoice/billing:4|69"]);
        (await ledger.Rows("select figure, unit from bi.headline where question = 'receivable_ageing' order by 2"))
            .ShouldBe(["50|EUR", "60|GBP"]);
    }

    [Fact]
    public async Task A_copy_that_was_never_told_of_an_amendment_is_named_with_what_it_says_otherwise()
    {
        Ceiling was = new("all", "contract", 1_000m), now = new("all", "contract", 2_000m);
        await using var ledger = await Told(
            Said("psa", "contract/7", new ContractStated { Ceilings = Items.Of([was]), Currency = Pounds }, 1),
            Said("ledger", "identity/1", new IdentityLinked(new("contract", "clm", "K"), new("contract", "psa", "7"))),
            Said("clm", "contract/K", new ContractAmended(
                "A1", new(2026, 3, 9), new(2026, 3, 9), [new TermChange("ceilings/all/amount", "2000")]), 20_000),
            Said("clm", "contract/K", new ContractCeilingChanged(now), 20_001));

        (await ledger.Rows(
            """
            select contract, amended_at, copy_at, amendments[1], differing[1], cardinality(differing)
            from bi.amendments_not_synchronised
            """)).ShouldBe(["contract/clm:K|clm|psa|A1|ceilings|1"]);
    }

    [Fact]
    public async Task Fees_of_every_model_wait_as_a_proposal_has_them()
    {
        await using var ledger = await Told([
            Said("clm", "contract/F", new ContractSigned(
                new("client", "crm", "C"), new(2026, 1, 1), new(2026, 1, 31), Pounds, BillingModel.FixedFee,
                new LocalDate(2026, 12, 31), [new("L", Amount: 100m)],
                Rounding: new(RoundingScope.Line, RoundingMode.HalfEven, 2), Billing: new(
                    Subscriptions:
                    [
                        new("desk", 310m, To: new(2026, 3, 10)), new("host", 90m, 2, InAdvance: true),
                        new("gone", 5m, From: new(2027, 1, 1)),
                    ],
                    Usage: [new("docs", [new(new(2m, Pounds, Unit.Piece)), new(new(3m, Pounds, Unit.Piece), 10m)])]))),
            Said("clm", "contract/F", new ContractBillingScheduleSet(
            [
                new("a", new(2026, 1, 1), 0m, Percent: 33.335m, Line: "L", ReleasedOn: new(2026, 2, 1)),
                new("b", new(2026, 1, 1), 0m, Percent: 33.335m, Line: "L", ReleasedOn: new(2026, 2, 1)),
                new("c", new(2026, 1, 1), 0m, Percent: 33.33m, Line: "L"), new("d", new(2026, 1, 1), 7m, Line: "L"),
            ]), 1),
            .. Enumerable.Range(1, 3).Select(i => Said("clm", "contract/F", new ContractUsageRecorded(
                $"u{i}", i == 3 ? "calls" : "docs", new(7m, Unit.Piece), new(2026, 3, i)), i + 1)),
            Said("clm", "contract/F", new ContractUsageRecorded("u0", "docs", new(1m, Unit.Piece), new(2026, 1, 2)), 6),
            Said("clm", "contract/T", new ContractSigned(
                new("client", "crm", "C"), new(2026, 1, 1), new(2026, 1, 1), Pounds, BillingModel.FixedFee)),
            Said("psa", "project/Q", new ProjectCreated("Report", Contract: new("contract", "clm", "T"))),
            Said("psa", "project/Q", new ProjectTaskAdded("draft", FixedFee: true, Budget: 500m), 1),
            Said("psa", "project/Q", new ProjectTaskAdded("print", FixedFee: true, Budget: 50m), 2),
            Said("psa", "project/Q", new ProjectTaskClosed("draft", new(2026, 3, 1)), 3),
            Said("billing", "invoice/5", new InvoiceDrafted(
                Contracts: [new("contract", "clm", "F")], Currency: Pounds, Lines:
                [new("1", Net: 90m, Bills: [new(new("contract", "clm", "F", Line: "host@2026-01-31"), Amount: 90m)])])),
            Issued("6", 100m, new(2026, 3, 1), [new("1", Net: 100m, Bills:
                [new(new("contract", "clm", "F", Line: "desk@2026-01-31"), Amount: 100m)])]),
            Issued("7", 10m, new(2026, 3, 1), [new("1", Net: 10m, Bills:
                [new(new("contract", "clm", "F", Line: "a"), Amount: 10m)])]),
            Said("psa", "milestone/S", new MilestonePlanned(
                new("project", Id: "P"), Contract: new("contract", "clm", "F"), Percent: 10m)),
            Said("psa", "milestone/S", new MilestoneAccepted(
                new("project", Id: "P"), new(2026, 3, 1), "Ada", [new("E")], Percent: 10m), 1),
            Issued("8", 4m, new(2026, 3, 1), [new("1", Net: 4m, Bills:
                [new(new("milestone", "psa", "S"), Amount: 4m)])])]);

        (await ledger.Rows(
            "select kind, part, value, coalesce(reason, 'ready'), unbilled from bi.billing_readiness order by 1, 2"))
            .ShouldBe(
            [
                "instalment|a|23.34|ready|True", "instalment|b|33.33|ready|True",
                "instalment|c|33.33|not_released|False", "instalment|d|7.00|not_released|False",
                "milestone|-|6.00|ready|True", "subscription|desk@2026-01-31|0.00|already_billed|False",
                "subscription|desk@2026-02-28|110.00|ready|True", "subscription|host@2026-01-31|90.00|on_draft|True",
                "task|draft|500.00|ready|True", "task|print|50.00|not_released|False",
                "usage|u0|3.00|outside_contract|True", "usage|u1|21.00|ready|True", "usage|u2|17.00|ready|True",
                "usage|u3|-|no_rate|True",
            ]);
        (await ledger.Rows("select sum(value), sum(value_ready) from bi.unbilled_work")).ShouldBe(["803.67|710.67"]);

        var world = await Worlds.Load(ledger.Source, CancellationToken.None);
        UnbilledWork.Of(world).Totals.ShouldBe([new Money(803.67m, Pounds)]);
        new[] { "contract/clm:F", "contract/clm:T" }
            .Sum(k => RatingOf.Proposal(world, k, world.Day)!.Documents.Sum(d => d.Draft.Totals!.Net!.Value))
            .ShouldBe(710.67m);
    }

    [Fact]
    public async Task What_a_ceiling_leaves_no_room_for_is_told_as_a_proposal_tells_it()
    {
        await using var ledger = await Told(
            Work("1", "anna", new(2026, 3, 2), 60), Approved("1", 60),
            Work("2", "anna", new(2026, 3, 3), 457), Approved("2", 457),
            Work("3", "ben", new(2026, 3, 4), 60), Approved("3", 60),
            Said("psa", "expense/9", new ExpenseRecorded(
                new(2026, 3, 5), "rail", 30.5m, Pounds, true, Project: new("project", Id: "P"))),
            Said("psa", "expense/9", new ExpenseApproved("bob"), 1));
        var world = await Worlds.Load(ledger.Source, CancellationToken.None);
        var over = RatingOf.Proposal(world, "contract/clm:K", world.Day)!.LeftOut
            .Select(l => $"{l.Id}|{DecimalText.Write(l.Amount!.Value.Amount)}").ToArray();

        over.ShouldBe(["time/psa:2|292.5", "time/psa:3|100"]);
        (await ledger.Rows("select record, trim_scale(value) from bi.over_ceiling order by 1")).ShouldBe(over);
    }

    [Fact]
    public async Task What_comes_and_how_long_things_take()
    {
        await using var ledger = await Told([
            Said("clm", "contract/F", new ContractSigned(
                new("client", "crm", "C"), new(2026, 1, 1), new(2026, 1, 1), Pounds, BillingModel.FixedFee,
                Terms: new(TermsKind.Net, 30), Billing: new(
                    Subscriptions: [new("desk", 100m, From: new(2026, 3, 1), To: new(2026, 5, 31))],
                    Tax: new(Rate: 20m)))),
            Said("clm", "contract/F", new ContractBillingScheduleSet(
            [
                new("a", new(2026, 2, 1), 600m, ReleasedOn: new(2026, 2, 1)), new("b", new(2026, 5, 10), 400m),
            ]), 1),
            Issued("1", 600m, new(2026, 3, 1), [new("1", Net: 600m, Bills:
                [new(new("contract", "clm", "F", Line: "a"), Amount: 600m)])], due: new(2026, 3, 31), contract: "F"),
            Said("erp", "posting/1", new PostingRecorded(
                new(2026, 3, 3), "2026-03", Pounds, new(600m, 0m, 600m), new("invoice", "billing", "1"))),
            Said("erp", "payment/1", new PaymentReceived(new(2026, 3, 11), 200m, Pounds)),
            Said("erp", "payment/1", new PaymentApplied(
                "1", new("invoice", "billing", "1"), ApplicationKind.Cash, 200m, new(2026, 3, 11), Currency: Pounds), 1),
            .. new[] { "Y", "Z" }.Select(far => Said("clm", $"contract/{far}", new ContractSigned(
                new("client", "crm", "C"), new(2026, 1, 1), new(2026, 4, 1), Pounds, BillingModel.FixedFee,
                Terms: new(TermsKind.Net, far == "Y" ? int.MaxValue : -int.MaxValue),
                Billing: new(Subscriptions: [new("far", 5m, int.MaxValue, InAdvance: true)])))),
            Said("clm", "contract/X", new ContractSigned(
                new("client", "crm", "C"), new(2026, 1, 1), new(2026, 4, 1), Pounds, BillingModel.FixedFee,
                Billing: new(Subscriptions: [new("gone", 5m, To: new(2026, 4, 30))]))),
            Said("clm", "contract/X", new ContractBillingScheduleSet([new("a", new(2026, 5, 1), 7m)]), 1),
            Said("clm", "contract/X", new ContractTerminated(new(2026, 3, 1)), 2),
            Said("erp", "revenue/1", new RevenueScheduleSet(
                1_000m, Pounds, new(RevenueTiming.OverTime), new("contract", "clm", "F"),
                Schedule: [new("1", new(2026, 3, 31), 100m), new("2", new(2026, 4, 30), 200m)])),
            Said("erp", "revenue/1", new RevenueRecognized("r", new(2026, 3, 10), 40m), 1),
            Said("clm", "contract/R", new ContractSigned(
                new("client", "crm", "C"), new(2026, 1, 1), new(2026, 1, 1), Pounds, BillingModel.Retainer,
                Billing: new(Retainer: new(RetainerAvailability.Invoiced, ClientMoney: true)))),
            Issued("2", 500m, new(2026, 2, 1), [], contract: "R", type: DocumentType.Prepayment),
            Said("erp", "payment/2", new PaymentApplied(
                "1", new("invoice", "billing", "2"), ApplicationKind.Cash, 300m, new(2026, 2, 9), Currency: Pounds)),
            Issued("3", 450m, new(2026, 3, 1), [], contract: "R", draws: 400m),
            Work("1", "ben", new(2026, 3, 2), 90, task: "draft"), Approved("1", 90),
            Said("psa", "expense/9", new ExpenseRecorded(
                new(2026, 3, 1), "rail", 30m, Pounds, false, Project: new("project", Id: "P"), Reimbursable: true)),
            Said("psa", "expense/9", new ExpenseReimbursed(new(2026, 3, 6), 20m, Pounds), 1)]);

        (await ledger.Rows("select contract, basis, contracted, billed, unbilled, backlog from bi.backlog order by 1"))
            .ShouldBe(
            [
                "contract/clm:F|fees|1300.00|600|0|700.00", "contract/clm:K|ceiling|1000|0|150.00|1000",
                "contract/clm:R|-|-|450|0|-", "contract/clm:X|fees|12.00|0|0|12.00", "contract/clm:Y|fees|5|0|0|5",
                "contract/clm:Z|fees|5|0|0|5",
            ]);
        (await ledger.Rows(
            """
            select contract, period, trim_scale(to_bill), trim_scale(cash) from bi.forecast
            where contract between 'contract/clm:X' and 'contract/clm:Z' order by 1, 2
            """)).ShouldBe(["contract/clm:Y|2026-04|5|0", "contract/clm:Y|2036-03|0|5", "contract/clm:Z|2026-04|5|5"]);
        (await ledger.Rows(
            """
            select period, trim_scale(to_bill), trim_scale(revenue), trim_scale(cash) from bi.forecast
            where contract = 'contract/clm:F' order by 1
            """)).ShouldBe(
            ["2026-03|100|60|400", "2026-04|100|200|120", "2026-05|500|0|120", "2026-06|0|0|600"]);
        (await ledger.Rows("select days, reimbursed, owed from bi.reimbursement")).ShouldBe(["5|20|10"]);
        (await ledger.Rows("select step, items, median_days from bi.cycle_time where step <> 'approve' order by place"))
            .ShouldBe(["post|1|2", "pay|1|10"]);
        (await ledger.Rows("select task, hours, unbilled, time_cost, margin from bi.phase_margin"))
            .ShouldBe(["draft|1.50|150.00|60.00|90.00"]);
        (await ledger.Rows("select client, systems[1], may_also_be from bi.client_golden"))
            .ShouldBe(["client/crm:C|crm|System.String[]"]);
        (await ledger.Rows(
            "select asked, paid, drawn, balance, is_client_money, available, overdrawn from bi.retainer_balance"))
            .ShouldBe(["500|300|400|-100|True|0|100"]);
        (await ledger.Rows(
            "select period, invoiced, recognised, closing, deferred, contract_asset from bi.deferred_roll_forward"))
            .ShouldBe(["2026-03|600|-40|560|560|0"]);
        await RollForwards.ShouldBeTheProofs(
            ledger, await Worlds.Load(ledger.Source, CancellationToken.None), months: 0);
    }

    private static Task<LedgerDatabase> Told(params IEnumerable<Understood> told) =>
        BiLedger.Of([.. Engagement, .. told], new LocalDate(2026, 3, 15));

    private static Understood Work(
        string id, string who, LocalDate on, decimal minutes, bool? billable = null, string? task = null) =>
        Said("psa", "time/" + id, new TimeEntryRecorded(
            new("resource", Id: who), on, new(minutes, Unit.Minute), new("project", Id: "P"), task, Billable: billable));

    private static Understood Approved(string id, decimal minutes) =>
        Said("psa", "time/" + id, new TimeEntryApproved("bob", new(minutes, Unit.Minute)), 1);

    private static Understood Issued(
        string id, decimal net, LocalDate on, Items<InvoiceLine> lines, LocalDate? due = null,
        Currency? currency = null, string contract = "K", DocumentType type = DocumentType.Invoice,
        decimal? draws = null) =>
        Said("billing", "invoice/" + id, new InvoiceIssued(
            on, lines, type, Client: new("client", "crm", "C"), Contracts: [new("contract", "clm", contract)],
            DueOn: due, Currency: currency ?? Pounds, Totals: new(net, 0m, net, draws, Payable: net - (draws ?? 0m)),
            Preceding: draws is null
                ? null
                : [new(new("invoice", "billing", "2"), PrecedingRelation.Settles, draws)]));

    private static Understood Said(string source, string subject, Event body, int minute = 0) =>
        Telling.Understood(source, subject, body, minute);
}
