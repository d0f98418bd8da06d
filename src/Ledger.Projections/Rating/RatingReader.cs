using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Lineage;
using NodaTime;
using Npgsql;

namespace Ledger.Projections.Rating;

/// <summary>An answer of rating, and what the events it names are called.</summary>
/// <param name="AsKnownAt">The last position that counts.</param>
public sealed record Rated<T>(T Answer, long AsKnownAt, EventIndex Events);

/// <summary>Rates from the views: only the records that matter, from one moment of the database.</summary>
/// <param name="source">A migrated database; it stays the caller's.</param>
public sealed class RatingReader(NpgsqlDataSource source)
{
    /// <summary>What may be invoiced of a contract through a day.</summary>
    /// <param name="contract">Its entity, or any of its streams.</param>
    /// <returns>Null where no such contract is live.</returns>
    public async Task<Rated<InvoiceProposal>?> Proposal(
        string contract, LocalDate through, CancellationToken cancellationToken)
    {
        var proposal = await Worlds.InOneMoment(source, async (connection, position) =>
        {
            var found = await RatingSql.UnderContracts(connection, [contract], cancellationToken);
            var world = await Worlds.Around(
                connection, position, found.Streams, found.Numbers, cancellationToken);
            return RatingOf.Proposal(world, contract, through);
        }, cancellationToken);
        if (proposal is null) return null;
        var positions = proposal.Documents.SelectMany(d => d.Sources).SelectMany(s => s.Sources)
            .SelectMany(s => new[] { s.Position, s.Rate?.Position ?? 0L })
            .Concat(proposal.Ceilings.Select(c => c.Position)).Where(p => p > 0L);
        return new(
            proposal, proposal.Position, await EventIndex.Load(source, positions, cancellationToken));
    }

    /// <summary>An issued invoice, worked out again.</summary>
    /// <param name="invoice">Its entity, or any of its streams.</param>
    /// <returns>Null where there is no such document, or it states no total or currency.</returns>
    public async Task<Rated<ReRating>?> ReRating(string invoice, CancellationToken cancellationToken)
    {
        var (again, at) = await Worlds.InOneMoment(source, async (connection, position) =>
        {
            if (!invoice.StartsWith(Kind.Invoice.Name + "/", StringComparison.Ordinal)) return (null, position);
            var gathering = new Gathering(connection, past: false, cancellationToken);
            await gathering.Around([invoice]);
            var cards = await RatingSql.ForAnybody(connection, cancellationToken);
            HashSet<string> streams = [.. gathering.Streams, .. cards.Streams];
            var world = await Worlds.Around(connection, position, streams, gathering.Numbers, cancellationToken);
            if (RatingOf.Issued(world, invoice) is not { } issued) return (null, position);
            // Few documents are in another currency than their prices: only those need to know what it was worth.
            if (!IssuedDocuments.Foreign(issued.Items, issued.Currency).Any())
                return (Domain.ReRating.Of(issued), position);
            streams.UnionWith(await RatingSql.Exchanging(
                connection, IssuedDocuments.DaysOf(issued.Invoice), cancellationToken));
            world = await Worlds.Around(connection, position, streams, gathering.Numbers, cancellationToken);
            return (RatingOf.ReRating(world, invoice), position);
        }, cancellationToken);
        return again is null
            ? null
            : new(again, at, await EventIndex.Load(
                source, again.Parts.SelectMany(p => p.Events).Concat(again.Exchange.SelectMany(e => e.Events)),
                cancellationToken));
    }

    /// <summary>What a card's prices, a contract's terms, a resource's role and cost, or the places on a project change
    /// from a day on.</summary>
    /// <param name="subject">The card, contract, resource or project: its entity, or any of its streams.</param>
    /// <returns>Null where there is no such thing.</returns>
    public async Task<Rated<RateTouches>?> Touches(
        string subject, LocalDate from, CancellationToken cancellationToken)
    {
        var (touches, at) = await Worlds.InOneMoment(source, async (connection, position) =>
        {
            string[] contracts = StreamName.KindOf(subject) switch
            {
                "contract" => [subject],
                "rate_card" =>
                    [.. (await RatingSql.ContractsOf(connection, subject, cancellationToken)).Streams],
                _ => [.. (await RatingSql.ContractsWorkedUnder(connection, subject, cancellationToken)).Streams],
            };
            var found = await RatingSql.UnderContracts(connection, contracts, cancellationToken);
            var world = await Worlds.Around(
                connection, position, [subject, .. found.Streams], found.Numbers, cancellationToken);
            return (RatingOf.Touches(world, subject, from), position);
        }, cancellationToken);
        return touches is null
            ? null
            : new(
                touches, at,
                await EventIndex.Load(
                    source, touches.Work.Select(w => w.Now?.Position ?? 0L)
                        .Concat(touches.Ceilings.Select(c => c.Position)).Where(p => p > 0L),
                    cancellationToken));
    }
}
