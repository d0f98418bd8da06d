using Ledger.Domain;
using Ledger.Projections.Proof;
using NodaTime;

namespace Ledger.Projections.SignOffs;

/// <summary>What a record says, each part with the day it falls on: that on which the roll-forward moves it.</summary>
internal static class Dated
{
    /// <returns>A day of null = nobody says which.</returns>
    public static IEnumerable<(LocalDate? On, object What)> Parts(RecordState state) => state switch
    {
        TimeEntry time => Of(time),
        Expense expense => Of(expense),
        Milestone milestone => [(milestone.AcceptedOn ?? milestone.CompletedOn, milestone)],
        Posting { Status: PostingStatus.Reversed, ReversedOn: { } reversed } posting =>
        [
            (posting.PostedOn, posting with
            {
                Status = PostingStatus.Posted, ReversedOn = null, ReversedBy = null, Reason = null,
            }),
            (Later(reversed, posting.PostedOn), posting),
        ],
        Posting posting => [(posting.PostedOn, posting)],
        Invoice { Status: InvoiceStatus.Draft or InvoiceStatus.Approved or InvoiceStatus.Discarded } => [],
        Invoice invoice => Of(invoice),
        Payment payment => Of(payment),
        Revenue revenue => revenue.Recognitions.SelectMany(r => (r.Reversals ?? Items<Reversal>.None)
            .Select(x => ((LocalDate?)x.On, (object)(x with { Position = null })))
            .Prepend((r.On, r with { Reversals = null, Position = null }))),
        _ => [],
    };

    private static IEnumerable<(LocalDate?, object)> Of(TimeEntry time)
    {
        // Nothing moves by what waits to be approved, or was not.
        var work = time with { Approval = null, WriteDowns = Items<WriteDown>.None };
        yield return (time.WorkedOn, work);
        var accrued = BooksAsAt.AccruedOn(time);
        if (time.Approval is { Status: ApprovalStatus.Approved } approval) yield return (accrued, (approval, work));
        foreach (var down in time.WriteDowns.AsEnumerable())
            yield return (Later(down.On, accrued), down.Off ? (down, work) : (object)down);
    }

    private static IEnumerable<(LocalDate?, object)> Of(Expense expense)
    {
        var spent = expense with
        {
            Approval = null, WrittenOff = false, WrittenOffOn = null, WriteOffReason = null, WriteOffApprover = null,
        };
        yield return (expense.IncurredOn, spent);
        var accrued = BooksAsAt.AccruedOn(expense);
        if (expense.Approval is { Status: ApprovalStatus.Approved } approval)
            yield return (accrued, (approval, spent));
        if (expense.WrittenOff)
            yield return (Later(expense.WrittenOffOn, accrued), (nameof(Expense.WrittenOff), spent));
    }

    private static IEnumerable<(LocalDate?, object)> Of(Invoice invoice)
    {
        // What is still owed, and that it arrived, follows from what happens later.
        var whole = invoice with
        {
            Settlement = null, DeliveredAt = null, WriteOffs = Items<WriteOff>.None, WrittenOff = 0m,
            Totals = invoice.Totals is { } totals ? totals with { Open = null } : null,
        };
        if (invoice is { IssuedOn: { } issued, Status: InvoiceStatus.Cancelled or InvoiceStatus.Voided })
        {
            yield return (issued, whole with { Status = InvoiceStatus.Issued, EndReason = null, EndedOn = null });
            yield return (Later(invoice.EndedOn, issued), whole);
        }
        else
        {
            yield return (invoice.IssuedOn, whole);
        }

        foreach (var off in invoice.WriteOffs.AsEnumerable()) yield return (Later(off.On, invoice.IssuedOn), off);
        if (invoice.Settlement is { } settled) yield return (settled.On ?? invoice.IssuedOn, settled);
    }

    private static IEnumerable<(LocalDate?, object)> Of(Payment payment)
    {
        var reversed = payment.Status is PaymentStatus.Reversed ? payment.ReversedOn : null;
        // What was taken back, and nobody says when, never was.
        var never = payment.Status is PaymentStatus.Reversed && reversed is null;
        var money = payment with
        {
            Applications = Items<Application>.None, CreditsPaidOut = Items<CreditPaidOut>.None,
            Refunded = payment.Refunded - payment.CreditsPaidOut.Sum(c => c.Amount), ReversedOn = null,
            Reason = never ? payment.Reason : null,
            Status = never ? payment.Status : PaymentStatus.Received,
        };
        yield return (payment.ReceivedOn, money);
        if (reversed is not null) yield return (Later(reversed, payment.ReceivedOn), (PaymentStatus.Reversed, money));
        foreach (var applied in payment.Applications.AsEnumerable())
        {
            var on = applied.AppliedOn ?? payment.ReceivedOn;
            var withdrawn = applied.Withdrawn ? applied.WithdrawnOn : null;
            var settles = withdrawn is null ? applied : applied with { Withdrawn = false, WithdrawnOn = null };
            yield return (on, (settles, never));
            if (Earlier(withdrawn, reversed) is { } until)
                yield return (Later(until, on), (settles, nameof(applied.Withdrawn)));
        }

        foreach (var paid in payment.CreditsPaidOut.AsEnumerable()) yield return (paid.On, (paid, never));
    }

    /// <summary>The later of two days; the one that is known where the other is not.</summary>
    private static LocalDate? Later(LocalDate? a, LocalDate? b) => a > b || b is null ? a : b;

    private static LocalDate? Earlier(LocalDate? a, LocalDate? b) => a < b || b is null ? a : b;
}
