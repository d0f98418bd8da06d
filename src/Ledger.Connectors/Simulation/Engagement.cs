using System.Globalization;
using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

/// <summary>One engagement, from signature to last payment: told month by month, so that no more than a month of it is
/// ever held.</summary>
internal sealed partial class Engagement
{
    private const int TeamMin = 2;
    private const int TeamMax = 4;
    private const int MonthsAfter = 4;

    private readonly Firm firm;
    private readonly int index;
    private readonly Action<Planted> plant;
    private readonly Dice dice;
    private readonly Teller teller;
    private readonly int client;
    private readonly Company company;
    private readonly LocalDate first;
    private readonly int months;
    private readonly BillingModel model;
    private readonly RoundingScope scope;
    private readonly bool inMinutes;
    private readonly Person[] team;
    private readonly ILookup<int, Fault> faults;
    private readonly string contract;
    private readonly string project;

    /// <param name="first">First day of its first month.</param>
    /// <param name="plant">Hears of every fault planted.</param>
    public Engagement(Firm firm, int index, LocalDate first, Action<Planted> plant)
    {
        (this.firm, this.index, this.first, this.plant) = (firm, index, first, plant);
        dice = firm.DiceFor("engagement", index);
        teller = new(Id("e"), firm.DiceFor("delivery", index));
        client = Firm.ClientOf(index);
        company = Firm.CompanyOf(client);
        months = dice.Between(4, 7);
        model = index % 5 == 4 ? BillingModel.FixedFee : BillingModel.TimeAndMaterials;
        scope = index % 2 == 0 ? RoundingScope.Invoice : RoundingScope.Line;
        inMinutes = index % 3 == 1;
        team = [.. Enumerable.Range(0, dice.Between(TeamMin, TeamMax))
            .Select(i => firm.PersonAt((index * TeamMax + i) % firm.People))];
        faults = firm.HasFaults
            ? FaultPlan.For(index, months, model == BillingModel.TimeAndMaterials, firm.DiceFor("faults", index))
            : FaultPlan.None;
        contract = Id("CT");
        project = Id("PRJ");
    }

    /// <summary>All that is told of it, in the order it reaches the ledger.</summary>
    public IEnumerable<Told> Life()
    {
        Begin();
        for (var month = 0; month < months + MonthsAfter; month++)
        {
            var starts = first.PlusMonths(month);
            if (month is > 0 && month <= months) Bill(month - 1, starts);
            if (month < months) Work(month, starts);
            if (month == 1) Amend(starts);
            if (month == months + 1) Close(starts);
            foreach (var told in teller.Arrived(starts.PlusMonths(1).AtMidnight().InUtc().ToInstant()))
                yield return told;
        }

        foreach (var told in teller.Arrived(Instant.MaxValue)) yield return told;
    }

    private string Id(string prefix) => $"{prefix}-{(20_000 + index).ToString(CultureInfo.InvariantCulture)}";

    private static Ref To(Kind kind, string source, string id, string? line = null) =>
        new(kind.Name, source, id, Line: line);

    private Ref CrmClient => To(Kind.Client, Firm.Crm, Firm.CrmId(client));

    private Ref ErpClient => To(Kind.Client, company.Erp, Firm.ErpId(client));

    private bool Struck(int month, Fault fault) => faults[month].Contains(fault);

    private void Begin()
    {
        var day = first.PlusDays(-dice.Between(5, 20));
        if (index % Firm.EngagementsPerClient == 0) Introduce(day.PlusDays(-10));
        var ends = first.PlusMonths(months).PlusDays(-1);
        teller.Says(Firm.Clm, Kind.Contract, contract, day.At(new(11, 20)), new ContractSigned(
            CrmClient, day, first, company.Currency, model, ends, Ceilings: [Ceiling(9_000_000m)],
            RateCards: [To(Kind.RateCard, Firm.Clm, Firm.CardId(client))],
            Rounding: new(scope, RoundingMode.HalfAwayFromZero, 2), Terms: new(TermsKind.Net, 30),
            Approval: new(Time: true, Expense: true))
        {
            Number = contract, Entity = company.Ref,
        });
        if (model == BillingModel.FixedFee)
            teller.Says(Firm.Clm, Kind.Contract, contract, day.At(new(11, 25)), new ContractBillingScheduleSet(
                Enumerable.Range(0, months).Select(m => new ScheduleItem(
                    Item(m), first.PlusMonths(m + 1).PlusDays(-1), Fee(m), $"Instalment {m + 1}")).ToItems()));
        Copy(day.PlusDays(1).At(new(6, 0)), 9_000_000m, "1");
        teller.Says(Firm.Psa, Kind.Project, project, day.PlusDays(1).At(new(9, 15)), new ProjectCreated(
            $"{Firm.ServiceLines[index % Firm.ServiceLines.Length]} review {20_000 + index}", CrmClient,
            To(Kind.Contract, Firm.Clm, contract), company.Currency, first, ends, model, Approval: true)
        {
            Number = project, Entity = company.Ref,
            Ext = new([new("serviceLine", Firm.ServiceLines[index % Firm.ServiceLines.Length])]),
        });
        teller.Says(Firm.Psa, Kind.Project, project, day.PlusDays(1).At(new(9, 20)), new ProjectTaskAdded(
            "advice", "Advice", model == BillingModel.TimeAndMaterials, model == BillingModel.FixedFee));
        teller.Says(Firm.Psa, Kind.Project, project, day.PlusDays(1).At(new(9, 21)), new ProjectTaskAdded(
            "internal", "Internal review", false));
        for (var i = 0; i < team.Length; i++)
            teller.Says(Firm.Psa, Kind.Project, project, day.PlusDays(2).At(new(9, 0)).PlusMinutes(i),
                new ProjectResourceAssigned(To(Kind.Resource, Firm.Psa, team[i].Id), team[i].Role, first));
        teller.Says(Firm.Psa, Kind.Project, project, first.At(new(7, 0)), new ProjectActivated(first));
    }

    /// <summary>The client, in the CRM and at the ERP, and its card.</summary>
    private void Introduce(LocalDate day)
    {
        var name = Firm.ClientName(client);
        teller.Says(Firm.Crm, Kind.Client, Firm.CrmId(client), day.At(new(10, 0)), new ClientRegistered(
            name, [Firm.ClientTaxId(client)], Currency: company.Currency, Terms: new(TermsKind.Net, 30))
        {
            Number = Firm.CrmId(client), Entity = company.Ref,
        });
        teller.Shows(company.Erp, Kind.Client, Firm.ErpId(client), day.PlusDays(1).At(new(6, 0)), new ClientStated
        {
            Name = name, TaxIds = Items.Of([Firm.ClientTaxId(client)]), Currency = company.Currency,
            Terms = new Terms(TermsKind.Net, 30), Number = Firm.ErpId(client), Entity = company.Ref,
        });
        var card = Firm.CardId(client);
        teller.Says(Firm.Clm, Kind.RateCard, card, day.At(new(9, 0)), new RateCardPublished(
            company.Currency, $"{name} card", CrmClient, day) { Number = card });
        for (var year = day.Year; year <= first.PlusMonths(24).Year; year++)
            for (var i = 0; i < Firm.Roles.Length; i++)
            {
                var role = Firm.Roles[i];
                var from = year == day.Year ? day : new LocalDate(year, 1, 1);
                teller.Says(Firm.Clm, Kind.RateCard, card, day.At(new(9, 5)).PlusMinutes((year - day.Year) * 5 + i),
                    new RateCardRateSet(
                        Firm.RateId(role, year), RateUse.Bill, new RateMatch(Role: role),
                        new(Firm.Price(client, role, year), company.Currency, Unit.Hour), from,
                        Replaces: year == day.Year ? null : Firm.RateId(role, year - 1)));
            }
    }

    /// <summary>In the second month most contracts get another ceiling; the PSA's copy of it follows the day after.
    /// </summary>
    private void Amend(LocalDate month)
    {
        var lost = Struck(0, Fault.AmendmentNotCopied);
        if (!lost && !dice.Chance(500)) return;
        var at = month.PlusDays(7).At(new(14, 0));
        var id = teller.Says(Firm.Clm, Kind.Contract, contract, at, new ContractAmended(
            "A1", at.Date, at.Date, [new TermChange("ceilings/total/amount", "9500000.00", "9000000.00")],
            Reason: "further work"));
        teller.Says(Firm.Clm, Kind.Contract, contract, at.PlusMinutes(5), new ContractCeilingChanged(
            Ceiling(9_500_000m), at.Date, "A1"));
        if (!lost)
        {
            Copy(at.PlusDays(1), 9_500_000m, "2");
            return;
        }

        plant(new(
            Fault.AmendmentNotCopied, "unsynchronised", StreamName.Of(Kind.Contract.Name, Firm.Clm, contract), 0m,
            company.Currency.Code, Firm.Clm, id)
        {
            Related = [StreamName.Of(Kind.Contract.Name, Firm.Psa, contract)],
        });
    }

    private void Close(LocalDate month)
    {
        teller.Says(Firm.Psa, Kind.Project, project, month.PlusDays(4).At(new(12, 0)), new ProjectClosed(month));
        teller.Says(Firm.Clm, Kind.Contract, contract, month.PlusDays(5).At(new(12, 0)), new ContractClosed(month));
    }

    /// <summary>The PSA's own copy of the contract.</summary>
    private void Copy(LocalDateTime at, decimal ceiling, string version) =>
        teller.Shows(Firm.Psa, Kind.Contract, contract, at, new ContractStated
        {
            Number = contract, Entity = company.Ref, Client = CrmClient, Currency = company.Currency, From = first,
            To = first.PlusMonths(months).PlusDays(-1), Ceilings = Items.Of([Ceiling(ceiling)]),
            RecordVersion = version, Covers = ["client", "currency", "from", "to", "ceilings", "number", "entity"],
        });

    private static Ceiling Ceiling(decimal amount) => new("total", "contract", amount, CountsExpenses: true);

    private static string Item(int month) => $"I{month + 1}";

    private decimal Fee(int month) => 4_000m + (index * 37 + month * 53) % 90 * 100m;
}
