using System.Globalization;
using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Drift;

/// <summary>Compares documents with what the general ledgers booked for them.</summary>
internal static class PostingDrift
{
    /// <param name="Amount">What of the posting is for the document, net; null where only a gross is stated.</param>
    private sealed record Booked(Document Document, SourceRecord Record, Posting State, decimal? Net, decimal? Gross)
    {
        public string Label => State.Number ?? Record.Id;
    }

    public static IEnumerable<Finding> In(Books books, IReadOnlyList<Chain> chains)
    {
        var takenBack = TakenBack(books);
        var booked = Bookings(books).ToLookup(b => b.Document);
        foreach (var document in books.Documents)
        {
            Booked[] all = [.. booked[document]];
            Booked[] live = [.. all.Where(b => b.State is { Status: PostingStatus.Posted, Reverses: null }
                && !takenBack.Contains(b.Record.Stream))];
            if (document.IsVoid && live.Length > 0) yield return StillBooked(document, live, chains);
            if (!document.IsLive) continue;
            if (live.Length == 0 && all.LastOrDefault(b => b.State.Reverses is null) is { } gone) yield return NotBooked(document, gone);
            else if (live.Length == 0 && Expected(books, document) is { } missing) yield return missing;
            foreach (var source in live.GroupBy(b => b.Record.Source).Select(g => g.ToArray()))
                foreach (var finding in new[] { OtherAmount(document, source), OtherPeriod(document, source) }.OfType<Finding>())
                    yield return finding;
        }

        foreach (var finding in books.World.Live<Posting>(Kind.Posting).SelectMany(p => Covered(books, p))) yield return finding;
    }

    private static HashSet<string> TakenBack(Books books) => books.World.Live<Posting>(Kind.Posting)
        .Where(p => p.State is { Reverses: not null, Status: PostingStatus.Posted })
        .Select(p => books.EntityOrName(p.State.Reverses!, p.Record.Source)).ToHashSet();

    private static IEnumerable<Booked> Bookings(Books books)
    {
        foreach (var (record, state) in books.World.Live<Posting>(Kind.Posting))
        {
            if (books.DocumentOf(state.Document, record.Source) is { } document)
                yield return new(document, record, state, state.Totals?.Net, state.Totals?.Gross);
            else
                foreach (var cover in state.Covers.Where(c => c.Refs.Count == 1).ToArray())
                    if (books.DocumentOf(cover.Refs[0], record.Source) is { } covered)
                        yield return new(covered, record, state, cover.Amount, null);
        }

        foreach (var (record, state) in books.World.Live<Coverage>(Kind.Coverage)
            .Where(c => c.State is { Rel: CoverageRelation.Posts, Withdrawn: false }))
            if (books.Find<Posting>(state.From, record.Source) is { } posting
                && books.DocumentOf(state.To, record.Source) is { } document
                && books.DocumentOf(posting.State.Document, posting.Record.Source) is null)
                yield return new(document, posting.Record, posting.State, state.Amount ?? posting.State.Totals?.Net, null);
    }

    private static Finding StillBooked(Document document, Booked[] live, IReadOnlyList<Chain> chains)
    {
        var evidence = new Evidence().Says(document.Record, "status", Say.Snake(document.State.Status), "status");
        foreach (var posting in live) evidence.Says(posting.Record, "status", Say.Snake(posting.State.Status), "status");
        var again = chains.Where(c => c.Void.Contains(document)).SelectMany(c => c.Live).ToArray();
        var sum = document.Currency is { } currency
            ? new Money(live.Sum(b => Math.Abs(b.Net ?? b.Gross ?? 0m)), currency)
            : (Money?)null;
        return evidence.Finds(
            DriftClass.Status, document,
            $"{document.Name} is {Say.Snake(document.State.Status)}"
            + $"{(again.Length > 0 ? $" and billed again on {Say.List(again.Select(d => d.Label))}" : "")}, but posting "
            + $"{Say.List(live.Select(b => b.Label))} was never reversed: {sum} still stand in {live[0].Record.Source}.",
            sum) with
        {
            Related = again.Select(d => d.Number).OfType<string>().ToItems(),
        };
    }

    private static Finding NotBooked(Document document, Booked gone)
    {
        var how = gone.State.Status is PostingStatus.Failed
            ? $"failed{(gone.State.Failure is { } why ? $" ({why})" : "")}"
            : "was reversed";
        return new Evidence().Says(document.Record, "status", Say.Snake(document.State.Status), "status")
            .Says(gone.Record, "status", Say.Snake(gone.State.Status), "status", "failure")
            .Finds(
                DriftClass.Status, document,
                $"{document.Name} is issued{(document.Net is { } net ? $", {net}" : "")}, but its posting {gone.Label} in "
                + $"{gone.Record.Source} {how} and no other took its place.",
                document.Net);
    }

    /// <summary>A registered general ledger should have booked it by now and has not.</summary>
    private static Finding? Expected(Books books, Document document)
    {
        if (document.IssuedOn is not { } day) return null;
        var carrying = books.Carrying(Kind.Posting, day).ToArray();
        if (carrying.Length == 0 || carrying.Any(s => books.Today < day.PlusDays(s.State.LagDays ?? 0))) return null;
        var evidence = new Evidence().Says(document.Record, "status", Say.Snake(document.State.Status), "status");
        foreach (var source in carrying) evidence.Says(source.Record, "kinds", Say.List(source.State.Kinds), "kinds");
        var names = Say.List(carrying.Select(s => s.Record.Id));
        return evidence.Finds(
            DriftClass.Missing, document,
            $"{document.Name} of {Say.Date(day)}{(document.Net is { } net ? $", {net} before tax" : "")}, is not posted: {names} "
            + $"{(carrying.Length == 1 ? "carries" : "carry")} postings and "
            + $"{(carrying.Length == 1 ? "has" : "have")} none for it.",
            document.Net);
    }

    private static Finding? OtherAmount(Document document, Booked[] live)
    {
        if (document.Currency is not { } currency || document.Net is not { } net) return null;
        var other = live.FirstOrDefault(b => b.State.Currency is { } booked && booked != currency);
        if (other is not null)
            return new Evidence().Says(document.Record, "currency", currency.Code, "currency")
                .Says(other.Record, "currency", other.State.Currency!.Value.Code, "currency")
                .Finds(
                    DriftClass.Currency, document,
                    $"{document.Name} is in {currency}; {other.Record.Source} posted it in {other.State.Currency} ({other.Label}).");
        var byNet = live.All(b => b.Net is not null);
        if (!byNet && (document.Gross is null || live.Any(b => b.Gross is null))) return null;
        var sum = Math.Abs(live.Sum(b => byNet ? b.Net!.Value : b.Gross!.Value));
        var asked = byNet ? net : document.Gross!.Value;
        var difference = new Money(Math.Abs(asked.Amount) - sum, currency);
        if (difference.Amount == 0m && byNet && live.All(b => b.Gross is not null) && document.Gross is { } gross)
        {
            (byNet, asked, sum) = (false, gross, Math.Abs(live.Sum(b => b.Gross!.Value)));
            difference = new Money(Math.Abs(gross.Amount) - sum, currency);
        }

        if (difference.Amount == 0m) return null;
        var evidence = new Evidence().Says(document.Record, byNet ? "net" : "gross", asked.ToString(), "totals", "lines");
        foreach (var b in live)
            evidence.Says(b.Record, byNet ? "net" : "gross", new Money((byNet ? b.Net : b.Gross)!.Value, currency).ToString(), "totals", "covers");
        var twice = live.Length > 1 && live.All(b => Math.Abs((byNet ? b.Net : b.Gross)!.Value) == Math.Abs(asked.Amount));
        return evidence.Finds(
            twice ? DriftClass.Duplicate : DriftClass.Amount, document,
            $"{document.Name} says {Say.Abs(asked)} {(byNet ? "before tax" : "with tax")}; {live[0].Record.Source} posted "
            + $"{(twice ? $"it {Say.Number(live.Length)} times, " : "")}{new Money(sum, currency)} "
            + $"({Say.List(live.Select(b => b.Label))}): {Say.Abs(difference)} {(difference.Amount > 0m ? "too little" : "too much")} posted.",
            difference);
    }

    private static Finding? OtherPeriod(Document document, Booked[] live)
    {
        if ((document.State.TaxPointOn ?? document.IssuedOn) is not { } day) return null;
        var other = live.Where(b => MonthOf(b.State.Period) is { } month && month != (day.Year, day.Month)).ToArray();
        if (other.Length == 0) return null;
        var evidence = new Evidence().Says(document.Record, "issuedOn", Say.Date(day), "issuedOn");
        foreach (var b in other) evidence.Says(b.Record, "period", b.State.Period, "period");
        return evidence.Finds(
            DriftClass.Period, document,
            $"{document.Name} is dated {Say.Date(day)}; {other[0].Record.Source} posted it in period {other[0].State.Period} "
            + $"({Say.List(other.Select(b => b.Label))}).");
    }

    private static (int, int)? MonthOf(string? period) =>
        DateTime.TryParseExact(period, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var month)
            ? (month.Year, month.Month)
            : null;

    /// <summary>A posting of work: its quantity and amount against what the work comes to now.</summary>
    private static IEnumerable<Finding> Covered(Books books, Stated<Posting> posting)
    {
        if (posting.State.Status is not PostingStatus.Posted) yield break;
        foreach (var cover in posting.State.Covers.Where(c => c.Quantity is not null).ToArray())
        {
            var work = cover.Refs.Select(r => books.Find<TimeEntry>(r, posting.Record.Source)).ToArray();
            var hours = work.Select(w => w?.State.Quantity is { } q ? PricedItem.Convert(q, cover.Quantity!.Unit) : null).ToArray();
            if (hours.Length == 0 || hours.Any(h => h is null)) continue;
            var recorded = cover.Quantity! with { Value = hours.Sum()!.Value };
            var tolerance = (cover.Quantity!.Unit.PerHour ?? 0) * 0.01m;
            if (Math.Abs(cover.Quantity.Value - recorded.Value) <= tolerance) continue;
            var evidence = new Evidence().Says(posting.Record, "quantity", cover.Quantity.ToString(), "covers");
            foreach (var entry in work) evidence.Says(entry!.Value.Record, "quantity", entry.Value.State.Quantity!.ToString(), "quantity");
            yield return evidence.Finds(
                DriftClass.Quantity,
                $"{posting.Record.Source} posted {cover.Quantity} ({posting.State.Number ?? posting.Record.Id}) for "
                + $"{Say.List(work.Select(w => $"time entry {w!.Value.State.Number ?? w.Value.Record.Id}"))}, recorded as {recorded}.",
                posting.State.Currency is { } c && cover is { Amount: { } amount, Quantity.Value: not 0m }
                    ? new Money(amount * (cover.Quantity.Value - recorded.Value) / cover.Quantity.Value, c).Round(RoundingMode.HalfAwayFromZero)
                    : null);
        }
    }
}
