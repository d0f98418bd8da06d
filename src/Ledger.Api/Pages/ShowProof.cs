using Ledger.Projections.Proof;

namespace Ledger.Api.Pages;

/// <summary><c>GET /proof</c>: whether balances foot, and what breaks them.</summary>
internal static class ShowProof
{
    public static async Task<IResult> Handle(HttpContext http, DriftNow now, CancellationToken cancellationToken)
    {
        var query = new Asked(http.Request.Query);
        var asked = GetProof.Read(query);
        if (query.Problem is { } problem)
            return problem;
        var at = await now.Read(cancellationToken);
        return Page.Of<ProofPage>(new ProofModel(
            at, asked == new ProofAsked() ? at.Proof : ProofRun.Of(at.World, asked)));
    }
}

/// <summary>What the page of the proof shows.</summary>
public sealed record ProofModel(LedgerAt At, ProofReport Proof)
{
    public IEnumerable<AccountProof> Broken => Proof.Accounts.Where(a => a.Breaks.Any());
}
