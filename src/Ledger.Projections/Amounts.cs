using Ledger.Domain;

namespace Ledger.Projections;

/// <summary>The one money figure of a document's totals: pure.</summary>
public static class Amounts
{
    /// <summary>What an invoice asks for: payable, else gross, else net; as stated. Null where nobody says it.
    /// </summary>
    public static decimal? Of(InvoiceTotals? totals) => totals?.Payable ?? totals?.Gross ?? totals?.Net;

    /// <summary>What a posting comes to: gross, else net; as stated. Null where nobody says it.</summary>
    public static decimal? Of(PostingTotals? totals) => totals?.Gross ?? totals?.Net;
}
