using Ledger.Domain;
using NodaTime;

namespace Ledger.Connectors.Simulation;

/// <summary>A fee agreed ahead, asked for as its instalments are released; a change request adds one.</summary>
internal sealed partial class Engagement
{
    private const string ChangeItem = "CR1";

    private int released;

    private static string Item(int month) => $"I{month + 1}";

    private Items<ScheduleItem> Instalments()
    {
        var items = Enumerable.Range(0, months).Select(m => new ScheduleItem(
            Item(m), first.PlusMonths(m + 1).PlusDays(-1), Fee(m), $"Instalment {m + 1}",
            m < released ? first.PlusMonths(m + 1).PlusDays(-1) : null));
        return (isAmended ? items.Append(new(ChangeItem, Ends, Extra, "Further work")) : items).ToItems();
    }

    private Asked Instalment(int month, LocalDate next)
    {
        released = month + 1;
        Release(Item(month), next);
        var asked = new Asked([Line(Item(month), $"Instalment {month + 1}", Fee(month))], Fee(month));
        if (month != months - 1 || !isAmended) return asked;
        Release(ChangeItem, next);
        return Plus(asked, Line(ChangeItem, "Further work", Extra));
    }

    private void Release(string item, LocalDate next) =>
        teller.Says(Firm.Clm, Kind.Contract, contract, next.At(new(8, 0)),
            new ContractBillingScheduleReleased(item, next.PlusDays(-1)));

    /// <summary>A fee that a part of the contract is asked for.</summary>
    private InvoiceLine Line(string part, string description, decimal net) => new(
        "F-" + part, Kind: "fee", Description: description, Net: net,
        Bills: [new(Contract with { Line = part }, Amount: net)]);
}
