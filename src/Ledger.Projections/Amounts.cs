using Ledger.Domain;

namespace Ledger.Projections;

/// <summary>The one money figure of an entity, by which a change of it is told: pure.</summary>
public static class Amounts
{
    /// <summary>What an invoice asks for (payable, else gross, else net), what a posting or a payment comes to, what an
    /// expense cost; as stated, unsigned for direction. Null where the kind has none, or nobody says it.</summary>
    public static (decimal Amount, Currency? Currency)? Of(ComposedEntity composed)
    {
        var kind = composed.Entity.Kind;
        var amount = kind == Kind.Invoice ? Of(composed.Value<InvoiceTotals>("totals"))
            : kind == Kind.Posting ? Of(composed.Value<PostingTotals>("totals"))
            : kind == Kind.Payment || kind == Kind.Expense ? composed.Value<decimal?>("amount")
            : null;
        return amount is { } known ? (known, composed.Value<Currency?>("currency")) : null;
    }

    public static decimal? Of(InvoiceTotals? totals) => totals?.Payable ?? totals?.Gross ?? totals?.Net;

    public static decimal? Of(PostingTotals? totals) => totals?.Gross ?? totals?.Net;
}
