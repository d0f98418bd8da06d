using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

internal sealed partial class Engagement
{
    private const decimal CeilingFirst = 9_000_000m;
    private const decimal CeilingAmended = 9_500_000m;
    private const decimal CeilingLast = 1_000m;
    private const decimal BudgetOff = 5_000m;

    private decimal Budget => 30_000m + index % 40 * 500m;

    private string Title => $"{Firm.ServiceLines[index % Firm.ServiceLines.Length]} review {20_000 + index}";

    private void Begin()
    {
        var opens = first.PlusMonths(-1).PlusDays(dice.Below(3));
        var signed = first.PlusDays(-dice.Between(3, 8));
        if (index % Firm.EngagementsPerClient == 0) Introduce(opens);
        Sell(opens, signed);
        Sign(signed);
        Plan(signed.PlusDays(1));
    }

    /// <summary>The client, in the CRM and at the ERP, and its card.</summary>
    private void Introduce(LocalDate day)
    {
        var name = Firm.ClientName(client);
        teller.Says(Firm.Crm, Kind.Client, Firm.CrmId(client), day.At(new(8, 0)), new ClientRegistered(
            name, [Firm.ClientTaxId(client)], Currency: currency, Terms: new(TermsKind.Net, 30))
        {
            Number = Firm.CrmId(client), Entity = company.Ref,
        });
        var isOdd = Struck(0, Fault.ClientCurrency);
        var shown = teller.Shows(
            company.Erp, Kind.Client, Firm.ErpId(client), day.PlusDays(1).At(new(6, 0)), new ClientStated
            {
                Name = name, TaxIds = Items.Of([Firm.ClientTaxId(client)]), Currency = isOdd ? Other : currency,
                Terms = new Terms(TermsKind.Net, 30), Number = Firm.ErpId(client), Entity = company.Ref,
            });
        if (isOdd)
            PlantSetup(
                Fault.ClientCurrency, "currency", StreamName.Of(Kind.Client.Name, Firm.Crm, Firm.CrmId(client)),
                StreamName.Of(Kind.Client.Name, company.Erp, Firm.ErpId(client)), company.Erp, shown);
        var card = Firm.CardId(client);
        teller.Says(Firm.Clm, Kind.RateCard, card, day.At(new(9, 0)), new RateCardPublished(
            currency, $"{name} card", CrmClient, day) { Number = card });
        var rates = Rates(day).ToItems();
        foreach (var (rate, i) in rates.Select((r, i) => (r, i)))
            teller.Says(Firm.Clm, Kind.RateCard, card, day.At(new(9, 5)).PlusMinutes(i), new RateCardRateSet(
                rate.Rate, rate.Use, rate.Match, rate.Price, rate.From,
                Replaces: i < Firm.Roles.Length ? null : rates[i - Firm.Roles.Length].Rate));
        CopyCard(day, rates);
    }

    /// <summary>The client's prices, year by year.</summary>
    private IEnumerable<CardRate> Rates(LocalDate day)
    {
        var last = first.PlusMonths(24).Year;
        for (var year = day.Year; year <= last; year++)
            foreach (var role in Firm.Roles)
                yield return new(
                    Firm.RateId(role, year), RateUse.Bill, new RateMatch(Role: role),
                    new(Firm.Price(client, role, year), currency, Unit.Hour),
                    year == day.Year ? day : new LocalDate(year, 1, 1),
                    year == last ? null : new LocalDate(year, 12, 31));
    }

    /// <summary>From the opportunity to the client's yes; here and there one is lost.</summary>
    private void Sell(LocalDate opens, LocalDate signed)
    {
        var (opportunity, proposal) = (Id("OPP"), Id("PRO"));
        Ref offer = To(Kind.Proposal, Firm.Cpq, proposal);
        if (index % 6 == 1)
        {
            teller.Says(Firm.Crm, Kind.Opportunity, Id("OPL"), opens.At(new(11, 0)), new OpportunityOpened(
                $"{Title}, second phase", CrmClient, 12_000m, currency, "Qualify", 20m, opens, signed)
            {
                Number = Id("OPL"), Entity = company.Ref,
            });
            teller.Says(
                Firm.Crm, Kind.Opportunity, Id("OPL"), signed.At(new(8, 0)), new OpportunityLost(signed, "budget"));
            teller.Shows(Firm.Cpq, Kind.Opportunity, Id("CL"), signed.At(new(19, 2)), new OpportunityStated
            {
                Number = Id("OPL"), Entity = company.Ref, Amount = 12_000m, Currency = currency,
                Status = OpportunityStatus.Lost,
            });
        }

        teller.Says(Firm.Crm, Kind.Opportunity, opportunity, opens.At(new(10, 0)), new OpportunityOpened(
            Title, CrmClient, Budget, currency, "Qualify", 30m, opens, signed, Manager)
        {
            Number = opportunity, Entity = company.Ref,
        });
        teller.Says(Firm.Crm, Kind.Opportunity, opportunity, opens.PlusDays(4).At(new(10, 0)),
            new OpportunityStageChanged("Propose", 60m));
        var version = dice.Chance(300) ? 2 : 1;
        var offered = "";
        for (var v = 1; v <= version; v++)
        {
            var said = Offer(proposal, opportunity, v, opens.PlusDays(v * 4), v < version);
            if (v == 1) offered = said;
        }

        teller.Says(Firm.Cpq, Kind.Proposal, proposal, signed.At(new(9, 0)), new ProposalVersionAccepted(
            $"{version}", "purchasing", signed, [new("order", $"{proposal}.pdf", "application/pdf")]));
        teller.Says(Firm.Crm, Kind.Opportunity, opportunity, signed.At(new(12, 0)), new OpportunityWon(
            signed, offer, Contract));
        CopyOpportunity(signed);
        CopyProposal($"{version}", signed, offered);
    }

    /// <returns>The id of the event that drafts it.</returns>
    private string Offer(string proposal, string opportunity, int version, LocalDate day, bool isRejected)
    {
        var name = $"{version}";
        var said = teller.Says(Firm.Cpq, Kind.Proposal, proposal, day.At(new(10, 0)), new ProposalVersionDrafted(
            name, Title, CrmClient, To(Kind.Opportunity, Firm.Crm, opportunity), currency, day, day.PlusDays(60), model,
            [new("1", Title, model, Net: Budget)], Totals: new(Budget))
        {
            Number = proposal, Entity = company.Ref,
        });
        teller.Says(Firm.Cpq, Kind.Proposal, proposal, day.At(new(15, 0)), new ProposalVersionApproved(name, Manager));
        teller.Says(
            Firm.Cpq, Kind.Proposal, proposal, day.PlusDays(1).At(new(9, 0)), new ProposalVersionSubmitted(name));
        if (isRejected)
            teller.Says(Firm.Cpq, Kind.Proposal, proposal, day.PlusDays(3).At(new(9, 0)),
                new ProposalVersionRejected(name, "purchasing", Reason: "another scope"));
        return said;
    }

    private void Sign(LocalDate day)
    {
        teller.Says(Firm.Clm, Kind.Contract, contract, day.At(new(11, 20)), new ContractSigned(
            CrmClient, day, first, currency, model, Ends, ContractLines(), [Ceiling(CeilingFirst)],
            [To(Kind.RateCard, Firm.Clm, Firm.CardId(client))],
            new(scope, RoundingMode.HalfAwayFromZero, 2), Terms: new(TermsKind.Net, 30),
            Approval: new(Time: true, Expense: true), Proposal: To(Kind.Proposal, Firm.Cpq, Id("PRO")),
            Billing: Billing())
        {
            Number = contract, Entity = company.Ref,
        });
        if (Schedule() is { Count: > 0 } items)
            teller.Says(Firm.Clm, Kind.Contract, contract, day.At(new(11, 25)), new ContractBillingScheduleSet(items));
        if (model is BillingModel.TimeAndMaterials && index % 7 == 3) Agree(day.At(new(11, 30)), first.PlusMonths(2));
        Copy(day.PlusDays(1).At(new(6, 0)), CeilingFirst, "1");
        var schedule = new RevenueScheduleSet(
            Budget, currency, new(
                model is BillingModel.Milestone ? RevenueTiming.PointInTime : RevenueTiming.OverTime,
                BySheet ? RevenueMeasure.AsInvoiced : model switch
                {
                    BillingModel.Milestone => null,
                    BillingModel.Usage => RevenueMeasure.Units,
                    _ => RevenueMeasure.StraightLine,
                },
                ContractModification.Prospective, "IFRS 15.35"),
            Contract, Obligation: "advice", From: first, To: Ends)
        {
            Number = Id("REV"), Entity = company.Ref,
        };
        CopySchedule(
            day.PlusDays(1).At(new(18, 0)),
            teller.Says(company.Erp, Kind.Revenue, Id("REV"), day.PlusDays(1).At(new(9, 0)), schedule));
    }

    private Items<ContractLine>? ContractLines() => model switch
    {
        BillingModel.Milestone =>
            Enumerable.Range(0, months).Select(m => new ContractLine(Step(m), Amount: Fee(m))).ToItems(),
        _ => null,
    };

    private BillingTerms Billing() => model switch
    {
        BillingModel.Retainer => Ahead(),
        BillingModel.Subscription => Subscribed(),
        BillingModel.Usage => Metered(),
        BillingModel.TimeAndMaterials => new(
            Expenses: new(PassedThrough: true), Subcontractors: new(true, Markup),
            RateChanges: RateChangeTreatment.CreditAndRebill),
        _ => new(Expenses: new(PassedThrough: false), Subcontractors: new(false)),
    };

    private Items<ScheduleItem>? Schedule() => model switch
    {
        BillingModel.FixedFee => Instalments(),
        BillingModel.Retainer => Advances(),
        _ => null,
    };

    /// <summary>The project: at the PSA, and a copy of it at the ERP.</summary>
    private void Plan(LocalDate day)
    {
        var created = Create(project, Title, day.At(new(9, 15)), Budget);
        CopyProject(
            project, Id("WBS"), day.PlusDays(1).At(new(6, 0)), created, Budget - Off(Fault.ProjectBudget, BudgetOff));
        if (Struck(0, Fault.ProjectUnknown)) StrayProject(day.PlusDays(1).At(new(6, 5)));
        teller.Says(Firm.Psa, Kind.Project, project, day.At(new(9, 20)), new ProjectTaskAdded(
            "advice", "Advice", BySheet, BySheet ? null : true));
        teller.Says(Firm.Psa, Kind.Project, project, day.At(new(9, 21)), new ProjectTaskAdded(
            "internal", "Internal review", false));
        for (var i = 0; i < team.Length; i++)
            Place(team[i], HasPlaces ? team[i].Role : null, first, day.PlusDays(1).At(new(9, 0)).PlusMinutes(i));
        teller.Says(Firm.Psa, Kind.Project, project, first.At(new(7, 0)), new ProjectActivated(first));
        if (HasSideProject)
            CopyProject(
                SideProject, Id("WBS") + "-B", day.PlusDays(1).At(new(6, 10)),
                Create(SideProject, Title + ", side track", day.At(new(9, 18)), null), null);
        if (model is BillingModel.Milestone) PlanMilestones(day.At(new(10, 0)));
    }

    private bool HasSideProject => faults.Any(m => m.Contains(Fault.OtherProject));

    /// <summary>Puts somebody to the work; also to what is booked aside.</summary>
    private void Place(Person person, string? role, LocalDate from, LocalDateTime at)
    {
        foreach (var to in HasSideProject ? [project, SideProject] : (string[])[project])
            teller.Says(Firm.Psa, Kind.Project, to, at, new ProjectResourceAssigned(
                To(Kind.Resource, Firm.Psa, person.Id), role, from));
    }

    private string SideProject => project + "-B";

    /// <returns>The id of the event.</returns>
    private string Create(string id, string name, LocalDateTime at, decimal? budget) =>
        teller.Says(Firm.Psa, Kind.Project, id, at, new ProjectCreated(
            name, CrmClient, Contract, currency, first, Ends, model, budget, Approval: true)
        {
            Number = id, Entity = company.Ref,
            Ext = new([new("serviceLine", Firm.ServiceLines[index % Firm.ServiceLines.Length])]),
        });

    /// <summary>What is left to say once the last invoice is out.</summary>
    private void Close(LocalDate month)
    {
        PayLast(month.PlusDays(16).At(new(14, 0)));
        var closed = teller.Says(
            Firm.Psa, Kind.Project, project, month.PlusDays(4).At(new(12, 0)), new ProjectClosed(month));
        if (Struck(0, Fault.ProjectOpen))
            PlantSetup(
                Fault.ProjectOpen, "status", Project.Stream(Firm.Psa)!,
                StreamName.Of(Kind.Project.Name, company.Erp, Id("WBS")), Firm.Psa, closed);
        else if (!Struck(0, Fault.ProjectMissing))
            teller.Shows(company.Erp, Kind.Project, Id("WBS"), month.PlusDays(6).At(new(6, 0)), new ProjectStated
            {
                Status = ProjectStatus.Closed,
            });
        teller.Says(Firm.Clm, Kind.Contract, contract, month.PlusDays(5).At(new(12, 0)), new ContractClosed(month));
        teller.Says(company.Erp, Kind.Revenue, Id("REV"), month.PlusDays(6).At(new(12, 0)),
            new RevenueRecognitionClosed(month));
        if (CarrierOf(firm, index).HasKnowledge)
        {
            teller.Says(Firm.Km, Kind.KnowledgeAsset, Id("KA"), month.PlusDays(8).At(new(9, 0)),
                new KnowledgeAssetLinked([Project], $"{Title}: lessons", "lesson", Manager) { Number = Id("KA") });
            teller.Says(Firm.Km, Kind.KnowledgeAsset, Id("KA"), month.PlusDays(9).At(new(9, 0)),
                new KnowledgeAssetPublished(month, Audience: "firm"));
            CopyKnowledge(month.PlusDays(9).At(new(19, 0)));
        }

        Extract(month.PlusDays(10).At(new(3, 0)));
    }
}
