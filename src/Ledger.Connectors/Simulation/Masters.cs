using System.Globalization;
using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

/// <summary>What stands before the first engagement: the systems, the companies, their periods, the people.</summary>
internal static class Masters
{
    /// <summary>Which member of the firm has another cost in the payroll, in a firm with faults.</summary>
    private const int OddPerson = 7;

    // So many cost more from some day on; of one of them the payroll never hears.
    private const int RaisedOneIn = 8;
    private const int PaidFirst = 3;
    private const int UnheardPerson = 11;

    private static readonly LocalDate Raise = new(2025, 3, 1);

    private const decimal RateOff = 0.02m;

    private static readonly Currency Pound = Currency.Of("GBP");

    /// <summary>The registration of every system: the ledger's own words, a file of its own.</summary>
    public static IEnumerable<Told> Registrations(LocalDate from)
    {
        var teller = new Teller("setup", new(0, "setup"));
        Register(Firm.Crm, "Relate CRM", [Role.Crm], [Kind.Client, Kind.Opportunity, Kind.Proposal], 2);
        Register(Firm.Cpq, "Quote desk", [Role.Cpq], [Kind.Proposal, Kind.Opportunity], 3);
        Register(
            Firm.Clm, "Covenant contracts", [Role.Clm],
            [Kind.Contract, Kind.RateCard, Kind.ChangeRequest, Kind.Milestone], 3);
        Register(
            Firm.Psa, "Rota PSA", [Role.Psa],
            [
                Kind.Project, Kind.Resource, Kind.Time, Kind.Expense, Kind.Contract, Kind.Milestone, Kind.ChangeRequest,
                Kind.RateCard, Kind.Revenue, Kind.KnowledgeAsset, Kind.LegalEntity, Kind.Period,
            ],
            8, new(Time: true, Expense: true));
        Register(Firm.Billing, "Tally billing", [Role.Billing], [Kind.Invoice, Kind.ExchangeRate], 8);
        Register(Firm.Km, "Stacks", [Role.Km], [Kind.KnowledgeAsset], 30);
        Register(Firm.Bank, "House bank", [Role.Bank], [Kind.BankStatement], 3);
        foreach (var erp in Firm.Companies.GroupBy(c => c.Erp))
            Register(
                erp.Key, $"Ledgerworks {erp.Key[4..].ToUpperInvariant()}", [Role.Erp],
                // Of hours they have a few, of rates of exchange the first one only what months close at: no promise.
                [
                    Kind.Client, Kind.Project, Kind.Resource, Kind.Invoice, Kind.Posting, Kind.Payment, Kind.Revenue,
                    Kind.LegalEntity, Kind.Period, Kind.Expense,
                    .. erp.Key == Firm.Companies[0].Erp ? Array.Empty<Kind>() : [Kind.ExchangeRate],
                ],
                10, null, erp.Select(c => c.Ref).ToItems());
        return teller.Arrived(Instant.MaxValue);

        void Register(
            string source, string name, Items<Role> roles, Kind[] kinds, int lagDays, ApprovalTerms? approval = null,
            Items<Ref>? companies = null) =>
            teller.Says("ledger", Kind.Source, source, from.At(new(8, 0)), new SourceRegistered(
                roles, kinds.Select(k => k.Name).ToItems(), name, "Europe/London", from, null, lagDays, approval,
                companies));
    }

    /// <summary>Companies, suppliers and people, before anything else.</summary>
    public static IEnumerable<Told> Standing(Firm firm, LocalDate from, Action<Planted> plant)
    {
        var teller = new Teller("m", firm.DiceFor("masters"));
        foreach (var company in Firm.Companies)
        {
            var isUnknown = firm.HasFaults && company == Firm.Companies[2] && firm.HasClientsOf(company);
            var told = teller.Says(
                company.Erp, Kind.LegalEntity, company.Id, from.At(new(8, 30)), new LegalEntityRegistered(
                    company.Name, company.Country, company.Currency, company.Zone,
                    TaxIds: isUnknown ? null : [company.TaxId])
                {
                    Number = company.Id,
                });
            if (isUnknown)
                plant(new(
                    Fault.TaxRegistrationMissing, "tax", company.Ref.Stream(company.Erp)!, 0m, company.Currency.Code,
                    company.Erp, told));
            Copy(teller, company, from.At(new(8, 35)), firm.HasFaults && company == Firm.Companies[2], plant);
            teller.Says(Firm.Crm, Kind.Client, Intercompany.ClientId(company), from.At(new(8, 40)),
                new ClientRegistered(
                    company.Name, [company.TaxId], Currency: company.Currency, Roles: ["intercompany"])
                {
                    Number = Intercompany.ClientId(company),
                });
        }

        foreach (var (id, name) in Firm.Suppliers)
            foreach (var erp in Firm.Companies.Select(c => c.Erp).Distinct())
                teller.Shows(erp, Kind.Client, id, from.At(new(8, 45)), new ClientStated
                {
                    Name = name, Number = id, Roles = Items.Of(["supplier"]),
                });
        Onboard(teller, Firm.Intern, "AF900", from.At(new(8, 59)), from);
        Pay(teller, Firm.Intern, "AF900", from.At(new(9, 59)), isOdd: false, plant);
        for (var i = 0; i < firm.People; i++)
        {
            var (person, at) = (firm.PersonAt(i), from.At(new(9, 0)).PlusSeconds(i));
            Onboard(teller, person, $"AF{10_000 + i}", at, from);
            Pay(teller, person, $"AF{10_000 + i}", at.PlusHours(1), firm.HasFaults && i == OddPerson, plant);
        }

        return teller.Arrived(Instant.MaxValue);
    }

    /// <summary>The PSA's own record of a company.</summary>
    private static void Copy(Teller teller, Company company, LocalDateTime at, bool isOdd, Action<Planted> plant)
    {
        var copy = new Ref(Kind.LegalEntity.Name, Firm.Psa, "LE-" + company.Id);
        var shown = teller.Shows(Firm.Psa, Kind.LegalEntity, copy.Id!, at, new LegalEntityStated
        {
            Name = company.Name, Country = company.Country,
            Currency = isOdd ? Firm.Companies[1].Currency : company.Currency, Number = company.Id,
        });
        Link(teller, company.Ref, copy, at.PlusMinutes(1));
        if (isOdd) plant(Copied(Fault.CompanyCurrency, "currency", company.Ref, copy, shown));
    }

    /// <summary>The PSA's own record of a company's period.</summary>
    private static void Copy(
        Teller teller, Company company, string name, LocalDate month, bool isOdd, Action<Planted> plant)
    {
        var period = new Ref(Kind.Period.Name, company.Erp, $"{company.Id}-{name}");
        var copy = new Ref(Kind.Period.Name, Firm.Psa, $"P-{company.Id}-{name}");
        var at = month.At(new(7, 0));
        var shown = teller.Shows(Firm.Psa, Kind.Period, copy.Id!, at, new PeriodStated
        {
            Period = name, From = month, To = month.PlusMonths(1).PlusDays(isOdd ? -2 : -1), Entity = company.Ref,
        });
        Link(teller, period, copy, at.PlusMinutes(1));
        if (isOdd) plant(Copied(Fault.PeriodEnd, "period", period, copy, shown));
    }

    private static void Link(Teller teller, Ref from, Ref to, LocalDateTime at) =>
        teller.Says(Firm.Psa, Kind.Identity, "ID-" + to.Id, at, new IdentityLinked(from, to, "copied"));

    private static Planted Copied(Fault fault, string drift, Ref from, Ref to, string shown) =>
        new(fault, drift, from.Stream(from.Source!)!, 0m, Firm.Companies[0].Currency.Code, to.Source!, shown)
        {
            Related = [to.Stream(to.Source!)!],
        };

    private static void Onboard(Teller teller, Person person, string number, LocalDateTime at, LocalDate from) =>
        teller.Says(Firm.Psa, Kind.Resource, person.Id, at, new ResourceOnboarded(
            person.Name, person.Role, person.Grade, number, CostRate: new(person.CostPerHour, Pound, Unit.Hour),
            From: from)
        {
            Number = number, Entity = Firm.Companies[0].Ref,
        });

    /// <summary>Whoever is promoted in the month, and who costs more from its first day on: told when it is half over.
    /// </summary>
    private static void Promote(Teller teller, Firm firm, LocalDate month, Action<Planted> plant)
    {
        for (var i = 0; i < firm.People; i++)
        {
            var person = firm.PersonAt(i);
            if (person.PromotedOn is { } on && on.Year == month.Year && on.Month == month.Month)
                teller.Says(Firm.Psa, Kind.Resource, person.Id, month.PlusDays(14).At(new(9, 0)),
                    new ResourceRoleChanged(person.RoleOn(on), From: on));
            if (i % RaisedOneIn != PaidFirst || month != Raise) continue;
            var (cost, at) = (new Rate(person.CostPerHour + 4m, Pound, Unit.Hour), month.PlusDays(14).At(new(9, 30)));
            var said = teller.Says(
                Firm.Psa, Kind.Resource, person.Id, at, new ResourceCostRateSet(cost, month));
            var (erp, id) = (Firm.Companies[0].Erp, $"HR-AF{10_000 + i}");
            if (!firm.HasFaults || i != UnheardPerson)
                teller.Shows(erp, Kind.Resource, id, at.PlusHours(5), new ResourceStated { CostRate = cost });
            else
                plant(new(
                    Fault.CostNotCopied, "rate", StreamName.Of(Kind.Resource.Name, Firm.Psa, person.Id), 0m, Pound.Code,
                    Firm.Psa, said) { Related = [StreamName.Of(Kind.Resource.Name, erp, id)] });
        }
    }

    private static void Pay(
        Teller teller, Person person, string number, LocalDateTime at, bool isOdd, Action<Planted> plant)
    {
        var (erp, id) = (Firm.Companies[0].Erp, $"HR-{number}");
        var said = teller.Shows(erp, Kind.Resource, id, at, new ResourceStated
        {
            Name = person.Name, EmployeeNo = number,
            CostRate = new Rate(person.CostPerHour + (isOdd ? 5m : 0m), Pound, Unit.Hour),
            Entity = Firm.Companies[0].Ref,
        });
        if (isOdd)
            plant(new(
                Fault.CostRate, "rate", StreamName.Of(Kind.Resource.Name, Firm.Psa, person.Id), 0m, Pound.Code, erp,
                said) { Related = [StreamName.Of(Kind.Resource.Name, erp, id)] });
    }

    /// <summary>A month of the books: each company's period opens on its first day, is closed softly on the tenth of
    /// the next month and for good on the twenty-eighth, every January once more after it was opened again; and what
    /// the firm's currencies were worth.</summary>
    /// <param name="isOdd">Whether billing has one of the rates wrong.</param>
    public static IEnumerable<Told> Month(Firm firm, LocalDate month, bool isOdd, Action<Planted> plant)
    {
        var name = Erp.PeriodOf(month);
        var (teller, last) = (new Teller("p-" + name, new(0, "period")), month.PlusMonths(1).PlusDays(-1));
        foreach (var company in Firm.Companies)
        {
            var id = $"{company.Id}-{name}";
            Says(month.At(new(0, 5)), new PeriodOpened(name, month, last));
            Says(month.PlusMonths(1).PlusDays(9).At(new(18, 0)), new PeriodSoftClosed("month end"));
            Says(month.PlusMonths(1).PlusDays(27).At(new(18, 0)), new PeriodClosed("month end"));
            if (month.Month == 12)
            {
                Says(month.PlusMonths(1).PlusDays(28).At(new(9, 0)), new PeriodReopened("audit adjustment"));
                Says(month.PlusMonths(1).PlusDays(28).At(new(17, 0)), new PeriodClosed("year end"));
            }

            void Says(LocalDateTime at, PeriodEvent said) => teller.Says(
                company.Erp, Kind.Period, id, at, said with { Entity = company.Ref });
        }

        Promote(teller, firm, month, plant);
        foreach (var company in Firm.Companies)
            Copy(teller, company, name, month, isOdd && company == Firm.Companies[0], plant);
        foreach (var (of, quote) in ExchangeRates.Pairs)
            teller.Says(
                Firm.Companies[0].Erp, Kind.ExchangeRate, $"{of.Code}-{quote.Code}-{name}", last.At(new(16, 0)),
                new ExchangeRatePublished(
                    of, quote, ExchangeRates.Rate(of, quote, month), last, "ECB", "closing"));
        Spot(teller, month, isOdd, plant);
        return teller.Arrived(Instant.MaxValue);
    }

    /// <summary>What the month's first days convert at, as the ERP and billing have it of one publisher.</summary>
    private static void Spot(Teller teller, LocalDate month, bool isOdd, Action<Planted> plant)
    {
        foreach (var (of, quote) in ExchangeRates.Converting)
            foreach (var source in (string[])[Firm.Companies[1].Erp, Firm.Billing])
            {
                var isOff = isOdd && source == Firm.Billing && (of, quote) == ExchangeRates.Converting[0];
                var id = $"{of.Code}-{quote.Code}-{month.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}";
                var said = teller.Says(source, Kind.ExchangeRate, id, month.At(new(6, 0)), new ExchangeRatePublished(
                    of, quote, ExchangeRates.Rate(of, quote, month) + (isOff ? RateOff : 0m), month, "ECB", "spot"));
                if (isOff)
                    plant(new(
                        Fault.ExchangeRate, "currency",
                        StreamName.Of(Kind.ExchangeRate.Name, Firm.Companies[1].Erp, id), 0m, quote.Code, source, said)
                    {
                        Related = [StreamName.Of(Kind.ExchangeRate.Name, source, id)],
                    });
            }
    }
}
