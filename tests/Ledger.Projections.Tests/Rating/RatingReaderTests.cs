using Ledger.Domain;
using Ledger.Projections.Rating;
using Ledger.Projections.Tests.Lineage;
using Ledger.Store;
using NodaTime;
using static Ledger.Projections.Tests.Lineage.Story;

namespace Ledger.Projections.Tests.Rating;

public sealed class RatingReaderTests
{
    private static readonly LocalDate Through = new(2026, 9, 30);
    private static readonly CancellationToken Go = CancellationToken.None;

    [Fact]
    public async Task Every_contract_of_the_firm_is_proposed_issued_and_then_there_is_nothing_left()
    {
        await using var database = await Firm();
        var reader = new RatingReader(database.Source);
        var issued = new List<NewEvent>();
        foreach (var contract in await Contracts(database))
        {
            var proposal = (await reader.Proposal(contract, Through, Go)).ShouldNotBeNull();
            proposal.Answer.LeftOut.ShouldNotContain(l => l.Reason == LeftOutReason.NoRate, contract);
            issued.AddRange(proposal.Answer.Documents.Select((d, i) => Telling.Understood(
                "billing", $"invoice/{contract}-{i}", d.Issued(Through, $"P-{contract}-{i}"))).Select(Recorded.New));
        }

        issued.ShouldNotBeEmpty("September's work is not billed yet");
        await database.Append(issued);
        await database.Projector().CatchUp(null, Go);
        foreach (var contract in await Contracts(database))
            (await reader.Proposal(contract, Through, Go))!.Answer.Documents.ShouldBeEmpty(contract);
        var told = await database.Rows("select id from views.entity where kind = 'invoice' and id like '%:contract/%'");
        told.Count.ShouldBe(issued.Count);
        foreach (var invoice in told)
        {
            var again = (await reader.ReRating(invoice, Go)).ShouldNotBeNull();
            again.Answer.Parts.ShouldBeEmpty(RatingText.Write(again));
        }
    }

    [Fact]
    public async Task Every_invoice_of_the_firm_is_worked_out_to_the_cent_but_those_planted_wrong()
    {
        await using var database = await Firm();
        var reader = new RatingReader(database.Source);
        var off = new List<string>();
        foreach (var invoice in await database.Rows("select id from views.entity where kind = 'invoice' order by id"))
        {
            var again = await reader.ReRating(invoice, Go);
            if (again is not { Answer: { IsEqual: false } rated }) continue;
            rated.Parts.Sum(p => p.Amount.Amount).ShouldBe(rated.Difference.Amount);
            var cause = rated.Parts.Where(p => p.Cause != DifferenceCause.Tax).ShouldHaveSingleItem(invoice);
            var number = (await database.Rows(
                $"select number from views.by_source where stream = '{invoice}'"))[0];
            off.Add($"{number} {cause.Cause} {cause.Amount.Text}");
        }

        off.Order().ShouldBe(
        [
            "HM-2026-0103 Quantity 186.00", "HM-2026-0107 Rounding 0.02", "HM-2026-0108 Rate -26.00",
            "HMD-2026-0015 Unexplained 950.00",
        ]);
    }

    [Fact]
    public async Task A_difference_names_the_event_that_made_it()
    {
        await using var database = await Firm();
        var invoice = (await database.Rows(
            "select stream from views.by_source where number = 'HM-2026-0103' and source = 'billing'"))[0];
        var again = (await new RatingReader(database.Source).ReRating(invoice, Go)).ShouldNotBeNull();
        var quantity = again.Answer.Parts.Single(p => p.Cause == DifferenceCause.Quantity);
        again.Events.Find(quantity.Events.ShouldHaveSingleItem())!.Id.ShouldBe("psa-910348");
        RatingText.Write(again).ShouldContain("psa/psa-910348");
        RatingJson.Write(again).ShouldContain("\"psa-910348\"");
    }

    [Fact]
    public async Task A_price_changed_for_days_gone_by_touches_billed_and_unbilled_work()
    {
        await using var database = await LedgerDatabase.Create();
        var line = new InvoiceLine(
            "1", Quantity: new(8m, Unit.Hour), Price: new(120m, Dollar, Unit.Hour), Net: 960m,
            Bills: [new(Psa("time", "1"))]);
        var story = new Story().Engagement().Time("1", 8m, null).Approved("1", 8m).Time("2", 2m, null)
            .Approved("2", 2m).Issued("7", 960m, line)
            .Says("clm", "rate_card/RC", new RateCardRateSet(
                "senior-2", RateUse.Bill, new(Role: "Senior"), new(130m, Dollar, Unit.Hour), new(2026, 1, 3),
                Replaces: "senior"));
        await database.Append(story.Events);
        await database.Projector().CatchUp(null, Go);
        var touches = (await new RatingReader(database.Source).Touches("rate_card/clm:RC", new(2026, 1, 3), Go))
            .ShouldNotBeNull();
        touches.Answer.Work.Select(w => (w.Id, w.Remedy, w.Was?.Amount, w.Difference.Amount)).ShouldBe(
        [
            ("time/psa:1", RateRemedy.CreditAndRebill, 120m, 80m), ("time/psa:2", RateRemedy.Reprice, 120m, 20m),
        ]);
        touches.Answer.Adjustments.Select(a => a.Draft.Totals!.Net).ShouldBe([960m, 1_040m]);
        RatingText.Write(touches).ShouldContain("proposed for INV-7: credit note over 960.00 USD");
        RatingJson.Write(touches).ShouldContain("\"remedy\":\"credit_and_rebill\"");
        (await new RatingReader(database.Source).Touches("rate_card/clm:nil", new(2026, 1, 3), Go)).ShouldBeNull();

        var known = story.Events.Length;
        // A new role with a price of its own, told late; then a price of the contract's own, another place on the
        // project, and a ceiling below what is billed.
        story.Says("psa", "resource/R1", new ResourceCostRateSet(new(60m, Dollar, Unit.Hour), new(2025, 1, 1)))
            .Says("psa", "resource/R1", new ResourceCostRateSet(new(75m, Dollar, Unit.Hour), new(2026, 1, 3)))
            .Says("clm", "rate_card/RC", new RateCardRateSet(
                "lead", RateUse.Bill, new(Role: "Lead"), new(150m, Dollar, Unit.Hour), new(2026, 1, 1)))
            .Says("psa", "resource/R1", new ResourceRoleChanged("Lead", From: new(2026, 1, 3)));
        await Goes("resource/psa:R1", "time/psa:1 CreditAndRebill 120 240", "time/psa:2 Reprice 120 60");
        touches.Answer.Costs.ShouldBe([new Money(150m, Dollar)]);
        story.Says("psa", "project/P1", new ProjectResourceAssigned(Psa("resource", "R1"), "Senior", new(2026, 1, 3)));
        await Goes("project/psa:P1", "time/psa:1 CreditAndRebill 120 80", "time/psa:2 Reprice 120 20");
        story.Says("clm", "contract/K1", new ContractRateSet(
                "own", RateUse.Bill, new(), new(100m, Dollar, Unit.Hour), new(2026, 1, 3)))
            .Says("clm", "contract/K1", new ContractCeilingChanged(
                new("cap", "contract", 900m), new(2026, 1, 3)));
        await Goes("contract/clm:K1", "time/psa:1 CreditAndRebill 120 -160", "time/psa:2 Reprice 120 -40");
        var ceiling = touches.Answer.Ceilings.ShouldHaveSingleItem();
        (ceiling.Was, ceiling.Now?.Amount, ceiling.Over).ShouldBe((null, 900m, new Money(60m, Dollar)));
        RatingText.Write(touches).ShouldContain("ceiling cap  none → 900  960.00 USD billed, 60.00 USD over");
        story.Says("clm", "contract/K1", new ContractRateWithdrawn("own", new(2026, 1, 2)));
        await Goes("contract/clm:K1", "time/psa:1 CreditAndRebill 120 80", "time/psa:2 Reprice 120 20");

        async Task Goes(string subject, params string[] expected)
        {
            await database.Append([.. story.Events.Skip(known)]);
            known = story.Events.Length;
            await database.Projector().CatchUp(null, Go);
            touches = (await new RatingReader(database.Source).Touches(subject, new(2026, 1, 3), Go)).ShouldNotBeNull();
            touches.Answer.Work.Select(w => $"{w.Id} {w.Remedy} {w.Was?.Amount:0} {w.Difference.Amount:0}")
                .ShouldBe(expected, subject);
        }
    }

    [Fact]
    public async Task What_is_credited_is_free_again_and_what_a_draft_bills_waits_for_it()
    {
        await using var database = await LedgerDatabase.Create();
        var story = new Story().Engagement().Time("1", 8m, null).Approved("1", 8m).Time("2", 2m, null)
            .Approved("2", 2m).Issued("7", 960m, Line("1", 960m, Bills("1", 8m)))
            .Says("billing", "invoice/8", new InvoiceDrafted(
                Currency: Dollar, Lines: [Line("1", 240m, Bills("2", 2m))]));
        await database.Append(story.Events);
        await database.Projector().CatchUp(null, Go);
        var reader = new RatingReader(database.Source);
        var before = (await reader.Proposal("contract/clm:K1", Through, Go))!.Answer;
        before.LeftOut.Select(l => (l.Id, l.Reason)).ShouldBe(
            [("time/psa:1", LeftOutReason.AlreadyBilled), ("time/psa:2", LeftOutReason.OnDraft)]);
        await database.Append(Telling.Event("billing", "invoice/8", new BillingHoldPlaced("H1", "query")));
        await database.Append([Recorded.New(Telling.Understood("billing", "invoice/9", new InvoiceIssued(
            new(2026, 3, 1), [new("1", Net: 960m, Credits: new(new("invoice", Id: "7"), "1"))],
            DocumentType.CreditNote, Currency: Dollar, Totals: new(960m),
            Preceding: [new(new("invoice", Id: "7"), PrecedingRelation.Credits)])))]);
        await database.Projector().CatchUp(null, Go);
        var after = (await reader.Proposal("contract/clm:K1", Through, Go)).ShouldNotBeNull();
        after.Answer.Documents.ShouldHaveSingleItem().Draft.Totals!.Net.ShouldBe(960m);
        after.Answer.LeftOut.ShouldHaveSingleItem().Reason.ShouldBe(LeftOutReason.Hold);
        RatingText.Write(after).ShouldContain("rate_card/clm:RC#senior (the contract's card, by role)");
        RatingJson.Write(after).ShouldContain("\"path\":\"the contract's card, by role\"");
    }

    [Fact]
    public async Task A_milestone_is_billed_once_accepted_and_an_accepted_proposals_card_prices_what_no_contract_does()
    {
        await using var database = await LedgerDatabase.Create();
        var story = new Story()
            .Says("clm", "contract/K1", new ContractSigned(
                new("client", "erp", "C1"), new(2025, 12, 1), new(2026, 1, 1), Dollar, BillingModel.TimeAndMaterials,
                Proposal: new("proposal", "cpq", "Q1")))
            .Says("psa", "project/P1", new ProjectCreated("Rollout", Contract: new("contract", "clm", "K1")))
            .Says("cpq", "proposal/Q1", new ProposalVersionDrafted("1", RateCards: [new("rate_card", Id: "RC")]))
            .Says("cpq", "proposal/Q1", new ProposalVersionAccepted("1"))
            .Says("cpq", "rate_card/RC", new RateCardPublished(Dollar))
            .Says("cpq", "rate_card/RC", new RateCardRateSet(
                "any", RateUse.Bill, new(), new(95m, Dollar, Unit.Hour), new(2026, 1, 1)))
            .Time("1", 2m, null).Approved("1", 2m)
            .Says("psa", "milestone/M1", new MilestonePlanned(Psa("project", "P1"), "Go-live", Amount: 5_000m))
            .Says("psa", "milestone/M2", new MilestonePlanned(Psa("project", "P1"), "Handover", Amount: 700m))
            .Says("psa", "milestone/M2", new MilestoneCompleted())
            .Says("psa", "milestone/M1", new MilestoneAccepted(
                Psa("project", "P1"), new(2026, 2, 1), "Northwind", [new("d1", "acceptance.pdf")]));
        await database.Append(story.Events);
        await database.Projector().CatchUp(null, Go);
        var proposal = (await new RatingReader(database.Source).Proposal("contract/clm:K1", Through, Go))!.Answer;
        var document = proposal.Documents.ShouldHaveSingleItem();
        document.Draft.Lines!.Select(l => (l.Description, l.Net)).ShouldBe([("Rollout", 190m), ("Go-live", 5_000m)]);
        document.Sources[0].Sources[0].Rate!.Path.ShouldBe("the accepted proposal's card, for any work");
        document.Draft.Lines![1].Bills.ShouldBe([new(Psa("milestone", "M1"), Amount: 5_000m)]);
        proposal.LeftOut.Select(l => (l.Id, l.Reason))
            .ShouldBe([("milestone/psa:M2", LeftOutReason.NotAccepted)]);
        await database.Append(Telling.Event(
            "billing", "invoice/77", document.Issued(Through, "77") with { IssuedOn = Through }));
        await database.Projector().CatchUp(null, Go);
        (await new RatingReader(database.Source).Proposal("contract/clm:K1", Through, Go))!.Answer.Documents
            .ShouldBeEmpty();
        (await new RatingReader(database.Source).ReRating("invoice/billing:77", Go))!.Answer.Parts.ShouldBeEmpty();

        var pound = Currency.Of("GBP");
        await database.Append(
            Telling.Event("psa", "time/9", new TimeEntryRecorded(
                Psa("resource", "R1"), new(2026, 1, 5), new(2m, Unit.Hour), Psa("project", "P1"))),
            Telling.Event("bank", "exchange_rate/1", new ExchangeRatePublished(
                Dollar, pound, 0.75m, Through.PlusDays(-2), "BoE")),
            Telling.Event("billing", "invoice/80", new InvoiceIssued(
                Through,
                [new("1", Quantity: new(2m, Unit.Hour), Price: new(75m, pound, Unit.Hour), Net: 150m,
                    Bills: [new(Psa("time", "9"))])],
                Currency: pound, Totals: new(150m))));
        await database.Projector().CatchUp(null, Go);
        var converted = (await new RatingReader(database.Source).ReRating("invoice/billing:80", Go))!;
        (converted.Answer.Recomputed.Amount, converted.Answer.Exchange.Single().Rate).ShouldBe((142.50m, 0.75m));
        var part = converted.Answer.Parts.ShouldHaveSingleItem();
        (part.Cause, part.Amount.Amount).ShouldBe((DifferenceCause.Rate, 7.50m));
        part.Events.ShouldContain(converted.Answer.Exchange.Single().Events.Single());
        RatingText.Write(converted).ShouldContain("USD at 0.75: BoE published 0.75 GBP for 1 USD on ");
        RatingJson.Write(converted).ShouldContain("\"exchange_rate_published\"");
    }

    [Fact]
    public async Task What_it_reads_is_what_the_whole_world_tells()
    {
        await using var database = await Firm();
        var world = await Worlds.Load(database.Source, Go);
        foreach (var contract in await Contracts(database))
        {
            var read = (await new RatingReader(database.Source).Proposal(contract, Through, Go)).ShouldNotBeNull();
            read.Answer.ShouldBe(RatingOf.Proposal(world, contract, Through), contract);
        }
    }

    private static async Task<LedgerDatabase> Firm()
    {
        var database = await LedgerDatabase.Create(Instant.FromUtc(2026, 10, 1, 0, 0));
        await database.Append([.. SampleFirm.Read(SampleFirm.Files).Select(Recorded.New)]);
        await database.Projector().CatchUp(null, Go);
        return database;
    }

    private static async Task<List<string>> Contracts(LedgerDatabase database) =>
        await database.Rows("select id from views.entity where kind = 'contract' order by id");
}
