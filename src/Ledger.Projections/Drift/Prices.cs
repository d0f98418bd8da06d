using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Drift;

/// <summary>A document that bills work: its contract and client count where nothing else tells one. Asked for once, and
/// only then.</summary>
internal sealed class BillingDocument(Func<Stated<Contract>?> contract, Func<Stated<Client>?> client)
{
    private readonly Lazy<Stated<Contract>?> contract = new(contract);
    private readonly Lazy<Stated<Client>?> client = new(client);

    public Stated<Contract>? Contract => contract.Value;

    public Stated<Client>? Client => client.Value;
}

/// <summary>Which price each piece of work has, by the contracts and cards the ledger knows.</summary>
/// <param name="forAnybody">The cards made for nobody in particular, where the world is only a part of a ledger; null =
/// as the world tells them.</param>
internal sealed class Prices(World world, IReadOnlySet<string>? forAnybody = null)
{
    private readonly Dictionary<(string?, string?, string?), IReadOnlyList<OfferedCard>> offered = [];
    private readonly Dictionary<(string Source, Ref? Resource, Ref? Project, string? Task), Worker> workers = [];
    private readonly Lazy<Stated<Contract>[]> contracts = new(() => [.. world.Live<Contract>(Kind.Contract)]);
    private readonly Lazy<Stated<RateCard>[]> cards = new(() => [.. world.Live<RateCard>(Kind.RateCard)]);
    private readonly Dictionary<string, Stated<Contract>?> contractByProject = [];
    private OfferedCard[]? defaults;

    /// <summary>The price of a time entry; null where no card has one, or it has no date.</summary>
    /// <param name="document">The document that bills it.</param>
    public ResolvedRate? Of(SourceRecord record, TimeEntry entry, BillingDocument? document) =>
        Asked(record, entry) is { } work
            ? RateResolution.Resolve(work, RateUse.Bill, Offered(WorkerOf(record, entry).Project, document))
            : null;

    /// <summary>What the price of a time entry depends on; null where it has no date.</summary>
    public PricedWork? Asked(SourceRecord record, TimeEntry entry)
    {
        if (entry.WorkedOn is not { } day) return null;
        var work = WorkerOf(record, entry);
        return new(day, work.Tasks, work.Names, work.RoleOn(day), work.Resource?.GradeOn(day), work.Projects);
    }

    /// <summary>Every card that may price work under a contract.</summary>
    public IReadOnlyList<OfferedCard> OfferedUnder(Stated<Contract> contract) =>
        [.. OfContract(contract), .. OfProposal(contract), .. OfClient(contract, null, null), .. ForAnybody()];

    /// <summary>Whether any card could price the work: then no price is a finding.</summary>
    public bool AnyFor(SourceRecord record, TimeEntry entry, BillingDocument? document) =>
        Offered(WorkerOf(record, entry).Project, document).Count > 0;

    /// <summary>The contract a project is under: the one it names, else the one that names it.</summary>
    public Stated<Contract>? ContractOf(Stated<Project> project)
    {
        if (contractByProject.TryGetValue(project.Record.Stream, out var known)) return known;
        var named = world.Find<Contract>(project.State.Contract, project.Record.Source);
        if (named is null)
        {
            var naming = contracts.Value.Where(c => c.State.Lines.Any(l => l.Project is not null
                && (l.Project == project.Record.Id || l.Project == project.State.Number))).Take(2).ToArray();
            if (naming.Length == 1) named = naming[0];
        }

        return contractByProject[project.Record.Stream] = named;
    }

    /// <summary>The contracts a document is under: those it names, else those of its projects, else those of the work
    /// it bills.</summary>
    /// <param name="worked">The projects of the work it bills.</param>
    public IReadOnlyList<Stated<Contract>> ContractsOf(
        Stated<Invoice> document, Func<IEnumerable<Stated<Project>>> worked)
    {
        var (source, state) = (document.Record.Source, document.State);
        var named = state.Contracts.Select(c => world.Find<Contract>(c, source)).OfType<Stated<Contract>>().ToArray();
        if (named.Length > 0) return named;
        var projects = state.Projects.Select(p => world.Find<Project>(p, source)).OfType<Stated<Project>>().ToArray();
        return
        [
            .. (projects.Length > 0 ? projects : worked()).Select(p => ContractOf(p)).OfType<Stated<Contract>>()
                .DistinctBy(c => c.Record.Stream),
        ];
    }

    /// <summary>What counts of a document for the work it bills.</summary>
    /// <param name="worked">The projects of that work.</param>
    public BillingDocument Billing(Stated<Invoice> document, Func<IEnumerable<Stated<Project>>> worked) => new(
        () => ContractsOf(document, worked) is [var first, ..] ? first : null,
        () => world.Find<Client>(document.State.Client, document.Record.Source));

    /// <summary>Every card that could price work of a project; of the document's contract where it names none.
    /// </summary>
    public IReadOnlyList<OfferedCard> Offered(Stated<Project>? project, BillingDocument? document)
    {
        var contract = project is { } known ? ContractOf(known) : null;
        contract ??= document?.Contract;
        var key = (contract?.Record.Stream, project?.Record.Stream, document?.Client?.Record.Stream);
        if (offered.TryGetValue(key, out var made)) return made;
        return offered[key] =
        [
            .. OfContract(contract), .. OfProposal(contract), .. OfClient(contract, project, document), .. ForAnybody(),
        ];
    }

    private IEnumerable<OfferedCard> OfContract(Stated<Contract>? contract)
    {
        if (contract is not { } under) yield break;
        if (OfferedCard.Of(under.Record.Stream, under.State, under.Record.Asserted("rates")) is { } own)
            yield return own;
        for (var rank = 0; rank < under.State.RateCards.Count; rank++)
        {
            var assigned = under.State.RateCards[rank];
            if (world.Find<RateCard>(assigned.Card, under.Record.Source) is { } card)
                yield return Offer(
                    CardOrigin.Contract, card, new(assigned.From ?? LocalDate.MinIsoValue, assigned.To), rank);
        }
    }

    /// <summary>The cards of the proposal that the client accepted.</summary>
    private IEnumerable<OfferedCard> OfProposal(Stated<Contract>? contract)
    {
        if (contract is not { } under) yield break;
        if (world.Find<ClientProposal>(under.State.Proposal, under.Record.Source) is not { } proposal) yield break;
        var named = proposal.State.Accepted?.RateCards ?? Items<Ref>.None;
        for (var rank = 0; rank < named.Count; rank++)
            if (world.Find<RateCard>(named[rank], proposal.Record.Source) is { } card)
                yield return Offer(CardOrigin.Proposal, card, rank: rank);
    }

    private IEnumerable<OfferedCard> OfClient(
        Stated<Contract>? contract, Stated<Project>? project, BillingDocument? document)
    {
        var client = contract is { } c ? world.Find<Client>(c.State.Client, c.Record.Source) : null;
        client ??= project is { } p ? world.Find<Client>(p.State.Client, p.Record.Source) : null;
        client ??= document?.Client;
        if (client is not { } whose) return [];
        return cards.Value
            .Where(card => world.Find<Client>(card.State.Client, card.Record.Source) is { } of
                && (of.Record.Stream == whose.Record.Stream
                    || world.EntityOf(of.Record.Stream).Id == world.EntityOf(whose.Record.Stream).Id))
            .Select(card => Offer(CardOrigin.Client, card));
    }

    /// <summary>The cards made for nobody in particular.</summary>
    public IReadOnlySet<string> CardsForAnybody() => ForAnybody().Select(card => card.Stream).ToHashSet();

    // A card that a contract names is that contract's, not everybody's.
    private OfferedCard[] ForAnybody()
    {
        if (defaults is { } known) return known;
        var named = contracts.Value
            .SelectMany(c => c.State.RateCards.Select(a => world.Find<RateCard>(a.Card, c.Record.Source)))
            .Select(card => card?.Record.Stream).ToHashSet();
        return defaults =
        [
            .. cards.Value.Where(card => card.State.Client is null && !named.Contains(card.Record.Stream)
                    && forAnybody?.Contains(card.Record.Stream) is not false)
                .Select(card => Offer(CardOrigin.Default, card)),
        ];
    }

    private static OfferedCard Offer(
        CardOrigin origin, Stated<RateCard> card, Domain.Period? assigned = null, int rank = 0) =>
        new(origin, card.Record.Stream, card.State, card.Record.Asserted("rates"), assigned, rank);

    private static Items<string> Tasks(Project? project, string? task) => task is null
        ? Items<string>.None
        : project?.Tasks.FirstOrDefault(t => t.Task == task)?.Name is { } name ? [task, name] : [task];

    private static Items<string> Names<TState>(Ref? reference, Stated<TState>? found)
        where TState : RecordState =>
        new[]
        {
            reference?.Id, reference?.Number, found?.Record.Id, found?.Record.Stream, found?.State.Number,
            (found?.State as Resource)?.EmployeeNo,
        }.OfType<string>().Distinct().ToItems();

    // Many entries are of one person at one task: only their days differ.
    private Worker WorkerOf(SourceRecord record, TimeEntry entry)
    {
        var key = (record.Source, entry.Resource, entry.Project, entry.Task);
        if (workers.TryGetValue(key, out var known)) return known;
        var project = world.Find<Project>(entry.Project, record.Source);
        var resource = world.Find<Resource>(entry.Resource, record.Source);
        var stream = resource?.Record.Stream ?? entry.Resource?.Stream(record.Source);
        var assigned = project is not { } at ? [] : at.State.Assignments.Where(a => a.Role is not null
            && (world.Resolve(a.Resource, at.Record.Source)?.Stream ?? a.Resource.Stream(at.Record.Source)) == stream);
        return workers[key] = new(
            project, Tasks(project?.State, entry.Task), Names(entry.Resource, resource), Names(entry.Project, project),
            resource?.State, [.. assigned]);
    }

    /// <summary>Who did a piece of work, on what.</summary>
    /// <param name="Assigned">To the project, in a role.</param>
    private sealed record Worker(
        Stated<Project>? Project, Items<string> Tasks, Items<string> Names, Items<string> Projects, Resource? Resource,
        Assignment[] Assigned)
    {
        /// <summary>What somebody is on a project that day comes before what he is in the firm.</summary>
        public string? RoleOn(LocalDate day)
        {
            foreach (var a in Assigned)
                if ((a.From is null || day >= a.From) && (a.To is null || day <= a.To)) return a.Role;
            return Resource?.RoleOn(day);
        }
    }
}
