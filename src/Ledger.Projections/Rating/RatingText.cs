using System.Text;
using Ledger.Domain;
using Ledger.Projections.Drift;
using NodaTime;

namespace Ledger.Projections.Rating;

/// <summary>Answers of rating for a terminal, lines parted by <c>\n</c>; equal answers give equal text.</summary>
public static class RatingText
{
    public static string Write(Rated<InvoiceProposal> rated)
    {
        var (proposal, text) = (rated.Answer, new StringBuilder());
        Put(text, 0, $"{proposal.Contract} through {Day(proposal.Through)}, as known at "
            + DecimalText.Write(rated.AsKnownAt));
        Put(text, 1, $"rounding {Say.Rule(proposal.Rounding)}"
            + (proposal.IsRoundingAgreed ? "" : ", which no term states"));
        foreach (var document in proposal.Documents) Document(text, document, rated.Events);
        if (proposal.Documents.Count == 0) Put(text, 1, "nothing to invoice");
        foreach (var state in proposal.Ceilings) Ceiling(text, state);
        foreach (var reason in proposal.LeftOut.GroupBy(l => l.Reason).OrderBy(g => g.Key))
        {
            var count = DecimalText.Write(reason.Count());
            Put(text, 1, $"left out, {Words(reason.Key)}: {count}");
            // What is billed already, or comes later, is only counted.
            if (reason.Key is LeftOutReason.AlreadyBilled or LeftOutReason.AfterDate or LeftOutReason.PaidByFee)
                continue;
            foreach (var left in reason)
                Put(text, 2, string.Join("  ", new[]
                {
                    left.Id, left.On is { } on ? Day(on) : null, left.Quantity?.ToString(), left.Amount?.ToString(),
                    left.Detail,
                }.OfType<string>()));
        }

        return text.ToString();
    }

    public static string Write(Rated<ReRating> rated)
    {
        var (again, text) = (rated.Answer, new StringBuilder());
        Put(text, 0, $"{again.Id}: asks for {again.Stated}, comes to {again.Recomputed}"
            + (again.IsEqual ? ": equal to the cent" : $": {again.Difference} more"));
        Put(text, 1, $"rounding {Say.Rule(again.Rule)}" + (again.IsRuleAgreed ? "" : ", which no term states"));
        if (!again.IsRuleAgreed && again.Reproducing.Count > 0)
            Put(text, 1, "reproduced by " + string.Join(", or ", again.Reproducing.Select(Say.Rule)));
        foreach (var exchange in again.Exchange)
        {
            var rate = DecimalText.Write(PublishedRate.Shown(exchange.Rate));
            Put(text, 1, $"{exchange.From} at {rate}: {exchange.Words}");
            foreach (var position in exchange.Events) Put(text, 2, Event(position, rated.Events));
        }

        foreach (var part in again.Parts)
        {
            Put(text, 1, $"{Words(part.Cause)}  {part.Amount}  {part.Sentence}");
            foreach (var position in part.Events) Put(text, 2, Event(position, rated.Events));
            if (part.Items.Count > 0) Put(text, 2, string.Join(", ", part.Items.AsEnumerable()));
        }

        if (again.Unpriced.Count > 0)
            Put(text, 1, "no card prices " + string.Join(", ", again.Unpriced.AsEnumerable()));
        return text.ToString();
    }

    public static string Write(Rated<RateTouches> rated)
    {
        var (touches, text) = (rated.Answer, new StringBuilder());
        Put(text, 0, $"{touches.Subject} from {Day(touches.From)}");
        if (touches is { Work.Count: 0, Costs.Count: 0, Ceilings.Count: 0 }) Put(text, 1, "it changes nothing");
        if (touches.Costs.Count > 0) Put(text, 1, $"its work costs {Joined(touches.Costs)} more");
        foreach (var (name, sums) in new[] { ("unbilled", touches.Unbilled), ("billed", touches.Billed) })
            if (sums.Count > 0) Put(text, 1, $"{name} work is worth {Joined(sums)} more");
        foreach (var work in touches.Work)
        {
            var where = work.Billed is { } billed ? $"{billed.Label} line {billed.Line}" : "unbilled";
            Put(text, 1, $"{work.Id}  {Day(work.On)}  {work.Quantity}  {work.Was?.ToString() ?? "no price"} → "
                + $"{work.Price?.ToString() ?? "no price"}  {work.Difference}  {where}: {Words(work.Remedy)}"
                + (work.PostIn is { } period ? $", posted in {period}" : "")
                + (work.Now is { } rate ? $"  [{Event(rate.Position, rated.Events)}]" : ""));
        }

        foreach (var ceiling in touches.Ceilings)
            Put(text, 1, $"ceiling {ceiling.Id}  {Limit(ceiling.Was)} → {Limit(ceiling.Now)}"
                + (ceiling.Billed is { } billed ? $"  {billed} billed" : "")
                + (ceiling.Over is { Amount: > 0m } over ? $", {over} over" : "")
                + $"  [{Event(ceiling.Position, rated.Events)}]");

        foreach (var adjustment in touches.Adjustments)
            Put(text, 1, $"proposed for {adjustment.Label}: {Words(adjustment.Draft.DocumentType)} over "
                + $"{new Money(adjustment.Draft.Totals!.Net!.Value, adjustment.Draft.Currency!.Value)}");
        return text.ToString();
    }

    private static void Document(StringBuilder text, ProposedDocument document, EventIndex events)
    {
        var (draft, totals) = (document.Draft, document.Draft.Totals!);
        var currency = draft.Currency!.Value;
        Put(text, 1, $"{Words(draft.DocumentType)}: net {Shown(totals.Net)}"
            + (totals.Tax is null ? "" : $", tax {Shown(totals.Tax)}")
            + (totals.Prepaid is null ? "" : $", drawn {Shown(totals.Prepaid)}")
            + $", payable {Shown(totals.Payable)}");
        foreach (var (line, sources) in draft.Lines!.Zip(document.Sources))
        {
            Put(text, 2, $"line {line.Line}  {line.Description}"
                + (line.Quantity is { } quantity ? $"  {quantity}" : "")
                + (line.Price is { } price ? $" at {price}" : "") + $"  {Shown(line.Net)}");
            foreach (var source in sources.Sources)
                Put(text, 3, string.Join("  ", new[]
                {
                    source.Id, source.On is { } on ? Day(on) : null, source.Quantity?.ToString(), source.Share.Text,
                    source.Rate is { } rate ? $"{rate.Card}#{rate.CardRate} ({rate.Path})" : null,
                    source.ApprovedBy is { } by ? $"approved by {by}" : null,
                    source.Position > 0L ? $"[{Event(source.Position, events)}]" : null,
                }.OfType<string>()));
        }

        foreach (var adjustment in document.Adjustments)
            Put(text, 2, $"{adjustment.Reason}  {(adjustment.Charge ? "" : "-")}{Shown(adjustment.Amount)}");

        string Shown(decimal? amount) => new Money(amount ?? 0m, currency).ToString();
    }

    private static void Ceiling(StringBuilder text, CeilingState state) => Put(
        text, 1, $"ceiling {state.Ceiling.Id} of {state.Ceiling.Scope}{(state.Of is { } of ? " " + of : "")}: "
            + $"{DecimalText.Write(state.Committed)} of {DecimalText.Write(state.Limit)} committed, "
            + $"{DecimalText.Write(state.Billed)} billed, {Words(state.Status)}"
            + (state.Overage > 0m ? $" by {DecimalText.Write(state.Overage)}" : ""));

    private static string Limit(Domain.Ceiling? ceiling) => ceiling is null ? "none"
        : string.Join(" and ", new[]
        {
            ceiling.Amount is { } amount ? DecimalText.Write(amount) : null, ceiling.Qty?.ToString(),
        }.OfType<string>());

    private static string Event(long position, EventIndex events) => events.Find(position) is { } name
        ? $"#{DecimalText.Write(position)} {name.Source}/{name.Id} {name.Type}"
        : $"#{DecimalText.Write(position)}";

    private static string Joined(Items<Money> sums) => string.Join(" and ", sums.Select(s => s.ToString()));

    private static string Words<T>(T value)
        where T : struct, Enum => RatingJson.Snake(value).Replace('_', ' ');

    private static string Day(LocalDate day) => NodaTime.Text.LocalDatePattern.Iso.Format(day);

    // Control characters in what systems say must not drive the terminal.
    private static void Put(StringBuilder text, int depth, string line) => text.Append(' ', depth * 2)
        .Append(string.Concat(line.Select(c => char.IsControl(c) ? ' ' : c))).Append('\n');
}
