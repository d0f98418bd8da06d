using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Lineage;
using NodaTime;

namespace Ledger.Projections.Proof;

/// <summary>What clients owe: what moves it is read from documents and from payments, each by its own date; what there
/// is, from what each document leaves open.</summary>
internal sealed class Receivables
{
    private readonly World world;
    private readonly Papers papers;
    private readonly Dictionary<string, ProofAccount> accounts = [];
    private readonly List<Moved> moved = [];
    private readonly Dictionary<(string Item, LocalDate On), decimal> givenUp = [];

    public Receivables(World world, Papers papers)
    {
        (this.world, this.papers) = (world, papers);
        foreach (var paper in papers.All) accounts.Add(paper.Id, paper.Account);
        foreach (var paper in papers.All) moved.AddRange(Of(paper));
        foreach (var payment in world.Entities(Kind.Payment).Where(e => e.IsLive)) moved.AddRange(Of(payment));
        moved.AddRange(Confirmed());
        var before = moved.ToLookup(m => m.Item);
        foreach (var paper in papers.All) moved.AddRange(GivenUp(paper, before[paper.Id]));
    }

    /// <summary>What each document leaves open in a world.</summary>
    /// <param name="there">Its documents.</param>
    /// <param name="nameOf">What a record's entity is called elsewhere.</param>
    public Dictionary<string, Worth> Standing(World at, Papers there, Func<Entity, string> nameOf)
    {
        var open = new Dictionary<string, Worth>();
        foreach (var paper in there.All)
        {
            var name = nameOf(paper.Composed.Entity);
            var amount = OpenItem.Of(at, there, paper, on => givenUp.GetValueOrDefault((name, on)));
            if (amount != 0m) open.Add(name, new(0m, amount));
        }

        return open;
    }

    public Balance Between(Dictionary<string, Worth> opening, Dictionary<string, Worth> closing) =>
        new(accounts, moved, opening, closing);

    /// <summary>What breaks a document, in a sentence.</summary>
    public ProofBreak Break(string item, Worth difference, IReadOnlyList<Moved> all)
    {
        var currency = accounts[item].Currency;
        var much = ProofText.Amount(Math.Abs(difference.Amount), currency);
        var paper = papers.Find(item);
        var taken = all.Where(m => m.By != paper?.Record.Stream).OrderBy(m => m.On).ToArray();
        var who = Say.List(taken.Select(m => LabelOf(m.By)).Distinct());
        var sentence = paper is null ? $"{who} settles {much} of {item}, which is no document of that currency here."
            : taken.Length == 0 ? $"{paper.Label} is {much} off what moved it."
            : paper.EndedOn is not null ? $"{paper.Label} is cancelled, and {who} still takes {much} of it."
            : $"{paper.Label} asks {ProofText.Amount(Math.Abs(paper.Owed ?? 0m), currency)}, and {who} "
                + $"take{(taken.Length == 1 ? "s" : "")} {much} more than that.";
        return new(
            item, sentence, difference,
            (paper?.Streams ?? [item]).Concat(taken.Select(m => m.By)).Distinct().ToItems(),
            taken.Select(m => m.Position).Append(paper?.PositionOf("totals") ?? 0L).Where(p => p > 0L).Distinct()
                .ToItems());
    }

    private string LabelOf(string stream) =>
        world.Records.TryGetValue(stream, out var record) && record.Kind == Kind.Invoice
            ? record.Fold.State?.Number ?? stream
            : stream;

    private IEnumerable<Moved> Of(Paper paper)
    {
        if (paper.Owed is not { } owed || owed == 0m) yield break;
        var (stream, at) = (paper.Record.Stream, paper.PositionOf("totals"));
        if (!paper.IsCreditNote)
        {
            yield return new(paper.Id, Movement.Invoiced, paper.IssuedOn, new(0m, owed), stream, at);
            var before = 0m;
            foreach (var (day, less) in papers.Less(paper))
            {
                if (less != before)
                    yield return new(
                        paper.Id, Movement.Cancelled, day, new(0m, before - less), stream, paper.PositionOf("status"));
                before = less;
            }

            yield break;
        }

        var shares = papers.Shares(paper);
        var rest = owed + shares.Sum(s => s.Amount);
        foreach (var (id, amount) in shares.Select(s => (s.Of.Id, -s.Amount)).Append((paper.Id, rest)))
        {
            if (amount == 0m) continue;
            yield return new(id, Movement.Credited, paper.IssuedOn, new(0m, amount), stream, at);
            if (paper.EndedOn is { } ended)
                yield return new(
                    id, Movement.Credited, ended, new(0m, -amount), stream, paper.PositionOf("status"));
        }
    }

    private IEnumerable<Moved> Of(Entity payment)
    {
        var composed = world.Compose(payment);
        var received = composed.Value<LocalDate?>("receivedOn");
        var isReversed = composed.Value<PaymentStatus>("status") is PaymentStatus.Reversed;
        var reversed = isReversed ? composed.Value<LocalDate?>("reversedOn") : null;
        // What was taken back, and nobody says when, never was.
        if (isReversed && reversed is null) yield break;
        if (composed.Field("applications") is { Value: Items<Application> applications } field)
            foreach (var application in applications.AsEnumerable())
                foreach (var m in Of(composed, application, field, received, reversed))
                    yield return m;
        if (composed.Field("creditsPaidOut") is not { Value: Items<CreditPaidOut> paid } said) yield break;
        foreach (var refund in paid.AsEnumerable())
            if (papers.Find(refund.Credit, said.By.Source) is { } note && note.Account.Currency == refund.Currency)
                yield return new(
                    note.Id, Movement.Refunded, LocalDate.Max(refund.On, note.IssuedOn), new(0m, refund.Amount),
                    said.By.Stream, said.Position);
    }

    private IEnumerable<Moved> Of(
        ComposedEntity payment, Application application, EntityField field, LocalDate? received, LocalDate? reversed)
    {
        if (application.Withdrawn && application.WithdrawnOn is null) yield break;
        var target = papers.Find(application.Target, field.By.Source);
        var currency = application.TargetAmount is null
            ? payment.Value<Currency?>("currency")
            : target?.Account.Currency;
        var on = LocalDate.Max(
            application.AppliedOn ?? received ?? LocalDate.MinIsoValue, target?.IssuedOn ?? LocalDate.MinIsoValue);
        var until = new[] { application.Withdrawn ? application.WithdrawnOn : null, reversed }.Min();
        if (application.Kind is ApplicationKind.Credit)
        {
            foreach (var m in OfCredit(application, target, field, on, until)) yield return m;
            yield break;
        }

        var item = target?.Id;
        if (target is null || (currency ?? target.Account.Currency) != target.Account.Currency)
        {
            item = $"{field.By.Stream}#{application.Id}";
            accounts[item] = new(
                target?.Account.Contract, target?.Account.LegalEntity ?? payment.LegalEntity, currency);
        }

        var settled = application.TargetAmount ?? application.Amount;
        var came = Came(application, target) ?? settled;
        foreach (var (movement, amount) in new[]
        {
            (Movement.Paid, -came), (Movement.Discounted, -(application.Discount ?? 0m)),
            (Movement.Exchanged, came - settled),
        })
        {
            if (amount == 0m) continue;
            yield return new(item!, movement, on, new(0m, amount), field.By.Stream, field.Position);
            if (until is { } day)
                yield return new(
                    item!, movement, LocalDate.Max(day, on), new(0m, -amount), field.By.Stream, field.Position);
        }
    }

    /// <summary>What the money was worth in the document's currency when it came; null = nobody says another.</summary>
    private static decimal? Came(Application application, Paper? target)
    {
        if (application.TargetAmount is null || target?.Account.Currency is not { } currency) return null;
        if (application.Fx is not { } fx) return null;
        return fx.Currency == currency
            ? fx.Amount
            : fx.Rate is { } rate
                ? new Money(application.Amount * rate, currency).Round(RoundingMode.HalfAwayFromZero).Amount
                : null;
    }

    /// <summary>A credit note's money moves to another document: nothing where the note gives it that already.
    /// </summary>
    private IEnumerable<Moved> OfCredit(
        Application application, Paper? target, EntityField field, LocalDate on, LocalDate? until)
    {
        if (target is null || papers.NoteOf(application, field.By.Source) is not { } note) yield break;
        if (papers.Names(note, target)) yield break;
        var day = LocalDate.Max(on, note.IssuedOn);
        foreach (var (id, amount) in new[] { (target.Id, -application.Amount), (note.Id, application.Amount) })
        {
            yield return new(id, Movement.Credited, day, new(0m, amount), field.By.Stream, field.Position);
            if (until is { } end)
                yield return new(
                    id, Movement.Credited, LocalDate.Max(end, day), new(0m, -amount), field.By.Stream, field.Position);
        }
    }

    /// <summary>Payments that a person, or another system, says what they settle of.</summary>
    private IEnumerable<Moved> Confirmed()
    {
        foreach (var edge in world.Coverage.Where(c => c is { Rel: Rels.Settles, ToEntity: not null }))
        {
            if (world.Records[edge.StatedBy].Kind != Kind.Coverage || !papers.StoodOnce(edge)) continue;
            if (world.Records[edge.FromStream] is not { Fold.State: Payment payment }
                || papers.Find(edge.ToEntity!) is not { } paper) continue;
            if (edge.Amount is not { } amount || (edge.Currency ?? paper.Account.Currency) != paper.Account.Currency)
                continue;
            // What was taken back, and nobody says when, never was.
            if (!edge.Live && payment.ReversedOn is null) continue;
            var on = LocalDate.Max(payment.ReceivedOn ?? paper.IssuedOn, paper.IssuedOn);
            yield return new(paper.Id, Movement.Paid, on, new(0m, -amount), edge.FromStream, edge.Position);
            if (!edge.Live && payment.ReversedOn is { } day)
                yield return new(
                    paper.Id, Movement.Paid, LocalDate.Max(day, on), new(0m, amount), edge.FromStream, edge.Position);
        }
    }

    /// <summary>What was written off: as much as is said, else what was open then. What is paid, credited or cancelled
    /// all the same takes the place of what was written off, as long as it stands.</summary>
    private List<Moved> GivenUp(Paper paper, IEnumerable<Moved> before)
    {
        List<Moved> given = [];
        if (paper.Composed.Field("writeOffs") is not { Value: Items<WriteOff> offs } field) return given;
        var others = before.ToLookup(m => m.On, m => m.Worth.Amount);
        var writtenOff = offs.OrderBy(o => o.On).ToLookup(o => LocalDate.Max(o.On, paper.IssuedOn));
        // Beyond is what was written off of more than was open: nothing takes its place.
        var (left, off, beyond, back) = (0m, 0m, 0m, 0m);
        foreach (var day in others.Select(o => o.Key).Union(writtenOff.Select(w => w.Key)).Order())
        {
            left += others[day].Sum();
            TakeBack(day);
            foreach (var said in writtenOff[day])
            {
                var open = Math.Max(0m, left + back);
                var amount = said.Amount ?? open;
                if (said.Amount is null)
                    givenUp[(paper.Id, said.On)] = givenUp.GetValueOrDefault((paper.Id, said.On)) + amount;
                beyond += Math.Max(0m, amount - open);
                (left, off) = (left - amount, off + amount);
                Add(day, -amount);
            }

            TakeBack(day);
        }

        return given;

        void TakeBack(LocalDate day)
        {
            var due = Math.Max(0m, Math.Min(off, -left) - beyond);
            Add(day, due - back);
            back = due;
        }

        void Add(LocalDate day, decimal amount)
        {
            if (amount != 0m)
                given.Add(new(paper.Id, Movement.WrittenOff, day, new(0m, amount), field.By.Stream, field.Position));
        }
    }
}
