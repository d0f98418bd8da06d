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
        public decimal? Tax => State.Document is null ? null : State.Totals?.Tax;

        public string Label => Books.LabelOf(Record);
    }

    public static IEnumerable<Finding> In(Books books, IReadOnlyList<Chain> chains)
    {
        var takenBack = TakenBack(books);
        var booked = Bookings(books).ToLookup(b => b.Document);
        foreach (var document in books.Documents)
        {
            Booked[] all = [.. books.Same(document).SelectMany(d => booked[d])];
            Booked[] live = [.. all.Where(b => b.State is { Status: PostingStatus.Posted, Reverses: null }
                && !takenBack.Contains(books.EntityId(b.Record)))];
            if (document.IsVoid && live.Any(b => books.MayBeAmiss(
                    b.Record.Source, Kind.Posting, document.State.EndedOn ?? StatedFact.LastWord(document.Record))))
                yield return StillBooked(document, live, chains);
            if (!document.IsLive) continue;
            if (live.Length == 0 && Unbooked(books, document, all) is { } unbooked) yield return unbooked;
            foreach (var posted in live.GroupBy(b => b.Record.Source).Select(g => g.ToArray()))
            {
                foreach (var amount in OtherAmounts(document, posted)) yield return amount;
                if (OtherPeriod(document, posted) is { } period) yield return period;
                if (Late(books, document, posted) is { } late) yield return late;
            }
        }

        foreach (var posting in books.World.Live<Posting>(Kind.Posting))
            foreach (var finding in Covered(books, posting)) yield return finding;
    }

    private static Finding? Unbooked(Books books, Document document, Booked[] all) =>
        all.LastOrDefault(b => b.State.Reverses is null) is { } gone
            ? books.MayBeAmiss(
                gone.Record.Source, Kind.Posting, gone.State.ReversedOn ?? StatedFact.LastWord(gone.Record))
                ? NotBooked(document, gone)
                : null
            : Expected(books, document);

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
                yield return new(
                    document, posting.Record, posting.State, state.Amount ?? posting.State.Totals?.Net, null);
    }

    private static Finding StillBooked(Document document, Booked[] live, IReadOnlyList<Chain> chains)
    {
        var evidence = new Evidence().Says(document.Record, "status", Say.Snake(document.State.Status), "status");
        foreach (var posting in live)
            evidence.Says(posting.Record, "status", Say.Snake(posting.State.Status), "status")
                .Should(posting.Record, "status", Say.Snake(posting.State.Status), "reversed");
        var again = chains.Where(c => c.Void.Contains(document)).SelectMany(c => c.Live).ToArray();
        var rebilled = again.Length > 0 ? $" and billed again on {Say.List(again.Select(d => d.Label))}" : "";
        var sum = document.Currency is { } currency
            ? new Money(live.Sum(b => Math.Abs(b.Net ?? b.Gross ?? 0m)), currency)
            : (Money?)null;
        return evidence.Finds(
            DriftClass.Status, document,
            $"{document.Name} is {Say.Snake(document.State.Status)}{rebilled}, but posting "
            + $"{Say.List(live.Select(b => b.Label))} was never reversed: {sum} still stand in "
            + $"{live[0].Record.Source}.",
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
            .Needs(gone.Record.Source, Kind.Posting, null, "net", document.Net?.ToString())
            .Finds(
                DriftClass.Status, document,
                $"{document.Name} is issued{(document.Net is { } net ? $", {net}" : "")}, but its posting {gone.Label} "
                + $"in {gone.Record.Source} {how} and no other took its place.",
                document.Net);
    }

    /// <summary>A registered general ledger should have booked it by now and has not.</summary>
    private static Finding? Expected(Books books, Document document)
    {
        if (document.IssuedOn is not { } day) return null;
        var carrying = books.Carrying(Kind.Posting, day, books.World.Firm.EntityOf(document.Record)).ToArray();
        if (carrying.Length == 0 || carrying.Any(s => !books.IsPastLag(s, Kind.Posting, day))) return null;
        var evidence = new Evidence().Says(document.Record, "status", Say.Snake(document.State.Status), "status");
        foreach (var source in carrying)
            evidence.Says(source.Record, "kinds", Say.List(source.State.Kinds), "kinds")
                .Needs(source.Record.Id, Kind.Posting, null, "net", document.Net?.ToString());
        var names = Say.List(carrying.Select(s => s.Record.Id));
        return evidence.Finds(
            DriftClass.Missing, document,
            $"{document.Name} of {Say.Date(day)}{(document.Net is { } net ? $", {net} before tax" : "")}, is not "
            + $"posted: {names} {(carrying.Length == 1 ? "carries" : "carry")} postings and "
            + $"{(carrying.Length == 1 ? "has" : "have")} none for it.",
            document.Net);
    }

    private static IEnumerable<Finding> OtherAmounts(Document document, Booked[] live)
    {
        if (document.Currency is not { } currency || document.Net is not { } net) yield break;
        if (live.FirstOrDefault(b => b.State.Currency is { } booked && booked != currency) is { } foreign)
        {
            yield return OtherCurrency(document, currency, foreign);
            yield break;
        }

        var before = Compare(document, live, "net", net, b => b.Net);
        var tax = document.State.Totals?.Tax is { } stated && before?.Class is not DriftClass.Duplicate
            ? Compare(document, live, "tax", new Money(stated, currency), b => b.Tax)
            : null;
        if (before is not null) yield return before;
        if (tax is not null && !Follows(tax, before, document)) yield return tax;
        if (before is null && tax is null
            && Compare(document, live, "gross", document.Gross, b => b.Gross) is { } gross) yield return gross;
    }

    /// <summary>Whether the tax differs only because what it is on does.</summary>
    private static bool Follows(Finding tax, Finding? before, Document document) =>
        before?.Amount is { } off && document.State.Totals is { Tax: { } stated, Net: { } net } && net != 0m
        && Math.Abs(tax.Amount!.Value.Amount - off.Amount * Math.Abs(stated / net)) <= 0.01m;

    /// <summary>Posted, and later than the general ledger is allowed.</summary>
    private static Finding? Late(Books books, Document document, Booked[] live)
    {
        if (document.IssuedOn is not { } day
            || live.MinBy(b => b.State.PostedOn) is not { State.PostedOn: { } on } first
            || books.SourceOf(first.Record.Source) is not { State.LagDays: not null } booking) return null;
        var lag = books.Policy.LagOf(booking, Kind.Posting);
        var days = NodaTime.Period.DaysBetween(day, on);
        if (days <= lag) return null;
        return new Evidence().Says(document.Record, "issuedOn", Say.Date(day), "issuedOn")
            .Says(first.Record, "postedOn", Say.Date(on), "postedOn")
            .Finds(
                DriftClass.Late, document,
                $"{document.Name} of {Say.Date(day)} was posted by {first.Record.Source} on {Say.Date(on)} "
                + $"({first.Label}): {days} days later, where it is allowed {lag}.", document.Net) with
            {
                Weight = FindingWeight.Notice,
            };
    }

    private static Finding OtherCurrency(Document document, Currency currency, Booked foreign) => new Evidence()
        .Says(document.Record, "currency", currency.Code, "currency")
        .Says(foreign.Record, "currency", foreign.State.Currency!.Value.Code, "currency")
        .Should(foreign.Record, "currency", foreign.State.Currency!.Value.Code, currency.Code)
        .Finds(
            DriftClass.Currency, document,
            $"{document.Name} is in {currency}; {foreign.Record.Source} posted it in {foreign.State.Currency} "
            + $"({foreign.Label}).");

    /// <summary>One amount of a document against what was posted of it, by size: whether a ledger books what is given
    /// back with a minus is its own affair.</summary>
    private static Finding? Compare(
        Document document, Booked[] live, string field, Money? stated, Func<Booked, decimal?> booked)
    {
        if (stated is not { } asked || live.Any(b => booked(b) is null)) return null;
        var sum = asked with { Amount = Math.Abs(live.Sum(b => booked(b)!.Value)) };
        var difference = Say.Abs(asked) - sum;
        if (difference.Amount == 0m) return null;
        var evidence = new Evidence().Says(document.Record, field, asked.ToString(), "totals", "lines");
        foreach (var b in live)
            evidence.Says(b.Record, field, (asked with { Amount = booked(b)!.Value }).ToString(), "totals", "covers");
        var last = live[^1];
        var (on, off) = (booked(last)!.Value, sum.Amount - Math.Abs(asked.Amount));
        var twice = live.Length > 1 && live.All(b => Math.Abs(booked(b)!.Value) == Math.Abs(asked.Amount));
        var again = live.Length > 1 && live.Select(b => Math.Abs(booked(b)!.Value)).Distinct().Count() == 1;
        if (again) evidence.Mends(last.Record, "status", Say.Snake(last.State.Status), "reversed");
        else
            evidence.Should(
                last.Record, field, (asked with { Amount = on }).ToString(),
                (asked with { Amount = on - (on < 0m ? -off : off) }).ToString());
        return evidence.Finds(
            twice ? DriftClass.Duplicate : field == "tax" ? DriftClass.Tax : DriftClass.Amount, document,
            $"{document.Name} says {Say.Abs(asked)} {Before(field)}; "
            + $"{live[0].Record.Source} posted {(twice ? $"it {Say.Number(live.Length)} times, " : "")}{sum} "
            + $"({Say.List(live.Select(b => b.Label))}): {Say.Abs(difference)} "
            + $"{(difference.Amount > 0m ? "too little" : "too much")} posted.",
            difference);
    }

    private static string Before(string field) => field switch
    {
        "net" => "before tax", "tax" => "of tax", "gross" => "with tax",
        _ => throw new System.Diagnostics.UnreachableException($"no amount {field}"),
    };

    private static Finding? OtherPeriod(Document document, Booked[] live)
    {
        if ((document.State.TaxPointOn ?? document.IssuedOn) is not { } day) return null;
        var other = live.Where(b => MonthOf(b.State.Period) is { } month && month != (day.Year, day.Month)).ToArray();
        if (other.Length == 0) return null;
        var evidence = new Evidence().Says(document.Record, "issuedOn", Say.Date(day), "issuedOn");
        foreach (var b in other)
            evidence.Says(b.Record, "period", b.State.Period, "period")
                .Should(b.Record, "period", b.State.Period, $"{day.Year:0000}-{day.Month:00}");
        return evidence.Finds(
            DriftClass.Period, document,
            $"{document.Name} is dated {Say.Date(day)}; {other[0].Record.Source} posted it in period "
            + $"{other[0].State.Period} ({Say.List(other.Select(b => b.Label))}).");
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
            var work = cover.Refs.Select(r => books.Find<TimeEntry>(r, posting.Record.Source))
                .OfType<Stated<TimeEntry>>().Where(w => w.State.Quantity is not null).ToArray();
            if (work.Length == 0 || work.Length < cover.Refs.Count) continue;
            var hours = work.Select(w => PricedItem.Convert(w.State.Quantity!, cover.Quantity!.Unit)).ToArray();
            if (hours.All(h => h is not null) && OtherQuantity(posting, cover, work, hours.Sum()!.Value) is { } finding)
                yield return finding;
        }
    }

    private static Finding? OtherQuantity(
        Stated<Posting> posting, PostingCover cover, Stated<TimeEntry>[] work, decimal hours)
    {
        var (posted, recorded) = (cover.Quantity!, cover.Quantity! with { Value = hours });
        if (Math.Abs(posted.Value - hours) <= WorkDrift.Tolerance(posted.Unit)) return null;
        var evidence = new Evidence().Says(posting.Record, "quantity", posted.ToString(), "covers")
            .Should(posting.Record, "quantity", posted.ToString(), recorded.ToString());
        foreach (var entry in work)
            evidence.Says(entry.Record, "quantity", entry.State.Quantity!.ToString(), "quantity");
        var share = posted.Value == 0m ? null : cover.Amount * (posted.Value - hours) / posted.Value;
        return evidence.Finds(
            DriftClass.Quantity,
            $"{posting.Record.Source} posted {posted} ({Books.LabelOf(posting.Record)}) for "
            + $"{Say.List(work.Select(w => $"time entry {Books.LabelOf(w.Record)}"))}, recorded as {recorded}.",
            posting.State.Currency is { } currency && share is { } money
                ? new Money(money, currency).Round(RoundingMode.HalfAwayFromZero)
                : null) with { Off = posted with { Value = posted.Value - hours } };
    }
}
