using Ledger.Domain;

namespace Ledger.Projections.Lineage;

/// <summary>Which price the cards of a contract or client give a time entry.</summary>
internal sealed class RatesUsed(LineageGraph graph)
{
    private readonly Dictionary<(string? Contract, string? Client), OfferedCard[]> offered = [];
    private readonly Dictionary<(string Source, Ref? Resource, Ref? Project, string? Task), PricedWork> asked = [];

    /// <summary>The price, by the precedence of the trade; null where no card has one, or nothing says when or for
    /// whom the work was done.</summary>
    /// <param name="contract">The contract the work is done under; null where none is known.</param>
    /// <param name="client">Its client; null where none is known.</param>
    public ResolvedRate? Of(SourceRecord record, TimeEntry entry, Entity? contract, Entity? client)
    {
        if (entry.WorkedOn is not { } on) return null;
        // Many entries are of one person at one task: only their days differ.
        var key = (record.Source, entry.Resource, entry.Project, entry.Task);
        if (!asked.TryGetValue(key, out var work)) asked.Add(key, work = Asked(record, entry, on));
        return RateResolution.Resolve(
            work.On == on ? work : work with { On = on }, RateUse.Bill, Offered(contract, client));
    }

    private PricedWork Asked(SourceRecord record, TimeEntry entry, NodaTime.LocalDate on)
    {
        var resource = Target(record, entry.Resource);
        var person = resource is null ? null : graph.OwnerOf(resource).Fold.State as Resource;
        var project = Target(record, entry.Project);
        return new(
            on, TaskNames(project, entry.Task), Names(resource, entry.Resource, person?.EmployeeNo), person?.Role,
            person?.Grade, Names(project, entry.Project, null));
    }

    private OfferedCard[] Offered(Entity? contract, Entity? client)
    {
        var key = (contract?.Id, client?.Id);
        if (!offered.TryGetValue(key, out var cards)) offered.Add(key, cards = [.. Cards(contract, client)]);
        return cards;
    }

    private IEnumerable<OfferedCard> Cards(Entity? contract, Entity? client)
    {
        var members = (contract?.Members ?? Items<SourceRecord>.None)
            .Where(m => m.IsLive && m.Fold.State is Contract).ToArray();
        var own = members.Select(m => OfferedCard.Of(m.Stream, (Contract)m.Fold.State!, m.Asserted("rates")));
        var named = members.SelectMany(m => ((Contract)m.Fold.State!).RateCards.Select(card => (By: m, Card: card)));
        var assigned = named.Select((n, rank) => graph.World.Resolve(n.Card.Card, n.By.Source) is { } card
            ? Offer(CardOrigin.Contract, card, Days(n.Card), rank)
            : null);
        var made = client is null ? [] : graph.Incoming(client).Where(a => a.By.Kind == Kind.RateCard)
            .Select(a => Offer(CardOrigin.Client, a.By, null));
        return own.Concat(assigned).Concat(made).OfType<OfferedCard>();
    }

    private static Period? Days(AssignedCard named) => named.From is null && named.To is null
        ? null
        : new Period(named.From ?? NodaTime.LocalDate.MinIsoValue, named.To);

    private static OfferedCard? Offer(CardOrigin origin, SourceRecord card, Period? days, int rank = 0) =>
        card.IsLive && card.Fold.State is RateCard prices
            ? new(origin, card.Stream, prices, card.Asserted("rates"), days, rank)
            : null;

    private Entity? Target(SourceRecord by, Ref? reference) =>
        reference is not null && graph.World.Resolve(reference, by.Source) is { } record
            ? graph.World.EntityOf(record.Stream)
            : null;

    private static Items<string> Names(Entity? entity, Ref? reference, string? other) =>
        (entity?.Members ?? Items<SourceRecord>.None).SelectMany(m => new[] { m.Id, m.Fold.State?.Number })
            .Append(reference?.Id).Append(reference?.Number).Append(other).OfType<string>().Distinct().ToItems();

    private static Items<string> TaskNames(Entity? project, string? task)
    {
        if (task is null) return Items<string>.None;
        var named = (project?.Members ?? Items<SourceRecord>.None).Select(m => m.Fold.State).OfType<Project>()
            .SelectMany(p => p.Tasks).FirstOrDefault(t => t.Task == task)?.Name;
        return named is null ? [task] : [task, named];
    }
}
