namespace Ledger.Api;

/// <summary><c>DELETE /v1/ownership/{id}</c>: a person takes an assignment back; or asks first what that would change.
/// </summary>
internal static class WithdrawOwnership
{
    public static readonly About About = new(
        "Take an assignment of ownership back, or ask first what that would change",
        Parameter.Path("id", "The assignment's id, percent-encoded."),
        Withdrawn.Reason, Withdrawn.Actor, Withdrawn.EffectiveOn, DryRun.Parameter, DryRun.Approve,
        Once.Parameter)
    {
        Answer = typeof(DecisionAnswer),
        Good = [200, 201],
        Problems = [400, 401, 403, 404, 409, 413, 422, 429, 503],
        IsWrite = true,
        Patience = DryRun.Patience,
    };

    public static Task<IResult> Handle(
        HttpContext http, Deciding deciding, OwnershipDecisions ownership, DryRun dryRun,
        CancellationToken cancellationToken) =>
        deciding.Answer(http, async _ =>
        {
            var id = Address.After(http, "/v1/ownership/");
            var asked = new Asked(http.Request.Query);
            var (isTried, isApproved) = (asked.Truth("dry-run", false), asked.Truth("approve", false));
            var (reason, by) = Withdrawn.Read(asked);
            if (asked.Problem is { } problem)
                return problem;
            if (!Address.IsStorable(id))
                return OwnershipDecisions.NoAssignment(id);
            var offer = isTried || !isApproved
                ? await ownership.TryWithdraw(id, reason, by, cancellationToken)
                : null;
            if (isTried)
                return await dryRun.Answer(http, offer!, cancellationToken);
            if (offer is not null && await dryRun.Refused(offer, cancellationToken) is { } refused)
                return refused;
            return await deciding.Receipt(
                http, await ownership.Withdraw(id, reason, by, cancellationToken), null, cancellationToken);
        }, cancellationToken);
}
