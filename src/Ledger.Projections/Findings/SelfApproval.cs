using Ledger.Domain;
using Ledger.Projections.Lineage;

namespace Ledger.Projections.Findings;

/// <summary>Whoever did the work, or prepared it, is no one to approve it: pure.</summary>
internal static class SelfApproval
{
    public static IEnumerable<Finding> Of(Entity entity, SourceRecord member)
    {
        if (!member.IsLive || member.Fold.State is not { } state) yield break;
        foreach (var (approver, did, what, field) in Said(state))
            yield return new(
                Codes.ApprovedByPreparer, entity.Id, member.Stream, field, member.Asserted(field),
                $"{Describe.Address(member.Stream, null)} was {what} by {approver}, who {did}.",
                [new("approver", approver)]);
    }

    private static IEnumerable<(string Approver, string Did, string What, string Field)> Said(RecordState state) =>
        state switch
        {
            TimeEntry t => Approved(t.Approval, t.Resource, "did the work", "approval")
                .Concat(t.WriteDowns.Where(w => IsSame(w.Approver, t.Resource)).Take(1).Select(
                    w => (w.Approver!, "did the work", w.Off ? "written off" : "written down", "writeDowns"))),
            Expense x => Approved(x.Approval, x.Resource, "spent it", "approval"),
            Invoice { ApprovedBy: { } approver, PreparedBy: { } preparer } when IsSame(approver, preparer) =>
                [(approver, "prepared it", "approved", "approvedBy")],
            ChangeRequest { RaisedBy: { } raised, Approval: { Status: ApprovalStatus.Approved, By: { } by } }
                when IsSame(by, raised) => [(by, "raised it", "approved", "approval")],
            _ => [],
        };

    private static IEnumerable<(string, string, string, string)> Approved(
        Approval? approval, Ref? who, string did, string field) =>
        approval is { Status: ApprovalStatus.Approved, By: { } by } && IsSame(by, who)
            ? [(by, did, "approved", field)]
            : [];

    private static bool IsSame(string? approver, Ref? who) =>
        approver is not null && who is not null && (IsSame(approver, who.Id) || IsSame(approver, who.Number));

    private static bool IsSame(string approver, string? other) =>
        other is not null && string.Equals(approver.Trim(), other.Trim(), StringComparison.OrdinalIgnoreCase);
}
