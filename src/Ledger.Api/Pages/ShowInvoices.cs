using Ledger.Domain;
using Ledger.Projections;
using Ledger.Projections.Drift;

namespace Ledger.Api.Pages;

/// <summary><c>GET /invoices</c>: every document that asks for money or gives it back.</summary>
internal static class ShowInvoices
{
    public static async Task<IResult> Handle(DriftNow now, CancellationToken cancellationToken) =>
        Page.Of<InvoicesPage>(new InvoicesModel(await now.ReadDrift(cancellationToken)));
}

/// <summary>One document in the list.</summary>
/// <param name="For">Its client, else its project or contract; null where nobody states any.</param>
/// <param name="Net">In the ledger's sign: what gives money back is negative.</param>
/// <param name="Unexplained">What no record behind it explains, in the ledger's sign; 0 for what is not live.</param>
public sealed record InvoiceRow(
    InvoiceCheck Check, Entity Entity, Ref? For, string Source, Money? Net, decimal Unexplained)
{
    public static InvoiceRow Of(LedgerAt at, InvoiceCheck check)
    {
        var record = at.World.Records[check.Stream];
        var state = (Invoice)record.Fold.State!;
        return new(
            check, at.World.EntityOf(check.Stream),
            state.Client ?? state.BillTo ?? state.Projects.Concat(state.Contracts).FirstOrDefault(), record.Source,
            check.Stated is { } net ? net with { Amount = state.Sign * net.Amount } : null,
            check.Verdict is Verdict.NotLive ? 0m : state.Sign * at.UnexplainedOf(check.Stream));
    }
}

/// <summary>The documents, by issue date and number, the newest first.</summary>
public sealed record InvoicesModel(LedgerAt At)
{
    public IReadOnlyList<InvoiceRow> Rows { get; } =
    [
        .. At.Drift.Invoices.Select(i => InvoiceRow.Of(At, i)).OrderByDescending(r => r.Check.IssuedOn)
            .ThenByDescending(r => r.Check.Number?.Length ?? 0)
            .ThenByDescending(r => r.Check.Number, StringComparer.Ordinal),
    ];

    /// <summary>What is asked for now, by currency: live documents only.</summary>
    public IEnumerable<(Currency Currency, int Documents, decimal Net, decimal Unexplained)> Totals => Rows
        .Where(r => r.Check.Verdict is not Verdict.NotLive && r.Net is not null)
        .GroupBy(r => r.Net!.Value.Currency).OrderBy(g => g.Key.Code, StringComparer.Ordinal)
        .Select(g => (g.Key, g.Count(), g.Sum(r => r.Net!.Value.Amount), g.Sum(r => r.Unexplained)));
}
