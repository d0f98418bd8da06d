using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Lineage;
using NodaTime;

namespace Ledger.Projections.Rating;

/// <summary>Contracts with all that may be billed under them, from what the sources say: pure.</summary>
internal sealed class Engagements
{
    private readonly World world;
    private readonly Billings billings;
    private readonly Lazy<ILookup<string, (Entity Entity, Stated<Project> Told)>> projects;
    private readonly Lazy<ILookup<string, ComposedEntity>> time, expenses, milestones;

    public Engagements(World world)
    {
        this.world = world;
        Books = new(world);
        billings = new(world);
        projects = new(() => world.Entities(Kind.Project).Where(e => e.IsLive).Select(e => (Entity: e, Told: Told(e)))
            .Select(p => (p.Entity, p.Told, Contract: Books.Prices.ContractOf(p.Told)))
            .Where(p => p.Contract is not null)
            .ToLookup(p => Books.EntityId(p.Contract!.Value.Record), p => (p.Entity, p.Told)));
        time = new(() => ByProject(Kind.Time));
        expenses = new(() => ByProject(Kind.Expense));
        milestones = new(() => world.Entities(Kind.Milestone).Where(e => e.IsLive).Select(e => world.Compose(e))
            .Select(m => (Contract: ContractOf(m), Milestone: m)).Where(m => m.Contract is not null)
            .ToLookup(m => m.Contract!, m => m.Milestone));
    }

    public Books Books { get; }

    public Billings Billings => billings;

    /// <summary>A contract with all under it.</summary>
    /// <param name="contract">Any of its streams.</param>
    /// <param name="through">The day billed through, for what the client's other contracts commit.</param>
    /// <returns>Null where the world has no such contract.</returns>
    public Engagement? Of(string contract, LocalDate through) =>
        world.Records.TryGetValue(contract, out var record) && record.Kind == Kind.Contract
            && world.EntityOf(contract) is { IsLive: true } entity
            ? Of(entity, through, alone: false)
            : null;

    /// <summary>Every contract with all under it, and then what is under none: by project, and last what names no
    /// project that is known. What other contracts of a client commit is left out.</summary>
    public IEnumerable<Engagement> All()
    {
        foreach (var contract in world.Entities(Kind.Contract).Where(e => e.IsLive))
            yield return Of(contract, default, alone: true);
        var under = projects.Value.SelectMany(p => p).Select(p => p.Entity.Id).ToHashSet();
        var worked = Loose(Kind.Time, under);
        var spent = Loose(Kind.Expense, under);
        foreach (var project in worked.Select(w => w.Key).Union(spent.Select(s => s.Key)).Order(StringComparer.Ordinal))
            yield return Without(project, [.. worked[project]], [.. spent[project]]);
    }

    private ILookup<string, ComposedEntity> Loose(Kind kind, HashSet<string> under) => world.Entities(kind)
        .Where(e => e.IsLive).Select(e => world.Compose(e)).Select(c => (Project: ProjectOf(c) ?? "", Work: c))
        .Where(w => !under.Contains(w.Project)).ToLookup(w => w.Project, w => w.Work);

    /// <summary>Work that no contract is known for; its id is the project's, empty where there is none.</summary>
    private Engagement Without(string project, ComposedEntity[] worked, ComposedEntity[] spent)
    {
        var known = project.Length > 0 && world.EntityOf(project) is { IsLive: true } entity
            ? (Entity: entity, Told: Told(entity))
            : ((Entity Entity, Stated<Project> Told)?)null;
        return new(
            project, new(Kind.Project.Name, Id: project), new(), world.Position,
            known is { } of ? [Engaged(of)] : Items<EngagedProject>.None, [.. worked.Select(Worked)],
            [.. spent.Select(Spent)], Items<ReachedMilestone>.None, Books.Prices.Offered(known?.Told, null).ToItems(),
            [.. worked.Concat(spent).SelectMany(w => billings.Of(w))], Items<Retainer>.None, Items<AskedMoney>.None);
    }

    /// <summary>The project of a piece of work, by its entity; null where none is known.</summary>
    public string? ProjectOf(ComposedEntity work) =>
        work.Field("project") is { Value: Ref named, By.Source: var source }
        && world.Resolve(named, source) is { } record
            ? Books.EntityId(record)
            : null;

    public WorkedTime Worked(ComposedEntity work)
    {
        var record = work.Speaker("quantity", "workedOn")!;
        var entry = work.State<TimeEntry>();
        var resource = Books.Find<Resource>(entry.Resource, record.Source);
        return new(
            work.Entity.Id, Composed.RefOf(record), entry with { Resource = entry.Resource?.Absolute(record.Source) },
            Books.Prices.Asked(record, entry), ProjectOf(work),
            entry.Resource is { } person ? Books.EntityOrName(person, record.Source) : null,
            work.Changed("quantity", "billableQuantity", "approval", "writeDowns"),
            resource?.State.Subcontractor ?? false);
    }

    public SpentMoney Spent(ComposedEntity spent)
    {
        var record = spent.Speaker("amount", "incurredOn")!;
        var expense = spent.State<Expense>();
        return new(
            spent.Entity.Id, Composed.RefOf(record),
            expense with { Resource = expense.Resource?.Absolute(record.Source) }, ProjectOf(spent),
            spent.Changed("amount", "billableAmount", "currency", "approval"), expense.Category == "subcontractor");
    }

    private Engagement Of(Entity entity, LocalDate through, bool alone)
    {
        var composed = world.Compose(entity);
        var record = composed.Speaker("model", "currency", "client", "from")!;
        var contract = composed.State<Contract>() with { Client = composed.Absolute("client") };
        var under = projects.Value[entity.Id].ToArray();
        var ids = under.Select(p => p.Entity.Id).ToArray();
        var worked = ids.SelectMany(id => time.Value[id]).ToArray();
        var spent = ids.SelectMany(id => expenses.Value[id]).ToArray();
        var reached = milestones.Value[entity.Id].ToArray();
        var own = under.Select(p => world.Compose(p.Entity)).Append(composed).Concat(reached);
        var told = new Engagement(
            entity.Id, Composed.RefOf(record), contract, world.Position, [.. under.Select(Engaged)],
            [.. worked.Select(Worked)], [.. spent.Select(Spent)],
            [.. reached.Select(m => Reached(world, m, contract.Currency))],
            Books.Prices.OfferedUnder(new(record, contract)).ToItems(),
            Items<BilledPart>.None,
            Retainers(entity).ToItems(), [.. Books.AskedUnder(entity.Id).Select(a => a.Asked)],
            composed.Fields.ToDictionary(f => f.Name, f => f.Position),
            alone ? null : Elsewhere(entity, contract, through));
        var shares = Shares(told);
        return told with
        {
            Billed =
            [
                .. own.Concat(worked).Concat(spent)
                    .SelectMany(target => billings.Of(target, shares.GetValueOrDefault(target.Entity.Id))),
            ],
        };
    }

    /// <summary>What milestones told by percent are worth, where that is known.</summary>
    private static Dictionary<string, Money?> Shares(Engagement told)
    {
        var shares = new Dictionary<string, Money?>();
        foreach (var milestone in told.Milestones.Where(m => m is { Amount: null, Percent: not null }))
            if (told.Currency is { } currency && Worths.Of(told.Contract, milestone, currency) is { } worth)
                shares[milestone.Id] = new Money(worth, currency);
        return shares;
    }

    /// <summary>The contract a milestone is of: the one it names, else its project's.</summary>
    private string? ContractOf(ComposedEntity milestone)
    {
        if (milestone.Field("contract") is { Value: Ref named, By.Source: var source }
            && world.Resolve(named, source) is { } record) return Books.EntityId(record);
        var project = ProjectOf(milestone);
        return project is null
            ? null
            : projects.Value.FirstOrDefault(c => c.Any(p => p.Entity.Id == project))?.Key;
    }

    // One that is accepted on a day nobody states is taken as accepted by now.
    internal static ReachedMilestone Reached(World world, ComposedEntity milestone, Currency? agreed)
    {
        var state = milestone.State<Milestone>();
        var isAccepted = state.Status is MilestoneStatus.Accepted;
        return new(
            milestone.Entity.Id,
            Composed.RefOf(milestone.Speaker("status", "project") ?? milestone.Entity.Members[0]),
            state.Name ?? state.Number,
            state.ContractLine,
            state.Amount is { } amount && (state.Currency ?? agreed) is { } currency
                ? new Money(amount, currency)
                : null,
            state.Percent, isAccepted ? state.AcceptedOn ?? world.Day : null, state.Evidence.Count > 0,
            state.Status is MilestoneStatus.Cancelled, milestone.Changed("amount", "percent", "status", "acceptedOn"));
    }

    private EngagedProject Engaged((Entity Entity, Stated<Project> Told) project)
    {
        var (entity, (record, _)) = project;
        var names = entity.Members.SelectMany(m => new[] { m.Id, m.Fold.State?.Number }).OfType<string>().Distinct();
        return new(entity.Id, Composed.RefOf(record), world.Compose(entity).State<Project>(), names.ToItems());
    }

    private static Stated<Project> Told(Entity project)
    {
        var record = project.Members.First(project.Counts);
        return new(record, (Project)record.Fold.State!);
    }

    private ILookup<string, ComposedEntity> ByProject(Kind kind) => world.Entities(kind).Where(e => e.IsLive)
        .Select(e => world.Compose(e)).Select(c => (Project: ProjectOf(c), Work: c)).Where(w => w.Project is not null)
        .ToLookup(w => w.Project!, w => w.Work);

    /// <summary>What was asked for ahead under the contract, and what payments and later documents made of it.
    /// </summary>
    private IEnumerable<Retainer> Retainers(Entity contract) => Books.Documents
        .Where(d => d is { IsLive: true, State.DocumentType: DocumentType.Prepayment }
            && Books.ContractsOf(d).Any(c => Books.EntityId(c.Record) == contract.Id))
        .Select(d => RetainerDrift.Of(Books, d)).OfType<Retainer>();

    /// <summary>What the client's other contracts commit, where a ceiling of the customer asks.</summary>
    private Money? Elsewhere(Entity entity, Contract contract, LocalDate through)
    {
        if (contract.Currency is not { } currency || contract.Ceilings.All(c => c.Scope != "customer")) return null;
        if (ClientOf(entity) is not { } client) return null;
        var sum = Money.Zero(currency);
        foreach (var other in world.Entities(Kind.Contract).Where(e => e.IsLive && e.Id != entity.Id
            && ClientOf(e) == client))
        {
            var engagement = Of(other, through, alone: true);
            if (engagement.Currency != currency) continue;
            foreach (var asked in engagement.Documents)
                if (asked.Currency == currency) sum += new Money(asked.Net + asked.Expenses, currency);
            var unbounded = engagement with { Contract = engagement.Contract with { Ceilings = Items<Ceiling>.None } };
            foreach (var document in InvoiceProposal.Of(unbounded, through).Documents)
                sum += new Money(document.Draft.Totals?.Net ?? 0m, currency);
        }

        return sum;
    }

    private string? ClientOf(Entity contract) =>
        world.Compose(contract).Field("client") is { Value: Ref named, By.Source: var source }
        && world.Resolve(named, source) is { } client
            ? Books.EntityId(client)
            : null;
}
