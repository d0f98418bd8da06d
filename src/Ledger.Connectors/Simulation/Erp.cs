using System.Globalization;
using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

/// <summary>A company's books, as its ERP tells of them: as what happened, or as rows, as they
/// stand each time.</summary>
internal sealed class Erp(Teller teller, Company company)
{
    public static string PeriodOf(LocalDate day) => day.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    public string Stream(string posting) => StreamName.Of(Kind.Posting.Name, company.Erp, posting);

    /// <returns>The id of the event that says so, as of everything here.</returns>
    public string Posts(string id, LocalDateTime at, PostingRecorded said) => company.DeliversRows
        ? teller.Shows(company.Erp, Kind.Posting, id, at, new PostingStated
        {
            PostedOn = said.PostedOn, Period = said.Period, Currency = said.Currency, Totals = said.Totals,
            Document = said.Document, Functional = said.Functional, Entries = said.Entries, Covered = said.Covers,
            Status = PostingStatus.Posted, Number = id, Entity = company.Ref,
        })
        : teller.Says(company.Erp, Kind.Posting, id, at, said with { Number = id, Entity = company.Ref });

    public string FailsToPost(string id, LocalDateTime at, Ref document) => company.DeliversRows
        ? teller.Shows(company.Erp, Kind.Posting, id, at, new PostingStated
        {
            Document = document, Status = PostingStatus.Failed, Number = id, Entity = company.Ref,
        })
        : teller.Says(company.Erp, Kind.Posting, id, at, new PostingFailed("account is locked", document, "GL-114")
        {
            Number = id, Entity = company.Ref,
        });

    public string Reverses(string id, LocalDateTime at) => company.DeliversRows
        ? teller.Shows(company.Erp, Kind.Posting, id, at, new PostingStated { Status = PostingStatus.Reversed })
        : teller.Says(company.Erp, Kind.Posting, id, at, new PostingReversed(at.Date, Reason: "cancelled"));

    /// <summary>Money came, and settles documents.</summary>
    public string Receives(
        string id, LocalDateTime at, Money money, Ref client, string? remittance, params Application[] applied)
    {
        Banks(id, at, money);
        return Tells(id, at, money, client, remittance, applied).Applied;
    }

    /// <summary>The bank says that money came.</summary>
    public string Banks(
        string id, LocalDateTime at, Money money, BankEntryStatus status = BankEntryStatus.Booked) => teller.Says(
        Firm.Bank, Kind.BankStatement, "BS-" + id, at.Date.At(new(23, 0)), new BankStatementReceived(
            company.Id, at.Date, at.Date, money.Currency, [new(id, at.Date, money.Amount, status, BankRef(id))]));

    private static string BankRef(string id) => "BNK-" + id;

    /// <summary>Tells of money, whatever the bank says.</summary>
    /// <returns>The ids of the events that tell of it, and of what it settles.</returns>
    public (string Received, string Applied) Tells(
        string id, LocalDateTime at, Money money, Ref client, string? remittance, params Application[] applied)
    {
        if (company.DeliversRows)
        {
            var row = teller.Shows(company.Erp, Kind.Payment, id, at.PlusMinutes(2), new PaymentStated
            {
                ReceivedOn = at.Date, Amount = money.Amount, Currency = money.Currency, Client = client,
                Method = "transfer", Remittance = remittance, BankRef = BankRef(id),
                Applications = applied.ToItems(), Number = id, Entity = company.Ref,
            });
            return (row, row);
        }

        var received = teller.Says(company.Erp, Kind.Payment, id, at, new PaymentReceived(
            at.Date, money.Amount, money.Currency, client, "transfer", remittance, BankRef(id))
        {
            Number = id, Entity = company.Ref,
        });
        var last = received;
        foreach (var (part, i) in applied.Select((part, i) => (part, i)))
            last = teller.Says(company.Erp, Kind.Payment, id, at.PlusMinutes(2 + i), new PaymentApplied(
                part.Id, part.Target, part.Kind, part.Amount, at.Date, Currency: money.Currency,
                TargetAmount: part.TargetAmount, Fx: part.Fx, Discount: part.Discount, Reason: part.Reason));
        return (received, last);
    }

    /// <summary>The bank took a payment back.</summary>
    public void Bounces(string id, LocalDateTime at)
    {
        if (company.DeliversRows)
            teller.Shows(company.Erp, Kind.Payment, id, at, new PaymentStated { Status = PaymentStatus.Reversed });
        else teller.Says(company.Erp, Kind.Payment, id, at, new PaymentReversed(at.Date, "returned by the bank"));
    }

    /// <summary>A credit note's money settles the document it credits.</summary>
    public void Credits(string id, LocalDateTime at, Ref note, Ref document, Money money)
    {
        if (company.DeliversRows)
            teller.Shows(company.Erp, Kind.Payment, id, at, new PaymentStated
            {
                Currency = money.Currency, Number = id, Entity = company.Ref,
                Applications = Items.Of(
                    [new Application("1", document, ApplicationKind.Credit, money.Amount, at.Date)]),
            });
        else
            teller.Says(company.Erp, Kind.Payment, id, at, new CreditApplied(
                "1", note, document, money.Amount, at.Date, money.Currency)
            {
                Number = id, Entity = company.Ref,
            });
    }
}
