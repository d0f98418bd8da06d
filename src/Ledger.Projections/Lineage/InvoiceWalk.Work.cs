using Ledger.Domain;
using Ledger.Projections.Rating;
using NodaTime;

namespace Ledger.Projections.Lineage;

/// <summary>What a piece of work rests on beyond what it refers to: who decided on it, who was put to it, which price
/// and which terms were in force on its day.</summary>
internal sealed partial class InvoiceWalk
{
    /// <summary>Adds the decision on a time entry, expense or milestone, told by the record whose word counts, else by
    /// the first that tells one.</summary>
    private void Approval(Entity work, Spot node)
    {
        foreach (var member in work.Members.Count == 1 ? work.Members : First(work.Members, node.Stream))
        {
            if (member.Fold.State is Milestone
                { Status: MilestoneStatus.Accepted or MilestoneStatus.AcceptanceRejected } reached)
            {
                Accepted(member, node, reached);
                return;
            }

            var approval = member.Fold.State switch
            {
                TimeEntry t => t.Approval,
                Expense x => x.Approval,
                _ => null,
            };
            if (approval is null) continue;
            if (approval.Status is ApprovalStatus.Approved or ApprovalStatus.Rejected)
                Decided(member, node, approval);
            return;
        }
    }

    private static Items<SourceRecord> First(Items<SourceRecord> members, string stream) =>
        members.OrderByDescending(m => m.Stream == stream).ToItems();

    private void Decided(SourceRecord member, Spot node, Approval approval)
    {
        var stream = Describe.Address(member.Stream, Parts.Approval);
        var position = member.Asserted("approval");
        var by = approval.By is { } who ? $" by {who}" : "";
        ReadOnlySpan<Figure?> figures =
        [
            approval.Quantity is { } quantity ? new("quantity", Describe.Text(quantity), position) : null,
            approval.At is { } at ? new("at", LedgerJson.WriteInstant(at), position) : null,
            approval.Reason is { } reason ? new("reason", reason, position) : null,
        ];
        Put(new(
            stream, "approval", member.Source, Describe.Capital(approval.Status) + by,
            approval.Status is ApprovalStatus.Rejected ? Standing.Ended : Standing.Live,
            Describe.Known(figures), Items<string>.None));
        edges.Join(
            node.Place, edges.PlaceOf(stream), new(node.Stream, "approval", stream, BasisOf(member), position));
    }

    /// <summary>Adds the client's word on a milestone.</summary>
    private void Accepted(SourceRecord member, Spot node, Milestone m)
    {
        var stream = Describe.Address(member.Stream, Parts.Approval);
        var position = member.Changed("status", "acceptedOn");
        var isNo = m.Status is MilestoneStatus.AcceptanceRejected;
        ReadOnlySpan<Figure?> figures =
        [
            m.AcceptedOn is { } on ? new("on", Describe.Date(on), position) : null,
            m.Evidence.Count == 0 ? null
                : new("evidence", Describe.Joined([.. m.Evidence.Select(d => d.Name ?? d.Id)]), position),
            m.Reason is { } reason ? new("reason", reason, position) : null,
        ];
        Put(new(
            stream, "approval", member.Source,
            isNo ? "Acceptance rejected" : "Accepted" + (m.AcceptedBy is { } who ? $" by {who}" : ""),
            isNo ? Standing.Ended : Standing.Live, Describe.Known(figures), Items<string>.None));
        Join(new(node.Stream, "approval", stream, BasisOf(member), position));
    }

    /// <summary>Adds the version of its proposal that a contract came from: the accepted one, where it names none.
    /// </summary>
    private void Version(Vertex contract, Spot node)
    {
        foreach (var assertion in contract.Outgoing)
        {
            if (assertion is not { Edge: { Rel: Rels.Proposal, To.Line: null }, Reaches: { } proposal }) continue;
            var record = graph.OwnerOf(proposal.Entity);
            if (record.Fold.State is not ClientProposal { Accepted: { } accepted }) continue;
            var position = record.Changed("version", "status");
            var part = Part(record, Add(proposal), accepted.Version, position);
            Join(new(node.Stream, "version", part.Stream, EdgeBasis.Ruled, position));
        }
    }

    /// <summary>Adds how the one who did the work was put to its project, where the project says so for that day.
    /// </summary>
    private void Assignment(Vertex work, Spot node)
    {
        LocalDate? worked = null;
        foreach (var member in work.Entity.Members) worked ??= (member.Fold.State as TimeEntry)?.WorkedOn;
        if (worked is not { } day) return;
        var people = Targets(work, Rels.Resource);
        if (people.Count == 0) return;
        foreach (var project in Targets(work, Rels.Project))
            foreach (var a in AssignedTo(project))
            {
                if (!IsIn(a.From, a.To, day) || !Has(people, a.Person)) continue;
                var to = a.Node ??= Part(a.Member, Add(project), a.Part, a.Position);
                edges.Join(
                    node.Place, to.Place, new(node.Stream, "assignment", to.Stream, EdgeBasis.Ruled, a.Position));
            }
    }

    /// <summary>Adds the role that the one who did the work had in the firm that day, where it was not always the same.
    /// </summary>
    private void Role(Vertex work, Spot node)
    {
        LocalDate? worked = null;
        foreach (var member in work.Entity.Members) worked ??= (member.Fold.State as TimeEntry)?.WorkedOn;
        if (worked is not { } day) return;
        foreach (var person in Targets(work, Rels.Resource))
            foreach (var member in person.Entity.Members)
            {
                if (member.Fold.State is not Resource { Roles: { Count: > 1 } roles }) continue;
                if (roles.InForce(day) is not { } role) continue;
                var to = Part(member, Add(person), Parts.NameOf(role), role.Position);
                edges.Join(node.Place, to.Place, new(node.Stream, "role", to.Stream, EdgeBasis.Ruled, role.Position));
            }
    }

    private static bool Has(List<Vertex> people, string id)
    {
        foreach (var person in people)
            if (person.Entity.Id == id) return true;
        return false;
    }

    /// <summary>Who was put to a project, where the ledger has them.</summary>
    private List<Assigned> AssignedTo(Vertex project)
    {
        var here = MetAt(project);
        if (here.Assigned is { } known) return known;
        List<Assigned> found = [];
        foreach (var member in project.Entity.Members)
        {
            if (member.Fold.State is not Project plan) continue;
            foreach (var a in plan.Assignments)
                if (graph.World.Resolve(a.Resource, member.Source) is { } person)
                    found.Add(new(
                        member, graph.EntityOf(person.Stream).Id, Parts.NameOf(plan, a, member.Source), a.From, a.To,
                        a.Position ?? member.Asserted("assignments")));
        }

        return here.Assigned = found;
    }

    /// <summary>An assignment as many pieces of work ask for it.</summary>
    private sealed record Assigned(
        SourceRecord Member, string Person, string Part, LocalDate? From, LocalDate? To, long Position)
    {
        /// <summary>Null until a piece of work rests on it.</summary>
        public Spot? Node { get; set; }
    }

    /// <summary>The price a card gives an entry, with the terms in force on its day.</summary>
    private ResolvedRate? Priced(SourceRecord target, Vertex work, Spot node, Ref named, InvoiceLine? line)
    {
        var asking = graph.At(subject);
        var contract = target.Kind == Kind.Contract ? work : ContractOf(work) ?? ContractOf(asking);
        Terms(contract, node, DayOf(target.Fold.State, named, line));
        if (target.Fold.State is not TimeEntry entry) return null;
        if (graph.PriceOf(target, entry, billing) is not { } rate) return null;
        var (card, at) = graph.Record(rate.Card);
        var cardNode = Add(at);
        Expand(at);
        var part = Part(card, cardNode, rate.CardRate, rate.Position);
        if (!paths.TryGetValue((rate.Origin, rate.Level), out var path))
            paths.Add((rate.Origin, rate.Level), path = rate.Path);
        edges.Join(
            node.Place, part.Place,
            new(node.Stream, "rate", part.Stream, EdgeBasis.Ruled, rate.Position, Note: path));
        return rate;
    }

    /// <summary>The projects of the work that the document bills.</summary>
    private IEnumerable<Stated<Project>> Worked() => graph.Outgoing(subject)
        .Where(a => a.Edge.Rel == Rels.Bills && !a.Withdrawn && a.Target is not null).Select(a => a.Target!)
        .Select(r => graph.World.Find<Project>(
            (r.Fold.State as TimeEntry)?.Project ?? (r.Fold.State as Expense)?.Project, r.Source))
        .OfType<Stated<Project>>().DistinctBy(p => p.Record.Stream);

    /// <summary>The service date: of the work or the cost; of a fee, the line's own day, else the end of what it is
    /// for.</summary>
    private static LocalDate? DayOf(RecordState? state, Ref named, InvoiceLine? line) => state switch
    {
        TimeEntry t => t.WorkedOn,
        Expense x => x.IncurredOn,
        Milestone m => m.AcceptedOn ?? line?.Period?.To,
        Contract c when c.Schedule.FirstOrDefault(i => i.Item == named.Line) is { } item => item.DueOn,
        Contract c when c.Usage.FirstOrDefault(u => u.Usage == named.Line) is { } used => used.UsedOn,
        _ => line?.Work?.On ?? line?.Period?.To,
    };

    /// <summary>Adds the amendments and clauses of a contract that are in force on a day.</summary>
    private void Terms(Vertex? contract, Spot node, LocalDate? day)
    {
        if (contract is null || day is not { } on) return;
        foreach (var member in contract.Entity.Members)
        {
            if (member.Fold.State is not Contract terms) continue;
            foreach (var a in terms.Amendments)
                if (a.EffectiveFrom <= on && !IsSuperseded(a, terms.Amendments, on))
                    Term("amendment", a.Id, a.Position);
            foreach (var c in terms.ClausesOn(on)) Term("clause", Parts.NameOf(terms, c), c.Position);

            void Term(string rel, string part, long position)
            {
                var to = Part(member, Add(contract), part, position);
                edges.Join(
                    node.Place, to.Place, new(node.Stream, rel, to.Stream, EdgeBasis.Ruled, position));
            }
        }
    }

    private static bool IsSuperseded(Amendment amendment, Items<Amendment> among, LocalDate on)
    {
        foreach (var later in among)
            if (later.EffectiveFrom <= on && later.Supersedes == amendment.Id) return true;
        return false;
    }

    /// <summary>Adds what a person put over the word of a record's owner.</summary>
    private void Overridden(Entity entity, string node)
    {
        foreach (var record in graph.World.OverridesOf(entity))
        {
            var said = (TruthOverride)record.Fold.State!;
            var position = Overrides.PositionOf(record);
            var until = said.Until is { } last ? $"until {Describe.Date(last)}" : null;
            var figures = new[] { new Figure(said.Field!, said.Value!.Text, position) };
            Put(new(
                record.Stream, "override", record.Source,
                Describe.Joined($"{said.Field} overridden", said.Reason, until),
                Overrides.IsInForce(record, graph.World.Day) ? Standing.Live : Standing.Ended, figures.ToItems(),
                Items<string>.None));
            Join(new(node, "override", record.Stream, BasisOf(record), position));
        }
    }

    /// <summary>The record whose word counts, each field by its own owner's.</summary>
    private SourceRecord Decided(Entity entity) => graph.World.Counting(entity, graph.OwnerOf(entity));

    /// <summary>Whose books a document, posting or payment is in, where it does not say so itself: those of the only
    /// legal entity its system is registered with.</summary>
    private void Books(Entity entity, string node)
    {
        if (graph.Outgoing(entity).Any(a => a.Edge.Rel == Rels.LegalEntity)) return;
        foreach (var member in entity.Members)
        {
            var registration = graph.World.Firm.Registrations.LastOrDefault(r => r.Id == member.Source);
            if (registration?.Fold.State is not Source { Entities: [var named] }) continue;
            if (graph.World.Resolve(named, registration.Source) is not { } legalEntity) continue;
            var to = Add(graph.EntityOf(legalEntity.Stream));
            Join(new(
                node, Rels.LegalEntity, to, EdgeBasis.Ruled, registration.Asserted("entities"),
                Note: $"the only one {member.Source} is registered with"));
            return;
        }
    }

    private static bool IsIn(LocalDate? from, LocalDate? to, LocalDate day) =>
        (from is null || day >= from) && (to is null || day <= to);

    private static EdgeBasis BasisOf(SourceRecord by) =>
        by.Source == Edges.LedgerSource ? EdgeBasis.Confirmed : EdgeBasis.Stated;
}
