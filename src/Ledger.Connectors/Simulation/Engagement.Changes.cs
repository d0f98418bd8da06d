using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

internal sealed partial class Engagement
{
    private const decimal Extra = 1_500m;
    private const int ExtraDays = 10;
    private const decimal CeilingExcess = 1_000m;

    private (string Role, decimal Amount, LocalDate From)? agreed;
    private bool isAmended;

    /// <summary>In the second month most contracts change: somebody asks, somebody agrees, the contract gets another
    /// ceiling, and with a fee it becomes more; the PSA's copy of it follows the day after.</summary>
    private void Amend(LocalDate month)
    {
        var lost = Struck(0, Fault.AmendmentNotCopied);
        if (!lost && !faults[0].Any(f => Faults.Of(f) is Spoils.Change) && !dice.Chance(500))
        {
            if (dice.Chance(200)) Request("CR9", month, isAgreed: false);
            return;
        }

        isAmended = true;
        Request("CR1", month, isAgreed: true);
        var at = month.PlusDays(7).At(new(14, 0));
        var id = teller.Says(Firm.Clm, Kind.Contract, contract, at, new ContractAmended(
            "A1", at.Date, at.Date,
            [
                new TermChange(
                    "ceilings/total/amount", DecimalText.Write(CeilingAmended), DecimalText.Write(CeilingFirst)),
            ],
            Reason: "further work"));
        // Of some it is told only days after it counts.
        var said = index % 4 == 1 ? at.PlusDays(3) : at.PlusMinutes(5);
        teller.Says(Firm.Clm, Kind.Contract, contract, said, new ContractCeilingChanged(
            Ceiling(CeilingAmended), at.Date, "A1"));
        if (model is BillingModel.FixedFee)
            teller.Says(
                Firm.Clm, Kind.Contract, contract, at.PlusMinutes(9), new ContractBillingScheduleSet(Instalments()));
        if (model is BillingModel.Milestone)
        {
            teller.Says(Firm.Psa, Kind.Milestone, MilestoneId(months - 1), at.PlusHours(1), new MilestoneAmountChanged(
                Worth(months - 1), currency, "A1", "further work"));
            CopyMilestone(months - 1, at.PlusHours(2), isNew: false);
        }

        if (!lost)
        {
            Copy(at.PlusDays(1), CeilingAmended, "2");
            // What is agreed for later accuses nothing before.
            if (index % 6 != 2 || faults.Any(m => m.Contains(Fault.OverCeiling))) return;
            var later = Ends.PlusMonths(MonthsAfter);
            teller.Says(Firm.Clm, Kind.Contract, contract, at.PlusDays(4), new ContractCeilingChanged(
                Ceiling(CeilingLast), later, "no more work after this"));
            Copy(later.At(new(6, 0)), CeilingLast, "3");
            return;
        }

        PlantSetup(
            Fault.AmendmentNotCopied, "unsynchronised", Contract.Stream(Firm.Clm)!,
            StreamName.Of(Kind.Contract.Name, Firm.Psa, contract), Firm.Clm, id);
    }

    private void Request(string name, LocalDate month, bool isAgreed)
    {
        var id = $"{name}-{20_000 + index}";
        teller.Says(Firm.Psa, Kind.ChangeRequest, id, month.PlusDays(1).At(new(9, 0)), new ChangeRequestRaised(
            Project, "Further work", Contract, month.PlusDays(1), team[0].Id, Amount: Extra, Currency: currency,
            ScheduleDays: ExtraDays));
        if (!isAgreed)
        {
            teller.Says(Firm.Psa, Kind.ChangeRequest, id, month.PlusDays(5).At(new(9, 0)),
                new ChangeRequestRejected(Manager, "not in this budget"));
            CopyRequest(id, month.PlusDays(5).At(new(20, 0)), ChangeRequestStatus.Rejected);
            return;
        }

        teller.Says(
            Firm.Psa, Kind.ChangeRequest, id, month.PlusDays(4).At(new(9, 0)), new ChangeRequestApproved(Manager));
        teller.Says(Firm.Psa, Kind.ChangeRequest, id, month.PlusDays(8).At(new(9, 0)),
            new ChangeRequestImplemented(month.PlusDays(7), "A1"));
        CopyRequest(id, month.PlusDays(8).At(new(20, 0)));
    }

    /// <summary>A price that the contract itself agrees for the first of the team's role.</summary>
    private void Agree(LocalDateTime at, LocalDate from)
    {
        var role = team[0].Role;
        agreed = (role, Firm.Price(client, role, from.Year) - 6.5m, from);
        teller.Says(Firm.Clm, Kind.Contract, contract, at, new ContractRateSet(
            "own-1", RateUse.Bill, new RateMatch(Role: role), new(agreed.Value.Amount, currency, Unit.Hour), from));
    }

    /// <summary>The client lowers its budget, and the invoice already asks for more than is left.</summary>
    private void Lower(decimal asked, LocalDate next)
    {
        var left = billed + asked - CeilingExcess;
        var at = next.PlusDays(1).At(new(8, 30));
        teller.Says(Firm.Clm, Kind.Contract, contract, at, new ContractAmended(
            "A2", at.Date, at.Date, [new TermChange("ceilings/total/amount", DecimalText.Write(left))],
            Reason: "lower budget"));
        teller.Says(Firm.Clm, Kind.Contract, contract, at.PlusMinutes(5), new ContractCeilingChanged(
            Ceiling(left), at.Date, "A2"));
        if (!Struck(0, Fault.AmendmentNotCopied)) Copy(at.PlusDays(1), left, "3");
    }

    /// <summary>The PSA's own copy of the contract.</summary>
    private void Copy(LocalDateTime at, decimal ceiling, string version)
    {
        var (other, rounded) = (Struck(0, Fault.ContractEnd), Struck(0, Fault.ContractRounding));
        var said = new ContractStated
        {
            Number = contract, Entity = company.Ref, Client = CrmClient, Currency = currency, From = first,
            To = Ends.PlusDays(other ? 14 : 0), Ceilings = Items.Of([Ceiling(ceiling)]), RecordVersion = version,
            Terms = new Terms(TermsKind.Net, Struck(0, Fault.ContractTerms) ? 45 : 30),
            Covers = ["client", "currency", "from", "to", "ceilings", "terms", "number", "entity"],
        };
        if (ContractLines() is { } lines)
            said = said with
            {
                Lines = lines.Select((l, i) => i > 0 ? l : l with
                {
                    Amount = l.Amount - Off(Fault.ContractLine, CopyOff),
                }).ToItems(),
            };
        if (rounded) said = said with { Rounding = new Rounding(RoundingScope.Person, RoundingMode.Down, 2) };
        var shown = teller.Shows(Firm.Psa, Kind.Contract, contract, at, said);
        if (version != "1") return;
        var copy = StreamName.Of(Kind.Contract.Name, Firm.Psa, contract);
        PlantCopies(
            Contract, To(Kind.Contract, Firm.Psa, contract), shown, (Fault.ContractTerms, "period", 0m),
            (Fault.ContractLine, "amount", CopyOff));
        if (other)
            PlantSetup(Fault.ContractEnd, "period", Contract.Stream(Firm.Clm)!, copy, Firm.Psa, shown);
        if (rounded)
            PlantSetup(Fault.ContractRounding, "rounding", Contract.Stream(Firm.Clm)!, copy, Firm.Psa, shown);
    }

    private static Ceiling Ceiling(decimal amount) => new("total", "contract", amount, CountsExpenses: true);

    /// <summary>The PSA says how many entries it holds for the project, and which.</summary>
    private void Extract(LocalDateTime at)
    {
        var (isShort, isUnknown) = (Struck(0, Fault.ExtractShort), Struck(0, Fault.ExtractUnknown));
        var id = Id("X");
        var listed = isUnknown ? new[] { $"TE-{20_000 + index}-{entries + 1}" } : [];
        var said = teller.Says(Firm.Psa, Kind.Extract, id, at, new ExtractCompleted(
            id, Kind.Time.Name, $"project {project}", Count: entries + (isShort ? 1 : 0), Delivered: entries,
            Records: isUnknown
                ? Enumerable.Range(1, entries).Select(n => $"TE-{20_000 + index}-{n}").Concat(listed).ToItems()
                : null));
        if (!isShort && !isUnknown) return;
        plant(new(
            isShort ? Fault.ExtractShort : Fault.ExtractUnknown, "missing",
            StreamName.Of(Kind.Extract.Name, Firm.Psa, id), 0m, currency.Code, Firm.Psa, said));
    }
}
