using System.Text.Json;
using Ledger.Domain;
using Ledger.Projections.Drift;
using Ledger.Projections.Rating;
using NodaTime;
using Npgsql;

namespace Ledger.Projections.Lineage;

public sealed partial class LineageReader
{
    /// <summary>The lineage of an invoice as of some times: links, owners and terms as they were then too.</summary>
    /// <param name="id">The entity's id, or any of its streams, then or now.</param>
    /// <returns>Null where there was no such invoice.</returns>
    public Task<LineageReading?> Invoice(string id, Times times, CancellationToken cancellationToken) =>
        times.IsNow ? Invoice(id, cancellationToken) : Worlds.InOneMoment(source, async (connection, position) =>
        {
            if (!IsInvoice(id)) return null;
            var gathering = new Gathering(connection, past: true, cancellationToken);
            await gathering.Around([id]);
            var world = await Worlds.At(
                connection, position, times, gathering.Streams, cancellationToken);
            return await Read(
                connection, world, null, id, () => Wider(connection, gathering, position, times, cancellationToken),
                cancellationToken);
        }, cancellationToken);

    /// <summary>As of some times, with every card that could have been made for nobody in particular, and the contracts
    /// that name it.</summary>
    private static async Task<(World World, IReadOnlySet<string> Cards)?> Wider(
        NpgsqlConnection connection, Gathering gathering, long position, Times times,
        CancellationToken cancellationToken)
    {
        var cards = await RatingSql.EverForAnybody(connection, cancellationToken);
        if (cards.Streams.Count == 0) return null;
        var world = await Worlds.At(
            connection, position, times, [.. gathering.Streams, .. cards.Streams], cancellationToken);
        return (world, new Prices(world).CardsForAnybody());
    }

    /// <summary>The lineage of an invoice now, as the ledger knew it when the invoice was issued, and as the systems
    /// had stated it by then; with what came, went and changed.</summary>
    /// <returns>Nothing where there is no such invoice; no comparison where it was never issued.</returns>
    public Task<(LineageReading? Now, LineageComparison? Comparison)> SinceIssued(
        string id, CancellationToken cancellationToken) =>
        Worlds.InOneMoment<(LineageReading?, LineageComparison?)>(source, async (connection, position) =>
        {
            if (!IsInvoice(id)) return (null, null);
            var gathering = new Gathering(connection, past: true, cancellationToken);
            await gathering.Around([id]);
            var world = await Worlds.Around(
                connection, position, gathering.Streams, gathering.Numbers, cancellationToken);
            if (await Read(connection, world, null, id, Wide, cancellationToken) is not { } now) return (null, null);
            if (await Issued(now.Lineage, cancellationToken) is not { } issued) return (now, null);
            var known = await Then(new(AsKnownAt: issued.Position));
            var stated = await Then(new(AsStatedAt: issued.Time));
            return (now, known is null || stated is null ? null : new(issued, now, known, stated));

            async Task<LineageThen?> Then(Times times)
            {
                var past = await Worlds.At(
                    connection, position, times, gathering.Streams, cancellationToken);
                var read = await Read(
                    connection, past, null, now.Lineage.Stream,
                    () => Wider(connection, gathering, position, times, cancellationToken), cancellationToken);
                return read is { } then
                    ? new(times, then, LineageDifference.Between(then.Lineage, now.Lineage))
                    : null;
            }

            async Task<(World World, IReadOnlySet<string> Cards)?> Wide()
            {
                var cards = await RatingSql.ForAnybody(connection, cancellationToken);
                return cards.Streams.Count == 0 ? null : (
                    await Worlds.Around(
                        connection, position, [.. gathering.Streams, .. cards.Streams], gathering.Numbers,
                        cancellationToken),
                    cards.Streams);
            }
        }, cancellationToken);

    /// <summary>The event by which the document was first issued, told by the member whose word counts, else by the
    /// first that tells it; null where nobody did. Its position is where the ledger knew that it was.</summary>
    private async Task<EventRef?> Issued(InvoiceLineage lineage, CancellationToken cancellationToken)
    {
        foreach (var stream in lineage.Members.OrderByDescending(m => m == lineage.Stream))
        {
            var events = new List<RecordedEvent>();
            await foreach (var stored in store.ReadStream(stream, cancellationToken))
            {
                try
                {
                    events.Add(Recorded.Event(stored));
                }
                catch (Exception spoilt) when (spoilt is JsonException or ArgumentException or FormatException)
                {
                    // The record stands still before it; so does its history.
                    break;
                }
            }

            foreach (var step in StreamFold.History(Kind.Invoice, events))
            {
                if (step.After is not Domain.Invoice { Status: InvoiceStatus.Issued }) continue;
                var e = step.Event;
                return new(step.Applied.Append(e.Position).Max(), e.Source, e.Id, e.Type, e.Time);
            }
        }

        return null;
    }
}
