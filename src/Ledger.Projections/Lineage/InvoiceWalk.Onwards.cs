using Ledger.Domain;

namespace Ledger.Projections.Lineage;

/// <summary>What was made of the document later, and what it draws on.</summary>
internal sealed partial class InvoiceWalk
{
    /// <summary>What was made of the document later: postings, settlements, credits, documents in its place; and
    /// other documents and postings that rest on the same work.</summary>
    private void Onwards(string node)
    {
        foreach (var assertion in graph.Incoming(subject).Where(a => IsOnward(a.Edge.Rel))) Back(assertion, node);
        foreach (var assertion in graph.Outgoing(subject).Where(a => a.Edge.Rel == Rels.Prepays))
        {
            if (assertion.Reaches is not { Entity: var later } || later.Id == subject.Id) continue;
            Join(Draw(Add(later), assertion, node));
        }

        var billed = edges.All.Where(e => e.Rel == Rels.Bills).Select(e => e.To).Distinct().ToArray();
        foreach (var work in billed)
        {
            if (graph.Find(work) is not { } at || !IsWork(at.Entity.Kind)) continue;
            foreach (var assertion in at.Incoming)
                if (assertion.Edge.Rel is Rels.Bills or Rels.Posts) Back(assertion, work);
        }

        var booked = nodes.Values.Where(n => n.Kind == Kind.Posting.Name || n.Kind == Kind.Payment.Name)
            .Select(n => n.Stream).ToArray();
        foreach (var later in booked)
            foreach (var assertion in graph.Find(later)?.Incoming ?? [])
                if (assertion.Edge.Rel is Rels.Reverses or Rels.Posts) Back(assertion, later);
        Mirrors();
    }

    /// <summary>What the document draws on: a retainer or prepayment that was billed before it.</summary>
    private void Drawn(string node)
    {
        foreach (var assertion in graph.Incoming(subject).Where(a => a.Edge.Rel == Rels.Prepays))
        {
            if (assertion.From.Id == subject.Id) continue;
            var earlier = Add(assertion.Leaves);
            Expand(assertion.Leaves);
            Join(Draw(node, assertion, earlier.Stream));
        }
    }

    /// <summary>A prepayment as everything else: from what came later to what it rests on.</summary>
    private static LineageEdge Draw(string later, Assertion a, string prepayment) =>
        EdgeOf(later, a, prepayment) with { Rel = Rels.Draws };

    /// <summary>Who released the document itself.</summary>
    private void Authorised(string node)
    {
        foreach (var member in subject.Members)
        {
            if (member.Fold.State is not Invoice { ApprovedBy: { } approver }) continue;
            var stream = Describe.Address(member.Stream, Parts.Approval);
            var position = member.Asserted("approvedBy");
            Put(new(
                stream, "approval", member.Source, $"Approved by {approver}", Standing.Live, Items<Figure>.None,
                Items<string>.None));
            Join(new(node, "approval", stream, BasisOf(member), position));
        }
    }

    /// <summary>Postings of one document in the books of two legal entities mirror each other: intercompany.</summary>
    private void Mirrors()
    {
        var posted = edges.All.Where(e => e.Rel == Rels.Posts && !e.Withdrawn).ToLookup(e => e.To, e => e);
        foreach (var same in posted.Select(g => g.DistinctBy(e => e.From).OrderBy(e => e.Position).ToArray()).ToArray())
        {
            for (var later = 1; later < same.Length; later++)
            {
                var there = LegalEntity(same[later].From);
                for (var earlier = 0; earlier < later; earlier++)
                {
                    if (there is null || LegalEntity(same[earlier].From) is not { } here || here == there) continue;
                    Join(new(
                        same[later].From, Rels.Mirrors, same[earlier].From, EdgeBasis.Ruled, same[later].Position,
                        Note: "the same document in another legal entity's books"));
                }
            }
        }
    }

    /// <summary>Whose books a record is in, as a node; null where nobody says.</summary>
    private string? LegalEntity(string stream) =>
        edges.All.FirstOrDefault(e => e.From == stream && e.Rel == Rels.LegalEntity)?.To;

    /// <summary>Whether a piece of it is billed once: an hour, a cost; a fee may be billed in parts.</summary>
    public static bool IsWork(Kind kind) => kind == Kind.Time || kind == Kind.Expense;

    private static bool IsOnward(string rel) => rel is Rels.Posts or Rels.Settles or Rels.Credits or Rels.Corrects
        or Rels.Replaces;

    /// <summary>Adds what points here.</summary>
    private void Back(Assertion assertion, string to)
    {
        if (assertion.From.Id == subject.Id) return;
        var from = Add(assertion.Leaves);
        Expand(assertion.Leaves);
        var at = MemberOf(assertion.From, assertion.Edge.From);
        if (at.Kind == Kind.Invoice && assertion.Edge.FromPart is { } line)
            from = Part(at, from, line, assertion.Edge.Position);
        if (assertion.Edge.To.Line is { } part && assertion.Target is { } target && target.Kind == Kind.Invoice
            && nodes.ContainsKey(Describe.Address(target.Stream, part)))
            to = Describe.Address(target.Stream, part);
        Join(EdgeOf(from.Stream, assertion, to) with { Note = Application(at, assertion.Edge.FromPart) });
    }

    private static SourceRecord MemberOf(Entity entity, string stream) =>
        entity.Members.First(m => m.Stream == stream);

    /// <summary>Which application of a payment it is, and of what kind where it is not cash.</summary>
    private static string? Application(SourceRecord at, string? id)
    {
        if (at.Fold.State is not Payment payment || id is null) return null;
        var kind = payment.Applications.FirstOrDefault(a => a.Id == id)?.Kind ?? ApplicationKind.Cash;
        return $"application {id}" + (kind is ApplicationKind.Cash ? "" : $", {Describe.Lower(kind)}");
    }

    /// <summary>What became of the document without a record of its own: settled, cancelled, written off.</summary>
    private void Endings(string node)
    {
        var currency = CurrencyOf();
        foreach (var member in subject.Members)
        {
            if (member.Fold.State is not Invoice i) continue;
            if (i.Settlement is { } s)
            {
                var amount = s.Amount is { } paid ? Describe.Amount(paid, s.Currency ?? currency) : null;
                var on = s.On is { } day ? "on " + Describe.Date(day) : null;
                var label = Describe.Joined($"Called paid by {member.Source}", amount, on);
                Ending("settlement", Rels.Settles, label, "settlement", s.Amount);
            }

            if (i.Status is InvoiceStatus.Cancelled or InvoiceStatus.Voided)
                Ending("cancellation", "cancels", Describe.Joined(i.Status.ToString(), i.EndReason), "status", null);
            if (i.WrittenOff != 0m)
            {
                var label = $"Written off {Describe.Amount(i.WrittenOff, currency)}";
                Ending("write_off", "writes_off", label, "writtenOff", i.WrittenOff);
            }

            foreach (var (tax, part) in i.Taxes.Select((t, n) => (t, $"tax-{DecimalText.Write(n + 1)}")))
                Ending(part, "taxes", Described(tax, currency), "taxes", tax.Amount, "tax");
            if (i.TaxFailure is { } failure)
                Ending("tax-failure", "taxes", $"Tax not calculated: {failure}", "taxFailure", null, "tax");

            void Ending(string part, string rel, string label, string field, decimal? amount, string? kind = null)
            {
                var stream = Describe.Address(member.Stream, part);
                Put(new(
                    stream, kind ?? part, member.Source, label, Standing.Live, Items<Figure>.None,
                    Items<string>.None));
                Join(new(
                    stream, rel, node, EdgeBasis.Stated, member.Asserted(field), Amount: amount,
                    Currency: amount is null ? null : currency));
            }
        }
    }

    private static string Described(Tax tax, Currency currency) => Describe.Joined(
        $"Tax {tax.Category ?? tax.Code}".TrimEnd(),
        (tax.Rate is { } rate ? $"{DecimalText.Write(rate)} %" : null)
        + (tax.Base is { } on ? $" on {Describe.Amount(on, currency)}" : ""),
        tax.Amount is { } amount ? Describe.Amount(amount, currency) : null);
}
