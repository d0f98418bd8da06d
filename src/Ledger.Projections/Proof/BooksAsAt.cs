using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Proof;

/// <summary>The records as they stood at the end of a day, by the dates they bear themselves, whenever they were told:
/// what is dated later is not there yet, what ended later stands still.</summary>
internal static class BooksAsAt
{
    public static World Of(World world, LocalDate day) => new(
        world.Position, world.Day, world.Records.Values.Select(r => At(r, day)).OfType<SourceRecord>());

    /// <summary>When an entry became work to bill: worked, and approved where it is said when.</summary>
    public static LocalDate AccruedOn(TimeEntry entry) => Later(entry.WorkedOn, ApprovedOn(entry.Approval));

    public static LocalDate AccruedOn(Expense expense) => Later(expense.IncurredOn, ApprovedOn(expense.Approval));

    private static LocalDate? ApprovedOn(Approval? approval) =>
        approval is { Status: ApprovalStatus.Approved, At: { } at } ? at.InUtc().Date : null;

    private static LocalDate Later(LocalDate? a, LocalDate? b) =>
        a is { } one && b is { } other ? LocalDate.Max(one, other) : a ?? b ?? LocalDate.MinIsoValue;

    private static SourceRecord? At(SourceRecord record, LocalDate day) => record.Fold.State switch
    {
        TimeEntry t => t.WorkedOn > day ? null : With(record, t, At(t, day)),
        Expense x => x.IncurredOn > day ? null : With(record, x, At(x, day)),
        Invoice i => i.IssuedOn > day && i.Status is not (InvoiceStatus.Draft or InvoiceStatus.Approved)
            ? null
            : With(record, i, At(i, day)),
        Posting p => p.PostedOn > day ? null : With(record, p, At(p, day)),
        Payment p => At(p, day) is var then && p.ReceivedOn > day && then.Applications.Count == 0
            ? null
            : With(record, p, then),
        Revenue r => With(record, r, At(r, day)),
        _ => record,
    };

    private static TimeEntry At(TimeEntry entry, LocalDate day) => entry with
    {
        Approval = ApprovedOn(entry.Approval) > day ? null : entry.Approval,
        WriteDowns = entry.WriteDowns.All(w => !(w.On > day))
            ? entry.WriteDowns
            : entry.WriteDowns.Where(w => !(w.On > day)).ToItems(),
    };

    private static Expense At(Expense expense, LocalDate day) => expense with
    {
        Approval = ApprovedOn(expense.Approval) > day ? null : expense.Approval,
        WrittenOff = expense.WrittenOff && !(expense.WrittenOffOn > day),
    };

    private static Invoice At(Invoice invoice, LocalDate day) => invoice with
    {
        Status = invoice.Status is InvoiceStatus.Cancelled or InvoiceStatus.Voided && invoice.EndedOn > day
            && invoice.IssuedOn is not null
                ? InvoiceStatus.Issued
                : invoice.Status,
        WriteOffs = invoice.WriteOffs.Where(w => w.On <= day).ToItems(),
    };

    private static Posting At(Posting posting, LocalDate day) =>
        posting.ReversedOn > day ? posting with { Status = PostingStatus.Posted, ReversedOn = null } : posting;

    private static Payment At(Payment payment, LocalDate day) => payment with
    {
        Status = payment.ReversedOn > day ? PaymentStatus.Received : payment.Status,
        Applications = payment.Applications.Where(a => !((a.AppliedOn ?? payment.ReceivedOn) > day))
            .Select(a => a.WithdrawnOn > day ? a with { Withdrawn = false } : a).ToItems(),
        CreditsPaidOut = payment.CreditsPaidOut.Where(c => c.On <= day).ToItems(),
    };

    private static Revenue At(Revenue revenue, LocalDate day) => revenue with
    {
        Recognitions = revenue.Recognitions.Where(r => r.On <= day)
            .Select(r => r.Reversals is { } taken && taken.Any(t => t.On > day)
                ? r with { Reversals = taken.Where(t => t.On <= day).ToItems() }
                : r).ToItems(),
    };

    private static SourceRecord With(SourceRecord record, RecordState was, RecordState then) =>
        was.Equals(then) ? record : record with { Fold = record.Fold with { State = then } };
}
