using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Lineage;

/// <summary>Documents that took each other's place: by a source's word, or because one was cancelled (or credited in
/// full) and the next one bills the same work.</summary>
internal sealed class Chain(LineageGraph graph, InvoiceWalk walk)
{
    /// <summary>Chains longer than this are cut; nobody rebills so often.</summary>
    private const int DocumentsMax = 200;

    /// <summary>Adds every document of the chain that the subject belongs to, and what each replaces.</summary>
    public void Walk(Entity subject)
    {
        var seen = new HashSet<string> { subject.Id };
        var open = new Queue<Entity>([subject]);
        while (open.TryDequeue(out var document))
            foreach (var (earlier, later) in Stated(document).Concat(Ruled(document)))
                foreach (var other in new[] { earlier, later })
                    if (seen.Count < DocumentsMax && seen.Add(other.Id)) open.Enqueue(other);
    }

    private IEnumerable<(Entity Earlier, Entity Later)> Stated(Entity document)
    {
        var around = graph.Outgoing(document).Concat(graph.Incoming(document))
            .Where(a => a.Edge.Rel == Rels.Replaces && a.Target is not null);
        foreach (var a in around)
        {
            var earlier = a.Reaches!.Entity;
            walk.Join(new(
                walk.Add(a.From), Rels.Replaces, walk.Add(earlier), a.Edge.Basis, a.Edge.Position,
                Amount: a.Edge.Amount, Currency: a.Edge.Currency, Withdrawn: a.Withdrawn));
            yield return (earlier, a.From);
        }
    }

    /// <summary>For each piece of work the document bills, the documents that bill it stand in a row; where one of
    /// them has ended, the next one takes its place.</summary>
    private IEnumerable<(Entity Earlier, Entity Later)> Ruled(Entity document)
    {
        var pairs = new Dictionary<(string, string), (Billing Earlier, Billing Later, int Shared, long Position)>();
        var work = Work(document);
        foreach (var piece in work)
        {
            if (!IsShared(piece)) continue;
            var row = Billings(piece);
            for (var i = 1; i < row.Length; i++)
            {
                var later = row[i];
                if (Replaced(row, i, piece) is not { } earlier) continue;
                if (earlier.Document != document && later.Document != document) continue;
                var key = (earlier.Document.Id, later.Document.Id);
                pairs.TryGetValue(key, out var known);
                pairs[key] = (earlier, later, known.Shared + 1, Math.Max(known.Position, later.Position));
            }
        }

        foreach (var (earlier, later, shared, position) in pairs.Values)
        {
            if (!IsStated(later.Document, earlier.Document))
            {
                var all = Work(earlier.Document).Length;
                walk.Join(new(
                    walk.Add(later.Document), Rels.Replaces, walk.Add(earlier.Document), EdgeBasis.Ruled, position,
                    Note: $"bills {DecimalText.Write(shared)} of its {DecimalText.Write(all)} pieces of work again"));
            }

            yield return (earlier.Document, later.Document);
        }
    }

    /// <summary>Whether more than one document bills it.</summary>
    private static bool IsShared(Vertex piece)
    {
        string? first = null;
        foreach (var a in piece.Incoming)
        {
            if (a.Edge.Rel != Rels.Bills) continue;
            first ??= a.From.Id;
            if (a.From.Id != first) return true;
        }

        return false;
    }

    /// <summary>The document whose place one in a row takes for a piece of work: the one before it, where that has
    /// ended; where both bill only a part of the piece, they stand side by side in the place of an earlier one.
    /// </summary>
    private Billing? Replaced(Billing[] row, int at, Vertex piece)
    {
        for (var before = at - 1; before >= 0; before--)
        {
            if (IsReleased(row[before].Document, piece)) return row[before];
            if (!row[before].IsPart || !row[at].IsPart) return null;
        }

        return null;
    }

    private Vertex[] Work(Entity document) => graph.Outgoing(document)
        .Where(a => a.Edge.Rel == Rels.Bills && !a.Withdrawn)
        .Where(a => a.Target is { } target && InvoiceWalk.IsWork(target.Kind))
        .Select(a => a.Reaches!).Distinct().ToArray();

    /// <summary>Who bills a piece of work: those that ended before those that still ask for it, then by date of issue,
    /// number and arrival. Credit notes give back, and what was thrown away before it went out never asked for money.
    /// </summary>
    private Billing[] Billings(Vertex work) => work.Incoming
        .Where(a => a.Edge.Rel == Rels.Bills && !a.Withdrawn && a.From.Kind == Kind.Invoice)
        .GroupBy(a => a.From.Id)
        .Select(g => new Billing(
            g.First().From, Composed(g.First().From), g.Max(a => a.Edge.Position),
            g.All(a => (a.Edge.Quantity ?? (object?)a.Edge.Amount) is not null)))
        .Where(b => b.State is { DocumentType: not DocumentType.CreditNote, Status: not InvoiceStatus.Discarded })
        .OrderBy(b => b.State!.Status is not (InvoiceStatus.Cancelled or InvoiceStatus.Voided))
        .ThenBy(b => b.State!.IssuedOn ?? LocalDate.MaxIsoValue)
        .ThenBy(b => b.State!.Number?.Length).ThenBy(b => b.State!.Number, StringComparer.Ordinal)
        .ThenBy(b => b.Document.Members[0].Fold.Opened).ToArray();

    private Invoice? Composed(Entity document) => document.Members.Any(m => m.Fold.State is Invoice)
        ? (Invoice)InvoiceWalk.Composing(graph, document).Fold.State!
        : null;

    /// <summary>Whether a piece of a document's work is free to be billed again: the document ended, was credited in
    /// full, or its line that bills the piece was credited.</summary>
    private bool IsReleased(Entity document, Vertex work)
    {
        if (Composed(document) is not { } state) return false;
        if (state.Status is InvoiceStatus.Cancelled or InvoiceStatus.Voided) return true;
        var credits = graph.Incoming(document).Where(a => a.Edge.Rel == Rels.Credits && !a.Withdrawn)
            .Where(a => Composed(a.From) is { DocumentType: DocumentType.CreditNote, IsLive: true }).ToArray();
        var credited = credits.Select(a => a.From).DistinctBy(e => e.Id)
            .Sum(e => Math.Abs(Figures.NetOf(Composed(e)!) ?? 0m));
        if (credited > 0m && credited >= Math.Abs(Figures.NetOf(state) ?? decimal.MaxValue)) return true;
        var lines = work.Incoming.Where(a => a.Edge.Rel == Rels.Bills && a.From.Id == document.Id)
            .Select(a => a.Edge.FromPart).OfType<string>();
        return lines.Any(line => credits.Any(c => c.Edge.To.Line == line));
    }

    private bool IsStated(Entity later, Entity earlier) => graph.Outgoing(later).Any(a =>
        a.Edge.Rel == Rels.Replaces && a.Reaches is { } there && there.Entity.Id == earlier.Id);

    /// <param name="IsPart">Whether it says how much of the work it bills.</param>
    private sealed record Billing(Entity Document, Invoice? State, long Position, bool IsPart);
}
