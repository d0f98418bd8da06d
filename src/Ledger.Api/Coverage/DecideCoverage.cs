namespace Ledger.Api;

/// <summary><c>POST /v1/coverage/proposals/{id}/confirm</c>: a person says that it covers just these.</summary>
internal static class ConfirmCoverage
{
    public static readonly About About = DecideProposal.AboutOf(
        "Say that a payment or posting covers what is proposed");

    public static Task<IResult> Handle(
        string id, HttpContext http, Deciding deciding, CoverageDecisions coverage,
        CancellationToken cancellationToken) =>
        DecideProposal.Run(http, id, deciding, coverage.Confirm, null, cancellationToken);
}

/// <summary><c>POST /v1/coverage/proposals/{id}/reject</c>: a person says that it does not.</summary>
internal static class RejectCoverage
{
    public static readonly About About = DecideProposal.AboutOf(
        "Say that a payment or posting does not cover what is proposed; nobody is asked again");

    public static Task<IResult> Handle(
        string id, HttpContext http, Deciding deciding, CoverageDecisions coverage,
        CancellationToken cancellationToken) =>
        DecideProposal.Run(http, id, deciding, coverage.Reject, null, cancellationToken);
}
