using Ledger.Projections;
using Ledger.Projections.Rating;
using Npgsql;

namespace Ledger.Api;

/// <summary><c>GET /v1/contracts/{id}/invoice-proposal</c>: what may be invoiced of a contract through a day, ready to
/// be issued, and why the rest may not; JSON or text.</summary>
internal static class GetInvoiceProposal
{
    public static readonly About About = new(
        "What may be invoiced of a contract through a day, and of everything else why not",
        Parameter.Path("id", "The contract's entity id, or any of its streams, percent-encoded."),
        Parameter.Text("through", "The last service date that is billed, such as 2026-03-31."),
        About.AtLeast)
    {
        Answer = typeof(System.Text.Json.JsonElement),
        Gives = RatingAnswer.Offered,
        Problems = [400, 404, 406, 503],
    };

    public static async Task<IResult> Handle(
        HttpContext http, NpgsqlDataSource source, Projector projector, CancellationToken cancellationToken)
    {
        if (Accepts.Best(http.Request, RatingAnswer.Offered) is not { } media)
            return RatingAnswer.NotAcceptable();
        var asked = new Asked(http.Request.Query);
        asked.Required("through");
        var through = asked.Date("through");
        var id = Address.Between(http, "/v1/contracts/", "/invoice-proposal");
        if ((asked.Problem ?? await At.Views(http, projector, cancellationToken)) is { } problem)
            return problem;
        var rated = Address.IsStorable(id)
            ? await new RatingReader(source).Proposal(id, through!.Value, cancellationToken)
            : null;
        return rated is null
            ? Problems.NotFound($"No contract is known as '{id}'.")
            : RatingAnswer.Of(http, media, rated, RatingText.Write, RatingJson.Write);
    }
}
