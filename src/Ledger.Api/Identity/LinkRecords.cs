namespace Ledger.Api;

/// <summary><c>POST /v1/identity/link</c>: a person says that two records are one thing, though nobody proposed it.
/// </summary>
internal static class LinkRecords
{
    public static readonly About About = new("Say that two records are one thing", Once.Parameter)
    {
        Takes = ["application/json"],
        Answer = typeof(DecisionAnswer),
        Good = [200, 201],
        Problems = [400, 401, 403, 413, 415, 422, 429, 503],
        IsWrite = true,
    };

    public static Task<IResult> Handle(
        HttpContext http, Deciding deciding, IdentityDecisions identity, CancellationToken cancellationToken) =>
        PairOfRecords.Decide(http, deciding, identity, identity.Link, cancellationToken);
}
