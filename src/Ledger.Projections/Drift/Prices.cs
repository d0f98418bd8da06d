using Ledger.Domain;
using NodaTime;

namespace Ledger.Projections.Drift;

/// <summary>Which price each piece of work has, by the contracts and cards the ledger knows.</summary>
internal sealed class Prices(Books books)
{
    private readonly Dictionary<(string?, string?, Ref?), IReadOnlyList<OfferedCard>> offered = [];
    private readonly Lazy<Stated<Contract>[]> contracts = new(() => [.. books.World.Live<Contract>(Kind.Contract)]);
    private readonly Lazy<Stated<RateCard>[]> cards = new(() => [.. books.World.Live<RateCard>(Kind.RateCard)]);
    private readonly Dictionary<string, Stated<Contract>?> contractByProject = [];
    private OfferedCard[]? forAnybody;

    /// <summary>The price of a time entry; null where no card has one, or it has no date.</summary>
    /// <param name="document">The document that bills it, whose contract counts where the work names none.</param>
    public ResolvedRate? Of(SourceRecord record, TimeEntry entry, Document? document) =>
        Asked(record, entry) is { } work
            ? RateResolution.Resolve(
                work, RateUse.Bill, Offered(books.Find<Project>(entry.Project, record.Source), document))
            : null;

    /// <summary>What the price of a time entry depends on; null where it has no date.</summary>
    public PricedWork? Asked(SourceRecord record, TimeEntry entry)
    {
        if (entry.WorkedOn is not { } day) return null;
        var project = books.Find<Project>(entry.Project, record.Source);
        var resource = books.Find<Resource>(entry.Resource, record.Source);
        return new(
            day, Tasks(project?.State, entry.Task), Names(entry.Resource, resource),
            RoleOf(project, resource, record, entry, day), resource?.State.Grade, Names(entry.Project, project));
    }

    /// <summary>Every card that may price work under a contract.</summary>
    public IReadOnlyList<OfferedCard> OfferedUnder(Stated<Contract> contract) =>
        [.. OfContract(contract), .. OfProposal(contract), .. OfClient(contract, null, null), .. ForAnybody()];

    /// <summary>Whether any card could price the work: then no price is a finding.</summary>
    public bool AnyFor(SourceRecord record, TimeEntry entry, Document? document) =>
        Offered(books.Find<Project>(entry.Project, record.Source), document).Count > 0;

    /// <summary>The contract a project is under: the one it names, else the one that names it.</summary>
    public Stated<Contract>? ContractOf(Stated<Project> project)
    {
        if (contractByProject.TryGetValue(project.Record.Stream, out var known)) return known;
        var named = books.Find<Contract>(project.State.Contract, project.Record.Source);
        if (named is null)
        {
            var naming = contracts.Value.Where(c => c.State.Lines.Any(l => l.Project is not null
                && (l.Project == project.Record.Id || l.Project == project.State.Number))).Take(2).ToArray();
            if (naming.Length == 1) named = naming[0];
        }

        return contractByProject[project.Record.Stream] = named;
    }

    /// <summary>Every card that could price work of a project; of the document's contract where it names none.
    /// </summary>
    public IReadOnlyList<OfferedCard> Offered(Stated<Project>? project, Document? document)
    {
        var contract = project is { } known ? ContractOf(known) : null;
        if (contract is null && document is not null && books.ContractsOf(document) is [var first, ..])
            contract = first;
        var key = (contract?.Record.Stream, project?.Record.Stream, document?.State.Client);
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
            if (books.Find<RateCard>(assigned.Card, under.Record.Source) is { } card)
                yield return Offer(
                    CardOrigin.Contract, card, new(assigned.From ?? LocalDate.MinIsoValue, assigned.To), rank);
        }
    }

    /// <summary>The cards of the proposal that the client accepted.</summary>
    private IEnumerable<OfferedCard> OfProposal(Stated<Contract>? contract)
    {
        if (contract is not { } under) yield break;
        if (books.Find<ClientProposal>(under.State.Proposal, under.Record.Source) is not { } proposal) yield break;
        var named = proposal.State.Accepted?.RateCards ?? Items<Ref>.None;
        for (var rank = 0; rank < named.Count; rank++)
            if (books.Find<RateCard>(named[rank], proposal.Record.Source) is { } card)
                yield return Offer(CardOrigin.Proposal, card, rank: rank);
    }

    private IEnumerable<OfferedCard> OfClient(Stated<Contract>? contract, Stated<Project>? project, Document? document)
    {
        var client = contract is { } c ? books.Find<Client>(c.State.Client, c.Record.Source) : null;
        client ??= project is { } p ? books.Find<Client>(p.State.Client, p.Record.Source) : null;
        client ??= document is not null ? books.Find<Client>(document.State.Client, document.Record.Source) : null;
        if (client is not { } whose) return [];
        var id = books.EntityId(whose.Record);
        return cards.Value
            .Where(card => books.Find<Client>(card.State.Client, card.Record.Source) is { } of
                && books.EntityId(of.Record) == id)
            .Select(card => Offer(CardOrigin.Client, card));
    }

    // A card that a contract names is that contract's, not everybody's.
    private OfferedCard[] ForAnybody()
    {
        if (forAnybody is { } known) return known;
        var named = contracts.Value
            .SelectMany(c => c.State.RateCards.Select(a => books.Find<RateCard>(a.Card, c.Record.Source)))
            .Select(card => card?.Record.Stream).ToHashSet();
        return forAnybody =
        [
            .. cards.Value.Where(card => card.State.Client is null && !named.Contains(card.Record.Stream))
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

    // What somebody is on a project comes before what he is in the firm.
    private string? RoleOf(
        Stated<Project>? project, Stated<Resource>? resource, SourceRecord record, TimeEntry entry, LocalDate day)
    {
        var stream = resource?.Record.Stream ?? entry.Resource?.Stream(record.Source);
        var assigned = project?.State.Assignments.FirstOrDefault(a => a.Role is not null
            && (a.From is null || day >= a.From) && (a.To is null || day <= a.To)
            && (books.World.Resolve(a.Resource, project.Value.Record.Source)?.Stream
                ?? a.Resource.Stream(project.Value.Record.Source)) == stream);
        return assigned?.Role ?? resource?.State.Role;
    }
}
