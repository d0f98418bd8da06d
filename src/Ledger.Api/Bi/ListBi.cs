using Ledger.Projections;
using Ledger.Projections.Bi;
using Npgsql;

namespace Ledger.Api;

/// <summary><c>GET /v1/bi</c>: the views of schema <c>bi</c>, with the meaning of each and of each column.</summary>
internal static class ListBi
{
    public static readonly About About = new(
        "The data dictionary: every question, fact and dimension, with its formula and columns", About.AtLeast)
    {
        Answer = typeof(BiListAnswer),
    };

    public static void MapBi(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/bi", Handle).Says(About);
        app.MapGet("/v1/bi/{name}", GetBi.Handle).Says(GetBi.About);
    }

    private static async Task<IResult> Handle(
        HttpContext http, NpgsqlDataSource source, Projector projector, CancellationToken cancellationToken)
    {
        if (await At.Views(http, projector, cancellationToken) is { } problem)
            return problem;
        var (position, views) = await new BiReader(source).Views(cancellationToken);
        At.Say(http, position);
        return TypedResults.Json(new BiListAnswer(views), DoorJson.Plain.BiListAnswer);
    }
}

/// <summary>The views of schema <c>bi</c>, by name.</summary>
public sealed record BiListAnswer(IReadOnlyList<BiView> Items);
