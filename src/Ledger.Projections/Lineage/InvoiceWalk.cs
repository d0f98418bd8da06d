using System.Runtime.InteropServices;
using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Rating;

namespace Ledger.Projections.Lineage;

/// <summary>One walk around one invoice: nodes and edges as they are found, each once.</summary>
internal sealed partial class InvoiceWalk
{
    private readonly LineageGraph graph;
    private readonly Entity subject;
    private readonly SourceRecord owner;
    private readonly Invoice document;
    private readonly BillingDocument billing;
    private readonly Dictionary<string, Node> nodes;
    private readonly EdgesFound edges;
    private readonly Dictionary<Vertex, Met> met;
    private readonly ILookup<string?, Assertion> byLine;
    private readonly Dictionary<(CardOrigin, RateLevel), string> paths = [];
    private readonly Dictionary<(string Stream, string Part), Spot> parts = [];
    private static readonly List<Vertex> Nobody = [];
    private readonly SortedSet<string> cut = new(StringComparer.Ordinal);
    private readonly int nodesMax;
    private AgreedFees? fees;

    /// <param name="nodesMax">From so many nodes on, nothing is followed further.</param>
    public InvoiceWalk(LineageGraph graph, Entity subject, int nodesMax)
    {
        (this.graph, this.subject, this.nodesMax) = (graph, subject, nodesMax);
        owner = Composing(graph, subject);
        document = (Invoice)graph.World.Decided(subject, owner).Fold.State!;
        billing = graph.Billing(new(owner, document), Worked);
        var ways = graph.Outgoing(subject).Count;
        edges = new(ways);
        met = new(ways);
        nodes = new(Math.Min(ways * 2, nodesMax), StringComparer.Ordinal);
        byLine = graph.Outgoing(subject).Where(a => a.Edge.From == owner.Stream).ToLookup(a => a.Edge.FromPart);
    }

    public InvoiceLineage Result()
    {
        var node = Add(subject);
        var unlined = new List<BilledRecord>();
        foreach (var assertion in graph.Outgoing(subject).Where(a => a.Edge.FromPart is null && IsOrigin(a.Edge.Rel)))
        {
            var to = Follow(SpotOf(node), assertion).Stream;
            if (assertion.Edge.Rel == Rels.Bills && !assertion.Withdrawn) unlined.Add(Billed(assertion, to, null));
        }

        Books(subject, node);
        Drawn(node);
        Authorised(node);
        var contract = ContractOf(graph.At(subject));
        var explanation = new Explanation(document, CurrencyOf(), RoundingTerms(contract?.Entity));
        var lines = document.Lines.Select(line => Line(node, line, explanation)).ToArray();
        Adjustments(node);
        // Where a source tells what a document bills but no lines, the document is its own only line.
        var whole = lines.Length > 0 ? lines : [explanation.Line(node, new(""), unlined)];
        var (explained, unexplained, rule) = explanation.Total(whole);
        if (unexplained != 0m) Remainder(node, unexplained, explained, explanation.Currency);
        Onwards(node);
        Endings(node);
        new Chain(graph, this).Walk(subject);
        var totals = document.Totals;
        var (sortedNodes, sortedEdges) = edges.Sorted(nodes.Values);
        return new(
            subject.Id, node, subject.Members.Select(m => m.Stream).ToItems(),
            new(
                document.Number, document.DocumentType, document.Status, document.IssuedOn, explanation.Currency,
                Figures.NetOf(document), totals?.Tax, totals?.Payable ?? totals?.Gross, totals?.Open, explained,
                unexplained, rule),
            lines.Select(l => l.Line).ToItems(),
            Items.Over(sortedNodes),
            Items.Over(sortedEdges),
            cut.ToItems());
    }

    /// <summary>The member that composes the document: the owner's, or, where that tells no lines, the first that
    /// does.</summary>
    public static SourceRecord Composing(LineageGraph graph, Entity invoice)
    {
        var first = graph.OwnerOf(invoice);
        return first.Fold.State is Invoice { Lines.Count: > 0 } ? first
            : invoice.Members.FirstOrDefault(m => invoice.Counts(m) && m.Fold.State is Invoice { Lines.Count: > 0 })
                ?? (first.Fold.State is Invoice ? first : invoice.Members.First(m => m.Fold.State is Invoice));
    }

    /// <summary>The node of an entity.</summary>
    public string Add(Entity entity) => Add(graph.At(entity)).Stream;

    private Spot Add(Vertex at)
    {
        var known = MetAt(at);
        if (known.IsShown) return known.Spot;
        var entity = at.Entity;
        var shown = entity.Kind == Kind.Invoice && entity.Members.Any(m => m.Fold.State is Invoice)
            ? Composing(graph, entity)
            : graph.OwnerOf(entity);
        known.Show(SpotOf(shown.Stream));
        if (!nodes.ContainsKey(shown.Stream))
        {
            Put(entity.Members.Count == 1
                ? at.Node
                : Describe.Record(shown, Others(entity, shown.Stream)));
            Overridden(entity, shown.Stream);
        }

        return known.Spot;
    }

    private Spot SpotOf(string stream) => new(stream, edges.PlaceOf(stream));

    private Met MetAt(Vertex at)
    {
        ref var there = ref CollectionsMarshal.GetValueRefOrAddDefault(met, at, out _);
        return there ??= new();
    }

    private static Items<string> Others(Entity entity, string shown) =>
        entity.Members.Select(m => m.Stream).Where(s => s != shown).ToItems();

    /// <summary>An edge; of several that say the same, the first to have been said stays.</summary>
    public void Join(LineageEdge edge) => edges.Join(edge);

    private void Put(Node node) => nodes.TryAdd(node.Stream, node);

    private static bool IsOrigin(string rel) => rel is Rels.Client or Rels.BillTo or Rels.Contract or Rels.Project
        or Rels.LegalEntity or Rels.Replaces or Rels.Corrects or Rels.Credits or Rels.Settles or Rels.Bills;

    private static bool IsFollowed(string rel) => rel is Rels.Resource or Rels.Supplier or Rels.Project or Rels.Task
        or Rels.Contract or Rels.Client or Rels.Parent or Rels.RateCard or Rels.Proposal or Rels.Opportunity
        or Rels.MergedInto or Rels.LegalEntity;

    /// <summary>Adds what an assertion points at, and, from there, all that rests on.</summary>
    private Spot Follow(Spot from, Assertion assertion)
    {
        var to = Target(assertion);
        edges.Join(from.Place, to.Place, EdgeOf(from.Stream, assertion, to.Stream));
        return to;
    }

    private static LineageEdge EdgeOf(string from, Assertion a, string to) => new(
        from, a.Edge.Rel, to, a.Edge.Basis, a.Edge.Position, a.Edge.Quantity, a.Edge.Amount, a.Edge.Currency,
        a.Withdrawn);

    private Spot Target(Assertion assertion)
    {
        if (assertion is not { Target: { } target, Reaches: { } at })
        {
            var dangling = Describe.Dangling(assertion.Edge);
            Put(dangling);
            return SpotOf(dangling.Stream);
        }

        var node = Add(at);
        Expand(at);
        return assertion.Edge.To.Line is { } part ? Part(target, node, part, assertion.Edge.Position) : node;
    }

    /// <summary>Adds what a record itself rests on. Documents are leaves but for whose books they are in: their money
    /// is their own lineage.</summary>
    private void Expand(Vertex at)
    {
        var here = MetAt(at);
        if (here.IsExpanded) return;
        here.IsExpanded = true;
        var (entity, node) = (at.Entity, here.Spot);
        if (nodes.Count >= nodesMax)
        {
            cut.Add(node.Stream);
            return;
        }

        var leaf = entity.Kind == Kind.Invoice || entity.Kind == Kind.Posting || entity.Kind == Kind.Payment;
        foreach (var assertion in at.Outgoing)
        {
            var rel = assertion.Edge.Rel;
            if (assertion.Edge.FromPart is null && (leaf ? rel == Rels.LegalEntity : IsFollowed(rel)))
                Follow(node, assertion);
        }

        if (leaf) Books(entity, node.Stream);
        if (entity.Kind == Kind.Contract) Version(at, node);
        if (!IsWork(entity.Kind) && entity.Kind != Kind.Milestone) return;
        Approval(entity, node);
        Assignment(at, node);
        Role(at, node);
    }

    private Spot Part(SourceRecord record, Spot node, string part, long position)
    {
        // A thousand hours rest on few parts: on one price, one task.
        if (!parts.TryGetValue((record.Stream, part), out var spot))
        {
            parts.Add((record.Stream, part), spot = SpotOf(Describe.Address(record.Stream, part)));
            if (!nodes.ContainsKey(spot.Stream))
            {
                var (kind, label, figures) = Parts.Of(record, part);
                Put(new(
                    spot.Stream, kind, record.Source, label, nodes[node.Stream].Standing, figures, Items<string>.None));
            }
        }

        if (record.Kind == Kind.Invoice)
            Join(new(node.Stream, "line", spot.Stream, EdgeBasis.Stated, record.Asserted("lines")));
        else if (!edges.IsJoined(spot.Place, "part_of", node.Place, position))
            edges.Join(spot.Place, node.Place, new(spot.Stream, "part_of", node.Stream, EdgeBasis.Stated, position));
        return spot;
    }

    private ExplainedLine Line(string node, InvoiceLine line, Explanation explanation)
    {
        var stream = Describe.Address(owner.Stream, line.Line);
        var from = SpotOf(stream);
        var (kind, label, figures) = Parts.Of(owner, line.Line);
        Put(new(stream, kind, owner.Source, label, nodes[node].Standing, figures, Items<string>.None));
        Join(new(node, "line", stream, EdgeBasis.Stated, owner.Asserted("lines")));
        var billed = new List<BilledRecord>();
        var seen = new HashSet<int>();
        foreach (var assertion in byLine[line.Line])
        {
            var to = Follow(from, assertion);
            if (assertion.Edge.Rel == Rels.Credits) Credited(assertion, to);
            if (assertion.Edge.Rel is Rels.Bills or Rels.Credits && !assertion.Withdrawn && seen.Add(to.Place))
                billed.Add(Billed(assertion, to.Stream, line));
        }

        // What is credited, and the work it billed, are the same money told twice.
        var isTold = billed.Exists(b => Explanation.Credited(b) is not null);
        if (billed.Exists(b => !IsCredit(b))) billed.RemoveAll(b => IsCredit(b) != isTold);
        if (billed.Count == 0) billed.AddRange(CreditedDocuments());
        return explanation.Line(stream, line, billed);
    }

    private static bool IsCredit(BilledRecord billed) => billed.Target?.Fold.State is Invoice;

    /// <summary>What a credited line rests on, so that a credit leads to the work it gives back.</summary>
    private void Credited(Assertion credit, Spot node)
    {
        if (credit is not { Target: { } target, Reaches: { } at } || credit.Edge.To.Line is not { } part) return;
        var bills = at.Outgoing.Where(a =>
            a.Edge.Rel == Rels.Bills && a.Edge.From == target.Stream && a.Edge.FromPart == part);
        foreach (var assertion in bills) Follow(node, assertion);
    }

    private BilledRecord Billed(Assertion assertion, string node, InvoiceLine? line)
    {
        if (assertion is not { Target: { } told, Reaches: { } at } || told.Kind == Kind.Invoice)
            return new(
                node, assertion.Edge.To, assertion.Target, assertion.Edge.Quantity, assertion.Edge.Amount, null, null);
        var target = Decided(at.Entity);
        return new(
            node, assertion.Edge.To, target, assertion.Edge.Quantity, assertion.Edge.Amount,
            Priced(target, at, SpotOf(node), assertion.Edge.To, line), Agreed(target, at, assertion.Edge.To));
    }

    /// <summary>What was agreed for a milestone or a part of a contract, with the periods of a year to come: a fee may
    /// be asked for ahead.</summary>
    private Money? Agreed(SourceRecord target, Vertex at, Ref named)
    {
        if (target.Fold.State is not (Milestone or Contract)) return null;
        var issuedOn = document.IssuedOn ?? graph.World.Day;
        fees ??= new(graph.World, CurrencyOf(), issuedOn.Year < 9999 ? issuedOn.PlusYears(1) : issuedOn);
        return target.Kind == Kind.Milestone ? fees.OfMilestone(at.Entity, ContractOf(at)?.Entity)
            : named.Line is { } part ? fees.OfPart(at.Entity, part)
            : null;
    }

    /// <summary>A credit note that names no lines rests on the documents it credits.</summary>
    private IEnumerable<BilledRecord> CreditedDocuments() =>
        from assertion in graph.Outgoing(subject)
        where document.DocumentType is DocumentType.CreditNote && assertion.Edge.FromPart is null
            && assertion.Edge.Rel == Rels.Credits
        select new BilledRecord(Target(assertion).Stream, assertion.Edge.To, assertion.Target, null, null, null);

    /// <summary>The first contract that a record names itself, else that its projects do.</summary>
    private Vertex? ContractOf(Vertex at) => FirstTarget(at, Rels.Contract) ?? FirstOfProjects(at, Rels.Contract);

    private Vertex? FirstTarget(Vertex at, string rel) => Targets(at, rel) is [var first, ..] ? first : null;

    private Vertex? FirstOfProjects(Vertex at, string rel)
    {
        foreach (var project in Targets(at, Rels.Project))
            if (FirstTarget(project, rel) is { } first) return first;
        return null;
    }

    private List<Vertex> Targets(Vertex at, string rel)
    {
        // Work is asked once and says little; what it rests on is asked for every piece of it.
        var here = IsWork(at.Entity.Kind) ? null : MetAt(at);
        if (here?.TargetsOf(rel) is { } known) return known;
        Vertex? first = null;
        List<Vertex>? several = null;
        foreach (var assertion in at.Outgoing)
        {
            if (assertion.Edge.Rel != rel || assertion.Reaches is not { } to) continue;
            first ??= to;
            if (to == first) continue;
            several ??= [first];
            if (!several.Contains(to)) several.Add(to);
        }

        var found = several ?? (first is null ? Nobody : MetAt(first).Alone ??= [first]);
        here?.Keep(rel, found);
        return found;
    }

    private Rounding? RoundingTerms(Entity? contract) => contract is null ? null
        : contract.Members.Select(m => m.Fold.State).Prepend(Decided(contract).Fold.State).OfType<Contract>()
            .Select(c => c.Rounding).FirstOrDefault(r => r is { Digits: null or (>= 0 and <= 10) });

    private Currency CurrencyOf() => document.Currency
        ?? document.Lines.Select(l => l.Price?.Currency).FirstOrDefault(c => c is not null)
        ?? graph.Outgoing(subject).Select(a => a.Target?.Fold.State)
            .Select(s => s is TimeEntry t ? t.BillRate?.Currency : s is Expense x ? x.Currency : null)
            .FirstOrDefault(c => c is not null)
        ?? default;

    private void Adjustments(string node)
    {
        foreach (var (a, i) in document.Adjustments.Select((a, i) => (a, i + 1)))
        {
            var stream = Describe.Address(node, $"adjustment-{DecimalText.Write(i)}");
            var amount = new Money(a.Charge ? a.Amount : -a.Amount, CurrencyOf());
            var position = owner.Asserted("adjustments");
            Put(new(
                stream, "adjustment", owner.Source, Describe.Joined(a.Charge ? "Charge" : "Allowance", a.Reason),
                Standing.Live, [new("amount", amount.ToString(), position)], Items<string>.None));
            Join(new(
                node, "adjustment", stream, EdgeBasis.Stated, position, Amount: amount.Amount,
                Currency: amount.Currency));
        }
    }

    private void Remainder(string node, decimal unexplained, decimal explained, Currency currency)
    {
        var stream = Describe.Address(node, "unexplained");
        var position = owner.Asserted("totals", "lines");
        Put(new(
            stream, "unexplained", null,
            $"{new Money(unexplained, currency)} that no line explains: the document says "
            + $"{new Money(explained + unexplained, currency)}, its lines come to {new Money(explained, currency)}",
            Standing.Unexplained, [new("amount", new Money(unexplained, currency).ToString())], Items<string>.None));
        Join(new(node, "unexplained", stream, EdgeBasis.Ruled, position, Amount: unexplained, Currency: currency));
    }

    /// <summary>A node by its stream, and its place among the ends of edges.</summary>
    private readonly record struct Spot(string Stream, int Place);

    /// <summary>What the walk knows of an entity it has come upon.</summary>
    private sealed class Met
    {
        private readonly List<(string Rel, List<Vertex> Found)> targets = [];

        public Spot Spot { get; private set; }

        /// <summary>Whether its node was added.</summary>
        public bool IsShown => Spot.Stream is not null;

        /// <summary>Whether what it rests on was added.</summary>
        public bool IsExpanded { get; set; }

        /// <summary>A list of it alone.</summary>
        public List<Vertex>? Alone { get; set; }

        /// <summary>Who was put to it, where it is a project.</summary>
        public List<Assigned>? Assigned { get; set; }

        public void Show(Spot spot) => Spot = spot;

        public List<Vertex>? TargetsOf(string rel)
        {
            foreach (var (asked, found) in targets)
                if (asked == rel) return found;
            return null;
        }

        public void Keep(string rel, List<Vertex> found) => targets.Add((rel, found));
    }
}
