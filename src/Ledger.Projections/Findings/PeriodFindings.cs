using Ledger.Domain;
using Ledger.Projections.Lineage;
using NodaTime;

namespace Ledger.Projections.Findings;

/// <summary>What changed in a record after the accounting period it falls into was closed, or came into one that was
/// closed to all but corrections: pure.</summary>
internal static class PeriodFindings
{
    public static IEnumerable<Finding> Of(World world, Entity entity, SourceRecord member)
    {
        if (!member.IsLive) yield break;
        foreach (var (part, day, fell, asserted) in Moves(member))
        {
            if (day is not { } on || world.Firm.PeriodOf(world.Firm.EntityOf(member), on) is not { } period) continue;
            var closed = period.State.Status is PeriodStatus.Closed ? Firm.ClosedAt(period.Record) : long.MaxValue;
            // A milestone is no entry of the books: that one was accepted is only heard of later.
            var isHeard = member.Kind == Kind.Milestone && fell > closed;
            var late = isHeard ? [] : asserted.Where(position => position > closed).ToArray();
            var what = $"{Describe.Address(member.Stream, part)} of {Describe.Date(on)}";
            if (late.Length > 0)
                yield return Finding(
                    Codes.ClosedPeriod, late.Min(), closed,
                    $"{what} changed after its period {period.State.Name} was closed.");
            else if (Firm.SoftClosedAt(period.Record) is { } soft && fell > soft && !MayCome(member, period.Record))
                yield return Finding(
                    Codes.SoftClosedPeriod, fell, soft,
                    $"{what} came after its period {period.State.Name} was closed to all but corrections.");

            Finding Finding(string code, long since, long at, string words) => new(
                code, entity.Id, member.Stream, part, since, words,
                [
                    new("period", period.State.Name ?? period.Record.Id),
                    new("closedAtPosition", DecimalText.Write(at)), new("date", Describe.Date(on)),
                ]);
        }
    }

    /// <summary>What is no entry of the books, and what whoever keeps them enters before they are closed for good.
    /// </summary>
    private static bool MayCome(SourceRecord member, SourceRecord period) => member.Kind == Kind.Milestone
        || ((member.Kind == Kind.Posting || member.Kind == Kind.Revenue) && member.Source == period.Source);

    /// <summary>What moves the books on a day.</summary>
    /// <param name="Part">Of the record; null = the record as a whole.</param>
    /// <param name="On">Null = nobody says which day.</param>
    /// <param name="Fell">Position of the event by which it is of that day.</param>
    /// <param name="Asserted">Positions of the events its money hangs on.</param>
    private sealed record Move(string? Part, LocalDate? On, long Fell, IEnumerable<long> Asserted);

    private static IEnumerable<Move> Moves(SourceRecord member) => member.Fold.State switch
    {
        TimeEntry time =>
        [
            Whole(
                member, time.WorkedOn, "workedOn", "quantity", "project", "billable", "billableQuantity", "billRate",
                "costRate"),
            Part(member, "writeDowns", Last(time.WriteDowns)?.On),
        ],
        Expense expense =>
        [
            Whole(
                member, expense.IncurredOn, "incurredOn", "amount", "currency", "project", "billable",
                "billableAmount", "taxes"),
            Part(member, "writtenOffOn", expense.WrittenOffOn),
        ],
        Milestone { Status: MilestoneStatus.Accepted } milestone =>
            [Whole(member, milestone.AcceptedOn, "acceptedOn", "amount", "currency", "percent")],
        Invoice { Status: not (InvoiceStatus.Draft or InvoiceStatus.Discarded) } invoice =>
        [
            Whole(member, invoice.IssuedOn, "issuedOn", "lines", "taxes", "totals", "currency", "adjustments"),
            Part(member, "endedOn", invoice.EndedOn), Part(member, "settlement", invoice.Settlement?.On),
            Part(member, "writeOffs", Last(invoice.WriteOffs)?.On),
        ],
        Posting posting =>
        [
            Whole(member, posting.PostedOn, "postedOn", "totals", "entries", "currency", "functional", "covers"),
            Part(member, "reversedOn", posting.ReversedOn),
        ],
        Payment payment =>
        [
            Whole(member, payment.ReceivedOn, "receivedOn", "amount", "currency"),
            Part(member, "reversedOn", payment.ReversedOn),
            Part(
                member, "applications",
                Last(payment.Applications) is { } last ? last.WithdrawnOn ?? last.AppliedOn : null),
            Part(member, "creditsPaidOut", Last(payment.CreditsPaidOut)?.On),
        ],
        Revenue revenue => revenue.Recognitions.SelectMany(r => (r.Reversals ?? Items<Reversal>.None)
            .Select(taken => At(r.Id, taken.On, taken.Position)).Prepend(At(r.Id, r.On, r.Position))),
        _ => [],
    };

    /// <param name="day">The field of the day, by which it falls into a period.</param>
    /// <param name="money">The others that its books hang on.</param>
    private static Move Whole(SourceRecord member, LocalDate? on, string day, params string[] money) => new(
        null, on, Said(member, day), [Said(member, day), .. money.Select(field => Said(member, field))]);

    /// <summary>What has a day of its own. Of a list that grows, its last: what changed in it is what came last.
    /// </summary>
    private static Move Part(SourceRecord member, string field, LocalDate? on) =>
        new(field, on, Said(member, field), [Said(member, field)]);

    private static Move At(string part, LocalDate on, long? position) =>
        new(part, on, position ?? 0, [position ?? 0]);

    private static T? Last<T>(Items<T> items)
        where T : class => items.Count == 0 ? null : items[^1];

    private static long Said(SourceRecord member, string field) => member.Fold.Asserted.GetValueOrDefault(field);
}
