using System.Globalization;
using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

/// <summary>What stands before the first engagement: the systems, the companies, their periods, the people.</summary>
internal static class Masters
{
    /// <summary>The registration of every system: the ledger's own words, a file of its own.</summary>
    public static IEnumerable<Told> Registrations(LocalDate from)
    {
        var teller = new Teller("setup", new(0, "setup"));
        Register(Firm.Crm, "Relate CRM", [Role.Crm], [Kind.Client], 2);
        Register(Firm.Clm, "Covenant contracts", [Role.Clm], [Kind.Contract, Kind.RateCard], 3);
        Register(
            Firm.Psa, "Rota PSA", [Role.Psa], [Kind.Project, Kind.Resource, Kind.Time, Kind.Expense, Kind.Contract], 8,
            new(Time: true, Expense: true));
        Register(Firm.Billing, "Tally billing", [Role.Billing], [Kind.Invoice], 8);
        foreach (var erp in Firm.Companies.GroupBy(c => c.Erp))
            Register(
                erp.Key, $"Ledgerworks {erp.Key[4..].ToUpperInvariant()}", [Role.Erp],
                [Kind.Client, Kind.Invoice, Kind.Posting, Kind.Payment, Kind.LegalEntity, Kind.Period], 10, null,
                erp.Select(c => c.Ref).ToItems());
        return teller.Arrived(Instant.MaxValue);

        void Register(
            string source, string name, Items<Role> roles, Kind[] kinds, int lagDays, ApprovalTerms? approval = null,
            Items<Ref>? companies = null) =>
            teller.Says("ledger", Kind.Source, source, from.At(new(8, 0)), new SourceRegistered(
                roles, kinds.Select(k => k.Name).ToItems(), name, "Europe/London", from, null, lagDays, approval,
                companies));
    }

    /// <summary>Companies and people, before anything else.</summary>
    public static IEnumerable<Told> Standing(Firm firm, LocalDate from)
    {
        var teller = new Teller("m", firm.DiceFor("masters"));
        foreach (var company in Firm.Companies)
            teller.Says(company.Erp, Kind.LegalEntity, company.Id, from.At(new(8, 30)), new LegalEntityRegistered(
                company.Name, company.Country, company.Currency, company.Zone) { Number = company.Id });
        for (var i = 0; i < firm.People; i++)
        {
            var person = firm.PersonAt(i);
            teller.Says(
                Firm.Psa, Kind.Resource, person.Id, from.At(new(9, 0)).PlusSeconds(i), new ResourceOnboarded(
                    person.Name, person.Role, person.Grade, $"AF{10_000 + i}",
                    CostRate: new(person.CostPerHour, Currency.Of("GBP"), Unit.Hour), From: from)
                { Number = $"AF{10_000 + i}" });
        }

        return teller.Arrived(Instant.MaxValue);
    }

    /// <summary>The periods of a month: each opens on its first day, is closed softly on the tenth of the next month
    /// and for good on the twenty-eighth.</summary>
    public static IEnumerable<Told> Periods(LocalDate month)
    {
        var name = month.ToString("yyyy-MM", CultureInfo.InvariantCulture);
        var teller = new Teller("p-" + name, new(0, "period"));
        foreach (var company in Firm.Companies)
        {
            var id = $"{company.Id}-{name}";
            var last = month.PlusMonths(1).PlusDays(-1);
            teller.Says(company.Erp, Kind.Period, id, month.At(new(0, 5)), new PeriodOpened(name, month, last)
            {
                Entity = company.Ref,
            });
            teller.Says(
                company.Erp, Kind.Period, id, month.PlusMonths(1).PlusDays(9).At(new(18, 0)),
                new PeriodSoftClosed("month end") { Entity = company.Ref });
            teller.Says(
                company.Erp, Kind.Period, id, month.PlusMonths(1).PlusDays(27).At(new(18, 0)),
                new PeriodClosed("month end") { Entity = company.Ref });
        }

        return teller.Arrived(Instant.MaxValue);
    }
}
