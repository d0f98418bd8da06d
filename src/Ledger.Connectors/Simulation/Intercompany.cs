using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

/// <summary>People whom one company of the firm lends another, month by month, at a transfer price: the lender's
/// invoice is booked in both sets of books.</summary>
internal sealed class Intercompany(Firm firm, LocalDate begins, int months, Action<Planted> plant)
{
    private const string Contract = "IC-UK-DE";
    private const string Meter = "lent hours";
    private const decimal Off = 75m;

    // Once in so many months the two sets of books differ, from the fourth month on.
    private const int OddOneIn = 48;
    private const int OddFirst = 3;

    // And once the other does not book at all.
    private const int UnmirroredFirst = 6;

    private static readonly Company Lender = Firm.Companies[0];
    private static readonly Company Borrower = Firm.Companies[1];
    private static readonly Rate Price = new(92.4m, Lender.Currency, Unit.Hour);

    private readonly Teller teller = new("ic", firm.DiceFor("delivery", -1));
    private readonly Dice dice = firm.DiceFor("intercompany");

    /// <summary>What a company is to another one that asks it for money.</summary>
    public static string ClientId(Company company) => $"IC-{company.Id}";

    public IEnumerable<Told> Life()
    {
        var day = begins.PlusDays(-3);
        teller.Says(Firm.Clm, Kind.Contract, Contract, day.At(new(10, 0)), new ContractSigned(
            Client, day, begins, Lender.Currency, BillingModel.Usage, Terms: new(TermsKind.Net, 30),
            Billing: new(Usage: [new(Meter, [new(Price)], "People lent")]))
        {
            Number = Contract, Entity = Lender.Ref,
        });
        teller.Shows(Firm.Psa, Kind.Contract, Contract, day.PlusDays(1).At(new(6, 0)), new ContractStated
        {
            Number = Contract, Entity = Lender.Ref, Client = Client, Currency = Lender.Currency, From = begins,
        });
        teller.Says(Firm.Psa, Kind.Identity, "ID-" + Contract, day.PlusDays(1).At(new(6, 1)), new IdentityLinked(
            new(Kind.Contract.Name, Firm.Clm, Contract), new(Kind.Contract.Name, Firm.Psa, Contract), "copied"));
        for (var month = 0; month < months; month++)
        {
            Lend(month, begins.PlusMonths(month + 1));
            foreach (var told in teller.Arrived(begins.PlusMonths(month + 1).AtMidnight().InUtc().ToInstant()))
                yield return told;
        }

        foreach (var told in teller.Arrived(Instant.MaxValue)) yield return told;
    }

    private static Ref Client => new(Kind.Client.Name, Firm.Crm, ClientId(Borrower));

    private void Lend(int month, LocalDate next)
    {
        var (last, at) = (next.PlusDays(-1), next.PlusDays(1).At(new(9, 0)));
        var (hours, part) = (new Quantity(dice.Between(20, 160) * 0.5m, Unit.Hour), $"U{month + 1}");
        var net = ExactMoney.Of(hours, Price)!.Value.Round(RoundingMode.HalfAwayFromZero).Amount;
        var (id, number) = ($"IC-{month + 1}", $"IC-{Lender.Id}-{month + 1:0000}");
        var document = new Ref(Kind.Invoice.Name, Firm.Billing, id);
        teller.Says(Firm.Clm, Kind.Contract, Contract, last.At(new(22, 0)), new ContractUsageRecorded(
            part, Meter, hours, last));
        var issued = teller.Says(Firm.Billing, Kind.Invoice, id, at, new InvoiceIssued(
            at.Date,
            [
                new("1", Kind: "usage", Description: "People lent", Quantity: hours, Price: Price, Net: net,
                    Bills: [new(new(Kind.Contract.Name, Firm.Clm, Contract, Line: part), Amount: net)]),
            ],
            Series: $"IC-{Lender.Id}", Client: Client, Contracts: [new(Kind.Contract.Name, Firm.Clm, Contract)],
            DueOn: at.Date.PlusDays(30), Currency: Lender.Currency,
            Taxes: [new(0m, "AE", Rate: 0m, Base: net)], Totals: new(net, 0m, net, Payable: net))
        {
            Number = number, Entity = Lender.Ref,
        });
        teller.Shows(Lender.Erp, Kind.Invoice, "AR-" + id, at.Date.At(new(20, 0)), new InvoiceStated
        {
            Number = number, Entity = Lender.Ref, DocumentType = DocumentType.Invoice, Status = InvoiceStatus.Issued,
            Currency = Lender.Currency, IssuedOn = at.Date, Totals = new InvoiceTotals(net, 0m, net),
        });
        Book(month, at.Date, document, net, issued);
        new Erp(teller, Lender).Receives(
            "PAY-" + id, at.PlusDays(25), new(net, Lender.Currency), Client, number,
            new Application("1", document, ApplicationKind.Cash, net, at.Date.PlusDays(25)));
    }

    /// <summary>The lender's revenue is the borrower's cost.</summary>
    private void Book(int month, LocalDate day, Ref document, decimal net, string issued)
    {
        var isOdd = firm.HasFaults && month % OddOneIn == OddFirst;
        var (id, at, cost) = ($"JE-{document.Id}", day.PlusDays(1).At(new(2, 0)), net - (isOdd ? Off : 0m));
        new Erp(teller, Lender).Posts(id, at, new(
            day, Erp.PeriodOf(day), Lender.Currency, new(net, 0m, net), document,
            Entries: [new("1190", Debit: net), new("4900", Credit: net)]));
        if (firm.HasFaults && month % OddOneIn == UnmirroredFirst)
        {
            plant(new(
                Fault.IntercompanyUnmirrored, "missing", document.Stream(Firm.Billing)!, net, Lender.Currency.Code,
                Firm.Billing, issued));
            return;
        }

        var (mirror, to) = (new Erp(teller, Borrower), id + "-M");
        var said = mirror.Posts(to, at.PlusHours(1), new(
            day, Erp.PeriodOf(day), Lender.Currency, new(cost, 0m, cost), document,
            new(
                ExchangeRates.Convert(new(cost, Lender.Currency), Borrower.Currency, day).Amount, Borrower.Currency,
                ExchangeRates.Rate(Lender.Currency, Borrower.Currency, day)),
            Entries: [new("5900", Debit: cost), new("2190", Credit: cost)]));
        if (isOdd)
            plant(new(
                Fault.IntercompanyAmount, "amount", document.Stream(Firm.Billing)!, Off, Lender.Currency.Code,
                Borrower.Erp, said) { Related = [mirror.Stream(to)] });
    }
}
