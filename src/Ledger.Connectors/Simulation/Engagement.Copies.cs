using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

/// <summary>What systems keep copies of that is another's, and what they get wrong of it.</summary>
internal sealed partial class Engagement
{
    private const decimal CopyOff = 750m;
    private const int CopyDaysOff = 12;
    private const decimal PriceOff = 5m;

    /// <summary>The quote desk's, of what the CRM pursues.</summary>
    private void CopyOpportunity(LocalDate signed)
    {
        var (of, to) = (Struck(0, Fault.OpportunityClient) ? firm.Neighbour(client) : client, Id("CQ"));
        var shown = teller.Shows(Firm.Cpq, Kind.Opportunity, to, signed.At(new(19, 0)), new OpportunityStated
        {
            Number = Id("OPP"), Entity = company.Ref, Client = To(Kind.Client, company.Erp, Firm.ErpId(of)),
            Amount = Budget - Off(Fault.OpportunityAmount, CopyOff), Currency = currency,
            ExpectedOn = signed.PlusDays((int)Off(Fault.OpportunityDate, CopyDaysOff)),
            Status = Struck(0, Fault.OpportunityLost) ? OpportunityStatus.Lost : OpportunityStatus.Won,
        });
        PlantCopies(
            To(Kind.Opportunity, Firm.Crm, Id("OPP")), To(Kind.Opportunity, Firm.Cpq, to), shown,
            (Fault.OpportunityAmount, "amount", CopyOff), (Fault.OpportunityDate, "period", 0m),
            (Fault.OpportunityLost, "status", 0m), (Fault.OpportunityClient, "mapping", 0m));
    }

    /// <summary>The CRM's, of the offer that was accepted.</summary>
    /// <param name="offered">The event that it is copied of.</param>
    private void CopyProposal(string version, LocalDate signed, string offered)
    {
        if (Struck(0, Fault.ProposalMissing))
        {
            PlantMissing(Fault.ProposalMissing, To(Kind.Proposal, Firm.Cpq, Id("PRO")), offered);
            return;
        }

        var to = Id("QT");
        var shown = teller.Shows(Firm.Crm, Kind.Proposal, to, signed.At(new(19, 5)), new ProposalStated
        {
            Number = Id("PRO"), Entity = company.Ref, Client = CrmClient,
            Currency = Struck(0, Fault.ProposalCurrency) ? Other : currency,
            Versions = Items.Of([new ProposalVersion(
                version, Struck(0, Fault.ProposalRejected) ? ProposalStatus.Rejected : ProposalStatus.Accepted,
                Totals: new(Budget - Off(Fault.ProposalAmount, CopyOff)))]),
        });
        PlantCopies(
            To(Kind.Proposal, Firm.Cpq, Id("PRO")), To(Kind.Proposal, Firm.Crm, to), shown,
            (Fault.ProposalAmount, "amount", CopyOff), (Fault.ProposalCurrency, "currency", 0m),
            (Fault.ProposalRejected, "status", 0m));
    }

    /// <summary>The PSA's, of the client's card.</summary>
    private void CopyCard(LocalDate day, Items<CardRate> rates)
    {
        var card = Firm.CardId(client);
        var (from, to) = (To(Kind.RateCard, Firm.Clm, card), To(Kind.RateCard, Firm.Psa, $"P{card}"));
        var shown = teller.Shows(Firm.Psa, Kind.RateCard, to.Id!, day.At(new(19, 10)), new RateCardStated
        {
            Number = card, Client = CrmClient, Currency = currency, From = day,
            Rates = rates.Select((r, i) => i == 0
                ? r with { Price = r.Price with { Amount = r.Price.Amount + Off(Fault.CardPrice, PriceOff) } }
                : r).ToItems(),
        });
        Link(Firm.Psa, from, to, day.At(new(19, 11)));
        PlantCopies(from, to, shown, (Fault.CardPrice, "rate", 0m));
    }

    /// <summary>The PSA's, of how the ERP earns the price.</summary>
    /// <param name="said">The event that it is copied of.</param>
    private void CopySchedule(LocalDateTime at, string said)
    {
        if (Struck(0, Fault.ScheduleMissing))
        {
            PlantMissing(Fault.ScheduleMissing, To(Kind.Revenue, company.Erp, Id("REV")), said);
            return;
        }

        var to = Id("RP");
        var shown = teller.Shows(Firm.Psa, Kind.Revenue, to, at, new RevenueStated
        {
            Number = Id("REV"), Entity = company.Ref, Contract = Contract, Project = Project,
            Amount = Budget - Off(Fault.ScheduleAmount, CopyOff),
            Currency = Struck(0, Fault.ScheduleCurrency) ? Other : currency, From = first,
            To = Ends.PlusDays((int)Off(Fault.ScheduleEnd, CopyDaysOff)),
        });
        PlantCopies(
            To(Kind.Revenue, company.Erp, Id("REV")), To(Kind.Revenue, Firm.Psa, to), shown,
            (Fault.ScheduleAmount, "amount", CopyOff), (Fault.ScheduleEnd, "period", 0m),
            (Fault.ScheduleCurrency, "currency", 0m));
    }

    /// <summary>The contract system's, of a change that took effect.</summary>
    private void CopyRequest(
        string id, LocalDateTime at, ChangeRequestStatus status = ChangeRequestStatus.Implemented)
    {
        var (from, to) = (To(Kind.ChangeRequest, Firm.Psa, id), To(Kind.ChangeRequest, Firm.Clm, $"CO-{id}"));
        var shown = teller.Shows(Firm.Clm, Kind.ChangeRequest, to.Id!, at, new ChangeRequestStated
        {
            Project = Project, Contract = Contract, Amount = Extra - Off(Fault.ChangeAmount, CopyOff),
            Currency = currency, ScheduleDays = ExtraDays + (int)Off(Fault.ChangeDays, CopyDaysOff),
            Status = Struck(0, Fault.ChangeRejected) ? ChangeRequestStatus.Rejected : status,
        });
        Link(Firm.Clm, from, to, at.PlusMinutes(1));
        PlantCopies(
            from, to, shown, (Fault.ChangeAmount, "amount", CopyOff), (Fault.ChangeDays, "quantity", 0m),
            (Fault.ChangeRejected, "status", 0m));
    }

    /// <summary>The contract system's, of what is to be reached each month; the first is the one that can be wrong.
    /// </summary>
    private void CopyMilestone(int month, LocalDateTime at, bool isNew = true)
    {
        var id = MilestoneId(month);
        var (from, to, can) = (
            To(Kind.Milestone, Firm.Psa, id), To(Kind.Milestone, Firm.Clm, $"D{id}"), month == 0 ? 1m : 0m);
        var shown = teller.Shows(Firm.Clm, Kind.Milestone, to.Id!, at, new MilestoneStated
        {
            Project = Project, Contract = Contract, ContractLine = Step(month),
            DueOn = DueOn(month).PlusDays((int)(can * Off(Fault.MilestoneDue, CopyDaysOff))),
            Amount = Worth(month) - can * Off(Fault.MilestoneWorth, CopyOff), Currency = currency,
        });
        if (isNew) Link(Firm.Clm, from, to, at.PlusMinutes(1));
        if (month == 0)
            PlantCopies(from, to, shown, (Fault.MilestoneWorth, "amount", CopyOff), (Fault.MilestoneDue, "period", 0m));
    }

    /// <summary>The PSA's, of what the engagement leaves to know.</summary>
    private void CopyKnowledge(LocalDateTime at)
    {
        var to = Id("KN");
        var shown = teller.Shows(Firm.Psa, Kind.KnowledgeAsset, to, at, new KnowledgeAssetStated
        {
            Number = Id("KA"),
            Status = Struck(0, Fault.KnowledgeWithdrawn)
                ? KnowledgeAssetStatus.Withdrawn : KnowledgeAssetStatus.Published,
        });
        PlantCopies(
            To(Kind.KnowledgeAsset, Firm.Km, Id("KA")), To(Kind.KnowledgeAsset, Firm.Psa, to), shown,
            (Fault.KnowledgeWithdrawn, "status", 0m));
    }

    /// <summary>The ERP's, of the first hours, for the payroll.</summary>
    private void CopyHours(Entry work, LocalDateTime at)
    {
        var entry = To(Kind.Time, company.Erp, "P" + work.Id);
        var off = Off(Fault.PayrollHours, inMinutes ? 90m : 1.5m);
        var (task, other) = work.Billable || !BySheet ? ("advice", "internal") : ("internal", "advice");
        var shown = teller.Shows(company.Erp, Kind.Time, entry.Id!, at, new TimeStated
        {
            Resource = To(Kind.Resource, Firm.Psa, work.Person.Id), WorkedOn = work.Day, Project = Project,
            Quantity = work.Quantity with { Value = work.Quantity.Value + off },
            Task = Struck(0, Fault.HoursTask) ? other : task,
            Billable = work.Billable != Struck(0, Fault.HoursBillable),
            Approval = new Approval(
                Struck(0, Fault.HoursRejected) ? ApprovalStatus.Rejected : ApprovalStatus.Approved,
                At: at.InUtc().ToInstant()),
        });
        Link(company.Erp, work.Ref, entry, at.PlusMinutes(1));
        PlantCopies(
            work.Ref, entry, shown, (Fault.PayrollHours, "quantity", 0m), (Fault.HoursTask, "mapping", 0m),
            (Fault.HoursBillable, "status", 0m), (Fault.HoursRejected, "status", 0m));
    }

    /// <summary>The ERP's, of a cost, to be paid back; the first is the one that can be wrong.</summary>
    /// <param name="said">The event that it is copied of.</param>
    private void CopyCost(string id, LocalDate day, string category, decimal amount, string said)
    {
        var isFirst = worked == 0 && expenses == 1 && category != "subcontractor";
        if (isFirst && Struck(0, Fault.ExpenseMissing))
        {
            PlantMissing(Fault.ExpenseMissing, To(Kind.Expense, Firm.Psa, id), said, amount);
            return;
        }

        var (from, to) = (To(Kind.Expense, Firm.Psa, id), To(Kind.Expense, company.Erp, "R" + id));
        var shown = teller.Shows(company.Erp, Kind.Expense, to.Id!, day.PlusDays(4).At(new(6, 0)), new ExpenseStated
        {
            IncurredOn = day, Category = category, Currency = currency, Project = Project, Entity = company.Ref,
            Amount = amount - (isFirst ? Off(Fault.ExpenseAmount, ExpenseOff) : 0m),
        });
        Link(company.Erp, from, to, day.PlusDays(4).At(new(6, 1)));
        if (isFirst) PlantCopies(from, to, shown, (Fault.ExpenseAmount, "amount", ExpenseOff));
    }

    private decimal Off(Fault fault, decimal by) => Struck(0, fault) ? by : 0m;

    private void Link(string source, Ref from, Ref to, LocalDateTime at) =>
        teller.Says(source, Kind.Identity, "ID-" + to.Id, at, new IdentityLinked(from, to, "copied"));

    /// <summary>The ERP's, of a project.</summary>
    private void CopyProject(string from, string to, LocalDateTime at, string said, decimal? budget)
    {
        if (Struck(0, Fault.ProjectMissing) && from == project)
        {
            PlantMissing(Fault.ProjectMissing, Project, said);
            return;
        }

        var of = Struck(0, Fault.ProjectClient) && from == project ? firm.Neighbour(client) : client;
        var shown = teller.Shows(company.Erp, Kind.Project, to, at, new ProjectStated
        {
            Number = from, Entity = company.Ref, Client = To(Kind.Client, company.Erp, Firm.ErpId(of)),
            Contract = Contract, Currency = currency, Budget = budget, Status = ProjectStatus.Active,
        });
        if (from == project)
            PlantCopies(
                Project, To(Kind.Project, company.Erp, to), shown, (Fault.ProjectBudget, "amount", BudgetOff),
                (Fault.ProjectClient, "mapping", 0m));
    }

    /// <summary>A project that the ERP alone has.</summary>
    private void StrayProject(LocalDateTime at)
    {
        var stray = To(Kind.Project, company.Erp, Id("WBX"));
        var shown = teller.Shows(company.Erp, Kind.Project, stray.Id!, at, new ProjectStated
        {
            Number = Id("WBX"), Entity = company.Ref, Client = To(Kind.Client, company.Erp, Firm.ErpId(client)),
            Currency = currency, Status = ProjectStatus.Active,
        });
        plant(new(
            Fault.ProjectUnknown, "orphan", stray.Stream(company.Erp)!, 0m, currency.Code, company.Erp, shown));
    }

    private void PlantMissing(Fault fault, Ref record, string said, decimal amount = 0m) =>
        plant(new(fault, "missing", record.Stream(record.Source!)!, amount, currency.Code, record.Source!, said));

    /// <summary>What of this is wrong with a copy.</summary>
    private void PlantCopies(
        Ref from, Ref to, string shown, params ReadOnlySpan<(Fault Fault, string Drift, decimal Amount)> faults)
    {
        foreach (var (fault, drift, amount) in faults)
            if (Struck(0, fault))
                PlantSetup(
                    fault, drift, from.Stream(from.Source!)!, to.Stream(to.Source!)!, to.Source!, shown, amount);
    }
}
