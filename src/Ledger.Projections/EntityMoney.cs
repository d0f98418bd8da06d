using Ledger.Domain;

namespace Ledger.Projections;

/// <summary>The figure of money an entity stands for.</summary>
/// <param name="Amount">What an invoice asks for, negative for a credit note; what a posting books, a payment brings,
/// an expense costs; what a proposal or a change request offers before tax, an opportunity or a milestone is worth;
/// what revenue has recognised.</param>
/// <param name="Currency">Null where nobody states it.</param>
public sealed record EntityMoney(decimal Amount, Currency? Currency)
{
    /// <summary>Of an entity whose fields are known; null where its kind has none, or nobody states it.</summary>
    public static EntityMoney? Of(ComposedEntity entity)
    {
        var amount = AmountOf(entity);
        return amount is null ? null : new(amount.Value, entity.Field("currency")?.Value as Currency?);
    }

    private static decimal? AmountOf(ComposedEntity entity)
    {
        var kind = entity.Entity.Kind;
        if (IsWorth(kind)) return entity.Field("amount")?.Value as decimal?;
        if (kind == Kind.Revenue) return entity.Field("recognized")?.Value as decimal?;
        if (kind != Kind.Invoice && kind != Kind.Posting && kind != Kind.Proposal) return null;
        if (entity.Value<ProposalTotals>("totals") is { } offered) return offered.Net ?? offered.Gross;
        if (entity.Value<PostingTotals>("totals") is { } booked) return booked.Gross ?? booked.Net;
        if (entity.Value<InvoiceTotals>("totals") is not { } totals) return null;
        var asked = totals.Payable ?? totals.Gross ?? totals.Net;
        return entity.Field("documentType")?.Value is DocumentType.CreditNote && asked is { } credited
            ? -Math.Abs(credited)
            : asked;
    }

    private static bool IsWorth(Kind kind) => kind == Kind.Payment || kind == Kind.Expense || kind == Kind.Opportunity
        || kind == Kind.ChangeRequest || kind == Kind.Milestone;
}
