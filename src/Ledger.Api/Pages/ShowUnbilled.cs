using Ledger.Projections;
using Ledger.Projections.Views;

namespace Ledger.Api.Pages;

/// <summary><c>GET /unbilled</c>: approved work and fees that wait to be billed.</summary>
internal static class ShowUnbilled
{
    public static async Task<IResult> Handle(DriftNow now, CancellationToken cancellationToken) =>
        Page.Of<UnbilledPage>(new UnbilledModel(await now.Read(cancellationToken)));
}

/// <summary>Unbilled work by project, the oldest project first.</summary>
public sealed record UnbilledModel(LedgerAt At)
{
    public IReadOnlyList<UnbilledTotal> Totals { get; } = UnbilledTotal.Of(At.Unbilled.Items);

    /// <summary>By the project's stream or number, or the contract's; null = not said.</summary>
    public IEnumerable<(string? Project, IReadOnlyList<UnbilledItem> Items)> Projects => At.Unbilled.Items
        .GroupBy(u => u.Project).OrderBy(g => g.Min(u => u.On) ?? NodaTime.LocalDate.MaxIsoValue)
        .Select(g => (g.Key, (IReadOnlyList<UnbilledItem>)[.. g.OrderBy(u => u.On ?? NodaTime.LocalDate.MaxIsoValue)]));
}
